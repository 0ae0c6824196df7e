import { assertEquals } from "@std/assert";
import { authFiles, dockercfgPath, dockerConfigPath } from "../lib/auth_files.ts";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";

const DOCKER: [
  name: string,
  world: MemoryIoOptions,
  configDir: string | undefined,
  path?: string,
][] = [
  ["in the home folder", { env: { HOME: "/me/" } }, undefined, "/me/.docker/config.json"],
  [
    "where DOCKER_CONFIG says",
    { env: { HOME: "/me", DOCKER_CONFIG: "/d" } },
    undefined,
    "/d/config.json",
  ],
  [
    "in the home folder if DOCKER_CONFIG is empty",
    { env: { HOME: "/me", DOCKER_CONFIG: "" } },
    undefined,
    "/me/.docker/config.json",
  ],
  ["where the user says", { env: { DOCKER_CONFIG: "/d" } }, "/named", "/named/config.json"],
  ["nowhere without a home", {}, undefined],
  [
    "in the profile on Windows",
    { platform: "windows", env: { USERPROFILE: "C:\\me" } },
    undefined,
    "C:\\me\\.docker\\config.json",
  ],
];

for (const [name, world, configDir, path] of DOCKER) {
  Deno.test(`dockerConfigPath() is ${name}`, () => {
    assertEquals(dockerConfigPath(memoryIo(world), configDir), path);
  });
}

const PODMAN: [name: string, world: MemoryIoOptions, uid: number | undefined, paths: string[]][] = [
  [
    "the runtime folder, then the config folder",
    {
      env: { HOME: "/me", XDG_RUNTIME_DIR: "/run/user/7", XDG_CONFIG_HOME: "/c" },
    },
    7,
    ["/run/user/7/containers/auth.json", "/c/containers/auth.json"],
  ],
  ["the folder of the user's number without XDG_RUNTIME_DIR", { env: { HOME: "/root" } }, 0, [
    "/run/containers/0/auth.json",
    "/root/.config/containers/auth.json",
  ]],
  [
    "the home folder first on macOS",
    {
      platform: "darwin",
      env: { HOME: "/me", XDG_RUNTIME_DIR: "/run", XDG_CONFIG_HOME: "/c" },
    },
    7,
    ["/me/.config/containers/auth.json", "/c/containers/auth.json"],
  ],
  ["one file where both are the same", { platform: "darwin", env: { HOME: "/me" } }, 7, [
    "/me/.config/containers/auth.json",
  ]],
  ["no relative path where nothing is set", { env: { XDG_CONFIG_HOME: "" } }, undefined, []],
];

for (const [name, world, uid, paths] of PODMAN) {
  Deno.test(`authFiles() names ${name}`, () => {
    assertEquals(authFiles({ ...memoryIo(world), uid: () => uid }), paths);
  });
}

Deno.test("dockercfgPath() is in the home folder", () => {
  assertEquals(dockercfgPath(memoryIo({ env: { HOME: "/me" } })), "/me/.dockercfg");
  assertEquals(dockercfgPath(memoryIo()), undefined);
});
