/**
 * What commands say: results on stdout, everything else on stderr.
 *
 * @module
 */

import { messageOf, RegauthError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { failureFields } from "./exit.ts";
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
  /**
   * @param thrown A failure: what, why and what to do, on stderr; as a JSON document too, unless one
   * was printed.
   */
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
  let silent = true;
  const document = (value: unknown): void => {
    silent = false;
    terminal.write("stdout", `${JSON.stringify(value)}\n`);
  };
  return {
    json,
    style: stdoutStyle,
    result: (line) => terminal.write("stdout", `${line}\n`),
    document,
    note: (line) => quiet || say(cleanText(line, 2_000)),
    warn: (line) => say(`${stderrStyle.yellow("warning:")} ${cleanText(line, 2_000)}`),
    trace: (line) => say(stderrStyle.dim(cleanText(line, 2_000))),
    fail(thrown) {
      if (json && silent) document({ ok: false, error: failureFields(thrown) });
      say(`${stderrStyle.red("error:")} ${cleanText(messageOf(thrown), 2_000)}`);
      if (thrown instanceof RegauthError && thrown.hint) {
        say(`  ${stderrStyle.dim(cleanText(thrown.hint, 2_000))}`);
      }
    },
  };
}
