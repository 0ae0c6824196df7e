/**
 * What a bearer token says about itself, if it is a JWT. For display only: no signature is checked,
 * and on Docker Hub the claims promise more than the registry allows.
 *
 * @example A token that allows to pull
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { claimedActions, readClaims } from "./token_claims.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const access = [{ type: "repository", name: "team/app", actions: ["pull"] }];
 * const payload = btoa(JSON.stringify({ sub: "jane", access })).replace(/=+$/, "");
 * const claims = readClaims(new Secret(`e30.${payload}.c2ln`));
 * assertEquals(claims && claimedActions(claims, "reg.example", "team/app"), ["pull"]);
 * ```
 *
 * @module
 */

import type { Secret } from "./credential.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";

/** One entry of the `access` claim. */
export interface Access {
  /** Kind of thing, mostly `repository`. */
  readonly type: string;
  /** Repository, sometimes with the host in front. */
  readonly name: string;
  /** What may be done with it. */
  readonly actions: readonly string[];
}

/** What a token says. */
export interface Claims {
  /** The server does not know who asked. */
  readonly anonymous: boolean;
  /** What the token allows; absent if it does not say. */
  readonly access?: readonly Access[];
}

const MAX_PAYLOAD = 16 * 1024;

/**
 * Reads the claims of a token.
 *
 * @param token A bearer token.
 * @returns Its claims, or `undefined` if it is not a JWT or odd in any way.
 */
export function readClaims(token: Secret): Claims | undefined {
  const claims = readPayload(token.reveal());
  if (claims === undefined) return undefined;
  const { sub, access } = claims;
  const anonymous = sub === "" || sub === "(anonymous)"; // The latter is Quay's.
  if (access === undefined) return { anonymous };
  if (access === null) return { anonymous, access: [] };
  return Array.isArray(access) && access.every(isAccess) ? { anonymous, access } : undefined;
}

/**
 * What the claims allow to do with a repository.
 *
 * @param claims The claims.
 * @param host The registry.
 * @param repository The repository, without host.
 * @returns The actions, `*` as it is; `undefined` if the claims do not speak of rights at all.
 */
export function claimedActions(
  claims: Claims,
  host: string,
  repository: string,
): readonly string[] | undefined {
  return claims.access
    ?.filter(({ type, name }) =>
      type === "repository" && (name === repository || name === `${host}/${repository}`)
    )
    .flatMap(({ actions }) => actions);
}

/**
 * Reads the middle part of a JWT.
 *
 * @param token Any token.
 * @returns What it says of itself, or `undefined` if it is not a JWT.
 */
export function readPayload(token: string): JsonObject | undefined {
  const parts = token.split(".");
  const [, payload = ""] = parts;
  if (parts.length !== 3 || payload.length > MAX_PAYLOAD * 4 / 3) return undefined;
  return parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part)) ? parse(payload) : undefined;
}

/**
 * When a JWT stops working.
 *
 * @param token Any token.
 * @returns The time, or `undefined` if it is not a JWT or does not say.
 */
export function readExpiry(token: string): Date | undefined {
  const { exp } = readPayload(token) ?? {};
  const date = new Date(typeof exp === "number" ? exp * 1000 : NaN); // RFC 7519, section 4.1.4.
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function parse(payload: string): JsonObject | undefined {
  try {
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // Three words with dots between them are not yet a JWT.
  }
}

function isAccess(value: unknown): value is Access {
  return isJsonObject(value) && typeof value.type === "string" && typeof value.name === "string" &&
    Array.isArray(value.actions) && value.actions.every((action) => typeof action === "string");
}
