/**
 * All credentials that are known on this machine, without asking any registry.
 *
 * @example What Docker's file and the environment hold
 * ```ts
 * import { listCredentials } from "./inventory.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me", REGAUTH_REGISTRY_HOSTNAME: "*.io", REGAUTH_REGISTRY_USERNAME: "me" },
 *   files: {
 *     "/home/me/.docker/config.json": `{"auths":{"reg.example":{"auth":"${btoa("robot:x")}"}}}`,
 *   },
 * });
 * const known = await listCredentials({ io });
 * assertEquals(known.map(({ registry, username }) => [registry, username]), [
 *   ["*.io", "me"],
 *   ["reg.example", "robot"],
 * ]);
 * ```
 *
 * @module
 */

import { authFiles, dockercfgPath, dockerConfigPath } from "./auth_files.ts";
import { decodeEntry } from "./auth_entry.ts";
import { loadConfig } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import { type Credential, type CredentialKind, credentialKind } from "./credential.ts";
import { beforeRegauth } from "./displaced_helpers.ts";
import { AUTH_CONFIG, parseAuthConfig } from "./docker_auth_env.ts";
import { type DockerConfig, helperOf, readDockerConfig } from "./docker_config.ts";
import { isBrowserLoginKey } from "./docker_keys.ts";
import { readEnvSets } from "./env_keychain.ts";
import { messageOf } from "./errors.ts";
import { helperList } from "./helper.ts";
import type { HelperOptions } from "./helper_call.ts";
import type { Context } from "./io.ts";
import { secretExpiry } from "./secret_expiry.ts";
import { credentialStore } from "./store.ts";

/** How a secret is kept; one that is `computed` is made when it is wanted. */
export type Storage = "environment" | "plain text" | "helper" | "computed";

/** Whether a credential still works, as far as it can be told without asking anybody. */
export type CredentialState = "ok" | "expired" | "unknown";

/** A credential that is known, or a source that cannot be read. */
export interface KnownCredential {
  /** The host, pattern or key under which it is found. */
  readonly registry: string;
  /** Account name, if it has one. */
  readonly username?: string;
  /** What the credential amounts to. */
  readonly kind: CredentialKind;
  /** The file, variable, helper or keychain that has it. */
  readonly where: string;
  /** How its secret is kept. */
  readonly stored: Storage;
  /** When it stops working, if its secret says so. */
  readonly expiresAt?: Date;
  /** Whether that is over. */
  readonly state: CredentialState;
  /** What is wrong with it. */
  readonly problem?: string;
}

/** What is looked at. */
export interface InventoryOptions extends Pick<HelperOptions, "timeout"> {
  /** Folder of Docker's `config.json`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
  /** An `auth.json` of Podman, in place of Docker's config and all others. */
  readonly authFile?: string;
}

/** Name under which regauth itself is a helper: what it lists is listed anyway. */
const SELF = "regauth";

/** What one source says. */
interface Found {
  readonly known: readonly KnownCredential[];
  /** Suffixes of the helpers that it names. */
  readonly helpers: readonly string[];
}

/**
 * Lists the credentials of the environment, of regauth's own file and store, of Docker's and Podman's
 * files, and of the helpers that they name.
 *
 * @param context The outside world.
 * @param options What is looked at.
 * @returns The credentials, in the order of their sources. A source that cannot be read is listed
 * with its problem.
 */
export async function listCredentials(
  context: Context,
  options: InventoryOptions = {},
): Promise<readonly KnownCredential[]> {
  const { io } = context;
  const named = options.authFile || io.env("REGISTRY_AUTH_FILE") || undefined;
  const docker = options.authFile ? undefined : dockerConfigPath(io, options.configDir);
  const podman = options.authFile
    ? [options.authFile]
    : [named, ...authFiles(io), dockercfgPath(io)];
  const others = [...new Set(podman)].filter((path) => path !== undefined && path !== docker);
  const found = await Promise.all([
    guarded("environment", "environment", () => environment(context)),
    guarded(AUTH_CONFIG, "environment", () => authConfig(context)),
    guarded(configPath(io) ?? "", "computed", () => ownFile(context)),
    guarded("store", "plain text", () => ownStore(context)),
    ...[docker, ...others].flatMap((path) =>
      path === undefined
        ? []
        : [guarded(path, "plain text", () => file(context, path, path === docker))]
    ),
  ]);
  const helpers = [...new Set(found.flatMap(({ helpers }) => helpers))];
  const stored = await Promise.all(
    helpers.map((suffix) =>
      guarded(
        `docker-credential-${suffix}`,
        "helper",
        () => helperEntries(context, suffix, options),
      )
    ),
  );
  return [...found, ...stored].flatMap(({ known }) => known);
}

