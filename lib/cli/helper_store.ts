/**
 * The verbs of the helper protocol that write: they keep what `docker login` hands over in the
 * store that regauth's own file names.
 *
 * @module
 */

import { loadConfig } from "../config_file.ts";
import { fromHelperAnswer } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import type { Io } from "../io.ts";
import { fieldOf, isJsonObject } from "../json_object.ts";
import { type CredentialStore, credentialStore, defaultStore, storeKey } from "../store.ts";
import { helperTarget } from "../reference.ts";
import type { Terminal } from "../terminal.ts";

/** Longest credential that is read, in bytes. */
const INPUT_LIMIT = 1024 * 1024;
const NO_SERVER = "no credentials server URL";
const NO_USERNAME = "no credentials username";

interface StoreCall {
  readonly terminal: Terminal;
  readonly io: Io;
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
export async function store({ terminal, io }: StoreCall): Promise<Reply> {
  const input = readObject(await terminal.readAll(INPUT_LIMIT));
  const [server, username, secret] = ["ServerURL", "Username", "Secret"].map((name) => {
    const value = fieldOf(input, name) ?? "";
    return typeof value === "string" ? value : "";
  });
  if (!server?.trim()) return { code: 1, text: NO_SERVER };
  if (!username) return { code: 1, text: NO_USERNAME };
  const credential = fromHelperAnswer(username, secret ?? "", "");
  if (credential) await (await openStore(io)).put(keyOf(server), credential, { io });
  return DONE;
}

/**
 * Forgets a credential; one that is not there is no error.
 *
 * @param call The streams and the outside world.
 * @returns Nothing, or what is missing.
 * @throws {RegauthError} If the store fails.
 */
export async function erase({ terminal, io }: StoreCall): Promise<Reply> {
  const server = (await terminal.readAll(INPUT_LIMIT)).trim();
  if (server === "") return { code: 1, text: NO_SERVER };
  await (await openStore(io)).erase(keyOf(server), { io });
  return DONE;
}

/**
 * Lists the user names by server, of what is kept.
 *
 * @param call The streams and the outside world.
 * @returns A JSON object.
 * @throws {RegauthError} If the store fails.
 */
export async function list({ io }: StoreCall): Promise<Reply> {
  const servers = await (await openStore(io)).list({ io });
  return { code: 0, text: JSON.stringify(Object.fromEntries(servers)) };
}

/** One key for all spellings of a registry; what is for a path on it stays apart. */
function keyOf(server: string): string {
  const { registry, repository } = helperTarget(server);
  return storeKey(registry, repository);
}

/** Only a store that was chosen: a secret must not end up in plain text without a word. */
async function openStore(io: Io): Promise<CredentialStore> {
  const { store: chosen, path } = await loadConfig(io);
  if (chosen !== undefined) return credentialStore(chosen, path);
  throw new RegauthError("usage", "Cannot keep credentials: no store is chosen", {
    subject: path ?? "store",
    hint: `Write "store": "${await defaultStore(io)}" into ${path}.`,
  });
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
