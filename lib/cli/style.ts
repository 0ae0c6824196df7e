/**
 * How text looks: whether a stream gets colours, which symbols it can show, and the cleaning of
 * text that others wrote.
 *
 * @example Text from a server cannot move the cursor
 * ```ts
 * import { cleanText } from "./style.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(cleanText("denied\x1b[2J\x07 for \u202Eevil"), "denied for evil");
 * ```
 *
 * @module
 */

import type { Io } from "../io.ts";
import type { Terminal } from "../terminal.ts";

/** What `--color` and `--no-color` say; `auto` is as if neither were given. */
export type ColorFlag = "always" | "never" | "auto";

/**
 * Symbols of the conversation. `pointer` marks the row of a list that Enter takes, `prompt` stands
 * between a question and its answer, `ellipsis` for text that was cut off, `mask` for a secret.
 */
export type SymbolName =
  | "ok"
  | "fail"
  | "warn"
  | "pointer"
  | "prompt"
  | "ellipsis"
  | "back"
  | "mask"
  | "upDown"
  | "dash"
  | "dot";

/** How text can be set off. */
export type Paint = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours and symbols of one stream. Without colours the functions return their text as it is. */
export interface Style extends Readonly<Record<Paint, (text: string) => string>> {
  /** Each has a twin in ASCII. */
  readonly symbols: Readonly<Record<SymbolName, string>>;
}

const UNICODE: Style["symbols"] = {
  ok: "✓",
  fail: "✗",
  warn: "!",
  pointer: "❯",
  prompt: "›",
  ellipsis: "…",
  back: "←",
  mask: "•",
  upDown: "↑↓",
  dash: "—",
  dot: "·",
};

const ASCII: Style["symbols"] = {
  ok: "[ok]",
  fail: "[fail]",
  warn: "[!]",
  pointer: ">",
  prompt: ">",
  ellipsis: "...",
  back: "<-",
  mask: "*",
  upDown: "up/down",
  dash: "-",
  dot: "|",
};

/**
 * Whether a stream gets colours. In this order: the flag, `NO_COLOR` (no-color.org: present and
 * not empty), `CLICOLOR_FORCE`, `CLICOLOR`, and whether the stream is a terminal that knows any.
 *
 * @param terminal The three streams.
 * @param io The environment.
 * @param stream Which stream.
 * @param flag What the command line says.
 * @returns Whether to send colours to it.
 */
export function colorFor(
  terminal: Terminal,
  io: Io,
  stream: "stdout" | "stderr",
  flag: ColorFlag = "auto",
): boolean {
  if (flag !== "auto") return flag === "always";
  if (io.env("NO_COLOR")) return false;
  const force = io.env("CLICOLOR_FORCE");
  if (force && force !== "0") return true;
  if (io.env("CLICOLOR") === "0") return false;
  return terminal.isTerminal(stream) && !isDumb(io);
}

/**
 * Whether the terminal knows no cursor movement and no colours: `TERM` is `dumb` or missing. On
 * Windows it is usually missing and says nothing.
 *
 * @param io The environment.
 * @returns Whether it can only show lines.
 */
export function isDumb(io: Io): boolean {
  const term = io.env("TERM");
  return term === "dumb" || (!term && io.platform !== "windows");
}

/**
 * Colours and symbols for one stream.
 *
 * @param terminal The three streams.
 * @param io The environment.
 * @param stream Which stream.
 * @param flag What the command line says of colours.
 * @returns How to write to it.
 */
export function styleFor(
  terminal: Terminal,
  io: Io,
  stream: "stdout" | "stderr",
  flag?: ColorFlag,
): Style {
  return makeStyle(colorFor(terminal, io, stream, flag), showsUnicode(io));
}

/**
 * A style that is known beforehand.
 *
 * @param color Whether with colours.
 * @param unicode Whether symbols may be more than ASCII.
 * @returns The style.
 */
export function makeStyle(color: boolean, unicode: boolean): Style {
  const paint = (start: number, end: number) => (text: string) =>
    color && text !== "" ? `\x1b[${start}m${text}\x1b[${end}m` : text;
  return {
    symbols: unicode ? UNICODE : ASCII,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

/** Whether symbols beyond ASCII arrive: the locale says UTF-8, or it is Windows Terminal. */
function showsUnicode(io: Io): boolean {
  if (io.platform === "windows") return Boolean(io.env("WT_SESSION"));
  const locale = io.env("LC_ALL") || io.env("LC_CTYPE") || io.env("LANG") || "";
  return /utf-?8/i.test(locale);
}

/** Sequences that steer a terminal: CSI, OSC and its like up to their end, and the short ones. */
// deno-lint-ignore no-control-regex
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -~]?/g;
/** Control characters but line feed, marks of writing direction, and other unseen ones. */
const UNSEEN =
  // deno-lint-ignore no-control-regex
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Text from a server, a file or a helper, fit to be printed: without escape sequences, control
 * characters and marks of writing direction. Line feeds stay, tabs become blanks.
 *
 * @param text What others wrote.
 * @param limit Characters that are kept at most; `…` stands for the rest.
 * @returns The text to print.
 */
export function cleanText(text: string, limit = 500): string {
  const clean = text.replace(SEQUENCES, "").replaceAll("\t", " ").replace(UNSEEN, "");
  const characters = Array.from(clean);
  return characters.length <= limit ? clean : characters.slice(0, limit - 1).join("") + "…";
}

/**
 * One line of text that others may have written.
 *
 * @param text The text.
 * @returns It, fit to be printed.
 */
export function oneLine(text: string): string {
  return cleanText(text).replace(/\s*\n\s*/g, " ");
}
