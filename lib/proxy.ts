/**
 * Which proxy the environment names for a request, by the rules of Deno's `fetch`
 * (deno `ext/fetch/proxy.rs`), for connections that are not made by it.
 *
 * @example
 * ```ts
 * import { proxyFor } from "./proxy.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const variables: Record<string, string> = {
 *   HTTPS_PROXY: "http://me:hunter2@proxy.example:3128",
 *   NO_PROXY: "intern.example",
 * };
 * const env = (name: string) => variables[name];
 * assertEquals(proxyFor(new URL("https://reg.example/v2/"), env)?.shown, "http://***@proxy.example:3128");
 * assertEquals(proxyFor(new URL("https://reg.intern.example/v2/"), env), undefined);
 * ```
 *
 * @module
 */

import { Secret } from "./credential.ts";

/** A proxy. */
export interface Proxy {
  /** Its scheme, such as `http:` or `socks5:`. */
  readonly protocol: string;
  /** Its host; an IPv6 address has brackets. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;
  /** Value of `Proxy-Authorization`, if its URL holds a name and password. */
  readonly authorization?: Secret;
  /** Its URL as it may be shown: without name and password. */
  readonly shown: string;
}

const SCHEMES = ["http:", "https:", "socks5:", "socks5h:"];
const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/**
 * The proxy for a request.
 *
 * @param url What is requested.
 * @param env Reads an environment variable.
 * @returns The proxy, or `undefined` for a direct connection.
 */
export function proxyFor(
  url: URL,
  env: (name: string) => string | undefined,
): Proxy | undefined {
  const exceptions = env("NO_PROXY") ?? env("no_proxy") ?? "";
  if (isException(url.hostname, exceptions)) return undefined;
  const forScheme = url.protocol === "https:"
    ? ["HTTPS_PROXY", "https_proxy"]
    // A CGI server sets HTTP_PROXY to what a client sent as the header "Proxy".
    : env("REQUEST_METHOD") === undefined
    ? ["HTTP_PROXY", "http_proxy"]
    : [];
  for (const name of ["ALL_PROXY", "all_proxy", ...forScheme]) {
    const proxy = readProxy(env(name) ?? "");
    if (proxy !== undefined) return proxy;
  }
  return undefined;
}

/** A URL that is not understood is ignored, and so is one with a user name alone. */
function readProxy(text: string): Proxy | undefined {
  const url = URL.parse(/^[a-z0-9]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !SCHEMES.includes(url.protocol) || url.hostname === "") return undefined;
  const userInfo = /^[^/]*\/\/([^/]*)@/.exec(text.includes("://") ? text : `//${text}`)?.[1];
  if (userInfo !== undefined && !userInfo.includes(":")) return undefined;
  const place = `${url.hostname}${url.port === "" ? "" : `:${url.port}`}`;
  return {
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 1080),
    ...(userInfo === undefined ? {} : { authorization: basic(userInfo) }),
    shown: `${url.protocol}//${userInfo === undefined ? "" : "***@"}${place}`,
  };
}

function basic(userInfo: string): Secret {
  // Unlike decodeURIComponent() this leaves a lone % as it is.
  const text = new URLSearchParams(`=${userInfo.replace(/[+&]/g, encodeURIComponent)}`).get("");
  const bytes = Array.from(
    new TextEncoder().encode(text ?? ""),
    (byte) => String.fromCharCode(byte),
  );
  return new Secret(`Basic ${btoa(bytes.join(""))}`);
}

/** Names match themselves and names below them, `*` every name; addresses match as CIDR too. */
function isException(hostname: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = addressBits(host);
  return list.split(",").map((entry) => entry.trim()).some((entry) => {
    if (address === undefined) {
      const name = entry.replace(/^\./, "").toLowerCase();
      return entry === "*" || (name !== "" && (host === name || host.endsWith(`.${name}`)));
    }
    const [start = "", length] = entry.split("/");
    const bits = addressBits(start);
    if (bits === undefined || bits.length !== address.length) return false;
    const same = length === undefined ? bits.length : Number(length);
    return same >= 0 && bits.slice(0, same) === address.slice(0, same);
  });
}

/** The 32 or 128 bits of an IP address as text. */
function addressBits(text: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) {
    return text.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
  }
  const normal = text.includes(":") ? URL.parse(`http://[${text}]`)?.hostname : undefined;
  if (normal === undefined) return undefined;
  // The URL parser writes lower-case groups with at most one "::".
  const [head = "", tail] = normal.slice(1, -1).split("::").map((half) =>
    half.split(":").filter(Boolean)
  );
  const groups = [
    ...head,
    ...Array(8 - head.length - (tail?.length ?? 0)).fill("0"),
    ...tail ?? [],
  ];
  return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
