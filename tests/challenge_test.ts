import { assertEquals, assertThrows } from "@std/assert";
import { parseChallenges } from "../lib/challenge.ts";
import { RegauthError } from "../lib/errors.ts";
import vectors from "./data/challenge.json" with { type: "json" };

/** Rows of the specification that the shared data does not have. */
const MORE: readonly { header: string; error: string }[] = [
  { header: "x".repeat(16_385), error: "too-long" },
  { header: "Basic realm=café", error: "bad-char" },
  { header: "Bäsic", error: "bad-char" },
  { header: "Basic é", error: "bad-char" },
  { header: 'Basic realm="a"é', error: "bad-char" },
  { header: '="x"', error: "bad-token" },
  { header: "Bearer: a", error: "bad-token" },
  { header: 'Bearer "x"', error: "bad-token" },
  { header: "Bearer abc:def", error: "bad-token" },
  { header: 'Basic a b="c"', error: "missing-equals" },
  { header: "Foo abc def", error: "missing-equals" },
  { header: "Bearer abc, Basic", error: "missing-equals" },
  { header: "Bearer realm=,a=b", error: "missing-value" },
  { header: 'realm="abc', error: "missing-scheme" },
  { header: "realm=é", error: "missing-scheme" },
  { header: 'Basic realm="abc\\', error: "unterminated-quote" },
  { header: 'Basic realm="é', error: "unterminated-quote" },
  { header: 'Basic realm="a"; b="c"', error: "junk-after-value" },
  { header: 'Basic realm="a" ; b="c"', error: "junk-after-value" },
  { header: 'Basic realm=a"b"', error: "junk-after-value" },
  { header: "Foo ab==,x=y", error: "params-after-token68" },
  { header: "Basic,".repeat(33), error: "too-many" },
  {
    header: `Bearer ${Array.from({ length: 65 }, (_, n) => `p${n}=x`).join(",")}`,
    error: "too-many",
  },
  { header: 'Basic realm="a\\\u0001b"', error: "control-char" },
];

/** The parameters have no prototype; copies compare with literals. */
function parse(header: string): unknown[] {
  return parseChallenges(header).map((challenge) => ({
    ...challenge,
    params: new Map(Object.entries(challenge.params)),
  }));
}

for (const { name, header, schemes, error } of vectors) {
  Deno.test(`parseChallenges() ${name}`, () => {
    if (error !== undefined) {
      assertEquals(assertThrows(() => parseChallenges(header), RegauthError).code, error);
      return;
    }
    const expected = (schemes ?? []).map((challenge) => ({
      ...challenge,
      params: new Map(Object.entries(challenge.params)),
    }));
    assertEquals(parse(header), expected);
  });
}

for (const { header, error } of MORE) {
  Deno.test(`parseChallenges() refuses ${JSON.stringify(header.slice(0, 40))} as ${error}`, () => {
    assertEquals(assertThrows(() => parseChallenges(header), RegauthError).code, error);
  });
}

Deno.test("parseChallenges() takes a token68 that looks like a name", () => {
  assertEquals(parse("Negotiate abc= , Basic"), [
    { scheme: "negotiate", params: new Map(), token68: "abc=" },
    { scheme: "basic", params: new Map() },
  ]);
  assertEquals(parse("Foo a=b"), [{ scheme: "foo", params: new Map([["a", "b"]]) }]);
});

Deno.test("parseChallenges() sees one challenge in a realm that imitates two", () => {
  assertEquals(parse('Basic realm="x, Bearer realm=https://evil.example/t"'), [
    { scheme: "basic", params: new Map([["realm", "x, Bearer realm=https://evil.example/t"]]) },
  ]);
});

Deno.test("parseChallenges() unites scopes in the order in which they come", () => {
  const [challenge] = parseChallenges('Bearer scope="b a",scope="a c"');
  assertEquals(challenge?.params.scope, "b a c");
});

Deno.test("parseChallenges() gives parameters without a prototype", () => {
  const [challenge] = parseChallenges("Basic");
  assertEquals(challenge && Object.getPrototypeOf(challenge.params), null);
});

Deno.test("parseChallenges() stays quick on hostile input", () => {
  for (const part of ['"\\', "a=", " ,", "Foo a", "=", 'a="', "a ="]) {
    const header = `Foo ${part.repeat(16_000 / part.length)}`;
    try {
      parseChallenges(header);
    } catch (error) {
      assertEquals(error instanceof RegauthError, true);
    }
  }
});
