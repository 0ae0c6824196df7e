/**
 * Real programs that the end-to-end tests talk to.
 *
 * @module
 */

import { join } from "@std/path";
import { runProcess, type RunResult } from "../../scripts/sandbox.ts";

/** Milliseconds in which a server must be there. */
const PATIENCE = 30_000;

/**
 * Registers a test that needs programs of others. Where one is missing the test is skipped, or
 * fails if `REGAUTH_REQUIRE_PEERS=1`.
 *
 * @param name What the test shows.
 * @param programs The programs, looked for on the PATH.
 * @param test The test.
 */
export function peerTest(
  name: string,
  programs: readonly string[],
  test: () => Promise<void>,
): void {
  const missing = programs.filter((program) => !installed(program));
  if (missing.length === 0) return Deno.test(name, test);
  const reason = `${missing.join(", ")} not installed`;
  if (Deno.env.get("REGAUTH_REQUIRE_PEERS") === "1") {
    Deno.test(name, () => {
      throw new Error(reason);
    });
  } else {
    Deno.test({ name: `${name} (skipped: ${reason})`, ignore: true, fn: test });
  }
}

function installed(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(join(folder, program)).isFile;
    } catch {
      return false;
    }
  });
}

/** A running server; disposing of it ends it. */
export interface Peer extends AsyncDisposable {
  /** Address and port. */
  readonly host: string;
}

/**
 * Starts Debian's `docker-registry` with one account.
 *
 * @param folder Where it keeps its files.
 * @param user Account name.
 * @param password Its password.
 * @param http How it is reached.
 * @returns The registry, once it answers.
 */
export async function dockerRegistry(
  folder: string,
  user: string,
  password: string,
  http: RegistryConfig["http"] = {},
): Promise<Peer> {
  const accounts = join(folder, "htpasswd");
  const { stdout } = await succeed(["htpasswd", "-nBi", user], {
    stdin: password,
    env: variables(folder),
  });
  await Deno.writeTextFile(accounts, stdout);
  const auth = { htpasswd: { realm: "test", path: accounts } };
  return await serveRegistry(folder, { auth, http });
}

/** Parts of the configuration file of `docker-registry`, in its own words. */
export interface RegistryConfig {
  readonly auth?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly http?: { readonly tls?: Readonly<Record<string, string | readonly string[]>> };
}

/**
 * Starts Debian's `docker-registry`.
 *
 * @param folder Where it keeps its files; images are below `registry`.
 * @param config What it is told beside its address and folder.
 * @returns The registry, once it answers.
 */
export async function serveRegistry(folder: string, config: RegistryConfig): Promise<Peer> {
  const file = join(folder, "registry.yml");
  await Deno.writeTextFile(
    file,
    JSON.stringify({
      version: "0.1",
      storage: { filesystem: { rootdirectory: join(folder, "registry") } },
      ...config,
      http: { addr: "127.0.0.1:0", ...config.http },
    }),
  );
  return await start(["docker-registry", "serve", file], variables(folder));
}

function variables(home: string): Record<string, string> {
  return { PATH: Deno.env.get("PATH") ?? "", HOME: home };
}

/** Starts a server that logs its address, and waits for that line. */
async function start(
  [file = "", ...args]: readonly string[],
  env: Record<string, string>,
): Promise<Peer> {
  const child = new Deno.Command(file, {
    args,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let [log, host] = ["", ""];
  while (host === "") {
    const { value, done } = await reader.read();
    if (done) break;
    log += value;
    host = /listening on ([^\s,"]+)/.exec(log)?.[1] ?? "";
  }
  clearTimeout(late);
  // Somebody must read on, or the full pipe would stop the server.
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  if (host === "") {
    await Promise.all([child.status, drained]);
    throw new Error(`${file} did not start: ${log}`);
  }
  return {
    host,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      await Promise.all([child.status, drained]);
    },
  };
}

/**
 * Runs a command that must succeed.
 *
 * @param command The program and its arguments.
 * @param input Standard input and variables.
 * @returns What it wrote.
 */
export async function succeed(
  command: readonly string[],
  input: Parameters<typeof runProcess>[1],
): Promise<RunResult> {
  const result = await runProcess(command, input);
  if (result.code !== 0) {
    throw new Error(`${command.join(" ")}: exit code ${result.code}\n${result.stderr}`);
  }
  return result;
}
