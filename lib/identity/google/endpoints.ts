/**
 * Which hosts may be sent what a credential file holds. The libraries of Google dropped these checks
 * and warn of foreign files instead; here a file cannot send its secrets anywhere else.
 *
 * @example
 * ```ts
 * import { trustedEndpoint } from "./endpoints.ts";
 * import { RegauthError } from "../../errors.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const url = trustedEndpoint("sts", "https://sts.googleapis.com/v1/token", "/wif.json", {});
 * assertEquals(url.host, "sts.googleapis.com");
 * assertThrows(
 *   () => trustedEndpoint("sts", "https://sts.googleapis.com.evil.example/v1/token", "/wif.json", {}),
 *   RegauthError,
 *   "sts.googleapis.com.evil.example",
 * );
 * ```
 *
 * @module
 */

import { printable } from "../../printable.ts";
import { isLoopbackHost } from "../../reference.ts";
import { fileFault } from "./credential_file.ts";
import { DEFAULT_UNIVERSE, type GoogleOptions } from "./options.ts";

/** What an endpoint does: exchanges assertions, exchanges federated tokens, impersonates. */
export type EndpointKind = "oauth2" | "sts" | "iamcredentials";

/** Paths; the host shapes are those of golang.org/x/oauth2 before commit c82d0e1. */
const PATHS: Readonly<Record<EndpointKind, RegExp>> = {
  oauth2: /^\/token$/,
  sts: /^\/v1\/(?:oauth)?token$/,
  iamcredentials: /^\/v1\/projects\/[^/]+\/serviceAccounts\/[^/]+:generateAccessToken$/,
};

/** Older endpoints that assertions may be sent to. */
const LEGACY: readonly string[] = [
  "https://accounts.google.com/o/oauth2/token",
  "https://www.googleapis.com/oauth2/v4/token",
];

/**
 * Checks the URL of an endpoint that a credential file names.
 *
 * @param kind What the endpoint does.
 * @param text The URL.
 * @param path The file that names it, for the message.
 * @param options The hosts that the user trusts, and the domain of Google's services.
 * @returns The URL.
 * @throws {RegauthError} `google-untrusted-endpoint`
 */
export function trustedEndpoint(
  kind: EndpointKind,
  text: string,
  path: string,
  options: GoogleOptions,
): URL {
  const url = URL.parse(text);
  if (url !== null && url.username === "" && url.password === "") {
    if (options.trustedEndpoints?.includes(url.host) && (isHttps(url) || isOwnMachine(url))) {
      return url;
    }
    if (isHttps(url) && url.port === "" && url.hash === "" && url.search === "") {
      const { universeDomain = DEFAULT_UNIVERSE } = options;
      const isLegacy = kind === "oauth2" && LEGACY.includes(url.href);
      if (isLegacy || isServiceHost(url.hostname, kind, universeDomain) && isPath(kind, url)) {
        return url;
      }
    }
  }
  const where = printable(url?.host || text.slice(0, 100));
  throw fileFault(
    "google-untrusted-endpoint",
    path,
    `it wants to send a secret to "${where}"`,
    "Use a credential file from Google; if the host is yours, list it in trustedEndpoints.",
  );
}

/** `<x>` is one label: `sts.<ud>`, `<x>.sts.<ud>`, `sts.<x>.<ud>`, `<x>-sts.<ud>`, `sts-<x>.p.<ud>`. */
function isServiceHost(host: string, kind: EndpointKind, universe: string): boolean {
  if (!host.endsWith(`.${universe}`)) return false;
  const name = host.slice(0, -universe.length - 1);
  if (name === kind) return true;
  if (kind === "oauth2") return false;
  const label = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
  return new RegExp(
    `^(?:${label}\\.${kind}|${kind}\\.${label}|${label}-${kind}|${kind}-${label}\\.p)$`,
  ).test(name);
}

function isPath(kind: EndpointKind, { pathname }: URL): boolean {
  return PATHS[kind].test(pathname);
}

function isHttps({ protocol }: URL): boolean {
  return protocol === "https:";
}

/** Plain HTTP that stays on this machine, if the user listed it. */
function isOwnMachine({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && isLoopbackHost(hostname);
}
