/**
 * Keeps tokens in memory for as long as they are good, and lets callers who want the same one wait
 * for a single request.
 *
 * @example Two callers, one request
 * ```ts
 * import { tokenCache } from "./token_cache.ts";
 * import { Secret } from "./credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cache = tokenCache(() => new Date());
 * let requests = 0;
 * const fetchToken = () => {
 *   requests++;
 *   return Promise.resolve({ value: new Secret("T"), expiresAt: new Date(Date.now() + 60_000) });
 * };
 * await Promise.all([cache.get("key", fetchToken), cache.get("key", fetchToken)]);
 * assertEquals(requests, 1);
 * ```
 *
 * @module
 */

import { type Credential, credentialKind } from "./credential.ts";
import { normalScopes } from "./scope.ts";
import type { Token, TokenQuestion } from "./token.ts";

/** A token, and whether it was there already. */
export interface CachedToken {
  /** The token. */
  readonly token: Token;
  /** It comes from an earlier request, so that a refusal may only mean that it is old. */
  readonly cached: boolean;
}

/** Tokens by key. */
export interface TokenCache {
  /**
   * Gives the token of a key, or fetches it. Callers who come meanwhile share the request; a failed
   * one is not remembered.
   *
   * @param key From {@linkcode tokenKey}.
   * @param fetchToken How to get it.
   * @returns The token.
   */
  get(key: string, fetchToken: () => Promise<Token>): Promise<CachedToken>;

  /**
   * Forgets a token that was refused; a newer one for the same key stays.
   *
   * @param token The refused one.
   */
  drop(token: Token): void;
}

const MAX_ENTRIES = 256;

/**
 * An empty cache.
 *
 * @param now Tells the time.
 * @returns The cache.
 */
export function tokenCache(now: () => Date): TokenCache {
  const tokens = new Map<string, Token>();
  const pending = new Map<string, Promise<Token>>();

  function keep(key: string, token: Token): void {
    tokens.delete(key);
    tokens.set(key, token);
    const [oldest] = tokens.keys();
    if (tokens.size > MAX_ENTRIES && oldest !== undefined) tokens.delete(oldest);
  }

  return {
    async get(key, fetchToken): Promise<CachedToken> {
      const known = tokens.get(key);
      if (known && known.expiresAt > now()) return { token: known, cached: true };
      let request = pending.get(key);
      if (request === undefined) {
        request = fetchToken()
          .then((token) => (keep(key, token), token))
          .finally(() => pending.delete(key));
        pending.set(key, request);
      }
      return { token: await request, cached: false };
    },
    drop(token): void {
      for (const [key, known] of tokens) if (known === token) tokens.delete(key);
    },
  };
}

/**
 * The key of a token: a hash over everything that makes it differ, so that no secret is kept in it
 * and one user's token never serves another.
 *
 * @param origin The registry's.
 * @param question What is asked for, and with what.
 * @returns Hex digits.
 */
export async function tokenKey(origin: string, question: TokenQuestion): Promise<string> {
  const { realm, service = "", scopes, credential } = question;
  return await hash([origin, realm.href, service, ...normalScopes(scopes)], credential);
}

/**
 * The key of a credential at a token server.
 *
 * @param realm The token server.
 * @param credential The credential.
 * @returns Hex digits.
 */
export async function loginKey(realm: URL, credential: Credential): Promise<string> {
  return await hash([realm.href], credential);
}

async function hash(parts: readonly string[], credential: Credential | undefined): Promise<string> {
  const { username = "", password, identityToken } = credential ?? {};
  const secrets = [password, identityToken].map((secret) => [...secret?.bytes() ?? []]);
  const text = JSON.stringify([parts, credentialKind(credential), username, secrets]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
