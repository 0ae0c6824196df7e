/**
 * The recipes of all registries, and which one a host belongs to.
 *
 * @example The recipe of a vendor's host, and of any other
 * ```ts
 * import { recipeFor } from "./index.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(recipeFor("ghcr.io").id, "ghcr");
 * assertEquals(recipeFor("reg.example").id, "generic");
 * ```
 *
 * @module
 */

import type { Challenge } from "../challenge.ts";
import type { Recipe } from "../recipe.ts";
import { acr } from "./acr.ts";
import { artifactory } from "./artifactory.ts";
import { dockerhub } from "./dockerhub.ts";
import { ecr } from "./ecr.ts";
import { generic } from "./generic.ts";
import { ghcr } from "./ghcr.ts";
import { gitlab } from "./gitlab.ts";
import { google } from "./google.ts";
import { harbor } from "./harbor.ts";
import { quay } from "./quay.ts";

/** All recipes, in the order in which they are offered. */
export const RECIPES: readonly Recipe[] = [
  dockerhub,
  ghcr,
  gitlab,
  ecr,
  acr,
  google,
  quay,
  artifactory,
  harbor,
  generic,
];

/**
 * The recipe of a registry.
 *
 * @param host The host, as `normalizeHost()` gives it.
 * @param challenges What the registry answered to a ping, if it was asked.
 * @returns The recipe that owns the host, else the one that recognises the answer, else the generic one.
 */
export function recipeFor(
  host: string,
  challenges: readonly Challenge[] = [],
): Recipe {
  return RECIPES.find((recipe) => recipe.owns(host)) ??
    RECIPES.find((recipe) => recipe.recognises?.(challenges)) ?? generic;
}
