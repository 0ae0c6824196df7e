/**
 * What an identity source of a cloud gives: a token, and what is known of it before it is fetched.
 *
 * @module
 */

import type { Secret } from "../credential.ts";

/** A token with which a cloud knows its user. */
export interface AccessToken {
  /** The token. */
  readonly value: Secret;
  /** When it stops working; absent if nobody says, so that it is used once. */
  readonly expiresAt?: Date;
}

/** An identity that was found, before it is asked for a token. */
export interface Identity {
  /** Who it is and where it was found, such as `service account a@b of /path`. Never a secret. */
  readonly name: string;
  /** What tells it from all others, to remember its tokens by. May hold secrets: it is hashed. */
  readonly key: readonly string[];
  /** Seconds that a remembered token must have left. @default {300} */
  readonly margin?: number;
  /** Whether only one process at a time may ask, because what it asks cannot bear more. */
  readonly exclusive?: boolean;

  /**
   * Fetches a token.
   *
   * @returns The token, or `undefined` if there is no such identity here after all.
   * @throws {RegauthError} If the identity is configured, and broken or refused.
   */
  token(): Promise<AccessToken | undefined>;
}

/**
 * When a token expires that lives for some seconds.
 *
 * @param seconds A number or, as some servers write it, a text of digits.
 * @param sentAt When the token was asked for.
 * @returns The time, or `undefined` if the seconds are missing, 0 or unreadable.
 */
export function expiryOf(seconds: unknown, sentAt: Date): Date | undefined {
  const number = typeof seconds === "string" && /^\d{1,9}$/.test(seconds)
    ? Number(seconds)
    : seconds;
  return typeof number === "number" && number > 0 && Number.isFinite(number)
    ? new Date(sentAt.getTime() + number * 1000)
    : undefined;
}
