/**
 * `regauth login`: check a credential against a registry, then save it.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { type Credential, Secret } from "../credential.ts";
import { dockerKeychain } from "../docker_keychain.ts";
import {
  checkSaving,
  type DockerStoreOptions,
  saveCredential,
  type SavedPlace,
} from "../docker_store.ts";
import { RegauthError } from "../errors.ts";
import { detectDefaultStore } from "../helper.ts";
import { credentialKey, HUB_HOST } from "../reference.ts";
import type { Call, CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { orAborted } from "./interrupt.ts";
import { loginTarget } from "./login_target.ts";
import { canAsk, openPrompts } from "./prompts.ts";
import { cleanText } from "./style.ts";
import { verify } from "./verify.ts";

/** Longest secret that is read from standard input, in bytes. */
const SECRET_LIMIT = 1024 * 1024;

export const login: CommandSpec = {
  description: "Without HOST it is Docker Hub. The credential is saved where Docker keeps it.",
  arguments: "[host:string]",
  options: [
    { flags: "-u, --username <name:string>", description: "User name." },
    { flags: "--password-stdin", description: "Read the password from standard input." },
    {
      flags: "-p, --password <text:string>",
      description: "Password; others on this machine can see it, use --password-stdin.",
    },
    { flags: "--no-verify", description: "Save without asking the registry." },
  ],
  examples: [
    ["Asks for name and password", "regauth login registry.example.com"],
    [
      "For Podman",
      "regauth login registry.example.com/team --authfile ~/.config/containers/auth.json",
    ],
    ["In a script", 'printf %s "$TOKEN" | regauth login ghcr.io -u octocat --password-stdin'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const { io, values, signal, trace, output } = call;
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(call.args[0] ?? "")) {
    throw new RegauthError("usage", "Cannot log in: only http and https are spoken");
  }
  const { host, name, place } = loginTarget(call);
  await checkSaving({ io, signal }, host, place);
  const credential = await credentialOf(call, host, place);
  if (!credential) return Exit.done;
  const verified = values.flag("verify") ? await verify(call, host, credential) : undefined;
  const recording = recordChanges(io, `login ${name}`, trace);
  const context = { io: recording.io, signal, ...(trace ? { trace } : {}) };
  const saved = await saveCredential(context, host, credential, place);
  await report(call, name, credential, verified, saved);
  if (output.json) {
    const { username = "" } = credential;
    const where = saved.helper ? `docker-credential-${saved.helper}` : saved.path;
    output.document({
      registry: host,
      username,
      verified: verified ?? null,
      where,
      key: saved.key,
    });
  }
  return Exit.done;
}

/** Asks for what was not given; `undefined` if a saved credential still works. */
async function credentialOf(
  call: Call,
  host: string,
  place: DockerStoreOptions,
): Promise<Credential | undefined> {
  const { values, terminal, io, signal, output } = call;
  const [username, password] = [values.text("username")?.trim(), values.text("password")];
  const fromInput = values.flag("passwordStdin");
  if (fromInput && password !== undefined) {
    throw new RegauthError("usage", "Cannot use both --password and --password-stdin");
  }
  if (fromInput && !username) {
    throw new RegauthError("usage", "Cannot use --password-stdin without --username");
  }
  if (fromInput) {
    const text = await orAborted(terminal.readAll(SECRET_LIMIT), signal);
    return checked(username, text.replace(/(?:\r\n|\n|\r)$/, ""));
  }
  if (password !== undefined) {
    output.warn("--password can be seen by others on this machine; use --password-stdin");
    if (username) return checked(username, password);
  }
  const saved = await savedCredential(call, host, place);
  if (!username && password === undefined && saved && await stillWorks(call, host, saved)) {
    return undefined;
  }
  const asked = canAsk(terminal, io);
  if (!asked.ask) throw missing(host, asked.why, username, password);
  const prompts = openPrompts(terminal, io);
  try {
    prompts.note(`Log in to ${host}.`);
    const known = saved?.username;
    const name = username ||
      await prompts.input({
        message: "User name",
        ...(known ? { default: known, from: "saved before" } : {}),
        validate: (text) => nameFault(text),
      });
    if (password !== undefined) return checked(name, password);
    return { username: name, password: await prompts.secret({ message: "Password or token" }) };
  } finally {
    prompts.close();
  }
}

function checked(username = "", password: string): Credential {
  const fault = nameFault(username);
  if (fault) throw new RegauthError("invalid-credential", `Cannot use this user name: ${fault}`);
  if (password.trim() === "") {
    throw new RegauthError("usage", "Cannot log in: the password is empty");
  }
  return { username, password: new Secret(password) };
}

function nameFault(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.includes(":")) return "it must not hold a colon";
  return /\p{Cc}/u.test(name) ? "it holds a control character" : undefined;
}

async function savedCredential(
  { io, signal }: Call,
  host: string,
  { scope, ...place }: DockerStoreOptions,
): Promise<Credential | undefined> {
  const target = { registry: host, ...(scope === undefined ? {} : { repository: scope }) };
  return await dockerKeychain(place).resolve(target, { io, signal });
}

async function stillWorks(call: Call, host: string, saved: Credential): Promise<boolean> {
  const { output } = call;
  const user = saved.username ?? "an identity token";
  try {
    if (!await verify(call, host, saved)) return false;
  } catch (error) {
    if (!(error instanceof RegauthError) || error.code !== "refused") throw error;
    output.note(`The saved credential of ${user} is refused by ${host}.`);
    return false;
  }
  if (output.json) {
    output.document({
      registry: host,
      username: saved.username ?? "",
      verified: true,
      where: saved.detail ?? "",
      key: credentialKey(host),
    });
  } else {
    output.result(cleanText(`Already logged in to ${host} as ${user}.`));
  }
  output.note(`  Another user: regauth login ${host} --username NAME`);
  return true;
}

function missing(host: string, why: string, username?: string, password?: string): RegauthError {
  const flags = [!username && "--username", password === undefined && "--password-stdin"];
  return new RegauthError(
    "usage",
    `Cannot ask questions here (${why}). Missing: ${flags.filter(Boolean).join(", ")}`,
    {
      subject: host,
      hint: `Example: printf %s "$TOKEN" | regauth login ${host} --username NAME --password-stdin`,
    },
  );
}

async function report(
  { io, output, keychains: { authFile } }: Call,
  name: string,
  { username }: Credential,
  verified: boolean | undefined,
  { path, helper, modeWarning }: SavedPlace,
): Promise<void> {
  const shown = name === HUB_HOST ? "Docker Hub" : name;
  if (!output.json) {
    const user = username ? ` as ${username}` : "";
    output.result(
      verified ? `Logged in to ${shown}${user}.` : `Saved for ${shown}${user}, not verified.`,
    );
  }
  if (verified === false) output.warn(`${shown} did not ask for a credential, so it was not tried`);
  if (helper) return output.note(`  Stored with docker-credential-${helper}.`);
  output.warn(`the password is stored unencrypted in ${path}: whoever reads it can act as you`);
  if (modeWarning) output.warn(modeWarning);
  const store = await detectDefaultStore(io);
  const field = authFile === undefined ? `"credsStore": "${store}"` : '"credHelpers"';
  output.note(
    store
      ? `  To avoid it: add ${field} to that file and log in again.`
      : "  To avoid it: install a credential helper, such as docker-credential-pass.",
  );
  const named = io.env("REGISTRY_AUTH_FILE");
  if (authFile === undefined && named && named !== path) {
    output.warn(`REGISTRY_AUTH_FILE names ${named}, which comes before it: see --authfile`);
  }
}
