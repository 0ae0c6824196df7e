/**
 * Azure Arc: a program on the machine gives tokens to whoever can read a file that only some may
 * read. Whoever listens in its place must not make us read any other file.
 *
 * @module
 */

import { type Challenge, parseChallenges } from "../../challenge.ts";
import { Secret } from "../../credential.ts";
import { type AzureErrorCode, RegauthError } from "../../errors.ts";
import type { Context, Io } from "../../io.ts";
import { isLoopbackHost } from "../../reference.ts";
import { type Answer, ask, type Patience, type Question } from "../ask.ts";

const SIZE_LIMIT = 4096;

/**
 * Asks for a token: the first answer names a file, whose content the second question holds.
 *
 * @param context The outside world.
 * @param question The question for a token.
 * @param patience When to give up.
 * @returns The answer to the second question.
 * @throws {RegauthError} `azure-arc-no-challenge`, `azure-arc-bad-challenge`,
 * `azure-arc-unreadable`, `network`
 */
export async function askArc(
  context: Context,
  question: Question,
  patience: Patience,
): Promise<Answer> {
  if (!isLoopbackHost(question.url.host)) {
    throw fault("azure-arc-bad-challenge", "its address is not on this machine", UNSET);
  }
  const first = await ask(context, () => question, patience);
  if (first.status !== 401) {
    const why = `it asked for no proof (status ${first.status})`;
    throw fault("azure-arc-no-challenge", why, "Check what listens at its address.");
  }
  const path = keyPath(context.io, first.headers.get("www-authenticate") ?? "");
  const authorization = new Secret(`Basic ${await readKey(context.io, path)}`);
  const headers = { ...question.headers, authorization };
  return await ask(context, () => ({ ...question, headers }), patience);
}

const UNSET = "Unset IDENTITY_ENDPOINT, or correct it.";

/** The file that the challenge names, if it is one of Arc's own. */
function keyPath(io: Io, header: string): string {
  const path = challengesIn(header).find(({ scheme }) => scheme === "basic")?.params.realm ??
    /^Basic realm=(.*)$/i.exec(header)?.[1]?.trim() ?? "";
  const windows = io.platform === "windows";
  const folder = windows
    ? `${io.env("ProgramData") ?? "C:\\ProgramData"}\\AzureConnectedMachineAgent\\Tokens`
    : "/var/opt/azcmagent/tokens";
  const [, parent, name = ""] = /^(.*)[\\/]([^\\/]*)$/s.exec(path) ?? [];
  const isFolder = windows ? parent?.toLowerCase() === folder.toLowerCase() : parent === folder;
  if (isFolder && /^[\w-][\w.-]*\.key$/.test(name)) return path;
  const why = path === "" ? "it names no file" : `it asks for a file that is not in ${folder}`;
  throw fault(
    "azure-arc-bad-challenge",
    why,
    "Something else may listen at the address of the Connected Machine agent.",
  );
}

function challengesIn(header: string): readonly Challenge[] {
  try {
    return parseChallenges(header);
  } catch {
    return []; // The agent puts no quotes around the path.
  }
}

async function readKey(io: Io, path: string): Promise<string> {
  let text;
  try {
    text = await io.readText(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (text === undefined) throw unreadable(path, undefined);
  if (text.length <= SIZE_LIMIT) return text;
  throw fault("azure-arc-bad-challenge", `${path} is larger than ${SIZE_LIMIT} bytes`, UNSET);
}

function unreadable(path: string, cause: unknown): RegauthError {
  return fault(
    "azure-arc-unreadable",
    `${path} may not be read`,
    "Add the user to the group himds, or run as root.",
    cause,
  );
}

function fault(code: AzureErrorCode, why: string, hint: string, cause?: unknown): RegauthError {
  return new RegauthError(code, `Cannot use the identity of Azure Arc: ${why}`, {
    subject: "Azure Arc",
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
