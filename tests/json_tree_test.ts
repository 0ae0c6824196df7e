import { assertEquals, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { type JsonNode, parseJson, positionOf, valueOf } from "../lib/json_tree.ts";

const VALUES: readonly string[] = [
  "{}",
  "[]",
  "null",
  " true\n",
  "-0",
  "1e400",
  "-12.50E-03",
  "12345678901234567890",
  '""',
  '"\\u0041\\n\\"\\\\\\/\\ud83d\\ude00\\ud83d"',
  '"\u007f\u2028ä😀"',
  '{"a":1,"b":[1,[2,{"c":null}]],"a":2}',
  '{"2":1,"1":2,"__proto__":{"x":1},"constructor":3,"":4}',
  '\t{\r\n"a" :\n[ ]\r,"b":{ } }  ',
];

for (const text of VALUES) {
  Deno.test(`valueOf(parseJson()) gives what JSON.parse gives for ${JSON.stringify(text)}`, () => {
    const value = valueOf(parseJson(text, "file"));
    const expected = JSON.parse(text);
    assertEquals(value, expected);
    assertEquals(JSON.stringify(value), JSON.stringify(expected));
  });
}

const FAULTS: readonly (readonly [text: string, position: string, what: string])[] = [
  ["", "line 1, column 1", "the text ends too early"],
  ["  \n ", "line 2, column 2", "the text ends too early"],
  ["{", "line 1, column 2", "the text ends too early"],
  ['{"a"', "line 1, column 5", "the text ends too early"],
  ['{"a":', "line 1, column 6", "the text ends too early"],
  ['{"a":1', "line 1, column 7", "the text ends too early"],
  ['{"a":1,', "line 1, column 8", "the text ends too early"],
  ['{"a":"secret', "line 1, column 6", "a text without closing quote"],
  ['{"a":1,}', "line 1, column 7", "a comma too many"],
  ["[1 ,\n]", "line 1, column 4", "a comma too many"],
  ["[,]", "line 1, column 2", "a value expected"],
  ["{,}", "line 1, column 2", 'a key in double quotes or "}" expected'],
  ['{"a":1 "b":2}', "line 1, column 8", '"," or "}" expected'],
  ["[1 2]", "line 1, column 4", '"," or "]" expected'],
  ["[1}", "line 1, column 3", '"," or "]" expected'],
  ['{"a" 1}', "line 1, column 6", '":" expected'],
  ["{a:1}", "line 1, column 2", 'a key in double quotes or "}" expected'],
  ["{'a':1}", "line 1, column 2", "texts stand in double quotes"],
  ["// x\n{}", "line 1, column 1", "JSON has no comments"],
  ['{\r\n  "a": 1, /* x */\r\n}', "line 2, column 11", "JSON has no comments"],
  ["{} # x", "line 1, column 4", "the end of the text expected"],
  ["{}\n{}", "line 2, column 1", "the end of the text expected"],
  ["{}}", "line 1, column 3", "the end of the text expected"],
  ["01", "line 1, column 2", "the end of the text expected"],
  ["+1", "line 1, column 1", "a value expected"],
  [".5", "line 1, column 1", "a value expected"],
  ["1.", "line 1, column 2", "the end of the text expected"],
  ["-", "line 1, column 1", "a value expected"],
  ["NaN", "line 1, column 1", "a value expected"],
  ["True", "line 1, column 1", "a value expected"],
  ["nullx", "line 1, column 1", "a value expected"],
  ['"a\nb"', "line 1, column 3", "a line end or control character in a text"],
  ['"a\\x"', "line 1, column 3", "an unknown escape"],
  ['"\\u12G4"', "line 1, column 2", "an unknown escape"],
  ["\uFEFF{}", "line 1, column 1", "a byte-order mark; save the file without it"],
  ["\u00a0{}", "line 1, column 1", "a value expected"],
];

for (const [text, position, what] of FAULTS) {
  Deno.test(`parseJson() says what is wrong with ${JSON.stringify(text)}`, () => {
    assertThrows(() => JSON.parse(text), SyntaxError);
    const error = assertThrows(() => parseJson(text, "/x/config.json"), RegauthError);
    assertEquals(error.code, "config-syntax");
    assertEquals(error.subject, "/x/config.json");
    assertEquals(error.message, `Cannot parse "/x/config.json": ${position}: ${what}`);
  });
}

Deno.test("parseJson() agrees with JSON.parse on 20000 damaged texts", () => {
  const seed =
    '{"auths": {"r.io:5": {"auth": "YQ==", "n": [1.5e3, -0, true, null]}}, "\\u0041": ""}';
  const pieces = [
    ..."{}[],:\"'\\/ \n\t0123e.-+tfnu",
    "true",
    "null",
    "\\u00e4",
    "\uFEFF",
    "//",
    ",,",
  ];
  let state = 1;
  const random = (limit: number): number => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  for (let round = 0; round < 20_000; round++) {
    let text = seed;
    for (let damage = random(3); damage >= 0; damage--) {
      const start = random(text.length + 1);
      text = text.slice(0, start) + (pieces[random(pieces.length + 8)] ?? "") +
        text.slice(start + random(4));
    }
    assertEquals(
      attempt(() => valueOf(parseJson(text, ""))),
      attempt(() => JSON.parse(text)),
      text,
    );
  }
});

function attempt(parse: () => unknown): string | undefined {
  try {
    return JSON.stringify(parse());
  } catch {
    return undefined;
  }
}

Deno.test("parseJson() gives the place of every part", () => {
  const text = ' { "a" : [ true , "x" ] , "b": {} } ';
  const root = parseJson(text, "file");
  const spans: string[] = [];
  const visit = (node: JsonNode): void => {
    spans.push(text.slice(node.start, node.end));
    if (node.kind === "list") node.items.forEach(visit);
    if (node.kind !== "object") return;
    for (const { start, keyEnd, end, value } of node.members) {
      spans.push(`${text.slice(start, keyEnd)}|${text.slice(start, end)}`);
      visit(value);
    }
  };
  visit(root);
  assertEquals(spans, [
    '{ "a" : [ true , "x" ] , "b": {} }',
    '"a"|"a" : [ true , "x" ]',
    '[ true , "x" ]',
    "true",
    '"x"',
    '"b"|"b": {}',
    "{}",
  ]);
});

Deno.test("parseJson() takes 1000 levels and refuses more", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  parseJson(nested(1000), "file");
  for (const levels of [1002, 1_000_000]) {
    assertThrows(() => parseJson(nested(levels), "file"), RegauthError, "deeper than 1000 levels");
  }
});

Deno.test("parseJson() takes a text of 10 MB", () => {
  const text = `"${"x".repeat(10_000_000)}\\n"`;
  assertEquals(parseJson(text, "file").end, text.length);
});

Deno.test("positionOf() counts lines of all kinds", () => {
  const text = "a\nbc\r\nd\re";
  const places = [0, 1, 2, 4, 6, 7, 8, 9].map((offset) => positionOf(text, offset));
  assertEquals(places.map(({ line, column }) => `${line}:${column}`), [
    "1:1",
    "1:2",
    "2:1",
    "2:3",
    "3:1",
    "3:2",
    "4:1",
    "4:2",
  ]);
});
