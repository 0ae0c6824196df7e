/**
 * `regauth ls`: the credentials known on this machine.
 *
 * @module
 */

import { type KnownCredential, listCredentials } from "../inventory.ts";
import type { CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import type { Output } from "./output.ts";
import { cleanText } from "./style.ts";

export const ls: CommandSpec = {
  description: "No registry is asked, and no secret is shown.",
  examples: [
    ["Everything", "regauth ls"],
    [
      "Hosts with a secret in plain text",
      `regauth ls --json | jq 'select(.stored == "plain text")'`,
    ],
  ],
  async run({ io, signal, output, keychains: { configDir } }) {
    const all = await listCredentials({ io, signal }, configDir === undefined ? {} : { configDir });
    signal.throwIfAborted();
    if (output.json) { for (const known of all) output.document(documentOf(known)); }
    else show(output, all);
    return Exit.done;
  },
};

function documentOf(
  { registry, username = "", kind, where, stored, problem = "" }: KnownCredential,
): unknown {
  return { registry, username, kind, where, stored, problem };
}

function show({ result, note, style }: Output, all: readonly KnownCredential[]): void {
  if (all.length === 0) {
    note("No credentials are known on this machine.");
    note("  Save one: regauth login HOST");
    return;
  }
  for (const { registry, username, kind, where, stored, problem } of all) {
    const user = username === undefined ? "" : ` as ${cleanText(username, 80)}`;
    result(`${style.bold(cleanText(registry || where, 200))}${user}`);
    if (problem === undefined) result(`  ${style.dim(`${kind}, ${stored}: ${cleanText(where)}`)}`);
    else result(`  ${style.red(cleanText(problem, 500))}`);
  }
}
