/**
 * The token of the metadata server, and why there is none.
 *
 * @module
 */

import { type GoogleErrorCode, RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { parseObject } from "../../json_object.ts";
import type { AccessToken } from "../access_token.ts";
import { type Answer, ask, type Question } from "../ask.ts";
import { masked } from "../mask.ts";
import { isPresent } from "./metadata_probe.ts";
import { readToken } from "./token_endpoint.ts";

/** Every request says this, and every answer. */
const FLAVOR = { "metadata-flavor": "Google" };
/** As in cloud.google.com/go/compute/metadata `retry.go`, within a total. */
const DELAYS: readonly number[] = [100, 200, 400, 800, 1600];
const TIMEOUT = 5000;
const TOTAL = 10_000;

/**
 * Asks the metadata server for a token.
 *
 * @param context The outside world.
 * @param url The token's URL.
 * @param name Whose token it is.
 * @returns The token, or `undefined` if there is no metadata server.
 * @throws {RegauthError} `google-metadata-…`, `google-no-service-account`, `invalid-environment`
 */
export async function metadataToken(
  context: Context,
  url: URL,
  name: string,
): Promise<AccessToken | undefined> {
  if (!await isPresent(context)) return undefined;
  const question = { url, headers: FLAVOR, direct: true, timeout: TIMEOUT };
  // A server that has just started gives half answers.
  for (let attempts = 1;; attempts++) {
    const token = readAnswer(await askServer(context, question), name, url.host);
    if (token !== undefined) return token;
    if (attempts === 2) {
      throw fault("google-metadata-incomplete", name, "it gave half a token", "Try again.");
    }
  }
}

async function askServer(context: Context, question: Question): Promise<Answer> {
  try {
    return await ask(context, () => question, { delays: DELAYS, total: TOTAL });
  } catch (cause) {
    if (!(cause instanceof RegauthError) || cause.code !== "network") throw cause;
    throw new RegauthError(
      "google-metadata-timeout",
      `Cannot ask the metadata server: ${cause.message}`,
      {
        subject: question.url.host,
        hint: "A fresh pod may need some seconds; elsewhere set NO_GCE_CHECK=true.",
        cause,
      },
    );
  }
}

/** The token, or `undefined` if the answer holds half of one. */
function readAnswer(answer: Answer, name: string, host: string): AccessToken | undefined {
  const { status, headers, body } = answer;
  if (headers.get("metadata-flavor") !== "Google") {
    throw fault(
      "google-metadata-imposter",
      name,
      "what answers at its address does not say that it is one",
      "A proxy or login page may stand in between; elsewhere set NO_GCE_CHECK=true.",
    );
  }
  if (status === 404) {
    throw fault(
      "google-no-service-account",
      name,
      "this machine has no such account",
      "Attach a service account, or set up workload identity for the pod.",
    );
  }
  if (status === 403) {
    throw fault(
      "google-metadata-forbidden",
      name,
      `it refused: ${masked(body)}`,
      "The scopes of the machine or metadata concealment in GKE may forbid it.",
    );
  }
  const data = parseObject(body);
  if (status === 200 && data === undefined) {
    const why = "its answer is not JSON";
    throw fault("google-metadata-imposter", name, why, "A proxy may stand in between.");
  }
  if (status === 200 && (!data?.access_token || !data.expires_in)) return undefined;
  return readToken(answer, { name, host });
}

function fault(code: GoogleErrorCode, name: string, why: string, hint: string): RegauthError {
  return new RegauthError(code, `Cannot get a token for ${name}: ${why}`, {
    subject: "metadata server",
    hint,
  });
}
