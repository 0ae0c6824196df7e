/**
 * When a secret stops working, if its text says so. For display only: nothing of it is checked.
 *
 * @example A JWT
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { secretExpiry } from "./secret_expiry.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const payload = btoa('{"exp":1767225600}').replace(/=+$/, "");
 * const secret = new Secret(`e30.${payload}.c2ln`);
 * assertEquals(secretExpiry(secret)?.toISOString(), "2026-01-01T00:00:00.000Z");
 * assertEquals(secretExpiry(new Secret("hunter2")), undefined);
 * ```
 *
 * @module
 */

import type { Secret } from "./credential.ts";
import { isJsonObject } from "./json_object.ts";
import { readExpiry } from "./token_claims.ts";

/**
 * Reads the expiry of a secret: that of a JWT, or of a password of Amazon ECR, which is the base64 of
 * a JSON object with a field `expiration`.
 *
 * @param secret Password or token.
 * @returns The time, or `undefined` if the text does not say.
 */
export function secretExpiry(secret: Secret): Date | undefined {
  const text = secret.reveal();
  return readExpiry(text) ?? ecrExpiry(text);
}

function ecrExpiry(text: string): Date | undefined {
  // The beginning of {"payload":
  if (!text.startsWith("eyJwYXlsb2FkIjoi")) return undefined;
  try {
    const value: unknown = JSON.parse(atob(text));
    const seconds = isJsonObject(value) ? value.expiration : undefined;
    const date = new Date(typeof seconds === "number" ? seconds * 1000 : NaN);
    return Number.isNaN(date.getTime()) ? undefined : date;
  } catch {
    return undefined;
  }
}
