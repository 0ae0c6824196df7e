import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { removeMember, setMember } from "../lib/json_edit.ts";
import type { JsonValue } from "../lib/json_tree.ts";

const ENTRY = { auth: "QQ==" };
const AUTHS = ["auths", "r.io"];
const DOCKER = '{\n\t"auths": {\n\t\t"r.io": {\n\t\t\t"auth": "QQ=="\n\t\t}\n\t}\n}';

type Row = readonly [name: string, before: string, path: readonly string[], after: string];

const SET: readonly Row[] = [
  ["writes an empty text as Docker does", "", AUTHS, DOCKER],
  ["writes a blank text as Docker does", " \r\n", AUTHS, DOCKER],
  ["writes an empty object as Docker does", "{}", AUTHS, DOCKER],
  ["keeps what is around an empty object", "\n{ }\n", AUTHS, `\n${DOCKER}\n`],
  ["makes an object of null", "null\n", AUTHS, `${DOCKER}\n`],
  ["drops a byte-order mark", "\uFEFF{}", AUTHS, DOCKER],
  [
    "indents by tabs",
    '{\n\t"auths": {}\n}\n',
    AUTHS,
    '{\n\t"auths": {\n\t\t"r.io": {\n\t\t\t"auth": "QQ=="\n\t\t}\n\t}\n}\n',
  ],
  [
    "indents by two spaces",
    '{\n  "a": 1\n}',
    AUTHS,
    '{\n  "a": 1,\n  "auths": {\n    "r.io": {\n      "auth": "QQ=="\n    }\n  }\n}',
  ],
  [
    "indents by four spaces and ends lines with CRLF",
    '{\r\n    "auths": {\r\n        "a": {}\r\n    }\r\n}\r\n',
    AUTHS,
    '{\r\n    "auths": {\r\n        "a": {},\r\n        "r.io": {\r\n            "auth": "QQ=="\r\n' +
    "        }\r\n    }\r\n}\r\n",
  ],
  [
    "does not indent what is not indented",
    '{\n"a": 1\n}',
    ["b"],
    '{\n"a": 1,\n"b": {\n"auth": "QQ=="\n}\n}',
  ],
  [
    "stays on one line",
    '{"auths":{"a":{"auth":"x"}},"z":1}',
    AUTHS,
    '{"auths":{"a":{"auth":"x"},"r.io":{"auth":"QQ=="}},"z":1}',
  ],
  [
    "stays on one line with spaces",
    '{ "auths": { "a": {} } }',
    AUTHS,
    '{ "auths": { "a": {}, "r.io": {"auth": "QQ=="} } }',
  ],
  [
    "stays on the one line of an inner object",
    '{\n  "auths": {"a": {}}\n}',
    AUTHS,
    '{\n  "auths": {"a": {}, "r.io": {"auth": "QQ=="}}\n}',
  ],
  ["keeps space before the colon", '{"a" : 1}', ["b"], '{"a" : 1, "b" : {"auth" : "QQ=="}}'],
  [
    "does not copy a line end behind the colon",
    '{"a":\n1}',
    ["b"],
    '{"a":\n1, "b": {"auth": "QQ=="}}',
  ],
  [
    "does not copy blank lines",
    '{\n\n\n "a": 1\n\n}',
    ["b"],
    '{\n\n\n "a": 1,\n "b": {\n  "auth": "QQ=="\n }\n\n}',
  ],
  [
    "makes an object of a null on the way",
    '{\n\t"auths": null\n}',
    AUTHS,
    '{\n\t"auths": {\n\t\t"r.io": {\n\t\t\t"auth": "QQ=="\n\t\t}\n\t}\n}',
  ],
  [
    "replaces a value in its place",
    '{"auths":{"r.io":{"auth":"x","n":1e400},"b":{}},"n":12345678901234567890}',
    AUTHS,
    '{"auths":{"r.io":{"auth":"QQ=="},"b":{}},"n":12345678901234567890}',
  ],
  [
    "replaces a value of another kind",
    '{"auths":{"r.io":[1]}}',
    AUTHS,
    '{"auths":{"r.io":{"auth":"QQ=="}}}',
  ],
  [
    "changes the last of equal keys",
    '{"a":{"x":1},"a":{"x":2}}',
    ["a", "x"],
    '{"a":{"x":1},"a":{"x":{"auth":"QQ=="}}}',
  ],
  ["finds a key that is escaped", '{"\\u0061\\/b":0}', ["a/b"], '{"\\u0061\\/b":{"auth":"QQ=="}}'],
  [
    "sets a member called __proto__",
    '{"a":1}',
    ["__proto__"],
    '{"a":1,"__proto__":{"auth":"QQ=="}}',
  ],
  [
    "keeps integer keys where they are",
    '{"b":1,"2":2}',
    ["1"],
    '{"b":1,"2":2,"1":{"auth":"QQ=="}}',
  ],
  [
    "escapes a key",
    "{}",
    ['a"\\\n<&>\u2028ä'],
    '{\n\t"a\\"\\\\\\n\\u003c\\u0026\\u003e\\u2028ä": {\n\t\t"auth": "QQ=="\n\t}\n}',
  ],
];

