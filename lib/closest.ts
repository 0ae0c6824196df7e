/**
 * The known word that a mistyped one was probably meant to be.
 *
 * @example Two letters in the wrong order
 * ```ts
 * import { closest } from "./closest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(closest("keychian", ["keychain", "ca"]), "keychain");
 * assertEquals(closest("password", ["keychain", "ca"]), undefined);
 * ```
 *
 * @module
 */

/**
 * Finds the known word with the fewest typing mistakes between it and what was written: at most one
 * for each three letters. A letter too many, missing, wrong, or swapped with its neighbor is one
 * mistake; the case of letters is none.
 *
 * @param word What was written.
 * @param known The words that exist.
 * @returns The closest one, or `undefined` if none is close.
 */
export function closest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.floor(word.length / 3) + 1;
  for (const candidate of known) {
    // More letters of difference than mistakes allowed: not worth comparing.
    if (Math.abs(candidate.length - word.length) >= fewest) continue;
    const mistakes = mistakesBetween(word.toLowerCase(), candidate.toLowerCase());
    if (mistakes < fewest) [best, fewest] = [candidate, mistakes];
  }
  return best;
}

/** The optimal string alignment distance: edits between two words, neighbors swapped being one. */
function mistakesBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
