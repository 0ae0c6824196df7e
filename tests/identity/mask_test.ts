import { assertEquals } from "@std/assert";
import { Secret } from "../../lib/credential.ts";
import { masked } from "../../lib/identity/mask.ts";

const CASES: readonly (readonly [text: string, shown: string])[] = [
  ["plain words", "plain words"],
  ["ya29.a0Af_x-y/z=", "[redacted]"],
  ["1//0gRefresh-token", "[redacted]"],
  ["eyJhbGci.eyJpc3M.c2ln-_x", "[redacted]"],
  ["ghs_abc123", "[redacted]"],
  ["client_secret=abc&client_id=me", "client_secret=[redacted]&client_id=me"],
  ['{"refresh_token": "abc", "x": 1}', '{"refresh_token": "[redacted]", "x": 1}'],
  ["-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "[redacted]"],
  ["-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]"],
  ["a\x1b[2Jb", "a\ufffd[2Jb"],
];

for (const [text, shown] of CASES) {
  Deno.test(`masked() shows ${JSON.stringify(text)} safely`, () => {
    assertEquals(masked(text), shown);
  });
}

Deno.test("masked() hides what was sent", () => {
  assertEquals(
    masked("no hunter2 here", [new Secret("hunter2"), undefined, new Secret("")]),
    [
      "no [redacted] here",
    ].join(),
  );
});
