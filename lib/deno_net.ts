/**
 * The network by way of Deno: the part of {@linkcode denoIo} that connects.
 *
 * @module
 */

import type { HttpClient, HttpClientOptions, Io } from "./io.ts";
import { type Proxy, proxyFor } from "./proxy.ts";

/**
 * The real network. What only `node:` modules can do is loaded when it is asked for.
 *
 * @returns These methods of the port.
 */
export function denoNet(): Pick<Io, "fetch" | "httpClient" | "peerCertificates"> {
  return {
    fetch: (request, init) => fetch(request, init),
    httpClient,
    peerCertificates: async (url, signal) => {
      const { peerCertificates } = await import("./node_tls.ts");
      return await peerCertificates({ url, proxy: proxyOf(url), ...(signal ? { signal } : {}) });
    },
  };
}

async function httpClient(options: HttpClientOptions): Promise<HttpClient> {
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
