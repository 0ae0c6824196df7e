/**
 * Asking Microsoft Entra for a token (v2.0 endpoint).
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import { parseObject } from "../../json_object.ts";
import { type AccessToken, expiryOf } from "../access_token.ts";
import { ask, USUAL_DELAYS } from "../ask.ts";
import { type Applicant, CLIENT_CREDENTIALS, type Proof } from "./entra.ts";
import { entraError } from "./entra_error.ts";

/**
 * Asks for a token.
 *
 * @param context The outside world.
 * @param url The token endpoint.
 * @param applicant Who asks.
 * @param resource What the token is for.
 * @returns The token.
 * @throws {RegauthError} `azure-…`, `refused` or `network`, and what the proof throws.
 */
export async function entraToken(
  context: Context,
  url: URL,
  applicant: Applicant,
  resource: string,
): Promise<AccessToken> {
  const { name, clientId, grantType = CLIENT_CREDENTIALS } = applicant;
  let proof: Proof | undefined;
  const answer = await ask(context, async () => {
    proof = await applicant.prove(url.href);
    const form = {
      grant_type: grantType,
      client_id: clientId,
      ...proof.form,
      scope: `${resource}/.default`,
    };
    return { url, form };
  }, { delays: USUAL_DELAYS });
  const { access_token, expires_in } = parseObject(answer.body) ?? {};
  if (answer.status !== 200 || typeof access_token !== "string" || access_token === "") {
    const secrets = Object.values(proof?.form ?? {}).filter((value) => value instanceof Secret);
    throw entraError(answer, {
      name,
      host: url.host,
      secrets,
      ...(proof?.claims === undefined ? {} : { claims: proof.claims }),
    });
  }
  const expiresAt = expiryOf(expires_in, answer.sentAt);
  return { value: new Secret(access_token), ...(expiresAt ? { expiresAt } : {}) };
}
