/**
 * The variable `DOCKER_AUTH_CONFIG`: entries of `auths` without a file, by Docker's narrow rules.
 *
 * @example What the variable may hold, and nothing else
 * ```ts
 * import { findAuthConfig, parseAuthConfig } from "./docker_auth_env.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const entries = parseAuthConfig(`{"auths":{"reg.example":{"auth":"${btoa("robot:FAKE-1")}"}}}`);
 * const found = findAuthConfig(entries, { registry: "reg.example", repository: "team/app" });
 * assertEquals(found?.username, "robot");
 * ```
 *
 * @module
 */

import { decodeAuth } from "./auth_entry.ts";
import type { Credential } from "./credential.ts";
import { pathKeys } from "./docker_keys.ts";
import { RegauthError } from "./errors.ts";
import { fieldOf, isJsonObject, type JsonObject } from "./json_object.ts";
import { printable } from "./printable.ts";
import { credentialKey, normalizeHost, type Target } from "./reference.ts";

/** Name of the variable. */
export const AUTH_CONFIG = "DOCKER_AUTH_CONFIG";

/**
 * Reads the variable. Whatever Docker does not expect in it makes the whole variable void
 * (docker/cli `configfile/file.go`, `parseEnvConfig`).
 *
 * @param text The value of the variable.
 * @returns Credentials by key.
 * @throws {RegauthError} `config-syntax`, `config-type`, `auth-base64` or `auth-format`; never with
 * the value in it.
 */
export function parseAuthConfig(text: string): ReadonlyMap<string, Credential> {
  const root = only("auths", parseJson(text), "it") ?? {};
  if (!isJsonObject(root)) throw typeError('"auths" is not an object');
  return new Map(
    Object.entries(root).map(([key, entry]) => {
      const auth = only("auth", entry, `the entry "${printable(key)}"`);
      if (typeof auth !== "string" || auth === "") {
        throw typeError(`the entry "${printable(key)}" has no "auth"`);
      }
      const detail = `env:${AUTH_CONFIG}, key "${printable(key)}"`;
      const { username, password } = decodeAuth(auth, { path: AUTH_CONFIG, key });
      return [key, { username, ...(password.length === 0 ? {} : { password }), detail }];
    }),
  );
}

/**
 * Finds the credential of a registry or repository. Keys are matched exactly: the repository, its
 * parents, then the host; a URL is the host of nothing but Docker Hub.
 *
 * @param entries What {@linkcode parseAuthConfig} returned.
 * @param target What is to be pulled or pushed.
 * @returns The credential, or `undefined` if there is none.
 */
export function findAuthConfig(
  entries: ReadonlyMap<string, Credential>,
  target: Target,
): Credential | undefined {
  const registry = normalizeHost(target.registry);
  const keys = [...pathKeys(registry, target.repository), credentialKey(registry)];
  const key = keys.find((key) => entries.has(key));
  return key === undefined ? undefined : entries.get(key);
}

function parseJson(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of the parser quotes the text, secrets included.
    throw new RegauthError(
      "config-syntax",
      `Cannot parse ${AUTH_CONFIG}: it is not one JSON text`,
      {
        subject: AUTH_CONFIG,
      },
    );
  }
  if (value === null) return {};
  if (isJsonObject(value)) return value;
  throw typeError("it is not an object");
}

/** The one field that an object may have. */
function only(name: string, value: unknown, what: string): unknown {
  if (value === null) return undefined;
  if (!isJsonObject(value)) throw typeError(`${what} is not an object`);
  const other = Object.keys(value).find((key) => key.toLowerCase() !== name);
  if (other !== undefined) {
    throw typeError(`${what} has the field "${printable(other)}", and only "${name}" is allowed`);
  }
  return fieldOf(value, name);
}

function typeError(why: string): RegauthError {
  return new RegauthError("config-type", `Cannot use ${AUTH_CONFIG}: ${why}`, {
    subject: AUTH_CONFIG,
    hint: 'It may hold nothing but {"auths":{HOST:{"auth":BASE64}}}.',
  });
}
