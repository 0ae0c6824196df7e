/**
 * The way to a registry: a `fetch` that knows its certificates, and cannot be used for another host.
 *
 * @example
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { hostTransports } from "./host_transport.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ fetch: () => new Response(null, { status: 401 }) });
 * const transports = hostTransports({ io });
 * const fetch = await transports.fetchFor("reg.example");
 * assertEquals((await fetch(new URL("https://reg.example/v2/"))).status, 401);
 * await transports.close();
 * ```
 *
 * @module
 */

import { messageOf, RegauthError } from "./errors.ts";
import type { Context, HttpClient, HttpClientOptions } from "./io.ts";
import { proxyFor } from "./proxy.ts";
import { isLoopbackHost, normalizeHost } from "./reference.ts";
import { type ConnectionEntry, type HostSettings, hostSettings, type TlsOptions } from "./tls.ts";

/** Sends a request to the host it was made for; it never follows a redirect. */
export type HostFetch = (url: URL, init?: RequestInit) => Promise<Response>;

/** The way to one host. */
export interface HostTransport {
  /** How the host is reached. */
  readonly settings: HostSettings;
  /** Sends a request there. */
  readonly fetch: HostFetch;
  /** Ends its connections. */
  close(): Promise<void>;
}

/** Settings of {@linkcode transportFor}. */
export interface TransportOptions {
  /** Hears, once for each host, that its certificate is not verified. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Settings of {@linkcode hostTransports}. */
export interface HostTransportsOptions extends Omit<TlsOptions, "entry">, TransportOptions {
  /** What regauth's own file says of a host. */
  readonly entryOf?: (host: string) => ConnectionEntry | undefined;
}

/** The ways to all hosts of one run. */
export interface HostTransports {
  /**
   * How a host is reached.
   *
   * @param host The host, with its port if it has one.
   * @returns Its settings.
   * @throws {RegauthError} As {@linkcode hostSettings}.
   */
  settingsOf(host: string): Promise<HostSettings>;

