/**
 * Runs a deno sub-command with imports that can be had: `deno run -A scripts/deps.ts test -A tests/`.
 *
 * Where JSR answers, or its packages are cached, deno runs as it is. Elsewhere (many networks pass
 * npm but not JSR) one npm package that carries the same modules is unpacked into `.jsr/`, and
 * deno gets an import map of them. `REGAUTH_IMPORT_MAP=FILE` chooses another map; children find
 * the one in use under the same name.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** The package that carries `@std` and forks of cliffy, with the SHA-512 of its archive. */
const CARRIER = {
  name: "windmill-cli",
  version: "1.596.0",
  sha512:
    "5aFVNTOEaGyTKyQlyjFI1FAZ8fTIQ2vGSmnqL3FfZuKpKWdqGXh8p9Azdp8N2MkIwyP1vYtOK9nfQk6jr6tRTw==",
};
/** Where the modules of each import stand in the carrier. */
const MODULES: Record<string, string> = {
  "@cliffy/command": "@windmill-labs/cliffy-command/1.0.0-rc.5",
  "@std/encoding": "@std/encoding/1.0.4",
  "@std/fs": "@std/fs/1.0.20",
  "@std/path": "@std/path/1.1.3",
};
/** The modules name their shim five folders up; this is where they stand below `.jsr/`. */
const MODULE_FOLDER = "modules/jsr";
/** What the carrier's build tool put between the modules and Deno; the original costs 50 ms. */
const SHIM = {
  "_dnt.shims.js": `/* @ts-self-types="./_dnt.shims.d.ts" */
export const Deno = globalThis.Deno;
export const dntGlobalThis = globalThis;
`,
  "_dnt.shims.d.ts": `export import Deno = globalThis.Deno;
export declare const dntGlobalThis: typeof globalThis;
`,
};

const root = new URL("..", import.meta.url);
const target = new URL(".jsr/", root);

/** `@std/path` is not there yet. */
function fromFileUrl(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

/** Sub-commands that resolve imports; the others would refuse the flag. */
const RESOLVING = new Set(["run", "test", "check", "compile", "cache", "doc", "bench", "info"]);

class NoDependencies extends Error {}

async function output(program: string, args: string[], cwd?: URL): Promise<Deno.CommandOutput> {
  const signal = AbortSignal.timeout(120_000);
  return await new Deno.Command(program, { args, signal, ...(cwd ? { cwd } : {}) }).output();
}

/** Whether all JSR packages can be loaded, from the network or the cache. */
async function jsrAnswers(): Promise<boolean> {
  const specifiers = Object.values(config.imports).filter((value) => value.startsWith("jsr:"));
  const loads = specifiers.map(async (specifier) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-config", "--no-lock", specifier],
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(10_000),
    });
    const { success, stdout } = await command.output();
    return success && !new TextDecoder().decode(stdout).includes('"error":');
  });
  return (await Promise.all(loads)).every(Boolean);
}

async function sha512(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-512", await Deno.readFile(path));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

async function download(folder: string): Promise<string> {
  const archive = `${folder}/${CARRIER.name}-${CARRIER.version}.tgz`;
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  try {
    const { success, stderr } = await output(npm, [
      "pack",
      "--silent",
      `--pack-destination=${folder}`,
      `${CARRIER.name}@${CARRIER.version}`,
    ]);
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
  } catch (cause) {
    throw new NoDependencies(
      `Cannot load the dependencies: JSR does not answer, and "npm pack ${CARRIER.name}" failed too.\n` +
        `  ${cause instanceof Error ? cause.message : cause}\n` +
        "Connect to a network that reaches one of them (npm must be on PATH), or set REGAUTH_IMPORT_MAP.",
      { cause },
    );
  }
  if (await sha512(archive) !== CARRIER.sha512) {
    throw new NoDependencies(
      `Cannot use ${CARRIER.name}@${CARRIER.version}: its SHA-512 is not the pinned one.`,
    );
  }
  return archive;
}

/** Copies JavaScript and declarations side by side, each script naming its declaration. */
async function copyModules(from: string, declarations: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const [source, types] = [`${from}/${entry.name}`, `${declarations}/${entry.name}`];
    if (entry.isDirectory) {
      await copyModules(source, types, `${to}/${entry.name}`);
    } else if (entry.name.endsWith(".js")) {
      const declaration = types.replace(/\.js$/, ".d.ts");
      const typed = await Deno.copyFile(
        declaration,
        `${to}/${entry.name.replace(/\.js$/, ".d.ts")}`,
      )
        .then(() => true, () => false);
      const header = typed
        ? `/* @ts-self-types="./${entry.name.replace(/\.js$/, ".d.ts")}" */\n`
        : "";
      await Deno.writeTextFile(`${to}/${entry.name}`, header + await Deno.readTextFile(source));
    }
  }
}

