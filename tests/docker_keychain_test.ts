import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Credential } from "../lib/credential.ts";
import { dockerKeychain, type DockerKeychainOptions } from "../lib/docker_keychain.ts";
import { RegauthError } from "../lib/errors.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";

const TARGET = { registry: "r.io", repository: "team/app" };
const CONFIG = "/me/.docker/config.json";
const AUTH_JSON = "/me/.config/containers/auth.json";

function auths(...users: readonly string[]): string {
  return JSON.stringify({
    auths: Object.fromEntries(users.map((user) => [user, { auth: btoa(`${user}:p`) }])),
  });
}

/** A world with the home folder /me and a helper `x` that gives the server back as user. */
function world({ env, ...options }: MemoryIoOptions = {}): MemoryIo {
  return memoryIo({
    env: { HOME: "/me", PATH: "/bin", ...env },
    programs: {
      "/bin/docker-credential-x": (_, { stdin }) => ({
        stdout: JSON.stringify({ Username: stdin, Secret: "s" }),
      }),
    },
    ...options,
  });
}

/** What the keychain answers, and what it says of it. */
async function ask(
  io: MemoryIo,
  options?: DockerKeychainOptions,
): Promise<{ found: Credential | undefined; notes: string[] }> {
  const notes: string[] = [];
  const context = { io, trace: (note: string) => void notes.push(note) };
  return { found: await dockerKeychain(options).resolve(TARGET, context), notes };
}

const FILES: [
  name: string,
  world: MemoryIoOptions,
  detail: string | undefined,
  options?: DockerKeychainOptions,
][] = [
  ["takes the variable before a file", {
    env: { DOCKER_AUTH_CONFIG: auths("r.io") },
    files: { [CONFIG]: auths("r.io") },
  }, 'env:DOCKER_AUTH_CONFIG, key "r.io"'],
  [
    "leaves the variable unread on demand",
    { env: { DOCKER_AUTH_CONFIG: auths("r.io") } },
    undefined,
    {
      envAuth: false,
    },
  ],
  ["takes REGISTRY_AUTH_FILE before Docker's file", {
    env: { REGISTRY_AUTH_FILE: "/named.json" },
    files: { "/named.json": auths("r.io/team"), [CONFIG]: auths("r.io") },
  }, '/named.json, key "r.io/team"'],
  ["reads nothing after REGISTRY_AUTH_FILE", {
    env: { REGISTRY_AUTH_FILE: "/named.json" },
    files: { "/named.json": "{}", [CONFIG]: auths("r.io"), [AUTH_JSON]: auths("r.io") },
  }, undefined],
  ["goes on if REGISTRY_AUTH_FILE is missing", {
    env: { REGISTRY_AUTH_FILE: "/none.json" },
    files: { [CONFIG]: auths("r.io") },
  }, `${CONFIG}, key "r.io"`],
  [
    "takes the folder that the user names before REGISTRY_AUTH_FILE",
    {
      env: { REGISTRY_AUTH_FILE: "/named.json", DOCKER_CONFIG: "/d" },
      files: { "/named.json": auths("r.io"), "/own/config.json": auths("r.io") },
    },
    '/own/config.json, key "r.io"',
    { configDir: "/own" },
  ],
  ["reads Podman's files where Docker has none", {
    files: { [AUTH_JSON]: auths("r.io") },
  }, `${AUTH_JSON}, key "r.io"`],
  ["leaves Podman's files unread where Docker has one", {
    files: { [CONFIG]: "{}", [AUTH_JSON]: auths("r.io") },
  }, undefined],
  ["leaves Podman's files unread where DOCKER_CONFIG leads away from a file", {
    env: { DOCKER_CONFIG: "/empty" },
    files: { [CONFIG]: "{}", [AUTH_JSON]: auths("r.io") },
  }, undefined],
  [
    "reads Podman's files after Docker's on demand",
    {
      files: { [CONFIG]: "{}", [AUTH_JSON]: auths("r.io") },
    },
    `${AUTH_JSON}, key "r.io"`,
    { merge: true },
  ],
  ["reads nothing without a home", {
    env: { HOME: "" },
    files: { "containers/auth.json": auths("r.io") },
  }, undefined],
];

for (const [name, options, detail, how] of FILES) {
  Deno.test(`dockerKeychain() ${name}`, async () => {
    assertEquals((await ask(world(options), how)).found?.detail, detail);
  });
}

Deno.test("dockerKeychain() says what it saw, without secrets", async () => {
  const io = world({
    env: { DOCKER_AUTH_CONFIG: '{"auths":"hunter2"}', REGISTRY_AUTH_FILE: "/none" },
    files: { [CONFIG]: auths("q.io") },
  });
  assertEquals((await ask(io)).notes, [
    'DOCKER_AUTH_CONFIG is ignored: Cannot use DOCKER_AUTH_CONFIG: "auths" is not an object',
    "REGISTRY_AUTH_FILE names /none",
    "/none does not exist",
    `${CONFIG} has no credential for r.io/team/app`,
  ]);
});

