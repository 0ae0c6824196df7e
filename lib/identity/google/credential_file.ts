/**
 * Google's credential files: JSON objects whose `type` says what they are. They come from outside, so
 * nothing in them is believed before it was looked at.
 *
 * @example A member that must be there
 * ```ts
 * import { readCredentialFile, textOf } from "./credential_file.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { RegauthError } from "../../errors.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const io = memoryIo({ files: { "/key.json": '{"type":"service_account"}' } });
 * const file = await readCredentialFile(io, "/key.json");
 * assertEquals(file && textOf(file, "type"), "service_account");
 * assertThrows(() => file && textOf(file, "client_email"), RegauthError, "client_email");
 * ```
 *
 * @module
 */

import { type GoogleErrorCode, messageOf, RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { isJsonObject, type JsonObject, kindOfJson } from "../../json_object.ts";

/** A credential file. */
export interface CredentialFile {
  /** Where it is, for messages. */
  readonly path: string;
  /** What is in it. */
  readonly data: JsonObject;
  /** Size and time of the last change, by which an edited file is told from its former self. */
  readonly stamp: string;
}

const SIZE_LIMIT = 1024 * 1024;

/**
 * Reads a credential file.
 *
 * @param io The outside world.
 * @param path Path of the file; `~` is not expanded.
 * @returns The file, or `undefined` if there is none.
 * @throws {RegauthError} `google-adc-unreadable`, `google-adc-too-large`, `google-adc-not-json` or
 * `google-adc-not-object`
 */
export async function readCredentialFile(
  io: Io,
  path: string,
): Promise<CredentialFile | undefined> {
  const shown = absolute(io, path);
  const read = await readSmall(io, path, shown);
  if (read === undefined) return undefined;
  const text = read.text.replace(/^\uFEFF/, "");
  if (text.trim() === "") {
    throw fileFault("google-adc-not-json", shown, "it is empty", "Create the credential again.");
  }
  const data = await parse(text, shown);
  if (isJsonObject(data)) return { path: shown, data, stamp: read.stamp };
  const what = `it holds ${kindOfJson(data)}, not an object`;
  throw fileFault("google-adc-not-object", shown, what, "Name the file of a Google credential.");
}

/**
 * A text in a credential file.
 *
 * @param file The file.
 * @param member Name of the member.
 * @param object The object that has it. @default {the whole file}
 * @returns The text, never empty.
 * @throws {RegauthError} `google-adc-bad-field` if it is missing, empty or no text.
 */
export function textOf(file: CredentialFile, member: string, object?: JsonObject): string {
  const text = optionalText(file, member, object);
  if (text !== undefined) return text;
  throw badField(file, member, "is missing");
}

/**
 * A text that a credential file need not have.
 *
 * @param file The file.
 * @param member Name of the member.
 * @param object The object that has it. @default {the whole file}
 * @returns The text, or `undefined` if it is missing or empty.
 * @throws {RegauthError} `google-adc-bad-field` if it is no text.
 */
export function optionalText(
  file: CredentialFile,
  member: string,
  object: JsonObject = file.data,
): string | undefined {
  const value = Object.hasOwn(object, member) ? object[member] : undefined;
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  throw badField(file, member, `is ${kindOfJson(value)}, not a text`);
}

/**
 * An object in a credential file.
 *
 * @param file The file.
 * @param member Name of the member.
 * @returns The object, or `undefined` if it is missing.
 * @throws {RegauthError} `google-adc-bad-field` if it is something else.
 */
export function optionalObject(file: CredentialFile, member: string): JsonObject | undefined {
  const value = Object.hasOwn(file.data, member) ? file.data[member] : undefined;
  if (value === undefined || isJsonObject(value)) return value;
  throw badField(file, member, `is ${kindOfJson(value)}, not an object`);
}

/**
 * The error of a member.
 *
 * @param file The file.
 * @param member Name of the member.
 * @param why What is wrong with it; never its value.
 * @returns The error to throw.
 */
export function badField(file: CredentialFile, member: string, why: string): RegauthError {
  return fileFault(
    "google-adc-bad-field",
    file.path,
    `its "${member}" ${why}`,
    "Create or download the credential again.",
  );
}

/**
 * The error of a credential file.
 *
 * @param code What kind of error.
 * @param path The file.
 * @param why What is wrong; never a secret.
 * @param hint What to do next.
 * @param cause What was thrown.
 * @returns The error to throw.
 */
export function fileFault(
  code: GoogleErrorCode,
  path: string,
  why: string,
  hint: string,
  cause?: unknown,
): RegauthError {
  return new RegauthError(code, `Cannot use "${path}": ${why}`, {
    subject: path,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A relative path as it was meant, where the shell tells. */
function absolute(io: Io, path: string): string {
  const folder = io.env("PWD");
  const relative = !/^(?:[\\/]|[A-Za-z]:)/.test(path);
  return relative && folder ? `${folder.replace(/\/$/, "")}/${path}` : path;
}

async function readSmall(
  io: Io,
  path: string,
  shown: string,
): Promise<{ readonly text: string; readonly stamp: string } | undefined> {
  try {
    const stat = await io.stat(path);
    const text = (stat?.size ?? 0) > SIZE_LIMIT ? undefined : await io.readText(path);
    if (stat === undefined && text === undefined) return undefined;
    if (text !== undefined && text.length <= SIZE_LIMIT) {
      return { text, stamp: `${stat?.size}:${stat?.modified?.getTime()}` };
    }
  } catch (cause) {
    const why = messageOf(cause).replace(/^Cannot [^:]*"[^"]*": /, "");
    const hint = "Check owner and mode; a program that ran as root may have made it.";
    throw fileFault("google-adc-unreadable", shown, why, hint, cause);
  }
  const hint = "Name the file of a Google credential.";
  throw fileFault("google-adc-too-large", shown, "it is larger than 1 MiB", hint);
}

async function parse(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { parseJson, valueOf } = await import("../../json_tree.ts");
    try {
      return valueOf(parseJson(text, path));
    } catch (cause) {
      const why = messageOf(cause).replace(/^Cannot parse "[^"]*": /, "");
      const hint = "Create or download the credential again.";
      throw fileFault("google-adc-not-json", path, why, hint, cause);
    }
  }
}
