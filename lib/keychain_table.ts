/**
 * The table of all keychains: how each is loaded, and which hosts are its own. A new keychain is
 * one more line here, and one in the tables of the configuration file.
 *
 * @module
 */

import { parseAcrHost } from "./acr_host.ts";
import type { RegauthConfig } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import type { RegistryOptions } from "./config_schema.ts";
import { dockerKeychain } from "./docker_keychain.ts";
import { parseEcrHost } from "./ecr_host.ts";
import { RegauthError } from "./errors.ts";
import { githubOf } from "./github_host.ts";
import { parseGoogleHost } from "./google_host.ts";
import type { Memory } from "./identity/memory.ts";
import type { Io } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import type { KeychainOptions } from "./keychain_options.ts";
import { later } from "./later.ts";

/** One line of the table. */
export interface KeychainEntry {
  /** Other names by which users know it. */
  readonly aliases?: readonly string[];
  /** Asked only if somebody names it. */
  readonly optIn?: boolean;
  /** What it finds may lack rights for images, so a login that was stored is preferred. */
  readonly afterStore?: boolean;

  /**
   * A keychain of these hosts is active where regauth runs as their credential helper: installing it
   * there is what opts in.
   *
   * @param host As `normalizeHost()` gives it.
   * @param io The outside world.
   * @returns Whether the host is this keychain's.
   */
  owns?(host: string, io: Io): boolean;

  /**
   * Makes the keychain.
   *
   * @param given What it may need to know.
   * @returns The keychain.
   */
  load(given: Given): Promise<Keychain>;
}

/** What a keychain may need to know when it is loaded. */
export interface Given {
  /** What the caller says. */
  readonly options: KeychainOptions;
  /** What regauth's own file says; absent if there is none. */
  readonly config: RegauthConfig | undefined;
  /** What an entry of that file tells this keychain. */
  readonly entry?: RegistryOptions;
  /** The outside world. */
  readonly io: Io;
}

const HERE = import.meta.url;

