/**
 * Rules for answers that are no secrets: what a paste brings along, and what a user name may hold.
 *
 * @example A line that was copied out of a script
 * ```ts
 * import { checkUsername, cleanAnswer } from "./answer_check.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(cleanAnswer(' export GITHUB_ACTOR="octocat" '), "octocat");
 * assertEquals(checkUsername("octo:cat"), { error: "A user name must not hold a colon." });
 * ```
 *
 * @module
 */

import type { Verdict } from "./recipe.ts";

/** `export NAME=`, or the same for the shells of Windows; base64 may end with `=`, but not begin. */
const ASSIGNMENT = /^(?:export\s+|set\s+|\$env:)?[A-Z][A-Z0-9_]*\s*=\s*(?=[^\s=])/;

/**
 * Takes off what a paste brought along: blanks around it, an assignment to a variable, quotes.
 *
 * @param text What was typed or pasted.
 * @returns The answer in it.
 */
export function cleanAnswer(text: string): string {
  return text.trim().replace(ASSIGNMENT, "").replace(/^(["'`])(.*)\1$/, "$2").trim();
}

/**
 * Takes off what stands around a repository: scheme, host, tag and digest.
 *
 * @param text What was typed or pasted.
 * @returns The repository in it.
 */
export function cleanRepository(text: string): string {
  return cleanAnswer(text)
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
    .replace(/@.*$/, "")
    .replace(/:[^:/]*$/, "")
    .replace(/^(?:[^/]*[.:][^/]*|localhost)\//, "")
    .replace(/\/+$/, "");
}

/**
 * Judges a user name by the rules that every registry has.
 *
 * @param text The name.
 * @returns An error if it cannot be sent.
 */
export function checkUsername(text: string): Verdict {
  if (text === "") return { error: "A user name is needed." };
  if (/\p{Cc}/u.test(text)) return { error: "A user name must not hold a control character." };
  // RFC 7617, section 2: the first colon separates name and password.
  return text.includes(":") ? { error: "A user name must not hold a colon." } : {};
}

/**
 * Judges a user name where an e-mail address is a common mistake.
 *
 * @param text The name.
 * @param wanted What the vendor calls the name.
 * @returns An error if it cannot be sent, a warning if it is an e-mail address.
 */
export function checkLogin(text: string, wanted: string): Verdict {
  const verdict = checkUsername(text);
  return verdict.error === undefined && text.includes("@")
    ? { warning: `This is an e-mail address, which often fails. The ${wanted} is wanted.` }
    : verdict;
}
