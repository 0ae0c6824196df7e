/**
 * One entry of `auths` in a Docker config file: from JSON to a credential, and back.
 *
 * @example There and back
 * ```ts
 * import { decodeEntry, encodeEntry } from "./auth_entry.ts";
 * import { Secret } from "./credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = encodeEntry({ username: "robot", password: new Secret("a:b") });
 * assertEquals(entry, { auth: "cm9ib3Q6YTpi" });
 * const credential = decodeEntry(entry, { path: "config.json", key: "reg.example" });
 * assertEquals(credential?.username, "robot");
 * assertEquals(credential?.password?.reveal(), "a:b");
 * ```
 *
 * @module
 */

import { type Credential, encodeBasic, Secret } from "./credential.ts";
import { type ErrorCode, RegauthError } from "./errors.ts";
import { fieldOf, isJsonObject, type JsonObject, kindOfJson } from "./json_object.ts";
import { printable } from "./printable.ts";

/** Which entry it is, for error messages. */
export interface EntryPlace {
  /** The file, or the variable. */
  readonly path: string;
  /** The key of the entry. */
  readonly key: string;
}

/**
 * Whose rules hold: Docker's, or those of Podman, Skopeo and Buildah, which know only `auth` and
 * `identitytoken` (containers/image `pkg/docker/config`).
 */
export type EntryReader = "docker" | "containers";

/**
 * Reads an entry.
 *
 * @param value The parsed entry; `null` is an empty one.
 * @param place Where it stands.
 * @param reader Whose rules hold.
 * @returns The credential, or `undefined` if the entry holds none.
 * @throws {RegauthError} `config-type`, `auth-base64` or `auth-format`
 */
export function decodeEntry(
  value: unknown,
  place: EntryPlace,
  reader: EntryReader = "docker",
): Credential | undefined {
  const entry = entryObject(value, place);
  const auth = textField(entry, "auth", place);
  const identityToken = textField(entry, "identitytoken", place);
  if (reader === "containers") {
    const basic = auth === "" ? undefined : split(decodeBase64(auth, place), place);
    return basic && credentialOf(basic.username, basic.password, identityToken);
  }
  const { username, password } = auth === ""
    ? {
      username: textField(entry, "username", place),
      password: new Secret(textField(entry, "password", place)),
    }
    : decodeAuth(auth, place);
  const registryToken = textField(entry, "registrytoken", place);
  return credentialOf(username, password, identityToken, registryToken);
}

/**
 * Reads the field `auth` by Docker's rules: padded standard base64, in which only line ends are
 * passed over, of `user:password` with a user (docker/cli `configfile/file.go`, `decodeAuth`).
 *
 * @param auth The text of the field.
 * @param place Where it stands.
 * @returns Name and password; the password keeps its bytes.
 * @throws {RegauthError} `auth-base64` or `auth-format`; never with the text in it.
 */
export function decodeAuth(
  auth: string,
  place: EntryPlace,
): { readonly username: string; readonly password: Secret } {
  const basic = split(decodeBase64(auth, place), place);
  if (basic?.username) return basic;
  throw entryError(
    "auth-format",
    place,
    `"auth" holds ${basic ? "no user name before its colon" : "no colon"}`,
  );
}

/**
 * The token that is kept although a credential helper is responsible for the host
 * (docker/cli `credentials/native_store.go`).
 *
 * @param value The parsed entry.
 * @param place Where it stands.
 * @returns The registry token, if there is one.
 * @throws {RegauthError} `config-type`
 */
export function registryTokenOf(value: unknown, place: EntryPlace): Secret | undefined {
  const token = textField(entryObject(value, place), "registrytoken", place);
  return token === "" ? undefined : new Secret(token);
}

/**
 * Makes the entry that holds a credential.
 *
 * @param credential The credential; one without fields gives an empty entry.
 * @returns The fields to write.
 * @throws {RegauthError} `invalid-credential` if it could not be read back.
 */
