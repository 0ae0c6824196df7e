/**
 * Puts a program into a situation: files on disk, variables, the time. And runs such programs.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { fromSource, runProcess, sandbox } from "../../scripts/sandbox.ts";

/** Files on disk; disposing of it removes them. */
export interface Files extends AsyncDisposable {
  /** Replaces `DIR` in texts. */
  fill(texts: Readonly<Record<string, string>>): Record<string, string>;
}

/**
 * Writes files.
 *
 * @param files Their contents by name; `DIR` in them stands for their folder.
 * @returns The files.
 */
export async function asFiles(files: Readonly<Record<string, unknown>>): Promise<Files> {
  const folder = await Deno.makeTempDir({ prefix: "regauth-oracle-" });
  for (const [name, text] of Object.entries(filled(files, folder))) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    const mode = text.startsWith("#!") ? 0o700 : 0o600;
    await Deno.writeTextFile(join(folder, name), text, { mode });
  }
  return {
    fill: (texts) => filled(texts, folder),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/**
 * Replaces `DIR` in texts, and writes what is no text as JSON.
 *
 * @param texts Texts and other values by name.
 * @param folder What stands for `DIR`.
 * @returns Texts by name.
 */
export function filled(
  texts: Readonly<Record<string, unknown>>,
  folder: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return [name, text.replaceAll("DIR", folder)];
    }),
  );
}

/**
 * Sets variables for as long as something is done.
 *
 * @param variables The variables.
 * @param action What is done.
 * @returns What it gave.
 */
export async function withVariables<T>(
  variables: Readonly<Record<string, string>>,
  action: () => Promise<T>,
): Promise<T> {
  const before = Deno.env.toObject();
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    return await action();
  } finally {
    for (const name of Object.keys(variables)) {
      const value = before[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

/**
 * Stops the clock of this program.
 *
 * @param time The time.
 */
export function atTime(time: string): void {
  const Real = Date;
  const now = Real.parse(time);
  globalThis.Date = new Proxy(Real, {
    construct: (_, values) => Reflect.construct(Real, values.length === 0 ? [now] : values),
    get: (target, name) => name === "now" ? () => now : Reflect.get(target, name),
  });
}

/** What an oracle found in one situation. */
export interface OracleAnswer {
  readonly name: string;
  readonly token?: string | null;
  readonly error?: string;
  readonly calls: readonly string[];
}

/**
 * Runs a program that asks an oracle.
 *
 * @param module Path of the program below the project's root.
 * @param args Its arguments.
 * @returns What it printed, or why it cannot be run here.
 */
export async function askOracle(
  module: string,
  args: readonly string[] = [],
): Promise<readonly OracleAnswer[] | { readonly missing: string }> {
  await using home = await sandbox();
  const { code, stdout, stderr } = await runProcess([...fromSource(module), ...args], {
    env: home.env,
    cwd: home.home,
  });
  if (code === 0) return stdout.trim().split("\n").map((line) => JSON.parse(line));
  const unreachable = /npm package|registry|Download|error sending request/i.test(stderr);
  if (unreachable) return { missing: `npm cannot be reached: ${stderr.trim().split("\n")[0]}` };
  throw new Error(`${module} failed: ${stderr}`);
}

/**
 * Registers a test that compares with an oracle. Where there is none it is skipped, or fails if
 * `REGAUTH_REQUIRE_PEERS=1`.
 *
 * @param oracle What the oracle's program found.
 * @param title What the test shows.
 * @param name Name of the situation.
 * @param test The test.
 */
export function oracleTest(
  oracle: Awaited<ReturnType<typeof askOracle>>,
  title: string,
  name: string,
  test: (answer: OracleAnswer) => Promise<void>,
): void {
  if ("missing" in oracle) {
    const required = Deno.env.get("REGAUTH_REQUIRE_PEERS") === "1";
    Deno.test({
      name: `${title} (skipped: ${oracle.missing})`,
      ignore: !required,
      fn: () => {
        throw new Error(oracle.missing);
      },
    });
    return;
  }
  Deno.test(title, async () => {
    const answer = oracle.find((answer) => answer.name === name);
    if (answer === undefined) throw new Error(`The oracle does not know "${name}".`);
    await test(answer);
  });
}
