/**
 * The table of all keychains, and the order in which they are asked.
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import type { Secret } from "./credential.ts";
import type { Memory } from "./identity/memory.ts";
import type { Context, Io } from "./io.ts";
import type { RegauthConfig } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import type { RegistryOptions } from "./config_schema.ts";
import { dockerKeychain } from "./docker_keychain.ts";
import { parseEcrHost } from "./ecr_host.ts";
import { githubOf } from "./github_host.ts";
import { parseGoogleHost } from "./google_host.ts";
import type { Keychain } from "./keychain.ts";
import { normalizeHost } from "./reference.ts";

/**
 * Which tool's order is followed: `imgpkg` asks the environment, the active cloud keychains, the
 * flags and then Docker's config; `kaniko` asks Docker's config first; `docker` asks nothing else.
 */
export type Order = "imgpkg" | "kaniko" | "docker";

/** Credentials for every registry, as given by `--registry-username` and its kin. */
export interface Flags {
  /** Account name. */
  readonly username?: string;
  /** What goes with the name. */
  readonly password?: Secret;
  /** Bearer token that is sent as it is. */
  readonly token?: Secret;
  /** Whether no credential is to be sent. */
  readonly anonymous?: boolean;
}

/** Which keychains are asked, and with what. */
export interface KeychainOptions {
  /** Whose order is followed. @default {"imgpkg"} */
  readonly order?: Order;
  /** The keychains to ask instead of those of the order; none at all is "only Docker's config". */
  readonly keychains?: readonly string[];
  /** Credentials for every registry. */
  readonly flags?: Flags;
  /** Folder of Docker's `config.json`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
  /** An `auth.json` of Podman, in place of Docker's config and all others. */
  readonly authFile?: string;
  /** Name under which regauth itself runs as a credential helper: entries that name it are passed over. */
  readonly asHelper?: string;
  /** Whether short-lived tokens are kept on disk for the next program. @default {false} */
  readonly keepTokens?: boolean;
  /** Asks a person for the code of an MFA device; `undefined` is that nobody can be asked. */
  readonly askMfa?: (device: string) => Promise<string | undefined>;
  /** Hears what the user should know, though it is no failure. @default {the trace} */
  readonly warn?: (message: string) => void;
  /** Hears that regauth's own file is broken, which then counts as empty; else that is an error. */
  readonly onBrokenConfig?: (error: RegauthError) => void;
}

/** Keychains to be asked, in order, and those that are not, with the reason. */
export interface Selection {
  /** The keychains to ask. */
  readonly asked: readonly Keychain[];
  /** The keychains that are not asked. */
  readonly skipped: readonly { readonly keychain: string; readonly reason: string }[];
}

interface Entry {
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
   * @param given What it may need to know.
   * @returns The keychain.
   */
  load(given: Given): Promise<Keychain>;
}

