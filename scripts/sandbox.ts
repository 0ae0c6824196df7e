/**
 * Runs the program as users do, with a home folder and variables of its own: for the demo, the
 * smoke run of the binary, the benchmark and the end-to-end tests.
 *
 * @module
 */

/** How one run ended. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one run is given. */
export interface RunInput {
  readonly stdin?: string;
  /** Variables beside the few that every run has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A home of its own for the program; disposing of it removes it. */
export interface Sandbox extends AsyncDisposable {
  /** A temporary folder, where the program is started. */
  readonly home: string;
  /** All variables that every run has. */
  readonly env: Readonly<Record<string, string>>;

  /**
   * @param args Arguments.
   * @param input Standard input (empty if absent) and variables.
   * @returns How it ended.
   */
  run(args: readonly string[], input?: RunInput): Promise<RunResult>;
}

const root = new URL("..", import.meta.url);

/**
 * Makes a home for the program.
 *
 * @param command What starts it; `deno run cli.ts` if absent.
 * @returns The sandbox, to be disposed of.
 */
export async function sandbox(command: readonly string[] = fromSource()): Promise<Sandbox> {
  const home = await Deno.makeTempDir({ prefix: "regauth-home-" });
  const env: Record<string, string> = { HOME: home, USERPROFILE: home };
  for (const name of ["PATH", "SYSTEMROOT", "TEMP", "TMPDIR", "DENO_COVERAGE_DIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  // Deno would look for its cache in the empty home.
  if (command[0] === Deno.execPath()) env.DENO_DIR = await denoDir();
  return {
    home,
    env,
    run: (args, input = {}) =>
      runProcess([...command, ...args], { ...input, env: { ...env, ...input.env }, cwd: home }),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/**
 * The command that runs a module of the project from its source.
 *
 * @param module Path below the project's root.
 * @returns The program and its arguments.
 */
export function fromSource(module = "cli.ts"): readonly string[] {
  const map = Deno.env.get("REGAUTH_IMPORT_MAP");
  const flags = map === undefined ? [] : [`--import-map=${map}`];
  return [Deno.execPath(), "run", "-A", "--no-prompt", ...flags, new URL(module, root).href];
}

/**
 * Runs a command with exactly the variables that it is given, to its end.
 *
 * @param command The program and its arguments.
 * @param input Standard input, variables, working folder.
 * @returns How it ended.
 */
export async function runProcess(
  [file = "", ...args]: readonly string[],
  { stdin = "", env = {}, cwd }: RunInput & { readonly cwd?: string },
): Promise<RunResult> {
  const child = new Deno.Command(file, {
    args,
    env: { ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  const ended = child.output();
  const writer = child.stdin.getWriter();
  // A program that does not read its input may be gone already.
  await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await ended;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config"],
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
