/**
 * Strict JSON with the place of everything in it, for messages with line and column and for edits
 * that leave the rest of a file alone.
 *
 * @example
 * ```ts
 * import { parseJson, positionOf, valueOf } from "./json_tree.ts";
 * import { RegauthError } from "./errors.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const text = '{\n  "store": "pass"\n}';
 * const root = parseJson(text, "config.json");
 * assertEquals(valueOf(root), { store: "pass" });
 * const member = root.kind === "object" ? root.members[0] : undefined;
 * assertEquals(positionOf(text, member?.start ?? 0), { line: 2, column: 3 });
 *
 * assertThrows(
 *   () => parseJson('{\n  "store": "pass",\n}', "config.json"),
 *   RegauthError,
 *   'Cannot parse "config.json": line 2, column 18: a comma too many',
 * );
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";

/** A value that JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** From where to where something stands in the text, in UTF-16 units; the end is exclusive. */
export interface JsonSpan {
  /** Offset of its first character. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
}

/** An object, a list, or a value without parts. */
export type JsonNode = JsonObjectNode | JsonListNode | JsonScalarNode;

/** An object. */
export interface JsonObjectNode extends JsonSpan {
  /** Tells it from the other nodes. */
  readonly kind: "object";
  /** Its members in the order of the text; the same key may come again. */
  readonly members: readonly JsonMember[];
}

/** A member of an object, from its key to the end of its value. */
export interface JsonMember extends JsonSpan {
  /** The key, unescaped. */
  readonly key: string;
  /** Offset behind the key's closing quote. */
  readonly keyEnd: number;
  /** What it holds. */
  readonly value: JsonNode;
}

/** A list. */
export interface JsonListNode extends JsonSpan {
  /** Tells it from the other nodes. */
  readonly kind: "list";
  /** What is in it. */
  readonly items: readonly JsonNode[];
}

/** A text, a number, `true`, `false` or `null`. */
export interface JsonScalarNode extends JsonSpan {
  /** Tells it from the other nodes. */
  readonly kind: "scalar";
  /** What it is. */
  readonly value: null | boolean | number | string;
}

/** Deeper than any config file, and shallow enough for the stack. */
const DEPTH_LIMIT = 1000;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /(?:true|false|null)(?![A-Za-z0-9_$])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y;

/**
 * Parses what `JSON.parse` parses (RFC 8259), up to 1000 levels deep.
 *
 * @param text The text.
 * @param path Where it was read, for the message.
 * @returns The value, with all places.
 * @throws {RegauthError} `config-syntax`, with line and column; never with a part of the text.
 */
export function parseJson(text: string, path: string): JsonNode {
  let at = 0;

  function fail(what: string, offset = at): never {
    const { line, column } = positionOf(text, offset);
    throw new RegauthError(
      "config-syntax",
      `Cannot parse "${path}": line ${line}, column ${column}: ${what}`,
      { subject: path, hint: "Correct the file there, or move it away." },
    );
  }

  /** Takes what fits here. */
  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  }

  /** Takes the characters, and the space behind them. */
  function skip(characters: string): boolean {
    if (!text.startsWith(characters, at)) return false;
    at += characters.length;
    take(SPACE);
    return true;
  }

  function unexpected(wanted: string): never {
    if (at >= text.length) fail("the text ends too early");
    if (text.startsWith("//", at) || text.startsWith("/*", at)) fail("JSON has no comments");
    if (text[at] === "'") fail("texts stand in double quotes");
    if (text[at] === "\uFEFF") fail("a byte-order mark; save the file without it");
    fail(`${wanted} expected`);
  }

  function string(): string {
    const start = at++;
    while (text[at] !== '"') {
      if (at >= text.length) fail("a text without closing quote", start);
      if (text[at] === "\\") take(ESCAPE) ?? fail("an unknown escape");
      else if (text.charCodeAt(at) < 0x20) fail("a line end or control character in a text");
      else at++;
    }
    return JSON.parse(text.slice(start, ++at));
  }

  function scalar(): JsonScalarNode["value"] {
    if (text[at] === '"') return string();
    const word = take(WORD) ?? take(NUMBER) ?? unexpected("a value");
    return JSON.parse(word);
  }

  /** Takes what stands between brackets, and the brackets. */
  function sequence<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    at++;
    take(SPACE);
    while (text[at] !== close) {
      items.push(item());
      take(SPACE);
      const comma = at;
      if (!skip(",")) break;
      if (text[at] === close) fail("a comma too many", comma);
    }
    if (text[at] !== close) unexpected(`"," or "${close}"`);
    at++;
    return items;
  }

  function member(depth: number): JsonMember {
    const start = at;
    if (text[at] !== '"') unexpected('a key in double quotes or "}"');
    const key = string();
    const keyEnd = at;
    take(SPACE);
    if (!skip(":")) unexpected('":"');
    const value = node(depth);
    return { key, start, keyEnd, value, end: value.end };
  }

  function node(depth: number): JsonNode {
    if (depth > DEPTH_LIMIT) fail(`deeper than ${DEPTH_LIMIT} levels`);
    const start = at;
    if (text[at] === "{") {
      const members = sequence("}", () => member(depth + 1));
      return { kind: "object", members, start, end: at };
    }
    if (text[at] === "[") {
      const items = sequence("]", () => node(depth + 1));
      return { kind: "list", items, start, end: at };
    }
    return { kind: "scalar", value: scalar(), start, end: at };
  }

  take(SPACE);
  const root = node(0);
  take(SPACE);
  if (at < text.length) unexpected("the end of the text");
  return root;
}

/**
 * The value without places, as `JSON.parse` gives it: of equal keys the last one counts.
 *
 * @param node What {@linkcode parseJson} gave.
 * @returns The value.
 */
export function valueOf(node: JsonNode): JsonValue {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(valueOf);
  return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]));
}

/**
 * Where an offset is, as editors count.
 *
 * @param text The text.
 * @param offset Offset in UTF-16 units.
 * @returns Line and column, both from 1.
 */
export function positionOf(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
