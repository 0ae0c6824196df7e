/**
 * The part of YAML in which cloud configurations are written: one mapping of plain values, as lines
 * or in braces like JSON, with comments. What is nested is passed over.
 *
 * @example
 * ```ts
 * import { readFlatYaml } from "./flat_yaml.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const values = readFlatYaml("cloud: AzureCloud # public\ntags:\n  - a\n", "/azure.json");
 * assertEquals([...values].map(([name, { text }]) => [name, text]), [["cloud", "AzureCloud"]]);
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Trace } from "../../io.ts";

/** One value. */
export interface FlatValue {
  /** Its name as it is written. */
  readonly name: string;
  /** The value, without quotes. */
  readonly text: string;
  /** Whether it stood in quotes. */
  readonly quoted: boolean;
  /** Line on which it stands, from 1. */
  readonly line: number;
}

/** Values by their names in lower case. */
export type FlatYaml = ReadonlyMap<string, FlatValue>;

/** Deeper than any configuration, and shallow enough for the stack. */
const DEPTH_LIMIT = 100;
const SIZE_LIMIT = 10 * 1024 * 1024;

/**
 * Reads a mapping.
 *
 * @param text The text.
 * @param path Where it was read, for messages.
 * @param trace Hears of names that come twice: the last one counts.
 * @returns The values; none if the text is empty.
 * @throws {RegauthError} `config-syntax`, with the line; never with a part of the text.
 */
export function readFlatYaml(text: string, path: string, trace?: Trace): FlatYaml {
  const values = new Map<string, FlatValue>();
  const set = (value: FlatValue): void => {
    const key = value.name.toLowerCase();
    if (values.has(key)) trace?.(`${path}: ${value.name} comes twice; the last one counts`);
    values.set(key, value);
  };
  const fail = (line: number, why: string): never => {
    throw new RegauthError("config-syntax", `Cannot parse "${path}": line ${line}: ${why}`, {
      subject: path,
      hint: "Correct the file there.",
    });
  };
  if (text.length > SIZE_LIMIT) fail(1, "the file is larger than 10 MiB");
  const source = text.replace(/^\uFEFF/, "");
  // A tab may stand between the values of JSON, but not before a line of YAML.
  if (/^\s*(?:#[^\n]*\n\s*)*\{/.test(source)) readBraces(source, set, fail);
  else readLines(source, set, fail);
  return values;
}

type SetValue = (value: FlatValue) => void;
type Fail = (line: number, why: string) => never;

function readLines(text: string, set: SetValue, fail: Fail): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*\t/.test(line)) fail(index + 1, "a tab; YAML is indented with blanks");
    // Comments, the marks of documents, and what belongs to a nested value.
    if (/^\s*(?:#|$)|^(?:---|\.\.\.)\s*$|^\s|^-\s/.test(line)) continue;
    const [, double, single, plain, rest = ""] =
      /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#:"'][^:#]*?))\s*:(?:\s+(.*))?$/.exec(line) ??
        [];
    const name = double ?? single ?? plain;
    if (name === undefined) return fail(index + 1, 'a name and ":" expected');
    const value = scalarIn(rest);
    if (value !== undefined) set({ name, ...value, line: index + 1 });
  }
}

/** The value on a line; `undefined` if it is a nested one. */
function scalarIn(rest: string): Pick<FlatValue, "text" | "quoted"> | undefined {
  const [, double, single] = /^(?:("(?:[^"\\]|\\.)*")|'((?:[^']|'')*)')\s*(?:#.*)?$/.exec(rest) ??
    [];
  if (double !== undefined) return { text: unescape(double), quoted: true };
  if (single !== undefined) return { text: single.replaceAll("''", "'"), quoted: true };
  const text = rest.replace(/(?:^|\s+)#.*$/, "").trim();
  if (text === "" || /^[[{|>&*]/.test(text)) return undefined;
  return { text: /^(?:~|null)$/i.test(text) ? "" : text, quoted: false };
}

function readBraces(text: string, set: SetValue, fail: Fail): void {
  let at = 0;
  const line = (): number => text.slice(0, at).split("\n").length;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const skip = (): void => void take(/(?:\s+|#[^\n]*)*/y);

  function scalar(): Pick<FlatValue, "text" | "quoted"> {
    const double = take(/"(?:[^"\\]|\\.)*"/sy);
    if (double !== undefined) return { text: unescape(double), quoted: true };
    const single = take(/'(?:[^']|'')*'/sy);
    if (single !== undefined) {
      return { text: single.slice(1, -1).replaceAll("''", "'"), quoted: true };
    }
    // A colon belongs to a plain value unless a blank follows; so does a # without one before it.
    const plain = take(
      /(?:[^\s,[\]{}:"'#]|:(?![\s,[\]{}]|$))(?:[^\n,[\]{}:#]|:(?![\s,[\]{}]|$)|(?<!\s)#)*/y,
    )
      ?.trim();
    if (plain === undefined) return fail(line(), "a value expected");
    return { text: /^(?:~|null)$/i.test(plain) ? "" : plain, quoted: false };
  }

  function mapping(depth: number): void {
    if (depth > DEPTH_LIMIT) fail(line(), `deeper than ${DEPTH_LIMIT} levels`);
    const close = text[at] === "[" ? "]" : "}";
    at++;
    for (skip(); text[at] !== close; skip()) {
      if (at >= text.length) fail(line(), "the text ends too early");
      const start = line();
      const isNested = text[at] === "{" || text[at] === "[";
      const name = isNested ? undefined : scalar();
      if (isNested) mapping(depth + 1);
      skip();
      if (close === "}") {
        if (name === undefined || text[at] !== ":") fail(line(), '":" expected');
        at++;
        skip();
        if (text[at] === "{" || text[at] === "[") mapping(depth + 1);
        else if (depth === 0 && name) set({ name: name.text, ...scalar(), line: start });
        else scalar();
        skip();
      }
      if (text[at] === ",") at++;
      else if (at < text.length && text[at] !== close) {
        fail(line(), `"," or "${close}" expected`);
      }
    }
    at++;
  }

  skip();
  mapping(0);
  skip();
  if (at < text.length) fail(line(), "the end of the text expected");
}

function unescape(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
