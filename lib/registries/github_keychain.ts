/**
 * The keychain named `github`: the token of a job of GitHub Actions, or the one that the gh command
 * line keeps, for GitHub's container registries.
 *
 * @example
 * ```ts
 * import { githubKeychain } from "./github_keychain.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { GITHUB_TOKEN: "ghs_FAKE", GITHUB_ACTOR: "octocat" } });
 * const found = await githubKeychain().resolve({ registry: "ghcr.io" }, { io });
 * assertEquals(found?.username, "octocat");
 * assertEquals(found?.detail, "GITHUB_TOKEN");
 * assertEquals(await githubKeychain().resolve({ registry: "reg.example" }, { io }), undefined);
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { messageOf } from "../errors.ts";
import { GITHUB, githubOf, isCompanySite, jobServer } from "../github_host.ts";
import type { Context, Io } from "../io.ts";
import type { Keychain } from "../keychain.ts";
import { findProgram } from "../program.ts";
import { normalizeHost } from "../reference.ts";

/** What an entry of regauth's own file tells the keychain. */
export interface GithubOptions {
  /** The website that the registry belongs to, where its name does not tell. */
  readonly server?: string;
  /** Login of the account. @default {$GITHUB_ACTOR} */
  readonly username?: string;
}

/** A token and who knows it. */
interface Found {
  readonly token: string;
  readonly detail: string;
}

/** The registry asks for some name and does not look at it (go-containerregistry `authn/github`). */
const ANY_NAME = "unset";

/** Milliseconds that gh may take; it reads a file or the system's keychain. */
const PATIENCE = 10_000;

/** gh would answer with these, whatever host it is asked for; they have been looked at before. */
const NO_VARIABLES = {
  GH_TOKEN: "",
  GITHUB_TOKEN: "",
  GH_ENTERPRISE_TOKEN: "",
  GITHUB_ENTERPRISE_TOKEN: "",
};

/**
 * Makes the keychain. It asks the variables that belong to the registry's website, then
 * `gh auth token`; a registry without both is unknown to it.
 *
 * @param options Which website and account.
 * @returns A keychain named `github`.
 */
export function githubKeychain(options: GithubOptions = {}): Keychain {
  return {
    name: "github",
    async resolve({ registry }, context) {
      const { io, trace } = context;
      const server = options.server ?? githubOf(normalizeHost(registry), io);
      if (server === undefined) {
        trace?.(`${registry} is not known as a registry of GitHub`);
        return undefined;
      }
      const found = fromVariables(server, context) ?? await fromGh(server, context);
      if (!found) return undefined;
      if (found.token.startsWith("github_pat_")) {
        trace?.("fine-grained tokens do not work with GitHub Packages");
      }
      return {
        username: options.username ?? (io.env("GITHUB_ACTOR") || ANY_NAME),
        password: new Secret(found.token),
        detail: found.detail,
      };
    },
  };
}

function fromVariables(server: string, { io, trace }: Context): Found | undefined {
  const names = variablesOf(server, io);
  for (const detail of names) {
    const token = io.env(detail);
    if (token) return { token, detail };
  }
  const others = io.env("GITHUB_TOKEN") && !names.includes("GITHUB_TOKEN");
  trace?.(
    names.length > 0
      ? `${names.join(", ")}: not set`
      : `no variable holds a token of ${server}${others ? "; GITHUB_TOKEN is for another" : ""}`,
  );
  return undefined;
}

/** The variables whose token is for a website, as Actions and gh define them. */
function variablesOf(server: string, io: Io): readonly string[] {
  const job = (jobServer(io) ?? GITHUB) === server ? ["GITHUB_TOKEN"] : [];
  if (server === GITHUB) return [...job, "GH_TOKEN"];
  if (server !== io.env("GH_HOST")?.toLowerCase()) return job;
  return isCompanySite(server)
    ? [...job, "GH_TOKEN"]
    : [...job, "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
}

async function fromGh(
  server: string,
  { io, signal, trace }: Context,
): Promise<Found | undefined> {
  const gh = await findProgram(io, "gh");
  if (gh === undefined) {
    trace?.("gh is not installed");
    return undefined;
  }
  const args = ["auth", "token", "--hostname", server];
  const command = `gh ${args.join(" ")}`;
  try {
    const { code, stdout } = await io.run(gh, args, {
      env: NO_VARIABLES,
      timeout: PATIENCE,
      maxOutput: 64 * 1024,
      ...(signal ? { signal } : {}),
    });
    const token = stdout.trim();
    if (code === 0 && /^[\x21-\x7e]+$/.test(token)) return { token, detail: command };
    trace?.(`${command}: no token (exit code ${code})`);
  } catch (error) {
    signal?.throwIfAborted();
    trace?.(`${command}: ${messageOf(error)}`);
  }
  return undefined;
}
