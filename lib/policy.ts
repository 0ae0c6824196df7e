/**
 * What to hand to an administrator, so that somebody may use a registry: the least that is needed.
 *
 * @module
 */

import type { Access } from "./recipe.ts";
import type { Target } from "./reference.ts";

/** A policy, or commands that give rights. */
export interface Policy {
  /** The text to hand over. */
  readonly text: string;
  /** What to do with it, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Makes the policy of one cloud.
 *
 * @param access What the user wants to do.
 * @param target The registry, or a repository of it; what is not known stands in capitals.
 * @returns The policy.
 * @throws {RegauthError} `usage` if the registry is not one of the cloud.
 */
export type MakePolicy = (access: Access, target?: Target) => Policy;
