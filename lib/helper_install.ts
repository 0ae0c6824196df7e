/**
 * Makes regauth the credential helper of a Docker config, and puts the config back as it was.
 *
 * @example There and back
 * ```ts
 * import { nameHelper, unnameHelper } from "./helper_install.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = "/home/me/.docker/config.json";
 * const before = '{ "credsStore": "pass" }\n';
 * const io = memoryIo({ env: { HOME: "/home/me" }, files: { [path]: before } });
 * const options = { path, suffix: "regauth" };
 * await nameHelper(io, { ...options, hosts: ["ghcr.io"], all: true });
 * assertEquals(
 *   await io.readText(path),
 *   '{ "credsStore": "regauth", "credHelpers": {"ghcr.io": "regauth"} }\n',
 * );
 * await unnameHelper(io, options);
 * assertEquals(await io.readText(path), before);
 * ```
 *
 * @module
 */

import { digestOf } from "./backup.ts";
import { type Displaced, readDisplaced, writeDisplaced } from "./displaced_helpers.ts";
import { helperOf, readDockerConfig } from "./docker_config.ts";
import { editFile } from "./edit_file.ts";
import type { Io } from "./io.ts";
import { removeMember, setMember } from "./json_edit.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";
import { HUB_HOST, HUB_KEY, normalizeHost } from "./reference.ts";

/** Which config, and which helper. */
export interface HelperPlace {
  /** The Docker config. */
  readonly path: string;
  /** What follows `docker-credential-` in regauth's name as a helper. */
  readonly suffix: string;
}

/** For which registries the helper is named. */
export interface NameOptions extends HelperPlace {
  /** Their hosts, in any spelling. */
  readonly hosts: readonly string[];
  /** Whether it becomes the `credsStore`, which answers for all others. */
  readonly all: boolean;
}

/** For which registries the helper is no longer named. */
export interface UnnameOptions extends HelperPlace {
  /** Their hosts; everything if absent. */
  readonly hosts?: readonly string[];
}

/** Where a config names a helper. */
export interface NamedHelper {
  /** The keys of `credHelpers` that name it. */
  readonly keys: readonly string[];
  /** Whether it is the `credsStore`. */
  readonly all: boolean;
}

/**
 * Names the helper in the config. What it displaces is remembered before.
 *
 * @param io The outside world.
 * @param options Which config, and for which registries.
 * @returns What it displaced, now and earlier.
 * @throws {RegauthError} `config-…` if the config cannot be read, `write-…` if it cannot be written.
 */
export async function nameHelper(io: Io, options: NameOptions): Promise<Displaced> {
  const { path, suffix, hosts, all } = options;
  const before = await io.readText(path);
  const config = await readDockerConfig(io, path);
  const known = await readDisplaced(io, path) ?? { credHelpers: {} };
  const original = await originalText(before, known, suffix);
  const keys = hosts.flatMap(keysOf);
  const helpers = keys.map((key) => {
    const current = config && Object.hasOwn(config.credHelpers, key) ? helperOf(config, key) : null;
    return [key, current === suffix ? known.credHelpers[key] ?? null : current] as const;
  });
  const store = config?.credsStore === suffix
    ? known.credsStore ?? null
    : config?.credsStore || null;
  const noCredHelpers = known.noCredHelpers || memberOf(before, "credHelpers") === undefined;
  const displaced: Displaced = {
    ...(known.credsStore === undefined ? {} : { credsStore: known.credsStore }),
    ...(all ? { credsStore: store } : {}),
    credHelpers: { ...known.credHelpers, ...Object.fromEntries(helpers) },
    ...(noCredHelpers ? { noCredHelpers } : {}),
  };
  await writeDisplaced(io, path, displaced);
  await editFile(io, path, (text = "") => {
    const field = fieldIn(text, "credHelpers");
    const named = keys.reduce((edited, key) => setMember(edited, [field, key], suffix), text);
    return all ? setMember(named, [fieldIn(named, "credsStore")], suffix) : named;
  });
  return await remember(io, options, displaced, original);
}

/**
 * Puts the earlier helpers back into the config, byte for byte if nobody else changed it. A config
 * that was made for the helper alone is removed.
 *
 * @param io The outside world.
 * @param options Which config, and for which registries.
 * @returns Whether the config was changed.
 * @throws {RegauthError} As {@linkcode nameHelper}.
 */
