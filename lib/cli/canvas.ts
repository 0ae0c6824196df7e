/**
 * A few rows at the end of the conversation that are drawn again and again while a question is
 * open. Rows above them are never touched, and the cursor is never hidden: whatever ends the
 * program leaves a usable terminal.
 *
 * @example
 * ```ts
 * import { openCanvas } from "./canvas.ts";
 * import { scriptedTerminal } from "../../tests/fakes/terminal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const terminal = scriptedTerminal();
 * const canvas = openCanvas(terminal);
 * canvas.draw({ rows: ["? Name > ", "  hint"], cursor: { row: 0, column: 9 } });
 * canvas.settle("? Name > octocat");
 * assertEquals(
 *   terminal.screen,
 *   "\r\x1b[J? Name > \n  hint\x1b[1A\r\x1b[9C" + "\r\x1b[J? Name > octocat\n",
 * );
 * ```
 *
 * @module
 */

import type { Terminal } from "../terminal.ts";
import { rowsTaken } from "./width.ts";

/** What is shown while a question is open. */
export interface View {
  /** Rows, cut or wrapped to the terminal, with codes for colours. */
  readonly rows: readonly string[];
  /** Where the cursor stands. */
  readonly cursor: { readonly row: number; readonly column: number };
}

/** Rows at the end of the conversation. */
export interface Canvas {
  /** @param view What to show instead of what was shown before. */
  draw(view: View): void;
  /** @param text What stays there for good. */
  settle(text: string): void;
}

/**
 * Opens a canvas at the beginning of the current row.
 *
 * @param terminal The terminal; drawn on stderr.
 * @returns The canvas.
 */
export function openCanvas(terminal: Terminal): Canvas {
  /** Rows above the cursor, and what is left of it. */
  let above: readonly string[] = [];
  let left = 0;

  /** The way back to the first row. A window that was made narrower has broken the rows anew. */
  function erase(): string {
    const { columns } = screenSize(terminal);
    return `${up(height(above, columns) + Math.floor(left / columns))}\r\x1b[J`;
  }

  return {
    draw({ rows, cursor }): void {
      const { columns, rows: screenRows } = screenSize(terminal);
      // What scrolled off the screen could not be erased any more.
      const shown = rows.slice(0, screenRows - 1);
      const below = height(shown.slice(cursor.row + 1), columns);
      const right = cursor.column === 0 ? "" : `\x1b[${cursor.column}C`;
      terminal.write("stderr", `${erase()}${shown.join("\n")}${up(below)}\r${right}`);
      above = shown.slice(0, cursor.row);
      left = cursor.column;
    },
    settle(text): void {
      terminal.write("stderr", `${erase()}${text}\n`);
      above = [];
      left = 0;
    },
  };
}

/**
 * The size of the terminal.
 *
 * @param terminal The terminal.
 * @returns Columns and rows; 80 and 24 where it does not tell.
 */
export function screenSize(
  terminal: Terminal,
): { readonly columns: number; readonly rows: number } {
  return { columns: terminal.columns() ?? 80, rows: terminal.rows() ?? 24 };
}

function height(rows: readonly string[], columns: number): number {
  return rows.reduce((sum, row) => sum + rowsTaken(row, columns), 0);
}

function up(rows: number): string {
  return rows === 0 ? "" : `\x1b[${rows}A`;
}
