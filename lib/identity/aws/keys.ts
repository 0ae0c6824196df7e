/**
 * Keys of AWS, and whoever can give them.
 *
 * @example
 * ```ts
 * import { areFresh, shownKeyId } from "./keys.ts";
 * import { Secret } from "../../credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const keys = {
 *   accessKeyId: "ASIAEXAMPLE000000001",
 *   secretAccessKey: new Secret("s3cret"),
 *   expiresAt: new Date("2026-01-01T12:00:00Z"),
 * };
 * assertEquals(shownKeyId(keys.accessKeyId), "ASIA…0001");
 * assertEquals(areFresh(keys, new Date("2026-01-01T11:54:00Z")), true);
 * assertEquals(areFresh(keys, new Date("2026-01-01T11:56:00Z")), false);
 * ```
 *
 * @module
 */

import type { Secret } from "../../credential.ts";

/** A key, as it signs requests. */
export interface AwsKeys {
  /** Its name. */
  readonly accessKeyId: string;
  /** The key itself. */
  readonly secretAccessKey: Secret;
  /** The third part of a temporary key. */
  readonly sessionToken?: Secret;
  /** When it stops working, if anybody says. */
  readonly expiresAt?: Date;
}

/** Somebody who has keys, found but not yet asked. */
export interface AwsIdentity {
  /** Where the keys come from, to follow "from": `the environment`, `profile "p" (SSO)`. */
  readonly source: string;
  /** What tells it from all others, without asking for keys. Not secret. */
  readonly id: readonly string[];
  /** What to do when its keys have expired, as a sentence. */
  readonly renewal: string;

  /**
   * Gives the keys.
   *
   * @param renewed Whether those that were given before do not work any more.
   * @returns The keys.
   * @throws {RegauthError} If they cannot be had.
   */
  keys(renewed?: boolean): Promise<AwsKeys>;
}

/** Keys are not used in their last five minutes: a request takes its time, and clocks differ. */
const MARGIN = 300_000;

/**
 * Whether keys can still be used.
 *
 * @param keys The keys.
 * @param now The time now.
 * @returns Whether they have more than five minutes left, or no end.
 */
export function areFresh({ expiresAt }: AwsKeys, now: Date): boolean {
  return expiresAt === undefined || expiresAt.getTime() - now.getTime() > MARGIN;
}

/** What is worth knowing for as long as the program runs. */
export interface AwsNotes {
  /** Milliseconds by which the clock of AWS is ahead, as far as it is known. */
  ahead: number;
  /** Role of the EC2 instance, once somebody has looked; `undefined` if there is none. */
  role?: Promise<string | undefined>;
  /** What the metadata service of the instance wants to see. */
  metadataToken?: string;
  /** What the user was told. */
  readonly warnings: Set<string>;
  /** Keys by whose they are, and those that are on their way. */
  readonly keys: Map<string, { known?: AwsKeys; pending?: Promise<AwsKeys> | undefined }>;
}

/**
 * Notes without anything in them yet.
 *
 * @returns The notes.
 */
export function awsNotes(): AwsNotes {
  return { ahead: 0, warnings: new Set(), keys: new Map() };
}

/**
 * Asks for keys once at a time, and again only when they are about to expire.
 *
 * @param notes What is known already.
 * @param id Whose keys, as {@linkcode AwsIdentity.id}.
 * @param now Tells the time.
 * @param fetchKeys Gets new ones.
 * @returns {@linkcode AwsIdentity.keys} over it.
 */
export function rememberKeys(
  notes: AwsNotes,
  id: readonly string[],
  now: () => Date,
  fetchKeys: () => Promise<AwsKeys>,
): AwsIdentity["keys"] {
  const key = JSON.stringify(id);
  const entry = notes.keys.get(key) ?? {};
  notes.keys.set(key, entry);
  return async (renewed = false) => {
    if (entry.known && !renewed && areFresh(entry.known, now())) return entry.known;
    entry.pending ??= fetchKeys().finally(() => entry.pending = undefined);
    return entry.known = await entry.pending;
  };
}

/**
 * The name of a key as it may be shown.
 *
 * @param accessKeyId The name.
 * @returns Its first and last four characters.
 */
export function shownKeyId(accessKeyId: string): string {
  return accessKeyId.length > 12
    ? `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`
    : `${accessKeyId.slice(0, 4)}…`;
}
