import { assertEquals, assertRejects } from "@std/assert";
import { authorize, reauthorize } from "../lib/authorize.ts";
import { type Credential, Secret } from "../lib/credential.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import type { Action } from "../lib/scope.ts";
import { registryClient } from "../lib/registry_client.ts";
import { failure, type Host, type Internet, internet, unauthorized } from "./fakes/internet.ts";

const REALM = 'Bearer realm="https://reg.example/token",service="reg"';
const target = { registry: "reg.example", repository: "team/app" };
const basic: Credential = { username: "jane", password: new Secret("pw") };
const identityToken: Credential = { identityToken: new Secret("ID") };
const registryToken: Credential = { registryToken: new Secret("RT") };
const pull: readonly Action[] = ["pull"];

/** A registry with a challenge, and a token server that counts its tokens. */
function registry(challenge: string | undefined, token?: Host): Host {
  return (request, earlier) => {
    if (request.url.pathname === "/v2/") {
      return challenge === undefined ? new Response("{}") : unauthorized(challenge);
    }
    if (token) return token(request, earlier);
    return Response.json({ token: `T${earlier.filter(isToken).length + 1}`, expires_in: 300 });
  };
}

function isToken({ url }: { url: URL }): boolean {
  return url.pathname === "/token";
}

function tokenRequests(net: Internet): string[] {
  return net.sent.filter(isToken).map(({ method, url, authorization = "nobody", body }) =>
    `${method} ${url.searchParams.getAll("scope").join(" ")} ${authorization} ${body}`.trim()
  );
}

/** Challenge, credential, and the header, or the diagnosis. */
const HEADERS: readonly [
  challenge: string | undefined,
  name: string,
  Credential | undefined,
  outcome: string,
][] = [
  ["Basic", "a password", basic, `Basic ${btoa("jane:pw")}`],
  ["Basic", "nobody", undefined, "none"],
  ["Basic", "an anonymous credential", {}, "none"],
  ["Basic", "an identity token", identityToken, "D-12"],
  ["Basic", "a registry token", registryToken, "Bearer RT"],
  [REALM, "a password", basic, "Bearer T1"],
  [REALM, "nobody", undefined, "Bearer T1"],
  [REALM, "an anonymous credential", {}, "Bearer T1"],
  [REALM, "an identity token", identityToken, "Bearer T1"],
  [REALM, "a registry token", registryToken, "Bearer RT"],
  [undefined, "a password", basic, "none"],
  [undefined, "nobody", undefined, "none"],
  [undefined, "a registry token", registryToken, "Bearer RT"],
  [REALM, "all at once", { ...basic, ...identityToken, ...registryToken }, "Bearer RT"],
  ["Basic", "a name alone", { username: "jane" }, "D-37 incomplete-credential"],
  ["Basic", "a password alone", { password: new Secret("x") }, "D-37 incomplete-credential"],
  [
    "Basic",
    "an empty password",
    { username: "j", password: new Secret("") },
    "D-37 incomplete-credential",
  ],
  ["Basic", "a name with a colon", { ...basic, username: "a:b" }, "D-37 invalid-credential"],
  ["Basic", "a name with a line break", { ...basic, username: "a\nb" }, "D-37 invalid-credential"],
  [
    REALM,
    "a token with a line break",
    { registryToken: new Secret("RT\nX: hunter2") },
    "D-37 invalid-credential",
  ],
  [
    "Basic",
    "a token with an umlaut",
    { registryToken: new Secret("ü") },
    "D-37 invalid-credential",
  ],
  [
    "Basic",
    "a robot",
    { ...basic, username: "robot$a+b/c@d|e" },
    `Basic ${btoa("robot$a+b/c@d|e:pw")}`,
  ],
];

