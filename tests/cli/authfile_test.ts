import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../cli.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const FILE = "/home/me/.config/containers/auth.json";
const DOCKER = "/home/me/.docker/config.json";
const OPTION = ["--authfile", FILE];

function world(text?: string, options: MemoryIoOptions = {}): MemoryIo {
  return memoryIo({
    ...options,
    env: { HOME: "/home/me", PATH: "/usr/bin", ...options.env },
    files: { ...(text === undefined ? {} : { [FILE]: text }), ...options.files },
  });
}

async function regauth(
  io: MemoryIo,
  args: readonly string[],
  stdin = "",
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const terminal = scriptedTerminal({ args, streams: { stdin: false, stdout: false } });
  const code = await run({ ...terminal, readAll: () => Promise.resolve(stdin) }, io);
  return { code, ...terminal.written };
}

const login = (host: string, ...more: string[]): readonly string[] => [
  "login",
  host,
  "-u",
  "robot",
  "--password-stdin",
  "--no-verify",
  ...OPTION,
  ...more,
];

const KEYS: readonly (readonly [host: string, key: string])[] = [
  ["reg.example", "reg.example"],
  ["https://REG.example/v2/", "reg.example"],
  ["reg.example:5000", "reg.example:5000"],
  ["docker.io", "docker.io"],
  ["https://index.docker.io/v1/", "docker.io"],
  ["reg.example/team", "reg.example/team"],
  ["https://reg.example/team/app/", "reg.example/team/app"],
  ["docker.io/library", "docker.io/library"],
];

for (const [host, key] of KEYS) {
  Deno.test(`login ${host} --authfile stores under ${key}, and logout removes it`, async () => {
    const io = world('{"auths": {"other.example": {"auth": "dTpw"}}}\n');
    const { code, stderr } = await regauth(io, login(host), "s3cret");
    assertEquals(code, 0, stderr);
    const { auths } = JSON.parse(io.files.get(FILE)?.text ?? "");
    assertEquals(auths[key], { auth: btoa("robot:s3cret") });
    assertEquals([Object.keys(auths).length, io.files.has(DOCKER)], [2, false]);
    const target = key.startsWith("docker.io") ? "docker.io/library/app" : `${key}/app`;
    const found = await regauth(io, ["resolve", "--json", target, ...OPTION]);
    assertStringIncludes(found.stdout, '"username":"robot"');
    assertEquals((await regauth(io, ["logout", host, ...OPTION])).code, 0);
    assertEquals(io.files.get(FILE)?.text, '{"auths": {"other.example": {"auth": "dTpw"}}}\n');
  });
}

Deno.test("a credential of a path is no credential of the path beside it", async () => {
  const io = world(JSON.stringify({ auths: { "reg.example/team": { auth: btoa("robot:x") } } }));
  for (const [target, code] of [["team/app", 0], ["team2/app", 3], ["other/app", 3]] as const) {
    assertEquals((await regauth(io, ["resolve", `reg.example/${target}`, ...OPTION])).code, code);
  }
});

Deno.test("logout of a host keeps what belongs to paths on it", async () => {
  const text =
    '{"auths":{"reg.example/team":{"auth":"dTpw"},"https://reg.example/v2/":{"auth":"dTpw"}}}';
  const io = world(text);
  await regauth(io, ["logout", "reg.example", ...OPTION]);
  assertEquals(io.files.get(FILE)?.text, '{"auths":{"reg.example/team":{"auth":"dTpw"}}}');
  const { code, stderr } = await regauth(io, ["logout", "reg.example", ...OPTION]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Not logged in to reg.example");
});

Deno.test("login --authfile gives the secret to the helper of the host, and leaves no mark", async () => {
  const text = '{"credHelpers":{"docker.io":"x"}}';
  const inputs: string[] = [];
  const io = world(text, {
    programs: {
      "/usr/bin/docker-credential-x": ([action], { stdin = "" }) => {
        inputs.push(`${action} ${stdin.trim()}`);
        return {};
      },
    },
  });
  const { stderr } = await regauth(io, login("docker.io"), "s3cret");
  assertStringIncludes(stderr, "Stored with docker-credential-x");
  assertEquals(inputs, ['store {"ServerURL":"docker.io","Username":"robot","Secret":"s3cret"}']);
  await regauth(io, ["logout", "docker.io", ...OPTION]);
  assertEquals([inputs.at(-1), io.files.get(FILE)?.text], ["erase docker.io", text]);
});

const REFUSED: readonly (readonly [args: readonly string[], says: string])[] = [
  [login("reg.example/team:v1"), "tag or digest"],
  [login(`reg.example/team@sha256:${"0".repeat(64)}`), "tag or digest"],
  [login("reg.example/Team"), "lower case"],
  [[
    "login",
    "r.example",
    "-u",
    "u",
    "--password-stdin",
    "--no-verify",
    "--authfile",
    "/x/.dockercfg",
  ], "old format"],
];

for (const [args, says] of REFUSED) {
  Deno.test(`regauth ${args.slice(0, 2).join(" ")} --authfile ${args.at(-1)} is refused: ${says}`, async () => {
    const io = world();
    const { code, stderr } = await regauth(io, args, "s3cret");
    assertEquals([code, io.writes], [2, []]);
    assertStringIncludes(stderr, says);
  });
}

Deno.test("--authfile reads a .dockercfg, whose keys are hosts", async () => {
  const files = {
    "/x/.dockercfg": JSON.stringify({ "https://old.example/v1/": { auth: btoa("old:x") } }),
  };
  const io = world(undefined, { files, env: { DOCKER_AUTH_CONFIG: "{}" } });
  const found = await regauth(io, [
    "resolve",
    "--json",
    "old.example/a",
    "--authfile",
    "/x/.dockercfg",
  ]);
  assertStringIncludes(found.stdout, '"username":"old"');
});

Deno.test("login without --authfile drops a path, and says where Podman looks first", async () => {
  const io = world(undefined, { env: { REGISTRY_AUTH_FILE: FILE } });
  const args = login("reg.example/team").filter((arg) => !OPTION.includes(arg));
  const { code, stderr } = await regauth(io, args, "s3cret");
  assertEquals([code, io.files.has(DOCKER), io.files.has(FILE)], [0, true, false]);
  assertStringIncludes(stderr, "a credential is for a whole host: reg.example, without /team");
  assertStringIncludes(stderr, `REGISTRY_AUTH_FILE names ${FILE}`);
});

Deno.test("a relative path of --authfile counts from the current folder", async () => {
  const io = world(undefined, { env: { PWD: "/work" } });
  const args = login("reg.example").map((arg) => arg === FILE ? "auth.json" : arg);
  assertEquals((await regauth(io, args, "s3cret")).code, 0);
  assertEquals(io.files.has("/work/auth.json"), true);
});

Deno.test("ls tells what has expired, and ends with 1 then", async () => {
  const payload = btoa('{"exp":1767225000}').replace(/=+$/, "");
  const io = world(
    JSON.stringify({ auths: { "r.example": { auth: btoa(`u:e30.${payload}.c2ln`) } } }),
  );
  const { code, stdout } = await regauth(io, ["ls", ...OPTION]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, "expired 10 minutes ago (2025-12-31T23:50:00Z)");
  const json = await regauth(io, ["ls", "--json", ...OPTION]);
  const { expiresAt, state } = JSON.parse(json.stdout);
  assertEquals([expiresAt, state], ["2025-12-31T23:50:00.000Z", "expired"]);
});
