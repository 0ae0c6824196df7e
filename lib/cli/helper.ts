/**
 * `regauth helper`: make regauth the credential helper of other tools, and take it back.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { setConfig } from "../config_edit.ts";
import { loadConfig } from "../config_file.ts";
import { type StoreName, STORES } from "../config_schema.ts";
import { readDisplaced } from "../displaced_helpers.ts";
import { readDockerConfig } from "../docker_config.ts";
import { requireDockerConfig } from "../docker_store.ts";
import { RegauthError } from "../errors.ts";
import { helperList } from "../helper.ts";
import { namedHelper, nameHelper, unnameHelper } from "../helper_install.ts";
import { findProgram } from "../program.ts";
import { normalizeHost, parseTarget } from "../reference.ts";
import { expandPath, shortPath } from "../short_path.ts";
import { defaultStore } from "../store.ts";
import type { Call, CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { installedProgram, placeProgram, PROGRAM, SUFFIX } from "./helper_program.ts";
import { cleanText } from "./style.ts";

/** Milliseconds that a store may take to show that it works. */
const PATIENCE = 10_000;

export const helper: CommandSpec = {
  description: `"install" puts ${PROGRAM} on the PATH and names it in Docker's config: for the ` +
    'hosts, or for all with --all. "uninstall" puts the config back as it was. What was stored ' +
    "before stays reachable.",
  arguments: "<action:string> [host...:string]",
  options: [
    { flags: "--all", description: "Name it for every registry, as credsStore." },
    { flags: "--dir <folder:string>", description: "Folder of the PATH for the program." },
    {
      flags: "--store <name:string>",
      description: `Where docker login puts secrets: ${STORES.join(", ")}.`,
    },
  ],
  examples: [
    ["For two registries", "regauth helper install ghcr.io registry.example.com"],
    ["For all", "regauth helper install --all"],
    ["What is installed", "regauth helper status"],
    ["As it was before", "regauth helper uninstall"],
  ],
  async run(call) {
    const action = ACTIONS[call.args[0] ?? ""];
    if (action) return await action(call, hostsOf(call));
    throw new RegauthError("usage", `Cannot "${cleanText(call.args[0] ?? "", 80)}" the helper`, {
      hint: `Name one of ${Object.keys(ACTIONS).join(", ")}.`,
    });
  },
};

const ACTIONS: Readonly<
  Partial<Record<string, (call: Call, hosts: readonly string[]) => Promise<number>>>
> = { install, uninstall, status };

function hostsOf({ args }: Call): readonly string[] {
  return args.slice(1).map((text) => {
    const { registry, repository } = parseTarget(text);
    if (repository === undefined) return registry;
    throw new RegauthError("usage", `Cannot name a helper for "${cleanText(text, 200)}"`, {
      hint: `Tools ask their helpers for whole registries; name the host, such as ${registry}.`,
    });
  });
}

async function install(call: Call, hosts: readonly string[]): Promise<number> {
  const { values, output, trace, keychains, io } = call;
  const all = values.flag("all");
  const path = configOf(call);
  if (all && keychains.authFile !== undefined) {
    throw new RegauthError("usage", "Cannot use --all with --authfile: Podman asks by host alone", {
      subject: path,
      hint: "Name the hosts: regauth helper install HOST --authfile FILE.",
    });
  }
  const isNamed = hosts.length > 0 || all;
  const store = isNamed ? await chooseStore(call) : undefined;
  const { program, way } = await placeProgram(call);
  const recording = recordChanges(io, "helper install", trace);
  if (store !== undefined) await setConfig(recording.io, ["store"], store);
  if (isNamed) await nameHelper(recording.io, { path, suffix: SUFFIX, hosts, all });
  if (output.json) return await status(call);
  output.result(`Installed ${shortPath(io, program)} (${way}).`);
  if (!isNamed) {
    output.note("No tool asks it yet: regauth helper install HOST, or --all.");
    return Exit.done;
  }
  show(call, await statusOf(call));
  if (all) {
    output.note("Podman, Skopeo and Buildah look at credHelpers alone: name hosts for them.");
  }
  if (store === "file") {
    output.warn("what docker login stores is unencrypted, in a file that only you can read");
    output.note("  To avoid it: install a credential helper such as docker-credential-pass, and");
    output.note("  repeat this command with --store.");
  }
  output.note("As it was before: regauth helper uninstall");
  return Exit.done;
}

