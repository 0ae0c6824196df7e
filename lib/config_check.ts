/**
 * Compares the data of regauth's own file with the tables of what it may hold.
 *
 * @example A mistyped key
 * ```ts
 * import { checkConfig } from "./config_check.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const complaint = checkConfig({ registries: { "*.reg.example": { keychian: "store" } } });
 * assertEquals(complaint?.path, ["registries", "*.reg.example", "keychian"]);
 * assertEquals(complaint?.why, 'registries["*.reg.example"].keychian is not a known key');
 * ```
 *
 * @module
 */

import { closest } from "./closest.ts";
import {
  canonicalKeychain,
  CONNECTION_RULES,
  FILE_RULES,
  KEYCHAIN_RULE,
  KEYCHAINS,
  type RegistryOptions,
  type Rule,
  type Rules,
  type StoreName,
} from "./config_schema.ts";
import { isJsonObject, type JsonObject, kindOfJson } from "./json_object.ts";
import { compilePattern, type Pattern, patternFault } from "./match.ts";
import { printable } from "./printable.ts";
import { HUB_HOST, normalizeHost } from "./reference.ts";

/** What is wrong with the data, and where. It never repeats a value: that might be a secret. */
export interface Complaint {
  /** Keys and indexes that lead to the place. */
  readonly path: readonly (string | number)[];
  /** Whether the key itself is wrong, or its value. */
  readonly part: "key" | "value";
  /** What is wrong, as a sentence. */
  readonly why: string;
  /** What to do about it. */
  readonly hint: string;
}

/** The file as it was written, once {@linkcode isConfigData} has found nothing wrong with it. */
export interface ConfigData {
  /** Names or aliases of the active keychains. */
  readonly keychains?: readonly string[];
  /** The entries by pattern. */
  readonly registries?: Readonly<Record<string, EntryData>>;
  /** Where secrets are put. */
  readonly store?: StoreName;
}

/** One entry of `registries`; what the interface does not name are options of its keychain. */
export interface EntryData extends RegistryOptions {
  /** Name or alias of the keychain to ask. */
  readonly keychain?: string;
  /** PEM file of certificates to trust. */
  readonly ca?: string;
  /** PEM file of the certificate to show. */
  readonly clientCert?: string;
  /** PEM file of its key. */
  readonly clientKey?: string;
  /** Whether credentials may travel over plain HTTP. */
  readonly insecure?: boolean;
  /** Whether any certificate is accepted. */
  readonly skipVerify?: boolean;
  /** Host of the token server that may be shown the credential. */
  readonly realm?: string;
}

/**
 * Whether the data is what the tables say.
 *
 * @param value What `JSON.parse` made of the file.
 * @returns Whether {@linkcode checkConfig} has nothing to complain about.
 */
export function isConfigData(value: unknown): value is ConfigData {
  return checkConfig(value) === undefined;
}

/**
 * Checks keys, values and patterns.
 *
 * @param value What `JSON.parse` made of the file.
 * @returns The first thing that is wrong, or `undefined` if nothing is.
 */
export function checkConfig(value: unknown): Complaint | undefined {
  const fault = checkMembers(value, FILE_RULES);
  return fault && { ...fault, why: `${nameOf(fault.path)} ${fault.why}` };
}

/**
 * Writes a path of keys and indexes as it would be written in a program.
 *
 * @param path Keys and indexes.
 * @returns Such as `registries["*.reg.example"].ca`.
 */
export function nameOf(path: Complaint["path"]): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[$\w]+$/.test(step) ? `.${step}` : `[${JSON.stringify(printable(step))}]`;
  });
  return steps.join("").replace(/^\./, "") || "the file";
}

/**
 * Reads a pattern as the file means it: every name of Docker Hub stands for the one by which it is
 * looked up, and a slash after a host for nothing.
 *
 * @param written A key of `registries`.
 * @returns The pattern.
 * @throws {RegauthError} `invalid-pattern`
 */
export function registryPattern(written: string): Pattern {
  const [, host = "", path = ""] = /^([^/]*)(.*)$/s.exec(written) ?? [];
  const name = normalizeHost(host) === HUB_HOST ? HUB_HOST : host;
  return compilePattern(path === "/" ? name : name + path);
}

/** A complaint on its way out: its path begins at the value at hand, `why` follows the name. */
type Fault = Complaint;

function checkMembers(value: unknown, rules: Rules): Fault | undefined {
  if (!isJsonObject(value)) return wrongType(value, "an object");
  return firstFault(Object.entries(value), (member, key) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule) return checkValue(member, rule);
    return wrong("key", "is not a known key", suggest(key, Object.keys(rules)));
  });
}

