/**
 * Exit codes, the same for every command (the two protocols have their own rule).
 *
 * @module
 */

import { RegistryError } from "../diagnosis.ts";
import { type ErrorCode, messageOf, RegauthError } from "../errors.ts";
import { Cancelled } from "./question.ts";

/** What the codes mean. */
export const Exit = {
  done: 0,
  failed: 1,
  usage: 2,
  noCredential: 3,
  refused: 4,
  network: 5,
  interrupted: 130,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  "usage": Exit.usage,
  "invalid-reference": Exit.usage,
  "invalid-pattern": Exit.usage,
  "invalid-credential": Exit.usage,
  "incomplete-credential": Exit.usage,
  "invalid-environment": Exit.usage,
  "unknown-keychain": Exit.usage,
  "no-credential": Exit.noCredential,
  "refused": Exit.refused,
  "network": Exit.network,
  "aborted": Exit.interrupted,
};

/**
 * The exit code for a failure.
 *
 * @param thrown What was thrown.
 * @returns 1 to 5, or 128 and the number of the signal.
 */
export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof Cancelled) return thrown.exitCode;
  return thrown instanceof RegauthError ? BY_CODE[thrown.code] ?? Exit.failed : Exit.failed;
}

/** A failure in the JSON documents of commands; the names are a contract. */
export interface FailureFields {
  /** Number of the diagnosis, else the code of the error; empty for one that is not known. */
  readonly code: string;
  /** The exit code that goes with it. */
  readonly exit: number;
  /** What happened, and why. */
  readonly message: string;
  /** What to do; may be empty. */
  readonly fix: string;
}

/**
 * A failure for a JSON document.
 *
 * @param thrown What was thrown.
 * @returns Its fields.
 */
export function failureFields(thrown: unknown): FailureFields {
  const known = thrown instanceof RegauthError ? thrown : undefined;
  return {
    code: known instanceof RegistryError ? known.diagnosis.id : known?.code ?? "",
    exit: exitCodeOf(thrown),
    message: messageOf(thrown),
    fix: known?.hint ?? "",
  };
}
