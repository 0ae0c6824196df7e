/**
 * Gets, stores, erases and lists credentials by way of a Docker credential helper
 * (docker/docker-credential-helpers `client`).
 *
 * @example Ask a helper for a registry
 * ```ts
 * import { helperGet } from "./helper.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { PATH: "/usr/bin" },
 *   programs: {
 *     "/usr/bin/docker-credential-x": () => ({ stdout: '{"Username":"robot","Secret":"FAKE-1"}' }),
 *   },
 * });
 * const credential = await helperGet(io, "x", "reg.example");
 * assertEquals(credential?.username, "robot");
 * assertEquals(io.runs[0]?.options.stdin, "reg.example");
 * ```
 *
 * @module
 */

import {
  type Credential,
  fromHelperAnswer,
  IDENTITY_TOKEN_USER,
  type Secret,
} from "./credential.ts";
import { RegauthError } from "./errors.ts";
import {
  callHelper,
  type HelperAction,
  helperError,
  type HelperOptions,
  tryJson,
} from "./helper_call.ts";
import type { Io } from "./io.ts";
import { fieldOf, isJsonObject, type JsonObject } from "./json_object.ts";
import { printable } from "./printable.ts";
import { findProgram } from "./program.ts";

/**
 * Asks a helper for the credential of a server.
 *
 * @param io The outside world.
 * @param suffix What follows `docker-credential-`.
 * @param server The host, or for Docker Hub its URL, exactly as it was stored.
 * @param options Limits, and what to say of it.
 * @returns The credential, or `undefined` if the helper has none.
 * @throws {RegauthError} `helper-name`, `helper-missing`, `helper-failed`, `helper-output`, or
 * `invalid-reference` if the server holds a control character.
 */
export async function helperGet(
  io: Io,
  suffix: string,
  server: string,
  options: HelperOptions = {},
): Promise<Credential | undefined> {
  const output = await callHelper(io, suffix, "get", checkedServer(server), options);
  if (output === undefined) return undefined;
  const answer = parseAnswer(output, "get", suffix);
  const text = (name: string): string => {
    const value = fieldOf(answer, name) ?? "";
    if (typeof value === "string") return value;
    throw helperError("helper-output", "get", suffix, `"${name}" in its answer is not a text`);
  };
  const source = options.configuredBy === undefined ? "" : `, ${options.configuredBy}`;
  return fromHelperAnswer(
    text("Username"),
    text("Secret"),
    `docker-credential-${suffix}${source}`,
  );
}

/**
 * Gives a credential to a helper.
 *
 * @param io The outside world.
 * @param suffix What follows `docker-credential-`.
 * @param server The host, or for Docker Hub its URL.
 * @param credential User name and password, or an identity token.
 * @param options Limits, and what to say of it.
 * @throws {RegauthError} `helper-name`, `helper-missing`, `helper-failed`, `helper-output`,
 * `invalid-reference`, or `invalid-credential` if the protocol cannot carry the credential.
 */
export async function helperStore(
  io: Io,
  suffix: string,
  server: string,
  credential: Credential,
  options: HelperOptions = {},
): Promise<void> {
  const { username = "", password, identityToken } = credential;
  const secret = identityToken ?? password;
  const user = identityToken ? IDENTITY_TOKEN_USER : username;
  if (user === "" || secret === undefined) {
    throw new RegauthError(
      "invalid-credential",
      `Cannot store credentials with "docker-credential-${suffix}": ` +
        "it takes a user name with a password, or an identity token",
    );
  }
  const text = { ServerURL: checkedServer(server), Username: user, Secret: textOf(secret, suffix) };
  await callHelper(io, suffix, "store", `${JSON.stringify(text)}\n`, options);
}

/**
 * Makes a helper forget a server.
 *
 * @param io The outside world.
 * @param suffix What follows `docker-credential-`.
 * @param server The host, or for Docker Hub its URL, exactly as it was stored.
 * @param options Limits, and what to say of it.
 * @returns `false` if the helper says that it knew no such server; some never say so.
 * @throws {RegauthError} `helper-name`, `helper-missing`, `helper-failed`, `helper-output` or
 * `invalid-reference`
 */
export async function helperErase(
  io: Io,
  suffix: string,
  server: string,
  options: HelperOptions = {},
): Promise<boolean> {
  return await callHelper(io, suffix, "erase", checkedServer(server), options) !== undefined;
}

/**
 * Asks a helper which servers it knows.
 *
 * @param io The outside world.
 * @param suffix What follows `docker-credential-`.
 * @param options Limits, and what to say of it.
 * @returns User names by server.
 * @throws {RegauthError} `helper-name`, `helper-missing`, `helper-failed` or `helper-output`
 */
export async function helperList(
  io: Io,
  suffix: string,
  options: HelperOptions = {},
): Promise<ReadonlyMap<string, string>> {
  // Docker's client sends this word to helpers that read their input even here.
  const output = await callHelper(io, suffix, "list", "unused", options) ?? "{}";
  return new Map(
    Object.entries(parseAnswer(output, "list", suffix)).map(([server, user]) => {
      if (typeof user === "string") return [server, user];
      throw helperError("helper-output", "list", suffix, "a user name in its answer is not a text");
    }),
  );
}

/**
 * The store that Docker chooses where none is configured (docker/cli
 * `credentials/default_store*.go`). It does so only for a file without `credsStore`, `credHelpers`
 * and `auths`.
 *
 * @param io The outside world.
 * @returns The suffix of a helper that is installed, if there is one.
 */
export async function detectDefaultStore(io: Io): Promise<string | undefined> {
  const suffix = io.platform === "darwin"
    ? "osxkeychain"
    : io.platform === "windows"
    ? "wincred"
    : await findProgram(io, "pass")
    ? "pass"
    : "secretservice";
  return await findProgram(io, `docker-credential-${suffix}`) && suffix;
}

function checkedServer(server: string): string {
  if (!/\p{Cc}/u.test(server)) return server;
  throw new RegauthError(
    "invalid-reference",
    `Cannot ask for "${printable(server)}": it contains a control character`,
    { subject: printable(server) },
  );
}

function textOf(secret: Secret, suffix: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(secret.bytes());
  } catch {
    throw new RegauthError(
      "invalid-credential",
      `Cannot store credentials with "docker-credential-${suffix}": the secret is not UTF-8`,
    );
  }
}

/** An answer is one line of JSON; what follows is ignored as Docker's client does. */
function parseAnswer(output: string, action: HelperAction, suffix: string): JsonObject {
  for (const text of [output, output.trim().replace(/\n.*/s, "")]) {
    const value = tryJson(text);
    if (value === null) return {};
    if (isJsonObject(value)) return value;
  }
  throw helperError("helper-output", action, suffix, "its answer is not a JSON object");
}
