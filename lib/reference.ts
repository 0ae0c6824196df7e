/**
 * Image references and registry hosts: what a name stands for, and by which host its credential is
 * looked up.
 *
 * @example A short name is an image on Docker Hub
 * ```ts
 * import { normalizeHost, parseReference, parseTarget } from "./reference.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseReference("nginx"), {
 *   registry: "index.docker.io",
 *   repository: "library/nginx",
 *   tag: "latest",
 * });
 * assertEquals(parseTarget("localhost:5000"), { registry: "localhost:5000" });
 * assertEquals(normalizeHost("https://REG.example/v2/"), "reg.example");
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import { printable } from "./printable.ts";

/** What a credential is looked for: a registry, or one repository in it. */
export interface Target {
  /** Host, with its port if it has one, as written; Docker Hub is {@linkcode HUB_HOST}. */
  readonly registry: string;
  /** Repository, without tag and digest. */
  readonly repository?: string;
}

/** An image. */
export interface Reference extends Target {
  /** Repository, with the `library/` that Docker Hub implies. */
  readonly repository: string;
  /** Tag; `latest` if the text had neither tag nor digest, absent if it had a digest. */
  readonly tag?: string;
  /** Digest, such as `sha256:…`. */
  readonly digest?: string;
}

/** The host that stands for Docker Hub. */
export const HUB_HOST = "index.docker.io";

/** The key that stands for Docker Hub in a Docker config file. */
export const HUB_KEY = "https://index.docker.io/v1/";

const HUB_SPELLINGS: readonly string[] = ["docker.io", HUB_HOST, "registry-1.docker.io"];

const DNS_HOST =
  /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d+)?$/i;
const IPV6_HOST = /^(\[[0-9a-f:]+\])(?::\d+)?$/i;
const REPOSITORY_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/**
 * Reads an image reference. What go-containerregistry (`pkg/name`) and Docker
 * (`distribution/reference`) both accept is accepted, and means what the former says.
 *
 * @param text The reference, such as `nginx:1.27` or `reg.example:5000/team/app@sha256:…`.
 * @returns Its parts; the registry keeps its letter case.
 * @throws {RegauthError} `invalid-reference`
 */
export function parseReference(text: string): Reference {
  const parts = split(text);
  const fault = textFault(text) ?? digestFault(parts.digest) ?? tagFault(parts.tag) ??
    repositoryFault(parts) ?? hostFault(parts.registry);
  if (fault !== undefined) throw invalid("image reference", text, fault);
  const { registry, path, tag, digest } = parts;
  return {
    registry,
    repository: hubRepository(registry, path),
    ...(digest === undefined ? { tag: tag ?? "latest" } : { digest }),
  };
}

/**
 * Reads what may be an image or a registry host. A URL whose path is empty or an API version is a
 * host, and so is a text without repository whose name is `localhost`, holds a dot, or is an IPv6
 * address in brackets. Everything else is an image.
 *
 * @param text The image reference or host.
 * @returns The image, or the registry alone under its {@linkcode normalizeHost} name.
 * @throws {RegauthError} `invalid-reference`
 */
export function parseTarget(text: string): Target {
  if (/^https?:\/\/[^/]*(?:\/(?:v[12]\/?)?)?$/i.test(text)) return { registry: parseHost(text) };
  const host = text.replace(/\/(?:v[12]\/)?$/, "");
  const isHost = /^localhost(?::|$)|^\[|\./.test(host) && hostFault(host) === undefined;
  return isHost ? { registry: normalizeHost(host) } : parseReference(text);
}

/**
 * Reads what can only be a registry host, such as `localhost` or a name without a dot.
 *
 * @param text The host, or a URL on it whose path is dropped.
 * @returns Its {@linkcode normalizeHost} name.
 * @throws {RegauthError} `invalid-reference`
 */
export function parseHost(text: string): string {
  const host = normalizeHost(text);
  const fault = host.includes("@")
    ? 'remove the user name and password before "@"'
    : hostFault(host);
  if (fault === undefined) return host;
  throw invalid("registry host", text, fault, "Give host and port only, such as reg.example:5000.");
}

/**
 * Reads what a credential helper is asked for: a host, a URL, or (go-containerregistry) a
 * repository. Whatever is neither image nor host counts by its host alone.
 *
 * @param server The text.
 * @returns The registry or repository.
 */
export function helperTarget(server: string): Target {
  try {
    return parseTarget(server.trim());
  } catch {
    return { registry: normalizeHost(server) };
  }
}

/**
 * The host by which a credential is looked up: no scheme, no path, lower case, one name for Docker
 * Hub. A port stays as it is, unless it is the default one of a scheme that was given.
 *
 * @param text A host, a URL, a key of a config file, or what a helper was asked for.
 * @returns The host, with its port if it has one.
 */
export function normalizeHost(text: string): string {
  const host = lowerCase(text.trim())
    .replace(/^(https:\/\/[^/]*):443(?=\/|$)/, "$1")
    .replace(/^(http:\/\/[^/]*):80(?=\/|$)/, "$1")
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/\/.*$/s, "");
  return HUB_SPELLINGS.includes(host) ? HUB_HOST : host;
}

