/**
 * Everything that is known on this machine, each credential beside what its registry says of it.
 *
 * @module
 */

import { dockerConfigPath } from "../auth_files.ts";
import { mapBounded } from "../bounded.ts";
import type { Credential } from "../credential.ts";
import { RegistryError } from "../diagnosis.ts";
import { readDockerConfig } from "../docker_config.ts";
import { hostOfKey } from "../docker_keys.ts";
import { findCredential } from "../docker_lookup.ts";
import { messageOf, RegauthError } from "../errors.ts";
import { helperGet } from "../helper.ts";
import { type KnownCredential, listCredentials } from "../inventory.ts";
import { normalizeHost } from "../reference.ts";
import { verifyLogin } from "../registry.ts";
import type { RegistryClient } from "../registry_client.ts";
import { openResolver, type Resolver } from "../resolve.ts";
import { shortPath } from "../short_path.ts";
import type { Call } from "./command.ts";
import { openNetwork } from "./network.ts";
import type { Mark, Progress } from "./progress.ts";
import { nameOf } from "./setup_state.ts";
import { cleanText, oneLine } from "./style.ts";
import { wrapText } from "./width.ts";

/** Registries are asked about so many credentials at a time. */
const AT_A_TIME = 8;

/** What a registry says of a credential. */
interface Verdict {
  readonly mark: Mark;
  readonly text: string;
}

/**
 * Lists all credentials, and tries each.
 *
 * @param call The outside world.
 * @param progress Tells that registries are being asked.
 */
export async function showOverview(call: Call, progress: Progress): Promise<void> {
  const { io, signal, output, keychains } = call;
  const { configDir } = keychains;
  const all = await listCredentials(
    { io, signal },
    configDir === undefined ? {} : { configDir },
  );
  if (all.length === 0) return output.result("No credentials are known on this machine.");
  await using network = await openNetwork(call);
  const resolver = await openResolver({ ...keychains, io, signal });
  const verdicts = await progress.during(
    `trying ${all.length} credential${all.length === 1 ? "" : "s"}`,
    () => mapBounded(all, AT_A_TIME, (known) => judge(call, known, network.client, resolver)),
  );
  signal.throwIfAborted();
  for (const [index, known] of all.entries()) show(call, known, verdicts[index]);
}

async function judge(
  call: Call,
  known: KnownCredential,
  client: RegistryClient,
  resolver: Resolver,
): Promise<Verdict> {
  const { registry, problem, where } = known;
  if (problem !== undefined) return { mark: "fail", text: problem };
  if (registry.includes("*")) return { mark: "dot", text: "for many registries, so not tried" };
  const host = normalizeHost(hostOfKey(registry));
  try {
    const used = await resolver.resolve(host);
    const credential = await credentialOf(call, known, host) ?? used.credential;
    if (!credential) return { mark: "warn", text: "cannot be read" };
    const { verified, diagnosis } = await verifyLogin(client, host, credential);
    const isDocker = where === dockerConfigPath(call.io, call.keychains.configDir);
    const isUsed = !isDocker || used.credential?.detail === credential.detail;
    const note = isUsed ? "" : `, but ${used.keychain ?? "nothing"} is used instead`;
    return verified
      ? { mark: isUsed ? "ok" : "warn", text: `accepted${note}` }
      : { mark: "dot", text: `${diagnosis?.message ?? "not tested"}${note}` };
  } catch (error) {
    if (!(error instanceof RegauthError)) throw error;
    const fix = error instanceof RegistryError && error.code === "refused" ? error.hint ?? "" : "";
    return { mark: "fail", text: `${messageOf(error)} ${fix}`.trim() };
  }
}

/** The credential of just this file or helper, whoever else knows the registry. */
async function credentialOf(
  { io, signal, keychains: { configDir } }: Call,
  { registry, where, stored }: KnownCredential,
  host: string,
): Promise<Credential | undefined> {
  if (stored === "environment") return undefined;
  if (stored === "helper") {
    return await helperGet(io, where.replace(/^docker-credential-/, ""), registry, { signal });
  }
  const style = where === dockerConfigPath(io, configDir) ? "pathScoped" : "containers";
  const config = await readDockerConfig(io, where, { style });
  return config && findCredential(config, { registry: host });
}

function show(
  { io, terminal, output: { result, style } }: Call,
  { registry, username, where, stored }: KnownCredential,
  { mark, text }: Verdict = { mark: "dot", text: "" },
): void {
  const paint = { ok: style.green, fail: style.red, warn: style.yellow, dot: style.dim }[mark];
  const host = nameOf(normalizeHost(hostOfKey(registry)));
  const name = style.bold(oneLine(registry.includes("*") ? registry : host || where));
  const user = username === undefined ? "" : `  ${oneLine(username)}`;
  result(`  ${paint(style.symbols[mark])} ${name}${user}`);
  const lines = [cleanText(oneLine(text), 500), `${stored}: ${oneLine(shortPath(io, where))}`];
  const columns = Math.min(terminal.columns() ?? 80, 100);
  result(wrapText(lines[0] ?? "", columns - 4).map((line) => `    ${line}`).join("\n"));
  result(style.dim(`    ${lines[1]}`));
}
