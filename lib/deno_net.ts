/**
 * The network by way of Deno: the part of `denoIo()` that connects, loaded when it is asked for.
 *
 * @module
 */

import type { HttpClient, HttpClientOptions } from "./io.ts";
import { type Proxy, proxyFor } from "./proxy.ts";

/**
 * The certificates that a server shows.
 *
 * @param url The server.
 * @param signal Ends it early.
 * @returns As `peerCertificates()` of the port.
 */
export async function peerCertificates(
  url: URL,
  signal?: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const tls = await import("./node_tls.ts");
  return await tls.peerCertificates({ url, proxy: proxyOf(url), ...(signal ? { signal } : {}) });
}

/**
 * A client with certificates of its own. What only `node:` modules can do is loaded when it is
 * asked for.
 *
 * @param options The certificates.
 * @returns As `httpClient()` of the port.
 */
export async function httpClient(options: HttpClientOptions): Promise<HttpClient> {
  if (options.trust !== undefined) {
    const { nodeHttpsClient } = await import("./node_https.ts");
    return nodeHttpsClient(options, options.direct ? () => undefined : proxyOf);
  }
  const client = options.direct ? withoutProxy(() => denoClient(options)) : denoClient(options);
  return {
    fetch: (url, init) => fetch(url, { ...init, redirect: "manual", client }),
    close: () => client.close(),
  };
}

function denoClient({ ca, client }: HttpClientOptions): Deno.HttpClient {
  return Deno.createHttpClient({
    ...(ca === undefined ? {} : { caCerts: [...ca] }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key.reveal() }),
  });
}

/**
 * Deno asks the environment for the proxy when a client is made, and has no option against it.
 * Nothing else runs between the two changes of the variable.
 */
function withoutProxy<T>(make: () => T): T {
  const before = Deno.env.get("NO_PROXY");
  Deno.env.set("NO_PROXY", "*,0.0.0.0/0,::/0");
  try {
    return make();
  } finally {
    if (before === undefined) Deno.env.delete("NO_PROXY");
    else Deno.env.set("NO_PROXY", before);
  }
}

function proxyOf(url: URL): Proxy | undefined {
  return proxyFor(url, (name) => Deno.env.get(name));
}