for (const [challenge = "no challenge", name, credential, expected] of HEADERS) {
  Deno.test(`authorize() with ${challenge} and ${name}: ${expected}`, async () => {
    const header = challenge === "no challenge" ? undefined : challenge;
    const net = internet({ "https://reg.example": registry(header) });
    const client = registryClient({ context: net.context });
    let result: string;
    try {
      const authorization = await authorize(client, target, credential, pull);
      result = authorization.header?.reveal() ?? "none";
      assertEquals(authorization.origin, "https://reg.example");
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      const { id, code } = error.diagnosis;
      assertEquals(error.code, code);
      result = id === "D-37" ? `${id} ${code}` : id;
      if (id === "D-37") assertEquals(net.sent, []);
    }
    assertEquals(result, expected);
  });
}

Deno.test("authorize() asks the token server for the repository, as the user", async () => {
  const net = internet({ "https://reg.example": registry(REALM) });
  await authorize(registryClient({ context: net.context }), target, basic, ["pull", "push"]);
  const [request] = net.sent.filter(isToken);
  assertEquals(Object.fromEntries(request?.url.searchParams ?? []), {
    service: "reg",
    scope: "repository:team/app:pull,push",
    account: "jane",
    client_id: "regauth",
  });
  assertEquals(request?.authorization, `Basic ${btoa("jane:pw")}`);
});

Deno.test("authorize() never sends an empty Basic, and no account, for nobody", async () => {
  const net = internet({ "https://reg.example": registry(REALM) });
  await authorize(registryClient({ context: net.context }), target, {}, pull);
  assertEquals(tokenRequests(net), ["GET repository:team/app:pull nobody"]);
  assertEquals(net.sent.filter(isToken)[0]?.url.searchParams.has("account"), false);
});

Deno.test("authorize() posts an identity token and keeps the new one for the next time", async () => {
  const net = internet({
    "https://reg.example": registry(
      REALM,
      (_, earlier) =>
        Response.json({
          access_token: "A",
          refresh_token: `ID${earlier.filter(isToken).length + 2}`,
        }),
    ),
  });
  const client = registryClient({ context: net.context });
  await authorize(client, target, identityToken, pull);
  await authorize(client, target, identityToken, ["pull", "push"]);
  assertEquals(
    net.sent.filter(isToken).map(({ body }) => new URLSearchParams(body).get("refresh_token")),
    ["ID", "ID2"],
  );
});

/** What the token server answers, and the diagnoses for a password, an identity token, nobody. */
const REFUSALS: readonly [
  status: number,
  message: string,
  password: string,
  identity: string,
  nobody: string,
][] = [
  [400, "", "D-11", "D-12", "D-11"],
  [401, "", "D-14", "D-12", "D-17"],
  [403, "", "D-15", "D-15", "D-17"],
  [403, "Resource protected by organization SAML enforcement", "D-36", "D-36", "D-17"],
  [404, "", "D-11", "D-12", "D-11"],
  [405, "", "D-11", "D-12", "D-11"],
  [407, "", "D-16", "D-16", "D-16"],
  [429, "", "D-26", "D-26", "D-26"],
  [502, "", "D-27", "D-27", "D-27"],
];

for (const [status, message, ...ids] of REFUSALS) {
  for (const [index, credential] of [basic, identityToken, undefined].entries()) {
    const name = ["a password", "an identity token", "nobody"][index];
    Deno.test(`authorize() of ${name} with ${status} ${message}: ${ids[index]}`, async () => {
      const token: Host = () => failure(status, "X", message);
      const net = internet({ "https://reg.example": registry(REALM, token) });
      const client = registryClient({ context: net.context });
      const error = await assertRejects(
        () => authorize(client, target, credential, pull),
        RegistryError,
      );
      assertEquals([error.diagnosis.id, error.diagnosis.facts.step], [ids[index], "token"]);
    });
  }
}

