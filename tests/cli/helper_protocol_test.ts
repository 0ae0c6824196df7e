import { assertEquals, assertStringIncludes } from "@std/assert";
import { isHelperCall, speakHelperProtocol } from "../../lib/cli/helper_protocol.ts";
import { memoryIo, type MemoryIoOptions, type MemoryProgram } from "../../lib/memory_io.ts";
import type { Terminal } from "../../lib/terminal.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const HOME = { HOME: "/home/me" };
const CONFIG = "/home/me/.config/regauth/config.json";
const DOCKER = "/home/me/.docker/config.json";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function say(
  args: readonly string[],
  stdin: string,
  world: MemoryIoOptions | ReturnType<typeof memoryIo>,
  more: Partial<Terminal> = {},
): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  const terminal: Terminal = {
    ...scriptedTerminal({}),
    args,
    readAll: () => Promise.resolve(stdin),
    write: (stream, text) => void (said[stream] += text),
    ...more,
  };
  const io = "runs" in world ? world : memoryIo({ env: HOME, ...world });
  const code = await speakHelperProtocol(terminal, io);
  return { code, ...said };
}

const dockerFile = (entries: unknown, more = {}): Record<string, string> => ({
  [DOCKER]: JSON.stringify({ auths: entries, ...more }),
});

const GET: readonly (readonly [name: string, server: string, world: MemoryIoOptions, Said])[] = [
  [
    "a host",
    "reg.example",
    { files: dockerFile({ "reg.example": { auth: btoa("robot:FAKE-1") } }) },
    {
      code: 0,
      stdout: '{"ServerURL":"reg.example","Username":"robot","Secret":"FAKE-1"}\n',
      stderr: "",
    },
  ],
  [
    "a URL with a line end",
    "https://reg.example/v1/\n",
    { files: dockerFile({ "reg.example": { auth: btoa("robot:FAKE-1") } }) },
    {
      code: 0,
      stdout: '{"ServerURL":"https://reg.example/v1/","Username":"robot","Secret":"FAKE-1"}\n',
      stderr: "",
    },
  ],
  [
    "a repository, by its path",
    "reg.example/team/app",
    { files: dockerFile({ "reg.example/team": { auth: btoa("team:FAKE-2") } }) },
    {
      code: 0,
      stdout: '{"ServerURL":"reg.example/team/app","Username":"team","Secret":"FAKE-2"}\n',
      stderr: "",
    },
  ],
  [
    "an identity token",
    "https://index.docker.io/v1/",
    { files: dockerFile({ "https://index.docker.io/v1/": { identitytoken: "FAKE-3" } }) },
    {
      code: 0,
      stdout:
        '{"ServerURL":"https://index.docker.io/v1/","Username":"<token>","Secret":"FAKE-3"}\n',
      stderr: "",
    },
  ],
  [
    "an unknown host",
    "other.example",
    {},
    { code: 1, stdout: "credentials not found in native keychain\n", stderr: "" },
  ],
  [
    "a text that is no reference",
    "Reg.Example/UPPER//x",
    {},
    { code: 1, stdout: "credentials not found in native keychain\n", stderr: "" },
  ],
  [
    "a registry token, for which the protocol has no place",
    "reg.example",
    { files: dockerFile({ "reg.example": { registrytoken: "FAKE-4" } }) },
    { code: 1, stdout: "credentials not found in native keychain\n", stderr: "" },
  ],
  ["nothing", " \n", {}, { code: 1, stdout: "no credentials server URL\n", stderr: "" }],
];

for (const [name, server, world, expected] of GET) {
  Deno.test(`get answers for ${name}`, async () => {
    assertEquals(await say(["get"], server, world), expected);
  });
}

Deno.test("get passes over entries that name the program itself", async () => {
  const files = dockerFile(
    { "reg.example": { auth: btoa("robot:FAKE-1") } },
    { credsStore: "regauth", credHelpers: { "reg.example": "regauth" } },
  );
  const { stdout } = await say(["get"], "reg.example", { files });
  assertStringIncludes(stdout, '"Secret":"FAKE-1"');
});

Deno.test("get goes on without a broken file of regauth's own, and says so on stderr", async () => {
  const files = { [CONFIG]: "{", ...dockerFile({ "r.example": { auth: btoa("robot:FAKE-1") } }) };
  const { code, stdout, stderr } = await say(["get"], "r.example", { files });
  assertEquals([code, stdout.includes("FAKE-1")], [0, true]);
  assertStringIncludes(stderr, CONFIG);
});

