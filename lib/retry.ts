/**
 * Whether and when a request is sent once more.
 *
 * @example A server that asks for two seconds
 * ```ts
 * import { retryDelay } from "./retry.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const now = new Date();
 * const answer = { status: 429, retryAfter: "2" };
 * assertEquals(retryDelay({ method: "GET", retries: 0, now }, answer), 2000);
 * assertEquals(retryDelay({ method: "GET", retries: 3, now }, answer), undefined);
 * ```
 *
 * @module
 */

/** What was tried so far. */
export interface Attempt {
  /** Method of the request. */
  readonly method: string;
  /** How often it was repeated already. */
  readonly retries: number;
  /** The time now. */
  readonly now: Date;
}

/** How it ended: an answer, or a connection that broke before the first byte of one. */
export type Outcome =
  | { readonly status: number; readonly retryAfter?: string | undefined }
  | "reset";

const RETRIED_STATUSES: readonly number[] = [408, 429, 499, 500, 502, 503, 504, 522];
/** The statuses with which `Retry-After` means a wait (RFC 9110 section 10.2.3, RFC 6585). */
const WAIT_STATUSES: readonly number[] = [429, 503];
const DELAYS: readonly number[] = [500, 1500, 4000];
const LONGEST_WAIT = 30_000;

/**
 * Whether and when to repeat a request. GET and HEAD are sent four times at most, POST twice, and
 * only if the server cannot have acted or asks for it; all else once. A server that wants more than
 * 30 s is taken at its word: not now.
 *
 * @param attempt What was tried so far.
 * @param outcome How it ended.
 * @returns Milliseconds to wait, or `undefined` if it is not to be repeated.
 */
export function retryDelay(attempt: Attempt, outcome: Outcome): number | undefined {
  const { method, retries, now } = attempt;
  const repeatable = method === "GET" || method === "HEAD";
  const delay = DELAYS[retries];
  const most = repeatable ? DELAYS.length : method === "POST" ? 1 : 0;
  if (delay === undefined || retries >= most) return undefined;
  const jittered = delay * (0.9 + Math.random() * 0.2);
  if (outcome === "reset") return jittered;
  if (!RETRIED_STATUSES.includes(outcome.status)) return undefined;
  const wait = WAIT_STATUSES.includes(outcome.status)
    ? retryAfter(outcome.retryAfter, now)
    : undefined;
  if (wait !== undefined) return wait <= LONGEST_WAIT ? wait : undefined;
  return repeatable ? jittered : undefined;
}

/**
 * Reads `Retry-After`: seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param value The header.
 * @param now The time now.
 * @returns Milliseconds, or `undefined` if it is missing, unreadable or in the past.
 */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) {
    return undefined;
  }
  const wait = Date.parse(value) - now.getTime();
  return wait >= 0 ? wait : undefined;
}
