import { assertEquals, assertRejects } from "@std/assert";
import { RegistryError } from "../lib/diagnosis.ts";
import { RegauthError } from "../lib/errors.ts";
import { ping } from "../lib/ping.ts";
import { registryClient } from "../lib/registry_client.ts";
import { failure, type Host, internet, unauthorized } from "./fakes/internet.ts";

const page = (): Response => new Response("<html>", { headers: { "content-type": "text/html" } });
const redirect = (location: string): Response =>
  new Response(null, { status: 302, headers: { location } });
const open: Host = () => new Response("{}");
const bearer: Host = () => unauthorized('Bearer realm="https://reg.example/token",service="s"');

async function outcome(registry: string, hosts: Record<string, Host | string>): Promise<string> {
  const client = registryClient({ context: internet(hosts).context });
  try {
    const { origin, way } = await ping(client, registry);
    return `${origin} ${way?.scheme ?? "open"}`;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return error.diagnosis.id;
  }
}

/** What https://reg.example answers, and what comes of it. */
const ANSWERS: readonly [name: string, host: Host | string, outcome: string][] = [
  ["200", open, "https://reg.example open"],
  ["a web page", page, "D-29"],
  ["401 with Bearer", bearer, "https://reg.example bearer"],
  ["401 with Basic", () => unauthorized("Basic"), "https://reg.example basic"],
  ["401 without a challenge", () => new Response(null, { status: 401 }), "D-07"],
  ["401 with unknown schemes", () => unauthorized("Negotiate, NTLM"), "D-07"],
  ["401 with a malformed challenge", () => unauthorized("Bearer realm="), "D-08"],
  ["401 with a Bearer without realm", () => unauthorized('Bearer service="x"'), "D-09"],
  ["401 with an empty realm", () => unauthorized('Bearer realm=""'), "D-09"],
  ["401 with a realm that is no URL", () => unauthorized('Bearer realm="file:///x"'), "D-10"],
  ["401 with a plain realm", () => unauthorized('Bearer realm="http://reg.example/t"'), "D-10"],
  [
    "301 to itself",
    ({ url }) => url.pathname === "/v2/" ? redirect("/docker/v2/") : new Response("{}"),
    "https://reg.example open",
  ],
  ["302 to another host", () => redirect("https://new.example/v2/"), "D-30"],
  ["302 to a login page", () => redirect("https://login.example/"), "D-29"],
  ["302 to plain http", () => redirect("http://reg.example/v2/"), "D-30"],
  ["302 to another port", () => redirect("https://reg.example:8443/v2/"), "D-30"],
  ["302 into the network", () => redirect("https://169.254.169.254/v2/"), "D-30"],
  ["302 to nowhere", () => redirect("ftp://reg.example/"), "D-30"],
  ["302 without a location", () => new Response(null, { status: 302 }), "D-99"],
  ["a redirect to itself for ever", () => redirect("/v2/"), "D-30"],
  ["403", () => failure(403, "DENIED"), "D-28"],
  ["404", () => failure(404, "NAME_UNKNOWN"), "D-29"],
  ["400", () => failure(400, "UNKNOWN"), "D-99"],
  ["407", () => new Response(null, { status: 407 }), "D-16"],
  ["418", () => new Response("short and stout", { status: 418 }), "D-99"],
  ["429", () => new Response(null, { status: 429 }), "D-26"],
  ["500", () => new Response(null, { status: 500 }), "D-27"],
  ["no such name", "dns error: failed to lookup address information", "D-01"],
  ["connection refused", "tcp connect error: Connection refused (os error 111)", "D-02"],
  ["plain http", "received corrupt message of type InvalidContentType", "D-03"],
  ["an unknown issuer", "invalid peer certificate: UnknownIssuer", "D-05"],
  ["an expired certificate", "invalid peer certificate: certificate expired", "D-06"],
];

for (const [name, host, expected] of ANSWERS) {
  Deno.test(`ping() of a registry with ${name}: ${expected}`, async () => {
    const hosts = {
      "https://reg.example": host,
      "https://new.example": bearer,
      "https://login.example": page,
      "https://reg.example:8443": bearer,
    };
    assertEquals(await outcome("reg.example", hosts), expected);
  });
}

/** Whether plain http is tried after https failed. */
const PLAIN: readonly [registry: string, https: Host | string, outcome: string][] = [
  ["127.0.0.1:5000", "Connection refused", "http://127.0.0.1:5000 open"],
  ["127.0.0.1:5000", "tls handshake eof", "http://127.0.0.1:5000 open"],
  ["127.0.0.1:5000", "InvalidContentType", "http://127.0.0.1:5000 open"],
  ["127.9.9.9", "Connection refused", "http://127.9.9.9 open"],
  ["localhost", "Connection refused", "http://localhost open"],
  ["x.localhost:5000", "Connection refused", "http://x.localhost:5000 open"],
  ["[::1]:5000", "Connection refused", "http://[::1]:5000 open"],
  ["127.0.0.1:443", "Connection refused", "http://127.0.0.1:443 open"],
  ["127.0.0.1:5000", "invalid peer certificate: UnknownIssuer", "D-05"],
  ["127.0.0.1:5000", "operation timed out", "D-02"],
  ["127.0.0.1:5000", () => failure(404, "X"), "D-29"],
  ["127.0.0.1:5000", open, "https://127.0.0.1:5000 open"],
  ["10.1.2.3:5000", "InvalidContentType", "D-03"],
  ["192.168.1.1", "Connection refused", "D-02"],
  ["registry.local", "InvalidContentType", "D-03"],
  ["registry.internal:5000", "InvalidContentType", "D-03"],
  ["registry", "InvalidContentType", "D-03"],
  ["localhost.example", "InvalidContentType", "D-03"],
];

