/**
 * Lines that tell what is going on: one for each thing that was done, and while it is being done a
 * line that is drawn over.
 *
 * @example Without redrawing, only what was done is told
 * ```ts
 * import { openProgress } from "./progress.ts";
 * import { makeStyle } from "./style.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { scriptedTerminal } from "../../tests/fakes/terminal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const terminal = scriptedTerminal();
 * const progress = openProgress(terminal, memoryIo(), makeStyle(false, true), false);
 * await progress.during("asking reg.example", () => Promise.resolve());
 * progress.say("ok", "reg.example answers");
 * assertEquals(terminal.screen, "  ✓ reg.example answers\n");
 * ```
 *
 * @module
 */

import type { Io } from "../io.ts";
import type { Terminal } from "../terminal.ts";
import { screenSize } from "./canvas.ts";
import { oneLine, type Style } from "./style.ts";
import { cutText, displayWidth, wrapText } from "./width.ts";

/** How something went. */
export type Mark = "ok" | "fail" | "warn" | "dot";

/** Tells what is going on. */
export interface Progress {
  /**
   * @param text What is being done, in a few words.
   * @param work The work.
   * @param signal Ends with the work.
   * @returns What the work returns.
   */
  during<T>(text: string, work: () => Promise<T>): Promise<T>;

  /** Tells how something went, below what was told before. */
  say(mark: Mark, text: string): void;
}

/** Seconds after which waiting is worth a number, and those after which it is counted no more. */
const [COUNT_FROM, COUNT_TO] = [3, 60];

/**
 * Opens the lines.
 *
 * @param terminal Where they are written, on stderr.
 * @param io The clock.
 * @param style Colours and symbols.
 * @param redraws Whether the terminal can draw a line over.
 * @returns What tells.
 */
export function openProgress(
  terminal: Terminal,
  io: Io,
  style: Style,
  redraws: boolean,
): Progress {
  const write = (text: string): void => terminal.write("stderr", text);
  const columns = (): number => Math.min(screenSize(terminal).columns, 100);

  function draw(text: string, seconds: number): void {
    const waited = seconds < COUNT_FROM ? "" : `, ${seconds} s`;
    const line = cutText(`${oneLine(text)}${waited}`, columns() - 5, style.symbols.ellipsis);
    write(`\r\x1b[K${style.dim(`  ${style.symbols.dot} ${line}`)}`);
  }

  /** Counts the seconds until the signal; a clock that does not run is not counted for ever. */
  async function count(text: string, signal: AbortSignal): Promise<void> {
    for (let seconds = 0; seconds < COUNT_TO; seconds++) {
      if (seconds === 0 || seconds >= COUNT_FROM) draw(text, seconds);
      try {
        await io.sleep(1000, signal);
      } catch {
        return;
      }
    }
  }

  return {
    async during(text, work) {
      if (!redraws) return await work();
      const done = new AbortController();
      const counted = count(text, done.signal);
      try {
        return await work();
      } finally {
        done.abort();
        await counted;
        write("\r\x1b[K");
      }
    },
    say(mark, text) {
      const symbol = style.symbols[mark];
      const indent = displayWidth(symbol) + 3;
      const lines = wrapText(oneLine(text), columns() - indent);
      const paint = { ok: style.green, fail: style.red, warn: style.yellow, dot: style.dim }[mark];
      for (const [index, line] of lines.entries()) {
        write(`${index === 0 ? `  ${paint(symbol)} ` : " ".repeat(indent)}${line}\n`);
      }
    },
  };
}