  /**
   * The way to a host.
   *
   * @param host The host, with its port if it has one.
   * @returns The `fetch` for it.
   * @throws {RegauthError} As {@linkcode hostSettings}.
   */
  fetchFor(host: string): Promise<HostFetch>;

  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * The ways to all hosts: one for each, made when it is first asked for.
 *
 * @param context The outside world.
 * @param options Flags, regauth's own file, and who hears warnings.
 * @returns The ways. A host that nothing is said of shares the way to another port of the same name,
 * as a token server beside its registry needs it.
 */
export function hostTransports(
  context: Context,
  options: HostTransportsOptions = {},
): HostTransports {
  const known = new Map<string, Promise<HostTransport>>();

  async function make(host: string): Promise<HostTransport> {
    const earlier = [...known].filter(([other]) => nameOf(other) === nameOf(host));
    const entry = options.entryOf?.(host);
    const settings = await hostSettings(host, context, { ...options, entry });
    const [first] = earlier;
    if (settings.isGeneral && first !== undefined) {
      const { ca, client, skipVerify, headers } = (await first[1]).settings;
      return transportFor({ ...settings, ca, client, skipVerify, headers }, context, options);
    }
    return transportFor(settings, context, options);
  }

  function transportOf(host: string): Promise<HostTransport> {
    const transport = known.get(host) ?? make(host);
    known.set(host, transport);
    return transport;
  }

  return {
    settingsOf: async (host) => (await transportOf(host)).settings,
    fetchFor: async (host) => (await transportOf(host)).fetch,
    close: async () => {
      const made = await Promise.allSettled(known.values());
      for (const result of made) if (result.status === "fulfilled") await result.value.close();
    },
  };
}

/**
 * The way to one host.
 *
 * @param settings How it is reached.
 * @param context The outside world.
 * @param options Who hears warnings.
 * @returns The way. Its `fetch` throws {@linkcode RegauthError} `config-type` if certificate and key
 * of the client do not fit together, and otherwise what the standard one throws.
 */
export function transportFor(
  settings: HostSettings,
  context: Context,
  options: TransportOptions = {},
): HostTransport {
  const { host, ca, client, headers, skipVerify } = settings;
  const { io, trace } = context;
  const clients = new Map<HttpClientOptions["trust"], Promise<HttpClient>>();
  /** Whether the server turned out to show a certificate that is marked as an authority. */
  let exactly = false;
  let warned = false;

  function clientFor(trust: HttpClientOptions["trust"], direct: boolean): Promise<HttpClient> {
    const made = clients.get(trust) ?? io.httpClient({
      ...(ca.length === 0 ? {} : { ca }),
      ...(client === undefined ? {} : { client }),
      ...(trust === undefined ? {} : { trust }),
      ...(direct ? { direct } : {}),
    }).catch((error) => {
      throw clientFault(settings, error);
    });
    clients.set(trust, made);
    return made;
  }

  async function send(
    url: URL,
    init: RequestInit,
    trust: HttpClientOptions["trust"],
  ): Promise<Response> {
    // A proxy cannot reach this machine, and Deno would ask it.
    const direct = isLoopbackHost(url.host) && proxyFor(url, io.env) !== undefined;
    if (trust === undefined && ca.length === 0 && client === undefined && !direct) {
      return await io.fetch(url, init);
    }
    return await (await clientFor(trust, direct)).fetch(url, init);
  }

  async function fetch(url: URL, init: RequestInit = {}): Promise<Response> {
    if (nameOf(url.host) !== nameOf(host)) {
      throw new RegauthError("network", `Cannot ask "${url.host}" with the settings of "${host}"`, {
        subject: url.host,
      });
    }
    const [given, all] = [new Headers(init.headers), new Headers(init.headers)];
    for (const [name, value] of headers) if (!given.has(name)) all.append(name, value.reveal());
    const request: RequestInit = { ...init, headers: all, redirect: "manual" };
    if (url.protocol !== "https:") return await send(url, request, undefined);
    if (skipVerify !== undefined) {
      const message = `The certificate of ${host} is not verified (${skipVerify}): ` +
        "whoever is on the way there can read and change everything, passwords too.";
      if (!warned) (options.warn ?? trace)?.(message);
      warned = true;
      return await send(url, request, "anyone");
    }
    if (exactly) return await send(url, request, "exactly-ca");
    try {
      return await send(url, request, undefined);
    } catch (error) {
      // It failed in the handshake: nothing was sent yet.
      if (ca.length === 0 || !saysAuthority(error)) throw error;
      trace?.(
        `The certificate of ${host} is marked as an authority; only an exact match is accepted`,
      );
      exactly = true;
      return await send(url, request, "exactly-ca");
    }
  }

  return {
    settings,
    fetch,
    close: async () => {
      const made = await Promise.allSettled(clients.values());
      for (const result of made) if (result.status === "fulfilled") result.value.close();
    },
  };
}

/** Host without port; Docker Hub has one name. */
function nameOf(host: string): string {
  return normalizeHost(host.replace(/:\d+$/, ""));
}

/** rustls does not take an authority's certificate for a server's, even if it is trusted. */
function saysAuthority(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message.includes("CaUsedAsEndEntity") || saysAuthority(error.cause);
}

function clientFault({ host, client }: HostSettings, cause: unknown): unknown {
  if (client === undefined || cause instanceof RegauthError) return cause;
  const why = /KeyMismatch/.test(messageOf(cause))
    ? "the key is not the one of the certificate"
    : /UnsupportedCertVersion/.test(messageOf(cause))
    ? "its version of X.509 is 1, and Deno wants 3"
    : messageOf(cause);
  return new RegauthError(
    "config-type",
    `Cannot show the client certificate for "${host}": ${why}`,
    { subject: host, hint: "Get a new certificate, with its key, for this registry.", cause },
  );
}
