/**
 * The token of another provider that Google's security token service exchanges: from a file, from a
 * URL, from a program, or made of AWS credentials.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type GoogleErrorCode, messageOf, RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { isJsonObject, type JsonObject, parseObject } from "../../json_object.ts";
import { printable } from "../../printable.ts";
import { isLoopbackHost } from "../../reference.ts";
import { ask, USUAL_DELAYS } from "../ask.ts";
import {
  badField,
  type CredentialFile,
  fileFault,
  optionalObject,
  optionalText,
  textOf,
} from "./credential_file.ts";
import type { GoogleOptions } from "./options.ts";

/** Gets the token, anew at each call: such tokens are short-lived. */
export type SubjectTokenSource = () => Promise<Secret>;

const LIMIT = 1024 * 1024;
/** Where subject tokens may come from over plain HTTP: they never leave the machine's own network. */
const LOCAL_HOSTS: readonly string[] = ["169.254.169.254", "metadata.google.internal"];

/**
 * Finds out where the token comes from.
 *
 * @param context The outside world.
 * @param file The file, with `credential_source`.
 * @param options Whether programs may be run, and which hosts are trusted.
 * @returns What gets it. It throws `google-wif-no-subject-token`, `google-wif-executable-…`,
 * `network`.
 * @throws {RegauthError} `google-wif-ambiguous-source`, `google-wif-executable-disabled`,
 * `google-wif-certificate-unsupported`, `google-adc-bad-field`
 */
export function subjectTokenSource(
  context: Context,
  file: CredentialFile,
  options: GoogleOptions,
): SubjectTokenSource {
  const source = optionalObject(file, "credential_source") ?? {};
  const kinds = ["environment_id", "file", "url", "executable", "certificate"]
    .filter((member) => source[member] !== undefined && source[member] !== "")
    // The AWS source has a url of its own.
    .filter((member, _, all) => member !== "url" || !all.includes("environment_id"));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    throw fileFault(
      "google-wif-ambiguous-source",
      file.path,
      kind === undefined
        ? 'its "credential_source" names no source'
        : `its "credential_source" names ${kinds.length} sources: ${kinds.join(", ")}`,
      "Keep exactly one of file, url, executable and environment_id.",
    );
  }
  switch (kind) {
    case "file":
      return fromFile(context, file, source);
    case "url":
      return fromUrl(context, file, source);
    case "environment_id":
      return async () =>
        await (await import("./aws_subject.ts")).awsSubjectToken(context, file, source, options);
    case "executable":
      return fromExecutable(context, file, source, options);
    default:
      throw fileFault(
        "google-wif-certificate-unsupported",
        file.path,
        "it needs a client certificate for mutual TLS",
        "Use a provider with tokens (OIDC), or the metadata server.",
      );
  }
}

/**
 * The error of a source that gives no token.
 *
 * @param file The credential file.
 * @param why What is wrong; never the token.
 * @param hint What to do next.
 * @param code What kind of error.
 * @returns The error to throw.
 */
export function noSubjectToken(
  file: CredentialFile,
  why: string,
  hint: string,
  code: GoogleErrorCode = "google-wif-no-subject-token",
): RegauthError {
  const message = `Cannot get the token that ${file.path} speaks of: ${why}`;
  return new RegauthError(code, message, { subject: file.path, hint });
}

function fromFile({ io }: Context, file: CredentialFile, source: JsonObject): SubjectTokenSource {
  const path = textOf(file, "file", source);
  const extract = extractor(file, source, path);
  return async () => {
    let text;
    try {
      text = await io.readText(path);
    } catch (cause) {
      throw noSubjectToken(file, messageOf(cause), "Check owner and mode of that file.");
    }
    if (text !== undefined && text.length <= LIMIT) return extract(text);
    const why = text === undefined ? "does not exist" : "is larger than 1 MiB";
    throw noSubjectToken(file, `${path} ${why}`, "Check that the token is mounted or written.");
  };
}

function fromUrl(context: Context, file: CredentialFile, source: JsonObject): SubjectTokenSource {
  const text = textOf(file, "url", source);
  const url = URL.parse(text);
  const isLocal = url !== null &&
    (LOCAL_HOSTS.includes(url.hostname) || isLoopbackHost(url.hostname));
  if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && isLocal))) {
    throw fileFault(
      "google-untrusted-endpoint",
      file.path,
      `it gets its token from "${printable(url?.host ?? text.slice(0, 100))}" without TLS`,
      "Use a URL with https.",
    );
  }
  const headers = headersOf(file, source);
  const extract = extractor(file, source, url.host);
  return async () => {
    const question = { url, headers, direct: url.protocol === "http:" };
    const { status, body } = await ask(context, () => question, { delays: USUAL_DELAYS });
    if (status >= 200 && status < 300) return extract(body);
    const why = `${url.host} answered with status ${status}`;
    throw noSubjectToken(
      file,
      why,
      "Check the URL and its headers; in CI the job must be allowed to ask for tokens.",
    );
  };
}

function headersOf(file: CredentialFile, source: JsonObject): Record<string, Secret> {
  const { headers = {} } = source;
  if (!isJsonObject(headers)) throw badField(file, "headers", "is not an object");
  return Object.fromEntries(
    Object.keys(headers).map((name) => [name, new Secret(textOf(file, name, headers))]),
  );
}

function fromExecutable(
  context: Context,
  file: CredentialFile,
  source: JsonObject,
  { allowExecutables }: GoogleOptions,
): SubjectTokenSource {
  if (!allowExecutables) {
    throw fileFault(
      "google-wif-executable-disabled",
      file.path,
      "it wants to run a program",
      "If you trust the file, set allowExecutables for this registry in regauth's own file.",
    );
  }
  return async () =>
    await (await import("./executable_subject.ts")).executableSubjectToken(context, file, source);
}

/** Takes the token out of a text, as `format` says. */
function extractor(
  file: CredentialFile,
  source: JsonObject,
  where: string,
): (text: string) => Secret {
  const { format = {} } = source;
  if (!isJsonObject(format)) throw badField(file, "format", "is not an object");
  const type = optionalText(file, "type", format) ?? "text";
  if (type !== "text" && type !== "json") {
    throw badField(file, "format", "is neither text nor json");
  }
  const field = type === "json" ? textOf(file, "subject_token_field_name", format) : undefined;
  return (text) => {
    const value = field === undefined ? text : parseObject(text)?.[field];
    if (typeof value !== "string") {
      const why = `${where} holds no text "${field}" in a JSON object`;
      throw noSubjectToken(file, why, "Check subject_token_field_name.");
    }
    const token = value.trim();
    if (token !== "") return new Secret(token);
    throw noSubjectToken(file, `${where} is empty`, "Check what writes the token.");
  };
}
