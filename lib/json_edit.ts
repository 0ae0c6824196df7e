/**
 * Edits one member of a JSON text and leaves every other byte as it is: order, indentation, line
 * ends, spelling of numbers, final newline.
 *
 * @example
 * ```ts
 * import { removeMember, setMember } from "./json_edit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = '{\n  "big": 1e400,\n  "auths": {}\n}\n';
 * const edited = setMember(text, ["auths", "reg.example"], { auth: "Og==" });
 * assertEquals(
 *   edited,
 *   '{\n  "big": 1e400,\n  "auths": {\n    "reg.example": {\n      "auth": "Og=="\n    }\n  }\n}\n',
 * );
 * assertEquals(removeMember(edited, ["auths", "reg.example"]), text);
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import {
  type JsonMember,
  type JsonNode,
  type JsonObjectNode,
  type JsonSpan,
  type JsonValue,
  parseJson,
  valueOf,
} from "./json_tree.ts";

/** How members are laid out. */
interface Layout {
  /** Line end and indentation in front of a member; empty if all stands on one line. */
  readonly lead: string;
  /** What one level adds to the indentation. */
  readonly unit: string;
  /** What stands between key and value. */
  readonly colon: string;
}

/** Docker's: `json.MarshalIndent(config, "", "\t")`. */
const DOCKER: Layout = { lead: "\n", unit: "\t", colon: ": " };

/**
 * Sets a member, in place if there is one (of equal keys the last, which is the one that counts),
 * else behind the others. Objects on the way are made if they are missing or `null`. A text that
 * is blank or `{}` gets Docker's layout.
 *
 * @param text The JSON text of an object; a byte-order mark is dropped by an edit.
 * @param path Keys from the root down to the member, at least one.
 * @param value Its new value.
 * @returns The new text; the same one if the member has this value already.
 * @throws {RegauthError} `config-syntax`, or `config-type` if something on the way is no object.
 */
export function setMember(text: string, path: readonly string[], value: JsonValue): string {
  const body = bodyOf(text);
  const root = parseJson(body, "the text");
  let node = root;
  let layout = layoutOf(body, root);
  for (const [depth, key] of path.entries()) {
    const below = nest(path.slice(depth + 1), value);
    if (node.kind === "scalar" && node.value === null) {
      return splice(body, node, render({ [key]: below }, layout));
    }
    if (node.kind !== "object") {
      const name = path.slice(0, depth).join(".") || "the text";
      throw new RegauthError("config-type", `Cannot set "${key}": "${name}" is not an object`, {
        subject: key,
        hint: "Correct the file there, or move it away.",
      });
    }
    const member = node.members.findLast((member) => member.key === key);
    if (member === undefined) return insert(body, node, layout, key, below);
    layout = { ...layout, lead: leadOf(body, member) };
    node = member.value;
  }
  if (JSON.stringify(valueOf(node)) === JSON.stringify(value)) return text;
  return splice(body, node, render(value, layout));
}

/**
 * Removes a member, with all others of the same key, wherever the path leads to: a reader that
 * merges equal keys must not find it either.
 *
 * @param text The JSON text; a byte-order mark is dropped by an edit.
 * @param path Keys from the root down to the member, at least one.
 * @returns The new text; the same one if there is no such member.
 * @throws {RegauthError} `config-syntax`
 */
export function removeMember(text: string, path: readonly string[]): string {
  let edited = text;
  for (;;) {
    const body = bodyOf(edited);
    const found = find(parseJson(body, "the text"), path);
    if (found === undefined) return edited;
    edited = splice(body, spanOf(...found), "");
  }
}

/** Without byte-order mark; an empty file is an empty object. */
function bodyOf(text: string): string {
  const body = text.replace(/^\uFEFF/, "");
  return body.trim() === "" ? "{}" : body;
}

/** The last member at a path, and the object that it is in. */
function find(
  node: JsonNode,
  [key, ...rest]: readonly string[],
): [JsonObjectNode, JsonMember] | undefined {
  if (node.kind !== "object") return undefined;
  for (const member of node.members.toReversed()) {
    if (member.key !== key) continue;
    if (rest.length === 0) return [node, member];
    const found = find(member.value, rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What to cut so that the commas and the layout of the others stay right. */
function spanOf({ members, start, end }: JsonObjectNode, member: JsonMember): JsonSpan {
  const index = members.indexOf(member);
  const [before, after] = [members[index - 1], members[index + 1]];
  if (after !== undefined) return { start: member.start, end: after.start };
  if (before !== undefined) return { start: before.end, end: member.end };
  return { start: start + 1, end: end - 1 };
}

function insert(
  text: string,
  object: JsonObjectNode,
  layout: Layout,
  key: string,
  value: JsonValue,
): string {
  const last = object.members.at(-1);
  if (last === undefined) return splice(text, object, render({ [key]: value }, layout));
  const own = { ...layout, lead: leadOf(text, last) };
  const member = quote(key) + own.colon + render(value, own);
  return splice(text, { start: last.end, end: last.end }, separator(own) + member);
}

/** The layout of the root, as its members show it. */
function layoutOf(text: string, root: JsonNode): Layout {
  const member = root.kind === "object" ? root.members.at(-1) : undefined;
  if (member === undefined) return DOCKER;
  const lead = leadOf(text, member);
  const lineEnd = /^\r?\n/.exec(lead)?.[0] ?? "";
  const colon = text.slice(member.keyEnd, member.value.start);
  return {
    lead: lineEnd,
    unit: lead.slice(lineEnd.length),
    colon: colon.includes("\n") ? DOCKER.colon : colon,
  };
}

/** The line end and indentation in front of a member; empty if it does not start a line. */
function leadOf(text: string, { start }: JsonMember): string {
  const lineEnd = text.lastIndexOf("\n", start - 1);
  if (lineEnd < 0 || text.slice(lineEnd, start).trim() !== "") return "";
  return text.slice(text[lineEnd - 1] === "\r" ? lineEnd - 1 : lineEnd, start);
}

/** What comes between two members. */
function separator({ lead, colon }: Layout): string {
  return "," + (lead || (colon.endsWith(" ") ? " " : ""));
}

/** A value whose own last line is laid out as the layout says. */
function render(value: JsonValue, layout: Layout): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = { ...layout, lead: layout.lead && layout.lead + layout.unit };
  const [open, parts, close] = Array.isArray(value)
    ? ["[", value.map((item) => render(item, inner)), "]"]
    : [
      "{",
      Object.entries(value).map(([key, item]) => quote(key) + inner.colon + render(item, inner)),
      "}",
    ];
  if (parts.length === 0) return open + close;
  return open + inner.lead + parts.join(separator(inner)) + layout.lead + close;
}

/** Escapes what Go's `encoding/json` escapes, so that Docker would write the same. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The value inside objects of one member each. */
function nest(path: readonly string[], value: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value);
}

function splice(text: string, { start, end }: JsonSpan, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