/**
 * The key under which Docker keeps the credential of a host in its config file.
 *
 * @param host A host in any spelling of {@linkcode normalizeHost}.
 * @returns The host, or {@linkcode HUB_KEY}.
 */
export function credentialKey(host: string): string {
  const normal = normalizeHost(host);
  return normal === HUB_HOST ? HUB_KEY : normal;
}

/**
 * The text that patterns are matched against: registry and repository, never tag or digest.
 *
 * @param target A registry or image.
 * @returns `host[:port][/repository]`, with the host of {@linkcode normalizeHost}.
 */
export function targetText(target: Target): string {
  const host = normalizeHost(target.registry);
  return target.repository === undefined ? host : `${host}/${target.repository}`;
}

/**
 * Whether a host is this machine: `localhost` and names below it, 127.0.0.0/8, ::1. The host is
 * read as `fetch` reads it, so that both mean the same machine.
 *
 * @param host A host with or without port.
 * @returns Whether a connection to it cannot leave the machine.
 */
export function isLoopbackHost(host: string): boolean {
  const name = URL.parse(`http://${host === "::1" ? "[::1]" : host}`)?.hostname ?? "";
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(name);
}

interface Parts {
  readonly registry: string;
  readonly path: string;
  /** Whether the registry was written, and not implied. */
  readonly hasHost: boolean;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Cuts without judging (go-containerregistry `pkg/name/{ref,tag,digest,repository}.go`). */
function split(text: string): Parts {
  const at = text.indexOf("@");
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.lastIndexOf(":");
  const hasTag = colon > tagged.lastIndexOf("/");
  const name = hasTag ? tagged.slice(0, colon) : tagged;
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const hasHost = first === "localhost" || /[.:]/.test(first);
  return {
    // Only this spelling is an alias here; the others are hosts of their own until the lookup.
    registry: !hasHost || first === "docker.io" ? HUB_HOST : first,
    path: hasHost ? name.slice(slash + 1) : name,
    hasHost,
    tag: hasTag ? tagged.slice(colon + 1) : undefined,
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}

function hubRepository(registry: string, path: string): string {
  return registry === HUB_HOST && !path.includes("/") ? `library/${path}` : path;
}

function textFault(text: string): string | undefined {
  if (text === "") return "it is empty";
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined) return `remove the "${scheme}://" prefix`;
  if (/\s/.test(text)) return "it contains whitespace";
  if (/\p{Cc}/u.test(text)) return "it contains a control character";
  if (text.indexOf("@") !== text.lastIndexOf("@")) return 'it has more than one "@"';
  if (/^[0-9a-f]{64}$/.test(text)) return "64 hex digits are the ID of an image, not its name";
  return undefined;
}

function digestFault(digest: string | undefined): string | undefined {
  if (digest === undefined) return undefined;
  const [algorithm = "", hex = ""] = digest.split(/:(.*)/, 2);
  if (algorithm !== "sha256") {
    return `unsupported digest algorithm ${quote(algorithm)}, expected sha256`;
  }
  return /^[0-9a-f]{64}$/.test(hex) ? undefined : "a sha256 digest has 64 lower-case hex digits";
}

function tagFault(tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined;
  if (tag === "") return 'the tag after ":" is empty';
  if (tag.length > 128) return "the tag is longer than 128 characters";
  if (!/^[\w.-]+$/.test(tag)) return 'the tag may contain only letters, digits, "_", "-", "."';
  return /^\w/.test(tag) ? undefined : 'the tag must start with a letter, a digit or "_"';
}

function repositoryFault({ registry, path, hasHost }: Parts): string | undefined {
  if (path === "") return hasHost ? 'the repository is missing after "/"' : "the name is missing";
  const lower = lowerCase(path);
  if (lower !== path) return `the repository must be lower case; did you mean ${quote(lower)}?`;
  if (hubRepository(registry, path).length > 255) {
    return "the repository is longer than 255 characters";
  }
  const part = path.split("/").find((part) => !REPOSITORY_PART.test(part));
  if (part === undefined) return undefined;
  return `the repository part ${quote(part)} is not made of lower-case letters and digits, ` +
    'separated by ".", "_", "__" or "-"';
}

function hostFault(host: string): string | undefined {
  const address = IPV6_HOST.exec(host)?.[1];
  const isHost = address ? URL.canParse(`http://${address}`) : DNS_HOST.test(host);
  return isHost ? undefined : `${quote(host)} is not a valid registry host`;
}

function quote(text: string): string {
  return `"${printable(text)}"`;
}

function invalid(
  what: string,
  text: string,
  reason: string,
  hint = "Write it as registry/repository:tag, for example reg.example/team/app:1.0.",
): RegauthError {
  const shown = printable(text);
  return new RegauthError("invalid-reference", `invalid ${what} "${shown}": ${reason}`, {
    subject: shown,
    hint,
  });
}

/** ASCII only: U+212A, the Kelvin sign, must not become a `k`. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
