import { assertEquals } from "@std/assert";
import { type Key, takeKey } from "../../lib/cli/keys.ts";

/** All keys of an input behind which nothing follows. */
function keysOf(input: string): string[] {
  const keys: Key[] = [];
  for (let rest = input; rest !== "";) {
    const taken = takeKey(rest, true);
    if (taken === undefined) throw new Error(`no key in ${JSON.stringify(rest)}`);
    keys.push(taken.key);
    rest = rest.slice(taken.length);
  }
  return keys.map((key) => key.name === "text" ? `"${key.text}"` : key.name);
}

const cases: [name: string, input: string, keys: string[]][] = [
  ["text with what is not ASCII", "pässwörd€😀", ['"pässwörd€😀"']],
  ["Enter as CR, LF and CR LF", "\r\n\n\r", ["enter", "enter", "enter"]],
  ["both kinds of Backspace", "\x7f\x08", ["backspace", "backspace"]],
  ["editing with Ctrl", "\x01\x05\x15\x17\x0b", [
    "home",
    "end",
    "erase-left",
    "erase-word",
    "erase-right",
  ]],
  ["Ctrl-B and Ctrl-D", "\x02\x04", ["back", "end-of-input"]],
  ["arrows", "\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]],
  ["arrows in application mode", "\x1bOA\x1bOB", ["up", "down"]],
  ["Home and End of xterm, VT220 and rxvt", "\x1b[H\x1b[1~\x1b[7~\x1bOH\x1b[F\x1b[4~\x1b[8~", [
    "home",
    "home",
    "home",
    "home",
    "end",
    "end",
    "end",
  ]],
  ["Delete and pages", "\x1b[3~\x1b[5~\x1b[6~", ["delete", "page-up", "page-down"]],
  ["the marks of a paste as nothing", "\x1b[200~a\x1b[201~", ["unknown", '"a"', "unknown"]],
  ["a function key of the Linux console", "\x1b[[Aa", ["unknown", '"a"']],
  ["an arrow with Ctrl", "\x1b[1;5Da", ["unknown", '"a"']],
  ["a letter with Alt", "\x1bxa", ["unknown", '"a"']],
  ["Escape before Enter", "\x1b\r", ["escape", "enter"]],
  ["Escape twice", "\x1b\x1b", ["escape", "escape"]],
  ["Ctrl-Z and NUL as nothing", "\x1a\0", ["unknown", "unknown"]],
];

for (const [name, input, keys] of cases) {
  Deno.test(`takeKey() reads ${name}`, () => assertEquals(keysOf(input), keys));
}

for (const beginning of ["\x1b", "\x1b[", "\x1b[1;", "\x1bO", "\x1b[["]) {
  Deno.test(`takeKey() waits for the rest of ${JSON.stringify(beginning)}`, () => {
    assertEquals(takeKey(beginning, false), undefined);
  });
}