export function encodeEntry(credential: Credential): Readonly<Record<string, string>> {
  const { username = "", password = new Secret(""), identityToken, registryToken } = credential;
  if (/[:\0\r\n]/.test(username)) {
    throw new RegauthError(
      "invalid-credential",
      `Cannot store user name "${printable(username)}": ` +
        "it holds a colon, a line end or a NUL character",
      { subject: printable(username) },
    );
  }
  if (username === "" && password.length > 0) {
    throw new RegauthError("invalid-credential", "Cannot store the password: it has no user name", {
      hint: "Name a user; registries that ignore it take any name.",
    });
  }
  return {
    ...(username === "" ? {} : { auth: encodeBasic(username, password) }),
    ...(identityToken?.length ? { identitytoken: identityToken.reveal() } : {}),
    ...(registryToken?.length ? { registrytoken: registryToken.reveal() } : {}),
  };
}

function credentialOf(
  username: string,
  password: Secret,
  identityToken: string,
  registryToken = "",
): Credential | undefined {
  const credential = {
    ...(username === "" ? {} : { username }),
    ...(password.length === 0 ? {} : { password }),
    ...(identityToken === "" ? {} : { identityToken: new Secret(identityToken) }),
    ...(registryToken === "" ? {} : { registryToken: new Secret(registryToken) }),
  };
  return Object.keys(credential).length === 0 ? undefined : credential;
}

function entryObject(value: unknown, place: EntryPlace): JsonObject {
  if (value === null || value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw entryError("config-type", place, `it is ${kindOfJson(value)}, not an object`);
}

function textField(entry: JsonObject, name: string, place: EntryPlace): string {
  const value = fieldOf(entry, name) ?? "";
  if (typeof value === "string") return value;
  throw entryError("config-type", place, `"${name}" is ${kindOfJson(value)}, not a text`);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * `atob` takes what Docker refuses (missing padding, any white space), and Deno loads it when it is
 * first used, which takes longer than all the rest of a lookup.
 */
function decodeBase64(auth: string, place: EntryPlace): Uint8Array {
  const text = auth.replace(/[\r\n]/g, "");
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw entryError("auth-base64", place, '"auth" is not padded standard base64');
  }
  const bytes: number[] = [];
  for (let start = 0; start < text.length; start += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = Array.from(
      text.slice(start, start + 4),
      (character) => ALPHABET.indexOf(character),
    );
    bytes.push(a << 2 | b >> 4);
    if (c >= 0) bytes.push((b & 15) << 4 | c >> 2);
    if (d >= 0) bytes.push((c & 3) << 6 | d);
  }
  return Uint8Array.from(bytes);
}

/** Splits at the first colon and takes the NUL bytes of old padding off the password's ends. */
function split(
  bytes: Uint8Array,
  place: EntryPlace,
): { username: string; password: Secret } | undefined {
  const colon = bytes.indexOf(":".charCodeAt(0));
  if (colon < 0) return undefined;
  let start = colon + 1;
  let end = bytes.length;
  while (start < end && bytes[start] === 0) start++;
  while (end > start && bytes[end - 1] === 0) end--;
  return {
    username: decodeName(bytes.subarray(0, colon), place),
    password: new Secret(bytes.subarray(start, end)),
  };
}

/** A name that cannot be sent as it is stored is refused: a lossy one would lock the account. */
function decodeName(bytes: Uint8Array, place: EntryPlace): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw entryError("auth-format", place, '"auth" holds a user name that is not UTF-8');
  }
}

function entryError(code: ErrorCode, { path, key }: EntryPlace, why: string): RegauthError {
  return new RegauthError(code, `Cannot use the entry "${printable(key)}" of "${path}": ${why}`, {
    subject: path,
    hint: 'Log in again, or correct the entry: "auth" is the base64 of user:password.',
  });
}
