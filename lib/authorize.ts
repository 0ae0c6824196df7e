/**
 * From a credential to the value of an `Authorization` header for one registry: Basic, a bearer token
 * from the registry's token server, or nothing.
 *
 * @example Name and password at a registry that wants them as they are
 * ```ts
 * import { authorize } from "./authorize.ts";
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { registryClient } from "./registry_client.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = { "www-authenticate": 'Basic realm="registry"' };
 * const io = memoryIo({ fetch: () => new Response("{}", { status: 401, headers }) });
 * const credential = { username: "jane", password: new Secret("hunter2") };
 * const { origin, header } = await authorize(
 *   registryClient({ context: { io } }),
 *   { registry: "reg.example", repository: "team/app" },
 *   credential,
 *   ["pull"],
 * );
 * assertEquals(origin, "https://reg.example");
 * assertEquals(header?.reveal(), `Basic ${btoa("jane:hunter2")}`);
 * ```
 *
 * @module
 */

import { basicAuthorization, type Credential, credentialKind, Secret } from "./credential.ts";
import { diagnose, type Diagnosis, RegistryError } from "./diagnosis.ts";
import type { DiagnosisFacts } from "./diagnosis_table.ts";
import { chooseWay, ping } from "./ping.ts";
import { mayReceiveCredential } from "./realm.ts";
import type { Target } from "./reference.ts";
import { type Ping, type RegistryClient, trustFor, type Way } from "./registry_client.ts";
import { type Action, normalScopes, repositoryScope, widenScopes } from "./scope.ts";
import type { Token } from "./token.ts";
import { tokenKey } from "./token_cache.ts";
import { exchangeToken } from "./token_exchange.ts";

/** What to send to a registry. */
export interface Authorization {
  /** The only scheme, host and port that it may be sent to. */
  readonly origin: string;
  /** Value of the `Authorization` header; none if nothing is to be sent. */
  readonly header?: Secret;
  /** How the registry wants to be shown a credential, if it said so. */
  readonly way?: Way;
  /** The bearer token in the header, if it comes from a token server. */
  readonly token?: Token;
  /** What the token was asked for. */
  readonly scopes: readonly string[];
  /** The token comes from an earlier request of this run. */
  readonly cached: boolean;
  /** Why the credential was not shown to the token server, which was asked anonymously. */
  readonly withheld?: Diagnosis;
}

/** What is to be done, by whom. */
export interface Purpose {
  /** Registry or repository. */
  readonly target: Target;
  /** Who asks; nobody if absent. */
  readonly credential?: Credential | undefined;
  /** What is to be done; none is a proof of identity. */
  readonly actions: readonly Action[];
}

/**
 * Gets what a registry wants to see. Asks the registry (once for each client) and its token server
 * (once for each scope).
 *
 * @param client How servers are reached, and what is known of them.
 * @param target Registry or repository.
 * @param credential Who asks; nobody if absent.
 * @param actions What is to be done; none is a proof of identity.
 * @returns What to send.
 * @throws {RegistryError} `refused`, `no-credential` or `network`; `incomplete-credential` and
 * `invalid-credential` before anything is sent.
 */
export async function authorize(
  client: RegistryClient,
  target: Target,
  credential: Credential | undefined,
  actions: readonly Action[],
): Promise<Authorization> {
  const purpose = { target, credential, actions };
  checkCredential(credential, factsOf(purpose));
  const site = await ping(client, target.registry);
  return await present(client, purpose, site, site.way, scopesOf(purpose));
}

/**
 * Gets another authorization after a 401, if there is reason to believe that it helps: the registry
 * wants more scopes, calls the token invalid, or had not asked for a credential before. It is worth
 * one repetition of the request, not two.
 *
 * @param client How servers are reached, and what is known of them.
 * @param purpose What is to be done, by whom.
 * @param refused What was sent.
 * @param header The `WWW-Authenticate` header of the answer.
 * @returns What to send instead, or `undefined` if the answer is final.
 * @throws {RegistryError} As {@linkcode authorize}.
 */
export async function reauthorize(
  client: RegistryClient,
  purpose: Purpose,
  refused: Authorization,
  header: string | null,
): Promise<Authorization | undefined> {
  const { way, token, scopes } = refused;
  const isReadyMade = credentialKind(purpose.credential) === "registryToken";
  if (header === null || way?.scheme === "basic" || isReadyMade) return undefined;
  const site = await ping(client, purpose.target.registry);
  const offer = chooseWay(client, header, site.url, factsOf(purpose));
  if (way === undefined) {
    const first = await present(client, purpose, site, offer.way, scopes);
    return first.header && first;
  }
  // A Basic challenge after a bearer token means "not enough rights" (Harbor), not "your password".
  if (offer.way.scheme === "basic") return undefined;

  const params = offer.challenges.find(({ scheme }) => scheme === "bearer")?.params;
  const wanted = widenScopes(params?.scope?.split(" ") ?? [], scopes);
  const isWider = normalScopes(wanted).join() !== normalScopes(scopes).join();
  const isRefused = params?.error === "invalid_token" || params?.error === "insufficient_scope";
  if (!isWider && !isRefused && !refused.cached) return undefined;
  if (token) client.tokens.drop(token);
  return await present(client, purpose, site, way, wanted);
}

