/**
 * Workload and workforce identity federation: a token of another provider is exchanged at Google's
 * security token service (RFC 8693), and perhaps again for that of a service account.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { parseObject } from "../../json_object.ts";
import type { AccessToken, Identity } from "../access_token.ts";
import { type Answer, ask, USUAL_DELAYS } from "../ask.ts";
import { masked } from "../mask.ts";
import { basic } from "./authorized_user.ts";
import {
  badField,
  type CredentialFile,
  optionalObject,
  optionalText,
  textOf,
} from "./credential_file.ts";
import { trustedEndpoint } from "./endpoints.ts";
import { impersonated } from "./impersonation.ts";
import { CLOUD_PLATFORM, DEFAULT_UNIVERSE, type GoogleOptions } from "./options.ts";
import { subjectTokenSource } from "./subject_token.ts";
import { readToken, tokenFault, type TokenSubject } from "./token_endpoint.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const WORKFORCE = /^\/\/iam\.[^/]+\/locations\/[^/]+\/workforcePools\//;

/**
 * The identity that a provider outside of Google vouches for.
 *
 * @param context The outside world.
 * @param file The file, of type `external_account`.
 * @param options Scopes, trusted hosts, and whether programs may be run.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-bad-field`, `google-untrusted-endpoint`,
 * `google-wif-ambiguous-source`, `google-wif-executable-disabled`,
 * `google-wif-certificate-unsupported`; its token may throw `google-wif-…` and `network`.
 */
export function externalAccount(
  context: Context,
  file: CredentialFile,
  options: GoogleOptions,
): Identity {
  const { universeDomain = DEFAULT_UNIVERSE } = options;
  const audience = textOf(file, "audience");
  const tokenUrl = optionalText(file, "token_url") ?? `https://sts.${universeDomain}/v1/token`;
  const url = trustedEndpoint("sts", tokenUrl, file.path, options);
  const impersonation = impersonationOf(file, options);
  const userProject = userProjectOf(file, audience);
  const subjectTokenType = textOf(file, "subject_token_type");
  const subjectToken = subjectTokenSource(context, file, options);
  const [clientId, clientSecret] = [
    optionalText(file, "client_id"),
    optionalText(file, "client_secret"),
  ];
  const isClient = clientId !== undefined && clientSecret !== undefined;
  const scopes = impersonation ? [CLOUD_PLATFORM] : options.scopes ?? [CLOUD_PLATFORM];
  const name = `federated identity of ${file.path}`;

  async function token(): Promise<AccessToken> {
    const subject = await subjectToken();
    const question = {
      url,
      ...(isClient ? { headers: { authorization: basic(clientId, clientSecret) } } : {}),
      form: {
        audience,
        grant_type: GRANT_TYPE,
        requested_token_type: ACCESS_TOKEN,
        subject_token_type: subjectTokenType,
        subject_token: subject,
        scope: scopes.join(" "),
        options: userProject === undefined || isClient
          ? undefined
          : JSON.stringify({ userProject }),
      },
    };
    const answer = await ask(context, () => question, { delays: USUAL_DELAYS });
    const secrets = [subject, ...clientSecret ? [new Secret(clientSecret)] : []];
    return readFederated(answer, { name, host: url.host, secrets });
  }

  const federated: Identity = {
    name,
    key: ["external_account", audience, url.href, JSON.stringify(file.data), file.stamp],
    token,
  };
  return impersonation === undefined ? federated : impersonated(context, federated, impersonation);
}

function impersonationOf(
  file: CredentialFile,
  options: GoogleOptions,
): Parameters<typeof impersonated>[2] | undefined {
  const text = optionalText(file, "service_account_impersonation_url");
  if (text === undefined) return undefined;
  const lifetime = optionalObject(file, "service_account_impersonation")?.token_lifetime_seconds;
  if (lifetime !== undefined && typeof lifetime !== "number") {
    throw badField(file, "service_account_impersonation", "has a lifetime that is no number");
  }
  return {
    url: trustedEndpoint("iamcredentials", text, file.path, options),
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
  };
}

function userProjectOf(file: CredentialFile, audience: string): string | undefined {
  const project = optionalText(file, "workforce_pool_user_project");
  if (project === undefined || WORKFORCE.test(audience)) return project;
  throw badField(
    file,
    "workforce_pool_user_project",
    "is only for workforce pools, and its audience is none",
  );
}

function readFederated(answer: Answer, subject: TokenSubject): AccessToken {
  const { status } = answer;
  const { error, error_description: text, issued_token_type: type } = parseObject(answer.body) ??
    {};
  if (status >= 400 && status < 500 && status !== 429) {
    const said = [error, text].filter((part) => typeof part === "string").join(": ");
    throw rejected(subject, said === "" ? `status ${status}` : masked(said, subject.secrets));
  }
  if (type !== undefined && type !== ACCESS_TOKEN && status < 300) {
    throw rejected(subject, "it issued a token of another type");
  }
  return readToken(answer, subject);
}

function rejected(subject: TokenSubject, why: string): RegauthError {
  return tokenFault(
    "google-wif-rejected",
    subject,
    why,
    "Compare the provider's issuer, audience and attribute condition with the token's claims.",
  );
}
