import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { RegauthError } from "../lib/errors.ts";
import { hostTransports, transportFor } from "../lib/host_transport.ts";
import type { Context, Io } from "../lib/io.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { networkFailure } from "../lib/network_failure.ts";
import { type HostSettings, hostSettings, type TlsOptions } from "../lib/tls.ts";
import { issue, type TlsServer, tlsServer, type TlsServerOptions } from "./fakes/tls.ts";

const corp = await issue({ name: "Corp CA", authority: true, names: [] });
const good = await issue({ name: "good", issuer: corp });
/** As `openssl req -x509` makes it. */
const lone = await issue({ name: "lone", authority: true });
const me = await issue({ name: "me", issuer: corp });

const FILES = {
  "/corp.pem": corp.certificate,
  "/lone.pem": lone.certificate,
  "/me.pem": me.certificate,
  "/me.key": me.key,
};

/** The real network with files in memory. */
function contextOf(lines: string[] = [], env: Record<string, string> = {}): Context {
  const { fetch, httpClient, peerCertificates } = denoIo();
  const io: Io = { ...memoryIo({ files: FILES, env }), fetch, httpClient, peerCertificates };
  return { io, trace: (line) => void lines.push(line) };
}

interface Run {
  readonly server: TlsServer;
  readonly warnings: string[];
  readonly trace: string[];
  get(path: string, init?: RequestInit): Promise<Response>;
}

async function run(
  served: TlsServerOptions,
  options: TlsOptions,
  test: (run: Run) => Promise<void>,
): Promise<void> {
  const server = await tlsServer(served);
  const [warnings, trace]: [string[], string[]] = [[], []];
  const context = contextOf(trace);
  const settings = await hostSettings(server.host, context, options);
  const warn = (line: string): void => void warnings.push(line);
  const transport = transportFor(settings, context, { warn });
  const get = (path: string, init?: RequestInit): Promise<Response> =>
    transport.fetch(new URL(`https://${server.host}${path}`), init);
  try {
    await test({ server, warnings, trace, get });
  } finally {
    await transport.close();
    await server.close();
  }
}

async function failureOf(response: Promise<Response>): Promise<string> {
  return networkFailure(await assertRejects(() => response, TypeError)).kind;
}

Deno.test("transportFor() trusts an authority from a file", async () => {
  const options = { caCertPaths: ["/corp.pem"] };
  await run({ identity: good }, options, async ({ get, warnings, server }) => {
    const response = await get("/v2/", { headers: { Authorization: "Basic x" } });
    assertEquals(response.status, 401);
    assertEquals(response.headers.get("www-authenticate"), 'Basic realm="a", Bearer realm="b"');
    await response.body?.cancel();
    assertEquals(server.requests[0]?.headers.authorization, "Basic x");
    assertEquals(warnings, []);
  });
});

const refusals: readonly [name: string, TlsServerOptions, TlsOptions, kind: string][] = [
  ["an unknown authority", { identity: good }, {}, "unknown-ca"],
  ["another authority", { identity: good }, { caCertPaths: ["/lone.pem"] }, "unknown-ca"],
  ["a self-signed authority", { identity: lone }, {}, "unknown-ca"],
  [
    "one that is not the trusted one",
    { identity: lone },
    { caCertPaths: ["/corp.pem"] },
    "unknown-ca",
  ],
  [
    "an expired certificate",
    { identity: await issue({ name: "x", issuer: corp, until: -0.5 }) },
    { caCertPaths: ["/corp.pem"] },
    "expired",
  ],
  [
    "a certificate for another name",
    { identity: await issue({ name: "x", issuer: corp, names: ["other.example"] }) },
    { caCertPaths: ["/corp.pem"] },
    "wrong-name",
  ],
];
for (const [name, served, options, kind] of refusals) {
  Deno.test(`transportFor() sends nothing to ${name}`, async () => {
    await run(served, options, async ({ get, server }) => {
      assertEquals(await failureOf(get("/v2/", { headers: { Authorization: "Basic x" } })), kind);
      assertEquals(server.requests, []);
    });
  });

  Deno.test(`transportFor() takes ${name} without verification, and warns once`, async () => {
    const unverified = { ...options, verifyCerts: false };
    await run(served, unverified, async ({ get, server, warnings }) => {
      assertEquals((await get("/v2/")).status, 401);
      assertEquals((await get("/v2/")).status, 401);
      assertEquals(server.requests.length, 2);
      assertEquals(warnings.length, 1);
      assertStringIncludes(warnings[0] ?? "", `The certificate of ${server.host} is not verified`);
      assertStringIncludes(warnings[0] ?? "", "--registry-verify-certs=false");
    });
  });
}

