/**
 * A password store of `pass`, for `docker-credential-pass`.
 *
 * @module
 */

import { join } from "@std/path";
import { succeed } from "./peers.ts";

/** The programs that it needs. */
export const PASS_PROGRAMS = ["docker-credential-pass", "pass", "gpg", "gpgconf"];

/** A password store; disposing of it ends the agent that holds its key. */
export interface PassStore extends AsyncDisposable {
  /** The variables by which programs find it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Makes an empty password store with a key without passphrase.
 *
 * @param home Folder for it.
 * @param env Variables of its programs.
 * @returns The store.
 */
export async function passStore(
  home: string,
  env: Readonly<Record<string, string>>,
): Promise<PassStore> {
  const gpg = join(home, "gpg");
  await Deno.mkdir(gpg, { mode: 0o700 });
  const own = { GNUPGHOME: gpg, PASSWORD_STORE_DIR: join(home, "pass") };
  const all = { env: { ...env, ...own } };
  const user = "regauth@example.com";
  const key = ["--passphrase", "", "--quick-gen-key", user, "default", "default", "never"];
  await succeed(["gpg", "--batch", ...key], all);
  await succeed(["pass", "init", user], all);
  return {
    env: own,
    async [Symbol.asyncDispose](): Promise<void> {
      await succeed(["gpgconf", "--kill", "gpg-agent"], all);
    },
  };
}
