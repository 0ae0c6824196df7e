/**
 * A TLS connection whose certificate is judged by the caller, who learns the chain before a byte is
 * sent. Deno's own connections judge it themselves; only `node:tls` lets others do it.
 *
 * Deno's judgement of certificates in `node:tls` is not used on purpose: up to 2.9.6 it takes a
 * certificate of X.509 version 1 for genuine when it merely names a trusted issuer.
 *
 * This module loads `node:` modules, which takes some 20 ms: import it only when it is needed.
 *
 * @module
 */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { ClientCertificate } from "./io.ts";
import { RegauthError } from "./errors.ts";
import type { Proxy } from "./proxy.ts";
import { sameBytes } from "./x509.ts";

/** Milliseconds in which something must arrive. */
const IDLE_LIMIT = 30_000;
/** As much as a proxy may answer before the tunnel. */
const PROXY_HEAD_LIMIT = 16 * 1024;
/** No server sends more; it keeps a circle of issuers finite. */
const CHAIN_LIMIT = 10;

/** Where to connect to, and how. */
export interface TlsTarget {
  /** URL of which host and port count. */
  readonly url: URL;
  /** The way there; none is a direct connection. */
  readonly proxy?: Proxy | undefined;
  /** What to show to the server. */
  readonly client?: ClientCertificate | undefined;
  /** Ends the connection. */
  readonly signal?: AbortSignal;
}

/** An open connection. */
export interface UnjudgedConnection {
  /** Nothing was sent on it but the handshake. */
  readonly socket: TLSSocket;
  /**
   * The certificates that the server showed (DER), its own first. Empty where Deno does not tell
   * them, as up to 2.7: then nothing is known of the server.
   */
  readonly chain: readonly Uint8Array[];
}

/**
 * Connects, whatever certificate the server shows.
 *
 * @param target Where to connect to.
 * @returns The connection, to be destroyed by the caller.
 * @throws {RegauthError} `network` if a proxy refuses, or if Deno cannot do what is asked.
 */
export async function openTls(target: TlsTarget): Promise<UnjudgedConnection> {
  const { url, proxy, client, signal } = target;
  signal?.throwIfAborted();
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || 443;
  const tunnel = proxy === undefined ? undefined : await openTunnel(proxy, url, port, signal);
  const socket = connectTls({
    ...(tunnel === undefined ? { port } : { socket: tunnel }),
    host,
    // Server names are names, never addresses (RFC 6066 section 3).
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key.reveal() }),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false,
  });
  await opened(socket, "secureConnect", signal);
  const chain = chainOf(socket);
  if (client !== undefined && chain.length === 0) {
    socket.destroy();
    throw new RegauthError(
      "network",
      `Cannot connect to "${url.host}": this version of Deno cannot show a client certificate ` +
        "to a server whose certificate it does not verify",
      { subject: url.host, hint: "Use Deno 2.8 or later, or trust the server's certificate." },
    );
  }
  return { socket, chain };
}

/**
 * The certificates that a server shows. Nothing is sent to it but the handshake.
 *
 * @param target Where to connect to.
 * @returns Its certificates (DER), its own first; none where Deno does not tell.
 * @throws {RegauthError} `network` if a proxy refuses.
 */
export async function peerCertificates(target: TlsTarget): Promise<readonly Uint8Array[]> {
  const { socket, chain } = await openTls(target);
  socket.destroy();
  return chain;
}

/** Waits for the connection; the limits stay in force afterwards. */
async function opened(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => void socket.destroy(asError(signal?.reason));
  socket.setTimeout(IDLE_LIMIT, () => socket.destroy(new Error("nothing arrived for 30 s")));
  socket.once(event, resolve);
  // Without a listener, an error after this would end the program.
  socket.on("error", reject);
  socket.once("close", () => {
    signal?.removeEventListener("abort", abort);
    reject(new Error("the connection was closed"));
  });
  signal?.addEventListener("abort", abort);
  await promise;
}

/** Asks a proxy for a tunnel (RFC 9110 section 9.3.6). */
async function openTunnel(
  proxy: Proxy,
  url: URL,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const refused = (why: string): RegauthError =>
    new RegauthError("network", `Cannot reach "${url.host}" by the proxy ${proxy.shown}: ${why}`, {
      subject: proxy.shown,
      hint: `Set NO_PROXY=${url.hostname} if no proxy is needed for it.`,
    });
  if (proxy.protocol !== "http:") {
    throw refused("only http:// proxies can be used where certificates are not verified as usual");
  }
  const socket = connectTcp({ host: proxy.hostname.replace(/^\[|\]$/g, ""), port: proxy.port });
  await opened(socket, "connect", signal).catch(() => {
    throw refused("it does not answer");
  });
  const place = `${url.hostname}:${port}`;
  const lines = [`CONNECT ${place} HTTP/1.1`, `Host: ${place}`];
  if (proxy.authorization) lines.push(`Proxy-Authorization: ${proxy.authorization.reveal()}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const head = await readHead(socket);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status?.startsWith("2")) return socket;
  socket.destroy();
  throw refused(status === undefined ? "it is no HTTP proxy" : `it answers with status ${status}`);
}

/** What comes before the first empty line; nothing comes behind it until we speak. */
async function readHead(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let head = "";
  const hear = (part: Uint8Array): void => {
    head += new TextDecoder("latin1").decode(part);
    if (!head.includes("\r\n\r\n") && head.length < PROXY_HEAD_LIMIT) return;
    // At once: TLS cannot take over a socket that is being read.
    socket.off("data", hear).pause();
    resolve(head);
  };
  socket.on("data", hear);
  socket.once("close", () => resolve(head));
  return await promise;
}

function chainOf(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < CHAIN_LIMIT) {
    const der = Uint8Array.from(certificate.raw);
    if (chain.some((seen) => sameBytes(seen, der))) break;
    chain.push(der);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
