/**
 * The keychain that regauth's own file sets up: the most specific pattern that covers the target
 * says which keychain is asked, with which options.
 *
 * @example
 * ```ts
 * import { configKeychain } from "./config_keychain.ts";
 * import { loadConfig } from "./config_file.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   files: { "/c.json": '{ "registries": { "*.reg.example": { "keychain": "store" } } }' },
 * });
 * const robots = { name: "store", resolve: () => Promise.resolve({ username: "robot" }) };
 * const keychain = configKeychain(
 *   await loadConfig(io, { path: "/c.json" }),
 *   () => Promise.resolve(robots),
 * );
 * const credential = await keychain.resolve({ registry: "eu.reg.example" }, { io });
 * assertEquals(credential, {
 *   username: "robot",
 *   detail: 'pattern "*.reg.example" of /c.json',
 * });
 * ```
 *
 * @module
 */

import type { RegauthConfig, RegistryEntry } from "./config_file.ts";
import type { RegistryOptions } from "./config_schema.ts";
import type { Keychain } from "./keychain.ts";
import { printable } from "./printable.ts";

/**
 * Makes the keychain that an entry names.
 *
 * @param name Its name, no alias, never `config`.
 * @param options What the entry tells it.
 * @returns The keychain.
 */
export type LoadKeychain = (name: string, options: RegistryOptions) => Promise<Keychain>;

/**
 * The keychain of a file. It knows nothing of a target that no entry covers, or if the keychain that
 * the entry names knows nothing of it: there is no second try with a less specific entry.
 *
 * @param config What the file says.
 * @param load Makes the keychains that entries name, each once for the same options.
 * @returns A keychain named `config`.
 */
export function configKeychain(config: RegauthConfig, load: LoadKeychain): Keychain {
  const loaded = new Map<string, Promise<Keychain>>();

  function keychainOf({ keychain, options }: RegistryEntry): Promise<Keychain> {
    const key = JSON.stringify([keychain, Object.entries(options).sort()]);
    const known = loaded.get(key) ?? load(keychain, options);
    loaded.set(key, known);
    return known;
  }

  return {
    name: "config",
    async resolve(target, context) {
      const { trace } = context;
      const entry = config.entryOf(target);
      if (!entry) {
        trace?.(`no entry of ${config.path ?? "the file"} covers it`);
        return undefined;
      }
      const source = `pattern "${printable(entry.pattern)}" of ${config.path}`;
      trace?.(`${source} names the keychain "${entry.keychain}"`);
      const keychain = await keychainOf(entry);
      const credential = await keychain.resolve(target, {
        ...context,
        ...(trace ? { trace: (message) => trace(`${keychain.name}: ${message}`) } : {}),
      });
      if (!credential) return undefined;
      const { detail } = credential;
      return { ...credential, detail: detail === undefined ? source : `${detail}, by ${source}` };
    },
  };
}