Deno.test("authorize() uses one token for one scope, and asks anew for another or for another user", async () => {
  const net = internet({ "https://reg.example": registry(REALM) });
  const client = registryClient({ context: net.context });
  const other = { ...basic, username: "john" };
  for (const who of [basic, basic, other]) {
    await authorize(client, target, who, pull);
    await authorize(client, target, who, ["pull", "push"]);
  }
  assertEquals(tokenRequests(net), [
    `GET repository:team/app:pull Basic ${btoa("jane:pw")}`,
    `GET repository:team/app:pull,push Basic ${btoa("jane:pw")}`,
    `GET repository:team/app:pull Basic ${btoa("john:pw")}`,
    `GET repository:team/app:pull,push Basic ${btoa("john:pw")}`,
  ]);
});

Deno.test("authorize() asks anew when the token has expired", async () => {
  const net = internet({ "https://reg.example": registry(REALM) });
  const client = registryClient({ context: net.context });
  await authorize(client, target, basic, pull);
  net.io.setNow(new Date(net.io.now().getTime() + 295_000));
  assertEquals((await authorize(client, target, basic, pull)).header?.reveal(), "Bearer T2");
});

Deno.test("authorize() sends a wrong password once, however many images want it", async () => {
  const token: Host = () => failure(401, "UNAUTHORIZED");
  const net = internet({ "https://reg.example": registry(REALM, token) });
  const client = registryClient({ context: net.context });
  const results = await Promise.allSettled(
    Array.from(
      { length: 10 },
      (_, index) => authorize(client, { ...target, repository: `app${index}` }, basic, pull),
    ),
  );
  assertEquals(results.every(({ status }) => status === "rejected"), true);
  assertEquals(tokenRequests(net).length, 1);
});

Deno.test("authorize() tries again after a token server that was down", async () => {
  const token: Host = (_, earlier) =>
    earlier.length > 4 ? Response.json({ token: "T" }) : new Response(null, { status: 500 });
  const net = internet({ "https://reg.example": registry(REALM, token) });
  const client = registryClient({ context: net.context });
  await assertRejects(() => authorize(client, target, basic, pull), RegistryError);
  assertEquals((await authorize(client, target, basic, pull)).header?.reveal(), "Bearer T");
});

Deno.test("authorize() posts an identity token no more to a server that has no POST", async () => {
  const token: Host = () => new Response(null, { status: 405 });
  const net = internet({ "https://reg.example": registry(REALM, token) });
  const client = registryClient({ context: net.context });
  for (const secret of ["A", "B"]) {
    const credential = { identityToken: new Secret(secret) };
    await assertRejects(() => authorize(client, target, credential, pull), RegistryError);
  }
  assertEquals(tokenRequests(net).length, 1);
});

Deno.test("authorize() shows no credential to a foreign realm: a pull goes without, a push fails", async () => {
  const foreign = 'Bearer realm="https://evil.example/token"';
  const net = internet({
    "https://reg.example": registry(foreign),
    "https://evil.example": () => Response.json({ token: "T" }),
  });
  const client = registryClient({ context: net.context });
  const { header, withheld } = await authorize(client, target, basic, pull);
  assertEquals([header?.reveal(), withheld?.id], ["Bearer T", "D-10"]);
  for (const actions of [["pull", "push"], []] as const) {
    const error = await assertRejects(
      () => authorize(client, target, basic, actions),
      RegistryError,
    );
    assertEquals(error.diagnosis.id, "D-10");
  }
  assertEquals(tokenRequests(net), ["GET repository:team/app:pull nobody"]);
  assertEquals((await authorize(client, target, undefined, ["pull", "push"])).withheld, undefined);
});

Deno.test("authorize() says that the realm is the reason if a pull without credential fails", async () => {
  const net = internet({
    "https://reg.example": registry('Bearer realm="https://evil.example/token"'),
    "https://evil.example": () => failure(401, "X"),
  });
  const client = registryClient({ context: net.context });
  const error = await assertRejects(() => authorize(client, target, basic, pull), RegistryError);
  assertEquals(error.diagnosis.id, "D-10");
  assertEquals(error.hint?.includes("--trust-realm evil.example"), true);
});

