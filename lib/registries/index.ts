/**
 * The recipes of all registries, and which one a host belongs to.
 *
 * @example The recipe of a host, and of one that only its answer to a ping gives away
 * ```ts
 * import { recipeFor } from "./index.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(recipeFor("ghcr.io")?.id, "ghcr");
 * ```
 *
 * @module
 */

import type { Challenge } from "../challenge.ts";
import type { Recipe } from "../recipe.ts";
import { ghcr } from "./ghcr.ts";

/** All recipes, in the order in which they are offered. */
export const RECIPES: readonly Recipe[] = [ghcr];

/**
 * The recipe of a registry.
 *
 * @param host The host, as `normalizeHost()` gives it.
 * @param challenges What the registry answered to a ping, if it was asked.
 * @returns The recipe that owns the host, else the one that recognises the answer.
 */
export function recipeFor(
  host: string,
  challenges: readonly Challenge[] = [],
): Recipe | undefined {
  return RECIPES.find((recipe) => recipe.owns(host)) ??
    RECIPES.find((recipe) => recipe.recognises?.(challenges));
}