/** What a keychain may need to know when it is loaded. */
interface Given {
  /** What the caller says. */
  readonly options: KeychainOptions;
  /** What regauth's own file says; absent if there is none. */
  readonly config: RegauthConfig | undefined;
  /** What an entry of that file tells this keychain. */
  readonly entry?: RegistryOptions;
  readonly io: Io;
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  env: {
    async load({ io }) {
      // Most calls have none, and need not load what reads them.
      if (!io.envNames().some((name) => /^(?:REGAUTH|IMGPKG)_REGISTRY_/.test(name))) {
        return silent("env", "no variable REGAUTH_REGISTRY_… or IMGPKG_REGISTRY_… is set");
      }
      return (await import("./env_keychain.ts")).envKeychain();
    },
  },
  config: {
    async load(given) {
      const { config, io } = given;
      if (!config) return silent("config", `${configPath(io) ?? "the file"} does not exist`);
      const { configKeychain } = await import("./config_keychain.ts");
      return configKeychain(config, (name, entry) => load(name, { ...given, entry }));
    },
  },
  store: {
    optIn: true,
    async load({ config, entry, io }) {
      const { loadConfig } = await import("./config_file.ts");
      const { storeKeychain } = await import("./store_keychain.ts");
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
      return (await import("./flags_keychain.ts")).flagsKeychain(flags);
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
      const { dockerEnvKeychain } = await import("./docker_env_keychain.ts");
      const ecr = (options: RegistryOptions) => load("ecr", { ...given, entry: options });
      return dockerEnvKeychain({
        allowTld: entry.allowTld === true,
        ...(Object.hasOwn(ENTRIES, "ecr") ? { ecr } : {}),
      });
    },
  },
  github: {
    aliases: ["ghcr"],
    optIn: true,
    afterStore: true,
    owns: (host, io) => githubOf(host, io) !== undefined,
    async load({ entry: { server, username } = {} }) {
      const { githubKeychain } = await import("./registries/github_keychain.ts");
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
      const { googleKeychain, googleOptions } = await import("./registries/google_keychain.ts");
      const { entry } = given;
      const options = entry ? googleOptions(entry, await pathReader(given)) : {};
      return googleKeychain({ ...options, memory: await memoryOf(given) });
    },
  },
  ecr: {
    optIn: true,
    owns: (host) => parseEcrHost(host) !== undefined,
    async load(given) {
      const { ecrKeychain, ecrOptions } = await import("./registries/ecr_keychain.ts");
      const { entry = {}, options: { askMfa, warn } } = given;
      const memory = await memoryOf(given);
      return ecrKeychain({
        ...ecrOptions(entry),
        ...(memory ? { memory } : {}),
        ...(askMfa ? { askMfa } : {}),
        ...(warn ? { warn } : {}),
      });
    },
  },
  gitlab: {
    optIn: true,
    owns: (_host, io) => Boolean(io.env("CI_REGISTRY") || io.env("CI_DEPENDENCY_PROXY_SERVER")),
    load: async () => (await import("./registries/gitlab_keychain.ts")).gitlabKeychain(),
  },
};

/** Where tokens are kept; `undefined` if in this process alone. */
async function memoryOf({ options: { keepTokens }, io }: Given): Promise<Memory | undefined> {
  return keepTokens ? (await import("./token_store.ts")).tokenStore(io) : undefined;
}

