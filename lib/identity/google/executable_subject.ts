/**
 * Subject tokens from a program that a credential file names ("executable-sourced credentials").
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { GoogleErrorCode } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { isJsonObject, type JsonObject, parseObject } from "../../json_object.ts";
import { findProgram } from "../../program.ts";
import { masked } from "../mask.ts";
import { badField, type CredentialFile, optionalText, textOf } from "./credential_file.ts";
import { accountOf } from "./impersonation.ts";
import { noSubjectToken } from "./subject_token.ts";

const TIMEOUT = 30_000;
const OUTPUT_LIMIT = 1024 * 1024;
const ID_TOKEN_TYPES: readonly string[] = [
  "urn:ietf:params:oauth:token-type:jwt",
  "urn:ietf:params:oauth:token-type:id_token",
];
const SAML_TYPE = "urn:ietf:params:oauth:token-type:saml2";

/**
 * Runs the program, unless its output file holds a token that is still good.
 *
 * @param context The outside world.
 * @param file The credential file.
 * @param source Its `credential_source`.
 * @returns The token.
 * @throws {RegauthError} `google-wif-executable-failed`, `google-wif-executable-timeout`,
 * `google-wif-no-subject-token`, `google-adc-bad-field`
 */
export async function executableSubjectToken(
  context: Context,
  file: CredentialFile,
  source: JsonObject,
): Promise<Secret> {
  const { executable } = source;
  if (!isJsonObject(executable)) throw badField(file, "executable", "is not an object");
  const { timeout_millis: timeout = TIMEOUT } = executable;
  if (typeof timeout !== "number" || timeout < 5000 || timeout > 120_000) {
    throw badField(file, "timeout_millis", "is not between 5000 and 120000");
  }
  const outputFile = optionalText(file, "output_file", executable);
  const kept = outputFile === undefined ? undefined : await context.io.readText(outputFile);
  const earlier = parseObject(kept ?? "");
  if (earlier && isFresh(earlier, context.io.now())) return tokenIn(earlier, file);

  const [name = "", ...args] = words(textOf(file, "command", executable));
  const program = /[\\/]/.test(name) ? name : await findProgram(context.io, name);
  if (program === undefined) {
    throw failed(file, `there is no program "${name}" on the PATH`);
  }
  const { code, stdout, stderr, ended } = await context.io.run(program, args, {
    env: variables(file, outputFile),
    timeout,
    maxOutput: OUTPUT_LIMIT,
    ...(context.signal ? { signal: context.signal } : {}),
  });
  if (ended === "timeout") {
    const why = `${name} did not end within ${timeout / 1000} s`;
    throw failed(file, why, "google-wif-executable-timeout");
  }
  const answer = parseObject(stdout);
  if (answer?.success === false) throw failed(file, `${name}: ${messageIn(answer)}`);
  if (code !== 0) throw failed(file, `${name}: exit code ${code}: ${masked(stderr)}`);
  if (answer === undefined) throw failed(file, `${name} did not print a JSON object`);
  if (outputFile !== undefined && typeof answer.expiration_time !== "number") {
    throw failed(file, `${name} does not say when its token ends`);
  }
  return tokenIn(answer, file);
}

/** Splits at white space outside of double quotes, as google-auth-library for Node.js does. */
function words(command: string): readonly string[] {
  return Array.from(
    command.matchAll(/(?:[^\s"]+|"[^"]*")+/g),
    ([word]) => word.replaceAll('"', ""),
  );
}

function variables(file: CredentialFile, outputFile: string | undefined): Record<string, string> {
  const impersonation = optionalText(file, "service_account_impersonation_url");
  const url = impersonation === undefined ? null : URL.parse(impersonation);
  return {
    GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: textOf(file, "audience"),
    GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: textOf(file, "subject_token_type"),
    GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: "0",
    ...(url === null ? {} : { GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL: accountOf(url) }),
    ...(outputFile === undefined ? {} : { GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: outputFile }),
  };
}

function isFresh({ success, expiration_time: end }: JsonObject, now: Date): boolean {
  return success === true && typeof end === "number" && end * 1000 > now.getTime();
}

function tokenIn(answer: JsonObject, file: CredentialFile): Secret {
  const { version, success, token_type: type, expiration_time: end } = answer;
  if (version !== 1) throw failed(file, "the program speaks another version than 1");
  if (success !== true) throw failed(file, `the program says: ${messageIn(answer)}`);
  if (typeof end === "number" && end <= 0) throw failed(file, "its token has ended");
  const token = ID_TOKEN_TYPES.includes(String(type))
    ? answer.id_token
    : type === SAML_TYPE
    ? answer.saml_response
    : undefined;
  if (typeof token === "string" && token !== "") return new Secret(token);
  throw noSubjectToken(file, "the program gave no token", "Check id_token and token_type.");
}

function messageIn({ code, message }: JsonObject): string {
  const parts = [code, message].filter((part) => typeof part === "string");
  return parts.length === 0 ? "it did not succeed" : masked(parts.join(": "));
}

function failed(
  file: CredentialFile,
  why: string,
  code: GoogleErrorCode = "google-wif-executable-failed",
): Error {
  return noSubjectToken(file, why, "Run the program by hand to see what is wrong.", code);
}
