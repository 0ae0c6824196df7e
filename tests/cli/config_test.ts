import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../cli.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { scriptedTerminal, type ScriptedTerminalOptions } from "../fakes/terminal.ts";

const CONFIG = "/home/me/.config/regauth/config.json";
const COPY = "/home/me/.config/regauth/regauth-config-edit.json";

function world(text?: string, options: MemoryIoOptions = {}): MemoryIo {
  return memoryIo({
    ...options,
    env: { HOME: "/home/me", ...options.env },
    files: text === undefined ? {} : { [CONFIG]: text },
  });
}

async function config(
  io: MemoryIo,
  args: readonly string[],
  screen: ScriptedTerminalOptions = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const terminal = scriptedTerminal({ ...screen, args: ["config", ...args] });
  const code = await run(terminal, io);
  return { code, ...terminal.written };
}

const TEXT = '{\n  "store": "pass", // no\n}';
const GOOD = `{
  "keychains": ["github"],
  "registries": {
    "*.reg.example": { "keychain": "store", "insecure": true }
  },
  "store": "pass"
}
`;

const GET: readonly (readonly [words: string, stdout: string])[] = [
  ["store", "pass\n"],
  ["keychains", '[\n  "github"\n]\n'],
  ["*.reg.example keychain", "store\n"],
  ["registries *.reg.example insecure", "true\n"],
  ["*.reg.example", '{\n  "keychain": "store",\n  "insecure": true\n}\n'],
];

for (const [words, stdout] of GET) {
  Deno.test(`config get ${words}`, async () => {
    const { code, stdout: said } = await config(world(GOOD), ["get", ...words.split(" ")]);
    assertEquals([code, said], [0, stdout]);
  });
}

Deno.test("config get prints all of it, and JSON for machines", async () => {
  const all = await config(world(GOOD), ["get"]);
  assertEquals(JSON.parse(all.stdout), JSON.parse(GOOD));
  assertEquals((await config(world(GOOD), ["get", "store", "--json"])).stdout, '"pass"\n');
  assertEquals((await config(world(), ["get"])).stdout, "{}\n");
});

Deno.test("config get of what is not set ends with 1", async () => {
  for (const words of [["store"], ["r.example", "ca"], ["toString"]]) {
    const { code, stdout, stderr } = await config(world(), ["get", ...words]);
    assertEquals([code, stdout, stderr], [1, "", `${words.join(" ")}: not set.\n`]);
  }
});

