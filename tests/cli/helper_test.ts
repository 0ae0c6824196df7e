import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "../../cli.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import type { Terminal } from "../../lib/terminal.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const DOCKER = "/home/me/.docker/config.json";
const CONFIG = "/home/me/.config/regauth/config.json";
const BINARY = "/opt/bin/regauth";
const INSTALLED = "/opt/bin/docker-credential-regauth";
const VERSION = { stdout: "docker-credential-regauth (regauth) v9.9.9\n" };
const COMPILED = { compiled: true, executable: BINARY };

const STORES = Object.fromEntries(
  ["pass", "desktop", "desktop.exe"].map((name) => [
    `/usr/bin/docker-credential-${name}`,
    () => ({ stdout: "{}" }),
  ]),
);

/** A machine with the program and some stores. */
function world(options: MemoryIoOptions = {}): MemoryIo {
  return memoryIo({
    ...options,
    env: { HOME: "/home/me", PATH: "/usr/bin:/opt/bin", ...options.env },
    programs: { [BINARY]: () => VERSION, ...STORES, ...options.programs },
  });
}

async function helper(
  io: MemoryIo,
  args: readonly string[],
  more: Partial<Terminal> = COMPILED,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const terminal = scriptedTerminal({
    args: ["helper", ...args],
    streams: { stdin: false, stdout: false, stderr: false },
  });
  const code = await run({ ...terminal, ...more }, io);
  return { code, ...terminal.written };
}

function read(io: MemoryIo, path: string): unknown {
  return JSON.parse(io.files.get(path)?.text ?? "null");
}

Deno.test("helper install names itself for the hosts, and keeps the store of before", async () => {
  const before = '{\n\t"credsStore": "pass"\n}';
  const io = world({ files: { [DOCKER]: before } });
  const { code, stdout, stderr } = await helper(io, [
    "install",
    "ghcr.io",
    "https://r.example/v2/",
  ]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, `Installed ${INSTALLED} (hard link).`);
  assertStringIncludes(stdout, "asks it for ghcr.io, r.example");
  assertEquals(read(io, DOCKER), {
    credsStore: "pass",
    credHelpers: { "ghcr.io": "regauth", "r.example": "regauth" },
  });
  assertEquals(read(io, CONFIG), { store: "pass" });

  const end = await helper(io, ["uninstall"]);
  assertEquals([end.code, io.files.get(DOCKER)?.text], [0, before]);
  assertEquals(end.stdout, `Put back ~/.docker/config.json.\nRemoved ${INSTALLED}.\n`);
  assertEquals(await io.stat(INSTALLED), undefined);
});

Deno.test("helper install --all takes the place of the store, which becomes regauth's", async () => {
  const io = world({ files: { [DOCKER]: '{"credsStore":"desktop"}' } });
  const { stdout, stderr } = await helper(io, ["install", "--all"]);
  assertStringIncludes(stdout, "asks it for every registry");
  assertStringIncludes(stdout, "Behind it: docker-credential-desktop");
  assertStringIncludes(stderr, "Podman");
  assertEquals([read(io, DOCKER), read(io, CONFIG)], [{ credsStore: "regauth" }, {
    store: "desktop",
  }]);
});

Deno.test("helper install leaves logins to an earlier store of which regauth knows nothing", async () => {
  const io = world({ files: { [DOCKER]: '{"credsStore":"desktop.exe"}' } });
  assertEquals((await helper(io, ["install", "--all"])).code, 0);
  assertEquals([read(io, DOCKER), io.files.has(CONFIG)], [{ credsStore: "regauth" }, false]);
});

Deno.test("helper install keeps the store of regauth's own file", async () => {
  const io = world({ files: { [DOCKER]: '{"credsStore":"pass"}', [CONFIG]: '{"store":"file"}' } });
  const { code } = await helper(io, ["install", "--all"]);
  assertEquals([code, read(io, CONFIG)], [0, { store: "file" }]);
});

