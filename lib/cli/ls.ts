/**
 * `regauth ls`: the credentials known on this machine.
 *
 * @module
 */

import { type KnownCredential, listCredentials } from "../inventory.ts";
import type { Call, CommandSpec } from "./command.ts";
import { describeExpiry } from "./describe.ts";
import { Exit } from "./exit.ts";
import { cleanText } from "./style.ts";

export const ls: CommandSpec = {
  description: "No registry is asked, and no secret is shown. It ends with 1 if a credential has " +
    "expired.",
  examples: [
    ["Everything", "regauth ls"],
    [
      "Hosts with a secret in plain text",
      `regauth ls --json | jq 'select(.stored == "plain text")'`,
    ],
  ],
  async run(call) {
    const { io, signal, output, keychains: { configDir, authFile } } = call;
    const all = await listCredentials({ io, signal }, {
      ...(configDir === undefined ? {} : { configDir }),
      ...(authFile === undefined ? {} : { authFile }),
    });
    if (output.json) { for (const known of all) output.document(documentOf(known)); }
    else show(call, all);
    return all.some(({ state }) => state === "expired") ? Exit.failed : Exit.done;
  },
};

function documentOf(
  { registry, username = "", kind, where, stored, expiresAt, state, problem = "" }: KnownCredential,
): unknown {
  const expiry = expiresAt?.toISOString() ?? null;
  return { registry, username, kind, where, stored, expiresAt: expiry, state, problem };
}

function show({ io, output }: Call, all: readonly KnownCredential[]): void {
  const { result, note, style } = output;
  if (all.length === 0) {
    note("No credentials are known on this machine.");
    note("  Save one: regauth login HOST");
    return;
  }
  for (const { registry, username, kind, where, stored, expiresAt, state, problem } of all) {
    const user = username === undefined ? "" : ` as ${cleanText(username, 80)}`;
    result(`${style.bold(cleanText(registry || where, 200))}${user}`);
    const how = kind === "none" ? stored : `${kind}, ${stored}`;
    if (problem === undefined) result(`  ${style.dim(`${how}: ${cleanText(where, 500)}`)}`);
    else result(`  ${style.red(cleanText(problem, 500))}`);
    if (expiresAt === undefined) continue;
    const when = describeExpiry(expiresAt, io.now());
    result(
      state === "expired"
        ? `  ${style.red(`expired ${when}`)}`
        : `  ${style.dim(`expires ${when}`)}`,
    );
  }
}
