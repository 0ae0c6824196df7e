import { assertEquals, assertRejects } from "@std/assert";
import { type Credential, Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import { ask, verifyLogin } from "../lib/registry.ts";
import { registryClient } from "../lib/registry_client.ts";
import { type Host, internet, jwt, unauthorized } from "./fakes/internet.ts";
import { fakeRegistry } from "./fakes/registry.ts";

const REALM = 'Bearer realm="https://reg.example/token"';
const basic: Credential = { username: "jane", password: new Secret("pw") };
const purpose = {
  target: { registry: "reg.example", repository: "team/app" },
  credential: basic,
  actions: ["pull"],
} as const;
const request = { method: "GET", path: "/v2/team/app/tags/list" } as const;

/** A registry with one token for all, and an own answer to what has a token. */
function registry(answer: Host, token = "T"): Host {
  return (request, earlier) =>
    request.url.pathname === "/token"
      ? Response.json({ token })
      : request.authorization
      ? answer(request, earlier)
      : unauthorized(REALM);
}

Deno.test("ask() repeats a request once with a token of wider scope", async () => {
  const net = internet({
    "https://reg.example": registry((_, earlier) =>
      earlier.some(({ authorization }) => authorization?.startsWith("Bearer"))
        ? new Response("{}")
        : unauthorized(`${REALM},scope="repository:team/app:pull,x",error="insufficient_scope"`)
    ),
  });
  const { answer } = await ask(registryClient({ context: net.context }), purpose, request);
  assertEquals(answer.status, 200);
  assertEquals(net.lines(), [
    "GET reg.example/v2/",
    "GET reg.example/token",
    "GET reg.example/v2/team/app/tags/list",
    "GET reg.example/token",
    "GET reg.example/v2/team/app/tags/list",
  ]);
  assertEquals(net.sent[3]?.url.searchParams.getAll("scope"), ["repository:team/app:pull,x"]);
});

Deno.test("ask() stops after two tokens", async () => {
  const net = internet({
    "https://reg.example": registry(() => unauthorized(`${REALM},error="insufficient_scope"`)),
  });
  const { answer } = await ask(registryClient({ context: net.context }), purpose, request);
  assertEquals(answer.status, 401);
  assertEquals(net.lines().filter((line) => line === "GET reg.example/token").length, 2);
});

Deno.test("ask() shows a credential to an open registry only where it is asked for", async () => {
  const net = internet({
    "https://reg.example": ({ url, authorization }) =>
      url.pathname === "/v2/" || authorization ? new Response("{}") : unauthorized("Basic"),
  });
  const { answer } = await ask(registryClient({ context: net.context }), purpose, request);
  assertEquals(answer.status, 200);
  assertEquals(net.sent.map(({ authorization }) => authorization), [
    undefined,
    undefined,
    `Basic ${btoa("jane:pw")}`,
  ]);
});

Deno.test("ask() follows a redirect to storage without the authorization", async () => {
  const net = internet({
    "https://reg.example": registry(({ url }) =>
      url.pathname === "/v2/team/app/tags/list"
        ? new Response(null, { status: 307, headers: { location: "/elsewhere" } })
        : new Response(null, { status: 307, headers: { location: "https://cdn.example/x" } })
    ),
    "https://cdn.example": () => new Response("stored"),
  });
  const { answer } = await ask(registryClient({ context: net.context }), purpose, request);
  assertEquals([answer.body, answer.url.host], ["stored", "cdn.example"]);
  assertEquals(net.sent.slice(-3).map(({ authorization }) => authorization), [
    "Bearer T",
    "Bearer T",
    undefined,
  ]);
});

/** Credential, what the registry answers to it, and the outcome. */
const LOGINS: readonly [name: string, Credential, Host, outcome: string][] = [
  ["a token that is accepted", basic, registry(() => new Response("{}")), "verified"],
  ["a token for nobody", basic, registry(() => new Response("{}"), jwt({ sub: "" })), "D-31"],
  ["a token for jane", basic, registry(() => new Response("{}"), jwt({ sub: "jane" })), "verified"],
  ["an open registry", basic, () => new Response("{}"), "D-31"],
  ["a token that is refused", basic, registry(() => unauthorized(REALM)), "D-14"],
  [
    "a token that is called invalid",
    basic,
    registry(() => unauthorized(`${REALM},error="invalid_token"`)),
    "D-38",
  ],
  ["a 403", basic, registry(() => new Response(null, { status: 403 })), "D-15"],
  ["a 418", basic, registry(() => new Response(null, { status: 418 })), "D-99"],
  ["a wrong password", basic, () => unauthorized("Basic"), "D-14"],
  [
    "a wrong registry token",
    { registryToken: new Secret("T") },
    () => unauthorized("Basic"),
    "D-13",
  ],
  ["no credential", {}, () => unauthorized("Basic"), "D-37"],
  [
    "a clock that is 10 minutes behind",
    basic,
    ({ url, authorization }) => {
      if (url.pathname === "/token") return Response.json({ token: "T" });
      const response = unauthorized(authorization ? `${REALM},error="invalid_token"` : REALM);
      response.headers.set("date", "Thu, 01 Jan 2026 00:10:00 GMT");
      return response;
    },
    "D-33",
  ],
];

for (const [name, credential, host, expected] of LOGINS) {
  Deno.test(`verifyLogin() with ${name}: ${expected}`, async () => {
    const client = registryClient({ context: internet({ "https://reg.example": host }).context });
    try {
      const { verified, diagnosis, origin } = await verifyLogin(client, "reg.example", credential);
      assertEquals(verified ? "verified" : diagnosis?.id, expected);
      assertEquals(origin, "https://reg.example");
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      assertEquals(error.diagnosis.id, expected);
    }
  });
}

Deno.test("verifyLogin() sends a wrong password once", async () => {
  const net = internet({ "https://reg.example": () => unauthorized("Basic") });
  const client = registryClient({ context: net.context });
  await assertRejects(() => verifyLogin(client, "reg.example", basic), RegistryError);
  assertEquals(net.sent.filter(({ authorization }) => authorization !== undefined).length, 1);
});

for (const auth of ["basic", "token"] as const) {
  Deno.test(`verifyLogin() at a real registry with ${auth} authentication`, async () => {
    await using registry = await fakeRegistry({ auth });
    const client = registryClient({ context: { io: denoIo() } });
    const good = { username: "robot", password: new Secret("robot-secret") };
    assertEquals(await verifyLogin(client, registry.host, good), {
      verified: true,
      origin: registry.origin,
    });
    const bad = { username: "robot", password: new Secret("wrong") };
    const error = await assertRejects(
      () => verifyLogin(client, registry.host, bad),
      RegistryError,
    );
    assertEquals([error.code, error.diagnosis.id], ["refused", "D-14"]);
  });
}

Deno.test("verifyLogin() at a real registry with an identity token", async () => {
  await using registry = await fakeRegistry({ auth: "token" });
  const client = registryClient({ context: { io: denoIo() } });
  const good = { identityToken: new Secret(registry.identityToken("robot")) };
  assertEquals((await verifyLogin(client, registry.host, good)).verified, true);
  const error = await assertRejects(
    () => verifyLogin(client, registry.host, { identityToken: new Secret("wrong") }),
    RegistryError,
  );
  assertEquals(error.diagnosis.id, "D-12");
});