Deno.test("get tells a failure in one line on stdout", async () => {
  const { code, stdout } = await say(["get"], "r.example", { files: { [DOCKER]: "{\n" } });
  assertEquals([code, stdout.split("\n").length], [1, 2]);
  assertStringIncludes(stdout, DOCKER);
});

Deno.test("store, get, list and erase keep a credential under all spellings of its host", async () => {
  const io = memoryIo({ env: HOME, files: { [CONFIG]: '{"store":"file"}' } });
  const kept = '{"ServerURL":"https://kept.example/v2/","Username":"me","Secret":"FAKE-5"}';
  assertEquals(await say(["store"], kept, io), { code: 0, stdout: "", stderr: "" });
  assertEquals((await say(["list"], "unused", io)).stdout, '{"kept.example":"me"}\n');
  assertStringIncludes((await say(["get"], "kept.example", io)).stdout, '"Secret":"FAKE-5"');
  assertEquals((await say(["erase"], "KEPT.example", io)).code, 0);
  assertEquals((await say(["list"], "unused", io)).stdout, "{}\n");
  assertEquals((await say(["erase"], "kept.example", io)).code, 0);
});

const STORE: readonly (readonly [input: string, stdout: string])[] = [
  ['{"ServerURL":"","Username":"u","Secret":"s"}', "no credentials server URL\n"],
  ['{"ServerURL":"x","Username":"","Secret":"s"}', "no credentials username\n"],
  ["", "EOF\n"],
  ["hunter2", "Cannot store credentials: the input is not a JSON object\n"],
  ["[]", "Cannot store credentials: the input is not a JSON object\n"],
];

for (const [input, stdout] of STORE) {
  Deno.test(`store answers ${JSON.stringify(input)} with ${JSON.stringify(stdout)}`, async () => {
    assertEquals(await say(["store"], input, {}), { code: 1, stdout, stderr: "" });
  });
}

const RECORD = "/home/me/.config/regauth/regauth-helper.json";
const OTHER = "/usr/bin/docker-credential-other";

/** A helper that really keeps what it is given. */
function keeper(kept: Map<string, string>): MemoryProgram {
  return ([action = ""], { stdin = "" }) => {
    if (action === "list") {
      const users = [...kept].map(([key, text]) => [key, JSON.parse(text).Username]);
      return { stdout: JSON.stringify(Object.fromEntries(users)) };
    }
    if (action === "store") kept.set(JSON.parse(stdin).ServerURL, stdin);
    if (action !== "store" && !kept.has(stdin)) {
      return { code: 1, stdout: "credentials not found in native keychain" };
    }
    if (action === "erase") kept.delete(stdin);
    return { stdout: action === "get" ? kept.get(stdin) ?? "" : "" };
  };
}

/** Regauth stands in front of the helper named `other`. */
function inFront(own: string | undefined, record?: unknown): {
  readonly kept: Map<string, string>;
  readonly io: ReturnType<typeof memoryIo>;
} {
  const kept = new Map([
    ["old.example", '{"ServerURL":"old.example","Username":"old","Secret":"FAKE-6"}'],
  ]);
  const displaced = { credsStore: "other", credHelpers: {} };
  const io = memoryIo({
    env: { ...HOME, PATH: "/usr/bin" },
    files: {
      [DOCKER]: '{"credsStore":"regauth"}',
      [RECORD]: JSON.stringify(record ?? { files: { [DOCKER]: displaced } }),
      ...(own === undefined ? {} : { [CONFIG]: own }),
    },
    programs: { [OTHER]: keeper(kept) },
  });
  return { kept, io };
}

for (const [what, own] of [["no", undefined], ["a broken", "{"], ["an empty", "{}"]] as const) {
  Deno.test(`the helper that Docker asked before stays reachable with ${what} file of regauth's own`, async () => {
    const { kept, io } = inFront(own);
    const old = await say(["get"], "old.example", io);
    assertEquals([old.code, old.stdout.includes("FAKE-6")], [0, true]);
    assertEquals(old.stderr.includes(CONFIG), own === "{");
    const input = '{"ServerURL":"new.example","Username":"new","Secret":"FAKE-7"}';
    assertEquals((await say(["store"], input, io)).stdout, "");
    assertStringIncludes(kept.get("new.example") ?? "", "FAKE-7");
    const listed = JSON.parse((await say(["list"], "", io)).stdout);
    assertEquals(listed, { "old.example": "old", "new.example": "new" });
    assertEquals((await say(["erase"], "old.example", io)).code, 0);
    assertEquals([...kept.keys()], ["new.example"]);
    assertEquals((await say(["get"], "old.example", io)).code, 1);
  });
}

