import { assertEquals } from "@std/assert";
import { editLine, EMPTY_LINE, type Line, visibleLine } from "../../lib/cli/line_editor.ts";
import type { KeyName } from "../../lib/cli/keys.ts";

/** A line as text, with `|` for the cursor. */
function line(text: string): Line {
  const [left = "", right = ""] = text.split("|");
  return { left, right };
}

const cases: [before: string, key: KeyName, after: string][] = [
  ["ab|cd", "backspace", "a|cd"],
  ["|cd", "backspace", "|cd"],
  ["ab|cd", "delete", "ab|d"],
  ["ab|", "delete", "ab|"],
  ["ab|cd", "left", "a|bcd"],
  ["|cd", "left", "|cd"],
  ["ab|cd", "right", "abc|d"],
  ["ab|", "right", "ab|"],
  ["ab|cd", "home", "|abcd"],
  ["ab|cd", "end", "abcd|"],
  ["ab|cd", "erase-left", "|cd"],
  ["ab|cd", "erase-right", "ab|"],
  ["one two |three", "erase-word", "one |three"],
  ["one|", "erase-word", "|"],
  ["ab|cd", "up", "ab|cd"],
  ["e\u0301e\u0301|", "backspace", "e\u0301|"],
  ["👩‍👩‍👧|", "left", "|👩‍👩‍👧"],
  ["|🇩🇪x", "delete", "|x"],
];

for (const [before, name, after] of cases) {
  Deno.test(`editLine() makes ${after} of ${before} by ${name}`, () => {
    assertEquals(editLine(line(before), { name }), line(after));
  });
}

Deno.test("editLine() puts text at the cursor", () => {
  assertEquals(editLine(line("gh|io"), { name: "text", text: "cr." }), line("ghcr.|io"));
});

const fields: [text: string, columns: number, shown: string, cursor: number][] = [
  ["|", 10, "", 0],
  ["abc|def", 10, "abcdef", 3],
  ["abcdefghi|", 10, "abcdefghi", 9],
  ["abcdefghij|", 10, "…cdefghij", 9],
  ["abcdefghij|klm", 10, "…cdefghij", 9],
  ["|abcdefghijklm", 10, "abcdefghi", 0],
  ["登録簿登録簿|", 10, "…簿登録簿", 9],
];

for (const [text, columns, shown, cursor] of fields) {
  Deno.test(`visibleLine() shows ${text} in ${columns} columns as ${shown}`, () => {
    assertEquals(visibleLine(line(text), columns, "…"), { text: shown, cursor });
  });
}

Deno.test("visibleLine() shows the end of 100 KB at once", () => {
  const { left } = editLine(EMPTY_LINE, { name: "text", text: "x".repeat(100_000) });
  assertEquals(visibleLine({ left, right: "" }, 20, "…").cursor, 19);
});
