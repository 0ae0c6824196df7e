/**
 * Credentials, and the wrapper that keeps a secret from being printed by accident.
 *
 * @example A secret prints as `[redacted]` until it is asked for
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = new Secret("hunter2");
 * assertEquals(`${secret}`, "[redacted]");
 * assertEquals(JSON.stringify({ secret }), '{"secret":"[redacted]"}');
 * assertEquals(secret.reveal(), "hunter2");
 * ```
 *
 * @module
 */

const REDACTED = "[redacted]";

/**
 * A password or token. It prints as `[redacted]` in templates, JSON and inspection; only
 * {@linkcode Secret.reveal} and {@linkcode Secret.bytes} give it away. Equality is not offered:
 * a comparison in variable time would be an invitation.
 */
export class Secret {
  readonly #bytes: Uint8Array;

  /**
   * Wraps a secret.
   *
   * @param value The secret, as text or as the bytes that a file holds.
   */
  constructor(value: string | Uint8Array) {
    this.#bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
  }

  /**
   * Gives the secret away as text.
   *
   * @returns The text; bytes that are not UTF-8 become U+FFFD.
   */
  reveal(): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
  }

  /**
   * Gives the secret away as it was stored.
   *
   * @returns A copy of its bytes.
   */
  bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** Length in bytes; 0 is an empty secret. */
  get length(): number {
    return this.#bytes.length;
  }

  /**
   * What a template shows.
   *
   * @returns `[redacted]`
   */
  toString(): string {
    return REDACTED;
  }

  /**
   * What `JSON.stringify` writes.
   *
   * @returns `[redacted]`
   */
  toJSON(): string {
    return REDACTED;
  }

  /**
   * What `Deno.inspect` and `console.log` show.
   *
   * @returns `[redacted]`
   */
  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  /**
   * What `util.inspect` of Node shows.
   *
   * @returns `[redacted]`
   */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/**
 * What to show a registry. All fields may be present together; {@linkcode credentialKind} says
 * which of them counts. A credential without any field is an answer too: "go without".
 */
export interface Credential {
  /** Account name. Absent is "none", never an empty text. */
  readonly username?: string;
  /** Password, access token or other secret that goes with the name. */
  readonly password?: Secret;
  /** OAuth2 refresh token, exchanged at the token server for a bearer token. */
  readonly identityToken?: Secret;
  /** Bearer token that is sent as it is. */
  readonly registryToken?: Secret;
  /** When the secret stops working, if the source says so. */
  readonly expiresAt?: Date;
  /** Where it was found: a file and key, a variable, a helper. Never a secret. */
  readonly detail?: string;
}

/** What a credential amounts to. `none` is the absence of a credential. */
export type CredentialKind = "registryToken" | "identityToken" | "basic" | "anonymous" | "none";

/**
 * The field of a credential that counts: a registry token before an identity token before name
 * and password (go-containerregistry `pkg/v1/remote/transport`).
 *
 * @param credential The credential, or `undefined` for "nothing known".
 * @returns Its kind.
 */
export function credentialKind(credential: Credential | undefined): CredentialKind {
  if (credential === undefined) return "none";
  if (credential.registryToken) return "registryToken";
  if (credential.identityToken) return "identityToken";
  if (credential.username !== undefined || credential.password) return "basic";
  return "anonymous";
}

/**
 * The value of an `Authorization: Basic` header (RFC 7617), made from the password's own bytes.
 *
 * @param credential A credential with name and password.
 * @returns The header value, or `undefined` if name or password is missing: half a credential is
 * never sent.
 */
export function basicAuthorization(credential: Credential): string | undefined {
  if (!credential.username || !credential.password?.length) return undefined;
  return `Basic ${encodeBasic(credential.username, credential.password)}`;
}

/**
 * Base64 of `user:password`, the form of `auth` in a Docker config file.
 *
 * @param username Account name, without a colon.
 * @param password The secret.
 * @returns Padded standard base64.
 */
export function encodeBasic(username: string, password: Secret): string {
  const name = new TextEncoder().encode(`${username}:`);
  const secret = password.bytes();
  const both = new Uint8Array(name.length + secret.length);
  both.set(name);
  both.set(secret, name.length);
  return btoa(Array.from(both, (byte) => String.fromCharCode(byte)).join(""));
}

/** The name by which the helper protocol marks an identity token. */
export const IDENTITY_TOKEN_USER = "<token>";

/**
 * A credential from the two texts of the helper protocol.
 *
 * @param username Account name; exactly `<token>` says that the secret is an identity token.
 * @param secret Password or identity token.
 * @param detail Where it came from.
 * @returns The credential, or `undefined` if both texts are empty.
 */
export function fromHelperAnswer(
  username: string,
  secret: string,
  detail: string,
): Credential | undefined {
  if (username === IDENTITY_TOKEN_USER) {
    return secret === "" ? undefined : { identityToken: new Secret(secret), detail };
  }
  if (username === "" && secret === "") return undefined;
  return {
    ...(username === "" ? {} : { username }),
    ...(secret === "" ? {} : { password: new Secret(secret) }),
    detail,
  };
}
