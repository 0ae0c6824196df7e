/**
 * `regauth check`: does the credential work, and for what? Asks the registry, changes nothing.
 *
 * @module
 */

import { mapBounded } from "../bounded.ts";
import { certificateReport } from "../certificate_report.ts";
import { RegistryError } from "../diagnosis.ts";
import { messageOf, RegauthError } from "../errors.ts";
import { ping } from "../ping.ts";
import { printable } from "../printable.ts";
import { verifyLogin } from "../registry.ts";
import type { RegistryClient } from "../registry_client.ts";
import { openResolver, type Resolved } from "../resolve.ts";
import { checkRights, type Right } from "../rights.ts";
import type { Call, CommandSpec } from "./command.ts";
import { Exit, exitCodeOf, failureFields } from "./exit.ts";
import { openNetwork } from "./network.ts";
import type { Output } from "./output.ts";
import { cleanText } from "./style.ts";

/** Registries are asked about so many images at a time. */
const AT_A_TIME = 8;

export const check: CommandSpec = {
  description: "Tells what is wrong and what to do. Nothing is left behind in the registry.",
  arguments: "<target...:string>",
  options: [
    { flags: "--push", description: "Also whether pushing is allowed." },
    { flags: "--delete", description: "Also whether deleting is allowed." },
    {
      flags: "--try-upload",
      description:
        "Prove it by an upload that is cancelled; some registries create the repository.",
    },
  ],
  examples: [
    ["Can I pull and push?", "regauth check --push ghcr.io/acme/app"],
    ["Does the login work?", "regauth check registry.example.com"],
    ["Many at once", "regauth check --json $(cat images.txt)"],
  ],
  run,
};

/** What was found out about one target. Absent is "not asked". */
interface Finding {
  readonly target: string;
  readonly found?: Resolved;
  readonly origin?: string;
  /** The challenge that the registry answers with; `none` if it lets everybody in. */
  readonly challenge?: "basic" | "bearer" | "none";
  readonly login?: boolean;
  readonly pull?: Right;
  readonly push?: Right;
  readonly delete?: Right;
  readonly notes: readonly string[];
  readonly failure?: unknown;
}

async function run(call: Call): Promise<number> {
  const { args, io, signal, trace, keychains, output } = call;
  const resolver = await openResolver({ ...keychains, io, signal, ...(trace ? { trace } : {}) });
  await using network = await openNetwork(call);
  let done = 0;
  const findings = await mapBounded(args, AT_A_TIME, async (text) => {
    const finding = await examine(call, network.client, text, resolver.resolve);
    if (args.length > 1) output.note(`${++done} of ${args.length}: ${finding.target}`);
    return finding;
  });
  for (const [index, finding] of findings.entries()) {
    if (output.json) {
      output.document(documentOf(finding));
    } else {
      if (index > 0) output.result("");
      await show(call, finding);
    }
  }
  const failed = findings.find(({ failure }) => failure !== undefined);
  return failed ? exitCodeOf(failed.failure) : Exit.done;
}

async function examine(
  { values, signal }: Call,
  client: RegistryClient,
  text: string,
  resolve: (image: string) => Promise<Resolved>,
): Promise<Finding> {
  // A password may have been pasted into it.
  let finding: Finding = { target: printable(text), notes: [] };
  try {
    const found = await resolve(text);
    finding = { ...finding, found };
    const { registry, repository, credential } = found;
    const { origin, way } = await ping(client, registry);
    finding = { ...finding, origin, challenge: way?.scheme ?? "none" };
    if (repository === undefined) {
      if (!credential) return finding;
      const { verified, diagnosis } = await verifyLogin(client, registry, credential);
      return { ...finding, login: verified, notes: diagnosis ? [diagnosis.message] : [] };
    }
    const { diagnosis, ...rights } = await checkRights(
      client,
      { ...found, repository },
      credential,
      {
        push: values.flag("push") || values.flag("tryUpload"),
        delete: values.flag("delete"),
        ...(values.flag("tryUpload")
          ? { tryUpload: "always" }
          : values.flag("push")
          ? { tryUpload: "existing" }
          : {}),
      },
    );
    return {
      ...finding,
      ...rights,
      ...(diagnosis ? { failure: new RegistryError(diagnosis) } : {}),
    };
  } catch (failure) {
    if (signal.aborted) throw failure;
    return { ...finding, failure };
  }
}

/** The machine-readable form; its field names are a contract. `null` is "not asked". */
function documentOf(finding: Finding): unknown {
  const { target, found, origin, challenge, login, pull, push, notes, failure } = finding;
  return {
    target,
    registry: found?.registry ?? "",
    repository: found?.repository ?? "",
    origin: origin ?? "",
    challenge: challenge ?? "",
    kind: found?.kind ?? "none",
    keychain: found?.keychain ?? "",
    username: found?.credential?.username ?? "",
    login: login ?? null,
    pull: pull ?? null,
    push: push ?? null,
    delete: finding.delete ?? null,
    notes,
    error: failure === undefined ? null : failureFields(failure),
  };
}

async function show({ io, signal, output }: Call, finding: Finding): Promise<void> {
  const { target, found, origin, challenge, login, pull, push, notes, failure } = finding;
  output.result(output.style.bold(target));
  if (found) row(output, found.credential !== undefined, "credential", credentialText(found));
  if (origin) row(output, true, "registry", `${origin}, ${CHALLENGES[challenge ?? "none"]}`);
  if (login !== undefined) row(output, login, "login", login ? "accepted" : "not tested");
  const rights = { pull, push, delete: finding.delete };
  for (const [name, right] of Object.entries(rights)) {
    if (right) {
      row(output, right === "no" ? false : right !== "unknown" || undefined, name, RIGHTS[right]);
    }
  }
  for (const note of notes) row(output, undefined, "note", cleanText(note));
  if (failure === undefined) return;
  row(output, false, "problem", cleanText(messageOf(failure)));
  if (failure instanceof RegauthError && failure.hint) {
    output.result(`    ${" ".repeat(10)}  ${cleanText(failure.hint)}`);
  }
  if (failure instanceof RegistryError && failure.diagnosis.id === "D-05" && found) {
    const report = await certificateReport(found.registry, { io, signal });
    for (const line of report?.lines ?? []) output.result(`    ${cleanText(line)}`);
  }
}

const CHALLENGES = {
  basic: "asks for name and password",
  bearer: "asks for a bearer token",
  none: "asks for nothing",
} as const;

const RIGHTS: Readonly<Record<Right, string>> = {
  yes: "allowed",
  no: "not allowed",
  claimed: "allowed, says the token",
  unknown: "cannot be told",
};

function credentialText({ kind, keychain, credential }: Resolved): string {
  if (!credential) return "none; asking as nobody";
  const user = credential.username === undefined ? kind : cleanText(credential.username, 80);
  return `${user}, from ${keychain}`;
}

/** One line: good, bad, or neither. */
function row(
  { result, style }: Output,
  good: boolean | undefined,
  name: string,
  text: string,
): void {
  const { ok, fail, dot } = style.symbols;
  const mark = good === undefined ? style.dim(dot) : good ? style.green(ok) : style.red(fail);
  result(`  ${mark} ${name.padEnd(10)}  ${text}`);
}
