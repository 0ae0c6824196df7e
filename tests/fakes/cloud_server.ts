/**
 * The fake clouds on loopback, for programs that cannot be given an outside world of their own: a
 * proxy leads to them under their own names, and they have a certificate for these.
 *
 * @module
 */

import { join } from "@std/path";
import { connectProxy } from "./connect_proxy.ts";
import { issue } from "./tls.ts";

/** The running servers; disposing of it stops them. */
export interface CloudServer extends AsyncDisposable {
  /** Variables that lead there. */
  readonly env: Readonly<Record<string, string>>;
  /** Address and port at which the same answers without TLS, as metadata servers do. */
  readonly plainHost: string;
}

/**
 * Serves a fake.
 *
 * @param answer Answers requests to any host.
 * @param names Names for which there is a certificate.
 * @param folder Where the certificate of the authority is kept.
 * @returns The servers.
 */
export async function serveCloud(
  answer: (request: Request) => Promise<Response>,
  names: readonly string[],
  folder: string,
): Promise<CloudServer> {
  await using stack = new AsyncDisposableStack();
  const authority = await issue({ name: "test authority", authority: true });
  const { certificate, key } = await issue({ name: "cloud", issuer: authority, names });
  const options = { port: 0, hostname: "127.0.0.1", onListen: (): void => {} };
  const handler = (scheme: string) => async (request: Request): Promise<Response> => {
    const { host, pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = method === "GET" ? undefined : await request.text();
    const url = `${scheme}://${host}${pathname}${search}`;
    return await answer(new Request(url, { method, headers, ...(body ? { body } : {}) }));
  };
  const secure = stack.use(
    Deno.serve({ ...options, cert: certificate, key }, handler("https")),
  );
  const plain = stack.use(Deno.serve(options, handler("http")));
  const { address } = stack.use(await connectProxy(undefined, `127.0.0.1:${secure.addr.port}`));
  const ca = join(folder, "ca.pem");
  await Deno.writeTextFile(ca, authority.certificate);
  const moved = stack.move();
  return {
    env: { HTTPS_PROXY: address.shown, DENO_CERT: ca },
    plainHost: `127.0.0.1:${plain.addr.port}`,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
