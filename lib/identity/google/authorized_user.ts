/**
 * Refresh tokens of people who logged in: `gcloud auth application-default login`, and the log-in of
 * a workforce pool.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import { later } from "../../later.ts";
import type { Identity } from "../access_token.ts";
import type { Question } from "../ask.ts";
import { type CredentialFile, optionalText, textOf } from "./credential_file.ts";
import { trustedEndpoint } from "./endpoints.ts";
import { DEFAULT_UNIVERSE, type GoogleOptions, TOKEN_URI } from "./options.ts";

/**
 * The identity of a user. Its scopes were fixed at the log-in; the file's own `token_uri` does not
 * count, as in cloud.google.com/go/auth.
 *
 * @param context The outside world.
 * @param file The file, of type `authorized_user`.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-bad-field`; its token throws what `readToken()` throws.
 */
export function authorizedUser(context: Context, file: CredentialFile): Identity {
  const { clientId, clientSecret, refreshToken, key, name } = loginOf(file, "user");
  return refreshed(context, new URL(TOKEN_URI), {
    name,
    key,
    secrets: [clientSecret, refreshToken],
    question: {
      form: {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      },
    },
    login: "gcloud auth application-default login",
  });
}

/**
 * The identity of a user of a workforce pool. A new refresh token in the answer is not kept.
 *
 * @param context The outside world.
 * @param file The file, of type `external_account_authorized_user`.
 * @param options The hosts that the user trusts.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-bad-field`, `google-untrusted-endpoint`; its token throws what
 * `readToken()` throws.
 */
export function workforceUser(
  context: Context,
  file: CredentialFile,
  options: GoogleOptions,
): Identity {
  const { clientId, clientSecret, refreshToken, key, name } = loginOf(file, "workforce user");
  const { universeDomain = DEFAULT_UNIVERSE } = options;
  const tokenUrl = optionalText(file, "token_url") ??
    `https://sts.${universeDomain}/v1/oauthtoken`;
  const url = trustedEndpoint("sts", tokenUrl, file.path, options);
  return refreshed(context, url, {
    name,
    key: [...key, url.href],
    secrets: [clientSecret, refreshToken],
    question: {
      headers: { authorization: basic(clientId, clientSecret) },
      form: { grant_type: "refresh_token", refresh_token: refreshToken },
    },
    login: "gcloud auth application-default login --login-config=FILE",
  });
}

/**
 * Name and secret of an OAuth client for a Basic header (RFC 6749 section 2.3.1, without its extra
 * encoding, as Google's libraries send it).
 *
 * @param name The name.
 * @param secret The secret.
 * @returns The value of the header.
 */
export function basic(name: string, secret: Secret | string): Secret {
  const bytes = new TextEncoder().encode(
    `${name}:${secret instanceof Secret ? secret.reveal() : secret}`,
  );
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return new Secret(`Basic ${btoa(text)}`);
}

interface Login {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly refreshToken: Secret;
  readonly key: readonly string[];
  readonly name: string;
}

function loginOf(file: CredentialFile, what: string): Login {
  const clientId = textOf(file, "client_id");
  const clientSecret = new Secret(textOf(file, "client_secret"));
  const refreshToken = new Secret(textOf(file, "refresh_token"));
  const account = optionalText(file, "account");
  return {
    clientId,
    clientSecret,
    refreshToken,
    key: [textOf(file, "type"), clientId, refreshToken.reveal(), file.stamp],
    name: `${what}${account ? ` ${account}` : ""} of ${file.path}`,
  };
}

interface Refresh {
  readonly name: string;
  readonly key: readonly string[];
  readonly question: Omit<Question, "url">;
  readonly secrets: readonly Secret[];
  readonly login: string;
}

function refreshed(context: Context, url: URL, refresh: Refresh): Identity {
  const { name, key, question, secrets, login } = refresh;
  return {
    name,
    key,
    token: async () => {
      const { askForToken } = await later<typeof import("./token_endpoint.ts")>(
        "./token_endpoint.ts",
        import.meta.url,
      );
      return await askForToken(context, { url, ...question }, { name, secrets, login });
    },
  };
}
