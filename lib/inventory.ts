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

import { authFiles, dockerConfigPath } from "./auth_files.ts";
import { decodeEntry } from "./auth_entry.ts";
import { type CredentialKind, credentialKind } from "./credential.ts";
import { AUTH_CONFIG, parseAuthConfig } from "./docker_auth_env.ts";
import { type DockerConfig, helperOf, readDockerConfig } from "./docker_config.ts";
import { isBrowserLoginKey } from "./docker_keys.ts";
import { readEnvSets } from "./env_keychain.ts";
import { messageOf } from "./errors.ts";
import { helperList } from "./helper.ts";
import type { HelperOptions } from "./helper_call.ts";
import type { Context } from "./io.ts";

/** How a secret is kept. */
export type Storage = "environment" | "plain text" | "helper";

/** A credential that is known, or a source that cannot be read. */
export interface KnownCredential {
  /** The host, pattern or key under which it is found. */
  readonly registry: string;
  /** Account name, if it has one. */
  readonly username?: string;
  /** What the credential amounts to. */
  readonly kind: CredentialKind;
  /** The file, variable or helper that holds it. */
  readonly where: string;
  /** How its secret is kept. */
  readonly stored: Storage;
  /** What is wrong with it. */
  readonly problem?: string;
}

/** What is looked at. */
export interface InventoryOptions extends Pick<HelperOptions, "timeout"> {
  /** Folder of Docker's `config.json`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
}

/**
 * Lists the credentials of the environment, of Docker's and podman's files, and of the helpers
 * that they name.
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
  const docker = dockerConfigPath(io, options.configDir);
  const all = [
    guarded("environment", "environment", () => environment(context)),
    guarded(AUTH_CONFIG, "environment", () => authConfig(context)),
    ...(docker === undefined ? [] : [
      guarded(docker, "plain text", () => file(context, docker, "pathScoped", options)),
    ]),
    ...authFiles(io).map((path) =>
      guarded(path, "plain text", () => file(context, path, "containers", options))
    ),
  ];
  return (await Promise.all(all)).flat();
}

async function guarded(
  where: string,
  stored: Storage,
  read: () => Promise<readonly KnownCredential[]> | readonly KnownCredential[],
): Promise<readonly KnownCredential[]> {
  try {
    return await read();
  } catch (error) {
    return [{ registry: "", kind: "none", where, stored, problem: messageOf(error) }];
  }
}

function environment({ io }: Context): readonly KnownCredential[] {
  return readEnvSets(io).sets.map(({ variable, pattern, credential }) => ({
    registry: pattern.text,
    ...(credential.username === undefined ? {} : { username: credential.username }),
    kind: credentialKind(credential),
    where: variable,
    stored: "environment",
  }));
}

function authConfig({ io }: Context): readonly KnownCredential[] {
  const text = io.env(AUTH_CONFIG);
  if (!text) return [];
  return Array.from(parseAuthConfig(text), ([registry, credential]) => ({
    registry,
    ...(credential.username === undefined ? {} : { username: credential.username }),
    kind: credentialKind(credential),
    where: AUTH_CONFIG,
    stored: "environment",
  }));
}

async function file(
  context: Context,
  path: string,
  style: DockerConfig["style"],
  options: InventoryOptions,
): Promise<readonly KnownCredential[]> {
  const config = await readDockerConfig(context.io, path, { style });
  if (!config) return [];
  const helpers = [
    config.credsStore,
    ...Object.keys(config.credHelpers).map((host) => helperOf(config, host)),
  ];
  const stored = await Promise.all(
    [...new Set(helpers)].filter((suffix) => suffix !== "").map((suffix) =>
      guarded(
        `docker-credential-${suffix}`,
        "helper",
        () => helperEntries(context, suffix, options),
      )
    ),
  );
  return [...fileEntries(config), ...stored.flat()];
}

function fileEntries({ path, auths, style }: DockerConfig): KnownCredential[] {
  return Object.entries(auths).flatMap(([key, value]): KnownCredential[] => {
    if (isBrowserLoginKey(key)) return [];
    const entry = { registry: key, where: path, stored: "plain text" as const };
    try {
      const reader = style === "containers" ? "containers" : "docker";
      const credential = decodeEntry(value, { path, key }, reader);
      if (!credential) return [];
      const { username } = credential;
      return [{
        ...entry,
        ...(username === undefined ? {} : { username }),
        kind: credentialKind(credential),
      }];
    } catch (error) {
      return [{ ...entry, kind: "none", problem: messageOf(error) }];
    }
  });
}

async function helperEntries(
  { io, signal }: Context,
  suffix: string,
  { timeout }: InventoryOptions,
): Promise<readonly KnownCredential[]> {
  const servers = await helperList(io, suffix, {
    ...(signal ? { signal } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  });
  return Array.from(servers, ([registry, username]) => ({
    registry,
    username,
    kind: username === "<token>" ? "identityToken" : "basic",
    where: `docker-credential-${suffix}`,
    stored: "helper",
  }));
}
