/**
 * Finds what a config file says about a registry: an entry of its own, or the credential helper
 * that is responsible.
 *
 * @example The most specific key wins
 * ```ts
 * import { parseDockerConfig } from "./docker_config.ts";
 * import { findCredential } from "./docker_lookup.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = JSON.stringify({
 *   auths: {
 *     "reg.example": { auth: btoa("everyone:FAKE-1") },
 *     "reg.example/team": { auth: btoa("team:FAKE-2") },
 *   },
 * });
 * const config = await parseDockerConfig(text, "config.json");
 * const found = findCredential(config, { registry: "reg.example", repository: "team/app" });
 * assertEquals(found?.username, "team");
 * assertEquals(found?.detail, 'config.json, key "reg.example/team"');
 * ```
 *
 * @module
 */

import { decodeEntry, registryTokenOf } from "./auth_entry.ts";
import type { Credential } from "./credential.ts";
import { type DockerConfig, helperOf } from "./docker_config.ts";
import { comparePreference, HUB_HOSTS, pathKeys } from "./docker_keys.ts";
import { printable } from "./printable.ts";
import { HUB_HOST, HUB_KEY, normalizeHost, type Target } from "./reference.ts";

/** A credential helper that is responsible for a registry. */
export interface HelperChoice {
  /** What follows `docker-credential-`. */
  readonly suffix: string;
  /** What to ask it for. */
  readonly server: string;
  /** What names it, for messages. */
  readonly configuredBy: string;
}

/**
 * Finds the credential of a registry or repository among the entries of a config.
 *
 * @param config The config.
 * @param target What is to be pulled or pushed.
 * @returns The credential, its `detail` naming file and key, or `undefined` if there is none.
 * @throws {RegauthError} `config-type`, `auth-base64` or `auth-format` if the entry is broken.
 */
export function findCredential(config: DockerConfig, target: Target): Credential | undefined {
  const { path, style, auths } = config;
  const registry = registryIn(config, target);
  const hostKey = registry === HUB_HOST ? HUB_KEY : registry;
  for (const key of candidateKeys(config, { ...target, registry })) {
    if (!Object.hasOwn(auths, key)) continue;
    const reader = style === "containers" ? "containers" : "docker";
    const credential = decodeEntry(auths[key], { path, key }, reader);
    if (credential) return { ...credential, detail: `${path}, key "${printable(key)}"` };
    // An empty entry of the host itself says "none here", whatever other keys mean the same host.
    if (style === "containers" || key === hostKey) return undefined;
  }
  return undefined;
}

/**
 * Finds the credential helper that is responsible for a registry.
 *
 * @param config The config.
 * @param target What is to be pulled or pushed.
 * @param skip Which suffixes to pass over.
 * @returns The helper, or `undefined` if the file itself is responsible.
 * @throws {RegauthError} `config-type`
 */
export function findHelper(
  config: DockerConfig,
  target: Target,
  skip: (suffix: string) => boolean = () => false,
): HelperChoice | undefined {
  const { path, strict, credHelpers, credsStore, style } = config;
  const registry = registryIn(config, target);
  const isHub = registry === HUB_HOST;
  const hostKey = isHub ? HUB_KEY : registry;
  const keys = style === "containers"
    ? [isHub ? "docker.io" : registry]
    : [hostKey, ...(isHub && !strict ? HUB_HOSTS : [])];
  for (const key of keys) {
    if (!Object.hasOwn(credHelpers, key)) continue;
    const suffix = helperOf(config, key);
    if (suffix === "") return undefined;
    if (!skip(suffix)) {
      return { suffix, server: key, configuredBy: `"credHelpers" of ${path}` };
    }
  }
  if (credsStore === "" || skip(credsStore)) return undefined;
  return { suffix: credsStore, server: hostKey, configuredBy: `"credsStore" of ${path}` };
}

/**
 * What Docker takes from the entry of a host for which a helper is responsible
 * (docker/cli `credentials/native_store.go`).
 *
 * @param config The config.
 * @param target What is to be pulled or pushed.
 * @returns A credential with the entry's registry token alone, or `undefined` if it has none.
 * @throws {RegauthError} `config-type`
 */
export function findRegistryToken(config: DockerConfig, target: Target): Credential | undefined {
  const { path, auths, style } = config;
  if (style === "containers") return undefined;
  const registry = registryIn(config, target);
  const key = candidateKeys(config, { registry }).find((key) => Object.hasOwn(auths, key));
  const registryToken = key === undefined ? undefined : registryTokenOf(auths[key], { path, key });
  return registryToken && { registryToken, detail: `${path}, key "${printable(key ?? "")}"` };
}

function registryIn({ strict }: DockerConfig, { registry }: Target): string {
  if (!strict) return normalizeHost(registry);
  return registry === "docker.io" ? HUB_HOST : registry;
}

/** The keys that may answer for a target, the best first. */
function candidateKeys(config: DockerConfig, { registry, repository }: Target): readonly string[] {
  const { style, strict, keysOf } = config;
  const isHub = HUB_HOSTS.includes(registry);
  if (style === "containers") {
    const host = registry === HUB_HOST ? "docker.io" : registry;
    const same = isHub ? HUB_HOSTS.flatMap(keysOf).sort(comparePreference) : keysOf(host);
    return [...pathKeys(host, repository), host, ...same];
  }
  const paths = pathKeys(registry, repository).slice(0, style === "docker" ? 1 : undefined);
  if (registry !== HUB_HOST) return [...paths, registry, ...keysOf(registry)];
  if (strict) return [...paths, HUB_KEY];
  return [
    ...paths,
    HUB_KEY,
    ...HUB_HOSTS.flatMap((host) => pathKeys(host, repository)),
    ...HUB_HOSTS,
    ...HUB_HOSTS.flatMap(keysOf).sort(comparePreference),
  ];
}
