/**
 * Changes a file that other processes may change at the same time, or leaves it alone.
 *
 * @example
 * ```ts
 * import { editFile } from "./edit_file.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ files: { "/count": "1" } });
 * assertEquals(await editFile(io, "/count", (text) => `${Number(text) + 1}`), true);
 * assertEquals(await io.readText("/count"), "2");
 * assertEquals(await editFile(io, "/count", () => "2"), false);
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import type { Io } from "./io.ts";

/**
 * Edits the text of a file under its lock. Where the edit changes nothing, nothing is locked or
 * written, so that a read-only file is no obstacle.
 *
 * @param io The outside world.
 * @param path Path of the file.
 * @param edit From the text of the file, `undefined` if there is none, to the new text; may be
 * called twice. An empty text for a missing file leaves it missing.
 * @returns Whether the file was written.
 * @throws {RegauthError} `config-io`, `write-io`, `write-conflict`, `config-syntax` if bytes that
 * are not UTF-8 would be lost, and what the edit throws; the file is then as it was.
 */
export async function editFile(
  io: Io,
  path: string,
  edit: (text: string | undefined) => string,
): Promise<boolean> {
  if (await changed(io, path, edit) === undefined) return false;
  const lock = await io.lock(path);
  try {
    // Somebody else may have written while the lock was awaited.
    const text = await changed(io, path, edit);
    if (text === undefined) return false;
    await io.writePrivate(path, text);
    return true;
  } finally {
    await lock.release();
  }
}

/** The new text, unless it is the one that is there. */
async function changed(
  io: Io,
  path: string,
  edit: (text: string | undefined) => string,
): Promise<string | undefined> {
  const before = await io.readText(path);
  const after = edit(before);
  if (after === (before ?? "")) return undefined;
  // What reading could not decode would be written as the replacement character.
  if (before?.includes("\uFFFD")) {
    throw new RegauthError("config-syntax", `Cannot edit "${path}": it is not all UTF-8`, {
      subject: path,
      hint: "Save it as UTF-8 without replacement characters (U+FFFD).",
    });
  }
  return after;
}
