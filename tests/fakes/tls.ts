/**
 * Certificates made in memory, and TLS servers on loopback that show them: good, expired, for
 * another name, self-signed, forged, and such as want a certificate from the client.
 *
 * @module
 */

import { createServer } from "node:https";
import { TLSSocket } from "node:tls";
import { certificatePem } from "../../lib/pem.ts";

/** A certificate with its key. */
export interface Issued {
  /** PEM text of the certificate. */
  readonly certificate: string;
  /** PEM text of the key (PKCS #8). */
  readonly key: string;
  readonly der: Uint8Array;
  readonly keys: CryptoKeyPair;
  /** The subject (DER). */
  readonly subject: Uint8Array;
}

/** What {@linkcode issue} puts into a certificate. */
export interface IssueOptions {
  /** Common name of the subject. */
  readonly name: string;
  /** Who signs it; without, it signs itself. */
  readonly issuer?: Issued;
  /** Whether it may sign others. */
  readonly authority?: boolean;
  /** Alternative names; a server gets `localhost` and 127.0.0.1 if absent. */
  readonly names?: readonly string[];
  /** Days from now at which it begins; -1 if absent. */
  readonly from?: number;
  /** Days from now at which it ends; 30 if absent. */
  readonly until?: number;
  /** 1 leaves out all extensions. */
  readonly version?: 1 | 3;
  /** The subject's keys; new ones if absent. Others than P-256 cannot sign: name an issuer. */
  readonly keys?: CryptoKeyPair;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/** Makes a key and a certificate for it. */
export async function issue(options: IssueOptions): Promise<Issued> {
  const { name, issuer, authority = false, from = -1, until = 30, version = 3 } = options;
  const keys = options.keys ??
    await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const subject = der(0x30, der(0x31, der(0x30, oid(0x55, 4, 3), der(0x0c, text(name)))));
  const algorithm = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
  const extensions = [
    extension([0x55, 0x1d, 0x13], der(0x30, ...(authority ? [der(1, [0xff])] : []))),
    extension(
      [0x55, 0x1d, 0x11],
      der(0x30, ...(options.names ?? ["localhost", "127.0.0.1"]).map(alternativeName)),
    ),
  ];
  const body = der(
    0x30,
    ...(version === 1 ? [] : [der(0xa0, der(2, [2]))]),
    der(2, [1, ...crypto.getRandomValues(new Uint8Array(8))]),
    algorithm,
    issuer?.subject ?? subject,
    der(0x30, time(from), time(until)),
    subject,
    new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    ...(version === 1 ? [] : [der(0xa3, der(0x30, ...extensions))]),
  );
  const signer = issuer?.keys.privateKey ?? keys.privateKey;
  const raw = new Uint8Array(await crypto.subtle.sign(SIGNATURE, signer, body));
  const signature = der(0x30, integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  const certificate = der(0x30, body, algorithm, der(3, [0, ...signature]));
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    certificate: certificatePem(certificate),
    key: certificatePem(key).replaceAll("CERTIFICATE", "PRIVATE KEY"),
    der: certificate,
    keys,
    subject,
  };
}

/** A TLS server. */
export interface TlsServer {
  /** `127.0.0.1` and its port. */
  readonly host: string;
  /** Requests that arrived: method, path, and the common name of the client's certificate. */
  readonly requests: readonly TlsRequest[];
  close(): Promise<void>;
}

/** A request to a {@linkcode TlsServer}. */
export interface TlsRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly client: string | undefined;
  readonly body: string;
}

/** How a {@linkcode TlsServer} behaves. */
export interface TlsServerOptions {
  /** Its own certificate. */
  readonly identity: Issued;
  /** Certificates that it shows with its own. */
  readonly chain?: readonly Issued[];
  /** Who must have signed the client's certificate. */
  readonly clientsOf?: Issued;
  /** Told of each request before it is answered. */
  readonly heard?: (path: string) => void;
}

/**
 * Starts a server. It answers 401 with two challenges to `/v2/`, a redirect to `/redirect`, its
 * request's body to `/echo`, nothing ever to `/hang`, and 404 to everything else.
 */
export async function tlsServer(options: TlsServerOptions): Promise<TlsServer> {
  const requests: TlsRequest[] = [];
  const { identity, chain = [], clientsOf } = options;
  const server = createServer({
    cert: [identity, ...chain].map(({ certificate }) => certificate).join(""),
    key: identity.key,
    ...(clientsOf === undefined
      ? {}
      : { ca: clientsOf.certificate, requestCert: true, rejectUnauthorized: true }),
  }, (request, response) => {
    let body = "";
    request.on("data", (part: Uint8Array) => body += new TextDecoder().decode(part));
    request.on("end", () => {
      const path = request.url ?? "";
      const { socket } = request;
      const peer = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
      requests.push({
        method: request.method ?? "",
        path,
        headers: request.headers,
        client: peer?.subject?.CN,
        body,
      });
      options.heard?.(path);
      if (path === "/hang") return;
      const status = path === "/v2/"
        ? 401
        : path === "/redirect"
        ? 307
        : path === "/echo"
        ? 200
        : 404;
      if (path === "/v2/") {
        response.setHeader("WWW-Authenticate", ['Basic realm="a"', 'Bearer realm="b"']);
      }
      if (path === "/redirect") response.setHeader("Location", "/v2/");
      response.writeHead(status);
      response.end(body);
    });
  });
  // A client that does not like the certificate is no failure of the server.
  server.on("tlsClientError", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    host: `127.0.0.1:${port}`,
    requests,
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}

function der(tag: number, ...parts: Iterable<number>[]): Uint8Array<ArrayBuffer> {
  const content = parts.flatMap((part) => [...part]);
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Uint8Array.of(tag, ...size, ...content);
}

function oid(...bytes: number[]): Uint8Array {
  return der(6, bytes);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A positive number: without needless zeros, and with one where the sign bit would be set. */
function integer(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const rest = bytes.subarray(start);
  return der(2, (rest[0] ?? 0) >= 0x80 ? [0] : [], rest);
}

function time(days: number): Uint8Array {
  const iso = new Date(Date.now() + days * DAY).toISOString();
  return der(0x18, text(`${iso.slice(0, 19).replace(/\D/g, "")}Z`));
}

function extension(id: number[], content: Uint8Array): Uint8Array {
  return der(0x30, oid(...id), der(4, content));
}

function alternativeName(name: string): Uint8Array {
  const isAddress = /^[\d.]+$/.test(name);
  return der(isAddress ? 0x87 : 0x82, isAddress ? name.split(".").map(Number) : text(name));
}
