import { assertEquals, assertStringIncludes } from "@std/assert";
import { type InventoryOptions, listCredentials } from "../lib/inventory.ts";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";

const DOCKER = "/home/me/.docker/config.json";
const CONFIG = "/home/me/.config/regauth/config.json";
const STORE = "/home/me/.config/regauth/regauth-credentials.json";
const PODMAN = "/home/me/.config/containers/auth.json";

type Row = readonly [registry: string, username: string, where: string, stored: string];

async function rows(
  world: MemoryIoOptions,
  options: InventoryOptions = {},
): Promise<readonly Row[]> {
  const io = memoryIo({ ...world, env: { HOME: "/home/me", PATH: "/usr/bin", ...world.env } });
  return (await listCredentials({ io }, options)).map((
    { registry, username = "", where, stored, problem },
  ) => [registry, username, problem ?? where, stored]);
}

const entry = (user: string, password = "FAKE"): unknown => ({ auth: btoa(`${user}:${password}`) });
const auths = (entries: Record<string, unknown>, more = {}): string =>
  JSON.stringify({ auths: entries, ...more });
const lists = (text: string) => ({ stdout: text });

Deno.test("listCredentials() lists every source once, in their order", async () => {
  const world: MemoryIoOptions = {
    env: {
      REGAUTH_REGISTRY_HOSTNAME: "*.env.example",
      REGAUTH_REGISTRY_USERNAME: "env",
      DOCKER_AUTH_CONFIG: auths({ "variable.example": entry("variable") }),
      REGISTRY_AUTH_FILE: "/named.json",
    },
    files: {
      [CONFIG]: '{"store":"file","registries":{"*.azurecr.io":{"keychain":"env"},' +
        '"kept.example":{"keychain":"store"},"plain.example":{"insecure":true}}}',
      [STORE]: auths({ "kept.example": entry("kept") }),
      [DOCKER]: auths({ "docker.example": entry("docker"), "marked.example": {} }, {
        credsStore: "x",
        credHelpers: { "b.example": "y", "c.example": "x", "d.example": "" },
      }),
      "/named.json": auths({ "named.example/team": entry("named") }),
      [PODMAN]: auths({ "podman.example": entry("podman") }, { credHelpers: { "e.example": "y" } }),
      "/home/me/.dockercfg": JSON.stringify({ "https://old.example/v1/": entry("old") }),
    },
    programs: {
      "/usr/bin/docker-credential-x": () => lists('{"x.example":"ann"}'),
      "/usr/bin/docker-credential-y": () => lists('{"y.example":"<token>"}'),
    },
  };
  assertEquals(await rows(world), [
    ["*.env.example", "env", "REGAUTH_REGISTRY_HOSTNAME", "environment"],
    ["variable.example", "variable", "DOCKER_AUTH_CONFIG", "environment"],
    ["*.azurecr.io", "", `keychain env, by ${CONFIG}`, "computed"],
    ["kept.example", "kept", STORE, "plain text"],
    ["docker.example", "docker", DOCKER, "plain text"],
    ["named.example/team", "named", "/named.json", "plain text"],
    ["podman.example", "podman", PODMAN, "plain text"],
    ["https://old.example/v1/", "old", "/home/me/.dockercfg", "plain text"],
    ["x.example", "ann", "docker-credential-x", "helper"],
    ["y.example", "<token>", "docker-credential-y", "helper"],
  ]);
});

Deno.test("listCredentials() asks the helper behind regauth, and not regauth itself", async () => {
  const world: MemoryIoOptions = {
    files: {
      [DOCKER]: '{"credsStore":"regauth","credHelpers":{"ghcr.io":"regauth"}}',
      [CONFIG]: '{"store":"pass"}',
      "/home/me/.config/regauth/regauth-helper.json": JSON.stringify({
        files: { [DOCKER]: { credsStore: "pass", credHelpers: { "ghcr.io": "y" } } },
      }),
    },
    programs: {
      "/usr/bin/docker-credential-pass": () => lists('{"x.example":"ann"}'),
      "/usr/bin/docker-credential-y": () => lists('{"ghcr.io":"bob"}'),
    },
  };
  assertEquals(await rows(world), [
    ["x.example", "ann", "docker-credential-pass", "helper"],
    ["ghcr.io", "bob", "docker-credential-y", "helper"],
  ]);
});

Deno.test("listCredentials() of one file lists that file and its helpers", async () => {
  const world: MemoryIoOptions = {
    files: {
      [DOCKER]: auths({ "docker.example": entry("docker") }),
      "/a.json": auths({ "a.example/team": entry("a") }),
    },
  };
  assertEquals(await rows(world, { authFile: "/a.json" }), [
    ["a.example/team", "a", "/a.json", "plain text"],
  ]);
});

Deno.test("listCredentials() lists a source that cannot be read with its problem", async () => {
  const world: MemoryIoOptions = {
    files: {
      [CONFIG]: '{"stroe":1}',
      [DOCKER]: auths({ "bad.example": { auth: "!" } }, { credsStore: "gone" }),
      [PODMAN]: "{",
    },
  };
  const found = await rows(world);
  assertEquals(found.map(([registry, _, __, stored]) => [registry, stored]), [
    ["", "computed"],
    ["bad.example", "plain text"],
    ["", "plain text"],
    ["", "helper"],
  ]);
  for (const [index, text] of ["stroe", "base64", PODMAN, "docker-credential-gone"].entries()) {
    assertStringIncludes(found[index]?.[2] ?? "", text);
  }
});

Deno.test("listCredentials() tells what has expired, as far as the secret says", async () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const jwt = (seconds: number): string => {
    const payload = btoa(`{"exp":${now.getTime() / 1000 + seconds}}`).replace(/=+$/, "");
    return `e30.${payload}.c2ln`;
  };
  const file = auths({
    "old.example": entry("u", jwt(-1)),
    "new.example": { identitytoken: jwt(60) },
    "bearer.example": { registrytoken: jwt(-60), identitytoken: jwt(60) },
    "opaque.example": entry("u"),
  });
  const io = memoryIo({ env: { HOME: "/home/me" }, files: { [DOCKER]: file }, now });
  const found = await listCredentials({ io });
  assertEquals(found.map(({ registry, state }) => [registry, state]), [
    ["old.example", "expired"],
    ["new.example", "ok"],
    ["bearer.example", "expired"],
    ["opaque.example", "unknown"],
  ]);
  assertEquals(found[1]?.expiresAt?.toISOString(), "2026-01-01T00:01:00.000Z");
});
