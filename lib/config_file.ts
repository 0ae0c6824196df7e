/**
 * regauth's own file: which keychain knows which registry, with which options, and how to connect
 * to it.
 *
 * @example
 * ```ts
 * import { loadConfig } from "./config_file.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: {
 *     "/home/me/.config/regauth/config.json": `{
 *       "registries": {
 *         "*.reg.example": { "keychain": "store", "ca": "reg.pem" },
 *         "eu.reg.example/team": { "keychain": "store", "scope": "team" }
 *       }
 *     }`,
 *   },
 * });
 * const config = await loadConfig(io);
 * const entry = config.entryOf({ registry: "eu.reg.example", repository: "team/app" });
 * assertEquals(entry, {
 *   pattern: "eu.reg.example/team",
 *   keychain: "store",
 *   options: { scope: "team" },
 * });
 * assertEquals(config.registrySettings("eu.reg.example")?.ca, "/home/me/.config/regauth/reg.pem");
 * ```
 *
 * @module
 */

import {
  checkConfig,
  type Complaint,
  type ConfigData,
  isConfigData,
  registryPattern,
} from "./config_check.ts";
import {
  canonicalKeychain,
  CONNECTION_RULES,
  type RegistryOptions,
  type StoreName,
} from "./config_schema.ts";
import { RegauthError } from "./errors.ts";
import { configPath } from "./config_path.ts";
import type { Io } from "./io.ts";
import { type Pattern, patternIndex } from "./match.ts";
import { type Target, targetText } from "./reference.ts";

/** How the credential of the registries under one pattern is found. */
export interface RegistryEntry {
  /** The pattern as it was written. */
  readonly pattern: string;
  /** Name of the keychain to ask, no alias. */
  readonly keychain: string;
  /** What the keychain is told. */
  readonly options: RegistryOptions;
}

/** How to connect to the registries under one pattern. Files are absolute paths. */
export interface RegistrySettings {
  /** The pattern as it was written. */
  readonly pattern: string;
  /** PEM file of certificates to trust beside the built-in ones. */
  readonly ca?: string;
  /** PEM file of the certificate to show; there is a key as well. */
  readonly clientCert?: string;
  /** PEM file of the key of the certificate. */
  readonly clientKey?: string;
  /** Whether credentials may travel over plain HTTP. */
  readonly insecure?: boolean;
  /** Whether any certificate is accepted. */
  readonly skipVerify?: boolean;
  /** Host of the token server that may be shown the credential. */
  readonly realm?: string;
}

/** What regauth's own file says. */
export interface RegauthConfig {
  /** Where the file is, or would be; absent if no variable tells. */
  readonly path?: string;
  /** The keychains that are active, without aliases and repetitions; absent if it does not say. */
  readonly keychains?: readonly string[];
  /** Where secrets are put; absent if it does not say. */
  readonly store?: StoreName;
  /** The entries that name a keychain, as they were written. */
  readonly entries: readonly RegistryEntry[];
  /** The entries that say how to connect, as they were written. */
  readonly settings: readonly RegistrySettings[];

  /**
   * Finds whom to ask for a credential.
   *
   * @param target What is to be pulled or pushed.
   * @returns The most specific entry that covers it and names a keychain, or `undefined`.
   */
  entryOf(target: Target): RegistryEntry | undefined;

  /**
   * Finds how to connect to a registry.
   *
   * @param host The registry's host, with its port if it has one.
   * @returns The most specific entry that covers it and says how to connect, or `undefined`.
   */
  registrySettings(host: string): RegistrySettings | undefined;
}

/** How to read the file. */
export interface LoadConfigOptions {
  /** Path of the file. @default {configPath(io)} */
  readonly path?: string;
  /** Hears of a file that is broken, which then counts as empty; else the error is thrown. */
  readonly onBroken?: (error: RegauthError) => void;
}

/**
 * Names a file that stands in the folder of another one.
 *
 * @param io The outside world.
 * @param path Path of the other file.
 * @param file Path of the file; an absolute one stays as it is.
 * @returns Its path.
 */