for (const [registry, https, expected] of PLAIN) {
  const name = typeof https === "string" ? https : "an answer";
  Deno.test(`ping() of ${registry} after ${name} by https: ${expected}`, async () => {
    const hosts = {
      [`https://${registry.replace(/:443$/, "")}`]: https,
      [`http://${registry}`]: open,
    };
    assertEquals(await outcome(registry, hosts), expected);
  });
}

Deno.test("ping() takes plain http where the user calls the host insecure, and https first", async () => {
  const net = internet({
    "https://10.1.2.3:5000": "InvalidContentType",
    "http://10.1.2.3:5000": open,
  });
  const insecure = (host: string): boolean => host === "10.1.2.3:5000";
  const client = registryClient({ context: net.context, insecure });
  assertEquals((await ping(client, "10.1.2.3:5000")).origin, "http://10.1.2.3:5000");
  assertEquals(net.trace, [
    "GET https://10.1.2.3:5000/v2/: InvalidContentType",
    "GET http://10.1.2.3:5000/v2/: 200",
  ]);
});

for (
  const words of [
    "Client sent an HTTP request to an HTTPS server.",
    "The plain HTTP request was sent to HTTPS port",
    "You're speaking plain HTTP to an SSL-enabled server port.",
  ]
) {
  Deno.test(`ping() knows an https port that says: ${words}`, async () => {
    const hosts = {
      "https://localhost:5000": "tls handshake eof",
      "http://localhost:5000": () => new Response(words, { status: 400 }),
    };
    assertEquals(await outcome("localhost:5000", hosts), "D-04");
  });
}

Deno.test("ping() asks Docker Hub under the name for programs", async () => {
  const net = internet({ "https://registry-1.docker.io": bearer });
  const client = registryClient({ context: net.context });
  for (const name of ["docker.io", "index.docker.io", "registry-1.docker.io"]) {
    assertEquals((await ping(client, name)).origin, "https://registry-1.docker.io");
  }
  assertEquals(net.lines(), ["GET registry-1.docker.io/v2/"]);
});

Deno.test("ping() asks once for all spellings of a host, and for all callers", async () => {
  const net = internet({ "https://reg.example": bearer });
  const client = registryClient({ context: net.context });
  const names = ["reg.example", "REG.example", "reg.example:443"];
  await Promise.all([...names, ...names].map((name) => ping(client, name)));
  assertEquals(net.lines(), ["GET reg.example/v2/"]);
});

Deno.test("ping() remembers a failure for half a minute", async () => {
  const net = internet({ "https://reg.example": () => failure(404, "X") });
  const client = registryClient({ context: net.context });
  await assertRejects(() => ping(client, "reg.example"), RegistryError);
  await assertRejects(() => ping(client, "reg.example"), RegistryError);
  assertEquals(net.sent.length, 1);
  net.io.setNow(new Date(net.io.now().getTime() + 30_000));
  await assertRejects(() => ping(client, "reg.example"), RegistryError);
  assertEquals(net.sent.length, 2);
});

Deno.test("ping() sends no credential, and says who it is", async () => {
  const net = internet({ "https://reg.example": bearer });
  await ping(registryClient({ context: net.context }), "reg.example");
  const headers = net.io.requests[0]?.headers;
  assertEquals(headers?.get("authorization"), null);
  assertEquals(headers?.get("accept"), "application/json");
  assertEquals(headers?.get("user-agent")?.startsWith("regauth/"), true);
});

Deno.test("ping() takes the first Bearer that is usable, else Basic", async () => {
  const cases: readonly [header: string, realm: string][] = [
    ['Basic, Bearer realm="https://a.example/t"', "https://a.example/t"],
    ['Bearer realm="", Bearer realm="https://a.example/t"', "https://a.example/t"],
    ['Bearer realm="http://a.example/", Bearer realm="/t"', "https://reg.example/t"],
    ['Bearer realm="http://a.example/", Basic', "basic"],
    ["Bearer, Basic", "basic"],
  ];
  for (const [header, expected] of cases) {
    const net = internet({ "https://reg.example": () => unauthorized(header) });
    const { way } = await ping(registryClient({ context: net.context }), "reg.example");
    assertEquals(way?.scheme === "bearer" ? way.realm.href : way?.scheme, expected);
  }
});

Deno.test("ping() tells by how much the clocks differ", async () => {
  const date = "Thu, 01 Jan 2026 00:07:00 GMT";
  const net = internet({
    "https://reg.example": () => new Response("{}", { headers: { date } }),
    "https://odd.example": () => new Response("{}", { headers: { date: "soon" } }),
  });
  const client = registryClient({ context: net.context });
  assertEquals((await ping(client, "reg.example")).clockMinutes, 7);
  assertEquals((await ping(client, "odd.example")).clockMinutes, 0);
});

Deno.test("ping() refuses what is no host", async () => {
  const client = registryClient({ context: internet({}).context });
  for (const registry of ["", "user@reg.example", "reg.example:x", "a b", "?", "#x"]) {
    const error = await assertRejects(() => ping(client, registry), RegauthError);
    assertEquals(error.code, "invalid-reference");
  }
});

Deno.test("ping() reaches each host by the way that is configured for it", async () => {
  const hosts: string[] = [];
  const client = registryClient({
    context: internet({}).context,
    fetchFor: (host) => {
      hosts.push(host);
      return (url) =>
        Promise.resolve(
          url.host === "reg.example:5000"
            ? new Response(null, { status: 307, headers: { location: "https://b.example/v2/" } })
            : new Response("{}"),
        );
    },
  });
  await assertRejects(() => ping(client, "reg.example:5000"), RegistryError, "b.example");
  assertEquals(hosts, ["reg.example:5000", "b.example"]);
});
