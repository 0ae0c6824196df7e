import { assertEquals } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { fromFileUrl, relative } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { VERSION } from "../lib/version.ts";

/**
 * Which files may import which: a file imports its own rank and lower ones, never in a circle. The
 * first line that fits counts; `*` is any name, and a file that no line fits fails the test.
 */
const RANKS: readonly (readonly [rank: number, ...files: string[]])[] = [
  [0, "lib/errors.ts", "lib/credential.ts", "lib/io.ts", "lib/terminal.ts", "lib/version.ts"],
  [1, "lib/reference.ts", "lib/match.ts", "lib/challenge.ts", "lib/ini.ts", "lib/json_edit.ts"],
  [1, "lib/json_object.ts", "lib/place.ts", "lib/printable.ts", "lib/closest.ts"],
  [1, "lib/memory_io.ts", "lib/deno_io.ts", "lib/child.ts", "lib/file_error.ts"],
  [1, "lib/json_tree.ts", "lib/edit_file.ts"],
  [2, "lib/keychain.ts", "lib/chain.ts", "lib/docker_config.ts", "lib/docker_keys.ts"],
  [2, "lib/helper.ts", "lib/cache.ts", "lib/tls.ts", "lib/config_*.ts", "lib/identity/*.ts"],
  [3, "lib/registry.ts", "lib/*_keychain.ts"],
  [4, "lib/registries/index.ts", "lib/registries/*.ts"],
  [5, "lib/keychains.ts"],
  [6, "lib/resolve.ts"],
  [7, "lib/cli/*.ts"],
  [8, "cli.ts"],
  [9, "mod.ts"],
];

/** The only module of the `get` path's neighbourhood that loads the rest of the program. */
const COMMAND_LINE = "lib/cli/command_line.ts";

const rootUrl = new URL("..", import.meta.url);
const root = fromFileUrl(rootUrl);
const files = ["cli.ts", "mod.ts", ...sourcesBelow("lib")];
const imports = files.flatMap(importsOf);

interface Import {
  readonly from: string;
  /** Path below the root, or the specifier of something else. */
  readonly to: string;
  readonly dynamic: boolean;
}

Deno.test("imports point to the same or a lower rank", () => {
  const unranked = files.filter((file) => rankOf(file) === undefined);
  const upwards = imports.filter(({ from, to }) => (rankOf(to) ?? -1) > (rankOf(from) ?? -1));
  assertEquals({ unranked, upwards: upwards.map(arrow) }, { unranked: [], upwards: [] });
});

Deno.test("imports do not run in a circle", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  function visit(file: string, path: readonly string[]): void {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (done.has(file) || path.includes(file)) return;
    for (const { from, to, dynamic } of imports) {
      if (from === file && !dynamic) visit(to, [...path, file]);
    }
    done.add(file);
  }
  for (const file of files) visit(file, []);
  assertEquals(circles, []);
});

Deno.test("cliffy is imported by cli.ts and lib/cli/ alone", () => {
  const wrong = imports.filter(({ from, to }) => to.startsWith("@cliffy/") && !isCli(from));
  assertEquals(wrong.map(arrow), []);
});

Deno.test("library files import nothing foreign but @std/path and @std/encoding", () => {
  const wrong = imports.filter(({ from, to }) =>
    !isCli(from) && !local(to) && !/^@std\/(path|encoding)(\/|$)/.test(to)
  );
  assertEquals(wrong.map(arrow), []);
});

Deno.test("files of lib/registries/ do not import one another", () => {
  const wrong = imports.filter(({ from, to }) =>
    from.startsWith("lib/registries/") && to.startsWith("lib/registries/") &&
    from !== "lib/registries/index.ts"
  );
  assertEquals(wrong.map(arrow), []);
});

Deno.test("nothing imports mod.ts, and mod.ts loads cli.ts only as a program", () => {
  const wrong = imports.filter(({ from, to, dynamic }) =>
    to === "mod.ts" || (from === "mod.ts" && to === "cli.ts" && !dynamic)
  );
  assertEquals(wrong.map(arrow), []);
});

