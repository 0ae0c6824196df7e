/**
 * Text measured in columns of a terminal: a Chinese character takes two, an accent none. Where
 * terminals differ (joined emoji) the larger number is taken, so that nothing runs over an edge.
 *
 * @example
 * ```ts
 * import { cutText, displayWidth } from "./width.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(displayWidth("登録 \x1b[1mregistry\x1b[22m"), 13);
 * assertEquals(cutText("登録簿", 5, "…"), "登録…");
 * ```
 *
 * @module
 */

/** East Asian Wide and Fullwidth (Unicode UAX #11), and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1b000}-\u{1b2ff}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const NO_WIDTH = /[\p{M}\p{Cc}\p{Cf}\u1160-\u11ff]/u;
// deno-lint-ignore no-control-regex
const STYLES = /\x1b\[[\d;]*m/g;

/**
 * Columns that a line of text takes.
 *
 * @param text The text; codes for colours count nothing.
 * @returns How many columns.
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripStyles(text)) width += characterWidth(character);
  return width;
}

/**
 * Removes the codes for colours.
 *
 * @param text The text.
 * @returns The text without them.
 */
export function stripStyles(text: string): string {
  return text.replace(STYLES, "");
}

/**
 * Cuts a text to a number of columns.
 *
 * @param text The text, without codes for colours.
 * @param columns How many columns.
 * @param ellipsis Stands for what was cut off.
 * @returns The text that fits.
 */
export function cutText(text: string, columns: number, ellipsis: string): string {
  if (displayWidth(text) <= columns) return text;
  let room = columns - displayWidth(ellipsis);
  let kept = "";
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + ellipsis;
}

/**
 * Breaks a text into lines, between words. A word that is longer than a line stays whole, so that
 * addresses can be copied.
 *
 * @param text The text, without codes for colours; line feeds stay.
 * @param columns Columns of a line.
 * @returns The lines.
 */
export function wrapText(text: string, columns: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(/ +/)) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && displayWidth(longer) > columns) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    return [...lines, line];
  });
}

/**
 * Rows of a terminal that a line of text takes.
 *
 * @param text The text, with or without codes for colours.
 * @param columns Columns of the terminal.
 * @returns How many rows; 1 for an empty line.
 */
export function rowsTaken(text: string, columns: number): number {
  let rows = 1;
  let column = 0;
  for (const character of stripStyles(text)) {
    const width = characterWidth(character);
    if (column + width > columns) {
      rows++;
      column = 0;
    }
    column += width;
  }
  return rows;
}

/**
 * Columns that a character takes.
 *
 * @param character One code point.
 * @returns 0, 1 or 2.
 */
export function characterWidth(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
