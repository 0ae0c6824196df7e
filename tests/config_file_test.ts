import { assertEquals, assertRejects } from "@std/assert";
import { beside, loadConfig, type RegauthConfig } from "../lib/config_file.ts";
import { configPath } from "../lib/config_path.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Platform } from "../lib/io.ts";
import { memoryIo } from "../lib/memory_io.ts";

const PATH = "/home/me/.config/regauth/config.json";

const load = (text: string): Promise<RegauthConfig> =>
  loadConfig(memoryIo({ env: { HOME: "/home/me" }, files: { [PATH]: text } }));

const paths: readonly [
  name: string,
  platform: Platform,
  env: Record<string, string>,
  want: string | undefined,
][] = [
  ["takes $REGAUTH_CONFIG as it is", "linux", { REGAUTH_CONFIG: "my.json", HOME: "/h" }, "my.json"],
  ["prefers $XDG_CONFIG_HOME to the home folder", "linux", {
    XDG_CONFIG_HOME: "/x",
    HOME: "/h",
  }, "/x/regauth/config.json"],
  ["takes empty variables as unset", "linux", {
    REGAUTH_CONFIG: "",
    XDG_CONFIG_HOME: "",
    HOME: "/h",
  }, "/h/.config/regauth/config.json"],
  ["knows the folder of macOS", "darwin", {
    HOME: "/Users/me",
  }, "/Users/me/Library/Application Support/regauth/config.json"],
  ["knows the folder of Windows", "windows", {
    APPDATA: "C:\\Users\\me\\AppData\\Roaming",
    USERPROFILE: "C:\\Users\\me",
  }, "C:\\Users\\me\\AppData\\Roaming\\regauth\\config.json"],
  ["knows no path without a home folder", "linux", {}, undefined],
  ["knows no path without a folder for settings on Windows", "windows", {
    USERPROFILE: "C:\\Users\\me",
  }, undefined],
];

for (const [name, platform, env, want] of paths) {
  Deno.test(`configPath() ${name}`, () => {
    assertEquals(configPath(memoryIo({ platform, env })), want);
  });
}

Deno.test("beside() keeps an absolute path and puts a relative one into the folder", () => {
  const [linux, windows] = [memoryIo(), memoryIo({ platform: "windows" })];
  assertEquals(beside(linux, "/etc/r.json", "a/b.pem"), "/etc/a/b.pem");
  assertEquals(beside(linux, "/etc/r.json", "/b.pem"), "/b.pem");
  assertEquals(beside(linux, "r.json", "$&.pem"), "$&.pem");
  assertEquals(beside(windows, "C:\\etc\\r.json", "b.pem"), "C:\\etc\\b.pem");
  assertEquals(beside(windows, "C:\\etc\\r.json", "d:/b.pem"), "d:/b.pem");
  assertEquals(beside(windows, "C:\\etc\\r.json", "\\\\host\\b.pem"), "\\\\host\\b.pem");
});

Deno.test("loadConfig() reads a missing file as one that says nothing", async () => {
  const config = await loadConfig(memoryIo({ env: { HOME: "/home/me" } }));
  assertEquals([config.path, config.keychains, config.store], [PATH, undefined, undefined]);
  assertEquals(config.entryOf({ registry: "reg.example" }), undefined);
  assertEquals(config.registrySettings("reg.example"), undefined);
});

Deno.test("loadConfig() reads nothing where no variable tells the home folder", async () => {
  assertEquals((await loadConfig(memoryIo())).path, undefined);
});

for (const text of ["", " \n", "{}", "\uFEFF{}"]) {
  Deno.test(`loadConfig() accepts ${JSON.stringify(text)}`, async () => {
    assertEquals((await load(text)).entryOf({ registry: "reg.example" }), undefined);
  });
}

Deno.test("loadConfig() reads keychains without repetitions, and the store", async () => {
  const config = await load('{ "keychains": ["docker", "env", "docker"], "store": "pass" }');
  assertEquals([config.keychains, config.store], [["docker", "env"], "pass"]);
  assertEquals((await load('{ "keychains": [] }')).keychains, []);
});

Deno.test("loadConfig() reads the file that is named", async () => {
  const io = memoryIo({ files: { "/etc/r.json": '{ "store": "file" }' } });
  const config = await loadConfig(io, { path: "/etc/r.json" });
  assertEquals([config.path, config.store], ["/etc/r.json", "file"]);
});

