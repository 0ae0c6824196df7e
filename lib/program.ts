/**
 * Finds programs on the PATH without a shell's generosity: nothing relative, nothing that is not
 * executable.
 *
 * @example A program of the second folder
 * ```ts
 * import { findProgram } from "./program.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { PATH: "/usr/local/bin:/usr/bin" },
 *   programs: { "/usr/bin/pass": () => ({}) },
 * });
 * assertEquals(await findProgram(io, "pass"), "/usr/bin/pass");
 * ```
 *
 * @module
 */

import { type Io, joinPath } from "./io.ts";

/** The names of PATHEXT that need no shell: what `.cmd` and `.bat` are told, a shell reads. */
const WINDOWS_EXTENSIONS = [".exe", ".com"];

/**
 * Walks the PATH for a program. Empty and relative folders are passed over: whatever lies in the
 * current folder is not to be trusted (Go's `os/exec` refuses it too).
 *
 * @param io The outside world.
 * @param name Its name, without path; on Windows without extension.
 * @param extensions Which files it can be on Windows, best first; `.cmd` only for a program whose
 * arguments are fixed or of plain letters and digits.
 * @returns Its absolute path, or `undefined` if it is not installed.
 */
export async function findProgram(
  io: Io,
  name: string,
  extensions: readonly string[] = WINDOWS_EXTENSIONS,
): Promise<string | undefined> {
  for (const folder of searchPath(io)) {
    for (const file of fileNames(io, name, extensions)) {
      const path = joinPath(io, folder, file);
      if (await isExecutable(io, path)) return path;
    }
  }
  return undefined;
}

/**
 * The folders of the PATH.
 *
 * @param io The outside world.
 * @returns Those that count, in order.
 */
export function searchPath(io: Io): readonly string[] {
  const windows = io.platform === "windows";
  const absolute = windows ? /^(?:[A-Za-z]:[\\/]|\\\\)/ : /^\//;
  return (io.env("PATH") ?? "").split(windows ? ";" : ":").filter((folder) =>
    absolute.test(folder)
  );
}

function fileNames(io: Io, name: string, extensions: readonly string[]): readonly string[] {
  if (io.platform !== "windows") return [name];
  const complete = extensions.some((extension) => name.toLowerCase().endsWith(extension));
  return complete ? [name] : extensions.map((extension) => `${name}${extension}`);
}

async function isExecutable(io: Io, path: string): Promise<boolean> {
  try {
    const file = await io.stat(path);
    return file !== undefined && file.isFile &&
      (file.mode === undefined || (file.mode & 0o111) !== 0);
  } catch {
    // A folder that may not be looked into is as good as none.
    return false;
  }
}
