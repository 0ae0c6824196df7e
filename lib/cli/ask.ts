/**
 * The one way from a question to its answer: given by flag, file or variable, or asked for, or
 * taken from what the machine suggests. Whichever it is, it is cleaned and judged the same.
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { messageOf, RegauthError } from "../errors.ts";
import type { Answers, Question, Suggestion, Verdict } from "../recipe.ts";
import { expandPath, shortPath } from "../short_path.ts";
import { type GivenText, readSecretFile } from "./given.ts";
import type { Session } from "./session.ts";

/** A text that was answered. */
export interface Answer {
  readonly value: string;
  /** Whether the user was asked. */
  readonly asked: boolean;
}

/** A secret that was answered. */
export interface SecretAnswer {
  readonly secret?: Secret;
  /** Path of the file that it came from. */
  readonly path?: string;
  /** The option that gives it once more. */
  readonly option: string;
  readonly asked: boolean;
}

/** Where a question stands. */
export interface Asking {
  /** The answers so far. */
  readonly answers: Answers;
  /** The answer from before, if the user came back. */
  readonly before?: string;
  /** Whether there is a question to go back to. */
  readonly back: boolean;
}

/** What is typed for "nothing of that". */
const NONE = "-";

/**
 * Answers a question for a text or one of several.
 *
 * @param session Who can be asked, and what is known.
 * @param question The question.
 * @param asking Where it stands.
 * @returns The answer; empty if it is missing, which the session then knows.
 * @throws {RegauthError} `usage` if what was given cannot be taken.
 */
export async function answerText(
  session: Session,
  question: Question,
  asking: Asking,
): Promise<Answer> {
  const { id } = question;
  const given = session.given.text(id);
  if (given) return { value: takeGiven(session, question, given, asking.answers), asked: false };
  const suggestion = asking.before === undefined
    ? question.suggest?.(session.facts, asking.answers)
    : { value: asking.before, from: "your answer" };
  if (!session.prompts) return takeSuggestion(session, question, suggestion, asking.answers);
  for (;;) {
    const typed = await ask(session, question, suggestion, asking);
    const value = cleaned(session, question, typed);
    if (await accepts(session, judge(question, value, asking.answers))) {
      return { value, asked: true };
    }
  }
}

/**
 * Answers a question for a secret, or for the file that holds it.
 *
 * @param session Who can be asked, and what is known.
 * @param question The question.
 * @param asking Where it stands.
 * @param kept The secret from before, if the user came back.
 * @returns The secret; none if it is missing, which the session then knows.
 * @throws {RegauthError} `usage` if what was given cannot be taken.
 */
export async function answerSecretQuestion(
  session: Session,
  question: Question,
  asking: Asking,
  kept?: Secret,
): Promise<SecretAnswer> {
  const { given, prompts } = session;
  const path = question.kind === "file" ? given.text(question.id) : undefined;
  if (path) return await secretFromFile(session, question, path.value, asking.answers, false);
  const found = await given.secret();
  if (found) {
    const secret = takeSecret(session, question, found.secret.reveal(), asking.answers);
    return { secret, option: found.option, asked: false };
  }
  if (!prompts) {
    const file = question.kind === "file" ? `--${question.id} (or --secret-stdin)` : undefined;
    session.missing.push(file ?? "--secret-stdin (or --secret-env, --secret-file)");
    const name = variableOf(question.suggest?.(session.facts, asking.answers)) ?? "NAME";
    return { option: `--secret-env ${name}`, asked: false };
  }
  const detected = await offerDetected(session, question, asking);
  if (detected) return detected;
  return question.kind === "file"
    ? await askForFile(session, question, asking)
    : await askForSecret(session, question, asking, kept);
}

/** The answers that a way still needs are judged like all others. */
function judge({ check }: Question, value: string, answers: Answers): Verdict {
  return check?.(value, answers) ?? {};
}

function takeGiven(
  session: Session,
  question: Question,
  { value: text, source }: GivenText,
  answers: Answers,
): string {
  const value = question.clean?.(text) ?? text;
  const options = question.choices?.(session.facts, answers).map((choice) => choice.value);
  const error = judge(question, value, answers).error ??
    (options && !options.includes(value) ? `It is one of ${options.join(", ")}.` : undefined);
  if (error !== undefined) throw cannotUse(source, error, question);
  warnOf(session, judge(question, value, answers));
  return value;
}

function takeSuggestion(
  session: Session,
  question: Question,
  suggestion: Suggestion | undefined,
  answers: Answers,
): Answer {
  const value = suggestion?.value ?? "";
  const verdict = judge(question, value, answers);
  if (verdict.error !== undefined) {
    session.missing.push(`--${question.id}`);
    return { value: "", asked: false };
  }
  if (suggestion && value !== "") {
    session.settle(question.message, `${value} (${suggestion.from})`);
  }
  warnOf(session, verdict);
  return { value, asked: false };
}

