/**
 * Google service accounts by key file: the key signs an assertion that the token endpoint exchanges,
 * or a token that a registry takes as it is.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import { later } from "../../later.ts";
import type { Identity } from "../access_token.ts";
import { badField, type CredentialFile, optionalText, textOf } from "./credential_file.ts";
import { trustedEndpoint } from "./endpoints.ts";
import {
  CLOUD_PLATFORM,
  DEFAULT_UNIVERSE,
  DEVSTORAGE,
  type GoogleOptions,
  TOKEN_URI,
} from "./options.ts";

/**
 * The identity in a key file.
 *
 * @param context The outside world.
 * @param file The file, of type `service_account`.
 * @param options Scopes, and whether the account signs its token itself.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-bad-field`, `google-untrusted-endpoint`; its token may throw
 * `key-…` and what `readToken()` throws.
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

  return {
    name,
    key: ["service_account", clientEmail, keyId ?? "", url.href, String(signsItself), file.stamp],
    token: async () => {
      const { exchangedToken, signedToken } = await later<
        typeof import("./service_account_token.ts")
      >("./service_account_token.ts", import.meta.url);
      const account = { name, clientEmail, keyId, scopes, key };
      return signsItself
        ? await signedToken(context, account)
        : await exchangedToken(context, account, url, tokenUri);
    },
  };
}