Deno.test("what is stored in regauth's own store comes before what the earlier helper has", async () => {
  const { kept, io } = inFront('{"store":"file"}');
  const input = '{"ServerURL":"old.example","Username":"new","Secret":"FAKE-8"}';
  assertEquals((await say(["store"], input, io)).code, 0);
  assertStringIncludes((await say(["get"], "old.example", io)).stdout, "FAKE-8");
  assertEquals(JSON.parse((await say(["list"], "", io)).stdout), { "old.example": "new" });
  assertEquals((await say(["erase"], "old.example", io)).code, 0);
  assertEquals([kept.size, (await say(["get"], "old.example", io)).code], [0, 1]);
});

Deno.test("the store of regauth's own file is asked once where it is also the earlier helper", async () => {
  const { io } = inFront('{"store":"pass"}', {
    files: { [DOCKER]: { credsStore: "pass", credHelpers: {} } },
  });
  const pass = "/usr/bin/docker-credential-pass";
  await io.installProgram(pass, { file: OTHER });
  assertEquals((await say(["get"], "no.example", io)).code, 1);
  assertEquals(io.runs.map(({ program }) => program), [pass]);
});

Deno.test("the helper of one host comes back where regauth displaced it there", async () => {
  const { kept, io } = inFront(undefined, {
    files: { [DOCKER]: { credHelpers: { "old.example": "other" } } },
  });
  await io.writePrivate(
    DOCKER,
    '{"credHelpers":{"old.example":"regauth","x.example":"regauth"},"credsStore":"gone"}',
  );
  assertStringIncludes((await say(["get"], "old.example", io)).stdout, "FAKE-6");
  assertStringIncludes((await say(["get"], "x.example", io)).stdout, "docker-credential-gone");
  assertEquals((await say(["erase"], "old.example", io)).code, 0);
  assertEquals(kept.size, 0);
});

Deno.test("store and erase do nothing where REGAUTH_IGNORE_STORE says so", async () => {
  const io = memoryIo({ env: { ...HOME, REGAUTH_IGNORE_STORE: "true" } });
  const input = '{"ServerURL":"x.example","Username":"u","Secret":"hunter2"}';
  assertEquals(await say(["store"], input, io), { code: 0, stdout: "", stderr: "" });
  assertEquals((await say(["erase"], "x.example", io)).code, 0);
  assertEquals(io.writes, []);
});

Deno.test("store keeps nothing in plain text unless the file of regauth's own says so", async () => {
  const io = memoryIo({ env: HOME });
  const input = '{"ServerURL":"x.example","Username":"u","Secret":"hunter2"}';
  const { code, stdout } = await say(["store"], input, io);
  assertEquals([code, io.writes], [1, []]);
  assertStringIncludes(stdout, '"store": "file"');
});

Deno.test("erase wants a server", async () => {
  assertEquals((await say(["erase"], "\n", {})).stdout, "no credentials server URL\n");
});

const USAGE = "Usage: docker-credential-regauth <store|get|erase|list|version>\n";
const COMPILED = { compiled: true, executable: "/usr/bin/docker-credential-regauth" };

Deno.test("the protocol's usage, by the name of the executable", async () => {
  assertEquals(await say([], "", {}, COMPILED), { code: 1, stdout: USAGE, stderr: "" });
  assertEquals(await say(["get", "x"], "", {}, COMPILED), { code: 1, stdout: USAGE, stderr: "" });
  assertEquals((await say(["--help"], "", {}, COMPILED)).code, 0);
  assertEquals(
    (await say(["bogus\x1b[2J"], "", {}, COMPILED)).stdout,
    "docker-credential-regauth: unknown action: bogus [2J\n",
  );
  const windows = { compiled: true, executable: "C:\\bin\\docker-credential-corp.exe" };
  assertStringIncludes(
    (await say(["version"], "", {}, windows)).stdout,
    "docker-credential-corp (",
  );
});

Deno.test("isHelperCall() knows the verbs alone, and the prefix of the name with any arguments", () => {
  const call = (args: readonly string[], more: Partial<Terminal> = {}): boolean =>
    isHelperCall({ ...scriptedTerminal({}), args, compiled: false, ...more });
  assertEquals([call(["get"]), call(["--version"]), call(["list"])], [true, true, true]);
  assertEquals([call(["get", "x"]), call(["ls"]), call([])], [false, false, false]);
  assertEquals(call(["ls"], COMPILED), true);
  assertEquals(call(["ls"], { compiled: true, executable: "/usr/bin/regauth" }), false);
});