/** All keychains, by name. */
export const KEYCHAIN_TABLE: Readonly<Record<string, KeychainEntry>> = {
  env: {
    async load({ io }) {
      // Most calls have none, and need not load what reads them.
      if (!io.envNames().some((name) => /^(?:REGAUTH|IMGPKG)_REGISTRY_/.test(name))) {
        return silent("env", "no variable REGAUTH_REGISTRY_… or IMGPKG_REGISTRY_… is set");
      }
      return (await later<typeof import("./env_keychain.ts")>("./env_keychain.ts", HERE))
        .envKeychain();
    },
  },
  config: {
    async load(given) {
      const { config, io } = given;
      if (!config) return silent("config", `${configPath(io) ?? "the file"} does not exist`);
      const { configKeychain } = await later<typeof import("./config_keychain.ts")>(
        "./config_keychain.ts",
        HERE,
      );
      return configKeychain(config, (name, entry) => loadKeychain(name, { ...given, entry }));
    },
  },
  store: {
    optIn: true,
    async load({ config, entry, io }) {
      const { loadConfig } = await later<typeof import("./config_file.ts")>(
        "./config_file.ts",
        HERE,
      );
      const { storeKeychain } = await later<typeof import("./store_keychain.ts")>(
        "./store_keychain.ts",
        HERE,
      );
      return storeKeychain(config ?? await loadConfig(io), entry);
    },
  },
  flags: {
    async load({ options: { flags = {} }, io }) {
      const named = /^(?:REGAUTH|IMGPKG)_(?:USERNAME|PASSWORD|TOKEN|ANON)$/;
      if (Object.keys(flags).length === 0 && !io.envNames().some((name) => named.test(name))) {
        return silent(
          "flags",
          "no --registry-… option and no REGAUTH_… or IMGPKG_… variable is set",
        );
      }
      return (await later<typeof import("./flags_keychain.ts")>("./flags_keychain.ts", HERE))
        .flagsKeychain(flags);
    },
  },
  docker: {
    load: ({ options: { configDir, authFile, asHelper }, config }) =>
      Promise.resolve(dockerKeychain({
        ...(configDir === undefined ? {} : { configDir }),
        ...(authFile === undefined ? {} : { authFile }),
        // The store has been asked before.
        ...(asHelper === undefined
          ? {}
          : { asHelper, skipHelpers: (suffix) => suffix === config?.store }),
      })),
  },
  "docker-env": {
    optIn: true,
    async load({ entry = {}, ...given }) {
      const { dockerEnvKeychain } = await later<typeof import("./docker_env_keychain.ts")>(
        "./docker_env_keychain.ts",
        HERE,
      );
      const ecr = (options: RegistryOptions) => loadKeychain("ecr", { ...given, entry: options });
      return dockerEnvKeychain({
        allowTld: entry.allowTld === true,
        ...(Object.hasOwn(KEYCHAIN_TABLE, "ecr") ? { ecr } : {}),
      });
    },
  },
  github: {
    aliases: ["ghcr"],
    optIn: true,
    afterStore: true,
    owns: (host, io) => githubOf(host, io) !== undefined,
    async load({ entry: { server, username } = {} }) {
      const { githubKeychain } = await later<typeof import("./registries/github_keychain.ts")>(
        "./registries/github_keychain.ts",
        HERE,
      );
      return githubKeychain({
        ...(typeof server === "string" ? { server } : {}),
        ...(typeof username === "string" ? { username } : {}),
      });
    },
  },
  google: {
    aliases: ["gke", "gcr"],
    optIn: true,
    owns: (host) => parseGoogleHost(host) !== undefined,
    async load(given) {
      const { googleKeychain, googleOptions } = await later<
        typeof import("./registries/google_keychain.ts")
      >("./registries/google_keychain.ts", HERE);
      const { entry } = given;
      const options = entry ? googleOptions(entry, await pathReader(given)) : {};
      return googleKeychain({ ...options, memory: await memoryOf(given) });
    },
  },
  ecr: {
    optIn: true,
    owns: (host) => parseEcrHost(host) !== undefined,
    async load(given) {
      const [{ ecrKeychain, ecrOptions }, memory] = await Promise.all([
        later<typeof import("./registries/ecr_keychain.ts")>("./registries/ecr_keychain.ts", HERE),
        memoryOf(given),
      ]);
      const { entry = {}, options: { askMfa, warn } } = given;
      return ecrKeychain({
        ...ecrOptions(entry),
        ...(memory ? { memory } : {}),
        ...(askMfa ? { askMfa } : {}),
        ...(warn ? { warn } : {}),
      });
    },
  },
  acr: {
    aliases: ["aks", "azure"],
    optIn: true,
    owns: (host) => parseAcrHost(host) !== undefined,
    async load(given) {
      const { acrKeychain, acrOptions } = await later<
        typeof import("./registries/acr_keychain.ts")
      >("./registries/acr_keychain.ts", HERE);
      const { entry } = given;
      const options = entry ? acrOptions(entry, await pathReader(given)) : {};
      return acrKeychain({ ...options, memory: await memoryOf(given) });
    },
  },
  gitlab: {
    optIn: true,
    owns: (_host, io) => Boolean(io.env("CI_REGISTRY") || io.env("CI_DEPENDENCY_PROXY_SERVER")),
    load: async () =>
      (await later<typeof import("./registries/gitlab_keychain.ts")>(
        "./registries/gitlab_keychain.ts",
        HERE,
      )).gitlabKeychain(),
  },
};

/**
 * Loads a keychain.
 *
 * @param name Its name, no alias.
 * @param given What it may need to know.
 * @returns The keychain.
 * @throws {RegauthError} `unknown-keychain`
 */
export async function loadKeychain(name: string, given: Given): Promise<Keychain> {
  const keychain = await KEYCHAIN_TABLE[name]?.load(given);
  if (keychain) return keychain;
  throw new RegauthError("unknown-keychain", `Cannot use keychain "${name}": there is none`);
}

/** Where tokens are kept; `undefined` if in this process alone. */
async function memoryOf({ options: { keepTokens }, io }: Given): Promise<Memory | undefined> {
  return keepTokens
    ? (await later<typeof import("./token_store.ts")>("./token_store.ts", HERE)).tokenStore(io)
    : undefined;
}

/** Makes paths absolute that count from the folder of regauth's own file. */
async function pathReader({ config, io }: Given): Promise<(path: string) => string> {
  const { beside } = await later<typeof import("./config_file.ts")>("./config_file.ts", HERE);
  return (path) => beside(io, config?.path ?? "", path);
}

/** A keychain that knows nothing, and why. */
function silent(name: string, reason: string): Keychain {
  return {
    name,
    resolve(_target, { trace }) {
      trace?.(reason);
      return Promise.resolve(undefined);
    },
  };
}
