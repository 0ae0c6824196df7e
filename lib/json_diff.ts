/**
 * The difference of two JSON values, as few lines that people can read: what changes, with two
 * neighbours on either side. Secrets are not in it: whoever calls says how each text is shown.
 *
 * @example
 * ```ts
 * import { jsonChanges, jsonDiff } from "./json_diff.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const before = { auths: { "a.example": {} }, credsStore: "pass" };
 * const after = { auths: { "a.example": {}, "b.example": { auth: "eA==" } }, credsStore: "pass" };
 * const show = (text: string) => text.replace("eA==", "hidden");
 * assertEquals(jsonDiff(before, after, show).map(({ mark, text }) => mark + text), [
 *   ' "auths": {',
 *   '   "a.example": {}',
 *   '+  "b.example": { "auth": "hidden" }',
 *   " }",
 *   ' "credsStore": "pass"',
 * ]);
 * assertEquals(jsonChanges(before, after), [{ pointer: "/auths/b.example", action: "add" }]);
 * ```
 *
 * @module
 */

import type { JsonValue } from "./json_tree.ts";

/** One line of a difference. */
export interface DiffLine {
  /** Whether the line is new, goes away, stays, or stands for others that stay. */
  readonly mark: "+" | "-" | " " | "…";
  /** The line, indented by two blanks for each level below the root. */
  readonly text: string;
}

/** What happens to one member. */
export interface JsonChange {
  /** Where it is (RFC 6901). */
  readonly pointer: string;
  /** What happens to it. */
  readonly action: "add" | "replace" | "remove";
}

/**
 * Says how a text is shown.
 *
 * @param text The text of a value.
 * @param path Keys from the root to it.
 * @param isNew Whether it is part of a line that is new.
 * @returns What to show.
 */
export type ShowText = (text: string, path: readonly string[], isNew: boolean) => string;

type Members = Readonly<Record<string, JsonValue>>;

/** Members that stay are shown if they are so near to one that does not. */
const CONTEXT = 2;
/** Objects are opened down to this level: below are the entries, one line each. */
const OPEN = 2;

/**
 * The lines in which two objects differ.
 *
 * @param before The old value.
 * @param after The new value.
 * @param show How texts are shown.
 * @returns The lines; none if the values are the same.
 */
export function jsonDiff(before: JsonValue, after: JsonValue, show: ShowText): DiffLine[] {
  return same(before, after) ? [] : membersDiff(membersOf(before), membersOf(after), [], show);
}

/**
 * The members in which two objects differ.
 *
 * @param before The old value.
 * @param after The new value.
 * @returns What happens to each, down to the second level.
 */
export function jsonChanges(before: JsonValue, after: JsonValue): JsonChange[] {
  return changesBelow(membersOf(before), membersOf(after), []);
}

function changesBelow(before: Members, after: Members, path: readonly string[]): JsonChange[] {
  return keysOf(before, after).flatMap((key): JsonChange[] => {
    const [old, now] = [before[key], after[key]];
    if (same(old, now)) return [];
    const place = [...path, key];
    const isOpen = place.length < OPEN && [old ?? {}, now ?? {}].every(isObject);
    if (isOpen) return changesBelow(membersOf(old), membersOf(now), place);
    const action = old === undefined ? "add" : now === undefined ? "remove" : "replace";
    return [{ pointer: place.map((step) => `/${escape(step)}`).join(""), action }];
  });
}

function escape(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

function membersDiff(
  before: Members,
  after: Members,
  path: readonly string[],
  show: ShowText,
): DiffLine[] {
  const keys = keysOf(before, after);
  const isChanged = keys.map((key) => !same(before[key], after[key]));
  const isNear = (index: number): boolean =>
    isChanged.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).includes(true);
  const indent = "  ".repeat(path.length);
  return keys.flatMap((key, index): DiffLine[] => {
    if (!isNear(index)) {
      return index > 0 && !isNear(index - 1) ? [] : [{ mark: "…", text: indent }];
    }
    const [old, now] = [before[key], after[key]];
    const place = [...path, key];
    const line = (mark: DiffLine["mark"], value: JsonValue): DiffLine => ({
      mark,
      text: `${indent}${JSON.stringify(key)}: ${oneLine(value, place, show, mark === "+")}`,
    });
    if (!isChanged[index]) return [line(" ", now ?? null)];
    if (place.length < OPEN && [old ?? {}, now ?? {}].every(isObject)) {
      const mark = old === undefined ? "+" : now === undefined ? "-" : " ";
      return [
        { mark, text: `${indent}${JSON.stringify(key)}: {` },
        ...membersDiff(membersOf(old), membersOf(now), place, show),
        { mark, text: `${indent}}` },
      ];
    }
    return [
      ...(old === undefined ? [] : [line("-", old)]),
      ...(now === undefined ? [] : [line("+", now)]),
    ];
  });
}

/** A value in one line. What does not change is only hinted at below the level of entries. */
function oneLine(
  value: JsonValue,
  path: readonly string[],
  show: ShowText,
  isNew: boolean,
): string {
  if (typeof value === "string") return JSON.stringify(show(value, path, isNew));
  if (isList(value)) {
    return `[${value.map((item) => oneLine(item, path, show, isNew)).join(", ")}]`;
  }
  if (!isObject(value)) return String(value);
  const members = Object.entries(value);
  if (members.length === 0) return "{}";
  if (path.length < OPEN) return "{ … }";
  const texts = members.map(([key, member]) =>
    `${JSON.stringify(key)}: ${oneLine(member, [...path, key], show, isNew)}`
  );
  return `{ ${texts.join(", ")} }`;
}

/** The keys of both, each old one that goes away behind the one it followed. */
function keysOf(before: Members, after: Members): readonly string[] {
  const keys = Object.keys(after);
  for (const [index, key] of Object.keys(before).entries()) {
    if (keys.includes(key)) continue;
    const follows = Object.keys(before)[index - 1];
    keys.splice(follows === undefined ? 0 : keys.indexOf(follows) + 1, 0, key);
  }
  return keys;
}

function membersOf(value: JsonValue | undefined): Members {
  return value !== undefined && isObject(value) ? value : {};
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !isList(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function same(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
