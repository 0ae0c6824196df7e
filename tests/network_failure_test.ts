import { assertEquals } from "@std/assert";
import { denoIo } from "../lib/deno_io.ts";
import { diagnoseFailure, RegistryError } from "../lib/diagnosis.ts";
import { networkFailure, type NetworkFailureKind } from "../lib/network_failure.ts";
import { nodeHttpsClient } from "../lib/node_https.ts";
import { ping } from "../lib/ping.ts";
import { type Fetch, registryClient } from "../lib/registry_client.ts";
import { connectProxy } from "./fakes/connect_proxy.ts";
import { issue, type IssueOptions, tlsServer } from "./fakes/tls.ts";

/** What Deno 2.9 and Node say; the innermost message counts. */
const MESSAGES: readonly [message: string, kind: NetworkFailureKind, diagnosis: string][] = [
  [
    "client error (Connect): dns error: failed to lookup address information: Name or service not known",
    "dns",
    "D-01",
  ],
  ["invalid dns name", "dns", "D-01"],
  [
    "client error (Connect): tcp connect error: Connection refused (os error 111)",
    "refused",
    "D-02",
  ],
  [
    "client error (Connect): tcp connect error: No route to host (os error 113)",
    "unreachable",
    "D-02",
  ],
  ["tcp connect error: Network is unreachable (os error 101)", "unreachable", "D-02"],
  ["tcp connect error: Connection timed out (os error 110)", "timeout", "D-02"],
  ["client error (SendRequest): connection closed before message completed", "reset", "D-02"],
  ["client error (SendRequest): Connection reset by peer (os error 104)", "reset", "D-02"],
  ["client error (Connect): tls handshake eof", "reset", "D-02"],
  ["connection closed", "reset", "D-02"],
  ["stream closed because of a broken pipe", "reset", "D-02"],
  ["peer closed connection without sending TLS close_notify: https://docs.rs/", "reset", "D-02"],
  ["Fetch failed: Requests to port 6667 are blocked", "blocked-port", "D-02"],
  [
    "client error (Connect): received corrupt message of type InvalidContentType",
    "not-tls",
    "D-03",
  ],
  ["invalid peer certificate: UnknownIssuer", "unknown-ca", "D-05"],
  ["invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "unknown-ca", "D-05"],
  [
    "invalid peer certificate: certificate expired: verification time 2 (UNIX), but certificate is not valid after 1 (1 seconds ago)",
    "expired",
    "D-06",
  ],
  ["invalid peer certificate: reg.example: Expired", "expired", "D-06"],
  [
    "invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but certificate is not valid before 2 (1 seconds in future)",
    "not-yet-valid",
    "D-06",
  ],
  [
    'invalid peer certificate: certificate not valid for name "a"; certificate is only valid for DnsName("b")',
    "wrong-name",
    "D-06",
  ],
  ["invalid peer certificate: NotValidForName", "wrong-name", "D-06"],
  ["invalid peer certificate: BadSignature", "unknown-ca", "D-05"],
  ["invalid peer certificate: BadEncoding", "tls", "D-99"],
  ["received fatal alert: CertificateRequired", "client-certificate", "D-39"],
  ["received fatal alert: BadCertificate", "client-certificate", "D-39"],
  ["received fatal alert: UnknownCA", "client-certificate", "D-39"],
  ["client error (Connect): received fatal alert: ProtocolVersion", "tls", "D-99"],
  ["client error (Connect): proxy authentication required", "proxy-auth", "D-16"],
  ["client error (Connect): unsuccessful tunnel", "proxy-refused", "D-16"],
  ["client error (SendRequest): invalid HTTP version parsed", "not-http", "D-99"],
  ["client error (SendRequest): message head is too large", "too-large", "D-99"],
  ["Cannot read the answer of the server: its headers are too long", "too-large", "D-99"],
  ["Cannot read the answer of the server: the connection ended too early", "cut", "D-99"],
  ["error reading a body from connection", "cut", "D-99"],
  ["something new", "other", "D-99"],
];

for (const [message, kind, id] of MESSAGES) {
  Deno.test(`networkFailure() knows "${message.slice(0, 70)}" as ${kind}, ${id}`, () => {
    const error = new TypeError("fetch failed", { cause: new Error(message) });
    const failure = networkFailure(error);
    assertEquals(failure.kind, kind);
    assertEquals(diagnoseFailure(failure, { host: "reg.example", step: "ping" }).id, id);
  });
}

const CODES: readonly [code: string, kind: NetworkFailureKind][] = [
  ["ENOTFOUND", "dns"],
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "reset"],
  ["CERT_HAS_EXPIRED", "expired"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "unknown-ca"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unknown-ca"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "wrong-name"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "not-tls"],
];

for (const [code, kind] of CODES) {
  Deno.test(`networkFailure() knows ${code} of Node as ${kind}`, () => {
    assertEquals(networkFailure(Object.assign(new Error("?"), { code })).kind, kind);
  });
}

Deno.test("networkFailure() tells the names and the date of a certificate", () => {
  const deno = networkFailure(
    new Error(
      'not valid for name "x"; certificate is only valid for DnsName("a") or IpAddress(10.0.0.1)',
    ),
  );
  assertEquals(deno.names, "a or 10.0.0.1");
  const node = networkFailure(
    Object.assign(new Error("Host: x. is not in the cert's altnames: DNS:a, IP Address:10.0.0.1"), {
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    }),
  );
  assertEquals(node.names, "a, 10.0.0.1");
  const expired = networkFailure(new Error("certificate expired: it is not valid after 86400 (1)"));
  assertEquals(expired.date, new Date("1970-01-02T00:00:00Z"));
});

Deno.test("networkFailure() leaves out the address, which tells the account", () => {
  const cause = new Error(
    "error sending request for url (https://a.example/t?account=jane): client error (Connect): odd https://b.example/?x",
  );
  assertEquals(networkFailure(new TypeError("fetch failed", { cause })).text, "odd …");
});

Deno.test("networkFailure() leaves out a header that cannot be sent", async () => {
  const headers = { authorization: "Bearer abc\nX-Other: hunter2" };
  const error = await fetch("http://127.0.0.1:9/", { headers }).catch((error) => error);
  assertEquals(networkFailure(error).text, "Invalid header value");
});

Deno.test("networkFailure() takes whatever is thrown", () => {
  assertEquals(networkFailure("a text"), { kind: "other", text: "a text" });
  const loop = new Error("loop");
  loop.cause = loop;
  assertEquals(networkFailure(loop).kind, "other");
  assertEquals(networkFailure(new DOMException("", "TimeoutError")).kind, "timeout");
});

/** Certificates of a real server, and the diagnosis of a ping that trusts its authority. */
const CERTIFICATES: readonly [name: string, Partial<IssueOptions>, trusted: boolean, id: string][] =
  [
    ["of an unknown issuer", {}, false, "D-05"],
    ["that has expired", { from: -9, until: -3 }, true, "D-06"],
    ["that is not yet valid", { from: 3 }, true, "D-06"],
    ["for another name", { names: ["other.example"] }, true, "D-06"],
  ];

for (const [name, options, trusted, id] of CERTIFICATES) {
  Deno.test(`ping() of a real server with a certificate ${name}: ${id}`, async () => {
    const authority = await issue({ name: "authority", authority: true });
    const identity = await issue({ name: "server", issuer: authority, ...options });
    const server = await tlsServer({ identity });
    const http = await denoIo().httpClient(trusted ? { ca: [authority.certificate] } : {});
    try {
      const error = await failedPing(server.host, (url, init) => http.fetch(url, init));
      assertEquals(error?.diagnosis.id, id);
    } finally {
      http.close();
      await server.close();
    }
  });
}

for (const [name, options] of CERTIFICATES.filter(([, , trusted]) => trusted)) {
  Deno.test(`ping() by node:tls of a real server with a certificate ${name}: D-06`, async () => {
    const identity = await issue({ name: "server", ...options });
    const server = await tlsServer({ identity });
    const exactly = { ca: [identity.certificate], trust: "exactly-ca" } as const;
    const http = nodeHttpsClient(exactly, () => undefined);
    try {
      const error = await failedPing(server.host, (url, init) => http.fetch(url, init));
      assertEquals(error?.diagnosis.id, "D-06");
    } finally {
      http.close();
      await server.close();
    }
  });
}

for (
  const [answer, kind] of [
    ["HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "proxy-auth"],
    ["HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "proxy-refused"],
  ] as const
) {
  Deno.test(`ping() by a real proxy that answers ${answer.slice(9, 12)}: D-16`, async () => {
    await using proxy = await connectProxy(answer);
    using http = Deno.createHttpClient({ proxy: { url: proxy.address.shown } });
    const error = await failedPing(
      "reg.example",
      (url, init) => fetch(url, { ...init, client: http }),
    );
    assertEquals([error?.diagnosis.id, error?.diagnosis.facts.failure?.kind], ["D-16", kind]);
  });
}

async function failedPing(host: string, fetch: Fetch): Promise<RegistryError | undefined> {
  const client = registryClient({ context: { io: denoIo() }, fetchFor: () => fetch });
  try {
    await ping(client, host);
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}
