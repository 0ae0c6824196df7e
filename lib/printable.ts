/**
 * Text from outside as an error message may show it.
 *
 * @example A password that was pasted into an image name stays out of the message
 * ```ts
 * import { printable } from "./printable.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(printable("me:hunter2@reg.example/app"), "***@reg.example/app");
 * assertEquals(printable("app@sha256:0123"), "app@sha256:0123");
 * assertEquals(printable("app\x1b[2J"), "app\\u{1b}[2J");
 * ```
 *
 * @module
 */

/** All before an `@`, unless the `@` is the only one and starts a digest. */
const USERINFO = /^.*@(?!(?:sha\d+|md5):[^@]*$)/s;

/** Nothing to hide or spell out: spares most calls the larger patterns. */
const PLAIN = /^[ -?A-~]*$/;

/** Characters that a terminal obeys or does not show. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Hides user name and password of a host or image reference, and spells out control characters.
 *
 * @param text What somebody typed, set or sent.
 * @returns The text, safe to be shown.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(USERINFO, "***@").replace(
    INVISIBLE,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
