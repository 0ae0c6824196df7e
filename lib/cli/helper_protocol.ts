/**
 * The Docker credential-helper protocol: one verb as argument, the server on standard input, the
 * answer or one line of error on standard output (docker-credential-helpers
 * `credentials/credentials.go`). Nothing else is ever written to standard output.
 *
 * @module
 */

import { type Credential, IDENTITY_TOKEN_USER } from "../credential.ts";
import { messageOf, RegauthError } from "../errors.ts";
import type { Io } from "../io.ts";
import { normalizeHost, parseTarget } from "../reference.ts";
import { openResolver } from "../resolve.ts";
import type { Terminal } from "../terminal.ts";
import { VERSION } from "../version.ts";

const PREFIX = "docker-credential-";
/** Longest server address that is read, in bytes. */
const INPUT_LIMIT = 64 * 1024;
const NOT_FOUND = "credentials not found in native keychain";
const NO_SERVER = "no credentials server URL";

/** An answer: exit code 0 with a text, or 1 with one line that says what is wrong. */
interface Reply {
  readonly code: 0 | 1;
  readonly text: string;
}

type Verb = (terminal: Terminal, io: Io, name: string) => Promise<Reply>;

const VERBS: Readonly<Record<string, Verb>> = {
  get,
  version: (_terminal, _io, name) =>
    Promise.resolve({ code: 0, text: `${name} (regauth) v${VERSION}` }),
};

/**
 * Whether the program was called as a credential helper: by its name, or by a verb alone.
 *
 * @param terminal Arguments and the name of the executable.
 * @returns Whether {@linkcode speakHelperProtocol} is to answer.
 */
export function isHelperCall(terminal: Terminal): boolean {
  const [verb = ""] = terminal.args;
  return programName(terminal).startsWith(PREFIX) ||
    (terminal.args.length === 1 && Object.hasOwn(VERBS, verb));
}

/**
 * Answers one call of the protocol.
 *
 * @param terminal Arguments and streams.
 * @param io The outside world.
 * @returns The exit code: 0, or 1 with the reason on standard output.
 */
export async function speakHelperProtocol(terminal: Terminal, io: Io): Promise<number> {
  const called = programName(terminal);
  const name = called.startsWith(PREFIX) ? called : `${PREFIX}${called}`;
  const { code, text } = await reply(terminal, io, name);
  if (text !== "") terminal.write("stdout", `${text}\n`);
  return code;
}

async function reply(terminal: Terminal, io: Io, name: string): Promise<Reply> {
  const [verb = ""] = terminal.args;
  const usage = `Usage: ${name} <${Object.keys(VERBS).join("|")}>`;
  if (verb === "--help" || verb === "-h") return { code: 0, text: usage };
  if (terminal.args.length !== 1) return { code: 1, text: usage };
  const answer = VERBS[verb === "--version" || verb === "-v" ? "version" : verb];
  if (!answer) return { code: 1, text: `${name}: unknown action: ${oneLine(verb)}` };
  try {
    return await answer(terminal, io, name);
  } catch (thrown) {
    const hint = thrown instanceof RegauthError && thrown.hint ? ` (${thrown.hint})` : "";
    return { code: 1, text: oneLine(`${messageOf(thrown)}${hint}`) };
  }
}

async function get(terminal: Terminal, io: Io, name: string): Promise<Reply> {
  const server = (await terminal.readAll(INPUT_LIMIT)).replaceAll(/\r?\n/g, "").trim();
  if (server === "") return { code: 1, text: NO_SERVER };
  const resolver = await openResolver({
    io,
    asHelper: name.slice(PREFIX.length),
    onBrokenConfig: (error) => terminal.write("stderr", `${name}: ${oneLine(error.message)}\n`),
  });
  const { credential } = await resolver.resolve(asTarget(server));
  const [username, secret] = credential ? helperFields(credential) : ["", ""];
  if (username === "" && secret === "") return { code: 1, text: NOT_FOUND };
  return {
    code: 0,
    text: JSON.stringify({ ServerURL: server, Username: username, Secret: secret }),
  };
}

/** Clients ask for a host, a URL, or (go-containerregistry) a repository. */
function asTarget(server: string): string {
  try {
    parseTarget(server);
    return server;
  } catch {
    return `https://${normalizeHost(server)}`;
  }
}

/** The protocol has no place for a registry token: it is as good as none. */
function helperFields({ username, password, identityToken }: Credential): [string, string] {
  if (identityToken) return [IDENTITY_TOKEN_USER, identityToken.reveal()];
  return [username ?? "", password?.reveal() ?? ""];
}

function programName({ compiled, executable }: Terminal): string {
  if (!compiled) return "regauth";
  const base = executable.replaceAll("\\", "/").split("/").at(-1) ?? "";
  return base.replace(/\.exe$/i, "");
}

function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\x00-\x1f\x7f]+/g, " ").trim();
}
