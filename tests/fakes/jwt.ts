/**
 * Reads and verifies the JWTs that fakes of clouds are sent.
 *
 * @module
 */

import { isJsonObject, type JsonObject } from "../../lib/json_object.ts";

/** The parts of a JWT. */
export interface ParsedJwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** What was signed. */
  readonly text: Uint8Array<ArrayBuffer>;
}

/**
 * Takes a JWT apart.
 *
 * @param jwt Any text.
 * @returns Its parts, or `undefined` if it is none.
 */
export function parseJwt(jwt: string): ParsedJwt | undefined {
  const [header = "", claims = "", signature = "", ...rest] = jwt.split(".");
  if (rest.length > 0 || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(jwt)) return undefined;
  try {
    const [one, other] = [header, claims].map((part): unknown =>
      JSON.parse(new TextDecoder().decode(fromBase64Url(part)))
    );
    if (!isJsonObject(one) || !isJsonObject(other)) return undefined;
    return {
      header: one,
      claims: other,
      signature: fromBase64Url(signature),
      text: new TextEncoder().encode(`${header}.${claims}`),
    };
  } catch {
    return undefined;
  }
}

/**
 * Whether a JWT was signed with the key of a public one.
 *
 * @param jwt The parts.
 * @param spki The public key.
 * @param algorithm How it must be signed.
 * @returns Whether it was.
 */
export async function isSigned(
  jwt: ParsedJwt,
  spki: Uint8Array<ArrayBuffer>,
  algorithm: "RS256" | "PS256",
): Promise<boolean> {
  if (jwt.header.alg !== algorithm) return false;
  const name = algorithm === "RS256" ? "RSASSA-PKCS1-v1_5" : "RSA-PSS";
  const key = await crypto.subtle.importKey("spki", spki, { name, hash: "SHA-256" }, false, [
    "verify",
  ]);
  return await crypto.subtle.verify({ name, saltLength: 32 }, key, jwt.signature, jwt.text);
}

/**
 * The bytes between the lines of a PEM block.
 *
 * @param pem The block.
 * @returns Its bytes.
 */
export function pemBytes(pem: string): Uint8Array<ArrayBuffer> {
  return fromBase64(pem.replace(/-----[^-]+-----/g, "").replace(/\s+/g, ""));
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
