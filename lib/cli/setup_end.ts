/**
 * The last steps of a set-up: try it, choose where it is kept, review it.
 *
 * @module
 */

import { basicAuthorization, type Credential, Secret } from "../credential.ts";
import { RegistryError } from "../diagnosis.ts";
import { RegauthError } from "../errors.ts";
import type { Platform } from "../io.ts";
import { isUnchanged, type Preview, previewPlan } from "../plan_preview.ts";
import type { Outcome, Remedy } from "../recipe.ts";
import { openResolver, type Resolved } from "../resolve.ts";
import { shortPath } from "../short_path.ts";
import { findTargets, type Target, TARGETS } from "../targets.ts";
import { screenSize } from "./canvas.ts";
import { Cancelled, type Choice, GoBack, type Prompts } from "./prompts.ts";
import { planLines } from "./plan_view.ts";
import type { Session } from "./session.ts";
import { setupCommand } from "./setup_command.ts";
import {
  answersOf,
  type Chosen,
  isChosen,
  nameOf,
  otherUser,
  outcomeOf,
  questionsOf,
  type SetupState,
} from "./setup_state.ts";
import { describeFound } from "./setup_existing.ts";
import { sayFailure, tryOutcome } from "./try.ts";
import type { Step, Stepped } from "./wizard.ts";

type State = SetupState;

/**
 * The steps after the questions.
 *
 * @param session Who can be asked, and what is known.
 * @returns The steps.
 */
export function endSteps(session: Session): readonly Step<State>[] {
  return [
    { id: "complete", run: (state) => completeStep(session, state) },
    { id: "try", run: (state) => tryStep(session, state) },
    { id: "target", run: (state, back) => targetStep(session, state, back) },
    { id: "review", run: (state, back) => reviewStep(session, state, back) },
  ];
}

/** Without anybody to ask, all that is missing is told at once, before anything is sent. */
async function completeStep(session: Session, state: State): Promise<Stepped<State>> {
  const { given, missing, prompts } = session;
  if (prompts) return { state, asked: false };
  const dryRun = given.flag("dry-run");
  let wanted = state;
  if (isChosen(state)) {
    // A secret that is missing does not hide what else is.
    const trial = state.secret ? state : { ...state, secret: new Secret("?") };
    const target = await chosenTarget(session, trial);
    wanted = { ...state, ...(target ? { target } : {}) };
    const needsConsent = !dryRun && target?.plaintext !== undefined;
    const isKnown = missing.every((flag) => flag.includes("--secret"));
    const other = target && isKnown
      ? otherUser(state, await previewOf(session, target))
      : undefined;
    if (other && !dryRun && !given.flag("replace")) missing.push("--replace");
    if (needsConsent && !given.flag("allow-plaintext")) missing.push("--allow-plaintext");
  }
  if (!given.flag("yes") && !dryRun) missing.push("--yes");
  if (missing.length === 0) return { state, asked: false };
  throw missingError(session, wanted);
}

function missingError({ missing, why }: Session, state: State): RegauthError {
  const example = setupCommand(state, missing.includes("--replace") ? ["--replace"] : []);
  return new RegauthError(
    "usage",
    `Cannot ask questions here (${why}). Missing: ${missing.join(", ")}`,
    { subject: missing.join(", "), hint: `Example: ${example}` },
  );
}

async function tryStep(session: Session, state: State): Promise<Stepped<State>> {
  const { call, given, prompts, progress } = session;
  if (!isChosen(state)) return { state, asked: false };
  const { host, access, repository } = state;
  if (given.flag("offline") || call.values.choice("verify") === false) {
    session.warn("not-verified", "This was not tried: the registry was not asked.");
    return { state, asked: false };
  }
  const outcome = outcomeOf(call.io, state);
  const name = nameOf(host);
  const attempt = { host, name, outcome, access, ...(repository ? { repository } : {}) };
  const tried = await tryOutcome(callOf(session), attempt, progress);
  const known = { ...state, tried };
  if (!tried.failure) return { state: known, asked: false };
  if (!prompts) throw tried.failure;
  return await afterFailure(session, known, tried.failure);
}

