/**
 * A server on loopback in front of a registry: it can speak TLS, ask for a client certificate, and
 * have another clock. It records what passes.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { TLSSocket } from "node:tls";
import type { Issued } from "./tls.ts";

/** What can be chosen. */
export interface ForwarderOptions {
  /** Address and port of the registry, which speaks plain http. */
  readonly registry: string;
  /** Its certificate, to speak TLS. */
  readonly identity?: Issued;
  /** Who must have signed the client's certificate. */
  readonly clientsOf?: Issued;
  /** By how many minutes its clock is ahead. */
  readonly clockMinutes?: number;
}

/** A request that passed, and its answer. */
export interface Passed {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Common name of the client's certificate. */
  readonly client?: string;
  readonly status: number;
  /** The `Location` header of the answer. */
  readonly location?: string;
}

/** The running server; disposing of it stops it. */
export interface Forwarder extends AsyncDisposable {
  /** Address and port. */
  readonly host: string;
  /** All that passed, in order. */
  readonly passed: readonly Passed[];
}

/** Headers that belong to one connection. */
const OWN_HEADERS = ["connection", "content-length", "keep-alive", "transfer-encoding"];

/**
 * Starts a server in front of a registry.
 *
 * @param options What it does.
 * @returns The server, to be disposed of.
 */
export async function forwarder(options: ForwarderOptions): Promise<Forwarder> {
  const { registry, identity, clientsOf, clockMinutes = 0 } = options;
  const passed: Passed[] = [];

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", socket } = request;
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === "string" && !OWN_HEADERS.includes(name)) headers.set(name, value);
    }
    headers.set("x-forwarded-host", request.headers.host ?? "");
    headers.set("x-forwarded-proto", identity ? "https" : "http");
    const body = await Array.fromAsync(request, (part) => new Uint8Array(part));
    const answer = await fetch(`http://${registry}${path}`, {
      method,
      headers,
      redirect: "manual",
      ...(body.length === 0 ? {} : { body: new Blob(body) }),
    });
    const client = socket instanceof TLSSocket
      ? socket.getPeerCertificate().subject?.CN
      : undefined;
    const location = answer.headers.get("location");
    passed.push({
      method,
      path,
      status: answer.status,
      ...(client === undefined ? {} : { client }),
      ...(location === null ? {} : { location }),
    });
    for (const [name, value] of answer.headers) {
      if (!OWN_HEADERS.includes(name)) response.setHeader(name, value);
    }
    response.setHeader("date", new Date(Date.now() + clockMinutes * 60_000).toUTCString());
    response.writeHead(answer.status);
    response.end(new Uint8Array(await answer.arrayBuffer()));
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    pass(request, response).catch(() => response.destroy());
  };
  const server = identity
    ? createTlsServer({
      cert: identity.certificate,
      key: identity.key,
      ...(clientsOf
        ? { ca: clientsOf.certificate, requestCert: true, rejectUnauthorized: true }
        : {}),
    }, listener)
    : createServer(listener);
  // A client that does not like the certificate is no failure of the server.
  server.on("tlsClientError", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    passed,
    [Symbol.asyncDispose]: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}
