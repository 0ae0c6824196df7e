import { assertEquals } from "@std/assert";
import { closest } from "../lib/closest.ts";

const cases: readonly [
  name: string,
  word: string,
  known: readonly string[],
  want: string | undefined,
][] = [
  ["finds a word with two letters swapped", "keychian", ["keychain", "ca"], "keychain"],
  ["finds a word with a letter too many", "stoore", ["store", "scope"], "store"],
  ["finds a word with a letter missing", "registres", ["registries"], "registries"],
  ["finds a word with a wrong letter", "insekure", ["insecure"], "insecure"],
  ["ignores the case of letters", "CLIENTCERT", ["clientKey", "clientCert"], "clientCert"],
  ["prefers the closer of two words", "clientkeys", ["clientCert", "clientKey"], "clientKey"],
  ["takes the word itself", "ca", ["ca"], "ca"],
  ["allows no mistake in a word of two letters", "cb", ["ca"], undefined],
  ["finds nothing among strangers", "password", ["keychain", "ca", "insecure"], undefined],
  ["finds nothing for an empty word", "", ["ca"], undefined],
  ["finds nothing among no words", "ca", [], undefined],
];

for (const [name, word, known, want] of cases) {
  Deno.test(`closest() ${name}`, () => assertEquals(closest(word, known), want));
}
