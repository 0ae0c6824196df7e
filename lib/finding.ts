/**
 * What an audit of the set-up finds: a name, what is wrong, and one command that mends it.
 *
 * @module
 */

import type { Io } from "./io.ts";

/** The traps that are known. */
export type FindingName =
  /** A file that cannot be read. */
  | "unreadable-file"
  /** A file that is not JSON, or not of the kind that it should be. */
  | "broken-file"
  /** A file of another program in place of Docker's config. */
  | "foreign-file"
  /** Secrets in a file that others may read. */
  | "open-file"
  /** What a killed program left behind. */
  | "leftover"
  /** An entry that cannot be decoded. */
  | "broken-entry"
  /** Secrets that everybody who reads the file can decode. */
  | "plain-text"
  /** A secret that has stopped working. */
  | "expired"
  /** A token that was made after what this machine takes for now. */
  | "clock"
  /** A password with blanks or a line end around it. */
  | "odd-password"
  /** A name of Docker Hub that Docker does not look for. */
  | "hub-key"
  /** A key that Docker never looks for. */
  | "dead-key"
  /** A pattern where Docker knows none. */
  | "glob-key"
  /** A credential of one path that Docker shows to the whole host. */
  | "path-leak"
  /** A credential that Podman knows, and Docker does not. */
  | "podman-only"
  /** A credential that is never used, because another one comes first. */
  | "shadowed"
  /** A helper that is named and not installed. */
  | "helper-missing"
  /** A helper that does not work. */
  | "helper-broken"
  /** A helper that lets others wait. */
  | "helper-slow"
  /** A helper that cannot say what it has. */
  | "helper-silent"
  /** One identity for the registries of several accounts. */
  | "one-identity"
  /** A variable that cannot be used. */
  | "environment"
  /** Regauth's own file cannot be used. */
  | "own-file"
  /** A registry whose certificate or encryption is not checked. */
  | "insecure"
  /** A certificate that is not found. */
  | "certificate";

/** One trap that this machine is in. */
export interface Finding {
  /** Which trap. */
  readonly name: FindingName;
  /** `error`: something does not work. `warning`: it is unsafe, or will not work. `note`: mind it. */
  readonly severity: "error" | "warning" | "note";
  /** The file, host, helper or variable. */
  readonly subject: string;
  /** What is wrong, in full sentences; never a secret. */
  readonly message: string;
  /** What to type. */
  readonly command: string;

  /**
   * Mends it, where that is safe.
   *
   * @param io The outside world.
   * @throws {RegauthError} `write-io`
   */
  fix?(io: Io): Promise<void>;
}

/**
 * A word for a command line.
 *
 * @param text The word.
 * @returns It, in quotes where a shell would take it for something else.
 */
export function shellWord(text: string): string {
  return /^~?[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
