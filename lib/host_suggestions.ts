/**
 * Hosts that a machine already knows: of saved credentials, and in variables.
 *
 * @example A variable and a saved credential that mean the same host
 * ```ts
 * import { distinct, hostFromEnvironment, savedHosts } from "./host_suggestions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const facts = {
 *   env: { REG_URL: "https://reg.example/ui/" },
 *   programs: new Set<string>(),
 *   gitHosts: [],
 *   awsProfiles: [],
 *   saved: [{ host: "reg.example", where: "a file" }],
 * };
 * const found = [
 *   ...hostFromEnvironment(facts, "REG_URL"),
 *   ...savedHosts(facts, ({ host }) => host.endsWith(".example")),
 * ];
 * assertEquals(distinct(found), [{ value: "reg.example", from: "from REG_URL" }]);
 * ```
 *
 * @module
 */

import type { Facts, SavedEntry } from "./facts.ts";
import type { Suggestion } from "./recipe.ts";
import { fromEnvironment } from "./recipe_parts.ts";
import { normalizeHost } from "./reference.ts";

/**
 * The hosts of saved credentials.
 *
 * @param facts What is known of this machine.
 * @param fits Whether a credential is one of the registry in question.
 * @returns The hosts, each with where it was found.
 */
export function savedHosts(
  facts: Facts,
  fits: (entry: SavedEntry) => boolean,
): readonly Suggestion[] {
  return facts.saved.filter(fits).map(({ host, where }) => ({
    value: host,
    from: `from ${where}`,
  }));
}

/**
 * The host in the first of some variables that is set.
 *
 * @param facts What is known of this machine.
 * @param names The variables, which hold a host or a URL, best first.
 * @returns The host, if there is one.
 */
export function hostFromEnvironment(
  facts: Facts,
  ...names: readonly string[]
): readonly Suggestion[] {
  const found = fromEnvironment(facts, ...names);
  const value = normalizeHost(found?.value ?? "");
  return found && value !== "" ? [{ ...found, value }] : [];
}

/**
 * Leaves out what was suggested before.
 *
 * @param suggestions The suggestions, best first.
 * @returns The first one of each value.
 */
export function distinct(suggestions: readonly Suggestion[]): readonly Suggestion[] {
  const values = suggestions.map(({ value }) => value);
  return suggestions.filter(({ value }, index) => values.indexOf(value) === index);
}
