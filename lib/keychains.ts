/**
 * The table of all keychains, and the order in which they are asked.
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import type { Secret } from "./credential.ts";
import type { Context, Io } from "./io.ts";
import type { Keychain } from "./keychain.ts";

/**
 * Which tool's order is followed: `imgpkg` asks the environment, the active cloud keychains, the
 * flags and then Docker's config; `kaniko` asks Docker's config first; `docker` asks nothing else.
 */
export type Order = "imgpkg" | "kaniko" | "docker";

/** Credentials for every registry, as given by `--registry-username` and its kin. */
export interface Flags {
  readonly username?: string;
  readonly password?: Secret;
  readonly token?: Secret;
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
  /** Name under which regauth itself runs as a credential helper: entries that name it are passed over. */
  readonly asHelper?: string;
}

/** Keychains to be asked, in order, and those that are not, with the reason. */
export interface Selection {
  readonly asked: readonly Keychain[];
  readonly skipped: readonly { readonly keychain: string; readonly reason: string }[];
}

interface Entry {
  /** Other names by which users know it. */
  readonly aliases?: readonly string[];
  /** Asked only if somebody names it. */
  readonly cloud?: boolean;
  load(options: KeychainOptions): Promise<Keychain>;
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  env: { load: async () => (await import("./env_keychain.ts")).envKeychain() },
  flags: {
    load: async ({ flags = {} }) => (await import("./flags_keychain.ts")).flagsKeychain(flags),
  },
  docker: {
    load: async ({ configDir, asHelper }) =>
      (await import("./docker_keychain.ts")).dockerKeychain({
        ...(configDir === undefined ? {} : { configDir }),
        ...(asHelper === undefined ? {} : { skipHelpers: (suffix) => suffix === asHelper }),
      }),
  },
};

/** The names of all keychains, as they are accepted wherever keychains are listed. */
export const KEYCHAIN_NAMES: readonly string[] = Object.keys(ENTRIES);

/**
 * Chooses the keychains that are asked, by options and variables.
 *
 * @param options Order, list and credentials.
 * @param context The outside world.
 * @returns The keychains in order; each is loaded when it is first asked.
 * @throws {RegauthError} `unknown-keychain` if a list names one that does not exist.
 */
export function selectKeychains(options: KeychainOptions, context: Context): Promise<Selection> {
  const names = orderedNames(options, context.io);
  return Promise.resolve({
    asked: names.map((name) => lazyKeychain(name, options)),
    skipped: KEYCHAIN_NAMES.filter((name) => !names.includes(name)).map((keychain) => ({
      keychain,
      reason: whyNot(keychain, options),
    })),
  });
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

function orderedNames({ order = "imgpkg", keychains }: KeychainOptions, io: Io): readonly string[] {
  if (order === "docker") return ["docker"];
  const named = keychains?.map((name) => canonicalName(name, "the list of keychains"));
  if (order === "kaniko") {
    return [...new Set(["docker", ...named ?? KANIKO_HELPERS.filter((name) => name in ENTRIES)])];
  }
  if (named) return named.length === 0 ? ["docker"] : [...new Set(named)];
  const clouds = activeByVariable(io).filter((name) => ENTRIES[name]?.cloud);
  return ["env", ...clouds, "flags", "docker"];
}

/** What kaniko asks after the Docker config when nobody chooses (kaniko `pkg/creds/creds.go`). */
const KANIKO_HELPERS = ["docker-env", "google", "ecr", "acr", "gitlab"];

/** What `IMGPKG_ENABLE_IAAS_AUTH=true` stands for (imgpkg `pkg/imgpkg/registry/keychain.go`). */
const IAAS = ["google", "ecr", "acr", "github"];

function activeByVariable(io: Io): readonly string[] {
  for (const variable of ["REGAUTH_ACTIVE_KEYCHAINS", "IMGPKG_ACTIVE_KEYCHAINS"]) {
    const list = io.env(variable);
    if (list) return parseKeychainList(list, variable);
  }
  return io.env("IMGPKG_ENABLE_IAAS_AUTH")?.toLowerCase() === "true" ? IAAS : [];
}

function whyNot(name: string, { order = "imgpkg", keychains }: KeychainOptions): string {
  if (keychains) return "not in the list of keychains";
  if (order !== "imgpkg") return `not part of the order "${order}"`;
  return `not active; name it in REGAUTH_ACTIVE_KEYCHAINS (${name})`;
}

function lazyKeychain(name: string, options: KeychainOptions): Keychain {
  let loaded: Promise<Keychain> | undefined;
  return {
    name,
    async resolve(target, context) {
      loaded ??= ENTRIES[name]!.load(options);
      return await (await loaded).resolve(target, context);
    },
  };
}