async function uninstall(call: Call, hosts: readonly string[]): Promise<number> {
  const { output, trace, io } = call;
  const path = configOf(call);
  const recording = recordChanges(io, "helper uninstall", trace);
  const changed = await unnameHelper(recording.io, {
    path,
    suffix: SUFFIX,
    ...(hosts.length > 0 ? { hosts } : {}),
  });
  const isAll = hosts.length === 0 && call.keychains.authFile === undefined;
  const installed = isAll ? await installedProgram(io) : undefined;
  const removed = installed?.version === undefined ? undefined : installed.program;
  if (removed !== undefined) await io.remove(removed);
  if (output.json) {
    output.document({ config: path, changed, removed: removed ?? "" });
    return Exit.done;
  }
  if (changed) output.result(`Put back ${shortPath(io, path)}.`);
  if (removed !== undefined) output.result(`Removed ${shortPath(io, removed)}.`);
  if (!changed && removed === undefined) output.note("It was not installed; nothing was changed.");
  const { store } = await loadConfig(io, { onBroken: () => {} });
  if (changed && store === "file") {
    output.note("What docker login stored stays in the file of regauth; see it with regauth ls.");
  }
  return Exit.done;
}

async function status(call: Call): Promise<number> {
  const found = await statusOf(call);
  if (call.output.json) call.output.document(found);
  else show(call, found);
  return Exit.done;
}

/** What is installed; the document of `--json`, with nothing as empty text. */
interface Status {
  readonly program: string;
  readonly version: string;
  readonly config: string;
  readonly hosts: readonly string[];
  readonly all: boolean;
  /** What answered for all registries before. */
  readonly before: string;
  readonly store: string;
}

async function statusOf(call: Call): Promise<Status> {
  const { io } = call;
  const config = configOf(call);
  const installed = await installedProgram(io);
  const { keys, all } = await namedHelper(io, { path: config, suffix: SUFFIX });
  const displaced = await readDisplaced(io, config);
  const { store } = await loadConfig(io, { onBroken: () => {} });
  return {
    program: installed?.program ?? "",
    version: installed?.version ?? "",
    config,
    hosts: [...new Set(keys.map(normalizeHost))],
    all,
    before: displaced?.credsStore ?? "",
    store: store ?? "",
  };
}

function show({ io, output }: Call, status: Status): void {
  const { program, version, config, hosts, all, before, store } = status;
  const asked = [...(all ? ["every registry"] : []), ...hosts].join(", ");
  output.result(
    program === ""
      ? `${PROGRAM} is not on the PATH.`
      : `${shortPath(io, program)}: ${version === "" ? "not regauth" : `version ${version}`}`,
  );
  output.result(`${shortPath(io, config)}: asks it for ${asked || "nothing"}`);
  if (before !== "") output.result(`Behind it: docker-credential-${before}`);
  if (store !== "") output.result(`Secrets of docker login: ${store}`);
}

/** Docker's config, or the file of Podman that is meant instead. */
function configOf({ io, keychains }: Call): string {
  const { authFile } = keychains;
  return authFile === undefined ? requireDockerConfig({ io }, keychains) : expandPath(io, authFile);
}

/** `undefined` leaves them to the helper that was there before. */
async function chooseStore(
  { io, values, signal, keychains }: Call,
): Promise<StoreName | undefined> {
  const wanted = values.text("store");
  const chosen = STORES.find((name) => name === wanted);
  if (wanted !== undefined && chosen === undefined) {
    throw new RegauthError("usage", `Cannot store secrets in "${cleanText(wanted, 80)}"`, {
      hint: `Name one of ${STORES.join(", ")}.`,
    });
  }
  const store = chosen ?? (await loadConfig(io)).store;
  if (store !== undefined) return store;
  const docker = requireDockerConfig({ io }, keychains);
  const before = (await readDockerConfig(io, docker))?.credsStore || SUFFIX;
  const isThere = await findProgram(io, `docker-credential-${before}`) !== undefined;
  if (before !== SUFFIX && isThere) return STORES.find((name) => name === before);
  const usual = await defaultStore(io);
  if (usual === "file") return usual;
  // It may be installed and not work, such as secretservice where nobody has a desktop.
  return await helperList(io, usual, { timeout: PATIENCE, signal })
    .then(() => usual, () => "file");
}
