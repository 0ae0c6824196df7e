/**
 * What went wrong between us and a registry, in plain words, and what to do next. Every failure is
 * one row of one table.
 *
 * @example A registry that refuses a password
 * ```ts
 * import { diagnose } from "./diagnosis.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { message, code } = diagnose("D-14", { host: "ghcr.io", step: "token" });
 * assertEquals(message, "ghcr.io does not accept this user name and password or token.");
 * assertEquals(code, "refused");
 * ```
 *
 * @module
 */

import { DIAGNOSES, type DiagnosisFacts, type DiagnosisId } from "./diagnosis_table.ts";
import { type ErrorCode, RegauthError } from "./errors.ts";
import type { NetworkFailure } from "./network_failure.ts";

/** A failure, explained. */
export interface Diagnosis {
  /** Row of the table. */
  readonly id: DiagnosisId;
  /** What is wrong, as a sentence. */
  readonly message: string;
  /** What to do next, as a sentence. */
  readonly fix: string;
  /** The error code, which also tells the exit code of the program. */
  readonly code: ErrorCode;
  /** What it was told from, for `--json` and `--verbose`. */
  readonly facts: DiagnosisFacts;
}

/** A failure at a registry, with its diagnosis. Message and hint are those of the diagnosis. */
export class RegistryError extends RegauthError {
  /** What is wrong, and what it was told from. */
  readonly diagnosis: Diagnosis;

  /**
   * An error that says what the diagnosis says.
   *
   * @param diagnosis What is wrong.
   */
  constructor(diagnosis: Diagnosis) {
    super(diagnosis.code, diagnosis.message, {
      subject: diagnosis.facts.host,
      hint: diagnosis.fix,
    });
    this.diagnosis = diagnosis;
  }
}

/**
 * Explains a failure.
 *
 * @param id Row of the table.
 * @param facts What it was told from.
 * @returns The row, with the facts filled in.
 */
export function diagnose(id: DiagnosisId, facts: DiagnosisFacts): Diagnosis {
  const { code, say, fix } = DIAGNOSES[id];
  return { id, message: say(facts), fix: fix(facts), code, facts };
}

/**
 * Explains a request without an answer.
 *
 * @param failure Why there is none.
 * @param facts What was asked.
 * @returns The diagnosis.
 */
export function diagnoseFailure(failure: NetworkFailure, facts: DiagnosisFacts): Diagnosis {
  const all = { ...facts, failure };
  switch (failure.kind) {
    case "dns":
      return diagnose("D-01", all);
    case "refused":
    case "unreachable":
    case "timeout":
    case "reset":
    case "blocked-port":
      return diagnose("D-02", { ...all, detail: REASONS[failure.kind] });
    case "not-tls":
      return diagnose("D-03", all);
    case "unknown-ca":
      return diagnose("D-05", all);
    case "expired":
    case "not-yet-valid":
    case "wrong-name":
      return diagnose("D-06", all);
    case "client-certificate":
      return diagnose("D-39", all);
    case "proxy-auth":
    case "proxy-refused":
      return diagnose("D-16", all);
    default:
      return diagnose("D-99", { ...all, detail: failure.text });
  }
}

const REASONS = {
  "refused": "connection refused",
  "unreachable": "no way to it",
  "timeout": "no answer in time",
  "reset": "it hung up",
  "blocked-port": "this port is never used for http",
} as const;
