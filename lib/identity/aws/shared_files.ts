/**
 * The files that the tools of AWS share: `~/.aws/config` and `~/.aws/credentials`, by the rules of the
 * SDK for Go (aws-sdk-go-v2 `config/shared_config.go`).
 *
 * @example
 * ```ts
 * import { readSharedFiles } from "./shared_files.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: { "/home/me/.aws/config": "[profile prod]\nregion = eu-west-1\n" },
 * });
 * const files = await readSharedFiles({ io });
 * assertEquals(files.profiles.get("prod")?.values.get("region"), "eu-west-1");
 * ```
 *
 * @module
 */

import { messageOf } from "../../errors.ts";
import { type IniSection, parseIni } from "../../ini.ts";
import { type Context, homeOf, type Io, joinPath } from "../../io.ts";

/** What the files hold. */
export interface SharedFiles {
  /** Profiles by name, from both files. */
  readonly profiles: ReadonlyMap<string, IniSection>;
  /** Sections `sso-session`, by name. */
  readonly ssoSessions: ReadonlyMap<string, IniSection>;
  /** Sections `services`, by name. */
  readonly services: ReadonlyMap<string, IniSection>;
  /** Names of sections of the config file that look like profiles, but lack the word `profile`. */
  readonly misnamed: readonly string[];
}

type Sections = Map<string, IniSection>;

/** Keys that belong together: those of one file are never completed from the other. */
const STATIC_KEYS = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"] as const;

/**
 * Where the files are.
 *
 * @param io The outside world.
 * @returns The paths, as far as a variable or the home folder tells.
 */
export function sharedFilePaths(
  io: Io,
): { readonly config: string | undefined; readonly credentials: string | undefined } {
  return {
    config: pathOf(io, "AWS_CONFIG_FILE", "config"),
    credentials: pathOf(io, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
  };
}

/**
 * A file below the folder `.aws`.
 *
 * @param io The outside world.
 * @param variable Variable that names another path, if there is one; `~/` is the home folder.
 * @param names Names below the folder.
 * @returns The path, or `undefined` without variable and home folder.
 */
export function pathOf(
  io: Io,
  variable: string | undefined,
  ...names: readonly string[]
): string | undefined {
  const home = homeOf(io) || `${io.env("HOMEDRIVE") ?? ""}${io.env("HOMEPATH") ?? ""}`;
  const named = variable && io.env(variable);
  if (named) return home && /^~[\\/]/.test(named) ? joinPath(io, home, named.slice(2)) : named;
  return home ? joinPath(io, home, ".aws", ...names) : undefined;
}

/**
 * A hash by which the tools of AWS name the files of log-ins.
 *
 * @param algorithm The hash.
 * @param text Name of the log-in.
 * @returns Hex digits.
 */
export async function hashedName(algorithm: "SHA-1" | "SHA-256", text: string): Promise<string> {
  const digest = await crypto.subtle.digest(algorithm, new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Reads both files. A missing one is empty, and so is one that cannot be read.
 *
 * @param context The outside world; hears what is odd about the files.
 * @returns What they hold.
 */
export async function readSharedFiles(context: Context): Promise<SharedFiles> {
  const paths = sharedFilePaths(context.io);
  const config = await sectionsOf(context, paths.config);
  const credentials = await sectionsOf(context, paths.credentials);

  const profiles: Sections = new Map();
  const byKind = { "sso-session": new Map(), services: new Map() } satisfies Record<
    string,
    Sections
  >;
  const misnamed: string[] = [];
  for (const [title, section] of config) {
    const { kind, name } = readTitle(title);
    if (kind === "profile") add(profiles, name, section);
    else if (kind === "sso-session" || kind === "services") add(byKind[kind], name, section);
    else if (title !== "default") misnamed.push(title);
  }
  // "[profile default]" replaces "[default]", whatever comes first.
  const fallback = config.get("default");
  if (fallback && !profiles.has("default")) profiles.set("default", fallback);
  for (const name of misnamed) {
    context.trace?.(
      `Section [${name}] of ${paths.config} is left out: it lacks the word "profile"`,
    );
  }
  for (const [name, section] of credentials) {
    if (readTitle(name).kind !== "") continue;
    const before = profiles.get(name);
    const hasKeys = STATIC_KEYS.some((key) => section.values.has(key));
    profiles.set(name, merged(before && hasKeys ? withoutKeys(before) : before, section));
  }
  return { profiles, ssoSessions: byKind["sso-session"], services: byKind.services, misnamed };
}

async function sectionsOf(
  { io, trace }: Context,
  path: string | undefined,
): Promise<ReadonlyMap<string, IniSection>> {
  if (path === undefined) return new Map();
  try {
    const { sections, warnings } = parseIni(await io.readText(path) ?? "");
    for (const { line, why } of warnings) trace?.(`Line ${line} of ${path}: ${why}`);
    return sections;
  } catch (error) {
    trace?.(`It counts as empty: ${messageOf(error)}`);
    return new Map();
  }
}

/** `profile "my prof"`: a word, and a name that may be in quotes. */
function readTitle(title: string): { readonly kind: string; readonly name: string } {
  const [, kind = "", rest = ""] = /^(profile|sso-session|services)(?:\s+(.*))?$/s.exec(title) ??
    [];
  const name = /^(["'])(.*)\1$/s.exec(rest)?.[2] ?? rest;
  return { kind, name };
}

function add(sections: Sections, name: string, section: IniSection): void {
  if (name !== "") sections.set(name, merged(sections.get(name), section));
}

/** Key by key; the second one wins. */
function merged(first: IniSection | undefined, second: IniSection): IniSection {
  if (first === undefined) return second;
  return {
    values: new Map([...first.values, ...second.values]),
    blocks: new Map([...first.blocks, ...second.blocks]),
  };
}

function withoutKeys({ values, blocks }: IniSection): IniSection {
  const rest = new Map(values);
  for (const key of STATIC_KEYS) rest.delete(key);
  return { values: rest, blocks };
}
