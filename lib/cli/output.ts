/**
 * What commands say: results on stdout, everything else on stderr.
 *
 * @module
 */

import { messageOf, RegauthError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { cleanText, type Style } from "./style.ts";

/** How much to say, and how. */
export interface OutputOptions {
  /** Results as JSON documents. */
  readonly json: boolean;
  /** No notes. */
  readonly quiet: boolean;
  readonly stdoutStyle: Style;
  readonly stderrStyle: Style;
}

/** Where commands say things. */
export interface Output {
  /** Whether results are JSON documents. */
  readonly json: boolean;
  /** Colours and symbols for results. */
  readonly style: Style;

  /** @param line A line of the result, on stdout. */
  result(line: string): void;
  /** @param document A result, as one line of JSON on stdout. */
  document(document: unknown): void;
  /** @param line A remark on stderr, not said with `--quiet`. */
  note(line: string): void;
  /** @param line A warning on stderr. */
  warn(line: string): void;
  /** @param line What happens, for `--verbose`, on stderr. */
  trace(line: string): void;
  /** @param thrown A failure: what, why and what to do, on stderr. */
  fail(thrown: unknown): void;
}

/**
 * Opens the two output streams.
 *
 * @param terminal The terminal.
 * @param options How much to say, and how.
 * @returns Where commands say things.
 */
export function openOutput(terminal: Terminal, options: OutputOptions): Output {
  const { json, quiet, stdoutStyle, stderrStyle } = options;
  const say = (line: string) => terminal.write("stderr", `${line}\n`);
  return {
    json,
    style: stdoutStyle,
    result: (line) => terminal.write("stdout", `${line}\n`),
    document: (document) => terminal.write("stdout", `${JSON.stringify(document)}\n`),
    note: (line) => quiet || say(line),
    warn: (line) => say(`${stderrStyle.yellow("warning:")} ${line}`),
    trace: (line) => say(stderrStyle.dim(cleanText(line, 2_000))),
    fail(thrown) {
      say(`${stderrStyle.red("error:")} ${cleanText(messageOf(thrown), 2_000)}`);
      if (thrown instanceof RegauthError && thrown.hint) {
        say(`  ${stderrStyle.dim(cleanText(thrown.hint, 2_000))}`);
      }
    },
  };
}