Deno.test("helper install chooses a store that works, and says if it is none that encrypts", async () => {
  const works = world({
    env: { PATH: "/usr/bin:/opt/bin" },
    programs: { "/usr/bin/docker-credential-secretservice": () => ({ stdout: "{}" }) },
  });
  await helper(works, ["install", "--all"]);
  assertEquals(read(works, CONFIG), { store: "secretservice" });
  const fails = world({
    programs: {
      "/usr/bin/docker-credential-secretservice": () => ({
        code: 1,
        stdout: "Cannot autolaunch D-Bus without X11 $DISPLAY",
      }),
    },
  });
  const { stderr } = await helper(fails, ["install", "--all"]);
  assertEquals(read(fails, CONFIG), { store: "file" });
  assertStringIncludes(stderr, "unencrypted");
  const chosen = world();
  await helper(chosen, ["install", "--all", "--store", "pass"]);
  assertEquals(read(chosen, CONFIG), { store: "pass" });
});

Deno.test("helper install takes over from a store that is not there any more", async () => {
  const before = '{"credsStore":"gone"}';
  const io = world({ files: { [DOCKER]: before } });
  await helper(io, ["install", "--all"]);
  assertEquals(read(io, CONFIG), { store: "file" });
  const terminal = scriptedTerminal({ args: ["get"] });
  const readAll = () => Promise.resolve("reg.example");
  const more = { compiled: true, executable: INSTALLED, readAll };
  assertEquals(await run({ ...terminal, ...more }, io), 1);
  assertStringIncludes(terminal.written.stdout, "credentials not found");
  await helper(io, ["uninstall"]);
  assertEquals(io.files.get(DOCKER)?.text, before);
});

Deno.test("helper install alone puts the program there and nothing else", async () => {
  const io = world();
  const { code, stderr } = await helper(io, ["install"]);
  assertEquals([code, io.writes], [0, [INSTALLED]]);
  assertStringIncludes(stderr, "regauth helper install HOST");
});

Deno.test("helper install takes the folder that is named, and says if it is not on the PATH", async () => {
  const io = world();
  const { stderr } = await helper(io, ["install", "--dir", "~/tools"]);
  assertEquals(io.writes, ["/home/me/tools/docker-credential-regauth"]);
  assertStringIncludes(stderr, "/home/me/tools is not on the PATH");
});

Deno.test("helper install says if another program comes first on the PATH", async () => {
  const io = world({ programs: { "/usr/bin/docker-credential-regauth": () => ({}) } });
  const { stderr } = await helper(io, ["install"]);
  assertStringIncludes(stderr, "/usr/bin/docker-credential-regauth comes first");
});

Deno.test("helper install goes on to the next folder where one takes no program", async () => {
  const io = world({ env: { PATH: "/opt/bin:/home/me/bin" } });
  const refuse = {
    ...io,
    installProgram: async (path: string, program: { readonly file: string }) => {
      if (path.startsWith("/opt")) throw new Error("read-only");
      return await io.installProgram(path, program);
    },
  };
  const terminal = scriptedTerminal({ args: ["helper", "install"] });
  const code = await run({ ...terminal, ...COMPILED }, refuse as MemoryIo);
  assertEquals([code, io.writes], [0, ["/home/me/bin/docker-credential-regauth"]]);
});

Deno.test("helper install without a compiled program writes a script, but not on Windows", async () => {
  const io = world({ env: { PATH: "/home/me/.local/bin" } });
  const scripts: unknown[] = [];
  const spy: MemoryIo = {
    ...io,
    installProgram: (path, program) => {
      scripts.push(program);
      return io.installProgram(path, program);
    },
  };
  const { stdout } = await helper(spy, ["install"], {
    compiled: false,
    executable: "/it's/deno",
  });
  assertStringIncludes(stdout, "(script, for want of a compiled program)");
  const [{ script = "" } = {}] = scripts as { script?: string }[];
  assertMatch(
    script,
    /^#!\/bin\/sh\nexec '\/it'\\''s\/deno' run --allow-all --no-prompt 'file:.*\/cli\.ts' "\$@"\n$/,
  );
  const windows = memoryIo({
    platform: "windows",
    env: { USERPROFILE: "C:\\me", PATH: "C:\\bin" },
  });
  const refused = await helper(windows, ["install"], { compiled: false });
  assertEquals([refused.code, windows.writes], [2, []]);
  assertStringIncludes(refused.stderr, "regauth.exe");
});

Deno.test("helper install finds its folder on Windows", async () => {
  const io = memoryIo({
    platform: "windows",
    env: { USERPROFILE: "C:\\me", APPDATA: "C:\\me\\AppData", PATH: "C:\\tools" },
  });
  const more = { compiled: true, executable: "C:\\tools\\regauth.exe" };
  assertEquals((await helper(io, ["install"], more)).code, 0);
  assertEquals(io.writes, ["C:\\tools\\docker-credential-regauth.exe"]);
});