for (const [name, before, path, after] of SET) {
  Deno.test(`setMember() ${name}`, () => {
    assertEquals(setMember(before, path, ENTRY), after);
    assertStrictEquals(setMember(after, path, ENTRY), after);
  });
}

const REMOVE: readonly Row[] = [
  ["removes the only member", '{"a": 1}', ["a"], "{}"],
  ["removes the first member", '{ "a": 1, "b": 2 }', ["a"], '{ "b": 2 }'],
  ["removes the last member", '{ "a": 1, "b": 2 }', ["b"], '{ "a": 1 }'],
  [
    "removes a line",
    '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n',
    ["b"],
    '{\n  "a": 1,\n  "c": 3\n}\n',
  ],
  [
    "empties an inner object",
    '{\n\t"auths": {\n\t\t"r.io": {}\n\t}\n}',
    AUTHS,
    '{\n\t"auths": {}\n}',
  ],
  ["removes all equal keys", '{"a":1,"b":2,"a":3,"c":4,"a":5}', ["a"], '{"b":2,"c":4}'],
  [
    "removes from all equal parents",
    '{"auths":{"r.io":1,"x":1},"auths":{"r.io":2}}',
    AUTHS,
    '{"auths":{"x":1},"auths":{}}',
  ],
  ["leaves a missing member alone", '\uFEFF{"auths":{}}', AUTHS, '\uFEFF{"auths":{}}'],
  [
    "leaves a path through other values alone",
    '{"auths":[{"r.io":1}]}',
    AUTHS,
    '{"auths":[{"r.io":1}]}',
  ],
  ["drops a byte-order mark with a member", '\uFEFF{"a":1}', ["a"], "{}"],
  ["leaves an empty text alone", "", AUTHS, ""],
];

for (const [name, before, path, after] of REMOVE) {
  Deno.test(`removeMember() ${name}`, () => assertEquals(removeMember(before, path), after));
}

Deno.test("setMember() writes values of every kind", () => {
  const value: JsonValue = { a: [], b: {}, c: [1, "x", null, [true]], d: "<" };
  assertEquals(
    setMember('{"z":0}', ["v"], value),
    '{"z":0,"v":{"a":[],"b":{},"c":[1,"x",null,[true]],"d":"\\u003c"}}',
  );
  const lines = setMember("{}", ["v"], value);
  assertEquals(lines.replaceAll("\\u003c", "<"), JSON.stringify({ v: value }, null, "\t"));
});

Deno.test("setMember() and removeMember() refuse what they cannot parse", () => {
  for (const text of ['{"a":1,}', "// x\n{}", "{}{}", '{"a"']) {
    for (const call of [() => setMember(text, ["a"], 1), () => removeMember(text, ["a"])]) {
      assertEquals(assertThrows(call, RegauthError).code, "config-syntax");
    }
  }
});

Deno.test("setMember() refuses to put a member into what is no object", () => {
  for (const text of ["[]", "1", '{"auths":[]}', '{"auths":"secret"}', '{"auths":false}']) {
    const error = assertThrows(() => setMember(text, AUTHS, 1), RegauthError, "is not an object");
    assertEquals(error.code, "config-type");
  }
});

/** Texts of random objects in random layouts, without an object that holds only white space. */
function* randomTexts(count: number): Generator<string> {
  let state = 7;
  const random = (limit: number): number => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  const pick = <T>(...choices: readonly T[]): T => choices[random(choices.length)] as T;
  const space = (): string => pick("", "", " ", "\n", "\r\n", "\n\t", "\n  ", "\t");
  const scalars = ["1e400", "12345678901234567890", '"\\u00e4\\/"', '"a,}{"', "null", "[ 1,{} ]"];
  const value = (depth: number): string =>
    depth > 2 || random(3) === 0 ? pick(...scalars) : object(depth);
  const object = (depth: number): string => {
    const members = Array.from(
      { length: random(4) },
      () =>
        `${space()}"${pick("a", "b", "auths", "1", "__proto__")}"${space()}:${space()}${
          value(depth + 1)
        }${space()}`,
    );
    return `{${members.join(",")}}`;
  };
  for (let round = 0; round < count; round++) yield space() + object(0) + space();
}

Deno.test("setMember() says what it is told, and removeMember() restores every byte", () => {
  for (const before of randomTexts(3000)) {
    const paths = [["new"], ["auths", "new"]];
    for (const path of paths) {
      let after;
      try {
        after = setMember(before, path, ENTRY);
      } catch (error) {
        // "auths" is a number, text or list.
        assertEquals(error instanceof RegauthError && error.code, "config-type", before);
        continue;
      }
      const parsed = JSON.parse(after);
      const expected = JSON.parse(before);
      if (path.length === 1) expected.new = ENTRY;
      else expected.auths = { ...expected.auths, new: ENTRY };
      assertEquals(parsed, expected, before);
      const restorable = path.length === 1 ||
        /^[{[]/.test(JSON.stringify(JSON.parse(before).auths) ?? "");
      if (restorable) assertEquals(removeMember(after, path), before);
    }
  }
});
