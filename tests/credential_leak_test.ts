import { assertEquals } from "@std/assert";
import { type Credential, Secret } from "../lib/credential.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import { verifyLogin } from "../lib/registry.ts";
import { registryClient } from "../lib/registry_client.ts";
import { checkRights } from "../lib/rights.ts";
import { failure, type Host, internet, unauthorized } from "./fakes/internet.ts";

const HOME = "https://reg.example";
const EVIL = "https://evil.example";
const PORT = "https://reg.example:8443";
const REALM = 'Bearer realm="https://reg.example/token"';
const image = { registry: "reg.example", repository: "team/app", tag: "1" };

const LOGINS: Readonly<Record<string, Credential>> = {
  "a password": { username: "jane", password: new Secret("SECRET") },
  "an identity token": { identityToken: new Secret("SECRET") },
  "a registry token": { registryToken: new Secret("SECRET") },
};

const redirect = (status: number, location: string): Response =>
  new Response(null, { status, headers: { location } });

/** Pings and tokens as usual; the rest is up to the case. */
function usual(challenge: string, rest: Host): Host {
  return (request, earlier) => {
    if (request.url.pathname === "/v2/") {
      return request.authorization ? new Response("{}") : unauthorized(challenge);
    }
    if (request.url.pathname === "/token") return Response.json({ token: "SECRET-TOKEN" });
    return rest(request, earlier);
  };
}

/** What the registry does; everybody else takes what they get. */
const CASES: Readonly<Record<string, Host>> = {
  "a realm elsewhere": () => unauthorized(`Bearer realm="${EVIL}/token"`),
  "a realm at another port over http": () =>
    unauthorized('Bearer realm="http://reg.example:8080/token"'),
  "two realms": () => unauthorized(`${REALM},realm="${EVIL}/token"`),
  "a realm below its own name": () =>
    unauthorized('Bearer realm="https://reg.example.evil.example/"'),
  "a realm with user info": () => unauthorized('Bearer realm="https://reg.example@evil.example/"'),
  "a ping that moves": () => redirect(307, `${EVIL}/v2/`),
  "a ping that moves to another port": () => redirect(308, `${PORT}/v2/`),
  "a token server that moves": ({ url }) =>
    url.pathname === "/v2/" ? unauthorized(REALM) : redirect(307, `${EVIL}/token`),
  "manifests elsewhere": usual(REALM, () => redirect(307, `${EVIL}/manifest`)),
  "manifests at another port": usual("Basic", () => redirect(302, `${PORT}/manifest`)),
  "manifests over http": usual("Basic", () => redirect(302, "http://reg.example/manifest")),
  "manifests that come back": usual(
    "Basic",
    ({ url }) => url.pathname === "/back" ? failure(404, "X") : redirect(302, `${EVIL}/to-reg`),
  ),
  "an upload elsewhere": usual(
    REALM,
    ({ method }) =>
      method === "POST"
        ? new Response(null, { status: 202, headers: { location: `${EVIL}/upload` } })
        : new Response("{}"),
  ),
  "an upload that moves": usual(
    "Basic",
    ({ method }) => method === "POST" ? redirect(307, `${EVIL}/upload`) : new Response("{}"),
  ),
  "a repository with a realm of its own": usual(
    REALM,
    () => unauthorized(`Bearer realm="${EVIL}/token",error="invalid_token"`),
  ),
  "a repository with Basic after a token": usual(REALM, () => unauthorized("Basic")),
};

/** Others ask for the credential in every way they know. */
const greedy: Host = ({ url }) =>
  url.pathname === "/to-reg"
    ? redirect(302, `${HOME}/back`)
    : unauthorized(`Basic, Bearer realm="${EVIL}/token"`);

for (const [name, host] of Object.entries(CASES)) {
  for (const [kind, credential] of Object.entries(LOGINS)) {
    Deno.test(`${kind} stays with its registry that has ${name}`, async () => {
      const net = internet({
        [HOME]: host,
        [EVIL]: greedy,
        [PORT]: greedy,
        "http://reg.example": greedy,
        "http://reg.example:8080": greedy,
        "https://reg.example.evil.example": greedy,
      });
      const client = registryClient({ context: net.context });
      for (
        const work of [
          () => verifyLogin(client, "reg.example", credential),
          () =>
            checkRights(client, image, credential, {
              push: true,
              delete: true,
              tryUpload: "always",
            }),
        ]
      ) {
        await work().catch((error) => {
          if (!(error instanceof RegistryError)) throw error;
        });
      }
      const elsewhere = net.sent.filter(({ url }) => url.origin !== HOME);
      const leaks = elsewhere.filter(({ url, body, authorization }) =>
        `${url} ${body}`.includes("SECRET") || authorization !== undefined
      );
      assertEquals(leaks.map(({ url, authorization }) => [url.href, authorization]), []);
      // The registry sees a password only where it asks for Basic itself, or at its token server.
      const strange = net.sent.filter(({ url, authorization }) =>
        url.origin === HOME && authorization?.startsWith("Basic") && url.pathname !== "/token"
      );
      const asksBasic = /Basic/.test(String(host)) || /manifests|moves/.test(name);
      if (!asksBasic) assertEquals(strange.map(({ url }) => url.href), []);
    });
  }
}
