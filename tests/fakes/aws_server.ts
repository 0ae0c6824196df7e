/**
 * The fake AWS on loopback, for programs that cannot be given an outside world of their own.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { FakeAws } from "./aws.ts";

/** The running server; disposing of it stops it. */
export interface AwsServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4566`. */
  readonly origin: string;
  /** Variables that lead all services there. */
  readonly env: Readonly<Record<string, string>>;
}

const SERVICES = ["ECR", "ECR_PUBLIC", "STS", "SSO", "SSO_OIDC", "SIGNIN"];

/**
 * Serves a fake on a free port. What it is sent is handed on byte by byte.
 *
 * @param aws The fake.
 * @param tls Certificate and key (PEM) to serve HTTPS with.
 * @returns The server.
 */
export async function serveAws(
  aws: FakeAws,
  tls?: { readonly cert: string; readonly key: string },
): Promise<AwsServer> {
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part);
    const { rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : []
    );
    const answer = await aws.answer({
      method: request.method ?? "",
      target: request.url ?? "",
      headers,
      body: new Uint8Array(parts.flatMap((part) => [...part])),
    });
    response.writeHead(answer.status, { ...answer.headers, connection: "close" });
    response.end(answer.body);
  };
  const server = tls ? createTlsServer(tls, answerTo) : createServer(answerTo);
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const origin = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  return {
    origin,
    env: {
      ...Object.fromEntries(SERVICES.map((name) => [`AWS_ENDPOINT_URL_${name}`, origin])),
      AWS_EC2_METADATA_SERVICE_ENDPOINT: origin,
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
