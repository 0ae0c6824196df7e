/**
 * Answers of Google's token endpoints (RFC 6749 section 5): a token, or the reason why there is none
 * and what to do about it.
 *
 * @example A key that was deleted
 * ```ts
 * import { readToken } from "./token_endpoint.ts";
 * import { RegauthError } from "../../errors.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const answer = {
 *   status: 400,
 *   headers: new Headers(),
 *   body: '{"error":"invalid_grant","error_description":"Invalid JWT Signature."}',
 *   sentAt: new Date(),
 * };
 * const error = assertThrows(
 *   () => readToken(answer, { name: "service account a@b", host: "oauth2.googleapis.com" }),
 *   RegauthError,
 *   "Invalid JWT Signature.",
 * );
 * assertEquals(error instanceof RegauthError && error.code, "google-invalid-grant");
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type ErrorCode, RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { type JsonObject, parseObject } from "../../json_object.ts";
import { type AccessToken, expiryOf } from "../access_token.ts";
import { type Answer, ask, type Question, USUAL_DELAYS } from "../ask.ts";
import { masked } from "../mask.ts";

/** Whose token it is, for messages. */
export interface TokenSubject {
  /** Such as `service account a@b of /key.json`. */
  readonly name: string;
  /** Host of the endpoint. */
  readonly host: string;
  /** What the endpoint was sent, and may repeat. */
  readonly secrets?: readonly Secret[];
  /** How a person logs in again. */
  readonly login?: string;
}

/**
 * Asks for a token.
 *
 * @param context The outside world.
 * @param question What is sent.
 * @param subject Whose token it is.
 * @returns The token.
 * @throws {RegauthError} As {@linkcode readToken}.
 */
export async function askForToken(
  context: Context,
  question: Question,
  subject: Omit<TokenSubject, "host">,
): Promise<AccessToken> {
  const answer = await ask(context, () => question, { delays: USUAL_DELAYS });
  return readToken(answer, { ...subject, host: question.url.host });
}

/**
 * Reads an answer.
 *
 * @param answer The answer.
 * @param subject Whose token it is.
 * @returns The token.
 * @throws {RegauthError} `google-invalid-grant`, `google-reauth-needed`, `google-invalid-client`,
 * `google-unauthorized-client`, `google-bad-token-type`, `refused` or `network`
 */
export function readToken(answer: Answer, subject: TokenSubject): AccessToken {
  const body = parseObject(answer.body) ?? {};
  const { access_token, token_type, expires_in } = body;
  const granted = answer.status >= 200 && answer.status < 300 && body.error === undefined;
  if (!granted || typeof access_token !== "string" || access_token === "") {
    throw refusal(answer, body, subject);
  }
  if (token_type !== undefined && String(token_type).toLowerCase() !== "bearer") {
    const why = "it gave a token of another kind than Bearer";
    throw tokenFault("google-bad-token-type", subject, why, "Look at what it is asked for.");
  }
  const expiresAt = expiryOf(expires_in, answer.sentAt);
  return { value: new Secret(access_token), ...(expiresAt ? { expiresAt } : {}) };
}

/**
 * The error of an endpoint that gives no token.
 *
 * @param code What kind of error.
 * @param subject Whose token it is.
 * @param why What the endpoint did; never a secret.
 * @param hint What to do next.
 * @returns The error to throw.
 */
export function tokenFault(
  code: ErrorCode,
  { name, host }: TokenSubject,
  why: string,
  hint: string,
): RegauthError {
  return new RegauthError(code, `Cannot get a token for ${name}: ${host}: ${why}`, {
    subject: host,
    hint,
  });
}

/** What the endpoint says of a grant, and what is behind it; the first that fits counts. */
const GRANTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/signature/i, "The key was deleted or is another account's; download a new one."],
  [
    /short-lived token|reasonable timeframe/i,
    "Set the clock of this computer; it differs from Google's by more than ten minutes.",
  ],
  [
    /account not found|disabled|deleted/i,
    "The service account does not exist any more; use another one.",
  ],
];

function refusal(answer: Answer, body: JsonObject, subject: TokenSubject): RegauthError {
  const { status } = answer;
  const { error, error_description, error_subtype } = body;
  const login = subject.login ?? "gcloud auth application-default login";
  if (status < 200 || (status >= 300 && status < 400)) {
    return tokenFault("network", subject, `it sends us elsewhere (${status})`, NOT_GOOGLE);
  }
  if (status === 429 || status >= 500) {
    return tokenFault("network", subject, `it has trouble (${status})`, "Try again later.");
  }
  if (typeof error !== "string") {
    const why = status < 300 ? "it answered but gave no token" : `it refused (${status})`;
    return tokenFault(status < 300 ? "network" : "refused", subject, why, NOT_GOOGLE);
  }
  const text = typeof error_description === "string" ? error_description : "";
  const said = masked(text === "" ? error : `${error}: ${text}`, subject.secrets);
  if (error_subtype === "invalid_rapt" || /invalid_rapt/.test(text)) {
    return tokenFault("google-reauth-needed", subject, said, `Log in again: ${login}.`);
  }
  switch (error) {
    case "invalid_grant": {
      const hint = GRANTS.find(([pattern]) => pattern.test(text))?.[1];
      return tokenFault("google-invalid-grant", subject, said, hint ?? `Log in again: ${login}.`);
    }
    case "invalid_client":
      return tokenFault(
        "google-invalid-client",
        subject,
        said,
        `The OAuth client was deleted; log in again: ${login}.`,
      );
    case "unauthorized_client":
      return tokenFault(
        "google-unauthorized-client",
        subject,
        said,
        "The account may not ask for these scopes, or not for another user.",
      );
    default:
      return tokenFault("refused", subject, said, `Check the credential, or log in: ${login}.`);
  }
}

const NOT_GOOGLE = "A proxy or login page may stand in between.";