Deno.test("transportFor() takes a trusted certificate that is marked as an authority", async () => {
  const options = { caCertPaths: ["/corp.pem", "/lone.pem"] };
  await run({ identity: lone }, options, async ({ get, server, warnings, trace }) => {
    const echo = await get("/echo", { method: "POST", body: "scope=x" });
    assertEquals(await echo.text(), "scope=x");
    assertEquals((await get("/v2/")).status, 401);
    assertEquals(server.requests.map(({ path }) => path), ["/echo", "/v2/"]);
    assertEquals(warnings, []);
    assertStringIncludes(trace.at(-1) ?? "", "only an exact match is accepted");
  });
});

Deno.test("transportFor() shows a client certificate", async () => {
  const entry = { ca: "/corp.pem", clientCert: "/me.pem", clientKey: "/me.key" };
  const served = { identity: good, clientsOf: corp };
  for (const verifyCerts of [undefined, false]) {
    await run(served, { entry, verifyCerts }, async ({ get, server }) => {
      const response = await get("/v2/");
      await response.body?.cancel();
      assertEquals([response.status, server.requests[0]?.client], [401, "me"]);
    });
  }
});

Deno.test("transportFor() reports a key that belongs to another certificate", async () => {
  const client = { certificate: me.certificate, key: new Secret(corp.key) };
  const settings: HostSettings = { ...await plain("reg.example"), client };
  const transport = transportFor(settings, contextOf());
  const error = await assertRejects(
    () => transport.fetch(new URL("https://reg.example/v2/")),
    RegauthError,
    "the key is not the one of the certificate",
  );
  assertEquals(error.code, "config-type");
  await transport.close();
});

Deno.test("transportFor() follows no redirect, and goes to no other host", async () => {
  await run({ identity: good }, { caCertPaths: ["/corp.pem"] }, async ({ get }) => {
    const response = await get("/redirect", { redirect: "follow" });
    assertEquals(response.status, 307);
    await response.body?.cancel();
  });
  const io = memoryIo({ fetch: () => new Response() });
  const transport = transportFor(await plain("reg.example:5000"), { io });
  for (const url of ["https://evil.example/", "https://reg.example.evil.example/"]) {
    const error = await assertRejects(() => transport.fetch(new URL(url)), RegauthError);
    assertEquals([error.code, io.requests.length], ["network", 0]);
  }
  assertEquals((await transport.fetch(new URL("https://REG.example/token"))).status, 200);
});

Deno.test("transportFor() adds the headers of the host, but not to one that is there", async () => {
  const io = memoryIo({ fetch: () => new Response() });
  const headers = [["x-a", "1"], ["x-a", "2"], ["Authorization", "hunter2"]] as const;
  const settings = {
    ...await plain("reg.example"),
    headers: headers.map(([name, value]) => [name, new Secret(value)] as const),
  };
  const { fetch } = transportFor(settings, { io });
  await fetch(new URL("https://reg.example/v2/"), { headers: { Authorization: "Basic x" } });
  await fetch(new URL("https://reg.example/v2/"));
  assertEquals(io.requests.map(({ headers }) => Object.fromEntries(headers)), [
    { "x-a": "1, 2", authorization: "Basic x" },
    { "x-a": "1, 2", authorization: "hunter2" },
  ]);
  assertEquals(io.clients, []);
});

Deno.test("transportFor() does not ask a proxy for this machine", async () => {
  const env = { HTTPS_PROXY: "http://proxy.example:3128" };
  const io = memoryIo({ env, fetch: () => new Response() });
  for (const host of ["127.0.0.1:5000", "localhost", "reg.example"]) {
    await transportFor(await plain(host), { io }).fetch(new URL(`https://${host}/v2/`));
  }
  assertEquals(io.clients, [{ direct: true }, { direct: true }]);
});

