/**
 * Host, port and path of a pattern or of the target that it is matched against.
 *
 * @example
 * ```ts
 * import { readPlace } from "./place.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readPlace("REG.example:5000/te%61m"), {
 *   host: "reg.example:5000",
 *   labels: ["reg", "example"],
 *   port: "5000",
 *   path: "/team",
 * });
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";

/** Host, port and path as they are compared. */
export interface Place {
  /** Host and port in lower case, IPv6 in its shortest form, an empty port left out. */
  readonly host: string;
  /** The parts of the host between dots; an IPv6 address is one part. */
  readonly labels: readonly string[];
  /** Port, as text; empty if there is none. */
  readonly port: string;
  /** Path with its escapes decoded; empty, or starting with a slash. */
  readonly path: string;
}

/**
 * Reads a text as Go's `net/url` reads what follows `https://`, but for lower case, IPv6 and
 * control characters beyond ASCII, which are refused. User name and password, query and fragment
 * are dropped.
 *
 * @param text `host[:port][/path]`, without scheme.
 * @returns Its parts.
 * @throws {RegauthError} `invalid-pattern`; the message is the reason alone and does not repeat the
 * text, because a variable's value may hold a secret.
 */
export function readPlace(text: string): Place {
  if (/\p{Cc}/u.test(text)) throw fault("it contains a control character");
  const [, authority = "", path = "", fragment = ""] =
    /^([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(text) ?? [];
  decode(fragment);
  const at = authority.lastIndexOf("@");
  if (!/^[\w.~:!$&'()*+,;=%@-]*$/.test(authority.slice(0, Math.max(at, 0)))) {
    throw fault('the user name before "@" contains a character that must be escaped');
  }
  return { ...readHost(authority.slice(at + 1)), path: decode(path) };
}

function readHost(text: string): Omit<Place, "path"> {
  const [, name = "", port = ""] = /^(.*?)(?::([^:\]]*))?$/s.exec(text) ?? [];
  const address = /^\[([^\]%]*)(%25[\w.~-]+)?\]$/.exec(name);
  if (!address && /[[\]]/.test(name)) throw fault("only an IPv6 address may stand in brackets");
  if (!address && name.includes(":")) {
    throw fault("it has more than one colon; put an IPv6 address in brackets");
  }
  if (/\D/.test(port)) throw fault("the port is not a number");
  if (address) {
    const [, numbers = "", zone = ""] = address;
    const url = URL.parse(`http://[${numbers}]`);
    if (!url) throw fault("only an IPv6 address may stand in brackets");
    return place([url.hostname.slice(1, -1) + zone], port, url.hostname.replace("]", `${zone}]`));
  }
  if (/[ \\^`{|}]/.test(name)) throw fault("the host contains a character that no host has");
  if (/%[0-7]/.test(name)) throw fault("the host contains an escaped ASCII character");
  const lower = lowerCase(decode(name));
  return place(lower.split("."), port, lower);
}

/** ASCII only: U+212A, the Kelvin sign, must not become a `k`. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function place(labels: readonly string[], port: string, name: string): Omit<Place, "path"> {
  return { labels, port, host: port === "" ? name : `${name}:${port}` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fault("it contains a bad percent escape");
  }
}

function fault(reason: string): RegauthError {
  return new RegauthError("invalid-pattern", reason);
}