Deno.test("authorize() shows the credential to a foreign realm that the user trusts", async () => {
  const net = internet({
    "https://reg.example": registry('Bearer realm="https://sso.example/token"'),
    "https://sso.example": () => Response.json({ token: "T" }),
  });
  const trustsRealm = (from: string, to: string): boolean =>
    from === "reg.example" && to === "sso.example";
  const client = registryClient({ context: net.context, trustsRealm });
  assertEquals((await authorize(client, target, basic, [])).header?.reveal(), "Bearer T");
  assertEquals(net.sent.at(-1)?.authorization, `Basic ${btoa("jane:pw")}`);
});

/** Challenge of a second 401, and the token requests after the first one. */
const AGAIN: readonly [name: string, challenge: string | null, more: readonly string[]][] = [
  ["no header", null, []],
  ["Basic after a token", 'Basic realm="harbor"', []],
  ["the same scope without a reason", REALM, []],
  ["an invalid token", `${REALM},error="invalid_token"`, ["repository:team/app:pull"]],
  ["insufficient scope", `${REALM},scope="repository:team/app:pull",error="insufficient_scope"`, [
    "repository:team/app:pull",
  ]],
  ["a wider scope", `${REALM},scope="repository:team/app:pull,push"`, [
    "repository:team/app:pull,push",
  ]],
  ["another scope, which goes first", `${REALM},scope="repository:base:pull"`, [
    "repository:base:pull repository:team/app:pull",
  ]],
  ["an opaque scope", `${REALM},scope="*"`, ["* repository:team/app:pull"]],
  [
    "another realm, which is not asked",
    'Bearer realm="https://evil.example/token",error="invalid_token"',
    ["repository:team/app:pull"],
  ],
];

for (const [name, challenge, more] of AGAIN) {
  Deno.test(`reauthorize() after ${name}`, async () => {
    const net = internet({ "https://reg.example": registry(REALM) });
    const client = registryClient({ context: net.context });
    const purpose = { target, credential: basic, actions: pull };
    const first = await authorize(client, target, basic, pull);
    const second = await reauthorize(client, purpose, first, challenge);
    assertEquals(second?.header?.reveal(), more.length === 0 ? undefined : "Bearer T2");
    assertEquals(
      tokenRequests(net).slice(1),
      more.map((scope) => `GET ${scope} Basic ${btoa("jane:pw")}`),
    );
  });
}

Deno.test("reauthorize() replaces a token of an earlier request without asking why", async () => {
  const net = internet({ "https://reg.example": registry(REALM) });
  const client = registryClient({ context: net.context });
  const purpose = { target, credential: basic, actions: pull };
  await authorize(client, target, basic, pull);
  const cached = await authorize(client, target, basic, pull);
  const second = await reauthorize(client, purpose, cached, REALM);
  assertEquals([cached.cached, second?.header?.reveal()], [true, "Bearer T2"]);
});

Deno.test("reauthorize() shows the credential to an open registry only when it asks", async () => {
  for (
    const [challenge, expected] of [["Basic", `Basic ${btoa("jane:pw")}`], [
      REALM,
      "Bearer T1",
    ]] as const
  ) {
    const net = internet({ "https://reg.example": registry(undefined) });
    const client = registryClient({ context: net.context });
    const first = await authorize(client, target, basic, pull);
    const purpose = { target, credential: basic, actions: pull };
    const second = await reauthorize(client, purpose, first, challenge);
    assertEquals([first.header, second?.header?.reveal()], [undefined, expected]);
    const nobody = { ...purpose, credential: undefined };
    if (challenge === "Basic") {
      assertEquals(await reauthorize(client, nobody, first, challenge), undefined);
    }
  }
});

Deno.test("reauthorize() knows nothing better than a password or a registry token", async () => {
  for (const credential of [basic, registryToken]) {
    const net = internet({ "https://reg.example": registry("Basic") });
    const client = registryClient({ context: net.context });
    const purpose = { target, credential, actions: pull };
    const first = await authorize(client, target, credential, pull);
    assertEquals(await reauthorize(client, purpose, first, "Basic"), undefined);
  }
});
