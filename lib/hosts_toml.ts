/**
 * containerd's `hosts.toml`: by which servers a registry is reached, and with which certificates
 * (containerd `docs/hosts.md`, `core/remotes/docker/config/hosts.go`).
 *
 * @example
 * ```ts
 * import { parseHostsToml } from "./hosts_toml.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = `
 *   server = "https://reg.example:5000"
 *   [host."https://mirror.example"]
 *     capabilities = ["pull", "resolve"]
 *     ca = "mirror.crt"
 * `;
 * const file = await parseHostsToml(text, "/etc/containerd/certs.d/reg.example_5000_/hosts.toml");
 * const [mirror] = file.hosts;
 * assertEquals(mirror?.url?.href, "https://mirror.example/v2");
 * assertEquals(mirror?.ca, ["/etc/containerd/certs.d/reg.example_5000_/mirror.crt"]);
 * assertEquals(file.server.url?.host, "reg.example:5000");
 * ```
 *
 * @module
 */

import { Secret } from "./credential.ts";
import { RegauthError } from "./errors.ts";
import { isJsonObject, type JsonObject, kindOfJson } from "./json_object.ts";

/** What a server may be asked for. */
export type Capability = "pull" | "resolve" | "push" | "referrers";

/** The files of a client certificate. */
export interface ClientFiles {
  /** Path of the certificate. */
  readonly certificate: string;
  /** Path of its key; the same file if it holds both. */
  readonly key: string;
}

/** A server, and how to connect to it. */
export interface HostEntry {
  /**
   * Where its API is, with the path that stands for `/v2`; absent for the settings of a registry
   * that is not named.
   */
  readonly url?: URL;
  /** What it may be asked for; all of it if the file does not say. */
  readonly capabilities: readonly Capability[];
  /** Paths of certificates to trust beside the usual ones. */
  readonly ca: readonly string[];
  /** Certificates to show to it. */
  readonly client: readonly ClientFiles[];
  /** Whether any certificate of it is accepted. */
  readonly skipVerify?: boolean;
  /** Headers for it alone. */
  readonly headers: readonly (readonly [name: string, value: Secret])[];
}

/** What the file says. */
export interface HostsFile {
  /** The servers that are tried first, in their order. */
  readonly hosts: readonly HostEntry[];
  /** The server that is tried last. */
  readonly server: HostEntry;
}

const CAPABILITIES: readonly Capability[] = ["pull", "resolve", "push", "referrers"];

/**
 * Reads the text of the file. The TOML reader is loaded by the first call.
 *
 * @param text Text of the file.
 * @param path Path of the file; the files that it names stand in its folder.
 * @returns What it says.
 * @throws {RegauthError} `config-syntax` if it is not TOML, with line and column; `config-type` if
 * a value is none that containerd takes.
 */
export async function parseHostsToml(text: string, path: string): Promise<HostsFile> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return interpretHosts(parse(text), path);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of its message repeats lines of the file, which may hold the secret of a header.
    const why = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "");
    throw new RegauthError(
      "config-syntax",
      `Cannot read "${path}": line ${error.line}, column ${error.column}: ${why}`,
      { subject: path, hint: "Correct the file: containerd ignores one that it cannot read." },
    );
  }
}

/**
 * Interprets the parsed file. Keys that it does not know are ignored, as by containerd.
 *
 * @param table The parsed file.
 * @param path Path of the file; the files that it names stand in its folder.
 * @returns What it says.
 * @throws {RegauthError} `config-type` if a value is none that containerd takes.
 */
export function interpretHosts(table: JsonObject, path: string): HostsFile {
  const { server, host = {} } = table;
  const at = { path, where: "" };
  if (!isJsonObject(host)) throw wrong(at, "host", "a table", host);
  const hosts = Object.entries(host).map(([url, entry]) => {
    const at = { path, where: `host."${url}"` };
    if (!isJsonObject(entry)) throw wrong(at, undefined, "a table", entry);
    return entryOf(entry, url, at);
  });
  if (server !== undefined && typeof server !== "string") {
    throw wrong(at, "server", "a text", server);
  }
  return { hosts, server: entryOf(table, server, at) };
}

