import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import {
  comparePatterns,
  compilePattern,
  matchPattern,
  type Pattern,
  patternFault,
  patternIndex,
} from "../lib/match.ts";
import rows from "./data/glob.json" with { type: "json" };

/** The error of a call, with its texts. */
function failure(call: () => unknown): RegauthError {
  return assertThrows(call, RegauthError);
}

function compileAll(texts: readonly string[]): readonly Pattern[] {
  return texts.map((text) => compilePattern(text));
}

for (const row of rows) {
  const name = `${JSON.stringify(row.pattern)} on ${JSON.stringify(row.target)}: ${row.note}`;
  Deno.test(`matchPattern() row ${name}`, () => {
    if (row.error) {
      assertEquals(failure(() => matchPattern(row.pattern, row.target)).code, "invalid-pattern");
    } else {
      assertStrictEquals(matchPattern(row.pattern, row.target), row.match);
    }
  });
}

const FAULTS: readonly (readonly [text: string, reason: string])[] = [
  ["g[a-d]r.io", "only an IPv6 address may stand in brackets"],
  ["[a-z]cr.io", "only an IPv6 address may stand in brackets"],
  ["gcr[.io", "only an IPv6 address may stand in brackets"],
  ["gcr].io", "only an IPv6 address may stand in brackets"],
  ["[gcr.io]:5000", "only an IPv6 address may stand in brackets"],
  ["[*]:5000", "only an IPv6 address may stand in brackets"],
  ["[a]", "only an IPv6 address may stand in brackets"],
  ["[::1]x", "only an IPv6 address may stand in brackets"],
  ["::1", "it has more than one colon; put an IPv6 address in brackets"],
  ["2001:db8::a", "it has more than one colon; put an IPv6 address in brackets"],
  ["a:5000:6000", "it has more than one colon; put an IPv6 address in brackets"],
  ["reg.example:*", "the port is not a number"],
  ["[::1]:port", "the port is not a number"],
  ["{us,eu}.gcr.io", "the host contains a character that no host has"],
  ["%2A.gcr.io", "the host contains an escaped ASCII character"],
  ["%FF.gcr.io", "it contains a bad percent escape"],
  ["gcr.io/%zz", "it contains a bad percent escape"],
  ["gcr.io#%zz", "it contains a bad percent escape"],
  ["gcr.io\n", "it contains a control character"],
  ["a b@gcr.io", 'the user name before "@" contains a character that must be escaped'],
];

for (const [text, reason] of FAULTS) {
  Deno.test(`patternFault() says of ${JSON.stringify(text)}: ${reason}`, () => {
    assertStrictEquals(patternFault(text), reason);
    const { message } = failure(() => compilePattern(text));
    assertEquals(message.slice(-reason.length - 3), `": ${reason}`);
  });
}

Deno.test("patternFault() has nothing to say of a pattern", () => {
  assertStrictEquals(patternFault("*.gcr.io:5000/team"), undefined);
});

Deno.test("compilePattern() never shows user name and password", () => {
  const { message, subject } = failure(() => compilePattern("me:hunter2@gcr .io"));
  assertStrictEquals(
    message,
    'Cannot read the pattern "***@gcr .io": the host contains a character that no host has',
  );
  assertStrictEquals(subject, "***@gcr .io");
});

Deno.test("compilePattern() gives equal patterns equal texts", () => {
  const spellings = ["REG.example:5000/te%61m", "me:pw@reg.example:5000/team?x#y"];
  for (const { text } of compileAll(spellings)) assertEquals(text, "reg.example:5000/team");
  assertEquals(compilePattern("reg.example:").text, "reg.example");
  assertEquals(compilePattern("[2001:DB8:0::1]:443").text, "[2001:db8::1]:443");
  assertEquals(compilePattern("[FE80::1%25eth0]/x").text, "[fe80::1%25eth0]/x");
});

Deno.test("matchPattern() does not fold a lookalike of an ASCII letter", () => {
  assertStrictEquals(matchPattern("kube.example", "\u212aube.example/app"), false);
});

Deno.test("matchPattern() compares an IPv6 zone, and an embedded IPv4 address as IPv6", () => {
  assert(matchPattern("[fe80::1%25eth0]:5000", "[fe80::1%25eth0]:5000/app"));
  assert(!matchPattern("[fe80::1%25eth0]:5000", "[fe80::1]:5000/app"));
  assert(matchPattern("[::ffff:10.0.0.1]:5000", "[::ffff:10.0.0.1]:5000/app"));
});

