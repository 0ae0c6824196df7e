/**
 * The keys of a Docker config file: which registry one of them means, and which of them are tried
 * for an image.
 *
 * @example The keys that cover a repository
 * ```ts
 * import { hostOfKey, pathKeys } from "./docker_keys.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hostOfKey("https://reg.example:5000/v2/"), "reg.example:5000");
 * assertEquals(pathKeys("reg.example", "team/app"), ["reg.example/team/app", "reg.example/team"]);
 * ```
 *
 * @module
 */

import { HUB_HOST, HUB_KEY, normalizeHost } from "./reference.ts";

/** The names of Docker Hub's registry, in the order in which they are preferred. */
export const HUB_HOSTS: readonly string[] = ["docker.io", HUB_HOST, "registry-1.docker.io"];

/**
 * The host that Docker sees in a key. It keeps the case, the port and the text as they are; a URL
 * loses its user name, and the brackets of an IPv6 address without port
 * (docker/cli `credentials/file_store.go`, `ConvertToHostname`).
 *
 * @param key A key of `auths`.
 * @returns The host, with its port if there is one.
 */
export function hostOfKey(key: string): string {
  const scheme = key.indexOf("://");
  const authority = scheme < 0 ? "" : /^[^/?#]*/.exec(key.slice(scheme + 3))?.[0] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const parts = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>.*?))(?::(?<port>\d*))?$/.exec(host)?.groups;
  const name = parts?.bracketed ?? parts?.plain;
  if (!name) return host || before(key, "/");
  if (!parts?.port) return name;
  return name.includes(":") ? `[${name}]:${parts.port}` : `${name}:${parts.port}`;
}

/**
 * The host that Podman sees in a key: a path makes it a namespace unless a scheme is in front of
 * it (containers/image `pkg/docker/config`, `normalizeAuthFileKey`).
 *
 * @param key A key of `auths`.
 * @param legacy Whether the file is a `.dockercfg`, where every key is a host.
 * @returns The host or namespace.
 */
export function containersHostOfKey(key: string, legacy = false): string {
  const stripped = key.replace(/^http:\/\//, "").replace(/^https:\/\//, "");
  return legacy || stripped !== key ? before(stripped, "/") : stripped;
}

/**
 * The keys that cover a repository by its path, the longest first, without the host itself.
 *
 * @param registry The registry's host.
 * @param repository The repository; none has no keys.
 * @returns The keys.
 */
export function pathKeys(registry: string, repository: string | undefined): string[] {
  const segments = repository?.split("/") ?? [];
  return segments.map((_, index) => `${registry}/${segments.slice(0, index + 1).join("/")}`)
    .reverse();
}

/**
 * Whether a key holds a token of Docker's browser login, which is no credential of a registry
 * (docker/cli `internal/oauth/manager`).
 *
 * @param key A key of `auths`.
 * @returns Whether to pass it over.
 */
export function isBrowserLoginKey(key: string): boolean {
  return key === `${HUB_KEY}access-token` || key === `${HUB_KEY}refresh-token`;
}

/**
 * Whether a key stands for all of a registry, in whatever spelling. One with a path of its own, but
 * for that of the registry's API, stands for that path alone.
 *
 * @param key A key of `auths`.
 * @param host The registry, as {@linkcode normalizeHost} gives it.
 * @returns Whether its credential is the registry's.
 */
export function isKeyOfHost(key: string, host: string): boolean {
  return normalizeHost(key) === host && !isBrowserLoginKey(key) &&
    /^(?:[a-z]+:\/\/.*|[^/]*(?:\/(?:v[12]\/?)?)?)$/is.test(key);
}

/**
 * Orders keys that mean the same host, so that the answer never depends on the order of the file:
 * `https` first, then the paths `/v2/`, `/v1/` and none, then byte order.
 *
 * @param one A key.
 * @param other Another key.
 * @returns Negative if the first one is preferred.
 */
export function comparePreference(one: string, other: string): number {
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

function rank(key: string): number {
  const [, scheme = "", path = ""] = /^(?:([^:]*):\/\/)?[^/]*(.*)$/s.exec(key) ?? [];
  const position = ["v2", "v1", ""].indexOf(path.replace(/^\/|\/$/g, ""));
  return (scheme.toLowerCase() === "https" ? 0 : 10) + (position < 0 ? 3 : position);
}

function before(text: string, mark: string): string {
  const end = text.indexOf(mark);
  return end < 0 ? text : text.slice(0, end);
}
