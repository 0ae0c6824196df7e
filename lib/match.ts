/**
 * Patterns of registries, such as `*.gcr.io` or `reg.example:5000/team`: which targets they cover,
 * which of two is the more specific one, and the first match among many.
 *
 * A star stands for any characters inside one label of the host. Ports are compared as text; there
 * is no wildcard in them, nor in paths. The rules are those of Kubernetes' image pull secrets and
 * of imgpkg (`pkg/credentialprovider/keyring.go`), except that hosts are compared in lower case,
 * that IPv6 addresses match in every spelling, and that a path covers whole segments.
 *
 * @example The most specific pattern wins
 * ```ts
 * import { compilePattern, matchPattern, patternIndex } from "./match.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(matchPattern("*.gcr.io", "us.gcr.io/project/app"), true);
 * assertEquals(matchPattern("gcr.io/team", "gcr.io/team-secret/app"), false);
 *
 * const index = patternIndex([
 *   [compilePattern("*.gcr.io"), "everyone"],
 *   [compilePattern("us.gcr.io/team"), "the team"],
 * ]);
 * assertEquals(index.first("us.gcr.io/team/app"), "the team");
 * assertEquals(index.first("eu.gcr.io/team/app"), "everyone");
 * ```
 *
 * @module
 */

import { messageOf, RegauthError } from "./errors.ts";
import { type Place, readPlace } from "./place.ts";
import { printable } from "./printable.ts";

/** A pattern that has been read. */
export interface Pattern extends Place {
  /** Host, port and path as they are compared: equal texts are equal patterns. */
  readonly text: string;
  /**
   * Whether the pattern covers a target.
   *
   * @param target `host[:port][/path]`, without scheme.
   * @returns Whether it does.
   * @throws {RegauthError} `invalid-pattern` if the target cannot be read.
   */
  matches(target: string): boolean;
}

/** Finds the most specific of many patterns in a time that hardly depends on their number. */
export interface PatternIndex<Value> {
  /**
   * Looks for the most specific pattern that covers a target.
   *
   * @param target `host[:port][/path]`, without scheme.
   * @returns What belongs to that pattern; `undefined` if none covers the target.
   * @throws {RegauthError} `invalid-pattern` if the target cannot be read.
   */
  first(target: string): Value | undefined;
}

/**
 * Whether a pattern covers a target.
 *
 * @param pattern `host[:port][/path]`, without scheme, with stars in the host.
 * @param target `host[:port][/path]`, without scheme.
 * @returns Whether it does.
 * @throws {RegauthError} `invalid-pattern` if one of them cannot be read.
 */
export function matchPattern(pattern: string, target: string): boolean {
  return compilePattern(pattern).matches(target);
}

/**
 * Reads a pattern.
 *
 * @param text `host[:port][/path]`, without scheme, with stars in the host. User name and password,
 * query and fragment are dropped.
 * @returns The pattern.
 * @throws {RegauthError} `invalid-pattern`
 */
export function compilePattern(text: string): Pattern {
  const place = readOrExplain("pattern", text);
  return {
    ...place,
    text: place.host + place.path,
    matches: (target) => covers(place, readOrExplain("target", target)),
  };
}

/**
 * Why a text is not a pattern, without repeating it: for variables whose value must not be shown.
 *
 * @param text A pattern, or not.
 * @returns The reason; `undefined` for a pattern.
 */