/** What is done while the user may interrupt by a key. */
function callOf({ call, prompts }: Session): Session["call"] {
  if (!prompts) return call;
  // Nothing else can be asked while the line that tells what is going on is drawn.
  const keychains = { ...call.keychains, askMfa: () => Promise.resolve(undefined) };
  return { ...call, keychains, signal: AbortSignal.any([call.signal, prompts.signal]) };
}

type Reaction = "remedy" | "correct" | "again" | "trust" | "save" | "leave";

async function afterFailure(
  session: Session,
  state: Chosen,
  failure: RegauthError,
): Promise<Stepped<State>> {
  const { prompts, progress } = session;
  sayFailure(failure, progress);
  const { realm, canTrust } = failure instanceof RegistryError ? failure.diagnosis.facts : {};
  const isNetwork = failure.code === "network";
  const remedy = state.way.remedy?.(failure, answersOf(state));
  const choices: Choice<Reaction>[] = [
    ...(remedy ? [{ value: "remedy" as const, label: remedy.label }] : []),
    { value: "correct", label: "Correct an answer" },
    { value: "again", label: "Try again" },
    ...(canTrust && realm
      ? [{
        value: "trust" as const,
        label: `Trust ${realm} with this login`,
        hint: "and try again",
      }]
      : []),
    { value: "save", label: "Save it all the same" },
    { value: "leave", label: "Leave", hint: "nothing is saved" },
  ];
  const reaction = await prompts?.select({
    message: "What now",
    choices,
    default: remedy ? "remedy" : isNetwork ? "again" : "correct",
  });
  switch (reaction) {
    case "remedy":
      if (remedy) await applyRemedy(session, remedy);
      return { state, asked: false, goTo: "try" };
    case "correct":
      return { state, asked: false, goTo: doubtful(state), then: ["try"] };
    case "again":
      return { state, asked: false, goTo: "try" };
    case "trust":
      return { state: { ...state, ...(realm ? { realm } : {}) }, asked: false, goTo: "try" };
    case "save":
      session.warn("not-verified", "This is saved although it did not work.");
      return { state, asked: false };
    default:
      return { state: { ...state, left: failure }, asked: false, end: true };
  }
}

/** A remedy that does not help is told; the next try tells what is still wrong. */
async function applyRemedy(session: Session, remedy: Remedy): Promise<void> {
  const { progress } = session;
  const { io, signal } = callOf(session);
  try {
    await remedy.run({ io, signal }, (line) => progress.say("dot", line));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RegauthError)) throw error;
    sayFailure(error, progress);
  }
}

/** The question whose answer is most likely wrong: the repository if the login works. */
function doubtful(state: Chosen): string {
  if (state.tried?.login && state.repository !== undefined) return "repo";
  const last = questionsOf(state).at(-1);
  return last?.id ?? "method";
}

async function targetsOf(session: Session, state: Chosen): Promise<readonly Target[]> {
  const { io, signal, keychains: { configDir } } = session.call;
  const outcome = outcomeOf(io, state);
  const options = configDir === undefined ? {} : { configDir };
  return await findTargets({ io, signal }, state.host, outcome, options);
}

/** The target that was given, or else the first one. */
async function chosenTarget(session: Session, state: Chosen): Promise<Target | undefined> {
  const targets = await targetsOf(session, state);
  const given = session.given.text("target");
  if (!given) return targets.find(({ unavailable }) => unavailable === undefined);
  const target = targets.find(({ id }) => id === given.value);
  if (target && target.unavailable === undefined) return target;
  const isKnown = TARGETS.some((id) => id === given.value);
  const why = target?.unavailable ??
    (isKnown ? "this set-up cannot be kept there" : "there is no such place");
  throw new RegauthError("usage", `Cannot use ${given.source} ${given.value}: ${why}`, {
    hint: `It can be ${
      targets.filter(({ unavailable }) => unavailable === undefined).map(({ id }) => id).join(", ")
    }.`,
  });
}

