/**
 * Which keychains are asked, and in which order.
 *
 * @module
 */

import type { RegauthConfig } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import { RegauthError } from "./errors.ts";
import type { Context, Io } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import type { KeychainOptions } from "./keychain_options.ts";
import { type Given, KEYCHAIN_TABLE, loadKeychain } from "./keychain_table.ts";
import { later } from "./later.ts";
import { normalizeHost } from "./reference.ts";

export type { Flags, KeychainOptions, Order } from "./keychain_options.ts";

/** Keychains to be asked, in order, and those that are not, with the reason. */
export interface Selection {
  /** The keychains to ask. */
  readonly asked: readonly Keychain[];
  /** The keychains that are not asked. */
  readonly skipped: readonly { readonly keychain: string; readonly reason: string }[];
}

/** The names of all keychains, as they are accepted wherever keychains are listed. */
export const KEYCHAIN_NAMES: readonly string[] = Object.keys(KEYCHAIN_TABLE);

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
  const { loadConfig } = await later<typeof import("./config_file.ts")>(
    "./config_file.ts",
    import.meta.url,
  );
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
  if (Object.hasOwn(KEYCHAIN_TABLE, name)) return name;
  const entry = Object.entries(KEYCHAIN_TABLE).find(([_, { aliases }]) => aliases?.includes(name));
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
      KANIKO_HELPERS.filter((name) => Object.hasOwn(KEYCHAIN_TABLE, name));
    return { names: [...new Set(["docker", ...helpers])] };
  }
  if (named) return { names: named.length === 0 ? ["docker"] : [...new Set(named)] };
  const active = (activeByVariable(io) ?? config?.keychains ?? [])
    .filter((name) => KEYCHAIN_TABLE[name]?.optIn);
  if (asHelper === undefined) return { names: inOrder(active) };
  const owners = KEYCHAIN_NAMES.filter((name) =>
    KEYCHAIN_TABLE[name]?.owns && !active.includes(name)
  );
  const [late, early] = [true, false].map((after) =>
    owners.filter((name) => (KEYCHAIN_TABLE[name]?.afterStore ?? false) === after)
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
  const owns = owners.includes(name) ? KEYCHAIN_TABLE[name]?.owns : undefined;
  let loaded: Promise<Keychain> | undefined;
  return {
    name,
    async resolve(target, context) {
      if (owns && !owns(normalizeHost(target.registry), context.io)) return undefined;
      loaded ??= loadKeychain(name, given);
      return await (await loaded).resolve(target, context);
    },
  };
}
