/**
 * An HTTPS client for the two cases that `fetch` has no way for: a server whose certificate is not
 * to be verified, and a server whose certificate is the very one that the user trusts although it
 * is marked as an authority (`openssl req -x509` does that; Docker accepts it, Deno does not).
 *
 * It sends one request on each connection, and does not follow redirects. It loads `node:` modules:
 * import it only when it is needed.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import { RegauthError } from "./errors.ts";
import { readResponse, requestBytes } from "./http1.ts";
import type { HttpClient, HttpClientOptions } from "./io.ts";
import { openTls } from "./node_tls.ts";
import { certificatesIn } from "./pem.ts";
import type { Proxy } from "./proxy.ts";
import { isFor, readCertificate, sameBytes } from "./x509.ts";

/**
 * Makes a client that believes the certificates of its options, or any.
 *
 * @param options Which server is believed, and what to show to it.
 * @param proxyOf Names the proxy for a request.
 * @returns The client. A certificate that is not believed is a `TypeError`, as with `fetch`, and
 * nothing was sent then.
 */
export function nodeHttpsClient(
  options: HttpClientOptions,
  proxyOf: (url: URL) => Proxy | undefined,
): HttpClient {
  const sockets = new Set<TLSSocket>();
  const trusted = (options.ca ?? []).flatMap((pem) => certificatesIn(pem, "CA certificate"));
  async function fetch(target: URL, init: RequestInit = {}): Promise<Response> {
    const request = new Request(target, { ...init, redirect: "manual" });
    const url = new URL(request.url);
    const { signal } = request;
    try {
      const { client } = options;
      const { socket, chain } = await openTls({ url, proxy: proxyOf(url), client, signal });
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      if (options.trust !== "anyone") judge(socket, chain[0], trusted, url);
      socket.write(await requestBytes(request));
      return await readResponse(partsOf(socket), request.method);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RegauthError || error instanceof TypeError) throw error;
      throw new TypeError("fetch failed", { cause: error });
    }
  }
  return { fetch, close: () => sockets.forEach((socket) => socket.destroy()) };
}

/** Lets a connection live only if the server's own certificate is a trusted one and counts here. */
function judge(
  socket: TLSSocket,
  der: Uint8Array | undefined,
  trusted: readonly Uint8Array[],
  url: URL,
): void {
  const fault = der === undefined
    ? "this version of Deno does not tell which certificate it shows (2.8 does)"
    : certificateFault(der, trusted, url.hostname);
  if (fault === undefined) return;
  socket.destroy();
  throw new TypeError("fetch failed", {
    cause: new Error(`invalid peer certificate: ${url.host}: ${fault}`),
  });
}

function certificateFault(
  der: Uint8Array,
  trusted: readonly Uint8Array[],
  hostname: string,
): string | undefined {
  if (!trusted.some((one) => sameBytes(one, der))) return "UnknownIssuer";
  const certificate = readCertificate(der);
  // Deno's TLS does not check that the server owns the key of a certificate of version 1.
  if (certificate.version < 3) return "UnsupportedCertVersion";
  if (certificate.notAfter.getTime() < Date.now()) return "Expired";
  if (certificate.notBefore.getTime() > Date.now()) return "NotValidYet";
  return isFor(certificate, hostname) ? undefined : "NotValidForName";
}

/** What arrives; ends at once when it is no longer wanted, even while waiting. */
function partsOf(socket: TLSSocket): AsyncIterable<Uint8Array> {
  const parts = socket[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => parts.next(),
      return: () => {
        socket.destroy();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
