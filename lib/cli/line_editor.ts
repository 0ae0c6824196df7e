/**
 * A line of text that is being typed: what is left and right of the cursor, and what keys do to it.
 *
 * @example
 * ```ts
 * import { editLine, EMPTY_LINE } from "./line_editor.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const typed = editLine(EMPTY_LINE, { name: "text", text: "ghcr.oi" });
 * const wrong = editLine(typed, { name: "left" });
 * assertEquals(editLine(wrong, { name: "backspace" }), { left: "ghcr.", right: "i" });
 * ```
 *
 * @module
 */

import type { Key } from "./keys.ts";
import { characterWidth, displayWidth } from "./width.ts";

/** A line and the place of the cursor in it. */
export interface Line {
  readonly left: string;
  readonly right: string;
}

/** Nothing typed. */
export const EMPTY_LINE: Line = { left: "", right: "" };

/**
 * What a key does to a line. Characters are those that a person sees: an accent goes with its
 * letter.
 *
 * @param line The line before.
 * @param key The key; one that does nothing to text leaves the line as it is.
 * @returns The line after.
 */
export function editLine(line: Line, key: Key): Line {
  const { left, right } = line;
  switch (key.name) {
    case "text":
      return { left: left + key.text, right };
    case "backspace":
      return { left: left.slice(0, left.length - last(left).length), right };
    case "delete":
      return { left, right: right.slice(first(right).length) };
    case "left":
      return { left: left.slice(0, left.length - last(left).length), right: last(left) + right };
    case "right":
      return { left: left + first(right), right: right.slice(first(right).length) };
    case "home":
      return { left: "", right: left + right };
    case "end":
      return { left: left + right, right: "" };
    case "erase-left":
      return { left: "", right };
    case "erase-right":
      return { left, right: "" };
    case "erase-word":
      return { left: left.replace(/\S*\s*$/, ""), right };
    default:
      return line;
  }
}

/**
 * The part of a line that fits into a field, with the cursor in it.
 *
 * @param line The line.
 * @param columns Columns of the field.
 * @param ellipsis Stands for what is cut off on the left.
 * @returns The part, and the column of the cursor.
 */
export function visibleLine(
  line: Line,
  columns: number,
  ellipsis: string,
): { readonly text: string; readonly cursor: number } {
  let left = line.left;
  // One column is for the cursor behind the text.
  if (displayWidth(left) >= columns) {
    let room = columns - 1 - displayWidth(ellipsis);
    let kept = "";
    for (const character of Array.from(left).reverse()) {
      room -= characterWidth(character);
      if (room < 0) break;
      kept = character + kept;
    }
    left = ellipsis + kept;
  }
  const cursor = displayWidth(left);
  let text = left;
  let width = cursor;
  for (const character of line.right) {
    width += characterWidth(character);
    if (width >= columns) break;
    text += character;
  }
  return { text, cursor };
}

/** Longer than any character that a person sees, in UTF-16 units. */
const LONGEST = 64;

function first(text: string): string {
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, LONGEST))) return segment;
  return "";
}

function last(text: string): string {
  let end = "";
  for (const { segment } of new Intl.Segmenter().segment(text.slice(-LONGEST))) end = segment;
  return end;
}
