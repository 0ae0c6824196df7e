/**
 * The same work for many things, a few at a time.
 *
 * @example Two at a time, results in order
 * ```ts
 * import { mapBounded } from "./bounded.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const doubled = await mapBounded([1, 2, 3], 2, (value) => Promise.resolve(value * 2));
 * assertEquals(doubled, [2, 4, 6]);
 * ```
 *
 * @module
 */

/**
 * Maps with bounded concurrency.
 *
 * @param items What to work on.
 * @param limit How many at a time.
 * @param work What to do with each. After a failure nothing more is started.
 * @returns The results, in the order of the items.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  // Leaving a loop over a generator ends it for all loops.
  const queue = (function* () {
    yield* items.entries();
  })();
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  });
  await Promise.all(workers);
  return results;
}
