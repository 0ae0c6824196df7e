/**
 * The plan that removes what is saved for a registry: from Docker's file and the helper that it
 * names, from Podman's files, and from regauth's own store.
 *
 * @example
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { planRemoval } from "./removal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: { "/home/me/.docker/config.json": '{"credHelpers":{"reg.example":"maker"}}' },
 * });
 * const plan = await planRemoval({ io }, "reg.example", (helper) => helper === "maker");
 * assertEquals(plan.map(({ kind }) => kind), ["unname"]);
 * ```
 *
 * @module
 */

import { authFiles, dockerConfigPath } from "./auth_files.ts";
import { loadConfig } from "./config_file.ts";
import { type DockerConfig, readDockerConfig } from "./docker_config.ts";
import { isKeyOfHost } from "./docker_keys.ts";
import { authFileKey } from "./docker_config_write.ts";
import type { DockerStoreOptions } from "./docker_store.ts";
import type { Context } from "./io.ts";
import type { Change } from "./plan.ts";
import { credentialKey } from "./reference.ts";
import { defaultStore, storeKey } from "./store.ts";

/**
 * Plans the removal of all that is saved for a host. What belongs to a path on it stays.
 *
 * @param context The outside world.
 * @param host Registry host, normalised.
 * @param makes Whether a helper makes credentials and stores none: then only its name is removed.
 * @param options Where Docker's config is.
 * @returns The changes; some of them may turn out to have nothing to do.
 * @throws {RegauthError} `config-…` if a file cannot be read.
 */
export async function planRemoval(
  context: Context,
  host: string,
  makes: (helper: string) => boolean,
  options: DockerStoreOptions = {},
): Promise<readonly Change[]> {
  const { io } = context;
  const docker = dockerConfigPath(io, options.configDir);
  const config = docker === undefined ? undefined : await readDockerConfig(io, docker);
  const files = [...new Set([io.env("REGISTRY_AUTH_FILE"), ...authFiles(io)])]
    .filter((path) => path !== undefined && path !== "" && path !== docker);
  const podman: Change[] = [];
  for (const path of files) {
    if (path !== undefined) podman.push(...await fromPodman(context, path, host, makes));
  }
  return [
    ...(config ? fromDocker(config, host, makes) : []),
    ...podman,
    ...await fromStore(context, host),
  ];
}

function fromDocker(
  config: DockerConfig,
  host: string,
  makes: (helper: string) => boolean,
): Change[] {
  const { path, auths, credHelpers } = config;
  const key = credentialKey(host);
  const helper = credHelpers[key];
  const unname: Change[] = typeof helper === "string" ? [{ kind: "unname", path, host: key }] : [];
  if (typeof helper !== "string" || !makes(helper)) return [{ kind: "logout", host }, ...unname];
  const keys = Object.keys(auths).filter((other) => isKeyOfHost(other, host));
  return [...unname, ...(keys.length > 0 ? [{ kind: "erase", path, keys } as const] : [])];
}

async function fromPodman(
  { io }: Context,
  path: string,
  host: string,
  makes: (helper: string) => boolean,
): Promise<Change[]> {
  const config = await readDockerConfig(io, path, { style: "containers" });
  if (!config) return [];
  const own = authFileKey(host);
  const keys = Object.keys(config.auths).filter((key) => isKeyOfHost(key, host));
  const helper = config.credHelpers[own];
  return [
    ...(typeof helper === "string" && !makes(helper)
      ? [{ kind: "forget", helper, server: own } as const]
      : []),
    ...(typeof helper === "string" ? [{ kind: "unname", path, host: own } as const] : []),
    ...(keys.length > 0 ? [{ kind: "erase", path, keys } as const] : []),
  ];
}

async function fromStore({ io }: Context, host: string): Promise<Change[]> {
  const config = await loadConfig(io);
  const entry = config.entryOf({ registry: host });
  if (entry?.keychain !== "store" || entry.pattern !== host) return [];
  const store = config.store ?? await defaultStore(io);
  return [
    { kind: "unstore", store, server: storeKey(host) },
    { kind: "unset", key: ["registries", host, "keychain"] },
  ];
}
