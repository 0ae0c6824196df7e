/**
 * Looks at this machine before the first question: variables, programs, git remotes, AWS profiles,
 * saved credentials. Whatever cannot be looked at is not known; nothing of it is an error.
 *
 * @example
 * ```ts
 * import { gatherFacts } from "./gather_facts.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { PATH: "/usr/bin", GITHUB_ACTOR: "octocat", CI: "1" },
 *   programs: {
 *     "/usr/bin/git": () => ({ stdout: "origin\tgit@github.com:Acme/App.git (fetch)\n" }),
 *   },
 * });
 * const facts = await gatherFacts({ io }, { variables: ["GITHUB_ACTOR"], programs: ["git", "aws"] });
 * assertEquals(facts.env, { GITHUB_ACTOR: "octocat" });
 * assertEquals([...facts.programs], ["git"]);
 * assertEquals(facts.gitHosts, [{ host: "github.com", remote: "origin" }]);
 * assertEquals(facts.gitRepository, "acme/app");
 * assertEquals(facts.ci, "other");
 * ```
 *
 * @module
 */

import { hostOfKey } from "./docker_keys.ts";
import type { Facts, SavedEntry } from "./facts.ts";
import { parseIni } from "./ini.ts";
import { listCredentials } from "./inventory.ts";
import { type Context, homeOf, type Io, joinPath } from "./io.ts";
import { findProgram } from "./program.ts";
import { normalizeHost } from "./reference.ts";
import { shortPath } from "./short_path.ts";

/** What to look for. */
export interface FactOptions {
  /** Names of environment variables. */
  readonly variables: readonly string[];
  /** Names of programs. */
  readonly programs: readonly string[];
  /** Folder of Docker's `config.json`. */
  readonly configDir?: string;
}

/** Milliseconds that each program may take: the user waits for the first question. */
const PATIENCE = 3000;
/** The remotes that come first. */
const FIRST_REMOTES: readonly string[] = ["origin", "upstream"];

interface Remote {
  readonly remote: string;
  readonly host: string;
  readonly path: string;
}

/**
 * Gathers what is known of this machine.
 *
 * @param context The outside world.
 * @param options What to look for.
 * @returns The facts.
 */
export async function gatherFacts(context: Context, options: FactOptions): Promise<Facts> {
  const { io } = context;
  const [programs, remotes, awsProfiles, saved] = await Promise.all([
    programsOf(io, options.programs),
    gitRemotes(context),
    profilesOf(io),
    savedEntries(context, options),
  ]);
  const env = options.variables.map((name) => [name, io.env(name)] as const);
  const gitRepository = remotes[0]?.path;
  const ci = ciOf(io);
  return {
    env: Object.fromEntries(env.flatMap(([name, value]) => value ? [[name, value]] : [])),
    programs,
    gitHosts: remotes.map(({ host, remote }) => ({ host, remote })),
    ...(gitRepository ? { gitRepository } : {}),
    awsProfiles,
    saved,
    ...(ci ? { ci } : {}),
  };
}

async function programsOf(io: Io, names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    names.map(async (name) => await findProgram(io, name) === undefined ? [] : [name]),
  );
  return new Set(found.flat());
}

function ciOf(io: Io): Facts["ci"] {
  if (isOn(io.env("GITHUB_ACTIONS"))) return "github";
  if (isOn(io.env("GITLAB_CI"))) return "gitlab";
  return isOn(io.env("CI")) ? "other" : undefined;
}

function isOn(value = ""): boolean {
  return !["", "0", "false"].includes(value.toLowerCase());
}

/** The remotes of the current folder, asked of git itself: it knows work trees and rewritten URLs. */
async function gitRemotes({ io, signal }: Context): Promise<readonly Remote[]> {
  const git = await findProgram(io, "git");
  if (git === undefined) return [];
  try {
    const { code, stdout } = await io.run(git, ["remote", "-v"], {
      timeout: PATIENCE,
      maxOutput: 64 * 1024,
      ...(signal ? { signal } : {}),
    });
    const remotes = code === 0 ? stdout.split("\n").flatMap(readRemote) : [];
    const rank = ({ remote }: Remote): number => (FIRST_REMOTES.indexOf(remote) + 3) % 3;
    return remotes.sort((one, other) => rank(one) - rank(other));
  } catch {
    return [];
  }
}

/** `origin<TAB>git@github.com:acme/app.git (fetch)`, or a URL in its place. */
function readRemote(line: string): Remote[] {
  const [, remote, text] = /^(\S+)\t(\S+) \(fetch\)$/.exec(line) ?? [];
  if (remote === undefined || text === undefined) return [];
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(text);
  const url = scp ? undefined : URL.parse(text);
  const host = (scp?.[1] ?? url?.hostname ?? "").toLowerCase();
  const path = (scp?.[2] ?? url?.pathname ?? "")
    .replace(/^\/+|\/+$/g, "").replace(/\.git$/, "").toLowerCase();
  return host === "" || path === "" ? [] : [{ remote, host, path }];
}

async function profilesOf(io: Io): Promise<Facts["awsProfiles"]> {
  const home = homeOf(io);
  const file = (variable: string, name: string): string | undefined =>
    io.env(variable) || (home === undefined ? undefined : joinPath(io, home, ".aws", name));
  const texts = await Promise.all([
    textOf(io, file("AWS_CONFIG_FILE", "config")),
    textOf(io, file("AWS_SHARED_CREDENTIALS_FILE", "credentials")),
  ]);
  const profiles = new Map<string, string | undefined>();
  for (const text of texts) {
    for (const [title, { values }] of parseIni(text).sections) {
      const name = title.replace(/^profile\s+/, "");
      if (/^(?:sso-session|services)\s/.test(name)) continue;
      profiles.set(name, profiles.get(name) ?? values.get("region"));
    }
  }
  return Array.from(profiles, ([name, region]) => ({ name, ...(region ? { region } : {}) }));
}

async function textOf(io: Io, path: string | undefined): Promise<string> {
  const text = path === undefined ? undefined : await io.readText(path).catch(() => undefined);
  return text ?? "";
}

async function savedEntries(
  { io, signal }: Context,
  { configDir }: FactOptions,
): Promise<readonly SavedEntry[]> {
  const all = await listCredentials({ io, ...(signal ? { signal } : {}) }, {
    timeout: PATIENCE,
    ...(configDir === undefined ? {} : { configDir }),
  });
  return all.filter(({ problem, kind }) => problem === undefined && kind !== "none").map(
    ({ registry, username, where }) => ({
      host: normalizeHost(hostOfKey(registry)),
      ...(username === undefined ? {} : { username }),
      where: shortPath(io, where),
    }),
  );
}
