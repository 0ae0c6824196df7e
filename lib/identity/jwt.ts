/**
 * Signed JSON Web Tokens (RFC 7519), with which a client proves to a token endpoint that it has a
 * private key.
 *
 * @example Sign, then read what was signed
 * ```ts
 * import { signJwt } from "./jwt.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { privateKey } = await crypto.subtle.generateKey(
 *   {
 *     name: "RSASSA-PKCS1-v1_5",
 *     hash: "SHA-256",
 *     modulusLength: 2048,
 *     publicExponent: Uint8Array.of(1, 0, 1),
 *   },
 *   true,
 *   ["sign", "verify"],
 * );
 * const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
 * const base64 = btoa(String.fromCharCode(...der));
 * const key = `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
 *
 * const jwt = await signJwt({
 *   header: { alg: "RS256", typ: "JWT" },
 *   claims: { iss: "me@project.iam.gserviceaccount.com", iat: 0, exp: 3600 },
 *   key,
 * });
 * assertEquals(atob(jwt.split(".")[0] ?? ""), '{"alg":"RS256","typ":"JWT"}');
 * ```
 *
 * @module
 */

import type { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import { importRsaKey, type JwtAlgorithm } from "./rsa_key.ts";

/** The header of a JWT; members are written in their order. */
export interface JwtHeader {
  /** How it is signed. */
  readonly alg: JwtAlgorithm;
  /** Such as `JWT`. */
  readonly typ?: string;
  /** Which of the account's keys signs. */
  readonly kid?: string;
  /** Any other member. */
  readonly [name: string]: unknown;
}

/** The claims of a JWT; members are written in their order, those that are `undefined` are left out. */
export interface JwtClaims {
  /** Who signs. */
  readonly iss?: string | undefined;
  /** For whom. */
  readonly aud?: string | undefined;
  /** Seconds since 1970 until which it counts. */
  readonly exp?: number;
  /** Seconds since 1970 at which it was signed. */
  readonly iat?: number;
  /** On whose behalf. */
  readonly sub?: string | undefined;
  /** Any other claim. */
  readonly [name: string]: unknown;
}

/** What is signed, and with what. */
export interface JwtOptions {
  /** The header. */
  readonly header: JwtHeader;
  /** The claims. */
  readonly claims: JwtClaims;
  /** The private RSA key: PKCS#8 or PKCS#1 in PEM. */
  readonly key: Secret | string;
}

/** No token endpoint accepts a longer life. */
const MAX_LIFETIME = 3600;
/** RFC 7518 section 3.5: as long as the hash. RS256 has none. */
const SALT_LENGTH = 32;

/**
 * Signs a JWT. JSON is written without white space and without escaping what need not be escaped.
 *
 * @param options Header, claims and key.
 * @returns The three parts in their compact form (RFC 7515 section 7.1). With most claims it is a
 * secret.
 * @throws {RegauthError} `jwt-exp-before-iat`, `jwt-lifetime-too-long`, or `key-…` if the key cannot
 * be used.
 */
export async function signJwt(options: JwtOptions): Promise<string> {
  const { header, claims, key } = options;
  checkLifetime(claims);
  const text = `${base64Url(utf8(JSON.stringify(header)))}.${
    base64Url(utf8(JSON.stringify(claims)))
  }`;
  const signer = await importRsaKey(key, header.alg);
  const algorithm = { name: signer.algorithm.name, saltLength: SALT_LENGTH };
  const signature = await crypto.subtle.sign(algorithm, signer, utf8(text));
  return `${text}.${base64Url(new Uint8Array(signature))}`;
}

/**
 * Base64 for URLs, without padding (RFC 4648 section 5).
 *
 * @param bytes Any bytes.
 * @returns Letters, digits, `-` and `_`.
 */
export function base64Url(bytes: Uint8Array): string {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function checkLifetime({ iat, exp }: JwtClaims): void {
  if (iat === undefined || exp === undefined) return;
  if (exp < iat) {
    throw new RegauthError("jwt-exp-before-iat", "Cannot sign a JWT: it ends before it begins", {
      hint: "Check the clock of this computer.",
    });
  }
  if (exp - iat > MAX_LIFETIME) {
    throw new RegauthError(
      "jwt-lifetime-too-long",
      `Cannot sign a JWT: ${exp - iat} s is longer than an hour`,
      { hint: "Choose a life of at most 3600 s." },
    );
  }
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
