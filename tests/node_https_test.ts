import { assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import type { HttpClientOptions } from "../lib/io.ts";
import { networkFailure } from "../lib/network_failure.ts";
import { nodeHttpsClient } from "../lib/node_https.ts";
import { peerCertificates } from "../lib/node_tls.ts";
import type { Proxy } from "../lib/proxy.ts";
import { issue, type TlsServer, tlsServer, type TlsServerOptions } from "./fakes/tls.ts";
import { connectProxy } from "./fakes/connect_proxy.ts";

const corp = await issue({ name: "Corp CA", authority: true });
const good = await issue({ name: "good", issuer: corp });
/** As `openssl req -x509` makes it. */
const lone = await issue({ name: "lone", authority: true });

interface Case {
  readonly server: TlsServer;
  get(path: string, init?: RequestInit): Promise<Response>;
}

/** Runs a test against a server, by a client that may use a proxy. */
async function withServer(
  served: TlsServerOptions,
  options: HttpClientOptions,
  test: (running: Case) => Promise<void>,
  proxyOf: (url: URL) => Proxy | undefined = () => undefined,
): Promise<void> {
  const server = await tlsServer(served);
  const client = nodeHttpsClient(options, proxyOf);
  try {
    const get = (path: string, init?: RequestInit) =>
      client.fetch(new URL(`https://${server.host}${path}`), init);
    await test({ server, get });
  } finally {
    client.close();
    await server.close();
  }
}

async function causeOf(rejected: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => rejected, TypeError, "fetch failed");
  assertInstanceOf(error.cause, Error);
  return error.cause.message;
}

Deno.test("nodeHttpsClient() talks to whoever answers, if told to", async () => {
  const cases: TlsServerOptions[] = [
    { identity: good },
    { identity: lone },
    { identity: await issue({ name: "expired", until: -0.5 }) },
    { identity: await issue({ name: "other", issuer: corp, names: ["other.example"] }) },
  ];
  for (const served of cases) {
    await withServer(served, { trust: "anyone" }, async ({ get }) => {
      const response = await get("/v2/");
      assertEquals(response.status, 401);
      assertEquals(response.headers.get("www-authenticate"), 'Basic realm="a", Bearer realm="b"');
      assertEquals(await response.text(), "");
    });
  }
});

Deno.test("nodeHttpsClient() sends method, headers and body, and follows no redirect", async () => {
  await withServer({ identity: good }, { trust: "anyone" }, async ({ get, server }) => {
    const echo = await get("/echo?a=b%20c", {
      method: "POST",
      body: new URLSearchParams({ scope: "é" }),
      headers: { Authorization: "Basic x", "X-Latin": "\xe9", Host: "evil.example" },
    });
    assertEquals([echo.status, await echo.text()], [404, "scope=%C3%A9"]);
    const redirect = await get("/redirect", { redirect: "follow" });
    assertEquals([redirect.status, redirect.headers.get("location")], [307, "/v2/"]);
    await redirect.body?.cancel();
    const head = await get("/v2/", { method: "HEAD" });
    assertEquals([head.status, head.body], [401, null]);
    const [post] = server.requests;
    assertEquals([post?.method, post?.path], ["POST", "/echo?a=b%20c"]);
    assertEquals(post?.headers.host, server.host);
    assertEquals(post?.headers.authorization, "Basic x");
    assertEquals(post?.headers["x-latin"], "\xe9");
    assertEquals(
      post?.headers["content-type"],
      "application/x-www-form-urlencoded;charset=UTF-8",
    );
    assertEquals(server.requests.length, 3);
  });
});

Deno.test("nodeHttpsClient() reads a long answer", async () => {
  const body = "0123456789abcdef".repeat(40_000);
  await withServer({ identity: good }, { trust: "anyone" }, async ({ get }) => {
    const response = await get("/echo", { method: "PUT", body });
    assertEquals(await response.text() === body, true);
  });
});

Deno.test("nodeHttpsClient() believes exactly the certificates of its options", async () => {
  const ca = [corp.certificate, lone.certificate];
  await withServer({ identity: lone }, { ca, trust: "exactly-ca" }, async ({ get }) => {
    assertEquals((await get("/v2/")).status, 401);
  });
});

const refused: [name: string, served: TlsServerOptions, ca: string, cause: string][] = [
  [
    "another certificate of the same name",
    {
      identity: await issue({ name: "lone", authority: true }),
    },
    lone.certificate,
    "UnknownIssuer",
  ],
  ["what a trusted authority signed", { identity: good }, corp.certificate, "UnknownIssuer"],
  ...await Promise.all(([
    ["an expired one", { name: "x", until: -0.5 }, "Expired"],
    ["one that is not valid yet", { name: "x", from: 1 }, "NotValidYet"],
    ["one for another name", { name: "x", names: ["other.example"] }, "NotValidForName"],
    ["one of version 1", { name: "x", version: 1 }, "UnsupportedCertVersion"],
  ] as const).map(async ([name, options, cause]): Promise<typeof refused[number]> => {
    const identity = await issue(options);
    return [name, { identity }, identity.certificate, cause];
  })),
];
for (const [name, served, pem, expected] of refused) {
  Deno.test(`nodeHttpsClient() sends nothing to ${name}`, async () => {
    await withServer(served, { ca: [pem], trust: "exactly-ca" }, async ({ get, server }) => {
      assertStringIncludes(
        await causeOf(get("/v2/", { headers: { Authorization: "Basic x" } })),
        `invalid peer certificate: ${server.host}: ${expected}`,
      );
      assertEquals(server.requests, []);
    });
  });
}