const USAGE: readonly (readonly [args: readonly string[], says: string])[] = [
  [[], "action"],
  [["frob"], "install, uninstall, status"],
  [["install", "ghcr.io/owner/app"], "name the host, such as ghcr.io"],
  [["install", "--all", "--store", "vault"], "osxkeychain, secretservice"],
];

for (const [args, says] of USAGE) {
  Deno.test(`regauth helper ${args.join(" ")} ends with 2 and changes nothing`, async () => {
    const io = world();
    const { code, stderr } = await helper(io, args);
    assertEquals([code, io.writes], [2, []]);
    assertStringIncludes(stderr, says);
  });
}

Deno.test("helper install needs a folder", async () => {
  const io = world({ env: { PATH: "/usr/bin" } });
  const { code, stderr } = await helper(io, ["install"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--dir");
});

Deno.test("helper install leaves a broken config of Docker, and one of regauth, as they are", async () => {
  for (const path of [DOCKER, CONFIG]) {
    const io = world({ files: { [path]: "{" } });
    const { code, stderr } = await helper(io, ["install", "--all"]);
    assertEquals([code, io.writes], [1, []]);
    assertStringIncludes(stderr, path);
  }
});

Deno.test("helper status tells what is installed, for people and for machines", async () => {
  const io = world({ files: { [DOCKER]: '{"credsStore":"pass"}' } });
  const none = await helper(io, ["status"]);
  assertEquals(
    none.stdout,
    "docker-credential-regauth is not on the PATH.\n~/.docker/config.json: asks it for nothing\n",
  );
  await helper(io, ["install", "--all", "docker.io"]);
  const { stdout } = await helper(io, ["status", "--json"]);
  assertEquals(JSON.parse(stdout), {
    program: INSTALLED,
    version: "9.9.9",
    config: DOCKER,
    hosts: ["index.docker.io"],
    all: true,
    before: "pass",
    store: "pass",
  });
  const foreign = world({ programs: { "/usr/bin/docker-credential-regauth": () => ({}) } });
  assertStringIncludes((await helper(foreign, ["status"])).stdout, "not regauth");
});

Deno.test("helper install --authfile names it in a file of Podman, and uninstall puts that back", async () => {
  const auth = "/home/me/.config/containers/auth.json";
  const io = world({ files: { [auth]: "{}\n", [DOCKER]: '{"credsStore":"pass"}' } });
  const option = ["--authfile", auth];
  const { stdout } = await helper(io, ["install", "docker.io", ...option]);
  assertStringIncludes(stdout, "auth.json: asks it for index.docker.io");
  const key = "https://index.docker.io/v1/";
  assertEquals(read(io, auth), { credHelpers: { [key]: "regauth", "docker.io": "regauth" } });
  assertEquals([read(io, DOCKER), read(io, CONFIG)], [{ credsStore: "pass" }, { store: "pass" }]);
  await helper(io, ["uninstall", ...option]);
  assertEquals(io.files.get(auth)?.text, "{}\n");
  assertEquals((await io.stat(INSTALLED))?.isFile, true);
  const refused = await helper(io, ["install", "--all", ...option]);
  assertEquals(refused.code, 2);
});

Deno.test("helper uninstall of one host keeps the program and the other hosts", async () => {
  const io = world();
  await helper(io, ["install", "a.example", "b.example"]);
  const { stdout } = await helper(io, ["uninstall", "a.example"]);
  assertEquals(stdout, "Put back ~/.docker/config.json.\n");
  assertEquals(read(io, DOCKER), { credHelpers: { "b.example": "regauth" } });
  const json = await helper(io, ["uninstall", "--json"]);
  assertEquals(JSON.parse(json.stdout), { config: DOCKER, changed: true, removed: INSTALLED });
});

Deno.test("helper uninstall removes no program of others, and says where nothing is installed", async () => {
  const io = world({ programs: { "/usr/bin/docker-credential-regauth": () => ({}) } });
  const { stderr } = await helper(io, ["uninstall"]);
  assertStringIncludes(stderr, "not installed");
  assertEquals((await io.stat("/usr/bin/docker-credential-regauth"))?.isFile, true);
});
