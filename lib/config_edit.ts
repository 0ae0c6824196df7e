/**
 * Changes single values of regauth's own file and leaves the rest of it as it is.
 *
 * @example
 * ```ts
 * import { setConfig, unsetConfig } from "./config_edit.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ files: { "/c.json": '{ "store": "pass" }\n' } });
 * const options = { path: "/c.json" };
 * await setConfig(io, ["registries", "*.reg.example", "keychain"], "store", options);
 * assertEquals(
 *   await io.readText("/c.json"),
 *   '{ "store": "pass", "registries": {"*.reg.example": {"keychain": "store"}} }\n',
 * );
 * assertEquals(await unsetConfig(io, ["store"], options), true);
 * assertEquals(await unsetConfig(io, ["store"], options), false);
 * ```
 *
 * @module
 */

import { checkConfig } from "./config_check.ts";
import { loadConfig } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import { editFile } from "./edit_file.ts";
import { RegauthError } from "./errors.ts";
import type { Io } from "./io.ts";
import { removeMember, setMember } from "./json_edit.ts";
import type { JsonValue } from "./json_tree.ts";

/** Which file is changed. */
export interface EditConfigOptions {
  /** Path of the file. @default {configPath(io)} */
  readonly path?: string;
}

/**
 * Sets a value; what is missing on the way to it is made, the file too.
 *
 * @param io The outside world.
 * @param key Keys that lead to the value, such as `["registries", "*.reg.example", "ca"]`.
 * @param value The new value: of one option, or of a whole entry.
 * @param options Which file.
 * @returns Whether the file was written; it is not if the value was there already.
 * @throws {RegauthError} What {@linkcode loadConfig} throws of the file as it is; `config-type` if it
 * would no longer be valid, `write-io` or `write-conflict` if it cannot be written.
 */
export async function setConfig(
  io: Io,
  key: readonly string[],
  value: JsonValue,
  options: EditConfigOptions = {},
): Promise<boolean> {
  return await setConfigValues(io, [[key, value]], options);
}

/**
 * Sets several values in one step, all of them or none.
 *
 * @param io The outside world.
 * @param values Keys that lead to the values, and the values.
 * @param options Which file.
 * @returns Whether the file was written.
 * @throws {RegauthError} As {@linkcode setConfig}.
 */
export async function setConfigValues(
  io: Io,
  values: readonly (readonly [key: readonly string[], value: JsonValue])[],
  options: EditConfigOptions = {},
): Promise<boolean> {
  return await editConfig(
    io,
    options,
    (text) => values.reduce((edited, [key, value]) => setMember(edited, key, value), text),
  );
}

/**
 * Removes a value or a whole entry.
 *
 * @param io The outside world.
 * @param key Keys that lead to it.
 * @param options Which file.
 * @returns Whether the file was written; it is not if there was no such value.
 * @throws {RegauthError} As {@linkcode setConfig}.
 */
export async function unsetConfig(
  io: Io,
  key: readonly string[],
  options: EditConfigOptions = {},
): Promise<boolean> {
  return await editConfig(io, options, (text) => removeMember(text, key));
}

async function editConfig(
  io: Io,
  { path = configPath(io) }: EditConfigOptions,
  edit: (text: string) => string,
): Promise<boolean> {
  if (path === undefined) {
    throw new RegauthError("write-io", "Cannot write the configuration: its folder is unknown", {
      hint: "Set HOME, or name the file in REGAUTH_CONFIG.",
    });
  }
  // A file that is wrong already is reported with line and column, and stays as it is.
  await loadConfig(io, { path });
  return await editFile(io, path, (before = "") => {
    const after = edit(before);
    const complaint = after === before ? undefined : checkConfig(JSON.parse(after));
    if (complaint === undefined) return after;
    throw new RegauthError("config-type", `Cannot write "${path}": ${complaint.why}`, {
      subject: path,
      hint: complaint.hint,
    });
  });
}
