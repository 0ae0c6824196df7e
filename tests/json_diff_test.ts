import { assertEquals } from "@std/assert";
import { jsonChanges, jsonDiff, type ShowText } from "../lib/json_diff.ts";
import type { JsonValue } from "../lib/json_tree.ts";

const AS_IS: ShowText = (text) => text;

function lines(before: JsonValue, after: JsonValue, show = AS_IS): string[] {
  return jsonDiff(before, after, show).map(({ mark, text }) => mark + text);
}

const CASES: readonly [name: string, before: JsonValue, after: JsonValue, lines: string[]][] = [
  ["the same values", { a: 1 }, { a: 1 }, []],
  ["a member of a new file", {}, { auths: { h: {} } }, ['+"auths": {', '+  "h": {}', "+}"]],
  [
    "an entry beside others, two of them on either side",
    { auths: { a: {}, b: {}, c: {}, e: {}, f: {}, g: {} } },
    { auths: { a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {} } },
    [' "auths": {', "…  ", '   "b": {}', '   "c": {}', '+  "d": {}', '   "e": {}', '   "f": {}']
      .concat(["…  ", " }"]),
  ],
  [
    "an entry that is replaced",
    { auths: { a: { auth: "x" } } },
    { auths: { a: { auth: "y" } } },
    [' "auths": {', '-  "a": { "auth": "x" }', '+  "a": { "auth": "y" }', " }"],
  ],
  [
    "the last entry of an object that goes away as well",
    { auths: { a: {} }, n: 1 },
    { n: 1 },
    ['-"auths": {', '-  "a": {}', "-}", ' "n": 1'],
  ],
  [
    "what stays and has parts of its own is only hinted at",
    { http: { h: { x: "y" } }, s: "a" },
    { http: { h: { x: "y" } }, s: "b" },
    [' "http": { … }', '-"s": "a"', '+"s": "b"'],
  ],
  ["lists and other values", { l: [1, null] }, { l: [true, "x"] }, [
    '-"l": [1, null]',
    '+"l": [true, "x"]',
  ]],
  ["an object in place of a text", { a: "x" }, { a: {} }, ['-"a": "x"', '+"a": {}']],
];

for (const [name, before, after, expected] of CASES) {
  Deno.test(`jsonDiff() of ${name}`, () => assertEquals(lines(before, after), expected));
}

Deno.test("jsonDiff() shows each text as it is told, and tells which lines are new", () => {
  const show: ShowText = (text, path, isNew) =>
    `${path.join("/")} ${isNew ? "new" : "old"} ${text}`;
  assertEquals(lines({ a: { b: "1", c: "3" } }, { a: { b: "2", c: "3" } }, show), [
    ' "a": {',
    '-  "b": "a/b old 1"',
    '+  "b": "a/b new 2"',
    '   "c": "a/c old 3"',
    " }",
  ]);
});

Deno.test("jsonChanges() names members by JSON pointer, down to the second level", () => {
  const before = { auths: { "a/b": {}, "c~d": { auth: "x" }, gone: {} }, plain: 1 };
  const after = { auths: { "a/b": {}, "c~d": { auth: "y" }, "https://h/": {} }, plain: 1, n: {} };
  assertEquals(jsonChanges(before, after), [
    { pointer: "/auths/c~0d", action: "replace" },
    { pointer: "/auths/gone", action: "remove" },
    { pointer: "/auths/https:~1~1h~1", action: "add" },
  ]);
});
