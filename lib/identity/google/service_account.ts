/**
 * Google service accounts by key file: the key signs an assertion that the token endpoint exchanges,
 * or a token that a registry takes as it is.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import type { AccessToken, Identity } from "../access_token.ts";
import { ask, USUAL_DELAYS } from "../ask.ts";
import { signJwt } from "../jwt.ts";
import { assertion, selfSigned, TOKEN_URI } from "./assertion.ts";
import { badField, type CredentialFile, optionalText, textOf } from "./credential_file.ts";
import { trustedEndpoint } from "./endpoints.ts";
import { CLOUD_PLATFORM, DEFAULT_UNIVERSE, DEVSTORAGE, type GoogleOptions } from "./options.ts";
import { readToken } from "./token_endpoint.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * The identity in a key file.
 *
 * @param context The outside world.
 * @param file The file, of type `service_account`.
 * @param options Scopes, and whether the account signs its token itself.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-bad-field`, `google-untrusted-endpoint`; its token may throw
 * `key-…` and what {@linkcode readToken} throws.
 */
export function serviceAccount(
  context: Context,
  file: CredentialFile,
  options: GoogleOptions,
): Identity {
  const clientEmail = textOf(file, "client_email");
  const key = new Secret(textOf(file, "private_key"));
  const keyId = optionalText(file, "private_key_id");
  const universe = optionalText(file, "universe_domain") ?? DEFAULT_UNIVERSE;
  const { universeDomain = DEFAULT_UNIVERSE } = options;
  if (universe !== universeDomain) {
    throw badField(file, "universe_domain", "names other services than those of the registry");
  }
  // The token endpoint of another universe is not known to the libraries either.
  const signsItself = options.selfSigned || universe !== DEFAULT_UNIVERSE;
  const scopes = options.scopes ?? [signsItself ? DEVSTORAGE : CLOUD_PLATFORM];
  const tokenUri = optionalText(file, "token_uri") ?? TOKEN_URI;
  const url = trustedEndpoint("oauth2", tokenUri, file.path, options);
  const name = `service account ${clientEmail} of ${file.path}`;
  const account = { clientEmail, keyId, scopes };

  async function signed(): Promise<AccessToken> {
    const issuedAt = seconds(context.io.now());
    const jwt = await signJwt({ ...selfSigned({ ...account, issuedAt }), key });
    return { value: new Secret(jwt), expiresAt: new Date((issuedAt + 3600) * 1000) };
  }

  async function exchanged(): Promise<AccessToken> {
    const secrets: Secret[] = [];
    const answer = await ask(context, async () => {
      const issuedAt = seconds(context.io.now());
      const jwt = await signJwt({ ...assertion({ ...account, tokenUri, issuedAt }), key });
      secrets.push(new Secret(jwt));
      return { url, form: { grant_type: GRANT_TYPE, assertion: jwt } };
    }, { delays: USUAL_DELAYS });
    return readToken(answer, { name, host: url.host, secrets });
  }

  return {
    name,
    key: ["service_account", clientEmail, keyId ?? "", url.href, String(signsItself), file.stamp],
    token: signsItself ? signed : exchanged,
  };
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
