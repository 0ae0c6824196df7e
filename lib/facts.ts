/**
 * What is known of this machine before the first question: variables, programs, files, git
 * remotes, saved credentials. Gathered once, then plain data.
 *
 * @module
 */

/** A credential that is already saved. */
export interface SavedEntry {
  /** The registry, as `normalizeHost()` gives it. */
  readonly host: string;
  /** The account, if it can be told without the secret. */
  readonly username?: string;
  /** Where: a file, or a helper. */
  readonly where: string;
}

/** What is known of this machine. */
export interface Facts {
  /** Environment variables that recipes look at, by name; only those that are set and not empty. */
  readonly env: Readonly<Record<string, string>>;
  /** Programs on the PATH, such as `aws` or `docker-credential-ecr-login`. */
  readonly programs: ReadonlySet<string>;
  /** Hosts of the git remotes of the current folder, in lower case and without port. */
  readonly gitHosts: readonly { readonly host: string; readonly remote: string }[];
  /** Owner and name of the repository of the first remote, lower case: `acme/app`. */
  readonly gitRepository?: string;
  /** Profiles of the AWS files, with their region if they name one. */
  readonly awsProfiles: readonly { readonly name: string; readonly region?: string }[];
  /** Credentials that are already saved. */
  readonly saved: readonly SavedEntry[];
  /** The CI system this runs in, if any. */
  readonly ci?: "github" | "gitlab" | "other";
}
