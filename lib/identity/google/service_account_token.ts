/**
 * Tokens of service accounts, by their keys.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import type { AccessToken } from "../access_token.ts";
import { ask, USUAL_DELAYS } from "../ask.ts";
import { signJwt } from "../jwt.ts";
import { assertion, selfSigned } from "./assertion.ts";
import { readToken } from "./token_endpoint.ts";

/** A service account with its key. */
export interface AccountKey {
  /** The account, for messages. */
  readonly name: string;
  /** Its address. */
  readonly clientEmail: string;
  /** Name of its key. */
  readonly keyId: string | undefined;
  /** What the token shall allow. */
  readonly scopes: readonly string[];
  /** The key. */
  readonly key: Secret;
}

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * A token that the account signs itself.
 *
 * @param context The outside world.
 * @param account The account.
 * @returns The token.
 * @throws {RegauthError} `key-…`
 */
export async function signedToken(context: Context, account: AccountKey): Promise<AccessToken> {
  const issuedAt = seconds(context.io.now());
  const jwt = await signJwt({ ...selfSigned({ ...account, issuedAt }), key: account.key });
  return { value: new Secret(jwt), expiresAt: new Date((issuedAt + 3600) * 1000) };
}

/**
 * A token for an assertion that the account signs.
 *
 * @param context The outside world.
 * @param account The account.
 * @param url The token endpoint.
 * @param tokenUri The same, as the key file writes it.
 * @returns The token.
 * @throws {RegauthError} `key-…`, and what {@linkcode readToken} throws.
 */
export async function exchangedToken(
  context: Context,
  account: AccountKey,
  url: URL,
  tokenUri: string,
): Promise<AccessToken> {
  const { name, key } = account;
  const secrets: Secret[] = [];
  const answer = await ask(context, async () => {
    const issuedAt = seconds(context.io.now());
    const jwt = await signJwt({ ...assertion({ ...account, tokenUri, issuedAt }), key });
    secrets.push(new Secret(jwt));
    return { url, form: { grant_type: GRANT_TYPE, assertion: jwt } };
  }, { delays: USUAL_DELAYS });
  return readToken(answer, { name, host: url.host, secrets });
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
