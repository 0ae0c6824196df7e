/**
 * What a secret looks like: the rules for every secret, and the forms by which the vendors' tokens
 * are known. Forms change, so an unknown one is worth a warning at most. No verdict repeats any part
 * of the secret.
 *
 * @example A fine-grained token where a classic one is wanted
 * ```ts
 * import { checkSecret, secretKind } from "./secret_check.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkSecret("YOUR_TOKEN"), {
 *   error: "This is a placeholder. Paste the secret itself.",
 * });
 * const token = `github_pat_${"a".repeat(22)}_${"b".repeat(59)}`;
 * assertEquals(secretKind(token), "github-fine-grained");
 * assertEquals(checkSecret(token, { kinds: ["github-classic"] }), {
 *   warning: "This looks like a fine-grained GitHub token, not like a classic GitHub token.",
 * });
 * ```
 *
 * @module
 */

import type { Verdict } from "./recipe.ts";

/** The kinds of secrets that can be told by their form. */
export type SecretKind =
  | "github-classic"
  | "github-fine-grained"
  | "github-oauth"
  | "github-app-user"
  | "github-installation"
  | "github-refresh"
  | "gitlab-token"
  | "gitlab-deploy"
  | "gitlab-job"
  | "gitlab-runner"
  | "docker-personal"
  | "docker-organization"
  | "artifactory-api-key"
  | "artifactory-reference"
  | "jwt"
  | "digitalocean"
  | "nvidia";

/** What is wanted of a secret beyond the rules for every secret. */
export interface SecretExpectation {
  /** The kinds that work; none if secrets have no known form here. */
  readonly kinds: readonly SecretKind[];
  /** Whether secrets of no known form are common here, so that they get no warning. */
  readonly anyForm?: boolean;
  /** Why a kind does not work, as a sentence. */
  readonly not?: Readonly<Partial<Record<SecretKind, string>>>;
}

interface Form {
  readonly kind: SecretKind;
  /** With its article. */
  readonly name: string;
  /** How it begins; case counts. */
  readonly prefix: string;
  /** All of it, where that is known. */
  readonly whole?: RegExp;
}

/** Sources: "token formats" of GitHub, "token prefixes" of GitLab, rule sets of secret scanners. */
const FORMS: readonly Form[] = [
  {
    kind: "github-classic",
    name: "a classic GitHub token",
    prefix: "ghp_",
    whole: /^ghp_[A-Za-z0-9]{36}$/,
  },
  {
    kind: "github-fine-grained",
    name: "a fine-grained GitHub token",
    prefix: "github_pat_",
    whole: /^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}$/,
  },
  { kind: "github-oauth", name: "a GitHub OAuth token", prefix: "gho_" },
  { kind: "github-app-user", name: "a user token of a GitHub App", prefix: "ghu_" },
  { kind: "github-installation", name: "an installation token of GitHub", prefix: "ghs_" },
  { kind: "github-refresh", name: "a refresh token of GitHub", prefix: "ghr_" },
  {
    kind: "gitlab-token",
    name: "a GitLab access token",
    prefix: "glpat-",
    whole: /^glpat-(?:[\w-]{20}|[\w-]{27,300}(?:\.01)?\.[a-z0-9]{9})$/,
  },
  {
    kind: "gitlab-deploy",
    name: "a GitLab deploy token",
    prefix: "gldt-",
    whole: /^gldt-[\w-]{20}/,
  },
  { kind: "gitlab-job", name: "a GitLab job token", prefix: "glcbt-" },
  { kind: "gitlab-runner", name: "a GitLab runner token", prefix: "glrt-" },
  {
    kind: "docker-personal",
    name: "a personal Docker token",
    prefix: "dckr_pat_",
    whole: /^dckr_pat_[\w-]{27}$/,
  },
  {
    kind: "docker-organization",
    name: "a Docker token of an organization",
    prefix: "dckr_oat_",
  },
  {
    kind: "artifactory-api-key",
    name: "an Artifactory API key",
    prefix: "AKCp",
    whole: /^AKCp[A-Za-z0-9]{69}$/,
  },
  {
    kind: "artifactory-reference",
    name: "an Artifactory reference token",
    prefix: "cmVmd",
    whole: /^cmVmd[A-Za-z0-9]{59}$/,
  },
  { kind: "jwt", name: "a JSON web token", prefix: "eyJ", whole: /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/ },
  {
    kind: "digitalocean",
    name: "a DigitalOcean token",
    prefix: "dop_v1_",
    whole: /^dop_v1_[a-f0-9]{64}$/,
  },
  { kind: "nvidia", name: "an NVIDIA key", prefix: "nvapi-" },
];

/** `<token>`, `YOUR_TOKEN`, `ghp_xxxx`, `****`, `…`, and what a shell did not fill in. */
const PLACEHOLDERS: readonly RegExp[] = [
  /^<[\w .:-]+>$/,
  /^your[ _-](?:[a-z]+[ _-])*(?:token|password|secret|key|pat)$/i,
  /^(?:[a-z]+[_-])*x{4,}$/i,
  /^(?:[a-z]+[_-])*\*{3,}$/i,
  /^(?:[a-z]+[_-])*(?:\.{3,}|…)$/i,
  /^\$\{.*\}$/,
  /^\$\([^()]*\)$/,
];

/**
 * The kind of a secret, by how it begins.
 *
 * @param secret Any secret.
 * @returns Its kind, or `undefined` if the form says nothing.
 */
export function secretKind(secret: string): SecretKind | undefined {
  return formOf(secret)?.kind;
}

/**
 * Judges a secret of one line.
 *
 * @param secret What was typed or pasted.
 * @param expected What works here; without it, only the rules for every secret count.
 * @returns An error if it cannot be right, a warning if it looks wrong.
 */
export function checkSecret(secret: string, expected?: SecretExpectation): Verdict {
  const error = faultOf(secret);
  if (error !== undefined) return { error };
  const warning = expected && doubtOf(secret, expected);
  return warning === undefined ? {} : { warning };
}

function faultOf(secret: string): string | undefined {
  if (secret === "") return "It is empty. Paste the secret itself.";
  if (/[\r\n]/.test(secret)) return "It holds a line break. Paste one line only.";
  if (/\p{Cc}/u.test(secret)) return "It holds a control character. Paste it once more.";
  if (secret.trim() !== secret) return "It begins or ends with a blank. Leave that out.";
  return PLACEHOLDERS.some((pattern) => pattern.test(secret))
    ? "This is a placeholder. Paste the secret itself."
    : undefined;
}

function doubtOf(secret: string, { kinds, anyForm, not }: SecretExpectation): string | undefined {
  const wanted = FORMS.filter(({ kind }) => kinds.includes(kind));
  const names = wanted.map(({ name }) => name).join(" or ");
  const form = formOf(secret);
  if (form === undefined) {
    const prefixes = wanted.map(({ prefix }) => prefix).join(" or ");
    return anyForm
      ? undefined
      : `This does not look like ${names}, which usually begins with ${prefixes}.`;
  }
  if (!kinds.includes(form.kind)) {
    return not?.[form.kind] ??
      `This looks like ${form.name}${names === "" ? "" : `, not like ${names}`}.`;
  }
  return form.whole?.test(secret) === false
    ? `This begins like ${form.name}, but has another form than usual. Was all of it pasted?`
    : undefined;
}

function formOf(secret: string): Form | undefined {
  return FORMS.find(({ prefix }) => secret.startsWith(prefix));
}
