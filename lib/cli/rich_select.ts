/**
 * A question for one entry of a list, redrawn at every key. Long lists are filtered by typing.
 *
 * @module
 */

import type { View } from "./canvas.ts";
import type { Key } from "./keys.ts";
import { editLine, EMPTY_LINE, type Line, visibleLine } from "./line_editor.ts";
import { type Choice, firstChoice, matchesChoice, type SelectQuestion } from "./question.ts";
import {
  footRows,
  type Head,
  headRows,
  type RichQuestion,
  type Screen,
  type Turn,
} from "./rich_question.ts";
import { oneLine, type Style } from "./style.ts";
import { cutText, displayWidth } from "./width.ts";

/** What has been typed, and the entry that Enter takes. */
interface ListState {
  readonly filter: Line;
  /** Index among the entries that fit, or -1. */
  readonly at: number;
}

/** An entry, or the way back. */
type Entry<T> = Choice<T> | "back";

/** Longer lists are filtered by typing. */
const FILTER_FROM = 9;
const ROW_LIMIT = 10;
const FILTER_ROOM = 16;

/**
 * A question for one entry of a list.
 *
 * @param question What to ask.
 * @param style Its symbols.
 * @returns The question to draw.
 */
export function richSelect<T>(
  question: SelectQuestion<T>,
  style: Style,
): RichQuestion<ListState, T> {
  const { choices, from, back = false } = question;
  const start = { filter: EMPTY_LINE, at: firstChoice(question) };
  const preset = choices[start.at]?.label ?? "";
  const head = {
    message: oneLine(question.message),
    remark: from === undefined ? "" : oneLine(`(${preset} ${style.symbols.dash} ${from})`),
  };
  const filters = choices.length >= FILTER_FROM;

  function entriesOf({ filter }: ListState): readonly Entry<T>[] {
    const text = filter.left.trim();
    if (text !== "") return choices.filter((choice) => matchesChoice(choice, text));
    return back ? [...choices, "back"] : choices;
  }

  function onText(state: ListState, text: string): Turn<ListState, T> {
    if (text === "<" && back) return "back";
    if (filters) return { state: filtered(editLine(state.filter, { name: "text", text })) };
    const at = Number(text) - 1;
    return { state: canTake(choices[at]) ? { ...state, at } : state };
  }

  function filtered(filter: Line): ListState {
    if (filter.left.trim() === "") return { filter, at: start.at };
    return { filter, at: entriesOf({ filter, at: -1 }).findIndex(canTake) };
  }

  return {
    head,
    start,
    view: (state, screen) =>
      listView({ head, filters, back, state, choices, entries: entriesOf(state) }, screen),
    onKey(state, key: Key): Turn<ListState, T> {
      const entries = entriesOf(state);
      switch (key.name) {
        case "enter": {
          const entry = entries[state.at];
          if (entry === undefined) return { state };
          return entry === "back" ? "back" : { answer: entry.value, shown: oneLine(entry.label) };
        }
        case "escape":
        case "back":
          return back ? "back" : { state };
        case "end-of-input":
          return "end";
        case "text":
          return onText(state, key.text);
        case "backspace":
        case "erase-left":
        case "erase-word":
          return { state: filtered(editLine(state.filter, key)) };
        default:
          return { state: { ...state, at: moved(entries, state.at, key) } };
      }
    },
  };
}

function canTake<T>(entry: Entry<T> | undefined): boolean {
  return entry === "back" || (entry !== undefined && entry.disabled === undefined);
}

/** The entry that a key leads to; entries that cannot be taken are skipped. */
function moved<T>(entries: readonly Entry<T>[], at: number, key: Key): number {
  const open = entries.flatMap((entry, index) => canTake(entry) ? [index] : []);
  const place = open.indexOf(at);
  const last = open.length - 1;
  const to = (index: number): number => open[Math.max(0, Math.min(last, index))] ?? at;
  switch (key.name) {
    case "down":
    case "tab":
      return to(place === last ? 0 : place + 1);
    case "up":
      return to(place === 0 ? last : place - 1);
    case "page-down":
      return to(place + ROW_LIMIT);
    case "page-up":
      return to(place - ROW_LIMIT);
    case "home":
      return to(0);
    case "end":
      return to(last);
    default:
      return at;
  }
}

/** What is to be drawn. */
interface List<T> {
  readonly head: Head;
  readonly filters: boolean;
  readonly back: boolean;
  readonly state: ListState;
  readonly choices: readonly Choice<T>[];
  readonly entries: readonly Entry<T>[];
}

function listView<T>(list: List<T>, screen: Screen): View {
  const { head, filters, back, state, choices, entries } = list;
  const { dim, symbols } = screen.style;
  const { rows, column } = headRows(head, filters ? FILTER_ROOM : 1, screen);
  const field = visibleLine(state.filter, screen.columns - column - 1, symbols.ellipsis);

  const height = Math.max(1, Math.min(ROW_LIMIT, screen.rows - rows.length - 3));
  const top = Math.max(0, Math.min(state.at - Math.floor(height / 2), entries.length - height));
  const labelWidth = Math.max(...choices.map(({ label }) => displayWidth(oneLine(label))));
  const shown = entries.slice(top, top + height).map((entry, index) =>
    entryRow(entry, top + index === state.at, labelWidth, screen)
  );
  const keys = [
    `${symbols.upDown} or ${filters ? "type to filter" : `1-${choices.length}`}`,
    ...(back ? ["Esc to go back"] : []),
    ...(entries.length > height ? [`${top + 1}-${top + shown.length} of ${entries.length}`] : []),
  ];
  return {
    rows: [
      ...rows.slice(0, -1),
      rows.at(-1) + field.text,
      ...(entries.length === 0 ? footRows("Nothing fits what you typed.", screen) : shown),
      ...footRows(keys.join(` ${symbols.dot} `), screen).map(dim),
    ],
    cursor: { row: rows.length - 1, column: column + field.cursor },
  };
}

function entryRow<T>(
  entry: Entry<T>,
  chosen: boolean,
  labelWidth: number,
  { columns, style }: Screen,
): string {
  const { bold, cyan, dim, symbols } = style;
  const { label, hint, disabled } = entry === "back"
    ? { label: `${symbols.back} back` }
    : { hint: undefined, disabled: undefined, ...entry };
  const name = oneLine(label);
  const remark = oneLine(disabled === undefined ? hint ?? "" : `(${disabled})`);
  const gap = remark === "" ? "" : " ".repeat(labelWidth - displayWidth(name) + 2);
  const text = cutText(name + gap + remark, columns - 4, symbols.ellipsis);
  if (chosen) {
    return `${cyan(symbols.pointer)} ${cyan(bold(text.slice(0, name.length)))}` +
      text.slice(name.length);
  }
  return `  ${disabled === undefined ? text.slice(0, name.length) : ""}` +
    dim(disabled === undefined ? text.slice(name.length) : text);
}