Deno.test("nodeHttpsClient() does not fall for a forged certificate of version 1", async () => {
  const forger = await issue({ name: "Corp CA", authority: true });
  const identity = await issue({ name: "127.0.0.1", issuer: forger, version: 1 });
  const options: HttpClientOptions = { ca: [corp.certificate], trust: "exactly-ca" };
  await withServer({ identity }, options, async ({ get, server }) => {
    assertStringIncludes(await causeOf(get("/v2/")), "UnknownIssuer");
    assertEquals(server.requests, []);
  });
});

Deno.test("nodeHttpsClient() shows its certificate", async () => {
  const me = await issue({ name: "me", issuer: corp });
  const client = { certificate: me.certificate, key: new Secret(me.key) };
  const served = { identity: good, clientsOf: corp };
  await withServer(served, { client, trust: "anyone" }, async ({ get, server }) => {
    assertEquals((await get("/v2/")).status, 401);
    assertEquals(server.requests[0]?.client, "me");
  });
  await withServer(served, { trust: "anyone" }, async ({ get, server }) => {
    await assertRejects(() => get("/v2/"), TypeError);
    assertEquals(server.requests, []);
  });
});

Deno.test("nodeHttpsClient() ends when the signal says so", async () => {
  const controller = new AbortController();
  const heard = (): void => controller.abort(new Error("enough"));
  await withServer({ identity: good, heard }, { trust: "anyone" }, async ({ get }) => {
    await assertRejects(() => get("/hang", { signal: controller.signal }), Error, "enough");
    await assertRejects(() => get("/v2/", { signal: controller.signal }), Error, "enough");
  });
});

Deno.test("nodeHttpsClient() reports who does not answer", async () => {
  const { host, close } = await tlsServer({ identity: good });
  await close();
  const client = nodeHttpsClient({ trust: "anyone" }, () => undefined);
  const cause = await causeOf(client.fetch(new URL(`https://${host}/v2/`)));
  assertStringIncludes(cause, "ECONNREFUSED");
  client.close();
});

Deno.test("nodeHttpsClient() reports a server without TLS", async () => {
  const options = { port: 0, hostname: "127.0.0.1", onListen: (): void => {} };
  await using server = Deno.serve(options, () => new Response());
  const client = nodeHttpsClient({ trust: "anyone" }, () => undefined);
  const url = new URL(`https://127.0.0.1:${server.addr.port}/v2/`);
  const error = await assertRejects(() => client.fetch(url), TypeError, "fetch failed");
  assertEquals(networkFailure(error).kind, "not-tls");
  client.close();
});

Deno.test("nodeHttpsClient() goes by a proxy and tells it who asks", async () => {
  await using proxy = await connectProxy();
  const proxyOf = (): Proxy => ({ ...proxy.address, authorization: new Secret("Basic eDp5") });
  await withServer({ identity: good }, { trust: "anyone" }, async ({ get, server }) => {
    assertEquals((await get("/v2/", { headers: { Authorization: "Basic x" } })).status, 401);
    assertEquals(proxy.heads, [
      `CONNECT ${server.host} HTTP/1.1\r\nHost: ${server.host}\r\n` +
      "Proxy-Authorization: Basic eDp5\r\n\r\n",
    ]);
    assertEquals(server.requests[0]?.headers["proxy-authorization"], undefined);
  }, proxyOf);
});

Deno.test("nodeHttpsClient() says that it was the proxy who refused", async () => {
  await using refusing = await connectProxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  await using odd = await connectProxy("SSH-2.0-x\r\n\r\n");
  const socks = { ...odd.address, protocol: "socks5:", shown: "socks5://***@proxy.example" };
  const cases: [Proxy, string][] = [
    [refusing.address, "it answers with status 407"],
    [odd.address, "it is no HTTP proxy"],
    [socks, "only http:// proxies can be used"],
  ];
  for (const [address, expected] of cases) {
    await withServer({ identity: good }, { trust: "anyone" }, async ({ get }) => {
      const error = await assertRejects(() => get("/v2/"), RegauthError, expected);
      assertEquals([error.code, error.subject], ["network", address.shown]);
    }, () => address);
  }
});

Deno.test("peerCertificates() tells the chain and sends nothing", async () => {
  const server = await tlsServer({ identity: good, chain: [corp] });
  const chain = await peerCertificates({ url: new URL(`https://${server.host}`) });
  assertEquals(chain, [good.der, corp.der]);
  assertEquals(server.requests, []);
  await server.close();
});