export function patternFault(text: string): string | undefined {
  try {
    readPlace(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * The order in which patterns are tried: hosts without a star before hosts with one, then
 * descending by text, where `*` is the lowest character, then `.`, then `/`, and a text comes before
 * its own beginnings. It gives imgpkg's answers where those follow its documentation.
 *
 * @param a A pattern.
 * @param b Another one.
 * @returns Negative if `a` is tried before `b`, 0 if their texts are equal.
 */
export function comparePatterns(a: Pattern, b: Pattern): number {
  const stars = Number(a.host.includes("*")) - Number(b.host.includes("*"));
  if (stars !== 0) return stars;
  let at = 0;
  while (at < a.text.length && a.text[at] === b.text[at]) at++;
  return weight(b.text, at) - weight(a.text, at);
}

/**
 * Makes an index of patterns. Of equal patterns the first one counts.
 *
 * @param entries Patterns, each with what belongs to it.
 * @returns The index.
 */
export function patternIndex<Value>(
  entries: Iterable<readonly [Pattern, Value]>,
): PatternIndex<Value> {
  const root = newNode<Value>();
  const ranked = [...entries].sort(([a], [b]) => comparePatterns(a, b));
  for (const [rank, [pattern, value]] of ranked.entries()) {
    const node = steps(pattern).reduce(childFor, root);
    getOrAdd(node.paths, pattern.path, () => ({ value, rank }));
  }
  return {
    first(target): Value | undefined {
      if (ranked.length === 0) return undefined;
      const place = readOrExplain("target", target);
      let nodes: readonly Node<Value>[] = [root];
      for (const step of steps(place)) {
        nodes = nodes.flatMap((node) => childrenCovering(node, step));
      }
      return firstOf(nodes, place.path)?.value;
    },
  };
}

/** A tree of host patterns: from the port over the last label to the first one. */
interface Node<Value> {
  /** What follows a label without star. */
  readonly literals: Map<string, Node<Value>>;
  /** What follows labels with stars, by the places of the stars. */
  readonly globs: Map<string, Globs<Value>>;
  /** The paths of the patterns whose host ends here. */
  readonly paths: Map<string, Entry<Value>>;
}

/** Labels with as many characters before the first star, and as many after the last one. */
interface Globs<Value> {
  readonly before: number;
  readonly after: number;
  /** By these characters, so that the ones of a target find them; then by the whole label. */
  readonly byEnds: Map<string, Map<string, Node<Value>>>;
}

interface Entry<Value> {
  readonly value: Value;
  /** Its place in the order of all entries. */
  readonly rank: number;
}

function newNode<Value>(): Node<Value> {
  return { literals: new Map(), globs: new Map(), paths: new Map() };
}

function steps({ port, labels }: Place): readonly string[] {
  return [port, ...labels.toReversed()];
}

function childFor<Value>(node: Node<Value>, label: string): Node<Value> {
  const before = label.indexOf("*");
  if (before < 0) return getOrAdd(node.literals, label, newNode<Value>);
  const after = label.length - label.lastIndexOf("*") - 1;
  const globs = getOrAdd(
    node.globs,
    `${before} ${after}`,
    (): Globs<Value> => ({ before, after, byEnds: new Map() }),
  );
  const sameEnds = getOrAdd(globs.byEnds, endsOf(label, globs), () => new Map());
  return getOrAdd(sameEnds, label, newNode<Value>);
}

function childrenCovering<Value>(node: Node<Value>, label: string): readonly Node<Value>[] {
  const literal = node.literals.get(label);
  const found = literal ? [literal] : [];
  for (const globs of node.globs.values()) {
    for (const [pattern, child] of globs.byEnds.get(endsOf(label, globs)) ?? []) {
      if (labelCovers(pattern, label)) found.push(child);
    }
  }
  return found;
}

function endsOf(label: string, { before, after }: Globs<unknown>): string {
  return `${label.slice(0, before)}*${label.slice(label.length - after)}`;
}

function firstOf<Value>(nodes: readonly Node<Value>[], path: string): Entry<Value> | undefined {
  const covering = nodes.length === 0 ? [] : pathsCovering(path);
  let best: Entry<Value> | undefined;
  for (const { paths } of nodes) {
    for (const path of covering) {
      const entry = paths.get(path);
      if (entry && (!best || entry.rank < best.rank)) best = entry;
    }
  }
  return best;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

function weight(text: string, at: number): number {
  if (at >= text.length) return -1;
  const lowest = "*./".indexOf(text[at] ?? "");
  return lowest < 0 ? 3 + (text.codePointAt(at) ?? 0) : lowest;
}

function covers(pattern: Place, target: Place): boolean {
  return pattern.port === target.port && pattern.labels.length === target.labels.length &&
    pattern.labels.every((label, i) => labelCovers(label, target.labels[i] ?? "")) &&
    pathsCovering(target.path).includes(pattern.path);
}

/** Takes the pieces between stars from left to right, so that nothing is ever tried twice. */
function labelCovers(pattern: string, label: string): boolean {
  const [start = "", ...pieces] = pattern.split("*");
  const end = pieces.pop();
  if (end === undefined) return start === label;
  if (!label.startsWith(start) || !label.endsWith(end)) return false;
  let at = start.length;
  for (const piece of pieces) {
    const found = label.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + end.length <= label.length;
}

/**
 * The paths of patterns that cover a path: its beginnings up to or with a slash, and, where it has
 * a tag, with every beginning of the tag.
 */
function pathsCovering(path: string): readonly string[] {
  const found: string[] = [];
  let tagged = false;
  for (let end = 0; end <= path.length; end++) {
    const next = path[end];
    if (tagged || next === undefined || next === "/" || path[end - 1] === "/") {
      found.push(path.slice(0, end));
    }
    tagged = next === ":" || (tagged && next !== "/");
  }
  return found;
}

function readOrExplain(what: "pattern" | "target", text: string): Place {
  try {
    return readPlace(text);
  } catch (error) {
    const shown = printable(text);
    throw new RegauthError(
      "invalid-pattern",
      `Cannot read the ${what} "${shown}": ${messageOf(error)}`,
      { subject: shown, hint: "Write it as host[:port][/path], for example *.gcr.io/team." },
    );
  }
}
