/**
 * `regauth config edit`: the user's editor on a copy of regauth's own file, which takes its place once
 * it is right.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { beside, loadConfig } from "../config_file.ts";
import { editFile } from "../edit_file.ts";
import { RegauthError } from "../errors.ts";
import type { Io } from "../io.ts";
import { findProgram } from "../program.ts";
import { shortPath } from "../short_path.ts";
import type { Call } from "./command.ts";
import { Exit } from "./exit.ts";

/** What an editor shows where there is no file. */
const EMPTY = '{\n  "keychains": [],\n  "registries": {}\n}\n';

/** Editors that are looked for where no variable names one. */
const EDITORS = ["sensible-editor", "nano", "vim", "vi", "notepad"];

/**
 * Lets the user edit the file. What is not right is kept beside it for the next time.
 *
 * @param call The terminal and the outside world.
 * @param path The file.
 * @returns The exit code.
 * @throws {RegauthError} `usage` without a terminal or editor, `config-…` if the text is not right,
 * `write-conflict` if somebody else changed the file meanwhile.
 */
export async function editInEditor(call: Call, path: string): Promise<number> {
  const { io, terminal, output, trace } = call;
  const [editor, ...args] = await chooseEditor(call);
  const before = await io.readText(path);
  const copy = beside(io, path, "regauth-config-edit.json");
  const rejected = await io.readText(copy);
  if (rejected !== undefined) output.note("This is the text that was not right the last time.");
  const start = rejected ?? before ?? EMPTY;
  await io.writePrivate(copy, start);
  const code = await terminal.runHere(editor, [...args, copy]);
  const text = await io.readText(copy);
  if (code !== 0 || text === undefined || text === (before ?? EMPTY)) {
    await io.remove(copy);
    if (code === 0) output.note("Nothing was changed.");
    else output.warn(`the editor ended with exit code ${code}; nothing was changed`);
    return code === 0 ? Exit.done : Exit.failed;
  }
  await check(io, copy);
  const recording = recordChanges(io, "config edit", trace);
  await editFile(recording.io, path, (now) => {
    if (now === before) return text;
    throw new RegauthError("write-conflict", `Cannot write "${path}": it was changed meanwhile`, {
      subject: path,
      hint: `Your text is kept in ${copy}; run "regauth config edit" again to compare.`,
    });
  });
  await io.remove(copy);
  output.result(`Wrote ${shortPath(io, path)}.`);
  return Exit.done;
}

async function check(io: Io, copy: string): Promise<void> {
  try {
    await loadConfig(io, { path: copy });
  } catch (error) {
    if (!(error instanceof RegauthError)) throw error;
    throw new RegauthError(error.code, error.message, {
      subject: copy,
      hint: `${
        error.hint ? `${error.hint} ` : ""
      }Run "regauth config edit" to go on with this text.`,
    });
  }
}

async function chooseEditor(
  { io, terminal }: Call,
): Promise<readonly [program: string, ...args: string[]]> {
  if (!terminal.isTerminal("stdin") || !terminal.isTerminal("stdout")) {
    throw new RegauthError("usage", "Cannot open an editor: this is not a terminal", {
      hint: 'Use "regauth config set".',
    });
  }
  const named = io.env("VISUAL") || io.env("EDITOR");
  for (const command of named ? [named] : EDITORS) {
    const [name = "", ...args] = command.trim().split(/\s+/);
    const program = /[\\/]/.test(name) ? name : await findProgram(io, name);
    if (program !== undefined) return [program, ...args];
  }
  throw new RegauthError("usage", `Cannot find ${named ? `the editor "${named}"` : "an editor"}`, {
    hint: "Name one in the variable EDITOR.",
  });
}