async function targetStep(session: Session, state: State, back: boolean): Promise<Stepped<State>> {
  const { given, prompts } = session;
  if (!isChosen(state)) return { state, asked: false };
  const open = (await targetsOf(session, state)).filter(({ unlikely }) => !unlikely);
  const isOnly = open.filter(({ unavailable }) => unavailable === undefined).length === 1;
  if (!prompts || given.text("target") || isOnly) {
    const target = await chosenTarget(session, state);
    return { state: { ...state, ...(target ? { target } : {}) }, asked: false };
  }
  const before = open.find(({ id }) => id === state.target?.id);
  const target = await prompts.select<Target>({
    message: "Keep it in",
    choices: open.map((target) => ({
      value: target,
      label: target.label,
      hint: target.hint,
      ...(target.unavailable === undefined ? {} : { disabled: target.unavailable }),
    })),
    ...(before ? { default: before } : {}),
    back,
  });
  return { state: { ...state, target }, asked: true };
}

async function reviewStep(session: Session, state: State, back: boolean): Promise<Stepped<State>> {
  const { call, given, prompts, say, style } = session;
  const { target } = state;
  if (!isChosen(state) || !target) return { state, asked: false };
  if (target.id === "env" && target.plan.length === 0) return { state, asked: false };
  const preview = await previewOf(session, target);
  if (isUnchanged(preview)) return { state: { ...state, upToDate: true }, asked: false };
  const { columns } = screenSize(call.terminal);
  const lines = planLines(call.io, preview, { style, columns: Math.min(columns, 100) });
  for (const line of lines) say(line);
  await warnBefore(session, state, preview);
  if (!prompts || given.flag("dry-run") || given.flag("yes")) return { state, asked: false };
  const other = otherUser(state, preview);
  const isRisky = other !== undefined || target.plaintext !== undefined;
  for (;;) {
    const choice = await prompts.select<"save" | "change" | "leave">({
      message: other === undefined ? "Save it" : `Replace the credential of ${other}`,
      choices: [
        { value: "save", label: "Yes, save it" },
        { value: "change", label: "Change an answer" },
        { value: "leave", label: "No, leave", hint: "nothing is saved" },
      ],
      default: isRisky ? "leave" : "save",
      back,
    });
    if (choice === "leave") throw new Cancelled("SIGINT");
    if (choice === "save") return { state, asked: true };
    const id = await chooseAnswer(prompts, answersFor(session, state));
    if (id === undefined) continue;
    // Another way has other questions; everything else is changed by itself.
    if (id === "access" || id === "method") return { state, asked: false, goTo: id };
    return { state, asked: false, goTo: id, then: [...(id === "target" ? [] : ["try"]), "review"] };
  }
}

/** The step of the answer to change; none if the user goes back. */
async function chooseAnswer(
  prompts: Prompts,
  choices: readonly Choice<string>[],
): Promise<string | undefined> {
  try {
    return await prompts.select<string>({ message: "Which one", choices, back: true });
  } catch (thrown) {
    if (thrown instanceof GoBack) return undefined;
    throw thrown;
  }
}

/** What would change. */
export async function previewOf({ call }: Session, target: Target): Promise<Preview> {
  const { io, signal, keychains: { configDir } } = call;
  return await previewPlan(
    { io, signal },
    target.plan,
    configDir === undefined ? {} : { configDir },
  );
}

