/**
 * What a Docker config named before regauth took the place of its credential helpers. It stands in a
 * file of its own, so that the earlier helpers are found even where regauth's own file is broken.
 *
 * @example The helper that answered before
 * ```ts
 * import { beforeRegauth, writeDisplaced } from "./displaced_helpers.ts";
 * import { parseDockerConfig } from "./docker_config.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me", PATH: "/usr/bin" },
 *   programs: { "/usr/bin/docker-credential-pass": () => ({}) },
 * });
 * const path = "/home/me/.docker/config.json";
 * await writeDisplaced(io, path, { credsStore: "pass", credHelpers: {} });
 * const config = await parseDockerConfig('{"credsStore":"regauth"}', path);
 * assertEquals((await beforeRegauth(io, config, "regauth")).credsStore, "pass");
 * ```
 *
 * @module
 */

import { beside } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import type { DockerConfig } from "./docker_config.ts";
import { editFile } from "./edit_file.ts";
import { RegauthError } from "./errors.ts";
import type { Io } from "./io.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";
import { findProgram } from "./program.ts";

/** What a Docker config named before; `null` is nothing. */
export interface Displaced {
  /** What `credsStore` named; absent if regauth did not take its place. */
  readonly credsStore?: string | null;
  /** What `credHelpers` named, by those keys of which regauth took the place. */
  readonly credHelpers: Readonly<Record<string, string | null>>;
  /** Whether there was no `credHelpers` at all. */
  readonly noCredHelpers?: boolean;
  /** What the file was, where putting back its members alone would not make it the same again. */
  readonly whole?: WholeFile;
}

/** A file that was changed. */
export interface WholeFile {
  /** SHA-256 of what it became, in hex. */
  readonly sha256: string;
  /** What it was; `null` if there was none. */
  readonly text: string | null;
}

/**
 * Reads what a Docker config named before.
 *
 * @param io The outside world.
 * @param path The Docker config.
 * @returns What it named; `undefined` if regauth took no place in it, or if that cannot be read.
 */
export async function readDisplaced(io: Io, path: string): Promise<Displaced | undefined> {
  const file = recordPath(io);
  const text = file && await io.readText(file).catch(() => undefined);
  const files = parseFiles(text);
  return Object.hasOwn(files, path) ? readOne(files[path]) : undefined;
}

/**
 * Remembers what a Docker config named before.
 *
 * @param io The outside world.
 * @param path The Docker config.
 * @param displaced What it named; `undefined` forgets it.
 * @throws {RegauthError} `write-io` or `write-conflict`
 */
export async function writeDisplaced(
  io: Io,
  path: string,
  displaced: Displaced | undefined,
): Promise<void> {
  const file = recordPath(io);
  if (file === undefined) {
    throw new RegauthError("write-io", "Cannot remember the earlier helpers: no folder is known", {
      hint: "Set HOME, or name regauth's own file in REGAUTH_CONFIG.",
    });
  }
  await editFile(io, file, (text) => {
    const { [path]: _, ...others } = parseFiles(text);
    const files = displaced === undefined ? others : { ...others, [path]: displaced };
    if (text === undefined && Object.keys(files).length === 0) return "";
    return `${JSON.stringify({ files }, undefined, 2)}\n`;
  });
}

/**
 * The config as Docker would see it if regauth had never been installed. An earlier helper that is
 * not there any more has nothing to say.
 *
 * @param io The outside world.
 * @param config The config.
 * @param suffix What follows `docker-credential-` in regauth's name as a helper.
 * @returns A config that names regauth nowhere.
 */
export async function beforeRegauth(
  io: Io,
  config: DockerConfig,
  suffix: string,
): Promise<DockerConfig> {
  const { credsStore, credHelpers } = await readDisplaced(io, config.path) ?? { credHelpers: {} };
  const isThere = async (helper: string): Promise<boolean> =>
    helper === "" || await findProgram(io, `docker-credential-${helper}`) !== undefined;
  const helpers: [string, unknown][] = [];
  for (const [key, helper] of Object.entries(config.credHelpers)) {
    const before = Object.hasOwn(credHelpers, key) ? credHelpers[key] : null;
    if (helper !== suffix) helpers.push([key, helper]);
    else if (typeof before === "string" && await isThere(before)) helpers.push([key, before]);
  }
  const store = credsStore && await isThere(credsStore) ? credsStore : "";
  return {
    ...config,
    credHelpers: Object.fromEntries(helpers),
    ...(config.credsStore === suffix ? { credsStore: store } : {}),
  };
}

function recordPath(io: Io): string | undefined {
  const path = configPath(io);
  return path && beside(io, path, "regauth-helper.json");
}

function parseFiles(text: string | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isJsonObject(value) && isJsonObject(value.files) ? value.files : {};
  } catch {
    return {};
  }
}

/** What is damaged is as good as not there. */
function readOne(value: unknown): Displaced | undefined {
  if (!isJsonObject(value)) return undefined;
  const { credsStore, credHelpers, noCredHelpers, whole } = value;
  const helpers = isJsonObject(credHelpers) ? Object.entries(credHelpers) : [];
  return {
    ...(isTextOrNull(credsStore) ? { credsStore } : {}),
    credHelpers: Object.fromEntries(
      helpers.flatMap(([key, helper]) => isTextOrNull(helper) ? [[key, helper]] : []),
    ),
    ...(noCredHelpers === true ? { noCredHelpers } : {}),
    ...(isWhole(whole) ? { whole } : {}),
  };
}

function isWhole(value: unknown): value is WholeFile {
  return isJsonObject(value) && typeof value.sha256 === "string" && isTextOrNull(value.text);
}

function isTextOrNull(value: unknown): value is string | null {
  return typeof value === "string" || value === null;
}