Deno.test("dockerKeychain() says which helper it asked, and why", async () => {
  const io = world({ files: { [CONFIG]: '{"credsStore":"x"}' } });
  const { found, notes } = await ask(io);
  assertEquals(found?.detail, `docker-credential-x, "credsStore" of ${CONFIG}`);
  assertEquals(notes, [
    "DOCKER_AUTH_CONFIG is not set",
    `asking docker-credential-x for r.io, as "credsStore" of ${CONFIG} says`,
  ]);
});

Deno.test("dockerKeychain() keeps a registry token beside what the helper says", async () => {
  const text = '{"credsStore":"x","auths":{"r.io":{"auth":"%","registrytoken":"t"}}}';
  const { found } = await ask(world({ files: { [CONFIG]: text } }));
  assertEquals([found?.username, found?.registryToken?.reveal()], ["r.io", "t"]);
});

Deno.test("dockerKeychain() passes over a helper that is this program", async () => {
  const text = '{"credHelpers":{"r.io":"self"},"auths":{"r.io":{"auth":"dTpw"}}}';
  const { found, notes } = await ask(world({ files: { [CONFIG]: text } }), {
    skipHelpers: (suffix) => suffix === "self",
  });
  assertEquals(found?.username, "u");
  assertEquals(notes[1], `docker-credential-self of ${CONFIG} is not asked`);
});

Deno.test("dockerKeychain() reads a file once and asks a helper once for a server", async () => {
  let reads = 0;
  const io = world({ files: { [CONFIG]: '{"credsStore":"x"}' } });
  const counting: typeof io = {
    ...io,
    readText: (path) => {
      reads++;
      return io.readText(path);
    },
  };
  const keychain = dockerKeychain({ helperTimeout: 7 });
  const [one, two, three] = await Promise.all(
    ["a", "b", undefined].map((repository) =>
      keychain.resolve({ registry: "r.io", ...(repository ? { repository } : {}) }, {
        io: counting,
      })
    ),
  );
  await keychain.resolve({ registry: "q.io" }, { io: counting });
  assertEquals([one?.username, two?.username, three?.username], ["r.io", "r.io", "r.io"]);
  assertEquals(io.runs.map(({ options }) => [options.stdin, options.timeout]), [
    ["r.io", 7],
    ["q.io", 7],
  ]);
  assertStrictEquals(reads, 1);
});

Deno.test("dockerKeychain() remembers that a helper failed, but not that the caller gave up", async () => {
  const io = world({ files: { [CONFIG]: '{"credHelpers":{"r.io":"x","q.io":"gone"}}' } });
  const keychain = dockerKeychain();
  const signal = AbortSignal.abort(new Error("stopped"));
  await assertRejects(() => keychain.resolve(TARGET, { io, signal }), Error, "stopped");
  assertEquals((await keychain.resolve(TARGET, { io }))?.username, "r.io");
  const gone = (): Promise<unknown> => keychain.resolve({ registry: "q.io" }, { io });
  const error = await assertRejects(gone, RegauthError);
  assertEquals(error.code, "helper-missing");
  assertStrictEquals(await assertRejects(gone, RegauthError), error);
});

Deno.test("dockerKeychain() as Podman reads one file after the other", async () => {
  const io = world({
    env: { XDG_RUNTIME_DIR: "/run", DOCKER_AUTH_CONFIG: auths("r.io") },
    files: {
      "/run/containers/auth.json": '{"credHelpers":{"r.io":"none"}}',
      [AUTH_JSON]: auths("q.io"),
      "/me/.dockercfg": '{"https://r.io/v1/":{"auth":"b2xkOnA="}}',
    },
    programs: {
      "/bin/docker-credential-none": () => ({
        code: 1,
        stdout: "credentials not found in native keychain",
      }),
    },
  });
  const { found, notes } = await ask(io, { style: "containers" });
  assertEquals(found?.username, "old");
  assertEquals(notes, [
    'asking docker-credential-none for r.io, as "credHelpers" of /run/containers/auth.json says',
    "docker-credential-none knows nothing of r.io",
    `${AUTH_JSON} has no credential for r.io/team/app`,
    `${CONFIG} does not exist`,
  ]);
});

Deno.test("dockerKeychain() finds an entry among ten thousand without reading the others", async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `https://r${index}.io/team/${index}/`);
  const text = JSON.stringify({
    auths: Object.fromEntries(many.map((key) => [key, { auth: "%" }])),
  });
  const broken = text.replace(
    '"https://r77.io/team/77/":{"auth":"%"}',
    '"https://r77.io":{"auth":"dTpw"}',
  );
  const io = world({ files: { [CONFIG]: broken } });
  const found = await dockerKeychain().resolve({ registry: "r77.io" }, { io });
  assertEquals(found?.username, "u");
});