export function beside(io: Io, path: string, file: string): string {
  const windows = io.platform === "windows";
  if ((windows ? /^(?:[a-z]:)?[\\/]/i : /^\//).test(file)) return file;
  return path.replace(windows ? /[^\\/]*$/ : /[^/]*$/, () => file);
}

/**
 * Reads the file. A missing or empty one says nothing.
 *
 * @param io The outside world.
 * @param options Which file, and what to do about a broken one.
 * @returns What the file says.
 * @throws {RegauthError} `config-io` if it cannot be read, `config-syntax` if it is not JSON,
 * `config-type` if a key, value or pattern is none that the file may hold, with line and column.
 */
export async function loadConfig(
  io: Io,
  options: LoadConfigOptions = {},
): Promise<RegauthConfig> {
  const { path = configPath(io), onBroken } = options;
  if (path === undefined) return configOf({}, io);
  try {
    return await parseConfig(io, path, await io.readText(path) ?? "");
  } catch (error) {
    if (!onBroken || !(error instanceof RegauthError)) throw error;
    onBroken(error);
    return configOf({}, io, path);
  }
}

async function parseConfig(io: Io, path: string, source: string): Promise<RegauthConfig> {
  // Some editors put a byte-order mark there.
  const text = source.replace(/^\uFEFF/, "");
  const data = text.trim() === "" ? {} : tryJson(text);
  if (isConfigData(data)) return configOf(data, io, path);
  throw await complaintError(path, text, checkConfig(data));
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the text a second time, slower: only now it matters where things stand in it. */
async function complaintError(
  path: string,
  text: string,
  complaint: Complaint | undefined,
): Promise<RegauthError> {
  const { parseJson, positionOf } = await import("./json_tree.ts");
  let node = parseJson(text, path);
  let start = node.start;
  for (const step of complaint?.path ?? []) {
    const members = node.kind === "object" ? node.members : [];
    const member = members.findLast(({ key }) => key === step);
    const items = node.kind === "list" ? node.items : [];
    node = member?.value ?? items.find((_, index) => index === step) ?? node;
    start = complaint?.part === "key" && member ? member.start : node.start;
  }
  const { line, column } = positionOf(text, start);
  return new RegauthError(
    "config-type",
    `Cannot use "${path}": line ${line}, column ${column}: ${complaint?.why}`,
    { subject: path, ...(complaint && { hint: complaint.hint }) },
  );
}

function configOf(data: ConfigData, io: Io, path?: string): RegauthConfig {
  const { keychains, store, registries = {} } = data;
  const entries: [Pattern, RegistryEntry][] = [];
  const settings: [Pattern, RegistrySettings][] = [];
  for (const [written, entry] of Object.entries(registries)) {
    const pattern = registryPattern(written);
    const { keychain, ca, clientCert, clientKey, insecure, skipVerify, realm, ...options } = entry;
    if (keychain !== undefined) {
      entries.push([pattern, { pattern: written, keychain: canonicalKeychain(keychain), options }]);
    }
    if (Object.keys(CONNECTION_RULES).some((key) => key in entry)) {
      const at = (file: string): string => beside(io, path ?? "", file);
      settings.push([pattern, {
        pattern: written,
        ...(ca === undefined ? {} : { ca: at(ca) }),
        ...(clientCert === undefined ? {} : { clientCert: at(clientCert) }),
        ...(clientKey === undefined ? {} : { clientKey: at(clientKey) }),
        ...(insecure === undefined ? {} : { insecure }),
        ...(skipVerify === undefined ? {} : { skipVerify }),
        ...(realm === undefined ? {} : { realm }),
      }]);
    }
  }
  const entryIndex = patternIndex(entries);
  const settingsIndex = patternIndex(settings);
  return {
    ...(path === undefined ? {} : { path }),
    ...(keychains && { keychains: [...new Set(keychains.map(canonicalKeychain))] }),
    ...(store && { store }),
    entries: entries.map(([_, entry]) => entry),
    settings: settings.map(([_, entry]) => entry),
    entryOf: (target) => entryIndex.first(targetText(target)),
    registrySettings: (host) => settingsIndex.first(targetText({ registry: host })),
  };
}
