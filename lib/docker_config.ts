/**
 * Docker's `config.json` and Podman's `auth.json`: from text to a view whose entries are decoded
 * only when they are asked for.
 *
 * @example Which helper keeps the credentials
 * ```ts
 * import { parseDockerConfig } from "./docker_config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = await parseDockerConfig('{"credsStore":"pass","auths":{"r.io":{}}}', "config.json");
 * assertEquals(config.credsStore, "pass");
 * assertEquals(Object.keys(config.auths), ["r.io"]);
 * ```
 *
 * @module
 */

import { decodeEntry } from "./auth_entry.ts";
import {
  comparePreference,
  containersHostOfKey,
  hostOfKey,
  isBrowserLoginKey,
} from "./docker_keys.ts";
import { RegauthError } from "./errors.ts";
import type { Io, Trace } from "./io.ts";
import { fieldOf, isJsonObject, type JsonObject, kindOfJson } from "./json_object.ts";
import { printable } from "./printable.ts";

/**
 * How keys are matched.
 *
 * - `pathScoped`: the repository, its parents by whole segments, the host, then URLs on the host.
 *   A key with a path never answers for another path.
 * - `containers`: as Podman, Skopeo and Buildah do.
 * - `docker`: as Docker and go-containerregistry do, for comparison only: a key of one path answers
 *   for the whole host.
 */
export type LookupStyle = "pathScoped" | "containers" | "docker";

/** How a config file is read. */
export interface DockerConfigOptions {
  /** How keys are matched. @default {"pathScoped"} */
  readonly style?: LookupStyle;
  /** Refuses all that Docker refuses: a broken entry of another host, a byte-order mark, Hub aliases. */
  readonly strict?: boolean;
  /** Whether it is a `.dockercfg`, whose root object is what `auths` is elsewhere. */
  readonly legacy?: boolean;
  /** Hears what was overlooked. */
  readonly trace?: Trace;
}

/** A config file. */
export interface DockerConfig {
  /** Where it was read. */
  readonly path: string;
  /** How keys are matched. */
  readonly style: LookupStyle;
  /** Whether only Docker's own names are matched. */
  readonly strict: boolean;
  /** Entries by key, not decoded. */
  readonly auths: JsonObject;
  /** Suffixes of credential helpers by host. */
  readonly credHelpers: JsonObject;
  /** Suffix of the credential helper for all other hosts; empty is none. */
  readonly credsStore: string;
  /** The keys of `auths` that mean a host without being its name, such as URLs; preferred ones first. */
  readonly keysOf: (host: string) => readonly string[];
}

/**
 * Reads a config file.
 *
 * @param io The outside world.
 * @param path Path of the file.
 * @param options How to read it.
 * @returns The config, or `undefined` if there is no such file.
 * @throws {RegauthError} `config-io`, and what {@linkcode parseDockerConfig} throws.
 */
export async function readDockerConfig(
  io: Io,
  path: string,
  options: DockerConfigOptions = {},
): Promise<DockerConfig | undefined> {
  const text = await io.readText(path);
  return text === undefined ? undefined : await parseDockerConfig(text, path, options);
}

/**
 * Reads the text of a config file.
 *
 * @param text The text; an empty one is an empty config, but not for Podman.
 * @param path Where it was read, for messages.
 * @param options How to read it.
 * @returns The config.
 * @throws {RegauthError} `config-syntax` or `config-type`; with `strict` also what a broken entry
 * throws.
 */
export async function parseDockerConfig(
  text: string,
  path: string,
  options: DockerConfigOptions = {},
): Promise<DockerConfig> {
  const { style = "pathScoped", legacy = false, trace } = options;
  const strict = options.strict || style === "docker";
  const marked = !strict && text.startsWith("\uFEFF");
  if (marked) trace?.(`${path} starts with a byte-order mark, which other tools refuse`);
  const body = marked ? text.slice(1) : text;
  const root = style !== "containers" && body.trim() === "" ? {} : await readJson(body, path);
  const fields = objectOf(root, path, "it");
  const auths = legacy ? fields : objectOf(fieldOf(fields, "auths"), path, '"auths"');
  const config: DockerConfig = {
    path,
    style,
    strict,
    auths,
    credHelpers: legacy ? {} : objectOf(fieldOf(fields, "credHelpers"), path, '"credHelpers"'),
    credsStore: legacy || style === "containers"
      ? ""
      : textOf(fieldOf(fields, "credsStore"), path, '"credsStore"'),
    keysOf: indexOf(auths, style, legacy),
  };
  if (strict && style !== "containers") {
    for (const key of Object.keys(auths)) decodeEntry(auths[key], { path, key });
    for (const key of Object.keys(config.credHelpers)) helperOf(config, key);
  }
  return config;
}

/**
 * The credential helper that a config names for a key.
 *
 * @param config The config.
 * @param key A key of its `credHelpers`.
 * @returns What follows `docker-credential-`; empty is "the file itself".
 * @throws {RegauthError} `config-type`
 */
export function helperOf({ path, credHelpers }: DockerConfig, key: string): string {
  return textOf(credHelpers[key], path, `"credHelpers" for "${printable(key)}"`);
}

/** Built when it is first asked for: most lookups end at an exact key. */
function indexOf(
  auths: JsonObject,
  style: LookupStyle,
  legacy: boolean,
): (host: string) => readonly string[] {
  const hostOf = (key: string): string | undefined => {
    if (isBrowserLoginKey(key)) return undefined;
    if (style === "containers") return containersHostOfKey(key, legacy);
    return style === "docker" || key.includes("://") ? hostOfKey(key) : undefined;
  };
  let index: ReadonlyMap<string | undefined, string[]> | undefined;
  return (host) => {
    if (index === undefined) {
      index = Map.groupBy(Object.keys(auths), hostOf);
      for (const keys of index.values()) if (keys.length > 1) keys.sort(comparePreference);
    }
    return index.get(host) ?? [];
  };
}

async function readJson(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    // Knows line and column, and is loaded only to tell them.
    const { parseJson, valueOf } = await import("./json_tree.ts");
    return valueOf(parseJson(text, path));
  }
}

function objectOf(value: unknown, path: string, name: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  throw typeError(path, `${name} is ${kindOfJson(value)}, not an object`);
}

function textOf(value: unknown, path: string, name: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw typeError(path, `${name} is ${kindOfJson(value)}, not a text`);
}

function typeError(path: string, why: string): RegauthError {
  return new RegauthError("config-type", `Cannot use "${path}": ${why}`, {
    subject: path,
    hint: "Correct the file, or move it away and log in again.",
  });
}
