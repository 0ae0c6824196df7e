/**
 * Questions that are answered in one line, redrawn at every key: text, secrets, yes or no.
 *
 * @module
 */

import type { Secret } from "../credential.ts";
import type { View } from "./canvas.ts";
import type { Key } from "./keys.ts";
import { editLine, EMPTY_LINE, type Line, visibleLine } from "./line_editor.ts";
import {
  answerConfirm,
  type Answered,
  answerInput,
  answerSecret,
  type ConfirmQuestion,
  describeSecret,
  type InputQuestion,
  type Question,
  type SecretQuestion,
  SEVERAL_LINES,
} from "./question.ts";
import {
  footRows,
  type Head,
  headRows,
  type RichQuestion,
  type Screen,
  type Turn,
} from "./rich_question.ts";
import { cleanText, oneLine, type Style } from "./style.ts";

/** What has been typed, and what is shown below it. */
interface LineState {
  readonly line: Line;
  readonly complaint?: string;
  readonly help?: boolean;
}

/** How the questions differ. */
interface LineKind<A> {
  readonly question: Question & { readonly help?: string };
  /** What stands behind the message. */
  readonly remark: string;
  /** Columns for the answer. */
  readonly room: number;
  readonly hidden: boolean;
  answer(line: string): Answered<A>;
  show(answer: A): string;
}

/** A secret of any length looks the same. */
const MASK_LENGTH = 8;

/**
 * A question for a line of text.
 *
 * @param question What to ask.
 * @param style Its symbols.
 * @returns The question to draw.
 */
export function richInput(question: InputQuestion, style: Style): RichQuestion<LineState, string> {
  const { default: value, from } = question;
  const source = from === undefined ? "" : ` ${style.symbols.dash} ${from}`;
  return richLine({
    question,
    remark: value ? `(${value}${source})` : "",
    room: 16,
    hidden: false,
    answer: (line) => answerInput(question, line),
    show: oneLine,
  });
}

/**
 * A question for a secret.
 *
 * @param question What to ask.
 * @param style Its symbols.
 * @returns The question to draw.
 */
export function richSecret(
  question: SecretQuestion,
  style: Style,
): RichQuestion<LineState, Secret> {
  const { kept } = question;
  const keep = kept ? ` ${style.symbols.dash} Enter keeps the one you entered` : "";
  return richLine({
    question,
    remark: `(hidden${keep})`,
    room: MASK_LENGTH + 1,
    hidden: true,
    answer: (line) => answerSecret(question, line),
    show: (secret) => secret === kept ? "kept" : describeSecret(secret),
  });
}

/**
 * A question for yes or no.
 *
 * @param question What to ask.
 * @returns The question to draw.
 */
export function richConfirm(question: ConfirmQuestion): RichQuestion<LineState, boolean> {
  return richLine({
    question,
    remark: question.default ? "[Y/n]" : "[y/N]",
    room: 4,
    hidden: false,
    answer: (line) => answerConfirm(question, line),
    show: (yes) => yes ? "y" : "n",
  });
}

function richLine<A>(kind: LineKind<A>): RichQuestion<LineState, A> {
  const { question, hidden } = kind;
  const head = { message: oneLine(question.message), remark: oneLine(kind.remark) };

  function submit(state: LineState): Turn<LineState, A> {
    const line = state.line.left + state.line.right;
    const answered = kind.answer(line);
    if ("answer" in answered) {
      return { answer: answered.answer, shown: kind.show(answered.answer) };
    }
    if ("complaint" in answered) {
      // A hidden text cannot be corrected.
      const kept = hidden ? EMPTY_LINE : state.line;
      return { state: { line: kept, complaint: answered.complaint }, refused: true };
    }
    if (answered.wants === "back") return "back";
    return { state: { line: EMPTY_LINE, help: true } };
  }

  return {
    head,
    start: { line: EMPTY_LINE },
    ...(hidden ? { severalLines: { line: EMPTY_LINE, complaint: SEVERAL_LINES } } : {}),
    view: (state, screen) => lineView(kind, head, state, screen),
    onKey(state, key: Key): Turn<LineState, A> {
      if (key.name === "enter") return submit(state);
      if (key.name === "escape" || key.name === "back") return question.back ? "back" : { state };
      if (key.name === "end-of-input" && state.line.left + state.line.right === "") return "end";
      const line = editLine(state.line, key);
      return line === state.line ? { state } : { state: { line, help: state.help ?? false } };
    },
  };
}

function lineView<A>(
  { question, hidden, room }: LineKind<A>,
  head: Head,
  state: LineState,
  screen: Screen,
): View {
  const { red, dim, symbols } = screen.style;
  const { rows, column } = headRows(head, room, screen);
  const { left, right } = state.line;
  const mask = symbols.mask.repeat(left + right === "" ? 0 : MASK_LENGTH);
  const field = hidden
    ? { text: mask, cursor: mask.length }
    : visibleLine(state.line, screen.columns - column - 1, symbols.ellipsis);
  const keys = [
    ...(question.help === undefined || state.help ? [] : ["? for help"]),
    ...(question.back ? ["< to go back"] : []),
  ];
  const foot = [
    ...(state.complaint === undefined
      ? []
      : footRows(`${symbols.fail} ${cleanText(state.complaint)}`, screen).map(red)),
    ...(state.help ? footRows(cleanText(question.help ?? "", 2_000), screen).map(dim) : []),
    ...(keys.length === 0 ? [] : footRows(keys.join(` ${symbols.dot} `), screen).map(dim)),
  ];
  return {
    rows: [...rows.slice(0, -1), rows.at(-1) + field.text, ...foot],
    cursor: { row: rows.length - 1, column: column + field.cursor },
  };
}
