/**
 * Traps with credential helpers: those that are missing, do not work, let others wait, or have one
 * identity where several are wanted.
 *
 * @module
 */

import { configPath } from "./config_path.ts";
import { helperOf } from "./docker_config.ts";
import { hostOfKey } from "./docker_keys.ts";
import type { ExaminedFile } from "./doctor_files.ts";
import { parseEcrHost } from "./ecr_host.ts";
import { messageOf, RegauthError } from "./errors.ts";
import { type Finding, shellWord } from "./finding.ts";
import { detectDefaultStore, helperList } from "./helper.ts";
import { type Context, homeOf, joinPath } from "./io.ts";
import { normalizeHost } from "./reference.ts";

/** Milliseconds after which a helper that has not answered counts as hanging. */
const PATIENCE = 5_000;
/** Milliseconds after which somebody notices. */
const SLOW = 1_000;
/** What regauth itself is called as a helper. */
const SELF = "regauth";

/** A helper, and who named it. */
interface NamedHelper {
  readonly suffix: string;
  readonly file: string;
  /** A host that it is named for; absent if it is for all. */
  readonly host?: string;
}

/**
 * Starts every helper that is named, for a list of what it has, and looks how it does.
 *
 * @param context The outside world.
 * @param files The files that name helpers.
 * @returns What is wrong.
 */
export async function examineHelpers(
  context: Context,
  files: readonly ExaminedFile[],
): Promise<readonly Finding[]> {
  const named = files.flatMap(namedHelpers);
  const first = [...new Map(named.toReversed().map((helper) => [helper.suffix, helper])).values()];
  const found = await Promise.all(first.map((helper) => examineHelper(context, helper)));
  return [...found.flat(), ...await usualStore(context, files), ...oneIdentity(named)];
}

function namedHelpers({ path, config }: ExaminedFile): readonly NamedHelper[] {
  const { credsStore, credHelpers } = config;
  const hosts = Object.keys(credHelpers).map((key) => ({
    suffix: helperOf(config, key),
    file: path,
    host: normalizeHost(hostOfKey(key)),
  }));
  const all = [...(credsStore === "" ? [] : [{ suffix: credsStore, file: path }]), ...hosts];
  return all.filter(({ suffix }) => suffix !== "");
}

async function examineHelper(
  context: Context,
  { suffix, file, host }: NamedHelper,
): Promise<readonly Finding[]> {
  const { io, signal } = context;
  const subject = `docker-credential-${suffix}`;
  const install = `regauth helper install ${host === undefined ? "--all" : shellWord(host)}`;
  const started = io.now().getTime();
  try {
    await helperList(io, suffix, { timeout: PATIENCE, ...(signal ? { signal } : {}) });
  } catch (error) {
    signal?.throwIfAborted();
    return [await failureOf(context, error, { suffix, file }, install)];
  }
  const milliseconds = io.now().getTime() - started;
  return milliseconds < SLOW ? [] : [{
    name: "helper-slow",
    severity: "warning",
    subject,
    message:
      `"${subject}" takes ${(milliseconds / 1000).toFixed(1)} s to answer, and every pull and ` +
      "build waits for it",
    command: install,
  }];
}

async function failureOf(
  { io }: Context,
  error: unknown,
  { suffix, file }: NamedHelper,
  install: string,
): Promise<Finding> {
  const subject = `docker-credential-${suffix}`;
  const message = messageOf(error);
  if (error instanceof RegauthError && error.code === "helper-missing") {
    const why = suffix.startsWith("desktop")
      ? "Docker Desktop left it behind, or is on the other side of WSL"
      : "Docker fails with it, or goes on without credentials";
    return {
      name: "helper-missing",
      severity: "error",
      subject,
      message: `"${file}" names "${subject}", and no folder of PATH holds it: ${why}`,
      command: suffix === SELF ? "regauth helper install" : install,
    };
  }
  const place = { subject, severity: "error" } as const;
  if (/timed out/.test(message)) {
    const hangs =
      `"${subject}" has not answered in ${PATIENCE / 1000} s; nothing that asks it has a ` +
      "limit";
    return { ...place, name: "helper-slow", message: hangs, command: install };
  }
  if (/not (?:implemented|supported)|unsupported/i.test(message)) {
    return {
      ...place,
      severity: "note",
      name: "helper-silent",
      message: `"${subject}" cannot say what it has, so that no list is complete`,
      command: "regauth ls",
    };
  }
  const isEmptyPass = suffix === "pass" && !await hasPassStore(io);
  return {
    ...place,
    name: "helper-broken",
    message: isEmptyPass ? `"${subject}" has no store: pass has never been set up` : message,
    command: isEmptyPass ? 'pass init "$(git config user.email)"' : "regauth helper install --all",
  };
}

async function hasPassStore(io: Context["io"]): Promise<boolean> {
  const home = homeOf(io);
  const folder = io.env("PASSWORD_STORE_DIR") || (home && joinPath(io, home, ".password-store"));
  return folder
    ? await io.stat(joinPath(io, folder, ".gpg-id")).catch(() => undefined) !== undefined
    : false;
}

/** Docker takes the usual store by itself where its config names none, whether it works or not. */
async function usualStore(
  context: Context,
  files: readonly ExaminedFile[],
): Promise<readonly Finding[]> {
  const { io } = context;
  const docker = files.find(({ isDocker }) => isDocker);
  const { auths = {}, credHelpers = {}, credsStore = "" } = docker?.config ?? {};
  if (credsStore || Object.keys({ ...auths, ...credHelpers }).length > 0) return [];
  const suffix = await detectDefaultStore(io);
  if (suffix === undefined) return [];
  const file = docker?.path ?? configPath(io) ?? "";
  const found = await examineHelper(context, { suffix, file });
  return found.filter(({ name }) => name === "helper-broken").map((finding) => ({
    ...finding,
    severity: "warning",
    message:
      `Docker would choose the installed store by itself, and logins would fail: ${finding.message}`,
  }));
}

/** Helpers of a cloud have one identity, whatever they are named for. */
function oneIdentity(named: readonly NamedHelper[]): readonly Finding[] {
  const accounts = named.filter(({ suffix }) => suffix === "ecr-login").flatMap(({ host = "" }) => {
    const account = parseEcrHost(host)?.account;
    return account === undefined ? [] : [[account, host] as const];
  });
  const hosts = [...new Map(accounts).values()];
  const [, second] = hosts;
  return second === undefined ? [] : [{
    name: "one-identity",
    severity: "note",
    subject: "docker-credential-ecr-login",
    message:
      `"docker-credential-ecr-login" shows one identity to ${hosts.length} accounts of AWS; ` +
      "regauth takes a profile or role for each",
    command: `regauth config set ${shellWord(second)} keychain=ecr profile=NAME`,
  }];
}
