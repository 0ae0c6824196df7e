/**
 * The one error class of this library, with a closed list of codes.
 *
 * @example Tell a broken file from a missing helper
 * ```ts
 * import { RegauthError } from "./errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new RegauthError("helper-missing", 'Cannot find "x"', {
 *   subject: "docker-credential-x",
 *   hint: "Install it",
 * });
 * assertEquals(error.code, "helper-missing");
 * ```
 *
 * @module
 */

/** Every reason for which an operation of this library can fail. */
export type ErrorCode =
  /** A command was called wrongly, or an answer is missing. */
  | "usage"
  /** Text that is not an image reference or registry host. */
  | "invalid-reference"
  /** Text that is not a host pattern. */
  | "invalid-pattern"
  /** A credential that cannot be sent or stored, such as a name with a colon. */
  | "invalid-credential"
  /** A user name without password, or a password without user name. */
  | "incomplete-credential"
  /** An environment variable with a wrong name or value. */
  | "invalid-environment"
  /** A keychain name that does not exist. */
  | "unknown-keychain"
  /** A file that is not JSON (or TOML, or INI). */
  | "config-syntax"
  /** A file that is well-formed but holds a value of the wrong kind. */
  | "config-type"
  /** A file that cannot be read. */
  | "config-io"
  /** An `auth` value that is not base64. */
  | "auth-base64"
  /** An `auth` value that does not decode to `user:password`. */
  | "auth-format"
  /** The name of a credential helper that must not be run. */
  | "helper-name"
  /** A credential helper that is not installed. */
  | "helper-missing"
  /** A credential helper that ended with an error or took too long. */
  | "helper-failed"
  /** A credential helper that answered something else than the protocol says. */
  | "helper-output"
  /** Another process holds the lock of a file. */
  | "write-conflict"
  /** A file that cannot be written. */
  | "write-io"
  /** No keychain knows the target. */
  | "no-credential"
  /** A registry or cloud refused the credential. */
  | "refused"
  /** A registry that could not be asked: network, TLS, protocol. */
  | "network"
  /** The caller's signal ended the operation. */
  | "aborted"
  | ChallengeErrorCode;

/** Every reason for which a `WWW-Authenticate` header cannot be read. */
export type ChallengeErrorCode =
  /** More than 16 384 characters. */
  | "too-long"
  /** More than 32 challenges, or 64 parameters in one. */
  | "too-many"
  /** A control character other than a tab. */
  | "control-char"
  /** A character outside ASCII that is not in quotes. */
  | "bad-char"
  /** A scheme or name is expected, and something else stands there. */
  | "bad-token"
  /** A parameter before any scheme. */
  | "missing-scheme"
  /** A bare word after a scheme. */
  | "missing-equals"
  /** Nothing after `=`. */
  | "missing-value"
  /** A quote that is not closed. */
  | "unterminated-quote"
  /** Something between a value and the next comma. */
  | "junk-after-value"
  /** One name with two values. */
  | "duplicate-param"
  /** Parameters of a challenge that already has a token68. */
  | "params-after-token68";

/** What a {@linkcode RegauthError} says beside its message. */
export interface RegauthErrorOptions {
  /** The thing it is about: a path, a variable, a host. Never a secret. */
  readonly subject?: string;
  /** What to do next, as one sentence. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * A failure that names the thing, says why, and what to do next. Message, subject, hint and cause
 * never hold a secret.
 */
export class RegauthError extends Error {
  /** Name of the class. */
  override readonly name = "RegauthError";
  /** Which of the known failures this is. */
  readonly code: ErrorCode;
  /** The thing it is about: a path, a variable, a host. */
  readonly subject: string | undefined;
  /** What to do next. */
  readonly hint: string | undefined;

  /**
   * Makes an error.
   *
   * @param code Which of the known failures this is.
   * @param message What failed and why: `Cannot <verb> "<thing>": <state>`.
   * @param options The subject, the hint and the cause.
   */
  constructor(code: ErrorCode, message: string, options: RegauthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.subject = options.subject;
    this.hint = options.hint;
  }
}

/**
 * The text of anything that was thrown.
 *
 * @param thrown An error or any other value.
 * @returns Its message.
 */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
