/**
 * Paths as people read them: `~` stands for the home folder.
 *
 * @example
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { expandPath, shortPath } from "./short_path.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me", PWD: "/work" } });
 * assertEquals(shortPath(io, "/home/me/.docker/config.json"), "~/.docker/config.json");
 * assertEquals(expandPath(io, "~/key.json"), "/home/me/key.json");
 * assertEquals(expandPath(io, "key.json"), "/work/key.json");
 * ```
 *
 * @module
 */

import { homeOf, type Io, joinPath } from "./io.ts";

/**
 * Shortens a path for reading.
 *
 * @param io The outside world.
 * @param path An absolute path.
 * @returns It, with `~` for the home folder; not on Windows, where nobody writes it.
 */
export function shortPath(io: Io, path: string): string {
  const home = homeOf(io)?.replace(/\/+$/, "");
  if (!home || io.platform === "windows" || !path.startsWith(`${home}/`)) return path;
  return `~${path.slice(home.length)}`;
}

/**
 * The absolute path of what somebody typed.
 *
 * @param io The outside world.
 * @param typed A path, perhaps with `~` or relative to the current folder.
 * @returns The absolute path; a relative one stays as it is if no variable tells the folder.
 */
export function expandPath(io: Io, typed: string): string {
  const windows = io.platform === "windows";
  const home = homeOf(io);
  const below = (windows ? /^~[\\/](.*)$/s : /^~\/(.*)$/s).exec(typed)?.[1];
  if (below !== undefined && home !== undefined) return joinPath(io, home, below);
  const folder = io.env("PWD");
  const isAbsolute = (windows ? /^(?:[a-z]:)?[\\/]/i : /^\//).test(typed);
  return isAbsolute || !folder || windows ? typed : joinPath(io, folder, typed);
}
