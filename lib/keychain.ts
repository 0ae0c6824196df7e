/**
 * A keychain answers one question: who is the user to this registry?
 *
 * @module
 */

import type { Credential } from "./credential.ts";
import type { Context } from "./io.ts";
import type { Target } from "./reference.ts";

/** A source of credentials. */
export interface Keychain {
  /** Its name, as in `--keychains` and in `explain`. */
  readonly name: string;

  /**
   * Looks for the credential of a registry or repository.
   *
   * @param target What is to be pulled or pushed.
   * @param context The outside world, the caller's signal, and who hears what happens.
   * @returns The credential; `undefined` if this keychain knows nothing of the target, so that the
   * next one is asked; a credential without fields if it knows that none is to be sent.
   * @throws {RegauthError} If the target is this keychain's, and it failed.
   */
  resolve(target: Target, context: Context): Promise<Credential | undefined>;
}
