/**
 * The step of a set-up about what is there already: test it, keep it, replace it, or remove it.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import type { CredentialKind } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import { applyPlan } from "../plan.ts";
import { isUnchanged, previewPlan } from "../plan_preview.ts";
import { planRemoval } from "../removal.ts";
import { RECIPES } from "../registries/index.ts";
import { openResolver, type Resolved } from "../resolve.ts";
import { shortPath } from "../short_path.ts";
import { screenSize } from "./canvas.ts";
import { planLines } from "./plan_view.ts";
import { Cancelled } from "./prompts.ts";
import type { Session } from "./session.ts";
import { changesOf, SCHEMA } from "./setup_result.ts";
import { EXISTING, type Existing, nameOf, type SetupState } from "./setup_state.ts";
import { oneLine } from "./style.ts";
import { sayFailure, tryOutcome } from "./try.ts";
import type { Step, Stepped } from "./wizard.ts";

type State = SetupState;

/**
 * The steps about what is there already.
 *
 * @param session Who can be asked, and what is known.
 * @returns The steps.
 */
export function existingSteps(session: Session): readonly Step<State>[] {
  return [
    { id: "existing", run: (state, back) => existingStep(session, state, back) },
    { id: "deal-with-it", run: (state) => dealStep(session, state) },
  ];
}

async function existingStep(
  session: Session,
  state: State,
  back: boolean,
): Promise<Stepped<State>> {
  const { given, prompts, progress } = session;
  const { host } = state;
  if (host === undefined) return { state, asked: false };
  const found = await findExisting(session, host);
  const known = { ...state, ...(found ? { found } : {}) };
  const chosen = given.flag("replace") ? "replace" : givenExisting(session);
  if (!found?.credential) {
    if (chosen === undefined || chosen === "replace") {
      if (prompts) progress.say("dot", `nothing is saved for ${nameOf(host)} yet`);
      return { state: known, asked: false };
    }
    throw new RegauthError("no-credential", `Cannot ${chosen} a credential: none is saved`, {
      subject: host,
      hint: `Leave out --existing to set up ${nameOf(host)}.`,
    });
  }
  if (chosen) return { state: { ...known, existing: chosen }, asked: false };
  if (!prompts || given.hasSecret || given.text("method")) {
    return { state: { ...known, existing: "replace" }, asked: false };
  }
  const isNews = state.existing === undefined || state.found?.target !== host;
  if (isNews) progress.say("ok", `found: ${describeFound(session, found)}`);
  const existing = await prompts.select<Existing>({
    message: "What to do with it",
    choices: [
      { value: "test", label: "Test it", hint: "nothing is changed" },
      { value: "keep", label: "Keep it", hint: "and leave" },
      { value: "replace", label: "Replace it", hint: "by another one" },
      { value: "remove", label: "Remove it", ...cannotRemove(found) },
    ],
    default: isNews ? "test" : state.existing ?? "test",
    back,
  });
  return { state: { ...known, existing }, asked: true };
}

/** What is used for the host now. A helper that fails is no reason to stop: it may be replaced. */
async function findExisting(session: Session, host: string): Promise<Resolved | undefined> {
  const { io, signal, keychains } = session.call;
  try {
    const resolver = await openResolver({ ...keychains, io, signal });
    return await resolver.resolve(host);
  } catch (error) {
    if (!(error instanceof RegauthError) || !error.code.startsWith("helper-")) throw error;
    session.warn("helper-failed", error.message);
    return undefined;
  }
}

function givenExisting({ given }: Session): Existing | undefined {
  const text = given.text("existing");
  if (!text) return undefined;
  const existing = EXISTING.find((value) => value === text.value);
  if (existing) return existing;
  throw new RegauthError(
    "usage",
    `Cannot use ${text.source}: It is one of ${EXISTING.join(", ")}.`,
  );
}

/**
 * What is known of a credential, in a few words.
 *
 * @param session What is known.
 * @param found The credential.
 * @returns Such as `octocat, in ~/.docker/config.json, key "ghcr.io"`.
 */
export function describeFound({ call }: Pick<Session, "call">, found: Resolved): string {
  const { username, detail } = found.credential ?? {};
  const where = detail === undefined ? found.keychain : shortPath(call.io, detail);
  return oneLine(`${username ?? NAMELESS[found.kind]}, ${where ?? ""}`);
}