function checkValue(value: unknown, rule: Rule): Fault | undefined {
  switch (rule.type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : wrongType(value, "true or false");
    case "string":
      return checkText(value, rule.values);
    case "number":
      return checkNumber(value, rule);
    case "list":
      if (!Array.isArray(value)) return wrongType(value, "a list");
      return firstFault(value.entries(), (item) => checkText(item, rule.values));
    case "registries":
      if (!isJsonObject(value)) return wrongType(value, "an object");
      return checkRegistries(value);
  }
}

function checkText(value: unknown, values: readonly string[] | undefined): Fault | undefined {
  if (typeof value !== "string") return wrongType(value, "a string");
  if (values ? values.includes(value) : value !== "") return undefined;
  return values
    ? wrong("value", "is none of the known names", suggest(value, values))
    : wrong("value", "is empty", "Fill it in, or remove it.");
}

function checkNumber(
  value: unknown,
  { least, most }: { readonly least: number; readonly most: number },
): Fault | undefined {
  if (typeof value !== "number") return wrongType(value, "a number");
  if (Number.isInteger(value) && value >= least && value <= most) return undefined;
  return wrong("value", "is out of range", `Write a whole number from ${least} to ${most}.`);
}

function checkRegistries(registries: JsonObject): Fault | undefined {
  const known = new Map<string, string>();
  return firstFault(Object.entries(registries), (entry, written) => {
    const fault = checkPattern(written) ?? checkEntry(entry, written);
    if (fault) return fault;
    const { text } = registryPattern(written);
    const twin = known.get(text);
    known.set(text, written);
    return twin === undefined ? undefined : wrong(
      "key",
      `means the same as ${nameOf(["registries", twin])}`,
      "Make one entry of the two.",
    );
  });
}

function checkPattern(written: string): Fault | undefined {
  const foreign = /:\/\/|[@?#\s]/.exec(written)?.[0];
  const why = foreign === undefined
    ? /^(?:[:/]|$)/.test(written) ? "it has no host" : patternFault(written)
    : `it contains ${JSON.stringify(foreign)}`;
  if (why === undefined) return undefined;
  return wrong(
    "key",
    `is not a pattern: ${why}`,
    "Write it as host[:port][/path], for example *.gcr.io/team.",
  );
}

function checkEntry(value: unknown, pattern: string): Fault | undefined {
  if (!isJsonObject(value)) return wrongType(value, "an object");
  return checkMembers(value, entryRules(value.keychain)) ?? checkConnection(value, pattern);
}

function entryRules(keychain: unknown): Rules {
  const rules = typeof keychain === "string" ? KEYCHAINS[canonicalKeychain(keychain)] : undefined;
  return { keychain: KEYCHAIN_RULE, ...CONNECTION_RULES, ...rules?.options };
}

function checkConnection(entry: JsonObject, pattern: string): Fault | undefined {
  const host = pattern.replace(/\/.*/s, "");
  const partners: Readonly<Record<string, string>> = {
    clientCert: "clientKey",
    clientKey: "clientCert",
  };
  return firstFault(Object.entries(entry), (_, key) => {
    if (!Object.hasOwn(CONNECTION_RULES, key)) return undefined;
    const partner = partners[key];
    if (partner && !(partner in entry)) {
      return wrong("key", `needs ${partner} beside it`, `Add ${partner}, or remove ${key}.`);
    }
    if (host === pattern) return undefined;
    const why = "counts for a whole host, but the pattern has a path";
    return wrong("key", why, `Put it under ${JSON.stringify(printable(host))}.`);
  });
}

/** The first fault of any member, with the member's key or index before its path. */
function firstFault<K extends string | number, V>(
  members: Iterable<[K, V]>,
  check: (member: V, key: K) => Fault | undefined,
): Fault | undefined {
  for (const [key, member] of members) {
    const fault = check(member, key);
    if (fault) return { ...fault, path: [key, ...fault.path] };
  }
  return undefined;
}

function wrong(part: Fault["part"], why: string, hint: string): Fault {
  return { path: [], part, why, hint };
}

function wrongType(value: unknown, wanted: string): Fault {
  return wrong("value", `must be ${wanted}, not ${kindOfJson(value)}`, `Write ${wanted} there.`);
}

function suggest(word: string, known: readonly string[]): string {
  const meant = closest(word, known);
  return `${meant ? `Did you mean "${meant}"? ` : ""}Allowed here: ${known.join(", ")}.`;
}