/** Makes paths absolute that count from the folder of regauth's own file. */
async function pathReader({ config, io }: Given): Promise<(path: string) => string> {
  const { beside } = await import("./config_file.ts");
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

/** The names of all keychains, as they are accepted wherever keychains are listed. */
export const KEYCHAIN_NAMES: readonly string[] = Object.keys(ENTRIES);

/**
 * Chooses the keychains that are asked, by options, variables and regauth's own file.
 *
 * @param options Order, list and credentials.
 * @param context The outside world.
 * @returns The keychains in order; each is loaded when it is first asked.
 * @throws {RegauthError} `unknown-keychain` if a list names one that does not exist, `config-…` if
 * regauth's own file is broken.
 */
export async function selectKeychains(
  options: KeychainOptions,
  context: Context,
): Promise<Selection> {
  const config = options.order === "docker" ? undefined : await ownConfig(options, context);
  const { names, owners = [] } = orderedNames(options, context.io, config);
  return {
    asked: names.map((name) => lazyKeychain(name, { options, config, io: context.io }, owners)),
    skipped: KEYCHAIN_NAMES.filter((name) => !names.includes(name)).map((keychain) => ({
      keychain,
      reason: whyNot(options),
    })),
  };
}

/** What regauth's own file says; what reads it is loaded only if there is one. */
async function ownConfig(
  { onBrokenConfig: onBroken }: KeychainOptions,
  { io }: Context,
): Promise<RegauthConfig | undefined> {
  const path = configPath(io);
  // A file that cannot even be looked at is for the reader to complain about.
  if (path === undefined || !await io.stat(path).catch(() => true)) return undefined;
  const { loadConfig } = await import("./config_file.ts");
  return await loadConfig(io, { path, ...(onBroken ? { onBroken } : {}) });
}

/**
 * Reads a list of keychain names, separated by commas.
 *
 * @param text The list; empty is no keychain.
 * @param source The variable or flag that holds it, for the error.
 * @returns The names without aliases and repetitions.
 * @throws {RegauthError} `unknown-keychain`
 */
export function parseKeychainList(text: string, source: string): readonly string[] {
  if (text === "") return [];
  return [...new Set(text.split(",").map((name) => canonicalName(name.trim(), source)))];
}

function canonicalName(name: string, source: string): string {
  if (Object.hasOwn(ENTRIES, name)) return name;
  const entry = Object.entries(ENTRIES).find(([_, { aliases }]) => aliases?.includes(name));
  if (entry) return entry[0];
  throw new RegauthError(
    "unknown-keychain",
    `Cannot use keychain "${name}" of ${source}: there is none of that name`,
    {
      subject: source,
      hint: `Name one or more of ${KEYCHAIN_NAMES.join(", ")}, separated by commas.`,
    },
  );
}

/** Names of keychains in order. */
interface Ordered {
  readonly names: readonly string[];
  /** Those among them that are asked for their own hosts alone. */
  readonly owners?: readonly string[];
}

function orderedNames(
  { order = "imgpkg", keychains, asHelper }: KeychainOptions,
  io: Io,
  config: RegauthConfig | undefined,
): Ordered {
  if (order === "docker") return { names: ["docker"] };
  const named = keychains?.map((name) => canonicalName(name, "the list of keychains"));
  if (order === "kaniko") {
    // What kaniko calls env reads other variables than the keychain of that name.
    const helpers = named?.map((name) => name === "env" ? "docker-env" : name) ??
      KANIKO_HELPERS.filter((name) => Object.hasOwn(ENTRIES, name));
    return { names: [...new Set(["docker", ...helpers])] };
  }
  if (named) return { names: named.length === 0 ? ["docker"] : [...new Set(named)] };
  const active = (activeByVariable(io) ?? config?.keychains ?? [])
    .filter((name) => ENTRIES[name]?.optIn);
  if (asHelper === undefined) return { names: inOrder(active) };
  const owners = KEYCHAIN_NAMES.filter((name) => ENTRIES[name]?.owns && !active.includes(name));
  const [late, early] = [true, false].map((after) =>
    owners.filter((name) => (ENTRIES[name]?.afterStore ?? false) === after)
  );
  // What a tool gave to the helper to keep, it gets back from there.
  const kept = config?.store === undefined ? [] : ["store"];
  return { names: inOrder([...active, ...early ?? []], [...kept, ...late ?? []]), owners };
}

/** Imgpkg's order, with what is active in its two places. */
function inOrder(active: readonly string[], late: readonly string[] = []): readonly string[] {
  return [...new Set(["env", "config", ...active, "flags", ...late, "docker"])];
}

/** What kaniko asks after the Docker config when nobody chooses (kaniko `pkg/creds/creds.go`). */
const KANIKO_HELPERS = ["docker-env", "google", "ecr", "acr", "gitlab"];

/** What `IMGPKG_ENABLE_IAAS_AUTH=true` stands for (imgpkg `pkg/imgpkg/registry/keychain.go`). */
const IAAS = ["google", "ecr", "acr", "github"];

function activeByVariable(io: Io): readonly string[] | undefined {
  for (const variable of ["REGAUTH_ACTIVE_KEYCHAINS", "IMGPKG_ACTIVE_KEYCHAINS"]) {
    const list = io.env(variable);
    if (list) return parseKeychainList(list, variable);
  }
  return io.env("IMGPKG_ENABLE_IAAS_AUTH")?.toLowerCase() === "true" ? IAAS : undefined;
}

function whyNot({ order = "imgpkg", keychains }: KeychainOptions): string {
  if (keychains) return "not in the list of keychains";
  if (order !== "imgpkg") return `not part of the order "${order}"`;
  return `not active; name it in REGAUTH_ACTIVE_KEYCHAINS`;
}

function lazyKeychain(name: string, given: Given, owners: readonly string[]): Keychain {
  const owns = owners.includes(name) ? ENTRIES[name]?.owns : undefined;
  let loaded: Promise<Keychain> | undefined;
  return {
    name,
    async resolve(target, context) {
      if (owns && !owns(normalizeHost(target.registry), context.io)) return undefined;
      loaded ??= load(name, given);
      return await (await loaded).resolve(target, context);
    },
  };
}

async function load(name: string, given: Given): Promise<Keychain> {
  const keychain = await ENTRIES[name]?.load(given);
  if (keychain) return keychain;
  throw new RegauthError("unknown-keychain", `Cannot use keychain "${name}": there is none`);
}