Deno.test("only lib/deno_io.ts says Deno", () => {
  const rule = 'Identifier[name="Deno"]';
  const wrong = files.filter((file) =>
    file !== "lib/deno_io.ts" && select(file, [rule]).length > 0
  );
  assertEquals(wrong, []);
});

Deno.test("no file of lib/ holds more than 400 lines", () => {
  const long = files.filter((file) => sourceOf(file).trimEnd().split("\n").length > 400);
  assertEquals(long, []);
});

Deno.test("the get path loads neither cliffy nor a node: module", async () => {
  const map = Deno.env.get("REGAUTH_IMPORT_MAP");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...(map ? [`--import-map=${map}`] : []), "cli.ts"],
    cwd: root,
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const loaded = new Set<string>();
  function load(specifier: string): void {
    if (loaded.has(specifier) || specifier.endsWith(COMMAND_LINE)) return;
    loaded.add(specifier);
    const module = graph.modules.find((module) => module.specifier === specifier);
    for (const { code } of module?.dependencies ?? []) if (code?.specifier) load(code.specifier);
  }
  for (const entry of graph.roots) load(entry);
  const wrong = [...loaded].filter((specifier) => /^node:|cliffy/.test(specifier));
  assertEquals(wrong, []);
  assertEquals([...loaded].some((specifier) => specifier.endsWith("/docker_keychain.ts")), true);
});

Deno.test("deno.json exports mod.ts, cli.ts and each module of the library", () => {
  const modules = files.filter((file) => file.startsWith("lib/") && !isCli(file));
  const named = modules.map((file) => [
    `./${file.slice("lib/".length, -".ts".length).replaceAll("_", "-")}`,
    `./${file}`,
  ]);
  assertEquals(Object.entries(config.exports), [
    [".", "./mod.ts"],
    ["./cli", "./cli.ts"],
    ...named,
  ]);
});

Deno.test("the version is that of deno.json", () => {
  assertEquals(VERSION, config.version);
});

/** What `deno info --json` says. */
interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
  }[];
}

function sourcesBelow(folder: string): string[] {
  return Array.from(walkSync(`${root}/${folder}`, { exts: [".ts"], includeDirs: false }))
    .map(({ path }) => relative(root, path).replaceAll("\\", "/"))
    .sort();
}

function sourceOf(file: string): string {
  return Deno.readTextFileSync(`${root}/${file}`);
}

function importsOf(file: string): Import[] {
  const found = select(file, [
    "ImportDeclaration",
    "ExportAllDeclaration",
    "ExportNamedDeclaration",
    "ImportExpression",
  ]);
  return found.flatMap((node) => {
    if (!("source" in node) || node.source?.type !== "Literal") return [];
    const specifier = String(node.source.value);
    const to = specifier.startsWith(".")
      ? relative(root, fromFileUrl(new URL(specifier, new URL(file, rootUrl))))
      : specifier;
    return [{
      from: file,
      to: to.replaceAll("\\", "/"),
      dynamic: node.type === "ImportExpression",
    }];
  });
}

/** The nodes of a file's syntax tree that a selector fits. */
function select(file: string, selectors: readonly string[]): Deno.lint.Node[] {
  const found: Deno.lint.Node[] = [];
  const visit = (node: Deno.lint.Node): void => void found.push(node);
  const create = (): Deno.lint.LintVisitor =>
    Object.fromEntries(selectors.map((selector) => [selector, visit]));
  Deno.lint.runPlugin({ name: "architecture", rules: { visit: { create } } }, file, sourceOf(file));
  return found;
}

function rankOf(file: string): number | undefined {
  return RANKS.find(([_, ...patterns]) =>
    patterns.some((pattern) =>
      new RegExp(`^${pattern.split("*").map(RegExp.escape).join("[^/]*")}$`).test(file)
    )
  )?.[0];
}

function isCli(file: string): boolean {
  return file === "cli.ts" || file.startsWith("lib/cli/");
}

function local(to: string): boolean {
  return to.startsWith("lib/") || to === "cli.ts" || to === "mod.ts";
}

function arrow({ from, to }: Import): string {
  return `${from} -> ${to}`;
}
