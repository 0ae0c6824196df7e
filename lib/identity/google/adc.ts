/**
 * Where Application Default Credentials are: the file that a variable names, else the one that gcloud
 * writes.
 *
 * @example The file that gcloud writes
 * ```ts
 * import { wellKnownPath } from "./adc.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   wellKnownPath(memoryIo({ env: { HOME: "/home/me" } })),
 *   "/home/me/.config/gcloud/application_default_credentials.json",
 * );
 * ```
 *
 * @module
 */

import { type Context, type Io, joinPath } from "../../io.ts";
import { later } from "../../later.ts";
import type { Identity } from "../access_token.ts";
import { type CredentialFile, fileFault, readCredentialFile } from "./credential_file.ts";
import type { GoogleOptions } from "./options.ts";

const VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";

/**
 * The identity in a file that somebody named.
 *
 * @param context The outside world.
 * @param path Path of the file.
 * @param source What names it, for the message.
 * @param options What the token shall allow.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-missing-file`, and what `credentialIdentity()` throws.
 */
export async function namedFile(
  context: Context,
  path: string,
  source: string,
  options: GoogleOptions,
): Promise<Identity> {
  const file = await readCredentialFile(context.io, path);
  if (file !== undefined) return await identityIn(context, file, source, options);
  const isTilde = path.startsWith("~");
  throw fileFault(
    "google-adc-missing-file",
    path,
    `${source} points at a file that does not exist${isTilde ? '; "~" is not expanded' : ""}`,
    isTilde ? `Write the whole path in ${source}.` : `Unset ${source}, or correct it.`,
  );
}

/**
 * The identity in the file that `GOOGLE_APPLICATION_CREDENTIALS` names.
 *
 * @param context The outside world.
 * @param options What the token shall allow.
 * @returns The identity, or `undefined` if the variable is not set.
 * @throws {RegauthError} As {@linkcode namedFile}.
 */
export async function variableFile(
  context: Context,
  options: GoogleOptions,
): Promise<Identity | undefined> {
  const path = context.io.env(VARIABLE);
  if (path) return await namedFile(context, path, VARIABLE, options);
  context.trace?.(`${VARIABLE} is not set`);
  return undefined;
}

/**
 * The identity in the file that gcloud writes.
 *
 * @param context The outside world.
 * @param options What the token shall allow.
 * @returns The identity, or `undefined` if there is no such file.
 * @throws {RegauthError} As {@linkcode namedFile}.
 */
export async function wellKnownFile(
  context: Context,
  options: GoogleOptions,
): Promise<Identity | undefined> {
  const path = wellKnownPath(context.io);
  if (path === undefined) {
    context.trace?.("no variable tells the home folder");
    return undefined;
  }
  const file = await readCredentialFile(context.io, path);
  if (file !== undefined) return await identityIn(context, file, "gcloud", options);
  context.trace?.(`${path} does not exist`);
  return undefined;
}

/**
 * Where gcloud keeps its files.
 *
 * @param io The outside world.
 * @returns The folder, or `undefined` if no variable tells.
 */
export function gcloudFolder(io: Io): string | undefined {
  const named = io.env("CLOUDSDK_CONFIG");
  if (named) return named;
  if (io.platform === "windows") {
    const appData = io.env("APPDATA");
    if (appData) return joinPath(io, appData, "gcloud");
    const drive = io.env("SystemDrive");
    return drive ? joinPath(io, drive, "gcloud") : undefined;
  }
  const home = io.env("HOME");
  return home ? joinPath(io, home, ".config", "gcloud") : undefined;
}

/**
 * The file that `gcloud auth application-default login` writes.
 *
 * @param io The outside world.
 * @returns Its path, there or not; `undefined` if no variable tells.
 */
export function wellKnownPath(io: Io): string | undefined {
  const folder = gcloudFolder(io);
  return folder && joinPath(io, folder, "application_default_credentials.json");
}

async function identityIn(
  context: Context,
  file: CredentialFile,
  source: string,
  options: GoogleOptions,
): Promise<Identity> {
  const { credentialIdentity } = await later<typeof import("./credential_identity.ts")>(
    "./credential_identity.ts",
    import.meta.url,
  );
  const identity = await credentialIdentity(context, file, options);
  context.trace?.(`${source}: ${identity.name}`);
  return identity;
}