Deno.test("transportFor() verifies no certificate where there is none", async () => {
  const io = memoryIo({ fetch: () => new Response() });
  const warnings: string[] = [];
  const settings = { ...await plain("reg.example"), skipVerify: "a test" };
  const transport = transportFor(settings, { io }, { warn: (line) => warnings.push(line) });
  await transport.fetch(new URL("http://reg.example/v2/"));
  assertEquals([io.clients, warnings], [[], []]);
  await transport.fetch(new URL("https://reg.example/v2/"));
  assertEquals([io.clients, warnings.length], [[{ trust: "anyone" }], 1]);
});

/** The variable counts for the whole process, so that this runs in one of its own. */
const UNPROXIED = `
  const { denoIo } = await import(Deno.args[0]);
  const [url, ca] = [new URL(Deno.args[1]), [Deno.args[2]]];
  const { httpClient, peerCertificates } = denoIo();
  for (const options of [{ ca, direct: true }, { trust: "anyone", direct: true }, { ca }]) {
    const client = await httpClient(options);
    const status = await client.fetch(url).then(({ status }) => status, () => "failed");
    console.log(status, Deno.env.get("NO_PROXY"));
    client.close();
  }
  await peerCertificates(url).catch(({ message }) => console.log(message));
  Deno.exit();
`;

Deno.test("denoIo() makes clients that ask no proxy, and leaves the environment alone", async () => {
  const server = await tlsServer({ identity: good });
  const module = new URL("../lib/deno_io.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", UNPROXIED, "--", module, `https://${server.host}/v2/`, corp.certificate],
    env: { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "other.example" },
    stderr: "inherit",
  }).output();
  await server.close();
  assertEquals(new TextDecoder().decode(stdout).split("\n"), [
    "401 other.example",
    "401 other.example",
    "failed other.example",
    `Cannot reach "${server.host}" by the proxy http://127.0.0.1:9: it does not answer`,
    "",
  ]);
});

Deno.test("hostTransports() reads the settings of a host once", async () => {
  const io = memoryIo({ files: FILES, fetch: () => new Response() });
  const asked: string[] = [];
  const transports = hostTransports({ io }, {
    entryOf: (host) => {
      asked.push(host);
      return host === "reg.example" ? { ca: "/corp.pem", insecure: true } : undefined;
    },
  });
  const fetch = await transports.fetchFor("reg.example");
  assertEquals(await transports.fetchFor("reg.example"), fetch);
  await fetch(new URL("https://reg.example/v2/"));
  await (await transports.fetchFor("other.example"))(new URL("https://other.example/v2/"));
  assertEquals(asked, ["reg.example", "other.example"]);
  assertEquals(io.clients, [{ ca: [corp.certificate] }]);
  const { plainHttp } = await transports.settingsOf("reg.example");
  assertEquals(plainHttp, "insecure in the configuration file");
  await transports.close();
});

Deno.test("hostTransports() trusts the same name on another port, if nothing is said of it", async () => {
  const io = memoryIo({ files: FILES });
  const transports = hostTransports({ io }, {
    entryOf: (host) =>
      host === "git.example:5050"
        ? { ca: "/corp.pem" }
        : host === "git.example:8443"
        ? { ca: "/lone.pem" }
        : undefined,
  });
  const hosts = ["git.example:5050", "git.example", "git.example:8443", "x.git.example"];
  const found: (readonly string[])[] = [];
  for (const host of hosts) found.push((await transports.settingsOf(host)).ca);
  assertEquals(found, [[corp.certificate], [corp.certificate], [lone.certificate], []]);
});

Deno.test("hostTransports() reports a broken file each time, and for its host alone", async () => {
  const transports = hostTransports({ io: memoryIo() }, {
    entryOf: (host) => host === "reg.example" ? { ca: "/missing.pem" } : undefined,
  });
  await assertRejects(() => transports.fetchFor("reg.example"), RegauthError, "/missing.pem");
  await assertRejects(() => transports.settingsOf("reg.example"), RegauthError, "/missing.pem");
  await transports.fetchFor("other.example");
  await transports.close();
});

async function plain(host: string): Promise<HostSettings> {
  return await hostSettings(host, { io: memoryIo() });
}
