/**
 * Prompts that only ever add lines: for screen readers, simple terminals and narrow windows. The
 * terminal itself does the editing; raw mode is on only while a secret is typed. No escape
 * sequence is written.
 *
 * @module
 */

import type { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { editLine, EMPTY_LINE } from "./line_editor.ts";
import { endOfInput, type Keys } from "./prompt_reader.ts";
import {
  answerConfirm,
  type Answered,
  answerInput,
  answerSecret,
  Cancelled,
  type Choice,
  describeSecret,
  firstChoice,
  GoBack,
  matchesChoice,
  type Prompts,
  type Question,
  type SelectQuestion,
  SEVERAL_LINES,
} from "./question.ts";
import { cleanText, oneLine, type Style } from "./style.ts";
import { stripStyles } from "./width.ts";

/** How the questions differ. */
interface PlainQuestion<A> {
  readonly question: Question & { readonly help?: string };
  /** Lines that are said once, before the question. */
  readonly intro?: readonly string[];
  /** Said each time, in front of what is typed. */
  readonly prompt: string;
  readonly hidden?: boolean;
  answer(line: string): Answered<A>;
  /** Said of the answer. */
  confirm(answer: A): string;
}

/**
 * Opens prompts that only add lines.
 *
 * @param terminal The terminal; written on stderr.
 * @param keys Its keys.
 * @param style Symbols of stderr, without colours.
 * @returns The prompts.
 */
export function openPlainPrompts(terminal: Terminal, keys: Keys, style: Style): Prompts {
  const say = (text: string): void => terminal.write("stderr", text);
  // Behind the ^C that the terminal shows, too.
  keys.signal.addEventListener("abort", () => say("\n"));
  const ask = <A>(question: PlainQuestion<A>): Promise<A> => askPlain(question, say, keys);
  return {
    plain: true,
    style,
    signal: keys.signal,
    input: (question) => {
      const enter = question.default
        ? `, or press Enter for ${fromSource(question.default, question)}`
        : "";
      return ask({
        question,
        prompt: `${oneLine(question.message)}${enter}: `,
        answer: (line) => answerInput(question, line),
        confirm: (text) => text === "" ? "" : sentence(`You entered ${text}`),
      });
    },
    secret: (question) => {
      const enter = question.kept ? ", or press Enter to keep the one you entered" : "";
      return ask<Secret>({
        question,
        prompt: `Type or paste it${enter}: `,
        hidden: true,
        answer: (line) => answerSecret(question, line),
        confirm: (secret) => `${oneLine(question.message)}: ${describeSecret(secret)}.`,
      });
    },
    select: (question) => ask(plainSelect(question)),
    confirm: (question) =>
      ask({
        question,
        prompt: `${oneLine(question.message)} Type y or n, or press Enter for ${
          question.default ? "yes" : "no"
        }: `,
        answer: (line) => answerConfirm(question, line),
        confirm: (yes) => `You chose ${yes ? "yes" : "no"}.`,
      }),
    note: (text) => say(`${stripStyles(text)}\n`),
    close: () => keys.close(),
  };
}

async function askPlain<A>(
  { question, intro = [], prompt, hidden = false, answer, confirm }: PlainQuestion<A>,
  say: (text: string) => void,
  keys: Keys,
): Promise<A> {
  // What was typed before the question was heard is no answer to it.
  await keys.drop();
  const ways = [
    ...(hidden ? [sentence(question.message), "Your typing is hidden."] : []),
    ...(question.back ? ["Type < to go back."] : []),
    ...(question.help === undefined ? [] : ["Type ? for help."]),
  ];
  for (const line of [...intro, ways.join(" ")]) if (line !== "") say(`${line}\n`);
  for (;;) {
    const read = hidden
      ? readHidden(question.message, prompt, say, keys)
      : readLine(prompt, say, keys);
    const line = await read.catch((thrown) => {
      // What is said next begins a line of its own.
      if (!(thrown instanceof Cancelled)) say("\n");
      throw thrown;
    });
    const answered = line === undefined ? { complaint: SEVERAL_LINES } : answer(line);
    if ("answer" in answered) {
      const said = confirm(answered.answer);
      if (said !== "") say(`${said}\n`);
      return answered.answer;
    }
    if ("complaint" in answered) {
      await keys.drop();
      say(`Not accepted: ${oneLine(answered.complaint)}\n`);
    } else if (answered.wants === "back") {
      say("Going back.\n");
      throw new GoBack();
    } else {
      say(`${cleanText(question.help ?? "", 2_000)}\n`);
    }
  }
}

async function readLine(prompt: string, say: (text: string) => void, keys: Keys): Promise<string> {
  say(prompt);
  let line = EMPTY_LINE;
  for (;;) {
    const key = await keys.next();
    if (key.name === "enter") return line.left + line.right;
    if (key.name === "back") return "<";
    if (key.name === "end-of-input" && line.left + line.right === "") throw endOfInput();
    line = editLine(line, key);
  }
}

/** The line, or `undefined` if more lines came behind it. */
async function readHidden(
  message: string,
  prompt: string,
  say: (text: string) => void,
  keys: Keys,
): Promise<string | undefined> {
  if (!keys.setRaw(true)) {
    throw new RegauthError("usage", `Cannot ask for "${message}": the terminal cannot hide it`, {
      hint: "Pipe it in instead; --help tells the option.",
    });
  }
  try {
    const line = await readLine(prompt, say, keys);
    const several = (await keys.drop()).trim() !== "";
    say("\n");
    return several ? undefined : line;
  } finally {
    keys.setRaw(false);
  }
}

function plainSelect<T>(question: SelectQuestion<T>): PlainQuestion<T> {
  const { choices } = question;
  const start = firstChoice(question);
  const preset = choices[start];
  return {
    question,
    intro: [
      `${oneLine(question.message)}:`,
      ...choices.map((choice, index) => `  ${index + 1}: ${describe(choice)}`),
    ],
    prompt: preset === undefined
      ? "Type a number or a name: "
      : `Type a number or a name, or press Enter for ${start + 1}, ${
        fromSource(preset.label, question)
      }: `,
    answer: (line) => answerSelect(question, preset, line.trim()),
    confirm: (value) =>
      sentence(`You chose ${choices.find((choice) => choice.value === value)?.label}`),
  };
}

function describe<T>({ label, hint, disabled }: Choice<T>): string {
  const remark = disabled === undefined ? hint : `not available: ${disabled}`;
  return sentence(remark ? `${label}, ${remark}` : label);
}

function fromSource(value: string, { from }: { readonly from?: string }): string {
  return oneLine(from === undefined ? value : `${value}, ${from}`);
}

/** A pause for those who hear it. */
function sentence(text: string): string {
  return /[.:!?…]$/.test(text) ? oneLine(text) : `${oneLine(text)}.`;
}

function answerSelect<T>(
  question: SelectQuestion<T>,
  preset: Choice<T> | undefined,
  text: string,
): Answered<T> {
  if (text === "<" && question.back) return { wants: "back" };
  const found = text === ""
    ? [preset].filter((choice) => choice !== undefined)
    : find(question, text);
  const [choice] = found;
  if (choice === undefined) return { complaint: `There is no ${text || "default"} in the list.` };
  if (found.length > 1) {
    const labels = found.map(({ label }) => label).join(", ");
    return { complaint: sentence(`${text} can be ${labels}`) };
  }
  if (choice.disabled !== undefined) {
    return { complaint: sentence(`${choice.label}: ${choice.disabled}`) };
  }
  return { answer: choice.value };
}

/** By number, by its whole label, by a part of it, or by words of label and hint. */
function find<T>({ choices }: SelectQuestion<T>, text: string): readonly Choice<T>[] {
  const name = text.toLowerCase();
  const ways: ((choice: Choice<T>, index: number) => boolean)[] = [
    (_, index) => text === String(index + 1),
    ({ label }) => label.toLowerCase() === name,
    ({ label }) => label.toLowerCase().includes(name),
    (choice) => matchesChoice(choice, text),
  ];
  return ways.map((way) => choices.filter(way)).find((found) => found.length > 0) ?? [];
}
