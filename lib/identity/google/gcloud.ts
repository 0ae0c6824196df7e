/**
 * The account that somebody logged in to gcloud with (`gcloud auth login`), as a last resort: gcloud
 * takes a second or two for an answer.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type GoogleErrorCode, RegauthError } from "../../errors.ts";
import { type Context, type Io, joinPath } from "../../io.ts";
import { isJsonObject, parseObject } from "../../json_object.ts";
import { findProgram } from "../../program.ts";
import type { AccessToken, Identity } from "../access_token.ts";
import { masked } from "../mask.ts";
import { gcloudFolder } from "./adc.ts";

/** As go-containerregistry asks (`pkg/v1/google/auth.go`). */
const ARGUMENTS: readonly string[] = [
  "config",
  "config-helper",
  "--force-auth-refresh",
  "--format=json(credential)",
];
const TIMEOUT = 20_000;
const OUTPUT_LIMIT = 1024 * 1024;
const INSTALL = "Install the Google Cloud CLI, or use another source.";

/** What gcloud says when nobody has logged in. */
const LOGGED_OUT = /do not currently have an active account/i;

/**
 * The account of gcloud.
 *
 * @param context The outside world.
 * @param isWanted Whether the user named gcloud, so that it is an error if nobody is logged in.
 * @returns The identity, or `undefined` if gcloud is not installed. Its token throws
 * `google-gcloud-failed`, `google-gcloud-timeout`, `google-gcloud-empty` or `google-gcloud-locked`.
 */
export async function gcloud(
  context: Context,
  isWanted = false,
): Promise<Identity | undefined> {
  const program = await findProgram(context.io, "gcloud", [".cmd", ".exe"]);
  if (program === undefined) {
    context.trace?.("gcloud: not on the PATH");
    return undefined;
  }
  const folder = gcloudFolder(context.io) ?? "";
  const account = await activeAccount(context.io, folder);
  return {
    name: `the account${account === "" ? "" : ` ${account}`} of gcloud`,
    key: ["gcloud", folder, account],
    exclusive: true,
    token: async () => await ask(context, program, isWanted),
  };
}

/**
 * The error of a caller who wants gcloud and nothing else.
 *
 * @returns The error to throw.
 */
export function gcloudMissing(): RegauthError {
  return fault("google-gcloud-missing", "it is not on the PATH", INSTALL);
}

async function ask(
  context: Context,
  program: string,
  isWanted: boolean,
): Promise<AccessToken | undefined> {
  const { code, stdout, stderr, ended } = await context.io.run(program, ARGUMENTS, {
    timeout: TIMEOUT,
    maxOutput: OUTPUT_LIMIT,
    ...(context.signal ? { signal: context.signal } : {}),
  });
  if (ended === "timeout") {
    const why = `it did not answer within ${TIMEOUT / 1000} s`;
    throw fault("google-gcloud-timeout", why, "Run gcloud auth print-access-token by hand.");
  }
  if (code !== 0 && !isWanted && LOGGED_OUT.test(stderr)) {
    context.trace?.("gcloud: nobody is logged in");
    return undefined;
  }
  if (code !== 0) {
    // The end says why. Half a word at the cut could be half a token, which nothing would hide.
    const said = masked(stderr.slice(-400).replace(stderr.length > 400 ? /^\S*/ : "", ""));
    throw /database is locked/i.test(stderr)
      ? fault("google-gcloud-locked", said, "Another gcloud is at work; try again.")
      : fault("google-gcloud-failed", said || `exit code ${code}`, "Log in: gcloud auth login.");
  }
  return readAnswer(stdout);
}

/** Warnings may stand before the JSON. */
function readAnswer(stdout: string): AccessToken {
  const answer = parseObject(stdout.slice(Math.max(stdout.indexOf("{"), 0)));
  if (answer === undefined) {
    throw fault("google-gcloud-failed", "it did not print JSON", "Update the Google Cloud CLI.");
  }
  const { access_token: token, token_expiry: expiry } = isJsonObject(answer.credential)
    ? answer.credential
    : answer;
  if (typeof token !== "string" || token === "") {
    throw fault("google-gcloud-empty", "it gave no token", "Log in: gcloud auth login.");
  }
  if (expiry === undefined || expiry === null) return { value: new Secret(token) };
  const expiresAt = new Date(typeof expiry === "string" ? expiry : NaN);
  if (!Number.isNaN(expiresAt.getTime())) return { value: new Secret(token), expiresAt };
  const why = "the time at which its token ends cannot be read";
  throw fault("google-gcloud-failed", why, "Update the Google Cloud CLI.");
}

/** The account by the variables and files of gcloud; empty if they do not say. */
async function activeAccount(io: Io, folder: string): Promise<string> {
  const named = io.env("CLOUDSDK_CORE_ACCOUNT");
  if (named) return named;
  const read = async (...names: readonly string[]): Promise<string> =>
    await io.readText(joinPath(io, folder, ...names)).catch(() => undefined) ?? "";
  const configuration = io.env("CLOUDSDK_ACTIVE_CONFIG_NAME") ||
    (await read("active_config")).trim() || "default";
  const text = await read("configurations", `config_${configuration.replaceAll(/[\\/]/g, "")}`);
  return /^[ \t]*account[ \t]*=[ \t]*(\S+)/m.exec(text)?.[1] ?? "";
}

function fault(code: GoogleErrorCode, why: string, hint: string): RegauthError {
  return new RegauthError(code, `Cannot use gcloud: ${why}`, { subject: "gcloud", hint });
}
