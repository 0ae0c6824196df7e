/**
 * Certificates and keys in PEM, the text form (RFC 7468). Deno ignores a text without certificate
 * silently, so that the connection fails later for no visible reason: here it is an error.
 *
 * @example A key where a certificate should be
 * ```ts
 * import { certificatesIn } from "./pem.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const text = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
 * assertThrows(() => certificatesIn(text, "ca.pem"), Error, 'holds a "PRIVATE KEY"');
 * ```
 *
 * @module
 */

import { Secret } from "./credential.ts";
import { messageOf, RegauthError } from "./errors.ts";
import { readCertificate } from "./x509.ts";

/** What stands between a BEGIN and an END line. */
export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly label: string;
  /** The block with its BEGIN and END lines. */
  readonly text: string;
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*$([^]*?)^-----END \1-----[ \t]*$/gm;

/**
 * Finds the blocks of a PEM text. Text around them is a comment.
 *
 * @param text Any text.
 * @returns Its blocks, in their order.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  return Array.from(text.replaceAll("\r\n", "\n").matchAll(BLOCK), ([text, label = ""]) => {
    return { label, text: `${text}\n` };
  });
}

/**
 * The certificates in a file.
 *
 * @param text Text of the file.
 * @param path Path of the file, for the error.
 * @returns Their bytes (DER), in their order; at least one.
 * @throws {RegauthError} `config-type` if there is none, or if one cannot be read.
 */
export function certificatesIn(text: string, path: string): readonly Uint8Array[] {
  const blocks = pemBlocks(text);
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  if (certificates.length === 0) {
    const other = blocks[0] === undefined ? "holds no certificate" : `holds a "${blocks[0].label}"`;
    throw wrong(path, `it ${other}`, 'Name a PEM file with a "BEGIN CERTIFICATE" line.');
  }
  return certificates.map((block, index) => {
    try {
      const der = pemBytes(block);
      readCertificate(der);
      return der;
    } catch (cause) {
      const which = certificates.length === 1 ? "its certificate" : `certificate ${index + 1}`;
      throw wrong(
        path,
        `${which} cannot be read: ${messageOf(cause)}`,
        "Get the file again from whoever runs the registry.",
      );
    }
  });
}

/**
 * The private key in a file.
 *
 * @param text Text of the file.
 * @param path Path of the file, for the error.
 * @returns The block of the key.
 * @throws {RegauthError} `config-type` if there is none, or if a password is needed for it.
 */
export function privateKeyIn(text: string, path: string): Secret {
  const key = pemBlocks(text).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (key === undefined) {
    throw wrong(path, "it holds no private key", 'Name a PEM file with a "PRIVATE KEY" block.');
  }
  if (key.label.startsWith("ENCRYPTED") || key.text.includes("Proc-Type: 4,ENCRYPTED")) {
    throw wrong(
      path,
      "its key is encrypted",
      `Decrypt it: openssl pkey -in "${path}" -out NEW_FILE`,
    );
  }
  return new Secret(key.text);
}

/**
 * A certificate as text.
 *
 * @param der Its bytes.
 * @returns One block.
 */
export function certificatePem(der: Uint8Array): string {
  const base64 = btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join(""));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function pemBytes({ text }: PemBlock): Uint8Array {
  const base64 = text.split("\n").slice(1, -2).join("");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function wrong(path: string, why: string, hint: string): RegauthError {
  return new RegauthError("config-type", `Cannot use "${path}": ${why}`, { subject: path, hint });
}
