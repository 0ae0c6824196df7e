/**
 * How the keychains are chosen: whose order, which of them, and with what.
 *
 * @module
 */

import type { Secret } from "./credential.ts";
import type { RegauthError } from "./errors.ts";

/**
 * Which tool's order is followed: `imgpkg` asks the environment, the active cloud keychains, the
 * flags and then Docker's config; `kaniko` asks Docker's config first; `docker` asks nothing else.
 */
export type Order = "imgpkg" | "kaniko" | "docker";

/** Credentials for every registry, as given by `--registry-username` and its kin. */
export interface Flags {
  /** Account name. */
  readonly username?: string;
  /** What goes with the name. */
  readonly password?: Secret;
  /** Bearer token that is sent as it is. */
  readonly token?: Secret;
  /** Whether no credential is to be sent. */
  readonly anonymous?: boolean;
}

/** Which keychains are asked, and with what. */
export interface KeychainOptions {
  /** Whose order is followed. @default {"imgpkg"} */
  readonly order?: Order;
  /** The keychains to ask instead of those of the order; none at all is "only Docker's config". */
  readonly keychains?: readonly string[];
  /** Credentials for every registry. */
  readonly flags?: Flags;
  /** Folder of Docker's `config.json`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
  /** An `auth.json` of Podman, in place of Docker's config and all others. */
  readonly authFile?: string;
  /** Name under which regauth itself runs as a credential helper: entries that name it are passed over. */
  readonly asHelper?: string;
  /** Whether short-lived tokens are kept on disk for the next program. @default {false} */
  readonly keepTokens?: boolean;
  /** Asks a person for the code of an MFA device; `undefined` is that nobody can be asked. */
  readonly askMfa?: (device: string) => Promise<string | undefined>;
  /** Hears what the user should know, though it is no failure. @default {the trace} */
  readonly warn?: (message: string) => void;
  /** Hears that regauth's own file is broken, which then counts as empty; else that is an error. */
  readonly onBrokenConfig?: (error: RegauthError) => void;
}