/** Unpacks the carrier into `.jsr/` and writes the import map. */
async function unpack(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "regauth-deps-" });
  try {
    const archive = await download(folder);
    const tar = await output("tar", [
      "-xzf",
      archive,
      "-C",
      folder,
      "package/esm/deps",
      "package/types/deps",
    ]);
    if (!tar.success) throw new NoDependencies(`Cannot unpack ${archive}: tar failed.`);
    const [host] = Array.from(
      Deno.readDirSync(`${folder}/package/esm/deps`),
      (entry) => entry.name,
    );
    const fresh = await Deno.makeTempDir({ dir: fromFileUrl(root), prefix: ".jsr-" });
    const modules = `${fresh}/${MODULE_FOLDER}`;
    await copyModules(
      `${folder}/package/esm/deps/${host}`,
      `${folder}/package/types/deps/${host}`,
      modules,
    );
    for (const [name, text] of Object.entries(SHIM)) {
      await Deno.writeTextFile(`${fresh}/${name}`, text);
    }
    await Deno.writeTextFile(
      `${fresh}/import_map.json`,
      JSON.stringify(await importMap(modules), null, 2),
    );
    await Deno.remove(target, { recursive: true }).catch(() => {});
    await Deno.rename(fresh, target);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The map: every module of the carrier by its public name, the rest as `deno.json` says. */
async function importMap(folder: string): Promise<{ imports: Record<string, string> }> {
  const imports: Record<string, string> = { "@std/assert": "../scripts/std_assert.ts" };
  for (const [name, specifier] of Object.entries(config.imports)) {
    if (!specifier.startsWith("jsr:")) imports[name] = specifier;
  }
  for (const [name, path] of Object.entries(MODULES)) {
    imports[name] = `./${MODULE_FOLDER}/${path}/mod.js`;
    for (const part of ["", "posix/", "windows/", "completions/"]) {
      const files = await Array.fromAsync(Deno.readDir(`${folder}/${path}/${part}`)).catch(
        () => [],
      );
      for (const file of files) {
        if (!file.name.endsWith(".js") || file.name.startsWith("_")) continue;
        const module = (part + file.name.replace(/(\/?mod)?\.js$/, "")).replaceAll("_", "-");
        if (module === "") continue;
        imports[`${name}/${module.replace(/\/$/, "")}`] =
          `./${MODULE_FOLDER}/${path}/${part}${file.name}`;
      }
    }
  }
  return { imports };
}

async function importMapFlag(): Promise<string[]> {
  const chosen = Deno.env.get("REGAUTH_IMPORT_MAP");
  if (chosen) return [`--import-map=${chosen}`];
  if (await jsrAnswers()) return [];
  const map = new URL("import_map.json", target);
  const stamp = new URL("stamp", target);
  const wanted = JSON.stringify([CARRIER, MODULES, SHIM, config.imports]);
  if (await Deno.readTextFile(stamp).catch(() => "") !== wanted) {
    // deno-lint-ignore no-console
    console.error(
      `JSR cannot be reached; unpacking its modules from the npm package ${CARRIER.name} …`,
    );
    await unpack();
    await Deno.writeTextFile(stamp, wanted);
  }
  return [`--import-map=${fromFileUrl(map)}`];
}

if (import.meta.main) {
  const [command = "", ...args] = Deno.args;
  try {
    const flags = RESOLVING.has(command) ? await importMapFlag() : [];
    const map = flags[0]?.slice("--import-map=".length);
    const child = new Deno.Command(Deno.env.get("DENO") || Deno.execPath(), {
      args: [command, ...flags, ...args],
      env: map ? { REGAUTH_IMPORT_MAP: map } : {},
    }).spawn();
    // The terminal sends Ctrl-C to the child as well: wait for its end.
    Deno.addSignalListener("SIGINT", () => {});
    Deno.exit((await child.status).code);
  } catch (error) {
    if (!(error instanceof NoDependencies)) throw error;
    // deno-lint-ignore no-console
    console.error(error.message);
    Deno.exit(1);
  }
}
