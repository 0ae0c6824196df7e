/**
 * Text of others as messages may show it: a server or program may repeat what it was sent.
 *
 * @example
 * ```ts
 * import { masked } from "./mask.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(masked("token ya29.a0Af is stale"), "token [redacted] is stale");
 * ```
 *
 * @module
 */

import type { Secret } from "../credential.ts";
import { plain } from "../server_message.ts";

/** Google's access and refresh tokens, GitHub's, JWTs, and values that say that they are secret. */
const TOKENS: readonly RegExp[] = [
  /\bya29\.[\w.~+/=-]+/g,
  /\b1\/\/[\w.~+/=-]+/g,
  /\bgh[a-z]_\w+/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /-----BEGIN [^-]*-----[^-]*(?:-----END [^-]*-----)?/g,
];
const NAMED =
  /\b((?:client_secret|client_assertion|assertion|password|refresh_token|access_token|secret)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi;

/**
 * Removes what looks like a secret, and control characters.
 *
 * @param text What a server or program said.
 * @param secrets What it was sent, to be removed too.
 * @returns At most 500 characters of it.
 */
export function masked(text: string, secrets: readonly (Secret | undefined)[] = []): string {
  const known = secrets.flatMap((secret) => secret?.length ? [secret.reveal()] : []);
  const hidden = known.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  return plain(
    TOKENS.reduce((rest, pattern) => rest.replace(pattern, "[redacted]"), hidden)
      .replace(NAMED, "$1[redacted]"),
  );
}
