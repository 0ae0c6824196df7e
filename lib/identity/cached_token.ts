/**
 * Remembers tokens for as long as they are good, by whose they are. For half a minute it remembers
 * that a cloud refused somebody, because clouds lock out whoever repeats a wrong secret; and for a
 * minute that there is no such identity, because Docker asks a helper once for every host that is set
 * up.
 *
 * @example One request for two callers
 * ```ts
 * import { tokenKeeper } from "./cached_token.ts";
 * import { processMemory } from "./memory.ts";
 * import { Secret } from "../credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const now = () => new Date(0);
 * const keeper = tokenKeeper(processMemory(now), now);
 * let requests = 0;
 * const me = {
 *   name: "me",
 *   key: ["me"],
 *   token: () => Promise.resolve({ value: new Secret(`T${++requests}`), expiresAt: new Date(3.6e6) }),
 * };
 * await Promise.all([keeper.get(me, []), keeper.get(me, [])]);
 * await keeper.get(me, []);
 * assertEquals(requests, 1);
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { type ErrorCode, RegauthError, type RegauthErrorOptions } from "../errors.ts";
import type { Trace } from "../io.ts";
import type { AccessToken, Identity } from "./access_token.ts";
import type { Memory } from "./memory.ts";

/** Keeps the tokens of identities. */
export interface TokenKeeper {
  /**
   * The token of an identity: a remembered one, or a fresh one.
   *
   * @param identity Whose token.
   * @param purpose What else tells the token from others, such as its scopes.
   * @param trace Hears what is remembered.
   * @returns The token, or `undefined` if there is no such identity here after all.
   * @throws {RegauthError} As {@linkcode Identity.token}.
   */
  get(
    identity: Identity,
    purpose: readonly string[],
    trace?: Trace,
  ): Promise<AccessToken | undefined>;
}

/** Seconds that a remembered token must have left, unless the identity says otherwise. */
const MARGIN = 300;
const FAILURE_TIME = 30_000;
const ABSENCE_TIME = 60_000;

/** Answers that will be the same in half a minute; a network that fails may be back at once. */
const LASTING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "refused",
  "google-invalid-grant",
  "google-reauth-needed",
  "google-invalid-client",
  "google-unauthorized-client",
  "azure-bad-secret",
  "azure-secret-expired",
  "azure-app-not-found",
  "azure-bad-tenant",
  "azure-cert-rejected",
]);

/**
 * Keeps tokens in a memory.
 *
 * @param memory The memory.
 * @param now Tells the time.
 * @returns The keeper.
 */
export function tokenKeeper(memory: Memory, now: () => Date): TokenKeeper {
  const pending = new Map<string, Promise<AccessToken | undefined>>();

  /** What is known: a token, `null` for "there is no such identity", or nothing. */
  async function recall(
    key: string,
    { name, margin = MARGIN }: Identity,
    trace?: Trace,
  ): Promise<AccessToken | null | undefined> {
    const known = await memory.get(key);
    if (known === undefined) return undefined;
    if (known.value === ABSENT) {
      trace?.(`${name}: there was none less than a minute ago`);
      return null;
    }
    const failure = failureIn(known.value);
    if (failure) throw failure;
    const left = known.expiresAt.getTime() - now().getTime();
    return left > margin * 1000
      ? { value: new Secret(known.value), expiresAt: known.expiresAt }
      : undefined;
  }

  async function fetchToken(
    key: string,
    { margin = MARGIN, token }: Identity,
  ): Promise<AccessToken | undefined> {
    const after = (milliseconds: number): Date => new Date(now().getTime() + milliseconds);
    try {
      const fresh = await token();
      if (fresh === undefined) {
        await memory.put(key, ABSENT, after(ABSENCE_TIME));
      } else if (fresh.expiresAt && fresh.expiresAt > after(margin * 1000)) {
        await memory.put(key, fresh.value.reveal(), fresh.expiresAt);
      }
      return fresh;
    } catch (error) {
      if (error instanceof RegauthError && LASTING.has(error.code)) {
        await memory.put(key, failureText(error), after(FAILURE_TIME));
      }
      throw error;
    }
  }

  async function find(
    key: string,
    identity: Identity,
    trace?: Trace,
  ): Promise<AccessToken | undefined> {
    const known = await recall(key, identity, trace);
    if (known !== undefined) return known ?? undefined;
    if (!identity.exclusive || !memory.exclusively) return await fetchToken(key, identity);
    return await memory.exclusively(identity.key[0] ?? "", async () => {
      // Whoever had the lock before may have fetched it.
      const found = await recall(key, identity, trace);
      return found === undefined ? await fetchToken(key, identity) : found ?? undefined;
    });
  }

  return {
    async get(identity, purpose, trace): Promise<AccessToken | undefined> {
      const key = await digest([...identity.key, "", ...purpose]);
      const request = pending.get(key) ??
        find(key, identity, trace).finally(() => pending.delete(key));
      pending.set(key, request);
      return await request;
    },
  };
}

/**
 * A key that gives nothing away of what it is made of.
 *
 * @param parts Texts; may be secrets.
 * @returns Hex digits.
 */
export async function digest(parts: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** No token looks like these. */
const ABSENT = "nobody is there";
const FAILURE = "failed: ";

type Failure = Pick<RegauthError, "code" | "message"> & RegauthErrorOptions;

function failureText({ code, message, subject, hint }: RegauthError): string {
  return FAILURE + JSON.stringify({ code, message, subject, hint });
}

function failureIn(text: string): RegauthError | undefined {
  if (!text.startsWith(FAILURE)) return undefined;
  const { code, ...known }: Failure = JSON.parse(text.slice(FAILURE.length));
  return new RegauthError(code, `${known.message} (asked less than a minute ago)`, known);
}
