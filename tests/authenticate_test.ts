import { assert, assertEquals, assertRejects } from "@std/assert";
import { authenticate } from "../lib/authenticate.ts";
import { type Credential, Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Keychain } from "../lib/keychain.ts";
import { registryClient } from "../lib/registry_client.ts";
import { type Host, internet, unauthorized } from "./fakes/internet.ts";
import { fakeRegistry } from "./fakes/registry.ts";

const REALM = 'Bearer realm="https://reg.example/token"';
const INVALID = `${REALM},error="invalid_token"`;

function keychain(...credentials: (Credential | undefined)[]): Keychain {
  let asked = 0;
  return {
    name: "test",
    resolve: () => Promise.resolve(credentials[Math.min(asked++, credentials.length - 1)]),
  };
}

function password(text: string): Credential {
  return { username: "jane", password: new Secret(text) };
}

/** A registry whose tokens are numbered. */
const numbered: Host = ({ url }, earlier) =>
  url.pathname === "/token"
    ? Response.json({
      token: `T${earlier.filter(({ url }) => url.pathname === "/token").length + 1}`,
      expires_in: 300,
    })
    : unauthorized(REALM);

Deno.test("authenticate() gives the header of its own origin only", async () => {
  const net = internet({ "https://reg.example": numbered });
  const auth = await authenticate("reg.example/team/app", {
    client: registryClient({ context: net.context }),
    keychain: keychain(password("pw")),
  });
  assertEquals(auth.origin, "https://reg.example");
  assertEquals(await auth.header("https://reg.example/v2/team/app/tags/list"), "Bearer T1");
  for (
    const url of ["http://reg.example/", "https://reg.example:8443/", "https://cdn.example/blob"]
  ) {
    assertEquals(await auth.header(url), undefined);
  }
});

Deno.test("authenticate() gets a new token when the old one has expired", async () => {
  const net = internet({ "https://reg.example": numbered });
  const auth = await authenticate("reg.example/team/app", {
    client: registryClient({ context: net.context }),
    keychain: keychain(password("pw")),
    actions: ["pull", "push"],
  });
  net.io.setNow(new Date(net.io.now().getTime() + 299_000));
  assertEquals(await auth.header(auth.origin), "Bearer T2");
  assertEquals(net.sent.at(-1)?.url.searchParams.get("scope"), "repository:team/app:pull,push");
});

Deno.test("authenticate() renews a token that the registry calls invalid, once for ten callers", async () => {
  const net = internet({ "https://reg.example": numbered });
  const auth = await authenticate("reg.example/team/app", {
    client: registryClient({ context: net.context }),
    keychain: keychain(password("pw")),
  });
  const again = await Promise.all(
    Array.from({ length: 10 }, () => auth.refresh(unauthorized(INVALID))),
  );
  assertEquals(again.every(Boolean), true);
  assertEquals(await auth.header(auth.origin), "Bearer T2");
});

Deno.test("authenticate() asks the keychain again when a password is refused", async () => {
  const net = internet({ "https://reg.example": () => unauthorized("Basic") });
  const auth = await authenticate("reg.example/team/app", {
    client: registryClient({ context: net.context }),
    keychain: keychain(password("old"), password("new"), password("new")),
  });
  assertEquals(await auth.header(auth.origin), `Basic ${btoa("jane:old")}`);
  assertEquals(await auth.refresh(unauthorized("Basic")), true);
  assertEquals(await auth.header(auth.origin), `Basic ${btoa("jane:new")}`);
  assertEquals(await auth.refresh(unauthorized("Basic")), false);
});

Deno.test("authenticate() does not answer for others: other statuses, other servers", async () => {
  const net = internet({ "https://reg.example": numbered });
  const auth = await authenticate("reg.example/team/app", {
    client: registryClient({ context: net.context }),
    keychain: keychain(password("pw")),
  });
  assertEquals(await auth.refresh(new Response(null, { status: 403 })), false);
  const foreign = unauthorized(INVALID);
  Object.defineProperty(foreign, "url", { value: "https://evil.example/" });
  assertEquals(await auth.refresh(foreign), false);
  assertEquals(net.sent.length, 2);
});

Deno.test("authenticate() goes without a credential where nobody has one", async () => {
  const net = internet({ "https://reg.example": () => new Response("{}") });
  const auth = await authenticate({ registry: "reg.example" }, {
    client: registryClient({ context: net.context }),
    keychain: keychain(undefined),
  });
  assertEquals(await auth.header(auth.origin), undefined);
  assertEquals(await auth.refresh(unauthorized("Basic")), false);
});

Deno.test("authenticate() throws for a bad reference and a refused credential", async () => {
  const net = internet({
    "https://reg.example": ({ url }) =>
      url.pathname === "/token" ? new Response(null, { status: 401 }) : unauthorized(REALM),
  });
  const options = {
    client: registryClient({ context: net.context }),
    keychain: keychain(password("pw")),
  };
  const bad = await assertRejects(() => authenticate("Not An Image", options), RegauthError);
  assertEquals(bad.code, "invalid-reference");
  const refused = await assertRejects(
    () => authenticate("reg.example/team/app", options),
    RegistryError,
  );
  assertEquals(refused.code, "refused");
});

Deno.test("authenticate() lets a program with its own fetch pull and push", async () => {
  await using registry = await fakeRegistry({ auth: "token" });
  const { host, repository, tag } = registry;
  const robot = { username: "robot", password: new Secret("robot-secret") };
  const auth = await authenticate(`${host}/${repository}:${tag}`, {
    client: registryClient({ context: { io: denoIo() } }),
    keychain: keychain(robot),
  });

  async function send(method: string, path: string): Promise<number> {
    const url = new URL(path, auth.origin);
    for (let again = true;; again = false) {
      const authorization = await auth.header(url) ?? "";
      const response = await fetch(url, { method, headers: { authorization } });
      await response.body?.cancel();
      if (!again || !await auth.refresh(response)) return response.status;
    }
  }

  assertEquals(await send("GET", `/v2/${repository}/manifests/${tag}`), 200);
  // The token was for a pull; the registry's answer says what a push needs.
  assertEquals(await send("POST", `/v2/${repository}/blobs/uploads/`), 202);
  assert(registry.requests.some(({ path }) => path.includes("push")));
});
