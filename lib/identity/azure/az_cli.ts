/**
 * The account that somebody logged in to az with, as a last resort: az takes a second or two for an
 * answer.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type AzureErrorCode, RegauthError } from "../../errors.ts";
import { homeOf, type Io, joinPath, type RunResult } from "../../io.ts";
import { parseObject } from "../../json_object.ts";
import { printable } from "../../printable.ts";
import { findProgram } from "../../program.ts";
import type { AccessToken } from "../access_token.ts";
import { masked } from "../mask.ts";
import type { Azure, AzureIdentity } from "./entra.ts";

const TIMEOUT = 15_000;
const OUTPUT_LIMIT = 1024 * 1024;

/**
 * The account of az.
 *
 * @param azure Azure as the caller uses it.
 * @param isWanted Whether the user named az, so that it is an error if it cannot be used.
 * @returns The identity, or `undefined` if az is not installed. Its tokens throw
 * `azure-cli-failed`, `azure-cli-not-logged-in`, `azure-mfa`.
 * @throws {RegauthError} `azure-cli-missing` if it is wanted, `invalid-environment` if tenant or
 * subscription have illegal characters.
 */
export async function azCli(azure: Azure, isWanted = false): Promise<AzureIdentity | undefined> {
  const { context: { io, trace }, options } = azure;
  const { tenantId, subscription } = options;
  const program = await findProgram(io, "az", [".cmd", ".exe"]);
  if (program === undefined) {
    if (isWanted) throw fault("azure-cli-missing", "it is not on the PATH", INSTALL);
    trace?.("az: not on the PATH");
    return undefined;
  }
  checkCharacters("tenantId", tenantId, /^[A-Za-z0-9.-]+$/);
  checkCharacters("subscription", subscription, /^[A-Za-z0-9 _.-]+$/);
  const more = [
    ...tenantId ? ["--tenant", tenantId] : [],
    ...subscription ? ["--subscription", subscription] : [],
  ];

  async function token(resource: string): Promise<AccessToken | undefined> {
    const args = ["account", "get-access-token", "-o", "json", "--resource", resource, ...more];
    const { signal } = azure.context;
    const result = await io.run(program ?? "", args, {
      timeout: TIMEOUT,
      maxOutput: OUTPUT_LIMIT,
      ...(signal ? { signal } : {}),
    });
    const failure = failureOf(result);
    if (failure && !isWanted && SKIPPED.includes(failure.code)) {
      trace?.(failure.message);
      return undefined;
    }
    if (failure) throw failure;
    return tokenIn(result.stdout);
  }

  const account = await accountKey(io);
  return {
    name: "the account of az",
    for: (resource) => ({
      name: "the account of az",
      key: ["az", account, ...more, resource],
      exclusive: true,
      token: async () => await token(resource),
    }),
  };
}

/** What says that nobody configured az, and not that it is broken. */
const SKIPPED: readonly string[] = ["azure-cli-not-logged-in", "azure-cli-missing"];
const INSTALL = "Install the Azure CLI, or use another source.";

function failureOf({ code, stderr, ended }: RunResult): RegauthError | undefined {
  if (ended === "timeout") {
    const why = `it did not answer within ${TIMEOUT / 1000} s`;
    return fault("azure-cli-failed", why, "Run az account get-access-token by hand.");
  }
  if (code === 0) return undefined;
  if (code === 127 || /is not recognized/i.test(stderr)) {
    return fault("azure-cli-missing", "it cannot be started", INSTALL);
  }
  const said = masked(stderr.slice(-400).replace(stderr.length > 400 ? /^\S*/ : "", ""));
  if (/az login/i.test(stderr) && /please run/i.test(stderr) && !/AADSTS\d/.test(stderr)) {
    return fault("azure-cli-not-logged-in", "nobody is logged in", "Log in: az login.");
  }
  if (/AADSTS(?:500011|50001|65001)\b/.test(stderr)) {
    return fault("azure-resource-unknown", said, "Ask an administrator.");
  }
  if (/AADSTS(?:50076|50079|50158)\b|multi-factor/i.test(stderr)) {
    return fault("azure-mfa", said, "Log in again: az login.");
  }
  return fault("azure-cli-failed", said || `exit code ${code}`, "Log in again: az login.");
}

function tokenIn(stdout: string): AccessToken {
  const answer = parseObject(stdout.slice(Math.max(stdout.indexOf("{"), 0)));
  const { accessToken, expires_on: seconds, expiresOn: text } = answer ?? {};
  if (typeof accessToken !== "string" || accessToken === "") {
    throw fault("azure-cli-failed", "it gave no token", "Update the Azure CLI.");
  }
  // `expiresOn` is local time without a zone, which is how such a text is read.
  const expiresAt = typeof seconds === "number"
    ? new Date(seconds * 1000)
    : new Date(typeof text === "string" ? text.replace(" ", "T").replace(/\.\d+$/, "") : NaN);
  const isKnown = !Number.isNaN(expiresAt.getTime());
  return { value: new Secret(accessToken), ...(isKnown ? { expiresAt } : {}) };
}

/** Changes when somebody logs in, out, or chooses another subscription. */
async function accountKey(io: Io): Promise<string> {
  const home = homeOf(io);
  const folder = io.env("AZURE_CONFIG_DIR") || (home ? joinPath(io, home, ".azure") : "");
  const profile = await io.stat(joinPath(io, folder, "azureProfile.json")).catch(() => undefined);
  return `${folder} ${profile?.size} ${profile?.modified?.getTime()}`;
}

function checkCharacters(name: string, text: string | undefined, allowed: RegExp): void {
  if (text === undefined || allowed.test(text)) return;
  throw new RegauthError(
    "invalid-environment",
    `Cannot tell az the ${name} "${printable(text)}": it has illegal characters`,
    { subject: name, hint: `Correct ${name} in regauth's own file.` },
  );
}

function fault(code: AzureErrorCode, why: string, hint: string): RegauthError {
  return new RegauthError(code, `Cannot use az: ${why}`, { subject: "az", hint });
}