async function guarded(
  where: string,
  stored: Storage,
  read: () => Promise<Found> | Found,
): Promise<Found> {
  try {
    return await read();
  } catch (error) {
    return only([problemOf("", where, stored, error)]);
  }
}

function only(known: readonly KnownCredential[]): Found {
  return { known, helpers: [] };
}

function problemOf(
  registry: string,
  where: string,
  stored: Storage,
  error: unknown,
): KnownCredential {
  return { registry, kind: "none", where, stored, state: "unknown", problem: messageOf(error) };
}

function knownOf(
  { io }: Context,
  registry: string,
  credential: Credential,
  where: string,
  stored: Storage,
): KnownCredential {
  const { username, password, identityToken, registryToken } = credential;
  const secret = registryToken ?? identityToken ?? password;
  const expiresAt = credential.expiresAt ?? (secret && secretExpiry(secret));
  return {
    registry,
    ...(username === undefined ? {} : { username }),
    kind: credentialKind(credential),
    where,
    stored,
    ...(expiresAt ? { expiresAt } : {}),
    state: expiresAt === undefined ? "unknown" : expiresAt > io.now() ? "ok" : "expired",
  };
}

function environment(context: Context): Found {
  return only(
    readEnvSets(context.io).sets.map(({ variable, pattern, credential }) =>
      knownOf(context, pattern.text, credential, variable, "environment")
    ),
  );
}

function authConfig(context: Context): Found {
  const text = context.io.env(AUTH_CONFIG);
  if (!text) return only([]);
  return only(
    Array.from(
      parseAuthConfig(text),
      ([key, credential]) => knownOf(context, key, credential, AUTH_CONFIG, "environment"),
    ),
  );
}

/** What is computed has no user name before somebody wants it. */
async function ownFile({ io }: Context): Promise<Found> {
  const { path, entries } = await loadConfig(io);
  return only(
    entries.filter(({ keychain }) => keychain !== "store").map(({ pattern, keychain }) => ({
      registry: pattern,
      kind: "none",
      where: `keychain ${keychain}, by ${path}`,
      stored: "computed",
      state: "unknown",
    })),
  );
}

async function ownStore(context: Context): Promise<Found> {
  // A broken file has been told of already.
  const { store, path } = await loadConfig(context.io, { onBroken: () => {} });
  if (store === undefined) return only([]);
  if (store !== "file") return { known: [], helpers: [store] };
  const file = credentialStore(store, path);
  const servers = [...(await file.list(context)).keys()];
  return only(
    await Promise.all(servers.map(async (server) => {
      const credential = await file.get(server, context) ?? {};
      const where = credential.detail?.replace(/, key ".*$/s, "") ?? store;
      return knownOf(context, server, credential, where, "plain text");
    })),
  );
}

async function file(context: Context, path: string, isDocker: boolean): Promise<Found> {
  const { io } = context;
  const legacy = /[.]dockercfg$/.test(path);
  const style = isDocker ? "pathScoped" : "containers";
  const config = await readDockerConfig(io, path, { style, legacy });
  if (!config) return only([]);
  const before = await beforeRegauth(io, config, SELF);
  const hosts = Object.keys(before.credHelpers).map((host) => helperOf(before, host));
  return {
    known: fileEntries(context, config),
    helpers: [before.credsStore, ...hosts].filter((suffix) => suffix !== ""),
  };
}

function fileEntries(context: Context, { path, auths, style }: DockerConfig): KnownCredential[] {
  return Object.entries(auths).flatMap(([key, value]): KnownCredential[] => {
    if (isBrowserLoginKey(key)) return [];
    try {
      const reader = style === "containers" ? "containers" : "docker";
      const credential = decodeEntry(value, { path, key }, reader);
      return credential ? [knownOf(context, key, credential, path, "plain text")] : [];
    } catch (error) {
      return [problemOf(key, path, "plain text", error)];
    }
  });
}

async function helperEntries(
  { io, signal }: Context,
  suffix: string,
  { timeout }: InventoryOptions,
): Promise<Found> {
  const servers = await helperList(io, suffix, {
    ...(signal ? { signal } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  });
  return only(
    Array.from(servers, ([registry, username]) => ({
      registry,
      username,
      kind: username === "<token>" ? "identityToken" : "basic",
      where: `docker-credential-${suffix}`,
      stored: "helper",
      state: "unknown",
    })),
  );
}
