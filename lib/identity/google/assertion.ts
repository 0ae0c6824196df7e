/**
 * The JWTs of a Google service account: the assertion that a token endpoint exchanges for an access
 * token, and the one that is an access token itself.
 *
 * @example The claims of an assertion
 * ```ts
 * import { assertion } from "./assertion.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { claims } = assertion({
 *   clientEmail: "reader@project.iam.gserviceaccount.com",
 *   scopes: ["https://www.googleapis.com/auth/cloud-platform"],
 *   issuedAt: 1767225600,
 * });
 * assertEquals(claims.aud, "https://oauth2.googleapis.com/token");
 * assertEquals(claims.sub, undefined);
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { JwtClaims, JwtHeader } from "../jwt.ts";
import { TOKEN_URI } from "./options.ts";

/** Who signs, and what for. */
export interface AssertionOptions {
  /** Address of the service account. */
  readonly clientEmail: string;
  /** Name of its key. */
  readonly keyId?: string | undefined;
  /** What the token shall allow. */
  readonly scopes?: readonly string[];
  /** Time of signing, in seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds for which it counts. @default {3600} */
  readonly lifetime?: number;
  /** Further claims, behind the others. */
  readonly more?: JwtClaims;
}

/** Header and claims, ready to be signed. */
export interface UnsignedJwt {
  /** The header. */
  readonly header: JwtHeader;
  /** The claims. */
  readonly claims: JwtClaims;
}

/**
 * The assertion for a token endpoint.
 *
 * @param options Who signs, and what for.
 * @param options.tokenUri The endpoint, byte for byte as the key file has it.
 * @param options.subject The user for whom the account acts; absent unless it does.
 * @returns Header and claims.
 * @throws {RegauthError} `sa-missing-client-email`
 */
export function assertion(
  options: AssertionOptions & { readonly tokenUri?: string; readonly subject?: string },
): UnsignedJwt {
  const { tokenUri = TOKEN_URI, subject } = options;
  return unsigned(options, { aud: tokenUri, sub: subject });
}

/**
 * The JWT that a registry takes as it takes an access token. It says what it is for by scopes, or for
 * whom by an audience, never both.
 *
 * @param options Who signs, and what for.
 * @param options.audience Root URL of the one interface for which it is, in place of scopes.
 * @returns Header and claims.
 * @throws {RegauthError} `sa-missing-client-email`, `jwt-no-scope-or-audience`
 */
export function selfSigned(
  options: AssertionOptions & { readonly audience?: string },
): UnsignedJwt {
  const { clientEmail, audience, scopes = [] } = options;
  if (scopes.length === 0 && !audience) {
    throw new RegauthError(
      "jwt-no-scope-or-audience",
      `Cannot sign a token for "${clientEmail}": it has neither scope nor audience`,
      { subject: clientEmail, hint: "Name at least one scope." },
    );
  }
  return unsigned(options, { aud: audience, sub: clientEmail });
}

function unsigned(options: AssertionOptions, { aud, sub }: JwtClaims): UnsignedJwt {
  const { clientEmail, keyId, scopes = [], issuedAt, lifetime = 3600, more } = options;
  if (!clientEmail) {
    throw new RegauthError(
      "sa-missing-client-email",
      "Cannot sign for a service account: its client_email is missing",
      { hint: "Download the key file again." },
    );
  }
  return {
    header: { alg: "RS256", typ: "JWT", ...(keyId ? { kid: keyId } : {}) },
    claims: {
      iss: clientEmail,
      scope: scopes.join(" ") || undefined,
      aud,
      exp: issuedAt + lifetime,
      iat: issuedAt,
      sub,
      ...more,
    },
  };
}
