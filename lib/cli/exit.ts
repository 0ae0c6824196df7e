/**
 * Exit codes, the same for every command (the two protocols have their own rule).
 *
 * @module
 */

import { type ErrorCode, RegauthError } from "../errors.ts";
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