async function ask(
  { prompts, facts }: Session,
  question: Question,
  suggestion: Suggestion | undefined,
  { answers, before, back }: Asking,
): Promise<string> {
  if (!prompts) return "";
  const { message, help } = question;
  const choices = question.choices?.(facts, answers);
  const source = suggestion && before === undefined ? { from: suggestion.from } : {};
  if (choices) {
    return await prompts.select({
      message,
      choices: choices.map(({ value, from }) => ({ value, label: value, hint: from })),
      ...(suggestion ? { default: suggestion.value } : {}),
      back,
    });
  }
  // Enter takes the default: only a word of its own can say that there shall be none.
  const canSkip = suggestion !== undefined && judge(question, "", answers).error === undefined;
  const text = (typed: string): string => canSkip && typed === NONE ? "" : typed;
  return text(
    await prompts.input({
      message: canSkip ? `${message}, ${NONE} for none` : message,
      help,
      ...(suggestion ? { default: suggestion.value, ...source } : {}),
      validate: (typed) =>
        judge(question, question.clean?.(text(typed)) ?? text(typed), answers).error,
      back,
    }),
  );
}

/** Says what was made of an answer, if that is not what was typed. */
function cleaned(session: Session, { clean }: Question, typed: string): string {
  const value = clean?.(typed) ?? typed;
  if (value !== typed) session.say(`  taken as ${value}`);
  return value;
}

/** Whether the user wants an answer in spite of a warning. */
async function accepts({ prompts, progress }: Session, verdict: Verdict): Promise<boolean> {
  if (verdict.warning === undefined) return true;
  progress.say("warn", verdict.warning);
  return await prompts?.confirm({ message: "Use it all the same?", default: true }) ?? true;
}

function warnOf(session: Session, { warning }: Verdict): void {
  if (warning !== undefined) session.warn("doubtful-answer", warning);
}

function takeSecret(
  session: Session,
  question: Question,
  text: string,
  answers: Answers,
): Secret {
  const value = question.clean?.(text) ?? text;
  const verdict = judge(question, value, answers);
  if (verdict.error !== undefined) throw cannotUse("this secret", verdict.error, question);
  warnOf(session, verdict);
  return new Secret(value);
}

async function secretFromFile(
  session: Session,
  question: Question,
  typed: string,
  answers: Answers,
  asked: boolean,
): Promise<SecretAnswer> {
  const text = await readSecretFile(session.call, typed, session.given.flag("allow-plaintext"));
  const secret = takeSecret(session, question, text.reveal(), answers);
  const { io } = session.call;
  return { secret, path: shortPath(io, expandPath(io, typed)), option: "", asked };
}

/** A secret of the environment is offered by its name; of the secret only the kind is shown. */
async function offerDetected(
  session: Session,
  question: Question,
  { answers, back }: Asking,
): Promise<SecretAnswer | undefined> {
  const { prompts, facts } = session;
  const found = question.suggest?.(facts, answers);
  const name = variableOf(found);
  if (!prompts || !found || name === undefined || question.kind === "file") return undefined;
  const value = question.clean?.(found.value) ?? found.value;
  const verdict = judge(question, value, answers);
  if (verdict.error !== undefined) return undefined;
  const prefix = /^[A-Za-z]{2,8}_/.exec(value)?.[0];
  const shown = prefix ? ` (${prefix}${prompts.style.symbols.ellipsis})` : "";
  const message = `Use the secret in $${name}${shown}?`;
  if (!await prompts.confirm({ message, default: true, back })) return undefined;
  if (!await accepts(session, verdict)) return undefined;
  return { secret: new Secret(value), option: `--secret-env ${name}`, asked: true };
}

/** The variable that a suggestion comes from. */
function variableOf(found: Suggestion | undefined): string | undefined {
  return /^from ([A-Z][A-Z0-9_]*)$/.exec(found?.from ?? "")?.[1];
}

async function askForSecret(
  session: Session,
  question: Question,
  { answers, back }: Asking,
  kept: Secret | undefined,
): Promise<SecretAnswer> {
  const { prompts } = session;
  const { message, help } = question;
  for (;;) {
    const typed = await prompts?.secret({
      message,
      help,
      ...(kept ? { kept } : {}),
      validate: (text) => judge(question, question.clean?.(text) ?? text, answers).error,
      back,
    });
    const text = typed?.reveal() ?? "";
    const value = question.clean?.(text) ?? text;
    if (value !== text) session.say("  What stood around it was taken off.");
    if (await accepts(session, judge(question, value, answers))) {
      return { secret: new Secret(value), option: "--secret-stdin", asked: true };
    }
  }
}

async function askForFile(
  session: Session,
  question: Question,
  { answers, before, back }: Asking,
): Promise<SecretAnswer> {
  const { prompts, facts, progress } = session;
  const { message, help } = question;
  const suggestion = before === undefined ? question.suggest?.(facts, answers) : undefined;
  const value = before ?? suggestion?.value;
  for (;;) {
    const typed = await prompts?.input({
      message,
      help,
      ...(value === undefined ? {} : { default: value }),
      ...(suggestion ? { from: suggestion.from } : {}),
      validate: (text) => text === "" ? "Name the file." : undefined,
      back,
    });
    try {
      return await secretFromFile(session, question, typed ?? "", answers, true);
    } catch (error) {
      if (!(error instanceof RegauthError) || error.code === "aborted") throw error;
      progress.say("fail", messageOf(error));
      if (error.hint) progress.say("dot", error.hint);
    }
  }
}

function cannotUse(source: string, error: string, { message, help }: Question): RegauthError {
  return new RegauthError("usage", `Cannot use ${source}: ${error}`, {
    subject: source,
    hint: `${message}: ${help}`,
  });
}