const NAMELESS: Readonly<Record<CredentialKind, string>> = {
  identityToken: "an identity token",
  registryToken: "a bearer token",
  basic: "a password without name",
  anonymous: "nobody",
  none: "nothing",
};

function cannotRemove({ keychain }: Resolved): { readonly disabled?: string } {
  return keychain === "env" || keychain === "flags"
    ? { disabled: "it comes from a variable or a flag" }
    : {};
}

async function dealStep(session: Session, state: State): Promise<Stepped<State>> {
  const { host, existing, found } = state;
  if (host === undefined || existing === undefined || !found) return { state, asked: false };
  switch (existing) {
    case "replace":
      return { state, asked: false };
    case "keep":
      tell(session, state, "Nothing was changed.", {});
      return { state, asked: false, end: true };
    case "remove":
      await removeSaved(session, host);
      return { state, asked: false, end: true };
    case "test":
      return await testFound(session, state, host, found);
  }
}

async function testFound(
  session: Session,
  state: State,
  host: string,
  found: Resolved,
): Promise<Stepped<State>> {
  const { call, given, prompts, progress } = session;
  const repository = given.text("repo")?.value ?? state.named;
  const tried = await tryOutcome(
    prompts ? { ...call, signal: AbortSignal.any([call.signal, prompts.signal]) } : call,
    {
      host,
      name: nameOf(host),
      outcome: { kind: "credential", credential: found.credential ?? {} },
      access: given.text("access")?.value === "push" ? "push" : "pull",
      ...(repository ? { repository } : {}),
    },
    progress,
  );
  if (prompts) {
    if (tried.failure) sayFailure(tried.failure, progress);
    const existing = tried.failure ? "replace" : "keep";
    return { state: { ...state, existing }, asked: false, goTo: "existing" };
  }
  if (tried.failure) throw tried.failure;
  const { login = null, pull = null, push = null } = tried;
  tell(session, state, "It works.", { verified: { login, pull, push } });
  return { state, asked: false, end: true };
}

/**
 * Removes what is saved for a host, after showing it.
 *
 * @param session Who can be asked, and what is known.
 * @param host Registry host.
 * @throws {Cancelled} If the user does not want it.
 * @throws {RegauthError} `usage` if nobody can be asked and nobody said yes.
 */
export async function removeSaved(session: Session, host: string): Promise<void> {
  const { call, given, prompts, say, style } = session;
  const { io, signal, trace, terminal, keychains: { configDir } } = call;
  const options = configDir === undefined ? {} : { configDir };
  const plan = await planRemoval({ io, signal }, host, isMaker, options);
  const preview = await previewPlan({ io, signal }, plan, options);
  const dryRun = given.flag("dry-run");
  if (isUnchanged(preview)) {
    const message = `Nothing is saved for ${nameOf(host)}; nothing was removed.`;
    return tell(session, { host, existing: "remove", texts: {} }, message, { applied: false });
  }
  const columns = Math.min(screenSize(terminal).columns, 100);
  for (const line of planLines(io, preview, { style, columns })) say(line);
  if (!dryRun && !given.flag("yes")) {
    if (!prompts) {
      throw new RegauthError(
        "usage",
        `Cannot ask questions here (${session.why}). Missing: --yes`,
        {
          hint: `Example: regauth setup ${nameOf(host)} --existing remove --yes`,
        },
      );
    }
    const isSure = await prompts.confirm({ message: "Remove it?", default: false, back: true });
    if (!isSure) throw new Cancelled("SIGINT");
  }
  if (!dryRun) {
    const recording = recordChanges(io, `remove ${nameOf(host)}`, trace);
    await applyPlan({ io: recording.io }, plan, options);
  }
  const message = dryRun ? "Nothing was written (--dry-run)." : "Removed. Undo: regauth undo";
  const changes = changesOf(session, preview);
  tell(session, { host, existing: "remove", texts: {} }, message, { changes, applied: !dryRun });
}

/** Helpers that make credentials and keep none, by the recipes that know them. */
function isMaker(helper: string): boolean {
  return RECIPES.some(({ programs }) => programs.includes(`docker-credential-${helper}`));
}

function tell(
  { call: { output }, warnings }: Session,
  { host = "", existing, found }: State,
  message: string,
  more: Readonly<Record<string, unknown>>,
): void {
  if (!output.json) return output.result(message);
  const { username = "" } = found?.credential ?? {};
  const base = { schema: SCHEMA, ok: true, registry: nameOf(host), action: existing, username };
  output.document({ ...base, ...more, warnings });
}
