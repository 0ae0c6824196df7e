/**
 * What variables, files and the caller say of how to use AWS.
 *
 * @example
 * ```ts
 * import { openAws, settingOf } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me", AWS_PROFILE: "prod" },
 *   files: { "/home/me/.aws/config": "[profile prod]\nregion = eu-west-1\n" },
 * });
 * const aws = await openAws({ io });
 * assertEquals(aws.profileName, "prod");
 * assertEquals(settingOf(aws, "AWS_REGION", "region"), "eu-west-1");
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { IniSection } from "../../ini.ts";
import type { Context, Io } from "../../io.ts";
import type { Memory } from "../memory.ts";
import { type AwsNotes, awsNotes } from "./keys.ts";
import { readSharedFiles, type SharedFiles } from "./shared_files.ts";

/** What the caller says. */
export interface AwsOptions {
  /** Profile to use; variables with keys are then passed over. */
  readonly profile?: string;
  /** Role to take on with the keys that were found. */
  readonly roleArn?: string;
  /** What the owner of the role wants to hear. */
  readonly externalId?: string;
  /** Region of the token service, for roles. */
  readonly region?: string;
  /** Seconds for which keys of a role are good. */
  readonly duration?: number;
  /** Asks a person for the code of an MFA device; `undefined` is that nobody can be asked. */
  readonly askMfa?: (device: string) => Promise<string | undefined>;
  /** Where short-lived keys are kept for the next program; nowhere if absent. */
  readonly memory?: Memory;
  /** Hears what the user should know, though it is no failure. @default {the trace} */
  readonly warn?: (message: string) => void;
}

/** AWS as one caller uses it. */
export interface Aws {
  /** The outside world. */
  readonly context: Context;
  /** What the caller says. */
  readonly options: AwsOptions;
  /** What the files hold. */
  readonly files: SharedFiles;
  /** Name of the profile that is used. */
  readonly profileName: string;
  /** That profile, if there is one. */
  readonly profile: IniSection | undefined;
  /** What was found out before. */
  readonly notes: AwsNotes;
  /** Tells the user something, once. */
  readonly warn: (message: string) => void;
  /** Milliseconds that AWS may still take for all calls together. */
  readonly patience: { left: number };
}

/** A person waits. */
const PATIENCE = 25_000;

/**
 * Reads a variable; an empty one is not set.
 *
 * @param io The outside world.
 * @param names Its name, and names that count if it is not set.
 * @returns Its value, or `undefined` if none of them is set.
 */
export function variable(io: Io, ...names: readonly string[]): string | undefined {
  return names.map((name) => io.env(name)).find((value) => value);
}

/**
 * Reads the files and chooses the profile.
 *
 * @param context The outside world.
 * @param options What the caller says.
 * @param notes What was found out before.
 * @returns The settings.
 * @throws {RegauthError} `config-type` if the profile that somebody names does not exist.
 */
export async function openAws(
  context: Context,
  options: AwsOptions = {},
  notes: AwsNotes = awsNotes(),
): Promise<Aws> {
  const files = await readSharedFiles(context);
  const warn = (message: string): void => {
    if (!notes.warnings.has(message)) (options.warn ?? context.trace)?.(message);
    notes.warnings.add(message);
  };
  const profileName = chosenProfile(context.io, options, files, warn);
  return {
    context,
    options,
    files,
    profileName,
    profile: files.profiles.get(profileName),
    notes,
    warn,
    patience: { left: PATIENCE },
  };
}

/**
 * Reads a setting: the variable, else the profile.
 *
 * @param aws The settings.
 * @param name Name of the variable.
 * @param key Key in the profile.
 * @returns Its value, or `undefined` if nobody says.
 */
export function settingOf(aws: Aws, name: string, key: string): string | undefined {
  return variable(aws.context.io, name) ?? aws.profile?.values.get(key);
}

/**
 * Reads a setting that is yes or no.
 *
 * @param aws The settings.
 * @param name Name of the variable.
 * @param key Key in the profile.
 * @returns Whether it says `true`, in any letter case.
 * @throws {RegauthError} `invalid-environment` or `config-type` if it says something else than
 * `true` or `false`.
 */
export function switchOf(aws: Aws, name: string, key: string): boolean {
  const value = settingOf(aws, name, key)?.toLowerCase();
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  const fromVariable = variable(aws.context.io, name) !== undefined;
  const subject = fromVariable ? name : key;
  throw new RegauthError(
    fromVariable ? "invalid-environment" : "config-type",
    `Cannot use "${subject}"${fromVariable ? "" : ` of profile "${aws.profileName}"`}: ` +
      "it is neither true nor false",
    { subject, hint: "Set it to true or false, or remove it." },
  );
}

/**
 * The error for a profile that somebody names and nobody wrote.
 *
 * @param files What the files hold.
 * @param name Name of the profile.
 * @param namedBy Who names it.
 * @returns The error to throw.
 */
export function missingProfile(files: SharedFiles, name: string, namedBy: string): RegauthError {
  const hint = files.misnamed.includes(name)
    ? `In the config file its section must be called [profile ${name}], not [${name}].`
    : `Name one of ${[...files.profiles.keys()].join(", ") || "those that aws configure makes"}.`;
  return new RegauthError(
    "config-type",
    `Cannot use profile "${name}" of ${namedBy}: the AWS files do not hold it`,
    { subject: name, hint },
  );
}

function chosenProfile(
  io: Io,
  options: AwsOptions,
  files: SharedFiles,
  warn: Aws["warn"],
): string {
  if (options.profile !== undefined) {
    if (files.profiles.has(options.profile)) return options.profile;
    throw missingProfile(files, options.profile, "the configuration");
  }
  const named = variable(io, "AWS_PROFILE");
  if (named !== undefined) {
    const hasKeys = variable(io, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY") !== undefined;
    if (hasKeys || files.profiles.has(named)) return named;
    throw missingProfile(files, named, "AWS_PROFILE");
  }
  const older = variable(io, "AWS_DEFAULT_PROFILE");
  if (older === undefined || files.profiles.has(older)) return older ?? "default";
  warn(`AWS_DEFAULT_PROFILE names the profile "${older}", which the AWS files do not hold`);
  return "default";
}
