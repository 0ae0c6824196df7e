import { assertEquals, assertRejects } from "@std/assert";
import { mapBounded } from "../lib/bounded.ts";
import { type Credential, Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import { registryClient } from "../lib/registry_client.ts";
import { checkRights, type Rights, type RightsOptions } from "../lib/rights.ts";
import {
  failure,
  type Host,
  type Internet,
  internet,
  jwt,
  unauthorized,
} from "./fakes/internet.ts";
import { fakeRegistry } from "./fakes/registry.ts";

const REALM = 'Bearer realm="https://reg.example/token"';
const image = { registry: "reg.example", repository: "team/app", tag: "1" };
const basic: Credential = { username: "jane", password: new Secret("pw") };
const BASE = "/v2/team/app";

interface Faked {
  /** Answers to `METHOD PATH` below the repository; 404 if absent. */
  readonly answers: Readonly<Record<string, Host>>;
  /** Claims of the token, or its text; without it the registry wants Basic. */
  readonly token?: unknown;
  /** What nobody gets, in place of `answers`. */
  readonly nobody?: Readonly<Record<string, Host>>;
}

/** A registry that asks who is there, and then answers as told. */
function registry({ answers, token, nobody }: Faked): Internet {
  const isToken = token !== undefined;
  return internet({
    "https://reg.example": (request, earlier) => {
      const { method, url, authorization } = request;
      if (url.pathname === "/token") {
        const text = authorization === undefined
          ? "NOBODY"
          : typeof token === "string"
          ? token
          : jwt(token);
        return Response.json({ token: text });
      }
      if (authorization === undefined && (isToken || !nobody || url.pathname === "/v2/")) {
        return unauthorized(isToken ? REALM : "Basic");
      }
      const isNobody = authorization === undefined || authorization === "Bearer NOBODY";
      const table = isNobody && nobody ? nobody : answers;
      const path = url.pathname.slice(BASE.length);
      return table[`${method} ${path}`]?.(request, earlier) ??
        (method === "HEAD" ? new Response(null, { status: 404 }) : failure(404, "NAME_UNKNOWN"));
    },
  });
}

const ok: Host = () => new Response("{}");
const access = (...actions: string[]): unknown => ({
  sub: "jane",
  access: [{ type: "repository", name: "team/app", actions }],
});
const readable = { "HEAD /manifests/1": ok };
const upload: Readonly<Record<string, Host>> = {
  ...readable,
  "POST /blobs/uploads/": () =>
    new Response(null, { status: 202, headers: { location: `${BASE}/blobs/uploads/id?x=1` } }),
  "DELETE /blobs/uploads/id": () => new Response(null, { status: 204 }),
};
const status = (code: number, error = "DENIED", message = ""): Host => () =>
  failure(code, error, message);

/** In short: `pull/push/delete diagnosis`. */
function short({ pull, push, delete: deletion, diagnosis }: Rights): string {
  return `${pull}/${push ?? "-"}/${deletion ?? "-"}${diagnosis ? ` ${diagnosis.id}` : ""}`;
}

const PULLS: readonly (readonly [
  name: string,
  Faked,
  Credential | undefined,
  rights: string,
])[] = [
  ["a manifest", { answers: readable }, basic, "yes/-/-"],
  [
    "HEAD that is refused, and GET",
    {
      token: "opaque",
      answers: { "HEAD /manifests/1": status(405), "GET /manifests/1": ok },
    },
    basic,
    "yes/-/-",
  ],
  ["a missing tag", { answers: { "GET /tags/list": ok } }, basic, "yes/-/-"],
  ["a missing repository", { answers: {} }, basic, "no/-/- D-19"],
  ["a missing repository, as nobody", { token: {}, answers: {} }, undefined, "no/-/- D-19"],
  [
    "a refusal",
    { answers: { "HEAD /manifests/1": status(403), "GET /manifests/1": status(403) } },
    basic,
    "no/-/- D-20",
  ],
  [
    "a refusal of the token",
    {
      token: "opaque",
      answers: {
        "HEAD /manifests/1": () => unauthorized(REALM),
        "GET /manifests/1": () => unauthorized(REALM),
      },
    },
    basic,
    "no/-/- D-20",
  ],
  [
    "Basic after the token (Harbor)",
    {
      token: "opaque",
      answers: {
        "HEAD /manifests/1": () => unauthorized("Basic"),
        "GET /manifests/1": () => unauthorized("Basic"),
      },
    },
    basic,
    "no/-/- D-22",
  ],
  [
    "a private image, as nobody",
    {
      token: {},
      answers: {
        "HEAD /manifests/1": () => unauthorized(REALM),
        "GET /manifests/1": () => unauthorized(REALM),
      },
    },
    undefined,
    "no/-/- D-17",
  ],
  ...[basic, undefined].map((credential) =>
    [
      `a token that is called invalid, as ${credential ? "jane" : "nobody"}`,
      {
        token: "opaque",
        answers: {
          "HEAD /manifests/1": () => unauthorized(`${REALM},error="invalid_token"`),
          "GET /manifests/1": () => unauthorized(`${REALM},error="invalid_token"`),
        },
      },
      credential,
      "no/-/- D-38",
    ] as const
  ),
  [
    "single sign-on",
    {
      answers: {
        "HEAD /manifests/1": status(403),
        "GET /manifests/1": status(403, "DENIED", "SAML enforcement"),
      },
    },
    basic,
    "no/-/- D-36",
  ],
  [
    "a registry token that is refused",
    {
      answers: {
        "HEAD /manifests/1": () => unauthorized("Basic"),
        "GET /manifests/1": () => unauthorized("Basic"),
      },
    },
    { registryToken: new Secret("RT") },
    "no/-/- D-13",
  ],
  [
    "a wrong password",
    { answers: { "HEAD /manifests/1": () => unauthorized("Basic") } },
    basic,
    "no/-/- D-14",
  ],
  [
    "a wrong password for a public image",
    {
      answers: { "HEAD /manifests/1": () => unauthorized("Basic") },
      nobody: readable,
    },
    basic,
    "no/-/- D-18",
  ],
  [
    "a refusal for a public image",
    {
      token: "opaque",
      answers: { "HEAD /manifests/1": status(403), "GET /manifests/1": status(403) },
      nobody: readable,
    },
    basic,
    "no/-/- D-18",
  ],
  [
    "an odd answer",
    { answers: { "HEAD /manifests/1": status(418), "GET /manifests/1": status(418) } },
    basic,
    "no/-/- D-99",
  ],
  [
    "a name that the registry does not like",
    {
      answers: {
        "HEAD /manifests/1": status(400),
        "GET /manifests/1": status(400, "NAME_INVALID"),
      },
    },
    basic,
    "no/-/- D-99",
  ],
];

for (const [name, faked, credential, rights] of PULLS) {
  Deno.test(`checkRights() to pull with ${name}: ${rights}`, async () => {
    const client = registryClient({ context: registry(faked).context });
    assertEquals(short(await checkRights(client, image, credential)), rights);
  });
}

const PUSHES: readonly [name: string, Faked, RightsOptions, rights: string][] = [
  [
    "a claim",
    { token: access("pull", "push"), answers: readable },
    { push: true },
    "yes/claimed/-",
  ],
  [
    "a claim of everything",
    { token: access("*"), answers: readable },
    { push: true, delete: true },
    "yes/claimed/claimed",
  ],
  [
    "no claim",
    { token: access("pull"), answers: readable },
    { push: true, delete: true },
    "yes/no/no D-21",
  ],
  ["a token that cannot be read", { token: "opaque", answers: readable }, {
    push: true,
    delete: true,
  }, "yes/unknown/unknown"],
  ["a password", { answers: readable }, { push: true, delete: true }, "yes/unknown/unknown"],
  [
    "a claim that is not true",
    {
      token: access("pull", "push", "delete"),
      answers: { ...upload, "POST /blobs/uploads/": status(403) },
    },
    { tryUpload: "existing" },
    "yes/no/- D-21",
  ],
  [
    "an upload",
    { token: access("pull", "push", "delete"), answers: upload },
    { tryUpload: "existing" },
    "yes/yes/-",
  ],
  [
    "an upload by a token that says nothing",
    { token: "opaque", answers: upload },
    { tryUpload: "existing" },
    "yes/yes/-",
  ],
  ["an upload with a password", { answers: upload }, { tryUpload: "existing" }, "yes/yes/-"],
  [
    "an upload that cannot be cancelled",
    {
      answers: { ...upload, "DELETE /blobs/uploads/id": status(405) },
    },
    { tryUpload: "existing" },
    "yes/yes/-",
  ],
  [
    "an upload whose cancelling fails",
    {
      answers: { ...upload, "DELETE /blobs/uploads/id": status(500) },
    },
    { tryUpload: "existing" },
    "yes/yes/-",
  ],
  [
    "an upload without a location",
    {
      answers: { ...upload, "POST /blobs/uploads/": () => new Response(null, { status: 202 }) },
    },
    { tryUpload: "existing" },
    "yes/yes/-",
  ],
  [
    "a repository that must be created",
    {
      answers: { ...readable, "POST /blobs/uploads/": status(404, "NAME_UNKNOWN") },
    },
    { tryUpload: "existing" },
    "yes/no/- D-24",
  ],
  [
    "a mirror",
    {
      answers: { ...readable, "POST /blobs/uploads/": status(405, "UNSUPPORTED") },
    },
    { tryUpload: "existing" },
    "yes/no/- D-25",
  ],
  [
    "a full registry",
    {
      answers: { ...readable, "POST /blobs/uploads/": status(403, "DENIED", "Quota exceeded") },
    },
    { tryUpload: "existing" },
    "yes/no/- D-35",
  ],
  [
    "a missing repository",
    { token: access("pull", "push"), answers: {} },
    { push: true },
    "no/unknown/- D-19",
  ],
  [
    "a missing repository that exists only if asked",
    { token: access("pull", "push"), answers: {} },
    { tryUpload: "existing" },
    "no/unknown/- D-19",
  ],
  [
    "a missing repository that may be created",
    {
      answers: { ...upload, "HEAD /manifests/1": status(404) },
    },
    { tryUpload: "always" },
    "no/yes/- D-19",
  ],
  [
    "no right to pull",
    {
      answers: { ...upload, "HEAD /manifests/1": status(403), "GET /manifests/1": status(403) },
    },
    { tryUpload: "always" },
    "no/no/- D-20",
  ],
];

for (const [name, faked, options, rights] of PUSHES) {
  Deno.test(`checkRights() to push with ${name} (${Object.keys(options)}): ${rights}`, async () => {
    const client = registryClient({ context: registry(faked).context });
    assertEquals(short(await checkRights(client, image, basic, options)), rights);
  });
}

Deno.test("checkRights() opens no upload that it may not cancel", async () => {
  const net = registry({ token: access("pull", "push"), answers: upload });
  const client = registryClient({ context: net.context });
  const rights = await checkRights(client, image, basic, { tryUpload: "existing" });
  assertEquals(short(rights), "yes/claimed/-");
  assertEquals(net.sent.filter(({ method }) => method === "POST"), []);
  assertEquals(rights.notes, [
    "No upload was tried: without the right to delete it could not be cancelled.",
  ]);
});

Deno.test("checkRights() cancels an upload with a token that may do so", async () => {
  const net = registry({ token: access("pull", "push", "delete"), answers: upload });
  const client = registryClient({ context: net.context });
  const { notes } = await checkRights(client, image, basic, { tryUpload: "existing" });
  const scopes = net.sent.flatMap(({ url }) => url.searchParams.getAll("scope"));
  assertEquals(
    scopes,
    ["pull", "pull,push", "pull,push,delete"].map((actions) => `repository:team/app:${actions}`),
  );
  assertEquals([notes, net.lines().at(-1)], [
    [],
    "DELETE reg.example/v2/team/app/blobs/uploads/id",
  ]);
});

for (const code of [401, 405, 500]) {
  Deno.test(`checkRights() says that an upload stays open if cancelling it fails with ${code}`, async () => {
    const answers = { ...upload, "DELETE /blobs/uploads/id": status(code) };
    const client = registryClient({ context: registry({ answers }).context });
    const { notes } = await checkRights(client, image, basic, { tryUpload: "existing" });
    assertEquals(notes, ["reg.example did not cancel the upload that was tried; it will in time."]);
  });
}

Deno.test("checkRights() does not ask for the right to push to a missing repository", async () => {
  const net = registry({ token: access("pull", "push"), answers: {} });
  const client = registryClient({ context: net.context });
  const { notes } = await checkRights(client, image, basic, { push: true });
  const scopes = net.sent.flatMap(({ url }) => url.searchParams.getAll("scope"));
  assertEquals(scopes.filter((scope) => scope.includes("push")), []);
  assertEquals(notes.length, 1);
});

Deno.test("checkRights() says no for the right to push that the token server refuses", async () => {
  const net = internet({
    "https://reg.example": ({ url, authorization }) => {
      if (url.pathname !== "/token") {
        return authorization ? new Response("{}") : unauthorized(REALM);
      }
      const isPush = url.searchParams.get("scope")?.includes("push");
      return isPush ? failure(403, "DENIED") : Response.json({ token: "T" });
    },
  });
  const client = registryClient({ context: net.context });
  assertEquals(short(await checkRights(client, image, basic, { push: true })), "yes/no/- D-21");
});

Deno.test("checkRights() learns nothing from a token server that does not know the scope (Quay)", async () => {
  const net = internet({
    "https://reg.example": ({ url, authorization }) => {
      if (url.pathname !== "/token") {
        return authorization ? new Response("{}") : unauthorized(REALM);
      }
      const isDelete = url.searchParams.get("scope")?.includes("delete");
      return isDelete ? failure(400, "INVALID_REQUEST") : Response.json({ token: "T" });
    },
  });
  const client = registryClient({ context: net.context });
  assertEquals(short(await checkRights(client, image, basic, { delete: true })), "yes/-/unknown");
});

Deno.test("checkRights() throws if the token server is down for the second question", async () => {
  const net = internet({
    "https://reg.example": ({ url, authorization }) => {
      if (url.pathname !== "/token") {
        return authorization ? new Response("{}") : unauthorized(REALM);
      }
      const isDelete = url.searchParams.get("scope")?.includes("delete");
      return isDelete ? failure(500, "X") : Response.json({ token: "T" });
    },
  });
  const client = registryClient({ context: net.context });
  await assertRejects(() => checkRights(client, image, basic, { delete: true }), RegistryError);
});

Deno.test("checkRights() reads the claims of a ready-made token", async () => {
  const client = registryClient({ context: registry({ answers: readable }).context });
  const credential = { registryToken: new Secret(jwt(access("pull", "push"))) };
  const rights = await checkRights(client, image, credential, { push: true, delete: true });
  assertEquals(short(rights), "yes/claimed/no");
});

Deno.test("checkRights() knows a public image behind a login that the token server refuses", async () => {
  const net = internet({
    "https://reg.example": ({ url, authorization }) =>
      url.pathname !== "/token"
        ? authorization ? new Response("{}") : unauthorized(REALM)
        : authorization
        ? failure(403, "DENIED")
        : Response.json({ token: "T" }),
  });
  const client = registryClient({ context: net.context });
  const { pull, diagnosis } = await checkRights(client, image, basic);
  assertEquals([pull, diagnosis?.id, diagnosis?.code], ["no", "D-18", "refused"]);
});

Deno.test("checkRights() does not cancel an upload at another host", async () => {
  const location = "https://elsewhere.example/upload";
  const post: Host = () => new Response(null, { status: 202, headers: { location } });
  const net = registry({ answers: { ...readable, "POST /blobs/uploads/": post } });
  const client = registryClient({ context: net.context });
  const rights = await checkRights(client, image, basic, { tryUpload: "existing" });
  assertEquals([short(rights), net.lines().at(-1)], [
    "yes/yes/-",
    "POST reg.example/v2/team/app/blobs/uploads/",
  ]);
});

Deno.test("checkRights() throws what says nothing about rights", async () => {
  const net = registry({
    answers: { "HEAD /manifests/1": () => new Response(null, { status: 500 }) },
  });
  const client = registryClient({ context: net.context });
  const error = await assertRejects(() => checkRights(client, image, basic), RegistryError);
  assertEquals([error.code, error.diagnosis.id], ["network", "D-27"]);
});

Deno.test("checkRights() refuses upper case before anything is sent", async () => {
  const net = internet({});
  const client = registryClient({ context: net.context });
  const upper = { ...image, repository: "Team/App" };
  const error = await assertRejects(() => checkRights(client, upper, basic), RegistryError);
  assertEquals([error.code, error.hint, net.sent.length], ["invalid-reference", "Use team/app", 0]);
});

Deno.test("checkRights() shows a wrong password once", async () => {
  const net = registry({ answers: { "HEAD /manifests/1": () => unauthorized("Basic") } });
  const client = registryClient({ context: net.context });
  await checkRights(client, image, basic, { push: true, delete: true, tryUpload: "always" });
  assertEquals(net.sent.filter(({ authorization }) => authorization !== undefined).length, 1);
});

Deno.test("checkRights() says what is worth knowing: a missing tag, a login that is unknown", async () => {
  const faked = { token: { sub: "", access: [] }, answers: { "GET /tags/list": ok } };
  const client = registryClient({ context: registry(faked).context });
  const { notes } = await checkRights(client, image, basic);
  assertEquals(notes, [
    "The token server does not know this login.",
    "reg.example/team/app has no 1.",
  ]);
});

Deno.test("checkRights() says why a pull goes without the credential", async () => {
  const net = internet({
    "https://reg.example": ({ authorization }) =>
      authorization ? new Response("{}") : unauthorized('Bearer realm="https://sso.example/"'),
    "https://sso.example": () => Response.json({ token: "T" }),
  });
  const client = registryClient({ context: net.context });
  const rights = await checkRights(client, image, basic, { push: true });
  assertEquals(short(rights), "yes/no/- D-10");
  assertEquals(rights.notes[0]?.includes("sso.example"), true);
});

Deno.test("checkRights() of 100 images asks for one ping and one token each", async () => {
  const net = internet({
    "https://reg.example": ({ url, authorization }) =>
      url.pathname === "/token"
        ? Response.json({ token: "T" })
        : authorization
        ? new Response("{}")
        : unauthorized(REALM),
  });
  const client = registryClient({ context: net.context });
  const images = Array.from({ length: 100 }, (_, index) => ({
    ...image,
    repository: `app${index % 10}`,
  }));
  const rights = await mapBounded(images, 8, (one) => checkRights(client, one, basic));
  assertEquals(rights.every(({ pull }) => pull === "yes"), true);
  const count = (path: string): number =>
    net.sent.filter(({ url }) => url.pathname === path).length;
  assertEquals([count("/v2/"), count("/token"), net.sent.length], [1, 10, 111]);
});

for (const auth of ["basic", "token"] as const) {
  Deno.test(`checkRights() at a real registry with ${auth} authentication`, async () => {
    await using fake = await fakeRegistry({ auth });
    const { host, repository, tag } = fake;
    const client = registryClient({ context: { io: denoIo() } });
    const login = (username: string): Credential => ({
      username,
      password: new Secret(`${username}-secret`),
    });
    const one = { registry: host, repository, tag };
    const all: RightsOptions = { push: true, delete: true, tryUpload: "existing" };
    const claims = auth === "token";
    assertEquals(
      short(await checkRights(client, one, login("robot"), all)),
      claims ? "yes/yes/claimed" : "yes/yes/unknown",
    );
    assertEquals(
      short(await checkRights(client, one, login("reader"), all)),
      claims ? "yes/no/no D-21" : "yes/no/unknown D-21",
    );
    assertEquals(short(await checkRights(client, one, undefined)), "no/-/- D-17");
    // Whatever was opened is closed again.
    const opened = fake.requests.filter(({ method, user }) =>
      method === "POST" && user === "robot"
    );
    const closed = fake.requests.filter(({ method, user }) =>
      method === "DELETE" && user === "robot"
    );
    assertEquals([opened.length > 0, closed.length >= opened.length], [true, true]);
  });
}
