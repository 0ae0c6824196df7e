/**
 * Questions to a person: what can be asked, and how a typed line becomes an answer. Nothing here
 * knows of a terminal; both kinds of prompts share it.
 *
 * @example An empty line takes the default, which is looked at like any other answer
 * ```ts
 * import { answerInput } from "./question.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = {
 *   message: "User name",
 *   default: "octo cat",
 *   validate: (text: string) => text.includes(" ") ? "A user name has no blanks." : undefined,
 * };
 * assertEquals(answerInput(question, " octocat "), { answer: "octocat" });
 * assertEquals(answerInput(question, ""), { complaint: "A user name has no blanks." });
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import type { EndSignal } from "../terminal.ts";
import type { Style } from "./style.ts";

/** One entry of a list. */
export interface Choice<T> {
  /** What choosing it means. */
  readonly value: T;
  /** Its name, in one line. */
  readonly label: string;
  /** What it is, in a few words. */
  readonly hint?: string;
  /** Why it cannot be chosen. */
  readonly disabled?: string;
}

/** What every question has. */
export interface Question {
  /** The question, in one line. */
  readonly message: string;
  /** Whether the user may go back to the question before: the prompt then throws {@linkcode GoBack}. */
  readonly back?: boolean;
}

/** Looks at an answer: what is wrong with it, as a sentence, or `undefined`. */
export type Validate = (text: string) => string | undefined;

/** A question for a line of text. */
export interface InputQuestion extends Question {
  /** The answer if nothing is typed. */
  readonly default?: string;
  /** Where the default comes from, such as `from GITHUB_ACTOR`. */
  readonly from?: string;
  /** More about the question, shown when the user asks for it. */
  readonly help?: string;
  readonly validate?: Validate;
}

/** A question for a secret. */
export interface SecretQuestion extends Question {
  /** The answer if nothing is typed: a secret that was given before. */
  readonly kept?: Secret;
  /** More about the question, shown when the user asks for it. */
  readonly help?: string;
  readonly validate?: Validate;
}

/** A question for one entry of a list. */
export interface SelectQuestion<T> extends Question {
  readonly choices: readonly Choice<T>[];
  /** The value of the entry to begin with. */
  readonly default?: T;
  /** Where the default comes from, such as `from git remote "origin"`. */
  readonly from?: string;
}

/** A question for yes or no. */
export interface ConfirmQuestion extends Question {
  /** The answer if nothing is typed. */
  readonly default: boolean;
}

/**
 * A conversation with a person, on stderr. Each question throws {@linkcode GoBack} if the user
 * goes back, {@linkcode Cancelled} if they stop, and `usage` at the end of input.
 */
export interface Prompts {
  /** Whether without redrawing, for screen readers and simple terminals. */
  readonly plain: boolean;
  /** Colours and symbols that fit the conversation. */
  readonly style: Style;
  /** Ends with {@linkcode Cancelled} when the user stops, also between questions. */
  readonly signal: AbortSignal;

  /** Asks for a line of text; blanks around it are removed. */
  input(question: InputQuestion): Promise<string>;
  /** Asks for a secret, which is not shown. */
  secret(question: SecretQuestion): Promise<Secret>;
  /** Asks for one of several. */
  select<T>(question: SelectQuestion<T>): Promise<T>;
  /** Asks for yes or no. */
  confirm(question: ConfirmQuestion): Promise<boolean>;
  /** Says something. */
  note(text: string): void;
  /** Restores the terminal. It may be called more than once. */
  close(): void;
}

/** The user wants the question before. */
export class GoBack extends Error {
  override readonly name = "GoBack";
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The user, or whoever sends signals, stops the program. */
export class Cancelled extends RegauthError {
  /** How the program is to exit: 128 and the number of the signal. */
  readonly exitCode: number;

  /** @param by The signal; Ctrl-C is `SIGINT`. */
  constructor(by: EndSignal) {
    super("aborted", by === "SIGINT" ? "Cancelled" : `Cancelled by ${by}`);
    this.exitCode = EXIT_CODES[by];
  }
}

/** What a typed line amounts to. */
export type Answered<T> =
  | { readonly answer: T }
  | { readonly complaint: string }
  | { readonly wants: "back" | "help" };

/**
 * The answer to a question for text. `<` alone goes back, `?` alone asks for help.
 *
 * @param question The question.
 * @param line What was typed.
 * @returns What it amounts to.
 */
export function answerInput(question: InputQuestion, line: string): Answered<string> {
  const wants = wanted(question, line.trim());
  if (wants) return { wants };
  const answer = line.trim() || (question.default ?? "");
  const complaint = question.validate?.(answer);
  return complaint === undefined ? { answer } : { complaint };
}

/**
 * The answer to a question for a secret. Nothing is removed from it.
 *
 * @param question The question.
 * @param line What was typed.
 * @returns What it amounts to.
 */
export function answerSecret(question: SecretQuestion, line: string): Answered<Secret> {
  const wants = wanted(question, line);
  if (wants) return { wants };
  if (line === "" && question.kept) return { answer: question.kept };
  const complaint = line === "" ? "Nothing was entered." : question.validate?.(line);
  return complaint === undefined ? { answer: new Secret(line) } : { complaint };
}

/**
 * The answer to a question for yes or no.
 *
 * @param question The question.
 * @param line What was typed.
 * @returns What it amounts to.
 */
export function answerConfirm(question: ConfirmQuestion, line: string): Answered<boolean> {
  const text = line.trim().toLowerCase();
  const wants = wanted(question, text);
  if (wants) return { wants };
  if (text === "") return { answer: question.default };
  if (text === "y" || text === "yes") return { answer: true };
  if (text === "n" || text === "no") return { answer: false };
  return { complaint: "Type y for yes or n for no." };
}

function wanted(
  question: Question & { readonly help?: string },
  text: string,
): "back" | "help" | undefined {
  if (text === "<" && question.back) return "back";
  if (text === "?" && question.help !== undefined) return "help";
  return undefined;
}

/**
 * The entry that a list begins with: the default, else the first that can be chosen.
 *
 * @param question The question.
 * @returns Its index, or -1 if none can be chosen.
 */
export function firstChoice<T>({ choices, default: value }: SelectQuestion<T>): number {
  const open = (choice: Choice<T>): boolean => choice.disabled === undefined;
  const preset = value === undefined
    ? -1
    : choices.findIndex((choice) => open(choice) && choice.value === value);
  return preset === -1 ? choices.findIndex(open) : preset;
}

/**
 * Whether an entry of a list fits what was typed: every word is somewhere in its label or hint.
 *
 * @param choice The entry.
 * @param text What was typed.
 * @returns Whether it fits.
 */
export function matchesChoice<T>({ label, hint = "" }: Choice<T>, text: string): boolean {
  const entry = `${label} ${hint}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => entry.includes(word));
}

/**
 * What is said of a secret instead of the secret.
 *
 * @param secret The secret.
 * @returns `received 40 characters`
 */
export function describeSecret(secret: Secret): string {
  const length = Array.from(secret.reveal()).length;
  return `received ${length} character${length === 1 ? "" : "s"}`;
}

/** What is said when more lines came behind a secret: one was pasted with another, or a file. */
export const SEVERAL_LINES = "Several lines were pasted; none was taken. Paste one line.";
