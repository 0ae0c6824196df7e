/**
 * An HTTP proxy on loopback that makes tunnels, or answers something else.
 *
 * @module
 */

import type { Proxy } from "../../lib/proxy.ts";

/** A running proxy. */
export interface ConnectProxy extends AsyncDisposable {
  readonly address: Proxy;
  /** What it was asked, in order. */
  readonly heads: readonly string[];
}

/**
 * Starts a proxy.
 *
 * @param answer What it says instead of making a tunnel.
 * @param target Host and port that all tunnels lead to, whatever was asked for.
 */
export function connectProxy(answer?: string, target?: string): Promise<ConnectProxy> {
  const heads: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const tunnels = new Set<Promise<void>>();
  const serving = (async () => {
    for await (const connection of listener) {
      tunnels.add(serve(connection, heads, answer, target).catch(() => {}));
    }
  })();
  return Promise.resolve({
    address: { protocol: "http:", hostname: "127.0.0.1", port, shown: `http://127.0.0.1:${port}` },
    heads,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
      await Promise.all(tunnels);
    },
  });
}

async function serve(
  client: Deno.TcpConn,
  heads: string[],
  answer: string | undefined,
  target: string | undefined,
): Promise<void> {
  using _closed = client;
  let head = "";
  for (const buffer = new Uint8Array(4096); !head.includes("\r\n\r\n");) {
    const length = await client.read(buffer);
    if (length === null) return;
    head += new TextDecoder().decode(buffer.subarray(0, length));
  }
  heads.push(head);
  const reply = answer ?? "HTTP/1.1 200 Connection established\r\n\r\n";
  if (answer !== undefined) return void await client.write(new TextEncoder().encode(reply));
  const asked = target ?? /^CONNECT (\S+) /.exec(head)?.[1] ?? "";
  const [, hostname = "", port = ""] = /^(.*):(\d+)$/.exec(asked) ?? [];
  using server = await Deno.connect({ hostname, port: Number(port) });
  await client.write(new TextEncoder().encode(reply));
  await Promise.allSettled([pipe(client, server), pipe(server, client)]);
}

async function pipe(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (let length; (length = await from.read(buffer)) !== null;) {
    let sent = 0;
    while (sent < length) sent += await to.write(buffer.subarray(sent, length));
  }
  await to.closeWrite();
}