Deno.test("config get tells where the file is broken", async () => {
  const { code, stderr } = await config(world(TEXT), ["get", "store"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "line 2");
});

const SET: readonly (readonly [words: readonly string[], before: string, after: string])[] = [
  [["store=file"], '{"store": "pass"}\n', '{"store": "file"}\n'],
  [["store=pass"], "", '{\n\t"store": "pass"\n}'],
  [["keychains=github, gitlab"], "{}", '{\n\t"keychains": [\n\t\t"github",\n\t\t"gitlab"\n\t]\n}'],
  [["keychains="], '{"keychains":["env"]}', '{"keychains":[]}'],
  [
    ["*.r.example", "keychain=store", "scope=team=a", "skipVerify=false"],
    '{"store":"pass"}',
    '{"store":"pass","registries":{"*.r.example":{"keychain":"store","scope":"team=a","skipVerify":false}}}',
  ],
  [
    ["a.example", "keychain=ecr", "roleArn=r", "duration=1800"],
    '{"store":"pass"}',
    '{"store":"pass","registries":{"a.example":{"keychain":"ecr","roleArn":"r","duration":1800}}}',
  ],
];

for (const [words, before, after] of SET) {
  Deno.test(`config set ${words.join(" ")}`, async () => {
    const io = world(before);
    const { code, stdout, stderr } = await config(io, ["set", ...words]);
    assertEquals([code, stdout], [0, "Wrote ~/.config/regauth/config.json.\n"], stderr);
    assertEquals(io.files.get(CONFIG)?.text, after);
    assertStringIncludes((await config(io, ["set", ...words])).stderr, "Nothing was changed");
  });
}

const REFUSED: readonly (readonly [words: readonly string[], code: number, says: string])[] = [
  [["set"], 2, "NAME=VALUE"],
  [["set", "r.example"], 2, "NAME=VALUE"],
  [["set", "r.example", "keychain"], 2, 'a value for "keychain"'],
  [["set", "store=vault"], 1, "store is none of the known names"],
  [["set", "stroe=pass"], 1, 'Did you mean "store"?'],
  [["set", "r.example", "keychain=store", "insecure=yes"], 1, "must be true or false"],
  [["set", "https://r.example", "keychain=store"], 1, "is not a pattern"],
  [["unset"], 2, "what to remove"],
  [["frob"], 2, "get, set, unset, edit, path"],
];

for (const [words, code, says] of REFUSED) {
  Deno.test(`config ${words.join(" ")} changes nothing and says why`, async () => {
    const io = world("{}");
    const said = await config(io, words);
    assertEquals([said.code, io.writes], [code, []]);
    assertStringIncludes(said.stderr, says);
  });
}

const UNSET: readonly (readonly [words: readonly string[], after: string])[] = [
  [["store"], '{"keychains":["env"],"registries":{"r.example":{"keychain":"env","ca":"a"}}}'],
  [["store", "keychains"], '{"registries":{"r.example":{"keychain":"env","ca":"a"}}}'],
  [["r.example"], '{"keychains":["env"],"registries":{},"store":"pass"}'],
  [["registries"], '{"keychains":["env"],"store":"pass"}'],
  [
    ["r.example", "keychain", "ca"],
    '{"keychains":["env"],"registries":{"r.example":{}},"store":"pass"}',
  ],
];

for (const [words, after] of UNSET) {
  Deno.test(`config unset ${words.join(" ")}`, async () => {
    const text = '{"keychains":["env"],"registries":{"r.example":{"keychain":"env","ca":"a"}},' +
      '"store":"pass"}';
    const io = world(text);
    assertEquals((await config(io, ["unset", ...words])).code, 0);
    assertEquals(io.files.get(CONFIG)?.text, after);
    const again = await config(io, ["unset", ...words, "--json"]);
    assertEquals(JSON.parse(again.stdout), { path: CONFIG, changed: false });
  });
}

Deno.test("config path prints the path, whether there is a file or not", async () => {
  assertEquals((await config(world(), ["path"])).stdout, `${CONFIG}\n`);
  const json = await config(world(), ["path", "--json"]);
  assertEquals(JSON.parse(json.stdout), { path: CONFIG });
  const homeless = memoryIo();
  assertEquals((await config(homeless, ["path"])).code, 1);
});

/** An editor that writes a text, or leaves the one that is there. */
function editor(io: MemoryIo, text?: string, code = 0): ScriptedTerminalOptions {
  const edit = async (args: readonly string[]): Promise<number> => {
    if (text !== undefined) await io.writePrivate(args.at(-1) ?? "", text);
    return code;
  };
  return { programs: { "/usr/bin/vi": edit, "/opt/my-editor": edit } };
}

const EDITOR = { env: { PATH: "/usr/bin" }, programs: { "/usr/bin/vi": () => ({}) } };

Deno.test("config edit writes what the editor leaves, and removes its copy", async () => {
  const io = world(GOOD, EDITOR);
  const { code, stdout } = await config(io, ["edit"], editor(io, '{"store":"file"}\n'));
  assertEquals([code, stdout], [0, "Wrote ~/.config/regauth/config.json.\n"]);
  assertEquals(io.files.get(CONFIG)?.text, '{"store":"file"}\n');
  assertEquals(io.files.has(COPY), false);
});

Deno.test("config edit keeps a text that is not right for the next time, and the file as it is", async () => {
  const io = world(GOOD, EDITOR);
  const { code, stderr } = await config(io, ["edit"], editor(io, '{"stroe":"file"}'));
  assertEquals([code, io.files.get(CONFIG)?.text], [1, GOOD]);
  assertStringIncludes(stderr, "line 1, column 2");
  const again = await config(io, ["edit"], editor(io));
  assertEquals([again.code, io.files.get(COPY)?.text], [1, '{"stroe":"file"}']);
  assertStringIncludes(again.stderr, "not right the last time");
  assertEquals((await config(io, ["edit"], editor(io, '{"store":"file"}'))).code, 0);
  assertEquals(io.files.has(COPY), false);
});

Deno.test("config edit changes nothing where the editor changes nothing or fails", async () => {
  const io = world(undefined, EDITOR);
  assertStringIncludes((await config(io, ["edit"], editor(io))).stderr, "Nothing was changed");
  const failed = await config(io, ["edit"], editor(io, "{}", 3));
  assertEquals([failed.code, [...io.files.keys()]], [1, []]);
  assertStringIncludes(failed.stderr, "exit code 3");
});

Deno.test("config edit does not overwrite what somebody else wrote meanwhile", async () => {
  const io = world(GOOD, EDITOR);
  const { code, stderr } = await config(io, ["edit"], {
    programs: {
      "/usr/bin/vi": async ([copy = ""]) => {
        await io.writePrivate(copy, '{"store":"file"}');
        await io.writePrivate(CONFIG, '{"store":"desktop"}');
        return 0;
      },
    },
  });
  assertEquals([code, io.files.get(CONFIG)?.text], [1, '{"store":"desktop"}']);
  assertStringIncludes(stderr, "changed meanwhile");
});

Deno.test("config edit takes the editor that a variable names, with its arguments", async () => {
  const io = world(GOOD, { env: { VISUAL: "/opt/my-editor --wait", EDITOR: "vi" } });
  assertEquals((await config(io, ["edit"], editor(io, "{}"))).code, 0);
  const unknown = world(GOOD, { env: { EDITOR: "nope" } });
  assertStringIncludes((await config(unknown, ["edit"])).stderr, 'the editor "nope"');
  assertStringIncludes((await config(world(), ["edit"])).stderr, "variable EDITOR");
});

Deno.test("config edit needs a terminal", async () => {
  const io = world(GOOD, EDITOR);
  const { code, stderr } = await config(io, ["edit"], { streams: { stdin: false } });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "regauth config set");
});
