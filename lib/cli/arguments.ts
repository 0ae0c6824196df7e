/**
 * What the arguments say before the library parses them, and what it would misread.
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import type { OptionSpec } from "./command.ts";
import { SHARED_OPTIONS } from "./shared_options.ts";

/** The arguments of one call. */
export interface Arguments {
  /** The arguments to parse; none of them is `--`. */
  readonly words: readonly string[];
  /** The word where the name of a command belongs. */
  readonly command?: string;
  /** Whether help is asked for. */
  readonly help: boolean;
}

/**
 * Reads the arguments. What follows `--` are images and hosts; none of them starts with a dash.
 *
 * @param given The arguments.
 * @returns What they say.
 * @throws {RegauthError} `usage` for a dash after `--`.
 */
export function readArguments(given: readonly string[]): Arguments {
  const end = given.indexOf("--");
  const options = end < 0 ? given : given.slice(0, end);
  const literals = end < 0 ? [] : given.slice(end + 1);
  const dashed = literals.find((word) => word.startsWith("-"));
  if (dashed !== undefined) {
    throw new RegauthError("usage", `Cannot use "${dashed}": no image or host starts with a dash`);
  }
  const words = [...options.map(namedNone), ...literals];
  const [first, second] = wordsBesideOptions(words);
  const command = first === "help" ? second : first;
  return {
    words,
    ...(command === undefined ? {} : { command }),
    help: first === "help" || options.includes("-h") || options.includes("--help"),
  };
}

/**
 * Refuses `--name=`: the library would take the next argument as the value, so that an empty
 * variable in a script turned a host into a password.
 *
 * @param words The arguments.
 * @param options The options of the command.
 * @throws {RegauthError} `usage`
 */
export function refuseEmptyValues(
  words: readonly string[],
  options: readonly OptionSpec[],
): void {
  const names = [...SHARED_OPTIONS, ...options].filter(takesValue).flatMap(namesOf);
  const empty = names.find((name) => words.includes(`${name}=`));
  if (empty === undefined) return;
  throw new RegauthError("usage", `Missing value for option "${empty}".`, { subject: empty });
}

/** The library takes no empty value: kaniko's `--credential-helpers=` is spelled `none`. */
function namedNone(arg: string, index: number, all: readonly string[]): string {
  if (arg === "--keychains=") return "--keychains=none";
  return arg === "" && all[index - 1] === "--keychains" ? "none" : arg;
}

/** Only options of every command can stand before the name of one. */
function wordsBesideOptions(words: readonly string[]): string[] {
  const withValue = SHARED_OPTIONS.filter(takesValue).flatMap(namesOf);
  return words.filter((word, index) =>
    !word.startsWith("-") && !withValue.includes(words[index - 1] ?? "")
  );
}

function takesValue({ flags }: OptionSpec): boolean {
  return flags.includes("<");
}

function namesOf({ flags }: OptionSpec): string[] {
  return flags.replace(/ *<.*/, "").split(/, */);
}
