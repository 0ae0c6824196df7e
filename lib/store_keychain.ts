/**
 * The keychain of what `login` stored.
 *
 * @example
 * ```ts
 * import { loadConfig } from "./config_file.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { storeKeychain } from "./store_keychain.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { PATH: "/usr/bin" },
 *   files: { "/c.json": '{ "store": "pass" }' },
 *   programs: {
 *     "/usr/bin/docker-credential-pass": () => ({ stdout: '{"Username":"me","Secret":"FAKE"}' }),
 *   },
 * });
 * const keychain = storeKeychain(await loadConfig(io, { path: "/c.json" }));
 * const credential = await keychain.resolve({ registry: "reg.example" }, { io });
 * assertEquals(credential?.username, "me");
 * ```
 *
 * @module
 */

import type { RegauthConfig } from "./config_file.ts";
import type { RegistryOptions } from "./config_schema.ts";
import type { Keychain } from "./keychain.ts";
import { credentialStore, defaultStore, storeKey } from "./store.ts";

/**
 * The keychain of the store that the file names.
 *
 * @param config What regauth's own file says.
 * @param options `scope` takes the credential that was stored for this path of the registry; without
 * it the one of the whole registry is taken.
 * @returns A keychain named `store`.
 */
export function storeKeychain(config: RegauthConfig, options: RegistryOptions = {}): Keychain {
  const scope = typeof options.scope === "string" ? options.scope : undefined;
  return {
    name: "store",
    async resolve(target, context) {
      const name = config.store ?? await defaultStore(context.io);
      const server = storeKey(target.registry, scope);
      const credential = await credentialStore(name, config.path).get(server, context);
      if (!credential) context.trace?.(`the store "${name}" has nothing for "${server}"`);
      return credential;
    },
  };
}
