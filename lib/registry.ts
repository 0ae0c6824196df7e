/**
 * Authorized requests to a registry, and the test of a login.
 *
 * @example A registry that accepts a login
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { verifyLogin } from "./registry.ts";
 * import { registryClient } from "./registry_client.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const expected = `Basic ${btoa("jane:hunter2")}`;
 * const io = memoryIo({
 *   fetch: ({ headers }) =>
 *     headers.get("authorization") === expected
 *       ? new Response("{}")
 *       : new Response("{}", { status: 401, headers: { "www-authenticate": "Basic" } }),
 * });
 * const credential = { username: "jane", password: new Secret("hunter2") };
 * const client = registryClient({ context: { io } });
 * assertEquals((await verifyLogin(client, "reg.example", credential)).verified, true);
 * ```
 *
 * @module
 */

import { type Authorization, authorize, factsOf, type Purpose, reauthorize } from "./authorize.ts";
import { type Credential, credentialKind } from "./credential.ts";
import { diagnose, type Diagnosis, RegistryError } from "./diagnosis.ts";
import { type Answer, answerFacts, type Question } from "./exchange.ts";
import { ping } from "./ping.ts";
import { exchangeFollowing } from "./redirect.ts";
import type { RegistryClient } from "./registry_client.ts";
import { readClaims } from "./token_claims.ts";

/** A request to a registry. */
export interface RegistryRequest extends Pick<Question, "method" | "accept" | "timeout"> {
  /** Path and query, or a URL of the registry's origin. */
  readonly path: string;
}

/** What a registry answered, and to what. */
export interface Reply {
  /** The answer. */
  readonly answer: Answer;
  /** What was sent with the request. */
  readonly authorization: Authorization;
}

/** Whether a login was tested. */
export interface LoginVerdict {
  /** The registry looked at the credential and accepted it. */
  readonly verified: boolean;
  /** Why it could not be tested. */
  readonly diagnosis?: Diagnosis;
  /** Scheme, host and port of the registry; `http:` means that the credential travels in the open. */
  readonly origin: string;
}

/** Clocks that differ by more than this many minutes make tokens invalid. */
const CLOCK_TOLERANCE = 5;

/**
 * Sends a request with what the registry wants to see, once more if a 401 says how to do better.
 *
 * @param client How servers are reached, and what is known of them.
 * @param purpose What is to be done, by whom.
 * @param request What is sent.
 * @returns The answer, of any status but 407, 429 and 5xx.
 * @throws {RegistryError} As {@linkcode authorize}.
 */
export async function ask(
  client: RegistryClient,
  purpose: Purpose,
  request: RegistryRequest,
): Promise<Reply> {
  const { target, credential, actions } = purpose;
  const { path, ...rest } = request;
  const send = async (authorization: Authorization): Promise<Reply> => {
    const url = new URL(path, authorization.origin);
    const { header } = authorization;
    const facts = factsOf(purpose);
    const question = { ...rest, url, facts, credential, authorization: header };
    return { answer: await exchangeFollowing(client, question), authorization };
  };
  const first = await send(await authorize(client, target, credential, actions));
  const { answer, authorization } = first;
  // A 401 from elsewhere, after a redirect, is never answered with this registry's credential.
  if (answer.status !== 401 || answer.url.origin !== authorization.origin) return first;
  const challenge = answer.headers.get("www-authenticate");
  const better = await reauthorize(client, purpose, authorization, challenge);
  return better === undefined ? first : await send(better);
}

/**
 * Tests a login: gets a token without scope if the registry wants one, and shows it, or name and
 * password, to the registry. A registry that lets everybody in proves nothing.
 *
 * @param client How servers are reached, and what is known of them.
 * @param registry Host, with its port if it has one.
 * @param credential The login.
 * @returns Whether it was accepted, or could not be tested.
 * @throws {RegistryError} `refused` if it was not accepted; else as {@linkcode authorize}.
 */
export async function verifyLogin(
  client: RegistryClient,
  registry: string,
  credential: Credential,
): Promise<LoginVerdict> {
  const purpose: Purpose = { target: { registry }, credential, actions: [] };
  const facts = factsOf(purpose);
  if (credentialKind(credential) === "anonymous") {
    const detail = "User name and password are both needed.";
    throw new RegistryError(diagnose("D-37", { ...facts, detail }));
  }
  const { origin, way } = await ping(client, registry);
  const untested = { verified: false, origin, diagnosis: diagnose("D-31", facts) };
  if (way === undefined) return untested;
  const reply = await ask(client, purpose, { method: "GET", path: "/v2/" });
  if (reply.answer.status !== 200) {
    throw new RegistryError(await loginRefusal(client, purpose, reply));
  }
  // Some token servers give a wrong password the same as nobody: a token for nobody.
  const { token } = reply.authorization;
  return token && readClaims(token.value)?.anonymous ? untested : { verified: true, origin };
}

/**
 * Why a registry refuses a credential, if that is not a question of rights on a repository.
 *
 * @param client What is known of the registry.
 * @param purpose What was to be done, by whom.
 * @param reply The refusal.
 * @returns The diagnosis, or `undefined` if it is a question of rights.
 */
export async function credentialFault(
  client: RegistryClient,
  purpose: Purpose,
  reply: Reply,
): Promise<Diagnosis | undefined> {
  const { answer, authorization } = reply;
  if (answer.status !== 401) return undefined;
  const facts = answerFacts(factsOf(purpose), answer);
  if (credentialKind(purpose.credential) === "registryToken") return diagnose("D-13", facts);
  if (authorization.header && authorization.way?.scheme === "basic") {
    return diagnose("D-14", facts);
  }
  const { token, way } = authorization;
  const isInvalid = /\binvalid_token\b/.test(answer.headers.get("www-authenticate") ?? "");
  if (!isInvalid || token === undefined || way?.scheme !== "bearer") return undefined;
  const { clockMinutes } = await ping(client, purpose.target.registry);
  return Math.abs(clockMinutes) > CLOCK_TOLERANCE
    ? diagnose("D-33", { ...facts, clockMinutes })
    : diagnose("D-38", { ...facts, realm: way.realm.host });
}

async function loginRefusal(
  client: RegistryClient,
  purpose: Purpose,
  reply: Reply,
): Promise<Diagnosis> {
  const facts = answerFacts(factsOf(purpose), reply.answer);
  const ids = { 401: "D-14", 403: "D-15" } as const;
  const id = facts.status === 401 || facts.status === 403 ? ids[facts.status] : "D-99";
  return await credentialFault(client, purpose, reply) ?? diagnose(id, facts);
}
