/**
 * Key files of service accounts of Google, as a registry of Google takes them for a password.
 *
 * @example A login of a person is not a key
 * ```ts
 * import { checkKeyFile, keyCredential } from "./google_key.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkKeyFile('{"type":"authorized_user"}'), {
 *   error: "This is the login of a person, not the key of a service account.",
 * });
 * const { username, password } = keyCredential("{}", "json");
 * assertEquals([username, password?.reveal()], ["_json_key", "{}"]);
 * ```
 *
 * @module
 */

import { type Credential, Secret } from "./credential.ts";
import { isJsonObject } from "./json_object.ts";
import type { Verdict } from "./recipe.ts";

/** Larger than any key; the files of the vendors have about 2 KiB. */
const MAX_LENGTH = 1024 * 1024;

/** What people give in place of a key: other files that the tools of Google write. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  authorized_user: "the login of a person",
  external_account: "a set-up for federated identities",
  external_account_authorized_user: "the login of a federated person",
  impersonated_service_account: "a set-up for acting as a service account",
};

/**
 * Judges the text of a key file, as it is or in base64.
 *
 * @param text The text.
 * @returns An error if it cannot be a key, a warning if it looks damaged.
 */
export function checkKeyFile(text: string): Verdict {
  if (text.trim() === "") return { error: "The file is empty." };
  if (text.length > MAX_LENGTH) return { error: "The file is too large for a key." };
  const key = parse(jsonOf(text));
  if (!isJsonObject(key)) {
    return { error: "This is not a key file: it is no JSON object. Give the file as it came." };
  }
  const { type, private_key: pem, client_email: email } = key;
  const other = typeof type === "string" && Object.hasOwn(OTHER_TYPES, type)
    ? OTHER_TYPES[type]
    : undefined;
  if (other !== undefined) {
    return { error: `This is ${other}, not the key of a service account.` };
  }
  if (type !== "service_account") {
    return { error: 'This is not a key file: its type is not "service_account".' };
  }
  if (typeof email !== "string" || email === "") return missing("client_email");
  if (typeof pem !== "string" || pem === "") return missing("private_key");
  if (
    !/^\s*-----BEGIN (?:RSA )?PRIVATE KEY-----\r?\n[\s\S]*\n-----END [A-Z ]+-----\s*$/.test(pem)
  ) {
    return { warning: "The private_key has an odd form: its line ends may be lost." };
  }
  return /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/.test(email)
    ? {}
    : { warning: "The client_email usually ends with .gserviceaccount.com." };
}

/**
 * The credential that a key file makes.
 *
 * @param text The text of the file, as it is or in base64.
 * @param form `base64` is one line and is taken by Artifact Registry, `json` also by older names.
 * @returns The user name that tells the form, and the whole file.
 */
export function keyCredential(text: string, form: "json" | "base64"): Credential {
  const json = jsonOf(text);
  if (form === "json") return { username: "_json_key", password: new Secret(json) };
  const bytes = Array.from(new TextEncoder().encode(json), (byte) => String.fromCharCode(byte));
  return { username: "_json_key_base64", password: new Secret(btoa(bytes.join(""))) };
}

/** The JSON text, byte for byte, but for the mark that some editors put in front. */
function jsonOf(text: string): string {
  const plain = text.replace(/^\uFEFF/, "");
  const packed = plain.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return plain;
  try {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return plain; // One long word that is no base64 is no JSON either, and is refused as such.
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function missing(field: string): Verdict {
  return { error: `This key file is not complete: it has no ${field}.` };
}
