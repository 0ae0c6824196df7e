/**
 * The flags keychain: one credential for every registry, from the command line or from variables.
 *
 * @example A variable fills in what the flags leave out
 * ```ts
 * import { flagsKeychain } from "./flags_keychain.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { REGAUTH_PASSWORD: "hunter2" } });
 * const keychain = flagsKeychain({ username: "me" });
 * const found = await keychain.resolve({ registry: "reg.example" }, { io });
 * assertEquals(found?.username, "me");
 * assertEquals(found?.password?.reveal(), "hunter2");
 * assertEquals(found?.detail, "--registry-username");
 * ```
 *
 * @module
 */

import { type Credential, Secret } from "./credential.ts";
import type { Context, Io } from "./io.ts";
import type { Keychain } from "./keychain.ts";

/** Credentials for every registry, as given by `--registry-username` and its kin. */
export interface Flags {
  /** Account name. */
  readonly username?: string;
  /** Password; without a name it is ignored. */
  readonly password?: Secret;
  /** Bearer token; with a name it is ignored. */
  readonly token?: Secret;
  /** Whether to send no credential. */
  readonly anonymous?: boolean;
}

/**
 * Makes the keychain. Each flag that is empty is read from `REGAUTH_USERNAME`, `_PASSWORD`,
 * `_TOKEN` or `_ANON`, else from the variable with `IMGPKG` in place of `REGAUTH`; `_ANON` counts
 * only if it is exactly `true` (imgpkg `pkg/imgpkg/v1/registry.go`).
 *
 * @param flags What the command line said.
 * @returns A keychain named `flags`. A name counts before a token, and a token before "anonymous",
 * which it answers with a credential without fields.
 */
export function flagsKeychain(flags: Flags): Keychain {
  return {
    name: "flags",
    resolve: (_target, context) => Promise.try(() => answer(flags, context)),
  };
}

/** A value and where it came from. */
interface Found<Value> {
  readonly value: Value;
  readonly detail: string;
}

function answer(flags: Flags, { io, trace }: Context): Credential | undefined {
  const username = flags.username
    ? { value: flags.username, detail: "--registry-username" }
    : fromVariable(io, "USERNAME");
  const password = findSecret(io, flags.password, "password");
  const token = findSecret(io, flags.token, "token");
  if (username) {
    if (token) trace?.(`${token.detail} is ignored beside ${username.detail}`);
    if (!password) trace?.(`${username.detail} has no password beside it: nothing is sent`);
    return {
      username: username.value,
      ...(password ? { password: password.value } : {}),
      detail: username.detail,
    };
  }
  if (password) trace?.(`${password.detail} is ignored without a user name`);
  if (token) return { registryToken: token.value, detail: token.detail };
  if (flags.anonymous) return { detail: "--registry-anon" };
  const anonymous = fromVariable(io, "ANON");
  if (anonymous?.value === "true") return { detail: anonymous.detail };
  if (!password) trace?.("no --registry-… option and no REGAUTH_… or IMGPKG_… variable is set");
  return undefined;
}

function findSecret(
  io: Io,
  flag: Secret | undefined,
  name: "password" | "token",
): Found<Secret> | undefined {
  if (flag?.length) return { value: flag, detail: `--registry-${name}` };
  const found = fromVariable(io, name.toUpperCase());
  return found && { value: new Secret(found.value), detail: found.detail };
}

function fromVariable(io: Io, name: string): Found<string> | undefined {
  for (const detail of [`REGAUTH_${name}`, `IMGPKG_${name}`]) {
    const value = io.env(detail);
    if (value) return { value, detail };
  }
  return undefined;
}
