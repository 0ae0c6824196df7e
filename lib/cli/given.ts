/**
 * Answers that were given before any question: by flags, by a file, by variables. All of them go
 * through the same checks as what is typed.
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import { isJsonObject } from "../json_object.ts";
import { closest } from "../closest.ts";
import { expandPath } from "../short_path.ts";
import type { Call } from "./command.ts";

/** An answer that was given. */
export interface GivenText {
  readonly value: string;
  /** What gave it, such as `--username` or `REGAUTH_USERNAME`. */
  readonly source: string;
}

/** A secret that was given. */
export interface GivenSecret {
  readonly secret: Secret;
  /** The option that gives it once more, such as `--secret-env GHCR_TOKEN`. */
  readonly option: string;
}

/** Answers that were given. */
export interface Given {
  /** @returns An answer by the name of its flag, without dashes in front. */
  text(id: string): GivenText | undefined;
  /** @returns Whether a switch was given. */
  flag(id: string): boolean;
  /** Whether a secret was given. */
  readonly hasSecret: boolean;
  /** @returns The secret; it is read once. */
  secret(): Promise<GivenSecret | undefined>;
}

const SECRET_LIMIT = 1024 * 1024;
const SECRET_WAYS = ["secret-stdin", "secret-env", "secret-file"] as const;

/**
 * Collects the answers that were given.
 *
 * @param call Options and the outside world.
 * @param ids Names of the flags that an answer file may hold.
 * @returns The answers: a flag before the file, and the file before a variable.
 * @throws {RegauthError} `usage` if two of them contradict each other, or the file cannot be used.
 */
export async function readGiven(call: Call, ids: readonly string[]): Promise<Given> {
  const { values, io, terminal } = call;
  const file = await answerFile(call, ids);
  const fromFile = (id: string): unknown => Object.hasOwn(file, id) ? file[id] : undefined;

  function text(id: string): GivenText | undefined {
    const flag = values.text(camelCase(id));
    if (flag !== undefined) return { value: flag, source: `--${id}` };
    const value = fromFile(id);
    if (typeof value === "string") return { value, source: `"${id}" in the file of answers` };
    const variable = `REGAUTH_${id.replaceAll("-", "_").toUpperCase()}`;
    const found = SECRET_WAYS.some((way) => way === id) ? undefined : io.env(variable);
    return found ? { value: found, source: variable } : undefined;
  }

  const flag = (id: string): boolean => values.flag(camelCase(id)) || fromFile(id) === true;
  const ways = SECRET_WAYS.filter((id) => text(id) !== undefined || flag(id));
  if (ways.length > 1) {
    throw new RegauthError(
      "usage",
      `Cannot use ${ways.map((id) => `--${id}`).join(" and ")} together: give one of them`,
    );
  }

  async function read(): Promise<GivenSecret | undefined> {
    const [way] = ways;
    if (way === undefined) return undefined;
    if (way === "secret-stdin") {
      const secret = new Secret(withoutLineEnd(await terminal.readAll(SECRET_LIMIT)));
      return { secret, option: "--secret-stdin" };
    }
    const { value = "" } = text(way) ?? {};
    if (way === "secret-file") {
      const secret = await readSecretFile(call, value, flag("allow-plaintext"));
      return { secret, option: `--secret-file ${shellWord(value)}` };
    }
    const secret = io.env(value);
    if (secret) return { secret: new Secret(secret), option: `--secret-env ${shellWord(value)}` };
    throw new RegauthError("usage", `Cannot use --secret-env ${value}: the variable is not set`, {
      subject: value,
      hint: `Give the name of the variable that holds the secret, and export it.`,
    });
  }

  let secret: Promise<GivenSecret | undefined> | undefined;
  return { text, flag, hasSecret: ways.length > 0, secret: () => secret ??= read() };
}

/**
 * Reads a secret from a file, without the line end behind it.
 *
 * @param call The outside world.
 * @param typed Path of the file, as it was typed.
 * @param allowShared Whether others may read the file.
 * @returns The secret.
 * @throws {RegauthError} `usage` if there is no such file, or others may read it.
 */
export async function readSecretFile(
  { io }: Pick<Call, "io">,
  typed: string,
  allowShared: boolean,
): Promise<Secret> {
  const path = expandPath(io, typed);
  const text = await io.readText(path);
  if (text === undefined) {
    throw new RegauthError("usage", `Cannot read "${typed}": there is no such file`, {
      subject: typed,
    });
  }
  const mode = (await io.stat(path))?.mode ?? 0;
  if ((mode & 0o077) !== 0 && !allowShared) {
    throw new RegauthError("usage", `Cannot use "${typed}": others on this machine may open it`, {
      subject: typed,
      hint: `Run chmod 600 on it, or add --allow-plaintext.`,
    });
  }
  return new Secret(withoutLineEnd(text));
}

/**
 * A word of a command line, in quotes if a shell would read it otherwise.
 *
 * @param text The word.
 * @returns It, fit to be pasted into a shell.
 */
export function shellWord(text: string): string {
  return /^(?:~\/)?[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** One line end, as Docker does it: more of them belong to the secret. */
function withoutLineEnd(text: string): string {
  return text.replace(/(?:\r\n|\n|\r)$/, "");
}

function camelCase(id: string): string {
  return id.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

async function answerFile(
  { values, io }: Call,
  ids: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const typed = values.text("fromFile");
  if (typed === undefined) return {};
  const path = expandPath(io, typed);
  const fail = (why: string, hint?: string): never => {
    const options = { subject: typed, ...(hint === undefined ? {} : { hint }) };
    throw new RegauthError("usage", `Cannot use "${typed}": ${why}`, options);
  };
  const text = await io.readText(path) ?? fail("there is no such file");
  const { parseJson, valueOf } = await import("../json_tree.ts");
  const answers = valueOf(parseJson(text, path));
  if (!isJsonObject(answers)) return fail("it is not a JSON object");
  for (const [id, value] of Object.entries(answers)) {
    if (!ids.includes(id)) {
      const near = closest(id, ids);
      fail(`it holds "${id}"`, near ? `Did you mean "${near}"?` : "Answers are named like flags.");
    }
    if (typeof value !== "string" && typeof value !== "boolean") {
      fail(`"${id}" is neither a text nor true or false`);
    }
  }
  return answers;
}
