/**
 * Where Docker and Podman keep their credentials.
 *
 * @example The files of a user without special variables
 * ```ts
 * import { authFiles, dockerConfigPath } from "./auth_files.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me", XDG_RUNTIME_DIR: "/run/user/1000" } });
 * assertEquals(dockerConfigPath(io), "/home/me/.docker/config.json");
 * assertEquals(authFiles(io), [
 *   "/run/user/1000/containers/auth.json",
 *   "/home/me/.config/containers/auth.json",
 * ]);
 * ```
 *
 * @module
 */

import { homeOf, type Io, joinPath } from "./io.ts";

/**
 * Docker's config file. `DOCKER_CONFIG` names its folder; an empty variable is none.
 *
 * @param io The outside world.
 * @param configDir The folder, if the user names it.
 * @returns The path of `config.json`, or `undefined` if no variable tells where the user lives.
 */
export function dockerConfigPath(io: Io, configDir?: string): string | undefined {
  const folder = configDir || io.env("DOCKER_CONFIG") || below(homeOf(io), io, ".docker");
  return below(folder, io, "config.json");
}

/**
 * The files of Podman, Skopeo and Buildah, in the order in which they are read
 * (containers/image `pkg/docker/config`, `getPathToAuthWithOS`). A variable that is not set never
 * makes a path relative: whatever lies in the current folder is not to be trusted.
 *
 * @param io The outside world.
 * @returns The paths of `auth.json`.
 */
export function authFiles(io: Io): readonly string[] {
  const folders = io.platform === "linux"
    ? [runtimeFolder(io), configFolder(io)]
    : [below(homeOf(io), io, ".config", "containers"), configFolder(io)];
  return [...new Set(folders)].flatMap((folder) =>
    folder ? [joinPath(io, folder, "auth.json")] : []
  );
}

/**
 * The file that Docker read before it had folders, and Podman still reads last.
 *
 * @param io The outside world.
 * @returns The path of `.dockercfg`, or `undefined` if no variable tells where the user lives.
 */
export function dockercfgPath(io: Io): string | undefined {
  return below(homeOf(io), io, ".dockercfg");
}

function runtimeFolder(io: Io): string | undefined {
  const named = below(io.env("XDG_RUNTIME_DIR"), io, "containers");
  const uid = named === undefined ? io.uid?.() : undefined;
  return uid === undefined ? named : `/run/containers/${uid}`;
}

function configFolder(io: Io): string | undefined {
  return below(io.env("XDG_CONFIG_HOME"), io, "containers") ??
    below(homeOf(io), io, ".config", "containers");
}

function below(
  folder: string | undefined,
  io: Io,
  ...names: readonly string[]
): string | undefined {
  return folder ? joinPath(io, folder, ...names) : undefined;
}
