/**
 * Measures what users wait for, as ratios within one run: `deno task bench`. The start of
 * `regauth get` is compared with an empty program, ten thousand entries with ten, `regauth check`
 * with a loop of requests.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { openResolver } from "../lib/resolve.ts";
import { checks } from "./bench_check.ts";
import { cloudLogins } from "./bench_clouds.ts";
import { logins } from "./bench_ecr.ts";
import { fromSource, runProcess, sandbox } from "./sandbox.ts";

const STARTS = 60;
/** What `get` may cost, as a multiple of an empty program. */
const TARGET = 1.4;
const QUESTIONS = 200;
const MANY = 10_000;
/** Of that many entries of a config file, as many are patterns. */
const PATTERNS = 1_000;

/** What a process of its own found out about one set of entries. */
interface Measurement {
  /** Milliseconds of the first answer, and of each further one. */
  readonly first: number;
  readonly further: number;
  /** Bytes. */
  readonly peak: number;
}

const CASES: Readonly<Record<string, (count: number) => MemoryIoOptions>> = {
  "sets of variables": (count) => {
    const env: Record<string, string> = {};
    for (let index = 0; index < count; index++) {
      env[`REGAUTH_REGISTRY_HOSTNAME_${index}`] = hostOf(index, count);
      env[`REGAUTH_REGISTRY_USERNAME_${index}`] = `user-${index}`;
      env[`REGAUTH_REGISTRY_PASSWORD_${index}`] = `secret-${index}`;
    }
    return { env };
  },
  "config entries": (count) => ({
    env: { HOME: "/home/me" },
    files: { "/home/me/.docker/config.json": configOf(count) },
  }),
  "globs of regauth's own file": (count) => ({
    env: { REGAUTH_CONFIG: "/c.json", HOME: "/home/me" },
    files: {
      "/c.json": JSON.stringify({
        registries: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [
            index === count - 1 ? "*.example.com" : `*.h${index}.example.com`,
            { keychain: "docker" },
          ]),
        ),
      }),
      "/home/me/.docker/config.json": JSON.stringify({
        auths: { "asked.example.com": { auth: btoa(`user-${count - 1}:secret`) } },
      }),
    },
  }),
};

/** Every tenth host is a pattern; the last one is the host that is asked for. */
function hostOf(index: number, count: number): string {
  const pattern = index % (MANY / PATTERNS) === 0;
  return index === count - 1 ? "asked.example.com" : `${pattern ? "*." : ""}h${index}.example.com`;
}

function configOf(count: number): string {
  const entry = (index: number): [string, { auth: string }] => [
    hostOf(index, count),
    { auth: btoa(`user-${index}:secret-${index}`) },
  ];
  return JSON.stringify({
    auths: Object.fromEntries(Array.from({ length: count }, (_, i) => entry(i))),
  });
}

async function measure(name: string, count: number): Promise<Measurement> {
  const io = memoryIo(CASES[name]?.(count));
  let start = performance.now();
  const resolver = await openResolver({ io });
  const answer = async (): Promise<void> => {
    const { credential } = await resolver.resolve("asked.example.com/team/app");
    if (credential?.username !== `user-${count - 1}`) throw new Error("The answer is wrong.");
  };
  await answer();
  const first = performance.now() - start;
  start = performance.now();
  for (let index = 0; index < QUESTIONS; index++) await answer();
  const further = (performance.now() - start) / QUESTIONS;
  return { first, further, peak: await peakMemory() };
}

/** Linux remembers the peak; elsewhere the present size has to do. */
async function peakMemory(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return peak ? Number(peak) * 1024 : Deno.memoryUsage().rss;
}

/** Medians of alternating starts, so that a busy moment hits all alike. */
async function starts(): Promise<void> {
  await using home = await sandbox();
  const empty = `${home.home}/empty.ts`;
  await Deno.writeTextFile(empty, "export {};\n");
  const config = { auths: { "asked.example.com": { auth: btoa("robot:secret") } } };
  await Deno.mkdir(`${home.home}/.docker`);
  await Deno.writeTextFile(`${home.home}/.docker/config.json`, JSON.stringify(config));
  const regauth = [...fromSource(), "get"];
  const variables = {
    REGAUTH_REGISTRY_HOSTNAME: "*.example.com",
    REGAUTH_REGISTRY_USERNAME: "robot",
    REGAUTH_REGISTRY_PASSWORD: "secret",
  };
  const programs = [
    { name: "an empty program", command: [...regauth.slice(0, -2), empty], env: {} },
    { name: "get, from a variable", command: regauth, env: variables },
    { name: "get, from Docker's config", command: regauth, env: {} },
  ].map((one) => ({ ...one, times: [] as number[] }));
  for (let round = -3; round < STARTS; round++) {
    for (const { name, command, env, times } of programs) {
      const start = performance.now();
      const { code, stdout } = await runProcess(command, {
        stdin: "asked.example.com",
        env: { ...home.env, ...env },
        cwd: home.home,
      });
      const time = performance.now() - start;
      if (code !== 0 || (name !== "an empty program" && !stdout.includes('"Secret":"secret"'))) {
        throw new Error(`Cannot measure "${name}": ${stdout}`);
      }
      if (round >= 0) times.push(time); // The first rounds fill caches.
    }
  }
  console.log(`start-up, median of ${STARTS}`.padEnd(38), "ms".padStart(8), "ratio".padStart(8));
  const base = median(programs[0]?.times ?? []);
  for (const { name, times } of programs) {
    const ratio = median(times) / base;
    const remark = ratio > TARGET ? `  over the target of ${TARGET}` : "";
    console.log(name.padEnd(38), cell(median(times)), cell(ratio, 2) + remark);
  }
}

async function sizes(): Promise<void> {
  console.log("\nresolve, in process".padEnd(39), "first ms  further ms   peak MB".padStart(30));
  for (const name of Object.keys(CASES)) {
    for (const count of [10, MANY]) {
      const { code, stdout, stderr } = await runProcess(
        [...fromSource("scripts/bench.ts"), name, String(count)],
        { env: Deno.env.toObject() },
      );
      if (code !== 0) throw new Error(stderr);
      const { first, further, peak }: Measurement = JSON.parse(stdout);
      const what = `${count.toLocaleString("en")} ${name}`;
      console.log(what.padEnd(38), cell(first, 2), cell(further, 3, 11), cell(peak / 1e6, 0, 9));
    }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function cell(value: number, digits = 1, width = 8): string {
  return value.toFixed(digits).padStart(width);
}

const [name, count] = Deno.args;
if (name === undefined) {
  await starts();
  await sizes();
  await checks();
  await logins();
  await cloudLogins();
} else {
  console.log(JSON.stringify(await measure(name, Number(count))));
}
