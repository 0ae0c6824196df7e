/**
 * What one run remembers of the registries it talks to, and how it reaches them. Nothing of it is
 * ever written to disk.
 *
 * @example A client for the real network
 * ```ts
 * import { denoIo } from "./deno_io.ts";
 * import { registryClient, trafficHost } from "./registry_client.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const client = registryClient({ context: { io: denoIo() } });
 * assertEquals(client.pings.size, 0);
 * assertEquals(trafficHost("docker.io"), "registry-1.docker.io");
 * ```
 *
 * @module
 */

import type { Challenge } from "./challenge.ts";
import type { Secret } from "./credential.ts";
import type { Context } from "./io.ts";
import type { TrustRealm } from "./realm.ts";
import { HUB_HOST, normalizeHost } from "./reference.ts";
import { type TokenCache, tokenCache } from "./token_cache.ts";

/** Sends one request. Redirects are never followed by it. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** How registries are reached. */
export interface RegistryClientOptions {
  /** The outside world, the caller's signal, and who hears what happens. */
  readonly context: Context;
  /**
   * The way to a host (with its port if it has one), for certificates of its own;
   * {@linkcode Io.fetch} if absent.
   */
  readonly fetchFor?: (host: string) => Fetch | Promise<Fetch>;
  /** Whether plain http may be used for a host that is not this machine; never if absent. */
  readonly insecure?: (host: string) => boolean | Promise<boolean>;
  /** Whether a token server may get the credentials of a registry in spite of its foreign host. */
  readonly trustsRealm?: (registry: string, realmHost: string) => boolean;
  /** Milliseconds for each request; 15 s for a ping or token and 30 s for others if absent. */
  readonly timeout?: number;
}

/** What one run knows. Make it with {@linkcode registryClient}; its fields are for this library. */
export interface RegistryClient {
  /** How registries are reached. */
  readonly options: RegistryClientOptions;
  /** Outcomes of pings by host. */
  readonly pings: Map<string, RememberedPing>;
  /** Bearer tokens. */
  readonly tokens: TokenCache;
  /** First uses of credentials at token servers, so that a wrong one is sent only once. */
  readonly logins: Map<string, Promise<unknown>>;
  /** Token servers without the OAuth2 flow. */
  readonly withoutPost: Set<string>;
  /** Identity tokens that replace others. */
  readonly renewed: Map<string, Secret>;
  /** Warnings of servers that were heard already. */
  readonly warnings: Set<string>;
}

/** How a registry wants to be shown a credential. */
export type Way =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: URL; readonly service?: string };

/** What a registry answered to a ping. */
export interface Ping {
  /** The registry, as it was asked for. */
  readonly registry: string;
  /** Scheme, host and port to which all requests go. */
  readonly origin: string;
  /** The URL that answered, after redirects. */
  readonly url: URL;
  /** All challenges, for guesses at the kind of registry. */
  readonly challenges: readonly Challenge[];
  /** The way that is taken; none if the registry did not ask for a credential. */
  readonly way?: Way;
  /** By how many minutes this clock is behind the server's. */
  readonly clockMinutes: number;
}

/** A ping, under way or done. */
export interface RememberedPing {
  /** Its outcome. */
  readonly ping: Promise<Ping>;
  /** When a failure is forgotten. */
  retryAt?: Date;
}

/**
 * A client that knows nothing yet.
 *
 * @param options How registries are reached.
 * @returns The client.
 */
export function registryClient(options: RegistryClientOptions): RegistryClient {
  return {
    options,
    pings: new Map(),
    tokens: tokenCache(() => options.context.io.now()),
    logins: new Map(),
    withoutPost: new Set(),
    renewed: new Map(),
    warnings: new Set(),
  };
}

/**
 * Which token servers the user trusts for a registry.
 *
 * @param client The client.
 * @param registry Host, with its port if it has one.
 * @returns The question whether a host is one of them.
 */
export function trustFor({ options }: RegistryClient, registry: string): TrustRealm {
  return (realmHost) => options.trustsRealm?.(registry, realmHost) ?? false;
}

/**
 * The host that answers for a registry: Docker Hub has one name for people and one for programs.
 *
 * @param registry Host, with its port if it has one.
 * @returns The host to connect to.
 */
export function trafficHost(registry: string): string {
  const host = normalizeHost(registry);
  return host === HUB_HOST ? "registry-1.docker.io" : host;
}
