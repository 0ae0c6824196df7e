/**
 * The metadata server of Google's machines, which knows the service account that a machine, pod or
 * function runs as.
 *
 * @module
 */

import { type GoogleErrorCode, RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import type { AccessToken, Identity } from "../access_token.ts";
import { type Answer, ask, type Question } from "../ask.ts";
import { masked } from "../mask.ts";
import { isPresent, isRuledOut, metadataBase } from "./metadata_probe.ts";
import { CLOUD_PLATFORM, type GoogleOptions } from "./options.ts";
import { jsonOf, readToken } from "./token_endpoint.ts";

/** Every request says this, and every answer. */
const FLAVOR = { "metadata-flavor": "Google" };
/** As in cloud.google.com/go/compute/metadata `retry.go`, within a total. */
const DELAYS: readonly number[] = [100, 200, 400, 800, 1600];
const TIMEOUT = 5000;
const TOTAL = 10_000;
/** The server itself renews a token only four minutes before its end. */
const MARGIN = 225;

/**
 * The identity of the machine. Whether there is a metadata server at all is found out when its
 * token is wanted.
 *
 * @param context The outside world.
 * @param options Which account, and what its token shall allow.
 * @returns The identity, or `undefined` if the environment says that there is none. Its token throws
 * `google-metadata-…`, `google-no-service-account`.
 * @throws {RegauthError} `invalid-environment` if a variable has a wrong value.
 */
export function metadataServer(context: Context, options: GoogleOptions): Identity | undefined {
  const { serviceAccount = "default", scopes = [CLOUD_PLATFORM] } = options;
  const base = metadataBase(context.io);
  if (isRuledOut(context)) return undefined;
  const path = `instance/service-accounts/${encodeURIComponent(serviceAccount)}/token`;
  const url = new URL(`computeMetadata/v1/${path}`, base);
  url.searchParams.set("scopes", scopes.join(","));
  const name = `service account ${serviceAccount} of the metadata server`;
  return {
    name,
    key: ["metadata", url.href],
    margin: MARGIN,
    token: async () => {
      if (!await isPresent(context)) return undefined;
      const asked = { url, headers: FLAVOR, direct: true, timeout: TIMEOUT };
      // A server that has just started gives half answers.
      for (let attempts = 1;; attempts++) {
        const token = readAnswer(await askServer(context, asked), name, url.host);
        if (token !== undefined) return token;
        if (attempts === 2) {
          throw fault("google-metadata-incomplete", name, "it gave half a token", "Try again.");
        }
      }
    },
  };
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
  const data = jsonOf(body);
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