export async function unnameHelper(io: Io, options: UnnameOptions): Promise<boolean> {
  const { path, suffix, hosts } = options;
  const before = await io.readText(path);
  const named = await namedHelper(io, options);
  const known = await readDisplaced(io, path) ?? { credHelpers: {} };
  const chosen = hosts?.flatMap(keysOf);
  const isChosen = ([key]: readonly [string, unknown]): boolean => chosen?.includes(key) ?? true;
  // Where somebody else named it, nothing was displaced.
  const unknown = Object.fromEntries(named.keys.map((key) => [key, null]));
  const complete: Displaced = {
    ...known,
    ...(chosen === undefined && named.all ? { credsStore: known.credsStore ?? null } : {}),
    credHelpers: { ...unknown, ...known.credHelpers },
  };
  const original = await originalText(before, complete, suffix);
  const helpers = Object.entries(complete.credHelpers);
  const leaving: Displaced = chosen
    ? {
      ...(known.noCredHelpers ? { noCredHelpers: true } : {}),
      credHelpers: Object.fromEntries(helpers.filter(isChosen)),
    }
    : complete;
  const staying = helpers.filter((helper) => !isChosen(helper));
  const isLast = staying.length === 0 && (chosen === undefined || known.credsStore === undefined);
  const after = isLast ? original : restored(before, leaving, suffix);
  const changed = after === undefined ? before !== undefined : await editFile(
    io,
    path,
    (text) => text === before ? after : restored(text, leaving, suffix) ?? "",
  );
  if (after === undefined) await io.remove(path);
  if (isLast) await writeDisplaced(io, path, undefined);
  else {
    const rest = { ...known, credHelpers: Object.fromEntries(staying) };
    await remember(io, options, rest, original);
  }
  return changed;
}

/**
 * Looks where a config names the helper.
 *
 * @param io The outside world.
 * @param place Which config and helper.
 * @returns The places.
 * @throws {RegauthError} `config-…` if the config cannot be read.
 */
export async function namedHelper(io: Io, { path, suffix }: HelperPlace): Promise<NamedHelper> {
  const config = await readDockerConfig(io, path);
  return {
    keys: Object.entries(config?.credHelpers ?? {})
      .flatMap(([key, helper]) => helper === suffix ? [key] : []),
    all: config?.credsStore === suffix,
  };
}

/** Docker and Podman know Docker Hub by different keys. */
function keysOf(host: string): readonly string[] {
  const normal = normalizeHost(host);
  return normal === HUB_HOST ? [HUB_KEY, "docker.io"] : [normal];
}

/** What the file was before the helper was named in it for the first time. */
async function originalText(
  text: string | undefined,
  { whole, ...displaced }: Displaced,
  suffix: string,
): Promise<string | undefined> {
  if (whole && text !== undefined && await digestOf(text) === whole.sha256) {
    return whole.text ?? undefined;
  }
  return restored(text, displaced, suffix);
}

/** Keeps the whole file only if its members are not enough; it may hold secrets. */
async function remember(
  io: Io,
  { path, suffix }: HelperPlace,
  { whole: _, ...displaced }: Displaced,
  original: string | undefined,
): Promise<Displaced> {
  const text = await io.readText(path);
  const isEnough = text === undefined || restored(text, displaced, suffix) === original;
  const record: Displaced = isEnough
    ? displaced
    : { ...displaced, whole: { sha256: await digestOf(text), text: original ?? null } };
  await writeDisplaced(io, path, record);
  return record;
}

/** Puts back what was displaced, wherever the helper still is. */
function restored(
  text: string | undefined,
  { credsStore, credHelpers, noCredHelpers }: Displaced,
  suffix: string,
): string | undefined {
  if (text === undefined) return undefined;
  const field = fieldIn(text, "credHelpers");
  const hosts = Object.entries(credHelpers).reduce(
    (edited, [key, before]) => {
      const helpers = memberOf(edited, "credHelpers");
      const current = isJsonObject(helpers) ? helpers[key] : undefined;
      return current === suffix ? putBack(edited, [field, key], before) : edited;
    },
    text,
  );
  const left = memberOf(hosts, "credHelpers");
  const isEmpty = isJsonObject(left) && Object.keys(left).length === 0;
  const edited = noCredHelpers && isEmpty ? removeMember(hosts, [field]) : hosts;
  return credsStore !== undefined && memberOf(edited, "credsStore") === suffix
    ? putBack(edited, [fieldIn(edited, "credsStore")], credsStore)
    : edited;
}

function putBack(text: string, path: readonly string[], before: string | null): string {
  return before === null ? removeMember(text, path) : setMember(text, path, before);
}

/** The name of a field as it is spelled; case does not count for Docker. */
function fieldIn(text: string, name: string): string {
  return Object.keys(membersOf(text)).findLast((key) => key.toLowerCase() === name.toLowerCase()) ??
    name;
}

function memberOf(text: string | undefined, name: string): unknown {
  return text === undefined ? undefined : membersOf(text)[fieldIn(text, name)];
}

function membersOf(text: string): JsonObject {
  const body = text.replace(/^\uFEFF/, "");
  const root: unknown = body.trim() === "" ? {} : JSON.parse(body);
  return isJsonObject(root) ? root : {};
}
