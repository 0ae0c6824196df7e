/**
 * Tries what a set-up leads to, before it is saved: does the registry answer, does it accept the
 * login, and what may be done with a repository.
 *
 * @module
 */

import type { Credential } from "../credential.ts";
import { RegistryError } from "../diagnosis.ts";
import { messageOf, RegauthError } from "../errors.ts";
import { helperGet } from "../helper.ts";
import type { Io } from "../io.ts";
import { overlayIo } from "../overlay_io.ts";
import { ping } from "../ping.ts";
import { applyPlan } from "../plan.ts";
import type { Access, Outcome } from "../recipe.ts";
import { isLoopbackHost, parseReference } from "../reference.ts";
import { verifyLogin } from "../registry.ts";
import type { RegistryClient } from "../registry_client.ts";
import { openResolver } from "../resolve.ts";
import { checkRights, type Right, type Rights } from "../rights.ts";
import { connectionChanges, findTargets } from "../targets.ts";
import type { Call } from "./command.ts";
import { openNetwork } from "./network.ts";
import type { Progress } from "./progress.ts";

/** What is tried. */
export interface Attempt {
  /** Registry host. */
  readonly host: string;
  /** What people call it. */
  readonly name: string;
  readonly outcome: Outcome;
  readonly access: Access;
  /** Repository to try, without the host. */
  readonly repository?: string;
}

/** What was found out. Absent is "not tried". */
export interface Tried {
  /** Whether the login was accepted; `undefined` if the registry did not ask for one. */
  readonly login?: boolean;
  readonly pull?: Right;
  readonly push?: Right;
  readonly repository?: string;
  /** Why it did not work. */
  readonly failure?: RegauthError;
}

/**
 * Tries an outcome, and tells each step.
 *
 * @param call The shared options and the outside world, which stays as it is but for log-ins that are
 * renewed.
 * @param attempt What is tried.
 * @param progress Who hears.
 * @returns What was found out; a failure is told, not thrown.
 */
export async function tryOutcome(
  call: Call,
  attempt: Attempt,
  progress: Progress,
): Promise<Tried> {
  const { host, outcome } = attempt;
  const world = overlayIo(call.io);
  const tried: { -readonly [K in keyof Tried]: Tried[K] } = {};
  try {
    if (outcome.kind === "credential") {
      await applyPlan({ io: world }, connectionChanges(host, outcome.connection));
    }
    await using network = await openNetwork({ ...call, io: world });
    await tryAll({ ...call, io: world }, call.io, network.client, attempt, progress, tried);
  } catch (error) {
    call.signal.throwIfAborted();
    if (!(error instanceof RegauthError)) throw error;
    tried.failure = error;
  }
  return tried;
}

async function tryAll(
  call: Call,
  real: Io,
  client: RegistryClient,
  attempt: Attempt,
  progress: Progress,
  tried: { -readonly [K in keyof Tried]: Tried[K] },
): Promise<void> {
  const { host, name, access, repository } = attempt;
  const { during, say } = progress;
  const { way, origin } = await during(`asking ${name}`, () => ping(client, host));
  say("ok", `${name} answers and asks for ${WANTS[way?.scheme ?? "nothing"]}`);
  if (origin.startsWith("http:") && !isLoopbackHost(host)) {
    say("warn", `${origin} does not encrypt what is sent`);
  }
  const credential = await during(
    "getting the credential",
    () => credentialOf(call, real, attempt),
  );
  const who = credential.username === undefined ? "" : ` for ${credential.username}`;
  const { verified, diagnosis } = await during(
    `trying the login${who}`,
    () => verifyLogin(client, host, credential),
  );
  if (verified) {
    tried.login = true;
    say("ok", `login accepted${who}`);
  } else {
    say("dot", diagnosis?.message ?? "the login was not tested");
  }
  if (repository === undefined) return;
  tried.repository = repository;
  // No tag was named, so none is missed.
  const { tag: _, ...image } = parseReference(`${host}/${repository}`);
  const rights = await during(
    `asking what may be done with ${repository}`,
    () =>
      checkRights(client, image, credential, {
        push: access === "push",
        ...(access === "push" ? { tryUpload: "existing" } : {}),
      }),
  );
  tried.pull = rights.pull;
  if (rights.push) tried.push = rights.push;
  const missing = rights.diagnosis && isMissing(rights, access) ? rights.diagnosis : undefined;
  // What is pushed to need not be there yet.
  if (missing?.id === "D-19" && access === "push" && rights.push !== "no") {
    return say("dot", `${repository} is not there yet; asking for a push might create it`);
  }
  sayRights(rights, repository, progress);
  if (missing) tried.failure = new RegistryError(missing);
}

const WANTS = {
  basic: "name and password",
  bearer: "a bearer token",
  nothing: "nothing",
} as const;

async function credentialOf(
  call: Call,
  real: Io,
  { host, outcome }: Attempt,
): Promise<Credential> {
  const { io, signal } = call;
  if (outcome.kind === "credential") return outcome.credential;
  if (outcome.kind === "helper") {
    const credential = await helperGet(io, outcome.helper, host, { signal });
    if (credential) return credential;
    throw new RegauthError(
      "no-credential",
      `Cannot log in: docker-credential-${outcome.helper} has no credential for ${host}`,
      { subject: host, hint: "Log in with the command line of the vendor first." },
    );
  }
  const [target] = await findTargets(call, host, outcome);
  await applyPlan(call, target?.plan ?? []);
  const resolver = await openResolver({ ...call.keychains, io: writingTo(real, io), signal });
  const { credential } = await resolver.resolve(host);
  if (credential) return credential;
  throw new RegauthError("no-credential", `Cannot log in: no keychain knows ${host}`);
}

/**
 * A world that reads one and writes another: what is tried is in the one alone, but a log-in that is
 * renewed on the way counts only once, so its new token must stay.
 */
function writingTo(real: Io, world: Io): Io {
  const { writePrivate, remove, lock } = real;
  return { ...world, writePrivate, remove, lock };
}

/** Whether a right that was asked for is known to be missing. */
function isMissing({ pull, push }: Rights, access: Access): boolean {
  return pull === "no" || (access === "push" && push === "no");
}

function sayRights({ pull, push, notes }: Rights, repository: string, { say }: Progress): void {
  const rights = Object.entries({ pull, push })
    .flatMap(([name, right]) => right === undefined ? [] : [{ name, right }]);
  for (const right of ["yes", "claimed", "unknown"] as const) {
    const names = rights.filter((one) => one.right === right).map(({ name }) => name);
    if (names.length === 0) continue;
    const text = `${names.join(" and ")} ${GRANTED[right]} on ${repository}`;
    say(right === "unknown" ? "dot" : "ok", text);
  }
  for (const note of notes) say("dot", note);
}

const GRANTED = {
  yes: "granted",
  claimed: "granted, says the token,",
  unknown: "not tested",
} as const;

/**
 * Tells why something did not work.
 *
 * @param failure Why.
 * @param progress Who hears.
 */
export function sayFailure(failure: RegauthError, { say }: Progress): void {
  const id = failure instanceof RegistryError ? ` (${failure.diagnosis.id})` : "";
  say("fail", `${messageOf(failure)}${id}`);
  if (failure.hint) say("dot", failure.hint);
}
