/**
 * Asking a token server for a bearer token: building the request and reading the answer
 * (distribution `docs/content/spec/auth/{token,oauth}.md`). Nothing is sent here.
 *
 * @example What is asked, and what an answer says
 * ```ts
 * import { readToken, tokenRequest } from "./token.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { url } = tokenRequest({
 *   realm: new URL("https://auth.example/token"),
 *   service: "registry.example",
 *   scopes: ["repository:team/app:pull"],
 * });
 * assertEquals(url.searchParams.get("scope"), "repository:team/app:pull");
 *
 * const { token } = readToken('{"token":"T","expires_in":300}', new Date("2026-01-01"));
 * assertEquals(token?.expiresAt, new Date("2026-01-01T00:04:55Z"));
 * ```
 *
 * @module
 */

import { basicAuthorization, type Credential, credentialKind, Secret } from "./credential.ts";
import { RegauthError } from "./errors.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";

/** What a token is asked for, and with what. */
export interface TokenQuestion {
  /** The token server's URL; its own query is kept. */
  readonly realm: URL;
  /** Name of the registry, from the challenge. */
  readonly service?: string;
  /** What the token should allow; none asks for a proof of identity only. */
  readonly scopes: readonly string[];
  /** An identity token, or name and password; none asks anonymously. */
  readonly credential?: Credential;
}

/** A request to a token server. */
export interface TokenRequest {
  /** Method. */
  readonly method: "GET" | "POST";
  /** Where to. */
  readonly url: URL;
  /** Value of the `Authorization` header. */
  readonly authorization?: Secret;
  /** Form of the OAuth2 flow. */
  readonly body?: Secret;
}

/** A bearer token, or why an answer holds none. */
export type TokenReading =
  | { readonly token: Token; readonly fault?: undefined }
  | { readonly token?: undefined; readonly fault: string };

/** A bearer token. */
export interface Token {
  /** What is sent after `Bearer`. */
  readonly value: Secret;
  /** When to stop using it; a few seconds before the server does. */
  readonly expiresAt: Date;
  /** A new identity token, in place of the one that was sent. */
  readonly identityToken?: Secret;
}

const CLIENT_ID = "regauth";
const MAX_TOKEN = 16_384;
const MAX_SCOPES = 8192;
const SHORTEST = 60;
const LONGEST = 86_400;
const MARGIN = 5;

/**
 * Builds the request: GET with Basic authorization for name and password, an OAuth2 form for an
 * identity token, GET without authorization for anybody else.
 *
 * @param question What is asked for, and with what.
 * @returns The request.
 * @throws {RegauthError} `network` if the scopes are longer than 8 KiB.
 */
export function tokenRequest(question: TokenQuestion): TokenRequest {
  const { realm, service, scopes, credential } = question;
  const joined = scopes.join(" ");
  if (joined.length > MAX_SCOPES) {
    throw new RegauthError("network", `Cannot ask ${realm.host} for a token: too many scopes`, {
      subject: realm.host,
    });
  }
  if (credential?.identityToken && credentialKind(credential) === "identityToken") {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: credential.identityToken.reveal(),
      ...(service ? { service } : {}),
      client_id: CLIENT_ID,
      ...(joined === "" ? {} : { scope: joined }),
    });
    return { method: "POST", url: realm, body: new Secret(form.toString()) };
  }
  const url = new URL(realm);
  if (service) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const authorization = credential && basicAuthorization(credential);
  if (credential?.username && authorization) {
    url.searchParams.set("account", credential.username);
  }
  url.searchParams.set("client_id", CLIENT_ID);
  return {
    method: "GET",
    url,
    ...(authorization ? { authorization: new Secret(authorization) } : {}),
  };
}

/**
 * Reads the answer of a token server, which has status 200.
 *
 * @param body The whole body.
 * @param arrival When it came.
 * @returns The token, or what is wrong with the answer.
 */
export function readToken(body: string, arrival: Date): TokenReading {
  const answer = parse(body);
  if (answer === undefined) {
    return { fault: /^\s*</.test(body) ? "a login page came instead" : "it is not a JSON object" };
  }
  const { access_token, token, expires_in, issued_at, refresh_token } = answer;
  const text = [access_token, token].find(isText);
  if (text === undefined) return { fault: "it has no token" };
  if (text.length > MAX_TOKEN || !/^[\x21-\x7e]+$/.test(text)) {
    return { fault: "the token is too long or has illegal characters" };
  }
  return {
    token: {
      value: new Secret(text),
      expiresAt: expiry(expires_in, issued_at, arrival),
      ...(isText(refresh_token) ? { identityToken: new Secret(refresh_token) } : {}),
    },
  };
}

function parse(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // The caller says what it is instead.
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Servers send numbers, texts and nonsense; nonsense counts as the shortest time. */
function expiry(expiresIn: unknown, issuedAt: unknown, arrival: Date): Date {
  const stated = typeof expiresIn === "string" && /^\d+$/.test(expiresIn)
    ? Number(expiresIn)
    : expiresIn;
  const seconds = typeof stated === "number" ? Math.trunc(stated) : 0;
  const life = Math.min(Math.max(seconds, SHORTEST), LONGEST) * 1000;
  const issued = typeof issuedAt === "string" &&
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(issuedAt)
    ? Date.parse(issuedAt)
    : NaN;
  const now = arrival.getTime();
  const end = issued + life - MARGIN * 1000;
  return new Date(issued <= now && end > now ? end : now + life - MARGIN * 1000);
}
