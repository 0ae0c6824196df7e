import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeBase64Url } from "@std/encoding/base64url";
import { digestOf } from "./image.ts";
import { type FakeRegistry, fakeRegistry } from "./registry.ts";

const ROBOT = `Basic ${btoa("robot:robot-secret")}`;
const READER = `Basic ${btoa("reader:reader-secret")}`;

async function ask(
  url: string,
  authorization?: string,
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; bytes: Uint8Array<ArrayBuffer> }> {
  const headers = new Headers(init.headers);
  if (authorization !== undefined) headers.set("authorization", authorization);
  const response = await fetch(url, { ...init, headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

function json({ bytes }: { bytes: Uint8Array }): Record<string, string> {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Follows the challenge as a client would. */
async function bearer(
  registry: FakeRegistry,
  scope: string,
  authorization?: string,
): Promise<string> {
  const challenge = (await ask(`${registry.origin}/v2/`)).headers.get("www-authenticate") ?? "";
  const [, realm, service] = /^Bearer realm="(.+?)",service="(.+?)"$/.exec(challenge) ?? [];
  const answer = await ask(`${realm}?service=${service}&scope=${scope}`, authorization);
  return `Bearer ${json(answer).token}`;
}

Deno.test("fakeRegistry() serves the image part by part, with the right digests", async () => {
  await using registry = await fakeRegistry({ auth: "open" });
  const { image, origin } = registry;
  const manifest = await ask(`${origin}/v2/team/hello/manifests/1.0`);
  assertEquals(manifest.headers.get("docker-content-digest"), image.manifest.digest);
  assertEquals(await digestOf(manifest.bytes), image.manifest.digest);
  for (const part of [image.config, image.layer]) {
    const blob = await ask(`${origin}/v2/team/hello/blobs/${part.digest}`);
    assertEquals(await digestOf(blob.bytes), part.digest);
  }
  const head = await ask(`${origin}/v2/team/hello/manifests/1.0`, undefined, { method: "HEAD" });
  assertEquals([head.status, head.bytes.length], [200, 0]);
  assertEquals(json(await ask(`${origin}/v2/team/hello/tags/list?n=1`)), {
    name: "team/hello",
    tags: ["1.0"],
  } as never);
  assertEquals((await ask(`${origin}/v2/team/hello/manifests/2.0`)).status, 404);
});

Deno.test("fakeRegistry() takes an upload in chunks and refuses a wrong digest", async () => {
  await using registry = await fakeRegistry({ auth: "open" });
  const uploads = `${registry.origin}/v2/new/app/blobs/uploads/`;
  const bytes = new TextEncoder().encode("some bytes");
  for (const [digest, status] of [[await digestOf(bytes), 201], ["sha256:0", 400]] as const) {
    const begun = await ask(uploads, undefined, { method: "POST" });
    const location = registry.origin + begun.headers.get("location");
    await ask(location, undefined, { method: "PATCH", body: bytes.slice(0, 4) });
    const ended = await ask(`${location}?digest=${digest}`, undefined, {
      method: "PUT",
      body: bytes.slice(4),
    });
    assertEquals([begun.status, ended.status], [202, status]);
  }
  const begun = await ask(uploads, undefined, { method: "POST" });
  const location = registry.origin + begun.headers.get("location");
  assertEquals((await ask(location, undefined, { method: "DELETE" })).status, 204);
  assertEquals((await ask(location, undefined, { method: "PATCH", body: bytes })).status, 404);
});

Deno.test("fakeRegistry() asks for Basic and tells the users apart", async () => {
  await using registry = await fakeRegistry({ auth: "basic" });
  const uploads = `${registry.origin}/v2/team/hello/blobs/uploads/`;
  const refused = await ask(`${registry.origin}/v2/`);
  assertEquals([refused.status, refused.headers.get("www-authenticate")], [
    401,
    'Basic realm="embedded registry"',
  ]);
  const wrong = `Basic ${btoa("robot:wrong")}`;
  assertEquals((await ask(`${registry.origin}/v2/`, wrong)).status, 401);
  assertEquals((await ask(`${registry.origin}/v2/`, READER)).status, 200);
  assertEquals((await ask(uploads, READER, { method: "POST" })).status, 403);
  assertEquals((await ask(uploads, ROBOT, { method: "POST" })).status, 202);
  assertEquals(registry.requests.at(-1), {
    method: "POST",
    path: "/v2/team/hello/blobs/uploads/",
    scheme: "Basic",
    user: "robot",
  });
});

for (const tokenPort of [false, true]) {
  Deno.test(`fakeRegistry() grants what the account may (token port: ${tokenPort})`, async () => {
    await using registry = await fakeRegistry({
      auth: "token",
      tokenPort,
      anonymous: { "public/": "pull" },
    });
    const manifest = `${registry.origin}/v2/team/hello/manifests/1.0`;
    const uploads = `${registry.origin}/v2/team/hello/blobs/uploads/`;
    const scope = "repository:team/hello:pull,push";
    const [robot, reader, nobody] = await Promise.all([
      bearer(registry, scope, ROBOT),
      bearer(registry, scope, READER),
      bearer(registry, scope),
    ]);
    assertEquals((await ask(manifest, reader)).status, 200);
    assertEquals((await ask(manifest, nobody)).status, 401);
    assertEquals((await ask(uploads, robot, { method: "POST" })).status, 202);
    const narrow = await ask(uploads, reader, { method: "POST" });
    assertEquals(narrow.status, 401);
    assertStringIncludes(
      narrow.headers.get("www-authenticate") ?? "",
      'scope="repository:team/hello:pull,push",error="insufficient_scope"',
    );
    assertEquals(
      await bearer(registry, scope, `Basic ${btoa("robot:wrong")}`),
      "Bearer undefined",
    );
    const shared = await bearer(registry, "repository:public/app:pull");
    assertEquals((await ask(`${registry.origin}/v2/public/app/tags/list`, shared)).status, 404);
    assert(registry.requests.some(({ path, user }) => path.startsWith("/token") && !user));
    assert(!JSON.stringify(registry.requests).includes("secret"));
  });
}

Deno.test("fakeRegistry() refuses tokens that it did not sign, or that are for another", async () => {
  await using registry = await fakeRegistry({ auth: "token" });
  await using other = await fakeRegistry({ auth: "token" });
  await using stale = await fakeRegistry({ auth: "token", tokenLifetime: -1 });
  const scope = "repository:team/hello:pull";
  const good = await bearer(registry, scope, READER);
  const [header, payload, signature] = good.split(".");
  const forged = atob((payload ?? "").replaceAll("-", "+").replaceAll("_", "/"))
    .replace('"pull"', '"pull","push"');
  assertEquals((await ask(`${registry.origin}/v2/`, good)).status, 200);
  for (
    const [to, token] of [
      [registry, `${header}.${encodeBase64Url(forged)}.${signature}`],
      [registry, `${header}.${payload}.`],
      [registry, "Bearer nonsense"],
      [registry, await bearer(other, scope, READER)],
      [stale, await bearer(stale, scope, READER)],
    ] as const
  ) {
    const answer = await ask(`${to.origin}/v2/`, token);
    assertEquals(answer.status, 401);
    assertMatch(answer.headers.get("www-authenticate") ?? "", /error="invalid_token"$/);
  }
});

Deno.test("fakeRegistry() exchanges identity tokens and gives them on request", async () => {
  await using registry = await fakeRegistry({ auth: "token" });
  const given = await ask(
    `${registry.origin}/token?service=embedded-registry&offline_token=true`,
    READER,
  );
  const refresh = json(given).refresh_token ?? "";
  assertEquals(refresh, registry.identityToken("reader"));
  const post = (fields: Record<string, string>): Promise<Awaited<ReturnType<typeof ask>>> =>
    ask(`${registry.origin}/token`, undefined, {
      method: "POST",
      body: new URLSearchParams({ service: "embedded-registry", client_id: "test", ...fields }),
    });
  const exchanged = await post({
    grant_type: "refresh_token",
    refresh_token: refresh,
    scope: "repository:team/hello:pull repository:team/other:pull",
  });
  const token = `Bearer ${json(exchanged).access_token}`;
  assertEquals((await ask(`${registry.origin}/v2/team/hello/tags/list`, token)).status, 200);
  assertEquals((await post({ grant_type: "refresh_token", refresh_token: "x" })).status, 401);
  assertEquals(
    (await post({ grant_type: "password", username: "reader", password: "reader-secret" })).status,
    200,
  );
  assertEquals((await post({ client_id: "" })).status, 400);
});
