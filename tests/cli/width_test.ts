import { assertEquals } from "@std/assert";
import { cutText, displayWidth, rowsTaken, wrapText } from "../../lib/cli/width.ts";

const widths: [text: string, width: number][] = [
  ["", 0],
  ["ghcr.io", 7],
  ["登録簿", 6],
  ["ｶﾀｶﾅ", 4],
  ["カタカナ", 8],
  ["한국어", 6],
  ["ＦＵＬＬ", 8],
  ["e\u0301", 1],
  ["😀", 2],
  ["⌚", 2],
  ["❯ ✓ … ↑", 7],
  ["\x1b[1;31mred\x1b[0m", 3],
  ["a\u200db", 2],
];

for (const [text, width] of widths) {
  Deno.test(`displayWidth() of ${JSON.stringify(text)} is ${width}`, () => {
    assertEquals(displayWidth(text), width);
  });
}

const cuts: [text: string, columns: number, cut: string][] = [
  ["ghcr.io", 7, "ghcr.io"],
  ["ghcr.io", 6, "ghcr.…"],
  ["登録簿", 6, "登録簿"],
  ["登録簿", 5, "登録…"],
  ["登録簿", 4, "登…"],
  ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
];

for (const [text, columns, cut] of cuts) {
  Deno.test(`cutText() fits ${JSON.stringify(text)} into ${columns} columns`, () => {
    assertEquals(cutText(text, columns, "…"), cut);
  });
}

Deno.test("wrapText() breaks between words, and not within addresses", () => {
  assertEquals(wrapText("Create a token at https://ghcr.example/settings/tokens now", 16), [
    "Create a token",
    "at",
    "https://ghcr.example/settings/tokens",
    "now",
  ]);
  assertEquals(wrapText("one\n\ntwo three", 5), ["one", "", "two", "three"]);
});

Deno.test("rowsTaken() counts rows as a terminal does", () => {
  assertEquals(rowsTaken("", 10), 1);
  assertEquals(rowsTaken("1234567890", 10), 1);
  assertEquals(rowsTaken("12345678901", 10), 2);
  assertEquals(rowsTaken("\x1b[1m1234567890\x1b[22m", 10), 1);
  // Two columns do not fit into the one that is left.
  assertEquals(rowsTaken("登録簿", 5), 2);
  assertEquals(rowsTaken("登録簿".repeat(3), 5), 5);
});
