import { assertEquals } from "@std/assert";
import { cleanText, type ColorFlag, colorFor, styleFor } from "../../lib/cli/style.ts";
import { memoryIo } from "../../lib/memory_io.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const TERM = "xterm-256color";

const colorCases: {
  name: string;
  env: Record<string, string>;
  flag?: ColorFlag;
  tty?: boolean;
  expected: boolean;
}[] = [
  { name: "on for a terminal", env: { TERM }, expected: true },
  { name: "off for a pipe", env: { TERM }, tty: false, expected: false },
  { name: "off with NO_COLOR=1", env: { TERM, NO_COLOR: "1" }, expected: false },
  { name: "on with an empty NO_COLOR", env: { TERM, NO_COLOR: "" }, expected: true },
  { name: "off with CLICOLOR=0", env: { TERM, CLICOLOR: "0" }, expected: false },
  { name: "on with CLICOLOR=1", env: { TERM, CLICOLOR: "1" }, expected: true },
  {
    name: "on in a pipe with CLICOLOR_FORCE=1",
    env: { TERM, CLICOLOR_FORCE: "1" },
    tty: false,
    expected: true,
  },
  {
    name: "off in a pipe with CLICOLOR_FORCE=0",
    env: { TERM, CLICOLOR_FORCE: "0" },
    tty: false,
    expected: false,
  },
  {
    name: "off where NO_COLOR meets CLICOLOR_FORCE",
    env: { TERM, NO_COLOR: "1", CLICOLOR_FORCE: "1" },
    expected: false,
  },
  {
    name: "on where CLICOLOR_FORCE meets CLICOLOR=0",
    env: { TERM, CLICOLOR_FORCE: "1", CLICOLOR: "0" },
    expected: true,
  },
  { name: "off with TERM=dumb", env: { TERM: "dumb" }, expected: false },
  { name: "off without TERM", env: {}, expected: false },
  {
    name: "on with --color=always over NO_COLOR and a pipe",
    env: { NO_COLOR: "1" },
    flag: "always",
    tty: false,
    expected: true,
  },
  {
    name: "off with --color=never over CLICOLOR_FORCE",
    env: { TERM, CLICOLOR_FORCE: "1" },
    flag: "never",
    expected: false,
  },
];

for (const { name, env, flag, tty = true, expected } of colorCases) {
  Deno.test(`colorFor() is ${name}`, () => {
    const terminal = scriptedTerminal({ streams: { stderr: tty } });
    assertEquals(colorFor(terminal, memoryIo({ env }), "stderr", flag), expected);
  });
}

Deno.test("colorFor() decides for each stream", () => {
  const terminal = scriptedTerminal({ streams: { stdout: false } });
  const io = memoryIo({ env: { TERM } });
  assertEquals([colorFor(terminal, io, "stdout"), colorFor(terminal, io, "stderr")], [false, true]);
});

Deno.test("colorFor() is on in a Windows terminal, where TERM is missing", () => {
  assertEquals(colorFor(scriptedTerminal(), memoryIo({ platform: "windows" }), "stderr"), true);
});

const symbolCases: { name: string; io: Parameters<typeof memoryIo>[0]; expected: string }[] = [
  { name: "UTF-8 in LANG", io: { env: { LANG: "de_DE.UTF-8" } }, expected: "✓" },
  { name: "utf8 in LC_CTYPE", io: { env: { LC_CTYPE: "C.utf8", LANG: "C" } }, expected: "✓" },
  { name: "LC_ALL=C over LANG", io: { env: { LC_ALL: "C", LANG: "C.UTF-8" } }, expected: "[ok]" },
  { name: "no locale", io: {}, expected: "[ok]" },
  { name: "the old Windows console", io: { platform: "windows" }, expected: "[ok]" },
  {
    name: "Windows Terminal",
    io: { platform: "windows", env: { WT_SESSION: "1" } },
    expected: "✓",
  },
];

for (const { name, io, expected } of symbolCases) {
  Deno.test(`styleFor() chooses symbols for ${name}`, () => {
    assertEquals(styleFor(scriptedTerminal(), memoryIo(io), "stderr").symbols.ok, expected);
  });
}

Deno.test("styleFor() gives functions that leave text alone without colours", () => {
  const { bold, red } = styleFor(scriptedTerminal(), memoryIo(), "stderr", "never");
  assertEquals(bold(red("x")), "x");
});

Deno.test("styleFor() gives functions that end what they begin", () => {
  const { bold, red } = styleFor(scriptedTerminal(), memoryIo(), "stderr", "always");
  assertEquals(bold(red("x")), "\x1b[1m\x1b[31mx\x1b[39m\x1b[22m");
  assertEquals(red(""), "");
});

const dirty: [name: string, text: string, clean: string][] = [
  ["colours", "\x1b[31mred\x1b[0m", "red"],
  ["cursor movement", "a\x1b[2J\x1b[1;1Hb", "ab"],
  ["a window title", "a\x1b]0;title\x07b\x1b]8;;https://x\x1b\\c", "abc"],
  ["a sequence that never ends", "a\x1b]0;title", "a"],
  ["a lone ESC", "a\x1b", "a"],
  ["a C1 control", "a\x9b31mb", "a31mb"],
  ["BEL, CR and NUL", "a\x07b\r\0c", "abc"],
  ["tabs, as blanks", "a\tb", "a b"],
  ["marks of direction", "a\u202Eb\u2066c\u200Fd", "abcd"],
  ["unseen characters", "a\u200Bb\uFEFFc\u2028d", "abcd"],
  ["nothing else", "登録 é 😀\nsecond line", "登録 é 😀\nsecond line"],
];

for (const [name, text, clean] of dirty) {
  Deno.test(`cleanText() removes ${name}`, () => {
    assertEquals(cleanText(text), clean);
  });
}

Deno.test("17: a server's text with ESC, BEL, U+202E and 10 KB is clean and 500 characters", () => {
  const clean = cleanText("\x1b[1mno\x07 \u202E" + "😀".repeat(5_000));
  assertEquals(Array.from(clean).length, 500);
  assertEquals(clean.slice(0, 5), "no 😀");
  assertEquals(clean.at(-1), "…");
});