Deno.test("loadConfig() tells settings of a connection from those of a credential", async () => {
  const config = await load(JSON.stringify({
    registries: {
      "*.reg.example": { ca: "ca.pem", clientCert: "/c.pem", clientKey: "/k.pem" },
      "eu.reg.example": { keychain: "env" },
      "us.reg.example": { insecure: true },
      "docker.io": { skipVerify: true },
      "git.example:5050": { realm: "auth.example" },
    },
  }));
  const glob = {
    pattern: "*.reg.example",
    ca: "/home/me/.config/regauth/ca.pem",
    clientCert: "/c.pem",
    clientKey: "/k.pem",
  };
  const us = { pattern: "us.reg.example", insecure: true };
  const hub = { pattern: "docker.io", skipVerify: true };
  const git = { pattern: "git.example:5050", realm: "auth.example" };
  assertEquals(config.registrySettings("git.example:5050"), git);
  assertEquals(config.registrySettings("eu.reg.example"), glob);
  assertEquals(config.registrySettings("us.reg.example"), us);
  assertEquals(config.registrySettings("index.docker.io"), hub);
  assertEquals(config.registrySettings("us.reg.example:5000"), undefined);
  assertEquals(config.entryOf({ registry: "us.reg.example" }), undefined);
  assertEquals(config.entryOf({ registry: "eu.reg.example", repository: "app" }), {
    pattern: "eu.reg.example",
    keychain: "env",
    options: {},
  });
});

const broken: readonly [name: string, text: string, code: string, message: string][] = [
  ["a text that is not JSON", "{\n  oops\n}", "config-syntax", "line 2, column 3: "],
  ["an unknown key", '{\n  "stoer": "pass"\n}', "config-type", "line 2, column 3: stoer is not"],
  [
    "a value of the wrong type",
    '{\n  "store": 5\n}',
    "config-type",
    "line 2, column 12: store must",
  ],
  [
    "an unknown keychain",
    '{"keychains": ["env",\n    "ecs"]}',
    "config-type",
    "line 2, column 5: keychains[1] is none",
  ],
  [
    "an unknown option",
    '{"registries": {\n  "*.reg.example": {\n    "keychain": "env", "scope": "x" } } }',
    "config-type",
    'line 3, column 24: registries["*.reg.example"].scope is not a known key',
  ],
  [
    "a malformed pattern",
    '{"registries": {\n  "[::1": {} } }',
    "config-type",
    'line 2, column 3: registries["[::1"] is not a pattern: ',
  ],
  [
    "the last of equal keys, which is the one that counts",
    '{"store": "pass",\n"store": true}',
    "config-type",
    "line 2, column 10: store must be a string",
  ],
  ["a list", "[]", "config-type", "line 1, column 1: the file must be an object"],
  ["a file behind a byte-order mark", "\uFEFF{]", "config-syntax", "line 1, column 2: "],
];

for (const [name, text, code, message] of broken) {
  Deno.test(`loadConfig() names line and column of ${name}`, async () => {
    const error = await assertRejects(() => load(text), RegauthError);
    const verb = code === "config-syntax" ? "parse" : "use";
    const start = `Cannot ${verb} "${PATH}": ${message}`;
    assertEquals([error.code, error.message.slice(0, start.length)], [code, start]);
    assertEquals([error.subject, typeof error.hint], [PATH, "string"]);
  });
}

Deno.test("loadConfig() tells of a broken file and goes on, if somebody listens", async () => {
  const io = memoryIo({
    files: { "/broken.json": "{", "/secret.json": { text: "{}", mode: 0 } },
  });
  for (
    const [path, code] of [["/broken.json", "config-syntax"], [
      "/secret.json",
      "config-io",
    ]] as const
  ) {
    const heard: unknown[] = [];
    const config = await loadConfig(io, {
      path,
      onBroken: (error) => heard.push(error.code),
    });
    assertEquals([heard, config.path, config.keychains], [[code], path, undefined]);
  }
});

Deno.test("loadConfig() hides errors that are not about the file from nobody", async () => {
  const io = { ...memoryIo(), readText: () => Promise.reject(new TypeError("bug")) };
  await assertRejects(() => loadConfig(io, { path: "/c.json", onBroken: () => {} }), TypeError);
});
