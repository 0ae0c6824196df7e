/**
 * RSA private keys as clouds hand them out, ready for Web Crypto. The texts arrive damaged in the
 * ways of environment variables and web forms; what can be repaired without guessing is.
 *
 * @example A key without its lines
 * ```ts
 * import { importRsaKey } from "./rsa_key.ts";
 * import { RegauthError } from "../errors.ts";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(() => importRsaKey("MIIEvAIBADAN", "RS256"), RegauthError);
 * assertEquals(error.code, "key-not-pem");
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { derChildren, derOid, readDer } from "../der.ts";
import { type JwtErrorCode, RegauthError } from "../errors.ts";

/** How a JWT is signed (RFC 7518 section 3.1). */
export type JwtAlgorithm = "RS256" | "PS256";

const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
} as const;

const RSA_OID = "1.2.840.113549.1.1.1";
/** Version 0, and the AlgorithmIdentifier of rsaEncryption (RFC 8017 appendix A.1). */
const PKCS8_START = [0x02, 0x01, 0, 0x30, 0x0d, 0x06, 0x09].concat(
  [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
);

/**
 * Makes a key of a PEM text: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), with `\n` written
 * out or lines lost.
 *
 * @param pem The text.
 * @param algorithm What it is to sign with.
 * @returns A key that signs, and cannot be taken out again.
 * @throws {RegauthError} `key-missing`, `key-not-pem`, `key-encrypted`, `key-not-private`,
 * `key-not-rsa` or `key-malformed`; never with a part of the text.
 */
export async function importRsaKey(
  pem: Secret | string,
  algorithm: JwtAlgorithm,
): Promise<CryptoKey> {
  const der = pkcs8Of((pem instanceof Secret ? pem.reveal() : pem).replaceAll("\\n", "\n"));
  try {
    return await crypto.subtle.importKey("pkcs8", der, ALGORITHMS[algorithm], false, ["sign"]);
  } catch (cause) {
    throw malformed(cause);
  }
}

function pkcs8Of(text: string): Uint8Array<ArrayBuffer> {
  if (text.trim() === "") throw fault("key-missing", "it is missing");
  const [, label, body = ""] =
    /-----BEGIN ([A-Z0-9 ]+)-----([^-]*(?:-(?!----)[^-]*)*)-----END \1-----/.exec(text) ?? [];
  if (label === undefined) throw fault("key-not-pem", "it has no BEGIN and END lines", AGAIN);
  if (label.startsWith("ENCRYPTED") || body.includes("Proc-Type:")) {
    throw fault("key-encrypted", "it is encrypted", "Decrypt it: openssl pkey -in FILE -out NEW.");
  }
  if (!label.endsWith("PRIVATE KEY")) {
    const what = `it is a "${label}"`;
    throw fault("key-not-private", what, "Use the private key that belongs to it.");
  }
  if (label !== "PRIVATE KEY" && label !== "RSA PRIVATE KEY") {
    throw fault("key-not-rsa", `it is an "${label}"`, "Use an RSA key.");
  }
  const der = decode(body);
  if (label === "RSA PRIVATE KEY") {
    return element(0x30, [...PKCS8_START, ...element(0x04, der)]);
  }
  if (!isRsa(der)) throw fault("key-not-rsa", "it is no RSA key", "Use an RSA key.");
  return der;
}

function decode(body: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw malformed(cause);
  }
}

/** Looks at the algorithm in PrivateKeyInfo (RFC 5208 section 5). */
function isRsa(der: Uint8Array): boolean {
  try {
    const [_version, algorithm] = derChildren(readDer(der));
    const [oid] = algorithm === undefined ? [] : derChildren(algorithm);
    return oid !== undefined && derOid(oid) === RSA_OID;
  } catch (cause) {
    throw malformed(cause);
  }
}

/** One DER value of at least 128 bytes, or fewer. */
function element(tag: number, content: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...size, ...Array.from(content)]);
}

const AGAIN = "Download the key again; its line ends were probably lost.";

function malformed(cause: unknown): RegauthError {
  return fault("key-malformed", "it is cut off or damaged", AGAIN, cause);
}

function fault(code: JwtErrorCode, why: string, hint?: string, cause?: unknown): RegauthError {
  return new RegauthError(code, `Cannot use the private key: ${why}`, {
    subject: "private key",
    hint: hint ?? "Name a file that holds one.",
    ...(cause === undefined ? {} : { cause }),
  });
}