Deno.test("matchPattern() answers at once for many stars", () => {
  assert(!matchPattern(`${"a*".repeat(40)}b.io`, `${"a".repeat(100_000)}.io/app`));
  assert(matchPattern(`${"a*".repeat(40)}b.io`, `${"a".repeat(100_000)}b.io/app`));
  assert(!matchPattern(`${"*".repeat(40)}x.io`, `${"y".repeat(100_000)}.io/app`));
});

Deno.test("comparePatterns() puts the more specific pattern first", () => {
  const ordered = [
    "reg.example/team/app",
    "reg.example/team/",
    "reg.example/team",
    "reg.example",
    "gcr.io:5000",
    "gcr.io",
    "reg1*.example.com",
    "reg.example*",
    "reg*.example.com",
    "a.*.example.com",
    "*-prod.x.example",
    "*.x.example/team",
    "*.x.example",
    "*.*.example",
    "*",
  ];
  const shuffled = compileAll(ordered.toReversed());
  assertEquals(shuffled.toSorted(comparePatterns).map(({ text }) => text), ordered);
  const [a, b] = compileAll(["REG.example", "reg.example:"]);
  assert(a && b);
  assertStrictEquals(comparePatterns(a, b), 0);
});

Deno.test("patternIndex() of nothing finds nothing, not even a fault of the target", () => {
  assertStrictEquals(patternIndex([]).first("not a host"), undefined);
});

Deno.test("patternIndex() refuses a target that cannot be read", () => {
  const index = patternIndex([[compilePattern("gcr.io"), 1]]);
  const { code, message } = failure(() => index.first("me:hunter2@a:b"));
  assertEquals(code, "invalid-pattern");
  assertEquals(message, 'Cannot read the target "***@a:b": the port is not a number');
});

Deno.test("patternIndex() takes the first of equal patterns", () => {
  const [a, b] = compileAll(["*.gcr.io", "*.GCR.io:"]);
  assert(a && b);
  assertStrictEquals(patternIndex([[a, "first"], [b, "second"]]).first("eu.gcr.io"), "first");
});

Deno.test("patternIndex() finds one among ten thousand", () => {
  const texts = Array.from({ length: 10_000 }, (_, i) => {
    if (i % 10 !== 0) return i % 2 === 0 ? `host-${i}.example` : `reg.example/team-${i}`;
    return [`*.team-${i}.example`, `team-${i}-*.example`, `*.example/team-${i}`][i % 3] ?? "";
  });
  const index = patternIndex(compileAll(texts).map((pattern) => [pattern, pattern.text]));
  const cases: readonly (readonly [target: string, text: string | undefined])[] = [
    ["host-12.example/a", "host-12.example"],
    ["reg.example/team-4711/app", "reg.example/team-4711"],
    ["reg.example/team-4700/app", "*.example/team-4700"],
    ["eu.team-4500.example/app", "*.team-4500.example"],
    ["team-4510-eu.example/app", "team-4510-*.example"],
    ["team-4511-eu.example/app", undefined],
    ["elsewhere.example/app", undefined],
  ];
  for (const [target, text] of cases) {
    assertStrictEquals(index.first(target), text, target);
  }
});

Deno.test("patternIndex() agrees with trying all patterns in order", () => {
  const random = randomNumbers(1);
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? "";
  const labels = ["a", "b", "ab", "ba", "*", "a*", "*b", "a*b", "*a*", "a*b*a", "**"];
  const paths = ["", "", "/", "/a", "/a/", "/a/b", "/ab", "/a:b"];
  const place = (names: readonly string[]): string =>
    Array.from({ length: 1 + random(3) }, () => pick(names)).join(".") + pick(["", "", ":1"]) +
    pick(paths);
  for (let round = 0; round < 200; round++) {
    const patterns = compileAll(Array.from({ length: 1 + random(30) }, () => place(labels)));
    const index = patternIndex(patterns.map((pattern) => [pattern, pattern]));
    const ordered = patterns.toSorted(comparePatterns);
    for (let i = 0; i < 20; i++) {
      const target = place(["a", "b", "ab", "aab", "abba", ""]);
      assertStrictEquals(
        index.first(target),
        ordered.find((pattern) => pattern.matches(target)),
        target,
      );
    }
  }
});

/** Numbers below a limit, the same ones in every run (mulberry32). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
