/**
 * Why a request failed without an answer. `fetch` and `node:https` say it in the texts and codes of
 * nested errors; the words here were seen with Deno 2.9 (rustls and hyper) and Node.
 *
 * @example An error as Deno's `fetch` throws it
 * ```ts
 * import { networkFailure } from "./network_failure.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new TypeError("fetch failed", {
 *   cause: new Error("client error (Connect): invalid peer certificate: UnknownIssuer"),
 * });
 * assertEquals(networkFailure(error).kind, "unknown-ca");
 * ```
 *
 * @module
 */

/** The kinds of failures that are told apart. */
export type NetworkFailureKind =
  /** The name is not known. */
  | "dns"
  /** Nobody listens. */
  | "refused"
  /** The host or network cannot be reached. */
  | "unreachable"
  /** The connection broke before the first byte of an answer. */
  | "reset"
  /** The connection broke within the answer. */
  | "cut"
  /** No answer in time. */
  | "timeout"
  /** Something else than TLS answered to TLS. */
  | "not-tls"
  /** Something else than HTTP answered to plain HTTP. */
  | "not-http"
  /** A certificate of an unknown issuer. */
  | "unknown-ca"
  /** A certificate whose time is over. */
  | "expired"
  /** A certificate whose time has not come. */
  | "not-yet-valid"
  /** A certificate for other names. */
  | "wrong-name"
  /** A server that wants a client certificate, or another one than it was shown. */
  | "client-certificate"
  /** A TLS handshake that ended otherwise. */
  | "tls"
  /** A proxy that wants a login. */
  | "proxy-auth"
  /** A proxy that does not make the connection. */
  | "proxy-refused"
  /** A port that `fetch` never connects to. */
  | "blocked-port"
  /** More headers than are read. */
  | "too-large"
  /** Anything else. */
  | "other";

/** A failure. */
export interface NetworkFailure {
  /** Which of the known failures it is. */
  readonly kind: NetworkFailureKind;
  /** The reason in the words of the runtime, without URLs. */
  readonly text: string;
  /** The names a certificate is for, with `wrong-name`, as far as they were told. */
  readonly names?: string;
  /** When a certificate expired or becomes valid, as far as it was told. */
  readonly date?: Date;
}

/** Error codes of Node and OpenSSL. */
const CODES: Readonly<Record<string, NetworkFailureKind>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "unknown-ca",
  EAI_AGAIN: "dns",
  ECONNABORTED: "reset",
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENOTFOUND: "dns",
  EPIPE: "reset",
  EPROTO: "tls",
  ERR_SSL_WRONG_VERSION_NUMBER: "not-tls",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong-name",
  ETIMEDOUT: "timeout",
  HPE_HEADER_OVERFLOW: "too-large",
  HPE_INVALID_CONSTANT: "not-http",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown-ca",
  UNABLE_TO_GET_ISSUER_CERT: "unknown-ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-ca",
};

/** Words of Deno's errors; the first match counts. */
const WORDS: readonly (readonly [RegExp, NetworkFailureKind])[] = [
  [/dns error|failed to lookup address|invalid dns name/i, "dns"],
  [/proxy authentication required/i, "proxy-auth"],
  [/unsuccessful tunnel|socks/i, "proxy-refused"],
  [/certificate expired|: Expired\b/, "expired"],
  [/certificate not valid yet|NotValidYet/, "not-yet-valid"],
  [/not valid for name|NotValidForName/, "wrong-name"],
  // A server certificate that is itself an authority: `caCerts` cannot make it acceptable. A bad
  // signature is an authority that was made anew under its old name.
  [/UnknownIssuer|CaUsedAsEndEntity|certificate: BadSignature/, "unknown-ca"],
  [/fatal alert: \w*(?:Certificate|UnknownC[aA]|AccessDenied)/, "client-certificate"],
  [/InvalidContentType|wrong version number/i, "not-tls"],
  [/connection refused|actively refused/i, "refused"],
  [/no route to host|network is unreachable|unreachable (?:host|network)/i, "unreachable"],
  [/timed out|nothing arrived/i, "timeout"],
  [/tls handshake eof|connection reset|before message completed|was closed|hang up/i, "reset"],
  [/reading a body|ended too early/i, "cut"],
  [/connection closed|broken pipe|without sending TLS close_notify/, "reset"],
  [/received fatal alert|invalid peer certificate|\btls\b|\bssl\b/i, "tls"],
  [/invalid HTTP version|is not HTTP/i, "not-http"],
  [/head is too large|headers are too long/i, "too-large"],
  [/requests to port \d+ are blocked/i, "blocked-port"],
];

/**
 * Finds out why a request failed.
 *
 * @param thrown What `fetch` threw.
 * @returns The kind of failure and its details.
 */
export function networkFailure(thrown: unknown): NetworkFailure {
  const errors = chainOf(thrown);
  const message = errors.at(-1)?.message ?? String(thrown);
  const kind = errors.map(({ name, code }) => name === "TimeoutError" ? "timeout" : CODES[code])
    .find((kind) => kind !== undefined) ??
    WORDS.find(([pattern]) => errors.some((error) => pattern.test(error.message)))?.[1] ?? "other";
  const names = /only valid for (.*)$/.exec(message)?.[1] ??
    /cert's (?:altnames|list): (.*)$/.exec(message)?.[1];
  const seconds = /not valid (?:after|before) (\d+)/.exec(message)?.[1];
  return {
    kind,
    text: withoutUrls(message),
    ...(kind === "wrong-name" && names !== undefined ? { names: nameList(names) } : {}),
    ...(seconds === undefined ? {} : { date: new Date(Number(seconds) * 1000) }),
  };
}

interface Link {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** The error and its causes, outermost first. */
function chainOf(thrown: unknown): Link[] {
  const links: Link[] = [];
  for (let error = thrown; error instanceof Error && links.length < 8; error = error.cause) {
    const code = "code" in error ? String(error.code) : "";
    links.push({ name: error.name, code, message: error.message });
  }
  return links;
}

/** The address of a token request tells the account; the reason stands behind it. */
function withoutUrls(message: string): string {
  return message
    .replace(/^error sending request .*?(?:client error \(\w+\): |$)/, "")
    .replace(/\S+:\/\/\S+/g, "…")
    // What follows may be a secret.
    .replace(/(invalid header (?:name|value)).*/is, "$1");
}

/** `DnsName("a") or IpAddress(1.2.3.4)`, or `DNS:a, IP Address:1.2.3.4`, as a plain list. */
function nameList(names: string): string {
  return names
    .replace(/(?:DnsName|IpAddress)\("?([^)"]*)"?\)/g, "$1")
    .replace(/\b(?:DNS|IP Address):/g, "");
}
