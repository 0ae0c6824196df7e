/**
 * Proofs that a token request comes from whoever has the key (DPoP, RFC 9449), with keys as the
 * command line of AWS keeps them.
 *
 * @example
 * ```ts
 * import { dpopProof } from "./dpop.ts";
 * import { Secret } from "../../credential.ts";
 * import { RegauthError } from "../../errors.ts";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const url = new URL("https://eu-west-1.signin.aws.amazon.com/v1/token");
 * const error = await assertRejects(() => dpopProof(new Secret("no key"), url, new Date()), RegauthError);
 * assertEquals(error.code, "config-type");
 * ```
 *
 * @module
 */

import type { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Version, and the AlgorithmIdentifier of an EC key on P-256 (RFC 5208 section 5, RFC 5480). */
const PKCS8_START = [0x02, 0x01, 0x00, 0x30, 0x13].concat(
  [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
  [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
);

/**
 * Makes the proof for one request.
 *
 * @param pem An EC key on P-256, as PEM text of SEC 1 or PKCS#8.
 * @param url Where the request goes, by POST.
 * @param now The time now.
 * @returns Value of the header `DPoP`.
 * @throws {RegauthError} `config-type` if it is no such key.
 */
export async function dpopProof(pem: Secret, url: URL, now: Date): Promise<string> {
  const { key, jwk } = await readKey(pem);
  const header = { alg: "ES256", typ: "dpop+jwt", jwk };
  const claims = {
    jti: crypto.randomUUID(),
    htm: "POST",
    htu: url.href,
    iat: Math.floor(now.getTime() / 1000),
  };
  const text = [header, claims].map((part) => base64Url(JSON.stringify(part))).join(".");
  const signature = await crypto.subtle.sign(EC, key, new TextEncoder().encode(text));
  return `${text}.${base64Url(String.fromCharCode(...new Uint8Array(signature)))}`;
}

/** The key, and its public half. */
async function readKey(
  pem: Secret,
): Promise<{ readonly key: CryptoKey; readonly jwk: Readonly<Record<string, unknown>> }> {
  const [, label = "", body = ""] =
    /-----BEGIN ((?:EC )?PRIVATE KEY)-----([^-]+)-----END \1-----/.exec(pem.reveal()) ?? [];
  try {
    const der = Array.from(atob(body), (character) => character.charCodeAt(0));
    const pkcs8 = label === "PRIVATE KEY"
      ? der
      : element(0x30, [...PKCS8_START, ...element(0x04, der)]);
    // Extractable, because its public half goes into the proof.
    const bytes = Uint8Array.from(pkcs8);
    const key = await crypto.subtle.importKey("pkcs8", bytes, EC, true, ["sign"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key);
    return { key, jwk: { kty, crv, x, y } };
  } catch (cause) {
    throw new RegauthError(
      "config-type",
      "Cannot use the key of the log-in: it is no key on P-256",
      {
        subject: "dpopKey",
        hint: "Log in again: aws login.",
        cause,
      },
    );
  }
}

/** One DER value of fewer than 65 536 bytes. */
function element(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return [tag, ...size, ...content];
}

/** The text is ASCII, or one character for each byte. */
function base64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
