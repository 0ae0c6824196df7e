/**
 * A question that is redrawn at every key: its state, how that looks, and what keys do to it. All
 * of it is pure; {@linkcode openRichPrompts} turns it into a conversation.
 *
 * @module
 */

import type { View } from "./canvas.ts";
import type { Key } from "./keys.ts";
import type { Style } from "./style.ts";
import { displayWidth, wrapText } from "./width.ts";

/** Where a question is drawn. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

/** What a key leads to. */
export type Turn<S, A> =
  /** The question stays open. */
  | { readonly state: S; /** An answer was refused. */ readonly refused?: boolean }
  /** It is answered; `shown` stays on the screen. */
  | { readonly answer: A; readonly shown: string }
  /** The user wants the question before. */
  | "back"
  /** The input ended. */
  | "end";

/** A question that is redrawn at every key. */
export interface RichQuestion<S, A> {
  readonly head: Head;
  /** The state to begin with. */
  readonly start: S;
  /** The state if more lines came behind the answer; without it they do not matter. */
  readonly severalLines?: S;
  /** How a state looks. */
  view(state: S, screen: Screen): View;
  /** What a key leads to. */
  onKey(state: S, key: Key): Turn<S, A>;
}

/** The beginning of a question. */
export interface Head {
  readonly message: string;
  /** What stands behind it: the default, whether it is hidden. */
  readonly remark: string;
}

/** Longer lines are hard to read. */
const LINE_LIMIT = 100;

/**
 * The rows of a head, with room for an answer behind it or else in a row of its own.
 *
 * @param head The head.
 * @param room Columns for the answer.
 * @param screen Where it is drawn.
 * @returns The rows, and the column of the answer in the last of them.
 */
export function headRows(
  { message, remark }: Head,
  room: number,
  { columns, style }: Screen,
): { readonly rows: readonly string[]; readonly column: number } {
  const { bold, cyan, dim, symbols: { prompt } } = style;
  const line = `? ${message}${remark && ` ${remark}`} ${prompt} `;
  const column = displayWidth(line);
  if (column + room < columns) {
    const rest = `${remark && ` ${dim(remark)}`} ${dim(prompt)} `;
    return { rows: [`${cyan("?")} ${bold(message)}${rest}`], column };
  }
  const rows = [
    ...paragraph(message, columns, 2).map(bold),
    ...(remark === "" ? [] : paragraph(remark, columns, 2).map(dim)),
  ].map((row, index) => `${index === 0 ? cyan("?") : " "} ${row}`);
  return { rows: [...rows, `${dim(prompt)} `], column: displayWidth(prompt) + 1 };
}

/**
 * The line that stays when a question is over.
 *
 * @param head The head.
 * @param shown How it ended.
 * @param screen Where it is drawn.
 * @returns The line; without the remark where that would not fit.
 */
export function settledRow({ message, remark }: Head, shown: string, screen: Screen): string {
  const { bold, cyan, dim, green, symbols: { prompt } } = screen.style;
  const end = ` ${dim(prompt)} ${cyan(shown)}`;
  const start = `${green("?")} ${bold(message)}`;
  const full = `${start}${remark && ` ${dim(remark)}`}${end}`;
  return displayWidth(full) <= screen.columns ? full : start + end;
}

/**
 * A remark below a question.
 *
 * @param text The remark.
 * @param screen Where it is drawn.
 * @returns Its rows.
 */
export function footRows(text: string, { columns }: Screen): string[] {
  return paragraph(text, columns, 2).map((row) => `  ${row}`);
}

function paragraph(text: string, columns: number, indent: number): string[] {
  return wrapText(text, Math.min(columns - 1, LINE_LIMIT) - indent);
}
