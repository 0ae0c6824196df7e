/**
 * The environment keychain: sets of variables, each with the pattern of a registry and what to show
 * it.
 *
 * Variables with the same suffix are a set: `IMGPKG_REGISTRY_HOSTNAME_0` goes with
 * `IMGPKG_REGISTRY_USERNAME_0`, and `IMGPKG_REGISTRY_HOSTNAME` with `IMGPKG_REGISTRY_USERNAME`. The
 * grammar is that of imgpkg (`pkg/imgpkg/registry/auth/env_keychain.go`); names that start with
 * `REGAUTH_REGISTRY_` work alike.
 *
 * @example
 * ```ts
 * import { envKeychain } from "./env_keychain.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: {
 *     IMGPKG_REGISTRY_HOSTNAME_0: "*.gcr.io",
 *     IMGPKG_REGISTRY_USERNAME_0: "me",
 *     IMGPKG_REGISTRY_PASSWORD_0: "hunter2",
 *   },
 * });
 * const found = await envKeychain().resolve({ registry: "eu.gcr.io" }, { io });
 * assertEquals(found?.username, "me");
 * assertEquals(found?.detail, "IMGPKG_REGISTRY_HOSTNAME_0 (*.gcr.io)");
 * ```
 *
 * @module
 */

import { type Credential, credentialKind, Secret } from "./credential.ts";
import { RegauthError } from "./errors.ts";
import type { Context, Io } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import { compilePattern, type Pattern, patternFault, patternIndex } from "./match.ts";
import { normalizeHost, type Target, targetText } from "./reference.ts";

/** Variables that together say what to show a registry. */
export interface EnvSet {
  /** Name of the variable that holds the pattern. */
  readonly variable: string;
  /** The registries that the set is for. */
  readonly pattern: Pattern;
  /** What to show them; without fields it means "send none". */
  readonly credential: Credential;
}

/** What the environment says. */
export interface EnvSets {
  /** The sets that name a registry, in the order that decides between equal patterns. */
  readonly sets: readonly EnvSet[];
  /** What the user may not have meant, one sentence each. Never a value that may be secret. */
  readonly warnings: readonly string[];
}

const PREFIXES = ["REGAUTH_REGISTRY_", "IMGPKG_REGISTRY_"] as const;
const NAME = /^(HOSTNAME|USERNAME|PASSWORD|IDENTITY_TOKEN|REGISTRY_TOKEN)(_.*)?$/s;
const HOSTNAME = "HOSTNAME";

/** Left over from imgpkg v0.18 and ignored, as imgpkg ignores it. */
const RESERVED = "IMGPKG_REGISTRY_AZURE_CR_CONFIG";

/**
 * Makes the keychain. It reads the environment when it is first asked, and not again.
 *
 * @returns A keychain named `env`. It throws `invalid-environment` for any target if a variable has
 * a wrong name or is not a pattern.
 */
export function envKeychain(): Keychain {
  let known: { readonly io: Io; readonly lookUp: LookUp } | undefined;
  return {
    name: "env",
    resolve: (target, context) =>
      Promise.try(() => {
        if (known?.io !== context.io) known = { io: context.io, lookUp: readLookUp(context) };
        return known.lookUp(target, context);
      }),
  };
}

type LookUp = (target: Target, context: Context) => Credential | undefined;

function readLookUp({ io, trace }: Context): LookUp {
  const { sets, warnings } = readEnvSets(io);
  for (const warning of warnings) trace?.(warning);
  const index = patternIndex(sets.map((set) => [set.pattern, set.credential]));
  return (target, { trace }) => {
    const text = targetText(target);
    const credential = index.first(text);
    if (!credential) {
      trace?.(
        sets.length === 0
          ? "no variable REGAUTH_REGISTRY_HOSTNAME… or IMGPKG_REGISTRY_HOSTNAME… is set"
          : `none of ${sets.length} sets of variables is for ${text}`,
      );
    }
    return credential;
  };
}

/**
 * Reads all sets: those of `REGAUTH_REGISTRY_*` before those of `IMGPKG_REGISTRY_*`, the one without
 * suffix before the others, and these by ascending suffix.
 *
 * @param io The outside world.
 * @returns The sets, and what is odd about them.
 * @throws {RegauthError} `invalid-environment` if a name with one of the prefixes is unknown, or a
 * `HOSTNAME` is not a pattern.
 */
