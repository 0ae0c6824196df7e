/**
 * Where `login` puts secrets: a helper of the operating system, or a file of regauth's own.
 *
 * @example
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { credentialStore } from "./store.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo();
 * const store = credentialStore("file", "/home/me/.config/regauth/config.json");
 * await store.put("reg.example", { username: "robot", password: new Secret("s3cret") }, { io });
 * assertEquals((await store.get("reg.example", { io }))?.username, "robot");
 * assertEquals([...await store.list({ io })], [["reg.example", "robot"]]);
 * assertEquals(await store.erase("reg.example", { io }), true);
 * ```
 *
 * @module
 */

import { decodeEntry } from "./auth_entry.ts";
import { beside } from "./config_file.ts";
import { type StoreName, STORES } from "./config_schema.ts";
import { type Credential, IDENTITY_TOKEN_USER } from "./credential.ts";
import { readDockerConfig } from "./docker_config.ts";
import { RegauthError } from "./errors.ts";
import { detectDefaultStore, helperErase, helperGet, helperList, helperStore } from "./helper.ts";
import type { Context, Io } from "./io.ts";
import { printable } from "./printable.ts";
import { credentialKey, normalizeHost } from "./reference.ts";

/** Keeps credentials by server. */
export interface CredentialStore {
  /** What it is called in regauth's own file. */
  readonly name: string;

  /**
   * Looks for the credential of a server.
   *
   * @param server The server as it was stored; {@linkcode storeKey} makes it.
   * @param context The outside world.
   * @returns Its credential, or `undefined` if there is none.
   * @throws {RegauthError} If the store cannot be read.
   */
  get(server: string, context: Context): Promise<Credential | undefined>;

  /**
   * Stores the credential of a server.
   *
   * @param server The server.
   * @param credential What replaces that which is stored.
   * @param context The outside world.
   * @throws {RegauthError} `invalid-credential`, or if the store cannot be written.
   */
  put(server: string, credential: Credential, context: Context): Promise<void>;

  /**
   * Forgets the credential of a server.
   *
   * @param server The server as it was stored.
   * @param context The outside world.
   * @returns `false` if it is known that there was nothing.
   * @throws {RegauthError} If the store cannot be written.
   */
  erase(server: string, context: Context): Promise<boolean>;

  /**
   * Tells what is stored.
   *
   * @param context The outside world.
   * @returns User names by server.
   * @throws {RegauthError} If the store cannot be read.
   */
  list(context: Context): Promise<ReadonlyMap<string, string>>;
}

/**
 * Opens a store.
 *
 * @param name Which one.
 * @param configPath Path of regauth's own file, beside which the store `file` is.
 * @returns The store; nothing is read before it is asked.
 */
export function credentialStore(name: StoreName, configPath: string | undefined): CredentialStore {
  return name === "file" ? fileStore(configPath) : nativeStore(name);
}

/**
 * The store that is used where the file names none: the one that Docker would choose if its helper
 * is installed, else `file`.
 *
 * @param io The outside world.
 * @returns Its name.
 */
export async function defaultStore(io: Io): Promise<StoreName> {
  const detected = await detectDefaultStore(io);
  return STORES.find((name) => name === detected) ?? "file";
}

/**
 * The server under which a credential is stored: what Docker would call it, so that both find the
 * same secret in a native store.
 *
 * @param host The registry's host.
 * @param scope Path of the repositories for which it counts; all of the registry if absent.
 * @returns The server.
 */
export function storeKey(host: string, scope?: string): string {
  return scope === undefined ? credentialKey(host) : `${normalizeHost(host)}/${scope}`;
}

/**
 * Opens the store behind a credential helper.
 *
 * @param name What follows `docker-credential-`.
 * @returns The store; nothing is run before it is asked.
 */
export function nativeStore(name: string): CredentialStore {
  return {
    name,
    get: (server, { io, ...options }) => helperGet(io, name, server, options),
    put: (server, credential, { io, ...options }) =>
      helperStore(io, name, server, credential, options),
    erase: (server, { io, ...options }) => helperErase(io, name, server, options),
    list: ({ io, ...options }) => helperList(io, name, options),
  };
}

/** Entries in the form of a Docker config file, which holds every kind of credential. */
function fileStore(configPath: string | undefined): CredentialStore {
  return {
    name: "file",
    async get(server, { io }) {
      const path = fileOf(io, configPath);
      const { auths = {} } = await readDockerConfig(io, path) ?? {};
      const credential = Object.hasOwn(auths, server)
        ? decodeEntry(auths[server], { path, key: server })
        : undefined;
      return credential && { ...credential, detail: `${path}, key "${printable(server)}"` };
    },
    async put(server, credential, { io }) {
      const path = fileOf(io, configPath);
      await refuseShared(io, path);
      const { storeEntry } = await import("./docker_config_write.ts");
      await storeEntry(io, path, server, credential);
    },
    async erase(server, { io }) {
      const { eraseEntries } = await import("./docker_config_write.ts");
      return (await eraseEntries(io, fileOf(io, configPath), [server])).changed;
    },
    async list({ io }) {
      const path = fileOf(io, configPath);
      const { auths = {} } = await readDockerConfig(io, path) ?? {};
      return new Map(
        Object.keys(auths).map((key) => {
          const { username, identityToken } = decodeEntry(auths[key], { path, key }) ?? {};
          return [key, identityToken ? IDENTITY_TOKEN_USER : username ?? ""];
        }),
      );
    },
  };
}

function fileOf(io: Io, configPath: string | undefined): string {
  if (configPath !== undefined) return beside(io, configPath, "regauth-credentials.json");
  throw new RegauthError("config-io", 'Cannot use the store "file": its folder is unknown', {
    hint: "Set HOME, or name regauth's own file in REGAUTH_CONFIG.",
  });
}

/** A file that was made by somebody else may be open to others; a secret must not get into it. */
async function refuseShared(io: Io, path: string): Promise<void> {
  const mode = (await io.stat(path))?.mode ?? 0;
  if ((mode & 0o077) === 0) return;
  throw new RegauthError("write-io", `Cannot store credentials in "${path}": others may open it`, {
    subject: path,
    hint: `Run "chmod 600" on it.`,
  });
}
