import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  Cancelled,
  type Choice,
  GoBack,
  openPrompts,
  type Prompts,
} from "../../lib/cli/prompts.ts";
import { displayWidth, stripStyles } from "../../lib/cli/width.ts";
import { Secret } from "../../lib/credential.ts";
import { RegauthError } from "../../lib/errors.ts";
import {
  idleIo,
  type ScriptedTerminal,
  scriptedTerminal,
  type ScriptedTerminalOptions,
} from "../fakes/terminal.ts";

const UNICODE = { TERM: "xterm", LANG: "C.UTF-8" };

/** Opens prompts for somebody who types by a script. */
function open(
  options: ScriptedTerminalOptions,
  env: Record<string, string> = UNICODE,
): [ScriptedTerminal, Prompts] {
  const terminal = scriptedTerminal(options);
  return [terminal, openPrompts(terminal, idleIo({ env }))];
}

/** What was drawn at each key, without colours and cursor movement. */
function frames(terminal: ScriptedTerminal): string[] {
  const parts = stripStyles(terminal.screen).split("\x1b[J").slice(1);
  // deno-lint-ignore no-control-regex
  return parts.map((part) => part.replace(/(\x1b\[\d+[AC]|\r)+$/, "").replace(/\x1b\[\d+A\r$/, ""));
}

function lastFrame(terminal: ScriptedTerminal): string {
  return frames(terminal).at(-1) ?? "";
}

const UP = "\x1b[A";
const DOWN = "\x1b[B";

Deno.test("input() shows the default and where it comes from, and takes it at Enter", async () => {
  const [terminal, prompts] = open({ script: [["GITHUB_ACTOR", "\r"]] });
  const question = { message: "User name", default: "octocat", from: "from GITHUB_ACTOR" };
  assertEquals(await prompts.input(question), "octocat");
  assertEquals(frames(terminal)[0], "? User name (octocat — from GITHUB_ACTOR) › ");
  assertEquals(lastFrame(terminal), "? User name (octocat — from GITHUB_ACTOR) › octocat\n");
  prompts.close();
});

Deno.test("input() asks again with the complaint, and what was typed can be corrected", async () => {
  const [terminal, prompts] = open({
    script: [["User name", "a:b\r"], ["no colon", "\x7f\x7f\r"]],
  });
  const name = await prompts.input({
    message: "User name",
    validate: (text) => text.includes(":") ? "A user name has no colon." : undefined,
  });
  assertEquals(name, "a");
  assertStringIncludes(terminal.screen, "✗ A user name has no colon.");
  prompts.close();
});

Deno.test("input() looks at the default as well", async () => {
  const [, prompts] = open({ script: [["Name", "\r"], ["No blanks", "x\r"]] });
  const name = await prompts.input({
    message: "Name",
    default: "bad value",
    validate: (text) => text.includes(" ") ? "No blanks." : undefined,
  });
  assertEquals(name, "x");
  prompts.close();
});

Deno.test("input() shows help at ? and goes on", async () => {
  const [terminal, prompts] = open({
    script: [["? for help", "?\r"], ["Not your e-mail", "octocat\r"]],
  });
  const question = { message: "User name", help: "Not your e-mail address." };
  assertEquals(await prompts.input(question), "octocat");
  assertEquals(terminal.remaining, 0);
  prompts.close();
});

for (const [name, keys] of [["<", "<\r"], ["Escape", "\x1b"], ["Ctrl-B", "\x02"]] as const) {
  Deno.test(`14: input(), secret(), select() and confirm() go back at ${name}`, async () => {
    // A list needs no Enter.
    const key = keys.charAt(0);
    const [terminal, prompts] = open({
      script: [["One", keys], ["Two", keys], ["Three", key], ["Four", keys]],
    });
    const choices = [{ value: 1, label: "one" }];
    await assertRejects(() => prompts.input({ message: "One", back: true }), GoBack);
    await assertRejects(() => prompts.secret({ message: "Two", back: true }), GoBack);
    await assertRejects(() => prompts.select({ message: "Three", choices, back: true }), GoBack);
    await assertRejects(
      () => prompts.confirm({ message: "Four", default: true, back: true }),
      GoBack,
    );
    assertEquals(lastFrame(terminal), "? Four [Y/n] › ← back\n");
    prompts.close();
  });
}

Deno.test("input() stays where there is no way back", async () => {
  const [, prompts] = open({ script: [["Name", "a\x1b"], ["a", "\x02b\r"]] });
  assertEquals(await prompts.input({ message: "Name" }), "ab");
  prompts.close();
});

Deno.test("secret() shows nothing of it but its length, at the end", async () => {
  const [terminal, prompts] = open({ script: [["hidden", "pässwörd€😀\r"]], piece: 1 });
  const secret = await prompts.secret({ message: "Token" });
  assertEquals(secret.reveal(), "pässwörd€😀");
  assertEquals(lastFrame(terminal), "? Token (hidden) › received 10 characters\n");
  assert(!terminal.screen.includes("p"), "a character of the secret is on the screen");
  prompts.close();
});

Deno.test("secret() looks the same at one character and at thousands", async () => {
  const [terminal, prompts] = open({
    script: [["hidden", "a"], ["•", "b".repeat(4_000)], ["•", "\r"]],
  });
  await prompts.secret({ message: "Token" });
  const [, one, many] = frames(terminal);
  assertEquals(one, "? Token (hidden) › ••••••••");
  assertEquals(many, one);
  prompts.close();
});

for (const piece of [1, 7, 100]) {
  for (const end of ["\r", "\n", "\r\n"]) {
    const name = `${JSON.stringify(end)} in pieces of ${piece}`;

    Deno.test(`2: secret() ends at ${name}`, async () => {
      const [, prompts] = open({ script: [["Token", `s€cret${end}`], ["Write", "y\r"]], piece });
      assertEquals((await prompts.secret({ message: "Token" })).reveal(), "s€cret");
      assertEquals(await prompts.confirm({ message: "Write?", default: false }), true);
      prompts.close();
    });

    Deno.test(`2: secret() takes none of several lines with ${name}`, async () => {
      const [terminal, prompts] = open({
        script: [["Token", `abcdefgh1${end}xyz${end}`], ["Several lines", "right\r"]],
        piece,
      });
      assertEquals((await prompts.secret({ message: "Token" })).reveal(), "right");
      assertEquals(terminal.remaining, 0);
      prompts.close();
    });
  }
}

Deno.test("secret() removes the marks of a paste", async () => {
  const [terminal, prompts] = open({ script: [["Token", "\x1b[200~ghp_1\x1b[201~\r"]], piece: 3 });
  assertEquals((await prompts.secret({ message: "Token" })).reveal(), "ghp_1");
  assert(terminal.screen.startsWith("\x1b[?2004l"), "the terminal may still send them");
  prompts.close();
});

Deno.test("secret() begins anew after a complaint", async () => {
  const [, prompts] = open({ script: [["Token", "bad\r"], ["Too short", "good enough\r"]] });
  const secret = await prompts.secret({
    message: "Token",
    validate: (text) => text.length < 4 ? "Too short." : undefined,
  });
  assertEquals(secret.reveal(), "good enough");
  prompts.close();
});

Deno.test("14: secret() keeps at Enter what was entered before", async () => {
  const [terminal, prompts] = open({ script: [["Enter keeps", "\r"]] });
  const kept = new Secret("before");
  assertEquals(await prompts.secret({ message: "Token", kept }), kept);
  assertStringIncludes(lastFrame(terminal), "› kept");
  prompts.close();
});

Deno.test("confirm() asks until the answer is y, n or Enter", async () => {
  const [terminal, prompts] = open({
    script: [["[y/N]", "maybe\r"], ["Type y", "\x15yes\r"], ["Sure?", "\r"]],
  });
  assertEquals(await prompts.confirm({ message: "Write this file?", default: false }), true);
  assertEquals(lastFrame(terminal), "? Write this file? [y/N] › y\n");
  assertEquals(await prompts.confirm({ message: "Sure?", default: true }), true);
  prompts.close();
});

Deno.test("15: confirm() is not answered by what was typed ahead", async () => {
  const [terminal, prompts] = open({ script: [["[y/N]", "n\r"]] });
  prompts.note("checking the token");
  terminal.type("y\r");
  assertEquals(await prompts.confirm({ message: "Write?", default: false }), false);
  prompts.close();
});

Deno.test("2: input() keeps the second line of a paste from the next question", async () => {
  const [, prompts] = open({ script: [["One", "first\nsecond\n"], ["Two", "two\r"]] });
  assertEquals(await prompts.input({ message: "One" }), "first");
  assertEquals(await prompts.input({ message: "Two" }), "two");
  prompts.close();
});

const METHODS: readonly Choice<string>[] = [
  { value: "token", label: "personal access token", hint: "classic" },
  { value: "robot", label: "robot account", disabled: "GitHub has none" },
  { value: "web", label: "web login" },
];

Deno.test("select() begins with the default and shows what the entries are", async () => {
  const [terminal, prompts] = open({ script: [["Sign in", "\r"]] });
  const method = await prompts.select({
    message: "Sign in with",
    choices: METHODS,
    default: "web",
    back: true,
  });
  assertEquals(method, "web");
  assertEquals(frames(terminal)[0]?.split("\n"), [
    "? Sign in with › ",
    "  personal access token  classic",
    "  robot account          (GitHub has none)",
    "❯ web login",
    "  ← back",
    "  ↑↓ or 1-3 · Esc to go back",
  ]);
  prompts.close();
});

const moves: [name: string, keys: string, value: string][] = [
  ["the next that can be chosen at Down", DOWN, "web"],
  ["the first again behind the last", DOWN + DOWN, "token"],
  ["the last from the first at Up", UP, "web"],
  ["one by its number", "3", "web"],
  ["none by the number of a disabled one", "2", "token"],
  ["the last at End and the first at Home", "\x1b[F\x1b[H", "token"],
  ["the last at Page Down", "\x1b[6~", "web"],
  ["the next at Tab", "\t", "web"],
];

for (const [name, keys, value] of moves) {
  Deno.test(`select() moves to ${name}`, async () => {
    const [, prompts] = open({ script: [["Sign in", `${keys}\r`]], piece: 1 });
    assertEquals(await prompts.select({ message: "Sign in with", choices: METHODS }), value);
    prompts.close();
  });
}

Deno.test("select() goes back from its last entry", async () => {
  const [, prompts] = open({ script: [["Sign in", `${UP}\r`]] });
  const question = { message: "Sign in with", choices: METHODS, back: true };
  await assertRejects(() => prompts.select(question), GoBack);
  prompts.close();
});

const REGISTRIES = Array.from({ length: 14 }, (_, index) => ({
  value: index,
  label: `registry${index}.example`,
  hint: index === 12 ? "The Twelfth" : "",
}));

Deno.test("select() filters a long list by typing", async () => {
  const [terminal, prompts] = open({
    script: [["type to filter", "twelfth no"], ["Nothing fits", "\r\x17"], ["❯", "\r"]],
  });
  assertEquals(await prompts.select({ message: "Registry", choices: REGISTRIES }), 12);
  assertEquals(frames(terminal).at(-2)?.split("\n"), [
    "? Registry › twelfth ",
    "❯ registry12.example  The Twelfth",
    "  ↑↓ or type to filter",
  ]);
  prompts.close();
});

Deno.test("select() shows at most 10 rows, the chosen one among them", async () => {
  const [terminal, prompts] = open({ script: [["Registry", UP], ["❯ registry13", "\r"]] });
  assertEquals(await prompts.select({ message: "Registry", choices: REGISTRIES }), 13);
  assertEquals(frames(terminal)[0]?.split("\n").length, 12);
  assertStringIncludes(frames(terminal)[0] ?? "", "1-10 of 14");
  assertStringIncludes(frames(terminal)[1] ?? "", "5-14 of 14");
  prompts.close();
});

Deno.test("select() fits into a low window", async () => {
  const [terminal, prompts] = open({ rows: 8, script: [["Registry", `${DOWN.repeat(7)}\r`]] });
  assertEquals(await prompts.select({ message: "Registry", choices: REGISTRIES }), 7);
  for (const frame of frames(terminal)) assert(frame.split("\n").length < 8, frame);
  prompts.close();
});

for (const columns of [40, 80, 200]) {
  Deno.test(`9: select() keeps rows within ${columns} columns`, async () => {
    const long = "registry ".repeat(14).trim();
    const wide = "登録簿".repeat(30);
    const choices = [{ value: 1, label: long }, { value: 2, label: wide, hint: long }];
    const [terminal, prompts] = open({
      columns,
      script: [["Which", `${DOWN.repeat(10)}\x1b`]],
    });
    const question = { message: `Which? ${long}`, choices, from: `from ${long}`, back: true };
    await assertRejects(() => prompts.select(question), GoBack);
    for (const frame of frames(terminal).slice(0, -1)) {
      for (const row of frame.split("\n")) assert(displayWidth(row) < columns, row);
    }
    prompts.close();
  });
}

Deno.test("9: input() keeps a long answer within the window", async () => {
  const [terminal, prompts] = open({
    columns: 40,
    script: [["Name", "登録簿".repeat(20)], ["…", "\x01"], ["› 登", "\r"]],
  });
  assertEquals(await prompts.input({ message: "Name" }), "登録簿".repeat(20));
  for (const frame of frames(terminal).slice(0, -1)) assert(displayWidth(frame) < 40, frame);
  prompts.close();
});

Deno.test("9: a window that becomes narrower leaves no row behind", async () => {
  let columns = 80;
  const terminal = scriptedTerminal({
    script: [["GITHUB_ACTOR", (terminal) => {
      columns = 40;
      terminal.type("x");
    }], ["x", "\r"]],
  });
  const resized = { ...terminal, columns: () => columns };
  const prompts = openPrompts(resized, idleIo({ env: UNICODE }));
  const question = { message: "User name", default: "octocat", from: "from GITHUB_ACTOR" };
  assertEquals(await prompts.input(question), "x");
  // The cursor stood in column 44 of what are two rows now.
  assertStringIncludes(terminal.written.stderr, "\x1b[1A\r\x1b[J");
  prompts.close();
});

Deno.test("questions of others are shown without their escape sequences", async () => {
  const [terminal, prompts] = open({ script: [["Evil", "x\r"]] });
  await prompts.input({
    message: "Evil\x1b[2J\n name",
    default: "\x1b]0;title\x07\u202Eabc",
    help: "h",
  });
  assertEquals(frames(terminal)[0]?.split("\n")[0], "? Evil name (abc) › ");
  prompts.close();
});

Deno.test("5: Ctrl-C in a question leaves a line that says so", async () => {
  const [terminal, prompts] = open({ script: [["Name", "abc\x03"]] });
  await assertRejects(() => prompts.input({ message: "Name" }), Cancelled);
  assertEquals(lastFrame(terminal), "? Name › cancelled\n");
  assertEquals(terminal.raw, true);
  prompts.close();
  assertEquals(terminal.raw, false);
});

Deno.test("5: Ctrl-D ends an empty question, and only that", async () => {
  const [, prompts] = open({ script: [["Name", "a\x04"], ["a", "\x7f\x04"], ["List", "\x04"]] });
  const { code } = await assertRejects(() => prompts.input({ message: "Name" }), RegauthError);
  assertEquals(code, "usage");
  await assertRejects(() => prompts.select({ message: "List", choices: METHODS }), RegauthError);
  prompts.close();
});

Deno.test("prompts in ASCII have no other character", async () => {
  const [terminal, prompts] = open({
    script: [["Name", "?\r"], ["Help", "x\r"], ["List", "\r"], ["Token", "a\r"], ["Sure", "z\r"], [
      "[fail]",
      "\x15\r",
    ]],
  }, { TERM: "xterm", LANG: "C" });
  await prompts.input({ message: "Name", default: "a", from: "from b", help: "Help.", back: true });
  await prompts.select({ message: "List", choices: METHODS, from: "from c", back: true });
  await prompts.secret({ message: "Token", kept: new Secret("k") });
  await prompts.confirm({ message: "Sure?", default: true });
  // deno-lint-ignore no-control-regex
  assertEquals(terminal.screen.replace(/[\x00-\x7f]/g, ""), "");
  prompts.close();
});

Deno.test("NO_COLOR leaves cursor movement, and no colour", async () => {
  const [terminal, prompts] = open({ script: [["Name", "x\r"]] }, { ...UNICODE, NO_COLOR: "1" });
  await prompts.input({ message: "Name" });
  assertEquals(stripStyles(terminal.screen), terminal.screen);
  assertStringIncludes(terminal.screen, "\x1b[J");
  prompts.close();
});

Deno.test("7: prompts write nothing to stdout", async () => {
  const [terminal, prompts] = open({ script: [["Name", "x\r"]] });
  await prompts.input({ message: "Name" });
  prompts.note("done");
  assertEquals(terminal.written.stdout, "");
  prompts.close();
});
