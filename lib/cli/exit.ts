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
  "aws-sso-login": Exit.refused,
  "google-invalid-grant": Exit.refused,
  "google-reauth-needed": Exit.refused,
  "google-invalid-client": Exit.refused,
  "google-unauthorized-client": Exit.refused,
  "google-wif-rejected": Exit.refused,
  "google-impersonation-denied": Exit.refused,
  "google-metadata-forbidden": Exit.refused,
  "google-no-service-account": Exit.refused,
  "azure-bad-secret": Exit.refused,
  "azure-secret-expired": Exit.refused,
  "azure-app-not-found": Exit.refused,
  "azure-bad-tenant": Exit.refused,
  "azure-cert-rejected": Exit.refused,
  "azure-assertion-time": Exit.refused,
  "azure-federation-mismatch": Exit.refused,
  "azure-resource-unknown": Exit.refused,
  "azure-mfa": Exit.refused,
  "azure-mi-not-assigned": Exit.refused,
  "acr-exchange-401": Exit.refused,
  "acr-firewall": Exit.refused,
  "network": Exit.network,
  "ecr-empty-response": Exit.network,
  "google-metadata-timeout": Exit.network,
  "acr-no-such-registry": Exit.network,
  "acr-not-acr": Exit.network,
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
