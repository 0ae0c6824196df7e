/**
 * Saves and removes the credential of a registry where Docker keeps it: in the credential helper
 * that its config names for the host, else in the config file itself. A file of Podman may stand for
 * that config.
 *
 * @module
 */

import { dockerConfigPath } from "./auth_files.ts";
import type { Credential } from "./credential.ts";
import { type DockerConfig, readDockerConfig } from "./docker_config.ts";
import { authFileKey, eraseEntries, markEntry, storeEntry } from "./docker_config_write.ts";
import { isKeyOfHost } from "./docker_keys.ts";
import { findHelper, type HelperChoice } from "./docker_lookup.ts";
import { RegauthError } from "./errors.ts";
import { helperErase, helperStore } from "./helper.ts";
import { helperProgram } from "./helper_call.ts";
import type { Context } from "./io.ts";
import { credentialKey, normalizeHost } from "./reference.ts";

/** Where Docker's config is, or which file of Podman is meant instead. */
export interface DockerStoreOptions {
  /** Folder of `config.json`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
  /** An `auth.json` of Podman. */
  readonly authFile?: string;
  /** Path on the host for which the credential counts; only Podman's files know such keys. */
  readonly scope?: string;
}

/** Where a credential was saved. */
export interface SavedPlace {
  /** The config file. */
  readonly path: string;
  /** The key in it. */
  readonly key: string;
  /** The helper that holds the secret; absent if the file itself does, in plain text. */
  readonly helper?: string;
  /** What to say if others may read the file. */
  readonly modeWarning?: string;
}

/** What was removed. */
export interface RemovedPlace {
  /** The config file or `docker-credential-…`. */
  readonly where: string;
  /** The key that was removed. */
  readonly key: string;
}

/**
 * Saves a credential. A helper gets the secret, and the file a mark, as Docker does it.
 *
 * @param context The outside world.
 * @param host Registry host, in any spelling.
 * @param credential What to save.
 * @param options Where Docker's config is.
 * @returns Where it was saved.
 * @throws {RegauthError} `config-…` if the config cannot be read, `write-…` if it cannot be
 * written, `helper-…` if the helper refuses, `invalid-credential` if it could not be read back.
 */
export async function saveCredential(
  context: Context,
  host: string,
  credential: Credential,
  options: DockerStoreOptions = {},
): Promise<SavedPlace> {
  const { io, signal } = context;
  const { path, style, key, helper } = await placeOf(context, host, options);
  if (!helper) {
    const { modeWarning } = await storeEntry(io, path, key, credential, { style });
    return { path, key, ...(modeWarning === undefined ? {} : { modeWarning }) };
  }
  const { suffix, server, configuredBy } = helper;
  await helperStore(io, suffix, server, credential, {
    configuredBy,
    ...(signal ? { signal } : {}),
  });
  if (style === "docker") await markEntry(io, path, key);
  return { path, key, helper: suffix };
}

/**
 * Looks whether a credential could be saved, before anybody types it: a helper that is named for the
 * host must be installed.
 *
 * @param context The outside world.
 * @param host Registry host, in any spelling.
 * @param options Where Docker's config is.
 * @throws {RegauthError} `config-…`, `helper-name` or `helper-missing`
 */
export async function checkSaving(
  context: Context,
  host: string,
  options: DockerStoreOptions = {},
): Promise<void> {
  const { helper } = await placeOf(context, host, options);
  if (helper) await helperProgram(context.io, helper.suffix, helper.configuredBy);
}

/**
 * Removes every credential of a host: all keys that mean it, in the file and in its helper. What
 * belongs to a path on the host stays.
 *
 * @param context The outside world.
 * @param host Registry host, in any spelling.
 * @param options Where Docker's config is.
 * @returns What was removed; nothing if there was nothing.
 * @throws {RegauthError} `config-…`, `write-…` or `helper-…`
 */
export async function removeCredential(
  context: Context,
  host: string,
  options: DockerStoreOptions = {},
): Promise<readonly RemovedPlace[]> {
  const { io, signal } = context;
  const { path, style, key, helper, config } = await placeOf(context, host, options);
  if (!config) return [];
  const registry = normalizeHost(host);
  const isMeant = (other: string): boolean =>
    options.scope === undefined ? isKeyOfHost(other, registry) : other === key;
  const keys = Object.keys(config.auths).filter(isMeant);
  const removed: RemovedPlace[] = [];
  if (helper) {
    const { suffix, server, configuredBy } = helper;
    for (const key of new Set([server, ...keys])) {
      const erased = await helperErase(io, suffix, key, {
        configuredBy,
        ...(signal ? { signal } : {}),
      });
      if (erased) removed.push({ where: `docker-credential-${suffix}`, key });
    }
  }
  if (keys.length > 0) await eraseEntries(io, path, keys, { style });
  return [...removed, ...keys.map((key) => ({ where: path, key }))];
}

/** A file, the key of a credential in it, and the helper that it names for the host. */
interface Place {
  readonly path: string;
  readonly style: "docker" | "containers";
  readonly key: string;
  readonly config: DockerConfig | undefined;
  readonly helper: HelperChoice | undefined;
}

async function placeOf(
  context: Context,
  host: string,
  { authFile, scope, ...options }: DockerStoreOptions,
): Promise<Place> {
  const { io } = context;
  const registry = normalizeHost(host);
  if (authFile === undefined) {
    const path = requireDockerConfig(context, options);
    const config = await readDockerConfig(io, path);
    const helper = config && findHelper(config, { registry });
    return { path, style: "docker", key: credentialKey(host), config, helper };
  }
  if (/[.]dockercfg$/.test(authFile)) {
    throw new RegauthError("usage", `Cannot change "${authFile}": it is of an old format`, {
      subject: authFile,
      hint: "Name an auth.json; Podman reads both.",
    });
  }
  const config = await readDockerConfig(io, authFile, { style: "containers" });
  // Podman asks helpers for whole hosts alone (containers/image `SetCredentials`).
  const helper = scope === undefined ? config && findHelper(config, { registry }) : undefined;
  const key = [authFileKey(host), ...(scope === undefined ? [] : [scope])].join("/");
  return { path: authFile, style: "containers", key, config, helper };
}

/**
 * Docker's config file, for those who cannot do without.
 *
 * @param context The outside world.
 * @param options Where it is.
 * @returns Its path; the file may be missing.
 * @throws {RegauthError} `config-io` if no variable tells where the user lives.
 */
export function requireDockerConfig(
  { io }: Pick<Context, "io">,
  { configDir }: DockerStoreOptions,
): string {
  const path = dockerConfigPath(io, configDir);
  if (path !== undefined) return path;
  throw new RegauthError(
    "config-io",
    "Cannot find Docker's config: no variable tells the home folder",
    {
      subject: "HOME",
      hint: "Set HOME or DOCKER_CONFIG, or name the folder with --config.",
    },
  );
}