/** What should be known before it is saved. */
async function warnBefore(session: Session, state: Chosen, preview: Preview): Promise<void> {
  const { call, facts, progress } = session;
  const { target } = state;
  // The home folder of a job ends with it.
  if (target?.plaintext !== undefined && !facts.ci) {
    const file = shortPath(call.io, target.plaintext);
    const user = userOf(outcomeOf(call.io, state)) ?? "you";
    const message =
      `stored unencrypted: whoever can read ${file} can ${state.access} as ${user}. ` +
      `${ENCRYPTED[call.io.platform]} would encrypt it.`;
    session.warn("plaintext-store", message);
  }
  const winner = await shadowOf(session, state, preview.world);
  if (winner) {
    const message = `${describeFound(session, winner)} still wins over what is saved here.`;
    session.warn("shadowed", message);
    if (session.given.flag("strict")) {
      throw new RegauthError("usage", `Cannot save it: ${message}`, {
        hint: "Remove the other one first, or leave out --strict.",
      });
    }
  } else if (state.found?.credential && !session.prompts) {
    progress.say("dot", `replaces ${describeFound(session, state.found)}`);
  }
}

/** What could be installed instead. */
const ENCRYPTED: Readonly<Record<Platform, string>> = {
  linux: "docker-credential-pass or docker-credential-secretservice",
  darwin: "docker-credential-osxkeychain",
  windows: "docker-credential-wincred",
};

/**
 * What is used for the host in a world, if it is not what the set-up led to.
 *
 * @param session The outside world.
 * @param state The set-up.
 * @param world The world as it is, or would be.
 * @returns The credential that is used instead; none if it is the right one.
 */
export async function shadowOf(
  { call }: Session,
  state: Chosen,
  world: Session["call"]["io"],
): Promise<Resolved | undefined> {
  const outcome = outcomeOf(call.io, state);
  if (state.target?.id === "podman") return undefined;
  // What a keychain would answer was tried; only variables come before regauth's own file.
  const keychains = outcome.kind === "keychain" ? { keychains: ["env"] } : {};
  const options = { ...call.keychains, ...keychains };
  const resolver = await openResolver({ ...options, io: world, signal: call.signal });
  const found = await resolver.resolve(state.host);
  return isOutcome(outcome, found) ? undefined : found;
}

function isOutcome(outcome: Outcome, { credential, keychain }: Resolved): boolean {
  switch (outcome.kind) {
    case "helper":
      return credential?.detail?.startsWith(`docker-credential-${outcome.helper}`) ?? false;
    case "keychain":
      return keychain === undefined;
    case "credential":
      return credential !== undefined && isSame(outcome.credential, credential);
  }
}

function isSame(one: Credential, other: Credential): boolean {
  return basicAuthorization(one) === basicAuthorization(other) &&
    one.identityToken?.reveal() === other.identityToken?.reveal() &&
    one.registryToken?.reveal() === other.registryToken?.reveal();
}

function userOf(outcome: Outcome): string | undefined {
  return outcome.kind === "credential" ? outcome.credential.username : undefined;
}

/** All answers, each with the step that asks for it. */
function answersFor(session: Session, state: Chosen): readonly Choice<string>[] {
  const { given } = session;
  const rows: readonly (readonly [id: string, name: string, value: string | undefined])[] = [
    ["access", "What for", state.access === "push" ? "pull and push" : "pull"],
    ["method", "Sign in with", state.way.title],
    ...questionsOf(state).map(({ id, kind, message }) => {
      const isSecret = kind === "secret" || kind === "file";
      return [id, message, isSecret ? state.texts[id] ?? "hidden" : state.texts[id]] as const;
    }),
    ["repo", "Repository to try", state.repository],
    ["target", "Keep it in", state.target?.label],
  ];
  const isOpen = (id: string): boolean => !given.text(id) && !(id === "secret" && given.hasSecret);
  const shown = rows.filter(([id, _, value]) => isOpen(id) && (value || id === "repo"));
  return shown.map(([id, name, value]) => ({
    value: id,
    label: name.replace(/ \(optional\)$/, ""),
    hint: value || "none",
  }));
}
