/**
 * A job of GitHub Actions that a workload identity provider trusts, without a credential file.
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import type { Identity } from "../access_token.ts";
import { externalAccount } from "./external_account.ts";
import { DEFAULT_UNIVERSE, type GoogleOptions } from "./options.ts";

const PROVIDER =
  /^(?:\/\/iam\.[^/]+\/)?(projects\/\d+\/locations\/global\/workloadIdentityPools\/[^/]+\/providers\/[^/]+)$/;

/**
 * The identity of the job. It is what google-github-actions/auth would write into a file.
 *
 * @param context The outside world.
 * @param audience The provider: `projects/…/providers/…`.
 * @param options What the token shall allow.
 * @returns The identity; its token throws what {@linkcode externalAccount} says.
 * @throws {RegauthError} `usage` if the audience is no provider, `invalid-environment` if this is no
 * job that may ask GitHub for its identity.
 */
export function githubJob(context: Context, audience: string, options: GoogleOptions): Identity {
  const { io } = context;
  const [, provider] = PROVIDER.exec(audience) ?? [];
  if (provider === undefined) {
    throw new RegauthError("usage", `Cannot use the audience "${audience}": it is no provider`, {
      subject: "audience",
      hint: "Write projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/NAME.",
    });
  }
  const [text, token] = ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    .map((name) => io.env(name));
  const url = URL.parse(text ?? "");
  if (url === null || !token) {
    throw new RegauthError(
      "invalid-environment",
      "Cannot ask GitHub who this job is: ACTIONS_ID_TOKEN_REQUEST_URL is not set",
      { hint: "Put permissions: { id-token: write } into the workflow file." },
    );
  }
  const { universeDomain = DEFAULT_UNIVERSE } = options;
  url.searchParams.set("audience", `https://iam.${universeDomain}/${provider}`);
  const data = {
    audience: `//iam.${universeDomain}/${provider}`,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    credential_source: {
      url: url.href,
      headers: { Authorization: `bearer ${token}` },
      format: { type: "json", subject_token_field_name: "value" },
    },
  };
  return externalAccount(context, { path: "this job of GitHub Actions", data, stamp: "" }, options);
}
