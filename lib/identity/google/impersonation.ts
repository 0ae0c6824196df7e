/**
 * Acting as a service account: the token of one identity is exchanged for that of another
 * (IAM Service Account Credentials API, `generateAccessToken`).
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import { isJsonObject, type JsonObject, parseObject } from "../../json_object.ts";
import type { AccessToken, Identity } from "../access_token.ts";
import { type Answer, ask, USUAL_DELAYS } from "../ask.ts";
import { masked } from "../mask.ts";
import { CLOUD_PLATFORM, DEFAULT_UNIVERSE, type GoogleOptions } from "./options.ts";
import { tokenFault, type TokenSubject } from "./token_endpoint.ts";

/** As whom to act, and how. */
export interface ImpersonationOptions {
  /** The URL that ends with `:generateAccessToken`, already checked. */
  readonly url: URL;
  /** Service accounts in between, each of which may act as the next. */
  readonly delegates?: readonly string[];
  /** Seconds for which the token is wanted. @default {3600} */
  readonly lifetime?: number;
  /** What the token shall allow. @default {[CLOUD_PLATFORM]} */
  readonly scopes?: readonly string[];
}

/**
 * An identity that acts as a service account.
 *
 * @param context The outside world.
 * @param source The identity that may do so; its scope must be {@linkcode CLOUD_PLATFORM}.
 * @param options As whom, and how.
 * @returns The identity. Its token throws `google-impersonation-denied`, `network`, and what the
 * source throws.
 */
export function impersonated(
  context: Context,
  source: Identity,
  options: ImpersonationOptions,
): Identity {
  const { url, delegates = [], lifetime = 3600, scopes = [CLOUD_PLATFORM] } = options;
  const name = `${accountOf(url)}, by ${source.name}`;
  const body = JSON.stringify({ delegates, lifetime: `${lifetime}s`, scope: scopes });
  return {
    name,
    key: ["impersonated", url.href, body, ...source.key],
    token: async () => {
      const token = await source.token();
      if (token === undefined) return undefined;
      const headers = {
        authorization: new Secret(`Bearer ${token.value.reveal()}`),
        "content-type": "application/json",
      };
      const answer = await ask(context, () => ({ url, headers, body }), { delays: USUAL_DELAYS });
      return readToken(answer, { name, host: url.host, secrets: [token.value] });
    },
  };
}

/**
 * The URL by which a service account is impersonated.
 *
 * @param account Its address.
 * @param options The domain of Google's services.
 * @returns The URL.
 */
export function impersonationUrl(account: string, options: GoogleOptions): URL {
  const { universeDomain = DEFAULT_UNIVERSE } = options;
  return new URL(
    `https://iamcredentials.${universeDomain}/v1/projects/-/serviceAccounts/` +
      `${encodeURIComponent(account).replace("%40", "@")}:generateAccessToken`,
  );
}

/**
 * The service account in such a URL.
 *
 * @param url The URL.
 * @returns Its address.
 */
export function accountOf(url: URL): string {
  const [, account = ""] = /\/serviceAccounts\/([^/]+):generateAccessToken$/.exec(url.pathname) ??
    [];
  return decodeURIComponent(account);
}

function readToken(answer: Answer, subject: TokenSubject): AccessToken {
  const body = parseObject(answer.body) ?? {};
  const { accessToken, expireTime } = body;
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, body, subject);
  const expiresAt = new Date(typeof expireTime === "string" ? expireTime : NaN);
  if (typeof accessToken !== "string" || accessToken === "" || Number.isNaN(expiresAt.getTime())) {
    const why = "its answer holds no token with a time at which it ends";
    throw tokenFault("network", subject, why, "Try again later.");
  }
  return { value: new Secret(accessToken), expiresAt };
}

function refusal({ status }: Answer, body: JsonObject, subject: TokenSubject): Error {
  const said = isJsonObject(body.error) && typeof body.error.message === "string"
    ? `: ${masked(body.error.message, subject.secrets)}`
    : "";
  if (status === 401 || status === 403 || status === 404) {
    return tokenFault(
      "google-impersonation-denied",
      subject,
      `it refused (${status})${said}`,
      "Grant roles/iam.serviceAccountTokenCreator on the target account to the identity that asks.",
    );
  }
  const code = status >= 400 && status < 500 && status !== 429 ? "refused" : "network";
  return tokenFault(code, subject, `status ${status}${said}`, "Check the account and its scopes.");
}
