/**
 * What a command is: data about its arguments and options, and a function. The library that
 * parses the command line is known to {@linkcode runCommandLine} alone.
 *
 * @module
 */

import type { Io, Trace } from "../io.ts";
import type { KeychainOptions } from "../keychains.ts";
import type { Terminal } from "../terminal.ts";
import type { Output } from "./output.ts";

/** One option of a command. */
export interface OptionSpec {
  /** Its names and value, such as `-u, --username <name:string>`. */
  readonly flags: string;
  readonly description: string;
  /** Whether it may be given more than once. */
  readonly collect?: boolean;
}

/** One command. */
export interface CommandSpec {
  /** What it does, in full sentences. */
  readonly description: string;
  /** Its arguments, such as `[image...:string]`. */
  readonly arguments?: string;
  readonly options?: readonly OptionSpec[];
  /** What one would type, and what it does. */
  readonly examples: readonly (readonly [what: string, command: string])[];

  /**
   * Does the job.
   *
   * @param call Arguments, options and the outside world.
   * @returns The exit code.
   * @throws {RegauthError} What is shown to the user, with the exit code of its kind.
   */
  run(call: Call): Promise<number>;
}

/** The options that were given, by long name in camel case. */
export interface Values {
  /** @returns Whether a switch was given; `--no-x` makes `x` false. */
  flag(name: string): boolean;
  /** @returns Yes or no, or `undefined` if it was not said. */
  choice(name: string): boolean | undefined;
  /** @returns The text of an option. */
  text(name: string): string | undefined;
  /** @returns The texts of an option that may be given more than once. */
  texts(name: string): readonly string[];
  /** @returns The number of an option. */
  number(name: string): number | undefined;
}

/** One call of a command. */
export interface Call {
  readonly args: readonly string[];
  readonly values: Values;
  readonly io: Io;
  readonly terminal: Terminal;
  readonly output: Output;
  /** Which keychains to ask, from the shared options. */
  readonly keychains: KeychainOptions;
  /** Milliseconds for each request, from the shared options. */
  readonly timeout?: number;
  /** Ends when the user interrupts. */
  readonly signal: AbortSignal;
  /** Hears what happens, with `--verbose`. */
  readonly trace?: Trace;
}

/**
 * Wraps what the command-line library parsed.
 *
 * @param options Its result.
 * @returns The values, by type.
 */
export function valuesOf(options: Readonly<Record<string, unknown>>): Values {
  return {
    flag: (name) => options[name] === true,
    choice: (name) => typeof options[name] === "boolean" ? options[name] : undefined,
    text: (name) => typeof options[name] === "string" ? options[name] : undefined,
    texts(name) {
      const value = options[name];
      return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
    },
    number: (name) => typeof options[name] === "number" ? options[name] : undefined,
  };
}