/**
 * Whether there is nothing to show to a server.
 *
 * @param credential A credential, or none.
 * @returns Whether it is absent, or has no fields.
 */
export function isNobody(credential: Credential | undefined): boolean {
  const kind = credentialKind(credential);
  return kind === "none" || kind === "anonymous";
}

/**
 * The facts of a purpose, for a diagnosis.
 *
 * @param purpose What is to be done, by whom.
 * @returns The facts.
 */
export function factsOf({ target, credential, actions }: Purpose): DiagnosisFacts {
  const step = (["push", "delete", "pull"] as const).find((action) => actions.includes(action));
  return {
    host: target.registry,
    step: step ?? "login",
    ...(target.repository === undefined ? {} : { repository: target.repository }),
    ...(credential?.username === undefined ? {} : { user: credential.username }),
  };
}

async function present(
  client: RegistryClient,
  purpose: Purpose,
  site: Ping,
  way: Way | undefined,
  scopes: readonly string[],
): Promise<Authorization> {
  const { credential } = purpose;
  const kind = credentialKind(credential);
  const basics = { origin: site.origin, scopes, cached: false, ...(way ? { way } : {}) };
  if (credential?.registryToken) return { ...basics, header: bearer(credential.registryToken) };
  if (way?.scheme === "bearer") return await exchanged(client, purpose, site, way, scopes);
  if (way === undefined || credential === undefined) return basics;
  if (kind === "identityToken") throw new RegistryError(diagnose("D-12", factsOf(purpose)));
  const header = basicAuthorization(credential);
  return header === undefined ? basics : { ...basics, header: new Secret(header) };
}

async function exchanged(
  client: RegistryClient,
  purpose: Purpose,
  site: Ping,
  way: Way & { scheme: "bearer" },
  scopes: readonly string[],
): Promise<Authorization> {
  const { realm, service } = way;
  const facts = factsOf(purpose);
  const credential = isNobody(purpose.credential) ? undefined : purpose.credential;
  const mayKnow = mayReceiveCredential(realm, site.url, trustFor(client, facts.host));
  const withheld = credential && !mayKnow
    ? diagnose("D-10", { ...facts, step: "token", realm: realm.host, canTrust: true })
    : undefined;
  // Without a credential something may still be public; to push it makes no sense.
  if (withheld && purpose.actions.join() !== "pull") throw new RegistryError(withheld);
  const question = {
    realm,
    scopes,
    ...(service === undefined ? {} : { service }),
    ...(credential && !withheld ? { credential } : {}),
  };
  const { token, cached } = await client.tokens
    .get(await tokenKey(site.origin, question), () => exchangeToken(client, question, facts))
    .catch((error: unknown) => {
      const isPrivate = error instanceof RegistryError && error.code === "no-credential";
      throw isPrivate && withheld ? new RegistryError(withheld) : error;
    });
  return {
    origin: site.origin,
    way,
    scopes,
    token,
    cached,
    header: bearer(token.value),
    ...(withheld ? { withheld } : {}),
  };
}

function bearer(token: Secret): Secret {
  return new Secret(`Bearer ${token.reveal()}`);
}

function scopesOf({ target, actions }: Purpose): readonly string[] {
  return target.repository === undefined || actions.length === 0
    ? []
    : [repositoryScope(target.repository, actions)];
}

/** RFC 6750 section 2.1, and whatever else some servers make tokens of. */
function isHeaderText(token: Secret): boolean {
  return /^[\x21-\x7e]*$/.test(token.reveal());
}

/** Half a credential is not sent, and neither is what a header cannot carry (RFC 7617, RFC 6750). */
function checkCredential(credential: Credential | undefined, facts: DiagnosisFacts): void {
  const token = credential?.registryToken;
  if (token && !isHeaderText(token)) {
    const detail = "A bearer token cannot contain blanks, line ends or letters beyond ASCII.";
    throw new RegistryError(diagnose("D-37", { ...facts, detail }));
  }
  if (!credential || credentialKind(credential) !== "basic") return;
  const { username = "", password } = credential;
  if (username === "" || !password?.length) {
    const detail = "User name and password are both needed.";
    const diagnosis = diagnose("D-37", { ...facts, detail });
    throw new RegistryError({ ...diagnosis, code: "incomplete-credential" });
  }
  if (/[:\p{Cc}]/u.test(username)) {
    const detail = 'A user name cannot contain ":" or control characters.';
    throw new RegistryError(diagnose("D-37", { ...facts, detail }));
  }
}
