/**
 * One set-up under way: what is known of the machine, which answers were given, and whether
 * somebody can be asked for the others.
 *
 * @module
 */

import type { Facts } from "../facts.ts";
import type { Call } from "./command.ts";
import type { Given } from "./given.ts";
import type { Progress } from "./progress.ts";
import type { Prompts } from "./prompts.ts";
import type { Style } from "./style.ts";

/** Something that is not as it should be, but does not stop a set-up. */
export interface Warning {
  /** What it is known by in the result. */
  readonly code: WarningCode;
  readonly message: string;
}

/** The kinds of warnings; a contract of the result. */
export type WarningCode =
  | "doubtful-answer"
  | "plaintext-store"
  | "shadowed"
  | "not-verified"
  | "helper-failed";

/** One set-up under way. */
export interface Session {
  readonly call: Call;
  readonly facts: Facts;
  readonly given: Given;
  /** The person; absent if nobody can be asked. */
  readonly prompts?: Prompts;
  /** Why nobody can be asked. */
  readonly why: string;
  /** Colours and symbols of the conversation. */
  readonly style: Style;
  readonly progress: Progress;
  /** Answers that nobody gave, as flags. */
  readonly missing: string[];
  readonly warnings: Warning[];

  /** Says something in the conversation: nothing with `--quiet` where nobody is asked. */
  say(line: string): void;
  /** Tells an answer that did not have to be asked for, as if it had been. */
  settle(question: string, answer: string): void;
  /** Warns once. */
  warn(code: WarningCode, message: string): void;
}
