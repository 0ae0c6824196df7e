/**
 * Builds the binary: `deno task compile [--target TARGET]`. What is built for this machine is
 * tried at once.
 *
 * `DENORT_BIN` names the base binary, for networks that do not reach Deno's download host; a `deno`
 * beside it compiles, because the two must be of one version, unless `DENO` names another.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import { walk } from "@std/fs/walk";
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { VERSION } from "../lib/version.ts";
import { fakeRegistry } from "../tests/fakes/registry.ts";
import { type RunResult, type Sandbox, sandbox } from "./sandbox.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const windows = Deno.build.os === "windows";

async function compile(target: string | undefined): Promise<string> {
  const suffix = (target?.includes("windows") ?? windows) ? ".exe" : "";
  const output = join(root, "dist", `regauth${target ? `-${target}` : ""}${suffix}`);
  await Deno.mkdir(dirname(output), { recursive: true });
  // The code cache is a file with a predictable name in the temporary folder, and is not checked.
  const flags = ["--no-code-cache", "--no-prompt", "-A", `--output=${output}`];
  // Types are checked by the gate; here the check would put those of Node into the binary.
  flags.push("--no-check");
  flags.push(...(await laterModules()).map((path) => `--include=${path}`));
  if (target) flags.push(`--target=${target}`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/deps.ts", "compile", ...flags, "cli.ts"],
    cwd: root,
    env: { DENO: await compiler(), NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const told = new TextDecoder().decode(stderr);
  if (!success) {
    const offline = /base binary|denort/.test(told);
    throw new Error(
      offline
        ? "No base binary can be had here: nothing was built, and nothing tried.\n" +
          "Connect to a network that reaches Deno's download host, or set DENORT_BIN."
        : told,
    );
  }
  const embedded = told.slice(told.indexOf("Embedded Files")).split("\n");
  const foreign = embedded.filter((line) => /node_modules|package\.json/.test(line));
  if (foreign.some((line) => !line.includes("/smol-toml/"))) {
    throw new Error(
      "npm packages got into the binary; build in a folder that has none above it.\n" +
        foreign.join("\n"),
    );
  }
  return output;
}

/** What `later()` imports, which nobody finds by reading the imports. */
async function laterModules(): Promise<readonly string[]> {
  const modules = new Set<string>();
  const sources = ["cli.ts"];
  for await (const { path } of walk(join(root, "lib"), { exts: [".ts"] })) {
    sources.push(relative(root, path));
  }
  for (const path of sources) {
    const text = await Deno.readTextFile(join(root, path));
    for (const [_, specifier = ""] of text.matchAll(/later<\s*typeof import\(\s*"([^"]+)"/g)) {
      modules.add(join(dirname(path), specifier));
    }
  }
  return [...modules];
}

/** The deno that compiles. */
async function compiler(): Promise<string> {
  const chosen = Deno.env.get("DENO");
  if (chosen) return chosen;
  const base = Deno.env.get("DENORT_BIN");
  const beside = base && join(dirname(base), windows ? "deno.exe" : "deno");
  const found = beside && await Deno.stat(beside).then(() => true, () => false);
  return found ? beside : Deno.execPath();
}

/** Uses the binary for what it is there for. */
async function tryOut(binary: string): Promise<void> {
  await using registry = await fakeRegistry({ auth: "token" });
  await using regauth = await sandbox([binary]);
  const image = `${registry.host}/${registry.repository}:${registry.tag}`;
  const helper = join(regauth.home, `docker-credential-regauth${windows ? ".exe" : ""}`);
  await Deno.link(binary, helper).catch(() => Deno.copyFile(binary, helper));
  await using asHelper = await sandbox([helper]);
  const variables = {
    REGAUTH_REGISTRY_HOSTNAME: "*.example.com",
    REGAUTH_REGISTRY_USERNAME: "robot",
    REGAUTH_REGISTRY_PASSWORD: "from-the-environment",
  };

  expect("--help", await regauth.run(["--help"]), ({ stdout }) => /^Usage\b/m.test(stdout));
  expect("version", await regauth.run(["version"]), ({ stdout }) => stdout.includes(VERSION));
  expect(
    "get, as docker-credential-regauth",
    await asHelper.run(["get"], { stdin: "registry.example.com", env: variables }),
    ({ stdout }) => JSON.parse(stdout).Secret === "from-the-environment",
  );
  expect(
    "login",
    await regauth.run(["login", registry.host, "-u", "robot", "--password-stdin"], {
      stdin: "robot-secret\n",
    }),
    () => registry.requests.some(({ path, user }) => path.startsWith("/token") && user === "robot"),
  );
  expect(
    "resolve",
    await regauth.run(["resolve", "--json", image]),
    ({ stdout }) => JSON.parse(stdout).password === "robot-secret",
  );
  await expectNoCache(regauth, binary);
}

function expect(
  what: string,
  result: RunResult,
  good: (result: RunResult) => boolean,
): void {
  if (result.code !== 0 || !good(result)) {
    throw new Error(`${what}: exit code ${result.code}\n${result.stdout}\n${result.stderr}`);
  }
  console.log(`  ok  ${what}`);
}

/** The flag against the code cache is easily lost. */
async function expectNoCache({ env }: Sandbox, binary: string): Promise<void> {
  const folder = env.TMPDIR ?? env.TEMP ?? "/tmp";
  const name = `deno-compile-${binary.slice(dirname(binary).length + 1)}.cache`;
  const found = await Deno.stat(join(folder, name)).then(() => true, () => false);
  if (found) throw new Error(`The binary wrote a code cache: ${join(folder, name)}`);
  console.log("  ok  no code cache");
}

if (import.meta.main) {
  const [flag, target, ...rest] = Deno.args;
  if (rest.length > 0 || (flag !== undefined && (flag !== "--target" || !target))) {
    console.error("Usage: deno task compile [--target TARGET]");
    Deno.exit(2);
  }
  try {
    const binary = await compile(target);
    const { size } = await Deno.stat(binary);
    console.log(`${binary} (${(size / 1e6).toFixed(0)} MB)`);
    if (target && target !== Deno.build.target) {
      console.log("  It is for another machine: not tried.");
    } else {
      await tryOut(binary);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
