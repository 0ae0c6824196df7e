/**
 * When a token of Azure ends. Its services say it in at least six ways.
 *
 * @example
 * ```ts
 * import { azureExpiry } from "./token_expiry.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sentAt = new Date("2026-01-01T00:00:00Z");
 * const end = new Date("2026-01-01T15:04:05Z");
 * assertEquals(azureExpiry({ expires_on: "1767279845" }, sentAt), end);
 * assertEquals(azureExpiry({ expires_on: "1/1/2026 3:04:05 PM +00:00" }, sentAt), end);
 * assertEquals(azureExpiry({}, sentAt), undefined);
 * ```
 *
 * @module
 */

import type { JsonObject } from "../../json_object.ts";
import { expiryOf } from "../access_token.ts";

/**
 * Reads the end of a token: `expires_on` in seconds since 1970, else `expires_in` from the time of
 * the request, else `expires_on` as a date.
 *
 * @param answer The answer that holds the token.
 * @param sentAt When the token was asked for.
 * @returns The time, or `undefined` if it cannot be told.
 */
export function azureExpiry(answer: JsonObject, sentAt: Date): Date | undefined {
  const { expires_on: on, expires_in: within } = answer;
  const text = typeof on === "string" || typeof on === "number" ? String(on).trim() : "";
  if (/^\d{9,11}(?:\.\d+)?$/.test(text)) return new Date(Math.floor(Number(text)) * 1000);
  return expiryOf(within, sentAt) ?? dateIn(text);
}

/** `01/02/2006 15:04:05`, with or without AM, PM and offset; `2006-01-02 15:04:05`; RFC 3339. */
function dateIn(text: string): Date | undefined {
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: ([AP])M)?/.exec(text)
    ?.slice(1);
  if (parts) {
    const [month, day, year, hour, minute, second] = parts.map(Number);
    const [half] = parts.slice(6);
    const hours = half === undefined ? hour ?? 0 : (hour ?? 0) % 12 + (half === "P" ? 12 : 0);
    return valid(Date.UTC(year ?? 0, (month ?? 0) - 1, day, hours, minute, second));
  }
  const iso = text.replace(" ", "T");
  return valid(Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`));
}

function valid(time: number): Date | undefined {
  return Number.isNaN(time) ? undefined : new Date(time);
}
