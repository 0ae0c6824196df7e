/**
 * The verbs of the helper protocol that write: they keep what `docker login` hands over in the
 * store that regauth's own file names, else in the helper that Docker asked before.
 *
 * @module
 */

import { dockerConfigPath } from "../auth_files.ts";
import { loadConfig } from "../config_file.ts";
import { fromHelperAnswer } from "../credential.ts";
import { beforeRegauth } from "../displaced_helpers.ts";
import { readDockerConfig } from "../docker_config.ts";
import { findHelper } from "../docker_lookup.ts";
import { RegauthError } from "../errors.ts";
import type { Io } from "../io.ts";
import { fieldOf, isJsonObject } from "../json_object.ts";
import { helperTarget, type Target } from "../reference.ts";
import {
  type CredentialStore,
  credentialStore,
  defaultStore,
  nativeStore,
  storeKey,
} from "../store.ts";
import type { Terminal } from "../terminal.ts";

/** Longest credential that is read, in bytes. */
const INPUT_LIMIT = 1024 * 1024;
const NO_SERVER = "no credentials server URL";
const NO_USERNAME = "no credentials username";

interface StoreCall {
  readonly terminal: Terminal;
  readonly io: Io;
  /** Name of the program, with its prefix. */
  readonly name: string;
  /** Hears that regauth's own file is broken. */
  readonly onBrokenConfig: (error: RegauthError) => void;
}

interface Reply {
  readonly code: 0 | 1;
  readonly text: string;
}

const DONE: Reply = { code: 0, text: "" };

/**
 * Keeps a credential: `{"ServerURL","Username","Secret"}` on standard input.
 *
 * @param call The streams and the outside world.
 * @returns Nothing, or what is missing.
 * @throws {RegauthError} `usage` if the input is not JSON, or if the store fails.
 */
export async function store(call: StoreCall): Promise<Reply> {
  const { terminal, io } = call;
  const input = readObject(await terminal.readAll(INPUT_LIMIT));
  const [server, username, secret] = ["ServerURL", "Username", "Secret"].map((name) => {
    const value = fieldOf(input, name) ?? "";
    return typeof value === "string" ? value : "";
  });
  if (!server?.trim()) return { code: 1, text: NO_SERVER };
  if (!username) return { code: 1, text: NO_USERNAME };
  if (isIgnored(io)) return DONE;
  const credential = fromHelperAnswer(username, secret ?? "", "");
  const [chosen] = await openStores(call, helperTarget(server));
  if (credential) await chosen.put(keyOf(server), credential, { io });
  return DONE;
}

/**
 * Forgets a credential, also in the helper that was asked before; one that is not there is no error.
 *
 * @param call The streams and the outside world.
 * @returns Nothing, or what is missing.
 * @throws {RegauthError} If the store fails.
 */
export async function erase(call: StoreCall): Promise<Reply> {
  const { terminal, io } = call;
  const server = (await terminal.readAll(INPUT_LIMIT)).trim();
  if (server === "") return { code: 1, text: NO_SERVER };
  if (isIgnored(io)) return DONE;
  for (const store of await openStores(call, helperTarget(server))) {
    await store.erase(keyOf(server), { io });
  }
  return DONE;
}

/**
 * Lists the user names by server, of what is kept.
 *
 * @param call The streams and the outside world.
 * @returns A JSON object.
 * @throws {RegauthError} If the store fails.
 */
export async function list(call: StoreCall): Promise<Reply> {
  const stores = await openStores(call);
  const lists = await Promise.all(stores.map((store) => store.list({ io: call.io })));
  const servers = lists.toReversed().flatMap((servers) => [...servers]);
  return { code: 0, text: JSON.stringify(Object.fromEntries(servers)) };
}

/** Where credentials come from elsewhere, tools may log in and out without effect. */
function isIgnored(io: Io): boolean {
  return io.env("REGAUTH_IGNORE_STORE")?.toLowerCase() === "true";
}

/** One key for all spellings of a registry; what is for a path on it stays apart. */
function keyOf(server: string): string {
  const { registry, repository } = helperTarget(server);
  return storeKey(registry, repository);
}

/**
 * The store that was chosen, then the helper that Docker asked before. A secret must not end up in
 * plain text without a word, so there is no other.
 */
async function openStores(
  { io, name, onBrokenConfig }: StoreCall,
  target?: Target,
): Promise<readonly [CredentialStore, ...CredentialStore[]]> {
  const { store: chosen, path } = await loadConfig(io, { onBroken: onBrokenConfig });
  const earlier = await earlierHelper(io, name.replace(/^docker-credential-/, ""), target);
  const behind = earlier === undefined || earlier === chosen ? [] : [nativeStore(earlier)];
  if (chosen !== undefined) return [credentialStore(chosen, path), ...behind];
  const [first] = behind;
  if (first) return [first];
  throw new RegauthError("usage", "Cannot keep credentials: no store is chosen", {
    subject: path ?? "store",
    hint: `Write "store": "${await defaultStore(io)}" into ${path}.`,
  });
}

/** The helper of a registry, or the one of all others, but for this program. */
async function earlierHelper(
  io: Io,
  suffix: string,
  target: Target | undefined,
): Promise<string | undefined> {
  const path = dockerConfigPath(io);
  // A config that Docker cannot read names nothing.
  const config = path && await readDockerConfig(io, path).catch(() => undefined);
  if (!config) return undefined;
  const before = await beforeRegauth(io, config, suffix);
  return target ? findHelper(before, target)?.suffix : before.credsStore || undefined;
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") throw new RegauthError("usage", "EOF");
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // The parser's message would quote the secret.
  }
  throw new RegauthError("usage", "Cannot store credentials: the input is not a JSON object");
}
