/**
 * Several hosts in memory, as a network for the in-memory outside world. What they are sent is
 * recorded, so that a test can tell who saw a credential.
 *
 * @module
 */

import type { Context } from "../../lib/io.ts";
import { type MemoryIo, memoryIo } from "../../lib/memory_io.ts";

/** A request as it came. */
export interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Answers the requests to one origin; `sent.length` is how many it had before. */
export type Host = (request: Sent, earlier: readonly Sent[]) => Response | Promise<Response>;

/** The hosts, and what happened. */
export interface Internet {
  readonly io: MemoryIo;
  readonly context: Context;
  /** All requests, in order. */
  readonly sent: readonly Sent[];
  /** What was heard. */
  readonly trace: readonly string[];
  /** Method, host and path of all requests. */
  lines(): string[];
}

/**
 * Connects some hosts.
 *
 * @param hosts What answers at each origin; all others are unknown names, and a `string` is the
 * reason of a failed connection.
 * @returns The network.
 */
export function internet(hosts: Readonly<Record<string, Host | string>>): Internet {
  const sent: Sent[] = [];
  const trace: string[] = [];
  const io = memoryIo({
    fetch: async (request) => {
      const url = new URL(request.url);
      const host = hosts[url.origin] ?? "dns error: unknown";
      if (typeof host === "string") throw new TypeError("fetch failed", { cause: new Error(host) });
      const authorization = request.headers.get("authorization") ?? undefined;
      const line = { method: request.method, url, authorization, body: await request.text() };
      const earlier = sent.filter((other) => other.url.origin === url.origin);
      sent.push(line);
      return await host(line, earlier);
    },
  });
  return {
    io,
    context: { io, trace: (message) => void trace.push(message) },
    sent,
    trace,
    lines: () => sent.map(({ method, url }) => `${method} ${url.host}${url.pathname}`),
  };
}

/** A 401 with a challenge. */
export function unauthorized(challenge: string): Response {
  return new Response('{"errors":[{"code":"UNAUTHORIZED"}]}', {
    status: 401,
    headers: { "www-authenticate": challenge },
  });
}

/** An answer with an error in the format of the distribution specification. */
export function failure(status: number, code: string, message = ""): Response {
  return Response.json({ errors: [{ code, message }] }, { status });
}

/** A token as JWT, with the given claims. */
export function jwt(claims: unknown): string {
  const text = btoa(JSON.stringify(claims)).replace(/\+/g, "-").replace(/\//g, "_");
  return `eyJhbGciOiJub25lIn0.${text.replace(/=+$/, "")}.c2ln`;
}
