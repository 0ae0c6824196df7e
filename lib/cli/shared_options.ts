/**
 * The options that every command has.
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import { type KeychainOptions, type Order, parseKeychainList } from "../keychains.ts";
import type { OptionSpec, Values } from "./command.ts";

/** The options that every command has. */
export const SHARED_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", description: "Results as JSON, one document a line." },
  { flags: "-q, --quiet", description: "No remarks on stderr." },
  { flags: "-v, --verbose", description: "Tell on stderr what happens." },
  { flags: "--no-color", description: "No colours." },
  { flags: "--config <dir:string>", description: "Folder of Docker's config.json." },
  {
    flags: "--authfile <file:string>",
    description: "auth.json of Podman, in place of all others.",
  },
  {
    flags: "--keychains <list:string>",
    description: 'Keychains to ask, in this order; "none" is only docker.',
  },
  {
    flags: "--order <order:string>",
    description: "Whose order to follow: imgpkg, kaniko or docker.",
  },
  { flags: "--registry-username <name:string>", description: "User name for every registry." },
  { flags: "--registry-password <text:string>", description: "Password for every registry." },
  { flags: "--registry-token <text:string>", description: "Bearer token for every registry." },
  { flags: "--registry-anon", description: "Send no credential." },
  {
    flags: "--registry-ca-cert-path <file:string>",
    description: "PEM file of certificates to trust as well; may be repeated.",
    collect: true,
  },
  { flags: "--registry-insecure", description: "Allow plain http." },
  {
    flags: "--registry-verify-certs <on:boolean>",
    description: "false accepts any certificate.",
  },
  {
    flags: "--trust-realm <host:string>",
    description: "Token server that may have the registry's credentials; may be repeated.",
    collect: true,
  },
  { flags: "--timeout <seconds:number>", description: "Longest wait for each request." },
];

/** A day, in seconds: more is a mistake, and a timer of more than 24 days would end at once. */
const LONGEST_TIMEOUT = 86_400;

const ORDERS: readonly Order[] = ["imgpkg", "kaniko", "docker"];

/**
 * The longest wait for each request.
 *
 * @param values The options that were given.
 * @returns Milliseconds, or `undefined` if it was not said.
 * @throws {RegauthError} `usage` if it is no time to wait.
 */
export function timeoutOf(values: Values): number | undefined {
  const seconds = values.number("timeout");
  if (seconds === undefined) return undefined;
  if (seconds > 0 && seconds <= LONGEST_TIMEOUT) return seconds * 1000;
  throw new RegauthError("usage", `Cannot wait for ${seconds} seconds`, {
    subject: "--timeout",
    hint: `Give a number of seconds above 0, at most ${LONGEST_TIMEOUT}.`,
  });
}

/**
 * Which keychains to ask.
 *
 * @param values The options that were given.
 * @returns Order, list and credentials.
 * @throws {RegauthError} `usage`, `unknown-keychain`
 */
export function keychainOptionsOf(values: Values): KeychainOptions {
  const order = values.text("order");
  const known = ORDERS.find((name) => name === order);
  if (order !== undefined && known === undefined) {
    throw new RegauthError("usage", `Cannot use order "${order}": there is none of that name`, {
      subject: "--order",
      hint: `Name one of ${ORDERS.join(", ")}.`,
    });
  }
  const list = values.text("keychains");
  const configDir = values.text("config");
  const authFile = values.text("authfile");
  const [username, password, token] = ["registryUsername", "registryPassword", "registryToken"]
    .map((name) => values.text(name));
  return {
    ...(known ? { order: known } : {}),
    ...(list === undefined
      ? {}
      : { keychains: parseKeychainList(list === "none" ? "" : list, "--keychains") }),
    ...(configDir === undefined ? {} : { configDir }),
    ...(authFile === undefined ? {} : { authFile }),
    keepTokens: true,
    flags: {
      ...(username ? { username } : {}),
      ...(password ? { password: new Secret(password) } : {}),
      ...(token ? { token: new Secret(token) } : {}),
      ...(values.flag("registryAnon") ? { anonymous: true } : {}),
    },
  };
}
