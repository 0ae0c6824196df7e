/**
 * The identity of a job in GitHub Actions: a short-lived JWT that GitHub signs for one audience
 * ("About security hardening with OpenID Connect").
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import type { Context, Io } from "../io.ts";
import { parseObject } from "../json_object.ts";
import { ask, USUAL_DELAYS } from "./ask.ts";

const URL_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/**
 * Whether this is a job that may ask GitHub for its identity.
 *
 * @param io The outside world.
 * @returns Whether it is.
 */
export function isGithubJob(io: Io): boolean {
  return Boolean(io.env(URL_VARIABLE) && io.env(TOKEN_VARIABLE));
}

/**
 * Asks GitHub who this job is.
 *
 * @param context The outside world.
 * @param audience For whom the answer is.
 * @returns The JWT.
 * @throws {RegauthError} `invalid-environment` if this is no such job, `refused`, `network`
 */
export async function githubToken(context: Context, audience: string): Promise<Secret> {
  const { io } = context;
  const url = URL.parse(io.env(URL_VARIABLE) ?? "");
  const token = io.env(TOKEN_VARIABLE);
  if (url?.protocol !== "https:" || !token) {
    throw new RegauthError(
      "invalid-environment",
      `Cannot ask GitHub who this job is: ${URL_VARIABLE} and ${TOKEN_VARIABLE} do not tell how`,
      {
        subject: URL_VARIABLE,
        hint: "Put permissions: { id-token: write } into the workflow file.",
      },
    );
  }
  url.searchParams.set("audience", audience);
  const headers = { authorization: new Secret(`bearer ${token}`) };
  const { status, body } = await ask(context, () => ({ url, headers }), { delays: USUAL_DELAYS });
  const { value } = parseObject(body) ?? {};
  if (status >= 200 && status < 300 && typeof value === "string" && value !== "") {
    return new Secret(value);
  }
  throw new RegauthError(
    status >= 400 && status < 500 ? "refused" : "network",
    `Cannot ask GitHub who this job is: ${url.host} answered with status ${status}`,
    { subject: url.host, hint: "Put permissions: { id-token: write } into the workflow file." },
  );
}
