/**
 * Where regauth's own file is. It stands apart from what reads the file, because most calls only
 * look whether there is one.
 *
 * @example
 * ```ts
 * import { configPath } from "./config_path.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" } });
 * assertEquals(configPath(io), "/home/me/.config/regauth/config.json");
 * ```
 *
 * @module
 */

import { homeOf, type Io, joinPath } from "./io.ts";

/**
 * Where the file is: `$REGAUTH_CONFIG`, else `regauth/config.json` in `$XDG_CONFIG_HOME`, else in
 * the platform's folder for settings.
 *
 * @param io The outside world.
 * @returns Its path, or `undefined` if no variable tells the home folder.
 */
export function configPath(io: Io): string | undefined {
  const named = io.env("REGAUTH_CONFIG");
  if (named) return named;
  const folder = io.env("XDG_CONFIG_HOME") || settingsFolder(io);
  return folder ? joinPath(io, folder, "regauth", "config.json") : undefined;
}

function settingsFolder(io: Io): string | undefined {
  if (io.platform === "windows") return io.env("APPDATA");
  const home = homeOf(io);
  if (home === undefined) return undefined;
  return io.platform === "darwin"
    ? joinPath(io, home, "Library", "Application Support")
    : joinPath(io, home, ".config");
}
