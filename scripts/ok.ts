/**
 * The gate: `deno task ok` runs every check of the project and prints a line for each one, with the
 * output of those that fail. `ok.ts NAME…` runs only the named steps. The last line counts tests:
 * `N passed, N failed`; a failed step without tests of its own counts as one.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import config from "../deno.json" with { type: "json" };

/** One check: a deno sub-command and its arguments. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether the output ends in the summary of `deno test`. */
  readonly counts?: boolean;
  /** Why it cannot be done here. */
  readonly skip?: string;
}

const root = new URL("..", import.meta.url);
/** `scripts/deps.ts`, which started this script, names the map that stands in for JSR. */
const jsr = Deno.env.get("REGAUTH_IMPORT_MAP") === undefined;

const STEPS: readonly Step[] = [
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "check", args: ["check", "--quiet", "lib/", "tests/", "scripts/", "mod.ts", "cli.ts"] },
  { name: "doc-lint", args: ["doc", "--lint", ...Object.values(config.exports)] },
  {
    name: "tests",
    args: [
      "test",
      "-A",
      "--parallel",
      "--reporter=dot",
      "--coverage=coverage",
      "--coverage-raw-data-only",
      "--clean",
      "tests/",
    ],
    counts: true,
  },
  {
    name: "coverage",
    args: ["coverage", "coverage", `--include=^${RegExp.escape(root.href)}lib/`],
  },
  {
    name: "doc-tests",
    args: ["test", "-A", "--doc", "--reporter=dot", "lib/", "mod.ts"],
    counts: true,
  },
  {
    name: "compile",
    args: ["run", "-A", "scripts/compile.ts"],
    ...(Deno.env.get("DENORT_BIN") ? {} : { skip: "DENORT_BIN does not name a base binary" }),
  },
  {
    name: "publish",
    args: ["publish", "--dry-run", "--allow-dirty"],
    ...(jsr ? {} : { skip: "JSR does not answer" }),
  },
];

/** How a step ended. */
interface Outcome {
  readonly success: boolean;
  readonly passed: number;
  readonly failed: number;
}

async function run({ name, args, counts, skip }: Step): Promise<Outcome> {
  if (skip !== undefined) {
    console.log(`${name.padEnd(9)} skipped: ${skip}`);
    return { success: true, passed: 0, failed: 0 };
  }
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/deps.ts", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const decoder = new TextDecoder();
  // The dots of tests that passed stand on lines of their own.
  const out = decoder.decode(stdout).replaceAll(/^\.\n/gm, "").trim();
  if (!success) console.log(`\n${out}\n${decoder.decode(stderr).trim()}\n`);
  const summary = counts ? summaryOf(out) : undefined;
  const covered = /^\| All files .* ([\d.]+) \|$/m.exec(out)?.[1];
  const detail = summary?.text ?? (covered && `${covered} % of the lines`);
  const time = `${seconds} s${detail ? `, ${detail}` : ""}`;
  console.log(`${name.padEnd(9)} ${success ? "ok" : "FAILED"} (${time})`);
  const { passed = 0, failed = 0 } = summary ?? {};
  return { success, passed, failed: success ? failed : Math.max(failed, 1) };
}

/** The numbers of `deno test`: `ok | 7 passed (2 steps) | 0 failed | 1 ignored (182ms)`. */
function summaryOf(output: string): { text: string; passed: number; failed: number } | undefined {
  const [, text, passed, failed] =
    /^(?:ok|FAILED) \| ((\d+) passed.*?\| (\d+) failed.*?) \([^()]*\)$/m.exec(output) ?? [];
  return text === undefined ? undefined : {
    text: text.replaceAll(" |", ","),
    passed: Number(passed),
    failed: Number(failed),
  };
}

const chosen = Deno.args.length === 0 ? STEPS : Deno.args.map((name) => {
  const step = STEPS.find((step) => step.name === name);
  if (step) return step;
  console.error(`There is no step "${name}"; use ${STEPS.map((step) => step.name).join(", ")}.`);
  Deno.exit(2);
});
const outcomes: Outcome[] = [];
for (const step of chosen) outcomes.push(await run(step));
const total = (key: "passed" | "failed"): number =>
  outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
console.log(`${total("passed")} passed, ${total("failed")} failed`);
Deno.exit(outcomes.every((outcome) => outcome.success) ? 0 : 1);
