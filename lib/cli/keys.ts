/**
 * Keys of a keyboard, as terminals send them.
 *
 * @example
 * ```ts
 * import { takeKey } from "./keys.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(takeKey("\x1b[Aabc", false), { key: { name: "up" }, length: 3 });
 * assertEquals(takeKey("abc\r", false), { key: { name: "text", text: "abc" }, length: 3 });
 * assertEquals(takeKey("\x1b", false), undefined);
 * assertEquals(takeKey("\x1b", true), { key: { name: "escape" }, length: 1 });
 * ```
 *
 * @module
 */

/** A key that is not text. */
export type KeyName =
  | "enter"
  | "escape"
  /** Ctrl-B. */
  | "back"
  /** Ctrl-D. */
  | "end-of-input"
  | "tab"
  | "backspace"
  | "delete"
  | "left"
  | "right"
  | "up"
  | "down"
  | "home"
  | "end"
  | "page-up"
  | "page-down"
  /** Ctrl-U. */
  | "erase-left"
  /** Ctrl-K. */
  | "erase-right"
  /** Ctrl-W. */
  | "erase-word"
  | "unknown";

/** A key, or text that was typed or pasted in one go. */
export type Key = { readonly name: KeyName } | { readonly name: "text"; readonly text: string };

/** Single bytes; the letters beside them are the keys to hold with Ctrl. */
const CONTROLS: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\x08": "backspace", // H
  "\x01": "home", // A
  "\x02": "back", // B
  "\x04": "end-of-input", // D
  "\x05": "end", // E
  "\x06": "right", // F
  "\x0b": "erase-right", // K
  "\x0e": "down", // N
  "\x10": "up", // P
  "\x15": "erase-left", // U
  "\x17": "erase-word", // W
};

/** What follows `ESC [` or `ESC O` (xterm, VT220, rxvt). The marks of a paste are not among them. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  "A": "up",
  "B": "down",
  "C": "right",
  "D": "left",
  "F": "end",
  "H": "home",
  "1~": "home",
  "3~": "delete",
  "4~": "end",
  "5~": "page-up",
  "6~": "page-down",
  "7~": "home",
  "8~": "end",
};

// deno-lint-ignore no-control-regex
const SEQUENCE = /^\x1b(?:\[(\[?[0-?]*[ -/]*[@-~])|O(.)|[ -~])/;
// deno-lint-ignore no-control-regex
const SEQUENCE_BEGINS = /^\x1b(?:\[\[?[0-?]*[ -/]*|O)?$/;
// deno-lint-ignore no-control-regex
const TEXT = /^[^\x00-\x1f\x7f-\x9f]+/;

/**
 * Takes the first key from what a terminal sent.
 *
 * @param input What it sent, not empty.
 * @param over Whether nothing follows soon: only then is ESC the key and not the beginning of one.
 * @returns The key and how many characters it took, or `undefined` if the input may be the
 * beginning of a key.
 */
export function takeKey(
  input: string,
  over: boolean,
): { readonly key: Key; readonly length: number } | undefined {
  const text = TEXT.exec(input)?.[0];
  if (text !== undefined) return { key: { name: "text", text }, length: text.length };
  if (input.startsWith("\r\n")) return { key: { name: "enter" }, length: 2 };
  if (!input.startsWith("\x1b")) {
    return { key: { name: CONTROLS[input.charAt(0)] ?? "unknown" }, length: 1 };
  }
  if (SEQUENCE_BEGINS.test(input)) {
    if (!over) return undefined;
    return { key: { name: input === "\x1b" ? "escape" : "unknown" }, length: input.length };
  }
  const sequence = SEQUENCE.exec(input);
  if (sequence === null) return { key: { name: "escape" }, length: 1 };
  const name = SEQUENCES[sequence[1] ?? sequence[2] ?? ""] ?? "unknown";
  return { key: { name }, length: sequence[0].length };
}
