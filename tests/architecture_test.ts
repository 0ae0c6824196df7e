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
  // What everything speaks of.
  [0, "errors", "credential", "io", "terminal", "version", "later"],
  // Text in, data out.
  [1, "reference", "match", "place", "scope", "challenge", "realm", "token", "token_claims"],
  [1, "ini", "json_*", "closest", "printable", "bounded", "facts", "file_error", "option_reader"],
  [1, "docker_keys", "auth_entry", "config_path", "config_schema", "config_check", "hosts_toml"],
  [1, "secret_expiry", "der", "pem", "x509", "http1", "proxy", "retry"],
  [1, "network_failure", "server_message", "diagnosis", "diagnosis_table", "*_host"],
  [1, "aws_partition"],
  // One thing of the outside world each.
  [2, "keychain", "chain", "cache", "token_cache", "token_store", "identity/*", "identity/*/*"],
  [2, "keychain_options"],
  [2, "recipe", "recipe_parts", "answer_check", "secret_check", "vendors", "gitlab_hosts"],
  [2, "policy", "acr_way", "ecr_way", "google_way"],
  [2, "memory_io", "deno_*", "node_*", "child", "program", "helper", "helper_call"],
  [2, "docker_config", "docker_config_write", "docker_auth_env", "docker_lookup", "auth_files"],
  [2, "displaced_helpers"],
  [2, "config_file", "config_edit", "tls", "certs_d", "certificate_report", "host_transport"],
  [2, "edit_file", "overlay_io", "short_path", "helper_way", "host_suggestions", "google_key"],
  // Registries, keychains and stores.
  [
    3,
    "registry",
    "registry_client",
    "exchange",
    "acr_exchange",
    "redirect",
    "ping",
    "token_exchange",
  ],
  [3, "authorize", "authenticate", "rights", "refusal", "ecr_token"],
  [3, "*_keychain", "store", "*_store", "inventory", "plan", "plan_preview", "backup", "undo"],
  [3, "finding", "doctor", "doctor_*", "helper_install", "targets", "removal", "gather_facts"],
  [4, "registries/*"],
  // All of it together.
  [5, "keychains", "keychain_table"],
  [6, "resolve"],
  [7, "cli/*"],
  [8, "../cli"],
  [9, "../mod"],
];

/** The module that loads the commands; the `get` path never does. */
const COMMAND_LINE = "lib/cli/command_line.ts";
/** The only modules that name Deno; `mod.ts` and `cli.ts` need no more than `import.meta.main`. */
const NAMES_DENO = /^lib\/deno_\w+\.ts$/;
/** Connections that fetch cannot make; loaded when one is needed. */
const NAMES_NODE = /^lib\/node_\w+\.ts$/;
/** Packages that the library loads when it meets a file that needs them. */
const ON_DEMAND = ["smol-toml"];

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
  const upwards = imports.filter(({ from, to }) => (rankOf(to) ?? 0) > (rankOf(from) ?? Infinity));
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
  const wrong = imports.filter(({ from, to, dynamic }) =>
    !isCli(from) && !local(to) && !/^@std\/(path|encoding)(\/|$)/.test(to) &&
    !(NAMES_NODE.test(from) && to.startsWith("node:")) && !(dynamic && ON_DEMAND.includes(to))
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

Deno.test("only lib/deno_*.ts name Deno", () => {
  const wrong = files.filter((file) =>
    !NAMES_DENO.test(file) && select(file, ['Identifier[name="Deno"]']).length > 0
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
    if (loaded.has(specifier)) return;
    loaded.add(specifier);
    const module = graph.modules.find((module) => module.specifier === specifier);
    for (const { code, isDynamic } of module?.dependencies ?? []) {
      const file = code?.specifier.slice(rootUrl.href.length) ?? "";
      const elsewhere = isDynamic && (file === COMMAND_LINE || NAMES_NODE.test(file));
      if (code && !elsewhere) load(code.specifier);
    }
  }
  for (const entry of graph.roots) load(entry);
  const wrong = [...loaded].filter((specifier) => /^node:|cliffy/.test(specifier));
  assertEquals(wrong, []);
  assertEquals([...loaded].some((specifier) => specifier.endsWith("/docker_keychain.ts")), true);
});

Deno.test("deno.json exports mod.ts, cli.ts and each module of the library", () => {
  const modules = files.filter((file) => file.startsWith("lib/") && !isCli(file)).map((file) =>
    `./${file.slice("lib/".length, -".ts".length).replaceAll("_", "-")}: ./${file}`
  );
  const wanted = [".: ./mod.ts", "./cli: ./cli.ts", ...modules];
  const found = Object.entries(config.exports).map(([name, file]) => `${name}: ${file}`);
  assertEquals({
    missing: wanted.filter((line) => !found.includes(line)),
    extra: found.filter((line) => !wanted.includes(line)),
  }, { missing: [], extra: [] });
});

Deno.test("the version is that of deno.json", () => {
  assertEquals(VERSION, config.version);
});

/** What `deno info --json` says. */
interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier: string };
      readonly isDynamic?: boolean;
    }[];
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
    'CallExpression[callee.name="later"]',
  ]);
  return found.flatMap((node) => {
    const named = node.type === "CallExpression"
      ? node.arguments[0]
      : "source" in node && node.source;
    if (!named || named.type !== "Literal") return [];
    const specifier = String(named.value);
    const to = specifier.startsWith(".")
      ? relative(root, fromFileUrl(new URL(specifier, new URL(file, rootUrl))))
      : specifier;
    return [{
      from: file,
      to: to.replaceAll("\\", "/"),
      dynamic: node.type === "ImportExpression" || node.type === "CallExpression",
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
  const name = relative("lib", file).replaceAll("\\", "/").replace(/\.ts$/, "");
  const fits = (pattern: string): boolean =>
    new RegExp(`^${pattern.split("*").map(RegExp.escape).join("[^/]*")}$`).test(name);
  return RANKS.find(([_, ...patterns]) => patterns.some(fits))?.[0];
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
