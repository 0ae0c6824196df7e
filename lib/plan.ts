/**
 * What a set-up is going to change, as data, and the one place that does it. A plan is applied to an
 * outside world; {@linkcode previewPlan} applies it to one that only remembers.
 *
 * @example
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { applyPlan, type Change } from "./plan.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" } });
 * const path = "/home/me/.docker/config.json";
 * const credential = { username: "robot", password: new Secret("x") };
 * const plan: Change[] = [{ kind: "entry", path, key: "reg.example", credential, style: "docker" }];
 * await applyPlan({ io }, plan);
 * assertEquals(io.writes, [path]);
 * ```
 *
 * @module
 */

import { setConfig, unsetConfig } from "./config_edit.ts";
import { configPath } from "./config_path.ts";
import type { StoreName } from "./config_schema.ts";
import type { Credential } from "./credential.ts";
import { eraseEntries, markEntry, setCredHelper, storeEntry } from "./docker_config_write.ts";
import { type DockerStoreOptions, removeCredential } from "./docker_store.ts";
import { helperErase, helperStore } from "./helper.ts";
import type { Context } from "./io.ts";
import type { JsonValue } from "./json_tree.ts";
import { credentialStore } from "./store.ts";

/** Whose file of credentials it is. */
export type FileStyle = "docker" | "containers";

/** One thing that is going to be changed. */
export type Change =
  /** A credential in a file, where everybody who reads the file can decode it. */
  | {
    readonly kind: "entry";
    readonly path: string;
    readonly key: string;
    readonly credential: Credential;
    readonly style: FileStyle;
  }
  /** An entry without credential, which says that a helper keeps it. */
  | { readonly kind: "mark"; readonly path: string; readonly key: string }
  /** The helper that a file names for a host. */
  | {
    readonly kind: "helper";
    readonly path: string;
    readonly host: string;
    readonly helper: string;
  }
  /** A credential in a helper. */
  | {
    readonly kind: "secret";
    readonly helper: string;
    readonly server: string;
    readonly credential: Credential;
  }
  /** A credential in regauth's own store. */
  | {
    readonly kind: "store";
    readonly store: StoreName;
    readonly server: string;
    readonly credential: Credential;
  }
  /** A value of regauth's own file. */
  | { readonly kind: "setting"; readonly key: readonly string[]; readonly value: JsonValue }
  /** The credential of a host is removed from Docker's file and the helper that it names. */
  | { readonly kind: "logout"; readonly host: string }
  /** Entries of a file are removed. */
  | { readonly kind: "erase"; readonly path: string; readonly keys: readonly string[] }
  /** The helper that a file names for a host is named no more. */
  | { readonly kind: "unname"; readonly path: string; readonly host: string }
  /** A helper forgets a server. */
  | { readonly kind: "forget"; readonly helper: string; readonly server: string }
  /** The credential of a server is removed from regauth's own store. */
  | { readonly kind: "unstore"; readonly store: StoreName; readonly server: string }
  /** A value of regauth's own file is removed. */
  | { readonly kind: "unset"; readonly key: readonly string[] };

/**
 * Makes all changes of a plan, in order, through the writers that everything else uses.
 *
 * @param context The outside world.
 * @param plan What to change.
 * @param options Where Docker's config is.
 * @throws {RegauthError} What the writers throw; the changes before that one have been made.
 */
export async function applyPlan(
  context: Context,
  plan: readonly Change[],
  options: DockerStoreOptions = {},
): Promise<void> {
  for (const change of plan) await applyChange(context, change, options);
}

async function applyChange(
  context: Context,
  change: Change,
  options: DockerStoreOptions,
): Promise<unknown> {
  const { io, signal } = context;
  const limits = signal ? { signal } : {};
  switch (change.kind) {
    case "entry": {
      const { path, key, credential, style } = change;
      return await storeEntry(io, path, key, credential, { style });
    }
    case "mark":
      return await markEntry(io, change.path, change.key);
    case "helper":
      return await setCredHelper(io, change.path, change.host, change.helper);
    case "secret":
      return await helperStore(io, change.helper, change.server, change.credential, limits);
    case "store":
      return await credentialStore(change.store, configPath(io))
        .put(change.server, change.credential, context);
    case "setting":
      return await setConfig(io, change.key, change.value);
    case "logout":
      return await removeCredential(context, change.host, options);
    case "erase":
      return await eraseEntries(io, change.path, change.keys);
    case "unname":
      return await setCredHelper(io, change.path, change.host, undefined);
    case "forget":
      return await helperErase(io, change.helper, change.server, limits);
    case "unstore":
      return await credentialStore(change.store, configPath(io)).erase(change.server, context);
    case "unset":
      return await unsetConfig(io, change.key);
  }
}
