/**
 * Finds and runs Docker credential helpers: programs named `docker-credential-<suffix>`.
 *
 * @example Run a helper
 * ```ts
 * import { callHelper } from "./helper_call.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { PATH: "/usr/bin" },
 *   programs: { "/usr/bin/docker-credential-x": ([action]) => ({ stdout: `asked to ${action}` }) },
 * });
 * assertEquals(await callHelper(io, "x", "list", "unused"), "asked to list");
 * ```
 *
 * @module
 */

import { type ErrorCode, RegauthError } from "./errors.ts";
import type { Io, RunResult, Trace } from "./io.ts";
import { fieldOf, isJsonObject } from "./json_object.ts";
import { printable } from "./printable.ts";
import { findProgram } from "./program.ts";

/** What a helper can be asked to do. */
export type HelperAction = "get" | "store" | "erase" | "list";

/** How a helper is called. */
export interface HelperOptions {
  /** Milliseconds until it is ended; 0 is no limit. @default {30_000} */
  readonly timeout?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Hears what it says on standard error. */
  readonly trace?: Trace;
  /** What names it, such as `"credsStore" of /home/me/.docker/config.json`, for messages. */
  readonly configuredBy?: string;
}

const TIMEOUT = 30_000;
const OUTPUT_LIMIT = 1024 * 1024;
const NOT_FOUND = "credentials not found in native keychain";
/** Says how many helpers stand above this process, so that they cannot call each other for ever. */
const DEPTH = "REGAUTH_HELPER_DEPTH";
const DEPTH_LIMIT = 3;

const FAILURE: Readonly<Record<HelperAction, string>> = {
  get: "Cannot get credentials from",
  store: "Cannot store credentials with",
  erase: "Cannot erase credentials with",
  list: "Cannot list the credentials of",
};

/**
 * Finds a helper. A suffix with a path in it is refused: it would start a program that the PATH
 * does not name.
 *
 * @param io The outside world.
 * @param suffix What follows `docker-credential-`.
 * @param configuredBy What names the helper, for the message.
 * @returns The absolute path of the program.
 * @throws {RegauthError} `helper-name` or `helper-missing`
 */
export async function helperProgram(
  io: Io,
  suffix: string,
  configuredBy?: string,
): Promise<string> {
  const source = configuredBy === undefined ? "" : ` in ${configuredBy}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(suffix) || suffix.includes("..")) {
    throw new RegauthError(
      "helper-name",
      `Cannot use the credential helper "${printable(suffix)}": it is not a plain name`,
      {
        subject: printable(suffix),
        hint: `Write what follows "docker-credential-"${source}: letters, digits, ".", "_", "-".`,
      },
    );
  }
  const name = `docker-credential-${suffix}`;
  const program = await findProgram(io, name);
  if (program !== undefined) return program;
  throw new RegauthError(
    "helper-missing",
    `Cannot find "${name}": no folder of PATH holds an executable of that name`,
    { subject: name, hint: `Install it, or name another one${source}.` },
  );
}

/**
 * Runs a helper.
 *
 * @param io The outside world.
 * @param suffix What follows `docker-credential-`.
 * @param action What to ask for.
 * @param input Its standard input.
 * @param options Limits, and what to say of it.
 * @returns What it printed, or `undefined` if it does not know the server.
 * @throws {RegauthError} `helper-name`, `helper-missing`, `helper-failed`, or `helper-output` if it
 * prints more than 1 MiB.
 */
export async function callHelper(
  io: Io,
  suffix: string,
  action: HelperAction,
  input: string,
  options: HelperOptions = {},
): Promise<string | undefined> {
  const { timeout = TIMEOUT, signal, trace, configuredBy } = options;
  const program = await helperProgram(io, suffix, configuredBy);
  const depth = Number.parseInt(io.env(DEPTH) ?? "", 10) || 0;
  if (depth >= DEPTH_LIMIT) {
    throw helperError(
      "helper-failed",
      action,
      suffix,
      `${depth} helpers have called each other`,
      `Remove the helper that asks itself${configuredBy ? ` from ${configuredBy}` : ""}.`,
    );
  }
  const result = await io.run(program, [action], {
    stdin: input,
    env: { [DEPTH]: String(depth + 1) },
    timeout,
    maxOutput: OUTPUT_LIMIT,
    ...(signal === undefined ? {} : { signal }),
  });
  const hide = (text: string): string =>
    [secretIn(input), secretIn(result.stdout)].filter((secret) => secret !== "")
      .reduce((hidden, secret) => hidden.replaceAll(secret, "[redacted]"), text);
  for (const line of hide(result.stderr).split("\n").slice(0, 20)) {
    if (line.trim() !== "") trace?.(`docker-credential-${suffix}: ${printable(line.trim())}`);
  }
  if (result.ended === undefined && result.code === 0) return result.stdout;
  if (result.ended === undefined && action !== "store" && result.stdout.trim() === NOT_FOUND) {
    return undefined;
  }
  if (result.ended === "output-limit") {
    throw helperError("helper-output", action, suffix, "it printed more than 1 MiB");
  }
  throw helperError("helper-failed", action, suffix, whyFailed(result, timeout, hide));
}

/**
 * The failure of a helper.
 *
 * @param code What kind of failure.
 * @param action What it was asked to do.
 * @param suffix What follows `docker-credential-`.
 * @param why What happened; never a secret.
 * @param hint What to do next.
 * @returns The error to throw.
 */
export function helperError(
  code: ErrorCode,
  action: HelperAction,
  suffix: string,
  why: string,
  hint = `Run "docker-credential-${suffix} list" to see what is wrong with it.`,
): RegauthError {
  const subject = `docker-credential-${suffix}`;
  return new RegauthError(code, `${FAILURE[action]} "${subject}": ${why}`, { subject, hint });
}

/**
 * Parses what a helper printed.
 *
 * @param text The text.
 * @returns The value, or `undefined` if it is not JSON.
 */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function secretIn(text: string): string {
  const value = tryJson(text);
  const secret = isJsonObject(value) ? fieldOf(value, "Secret") : "";
  return typeof secret === "string" ? secret : "";
}

function whyFailed(result: RunResult, timeout: number, hide: (text: string) => string): string {
  if (result.ended === "timeout") return `it timed out after ${timeout / 1000} s`;
  const said = hide(result.stdout).trim().replace(/\n.*/s, "").slice(0, 200);
  // An answer with a wrong exit code may hold a secret.
  const shown = said === "" || /^[[{"]/.test(said) ? "" : `: ${printable(said.trim())}`;
  return `exit code ${result.code}${shown}`;
}