/** Where a value stands, for errors. */
interface Place {
  readonly path: string;
  readonly where: string;
}

function entryOf(table: JsonObject, server: string | undefined, at: Place): HostEntry {
  const { skip_verify: skipVerify, override_path: overridePath = false } = table;
  if (typeof overridePath !== "boolean") {
    throw wrong(at, "override_path", "true or false", overridePath);
  }
  if (skipVerify !== undefined && typeof skipVerify !== "boolean") {
    throw wrong(at, "skip_verify", "true or false", skipVerify);
  }
  return {
    ...(server ? { url: urlOf(server, overridePath, at) } : {}),
    capabilities: capabilitiesOf(table.capabilities, at),
    ca: listOf(table.ca, "ca", at).map((file) => beside(at.path, file)),
    client: clientsOf(table.client, at),
    ...(skipVerify === undefined ? {} : { skipVerify }),
    headers: headersOf(table.header, at),
  };
}

function urlOf(server: string, overridePath: boolean, at: Place): URL {
  // As in containerd, a name that begins with "http" is taken for a URL, and is none.
  const url = URL.parse(/^http|:\/\//.test(server) ? server : `https://${server}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw fault(at, "server", "it is not the URL of a server without user name");
  }
  const path = url.pathname.replace(/\/+/g, "/").replace(/\/$/, "");
  url.pathname = overridePath || path.endsWith("/v2") ? path : `${path}/v2`;
  return url;
}

function capabilitiesOf(value: unknown, at: Place): readonly Capability[] {
  const named = listOf(value, "capabilities", at);
  if (named.length === 0) return CAPABILITIES;
  return named.map((name) => {
    const known = CAPABILITIES.find((capability) => capability === name.toLowerCase());
    if (known === undefined) {
      throw fault(at, "capabilities", `it knows no "${name}"; it is ${CAPABILITIES.join(", ")}`);
    }
    return known;
  });
}

/** One file with both, a list of such files, or a list of pairs; a pair may lack the key. */
function clientsOf(value: unknown, at: Place): readonly ClientFiles[] {
  const clients = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return clients.map((client: unknown) => {
    const pair = listOf(client, "client", at);
    if (Array.isArray(client) && pair.length !== 2) {
      throw fault(at, "client", "a pair is a certificate and its key");
    }
    const [certificate = "", key] = pair;
    return { certificate: beside(at.path, certificate), key: beside(at.path, key || certificate) };
  });
}

function headersOf(value: unknown, at: Place): HostEntry["headers"] {
  if (value === undefined) return [];
  if (!isJsonObject(value)) throw wrong(at, "header", "a table", value);
  return Object.entries(value).flatMap(([name, values]) =>
    listOf(values, `header.${name}`, at).map((text) => {
      try {
        new Headers([[name, text]]);
      } catch {
        throw fault(at, `header.${name}`, "it is not a valid header");
      }
      return [name, new Secret(text)] as const;
    })
  );
}

/** A text counts as a list of one. */
function listOf(value: unknown, key: string, at: Place): readonly string[] {
  const list: readonly unknown[] = value === undefined
    ? []
    : Array.isArray(value)
    ? value
    : [value];
  return list.map((item) => {
    if (typeof item !== "string") throw wrong(at, key, "a text or a list of texts", item);
    return item;
  });
}

/** Both kinds of separator, whatever the system: Windows takes both. */
function beside(path: string, file: string): string {
  return /^(?:[a-z]:)?[\\/]/i.test(file) ? file : path.replace(/[^\\/]*$/, () => file);
}

function wrong(at: Place, key: string | undefined, expected: string, value: unknown): RegauthError {
  return fault(at, key, `it must be ${expected}, not ${kindOfJson(value)}`);
}

function fault({ path, where }: Place, key: string | undefined, why: string): RegauthError {
  const name = [where, key].filter(Boolean).join(".");
  return new RegauthError("config-type", `Cannot use "${name}" in "${path}": ${why}`, {
    subject: path,
    hint: "Correct the file: containerd ignores one that it cannot read.",
  });
}
