import { assertEquals, assertThrows } from "@std/assert";
import {
  certificateFiles,
  certificateRoots,
  type CertificateTool,
  hostFolders,
} from "../lib/certs_d.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Platform } from "../lib/io.ts";
import { memoryIo } from "../lib/memory_io.ts";

Deno.test("certificateRoots() has the user's folders before the system's", () => {
  const io = memoryIo({ env: { HOME: "/home/me" } });
  assertEquals(certificateRoots(io).map(({ path }) => path), [
    "/home/me/.config/containerd/certs.d",
    "/etc/containerd/certs.d",
    "/home/me/.config/docker/certs.d",
    "/home/me/.docker/certs.d",
    "/etc/docker/certs.d",
    "/home/me/.config/containers/certs.d",
    "/etc/containers/certs.d",
  ]);
});

Deno.test("certificateRoots() follows the environment", () => {
  const xdg = memoryIo({ env: { HOME: "/home/me", XDG_CONFIG_HOME: "/x" } });
  assertEquals(certificateRoots(xdg)[0], { path: "/x/containerd/certs.d", tool: "containerd" });
  assertEquals(certificateRoots(memoryIo()).map(({ path }) => path), [
    "/etc/containerd/certs.d",
    "/etc/docker/certs.d",
    "/etc/containers/certs.d",
  ]);
  const windows = memoryIo({
    platform: "windows",
    env: { USERPROFILE: "C:\\me", ProgramData: "C:\\PD", ProgramFiles: "C:\\PF" },
  });
  assertEquals(certificateRoots(windows).map(({ path }) => path), [
    "C:\\me\\.config\\containerd\\certs.d",
    "C:\\PF\\containerd\\certs.d",
    "C:\\me\\.config\\docker\\certs.d",
    "C:\\me\\.docker\\certs.d",
    "C:\\PD\\docker\\certs.d",
    "C:\\me\\.config\\containers\\certs.d",
  ]);
});

const folders: readonly [host: string, CertificateTool, Platform, expected: readonly string[]][] = [
  ["r.example", "containerd", "linux", [
    "r.example",
    "r.example_443_",
    "r.example:443",
    "_default",
  ]],
  ["r.example:5000", "containerd", "linux", ["r.example_5000_", "r.example:5000", "_default"]],
  ["r.example:5000", "docker", "darwin", ["r.example_5000_", "r.example:5000", "_default"]],
  ["r.example:5000", "docker", "windows", ["r.example_5000_", "r.example5000", "_default"]],
  ["r.example:443", "containerd", "linux", [
    "r.example_443_",
    "r.example:443",
    "r.example",
    "_default",
  ]],
  ["[::1]:5000", "containerd", "linux", ["[::1]_5000_", "[::1]:5000", "_default"]],
  ["[::1]", "containerd", "linux", ["[:_1]_", "[::1]", "[::1]_443_", "[::1]:443", "_default"]],
  ["r.example:5000", "containers", "linux", ["r.example:5000"]],
  ["index.docker.io", "containerd", "linux", [
    "docker.io",
    "docker.io_443_",
    "docker.io:443",
    "_default",
  ]],
  ["registry-1.docker.io", "containers", "linux", ["docker.io"]],
];
for (const [host, tool, platform, expected] of folders) {
  Deno.test(`hostFolders() names the folders of ${host} for ${tool} on ${platform}`, () => {
    assertEquals(hostFolders(host, tool, platform), expected);
  });
}

const files: readonly [names: readonly string[], CertificateTool, expected: unknown][] = [
  [[], "docker", { ca: [], client: [] }],
  [["b.crt", "a.crt", "c.pem", "crt"], "docker", { ca: ["/f/b.crt", "/f/a.crt"], client: [] }],
  [["me.cert", "me.key"], "docker", {
    ca: [],
    client: [{ certificate: "/f/me.cert", key: "/f/me.key" }],
  }],
  [["me.cert"], "docker", 'Cannot use "/f/me.cert": there is no me.key'],
  [["me.key"], "docker", 'Cannot use "/f/me.key": there is no me.cert'],
  [["me.cert", "you.key"], "containers", 'Cannot use "/f/me.cert": there is no me.key'],
  [["me.cert"], "containerd", {
    ca: [],
    client: [{ certificate: "/f/me.cert", key: "/f/me.cert" }],
  }],
  [["me.key"], "containerd", { ca: [], client: [] }],
];
for (const [names, tool, expected] of files) {
  Deno.test(`certificateFiles() sorts [${names}] as ${tool} does`, () => {
    if (typeof expected !== "string") {
      assertEquals<unknown>(certificateFiles("/f/", names, tool), expected);
      return;
    }
    const error = assertThrows(() => certificateFiles("/f/", names, tool), RegauthError, expected);
    assertEquals(error.code, "config-type");
  });
}