export function readEnvSets(io: Io): EnvSets {
  const sets: EnvSet[] = [];
  const warnings: string[] = [];
  const winners = new Map<string, { readonly variable: string; readonly fields: Fields }>();
  for (const prefix of PREFIXES) {
    for (const [suffix, fields] of readFields(io, prefix)) {
      const variable = `${prefix}${HOSTNAME}${suffix}`;
      const hostname = fields.get(HOSTNAME);
      if (hostname === undefined) {
        warnings.push(`${variable} is missing: the credential of its set is never used`);
        continue;
      }
      const pattern = readHostname(variable, hostname);
      const credential = credentialOf(fields, `${variable} (${pattern.text})`);
      sets.push({ variable, pattern, credential });
      warnings.push(...gaps(variable, credential));
      const winner = winners.get(pattern.text);
      if (winner === undefined) winners.set(pattern.text, { variable, fields });
      else if (!sameSecrets(winner.fields, fields)) {
        warnings.push(`${variable} is never used: ${winner.variable} is for ${pattern.text}, too`);
      }
    }
  }
  return { sets, warnings };
}

/** Values by the name of their field. */
type Fields = ReadonlyMap<string, string>;

/** The variables with a prefix that have a value, by suffix; the suffix starts with `_`, if any. */
function readFields(io: Io, prefix: string): readonly (readonly [suffix: string, Fields])[] {
  const sets = new Map<string, Map<string, string>>();
  for (const variable of io.envNames()) {
    if (!variable.startsWith(prefix) || variable === RESERVED) continue;
    const [, field, suffix = ""] = NAME.exec(variable.slice(prefix.length)) ?? [];
    if (field === undefined) throw unknownName(variable, prefix);
    const value = io.env(variable);
    if (!value) continue;
    const fields = sets.get(suffix) ?? new Map<string, string>();
    sets.set(suffix, fields.set(field, value));
  }
  return [...sets].sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * The pattern of a hostname: without scheme and API version, with one name for Docker Hub. It is
 * read twice, as imgpkg does, so that escapes in it are decoded twice.
 */
function readHostname(variable: string, value: string): Pattern {
  const { host, path } = readPattern(variable, value.replace(/^https?:\/\//i, ""));
  const repository = path.replace(/^\/v[12](?=\/|$)/, "").replace(/^\/$/, "");
  return readPattern(variable, normalizeHost(host) + repository);
}

function readPattern(variable: string, text: string): Pattern {
  const fault = patternFault(text);
  if (fault === undefined) return compilePattern(text);
  throw new RegauthError("invalid-environment", `Cannot use "${variable}": ${fault}`, {
    subject: variable,
    hint: "Set it to a host or pattern, for example gcr.io, *.gcr.io or index.docker.io.",
  });
}

function credentialOf(fields: Fields, detail: string): Credential {
  const username = fields.get("USERNAME");
  const password = fields.get("PASSWORD");
  const identityToken = fields.get("IDENTITY_TOKEN");
  const registryToken = fields.get("REGISTRY_TOKEN");
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: new Secret(password) }),
    ...(identityToken === undefined ? {} : { identityToken: new Secret(identityToken) }),
    ...(registryToken === undefined ? {} : { registryToken: new Secret(registryToken) }),
    detail,
  };
}

/** What is missing beside a hostname. */
function gaps(variable: string, credential: Credential): readonly string[] {
  const kind = credentialKind(credential);
  if (kind === "anonymous") return [`${variable} has no credential beside it: nothing is sent`];
  if (kind !== "basic" || (credential.username && credential.password)) return [];
  const missing = variable.replace(HOSTNAME, credential.username ? "PASSWORD" : "USERNAME");
  return [`${missing} is missing: without it nothing is sent`];
}

function sameSecrets(a: Fields, b: Fields): boolean {
  const secrets = (fields: Fields): readonly string[] =>
    ["USERNAME", "PASSWORD", "IDENTITY_TOKEN", "REGISTRY_TOKEN"]
      .map((field) => fields.get(field) ?? "");
  return secrets(a).every((value, i) => value === secrets(b)[i]);
}

function unknownName(variable: string, prefix: string): RegauthError {
  return new RegauthError("invalid-environment", `Cannot use "${variable}": unknown name`, {
    subject: variable,
    hint: `After ${prefix} comes HOSTNAME, USERNAME, PASSWORD, IDENTITY_TOKEN or REGISTRY_TOKEN, ` +
      "and then _SUFFIX, if any.",
  });
}
