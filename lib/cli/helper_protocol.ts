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
import { helperTarget } from "../reference.ts";
import { openResolver } from "../resolve.ts";
import type { Terminal } from "../terminal.ts";

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

/** One call. */
interface HelperCall {
  readonly terminal: Terminal;
  readonly io: Io;
  /** Name of the program, with its prefix. */
  readonly name: string;
  /** Hears that regauth's own file is broken, which must not stop Docker. */
  readonly onBrokenConfig: (error: RegauthError) => void;
}

const VERBS: Readonly<Record<string, (call: HelperCall) => Promise<Reply>>> = {
  store: async (call) => await (await import("./helper_store.ts")).store(call),
  get,
  erase: async (call) => await (await import("./helper_store.ts")).erase(call),
  list: async (call) => await (await import("./helper_store.ts")).list(call),
  async version({ name }) {
    const { VERSION } = await import("../version.ts");
    return { code: 0, text: `${name} (regauth) v${VERSION}` };
  },
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
    (terminal.args.length === 1 && (Object.hasOwn(VERBS, verb) || isVersionFlag(verb)));
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
  const onBrokenConfig = ({ message }: RegauthError): void =>
    terminal.write("stderr", `${name}: ${oneLine(message)}\n`);
  const { code, text } = await reply({ terminal, io, name, onBrokenConfig });
  if (text !== "") terminal.write("stdout", `${text}\n`);
  return code;
}

async function reply(call: HelperCall): Promise<Reply> {
  const { terminal, name } = call;
  const [verb = ""] = terminal.args;
  const usage = `Usage: ${name} <${Object.keys(VERBS).join("|")}>`;
  if (verb === "--help" || verb === "-h") return { code: 0, text: usage };
  if (terminal.args.length !== 1) return { code: 1, text: usage };
  const known = isVersionFlag(verb) ? "version" : verb;
  const answer = Object.hasOwn(VERBS, known) ? VERBS[known] : undefined;
  if (!answer) return { code: 1, text: `${name}: unknown action: ${oneLine(verb)}` };
  try {
    return await answer(call);
  } catch (thrown) {
    const hint = thrown instanceof RegauthError && thrown.hint ? ` (${thrown.hint})` : "";
    return { code: 1, text: oneLine(`${messageOf(thrown)}${hint}`) };
  }
}

async function get({ terminal, io, name, onBrokenConfig }: HelperCall): Promise<Reply> {
  const server = (await terminal.readAll(INPUT_LIMIT)).replaceAll(/\r?\n/g, "").trim();
  if (server === "") return { code: 1, text: NO_SERVER };
  const resolver = await openResolver({
    io,
    asHelper: name.slice(PREFIX.length),
    keepTokens: true,
    onBrokenConfig,
    warn: (message) => terminal.write("stderr", `${name}: ${oneLine(message)}\n`),
  });
  const { credential } = await resolver.resolve(helperTarget(server));
  const [username, secret] = credential ? helperFields(credential) : ["", ""];
  if (username === "" && secret === "") return { code: 1, text: NOT_FOUND };
  const answer = { ServerURL: server, Username: username, Secret: secret };
  return { code: 0, text: JSON.stringify(answer) };
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

function isVersionFlag(verb: string): boolean {
  return verb === "--version" || verb === "-v" || verb === "-V";
}

function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\x00-\x1f\x7f]+/g, " ").trim();
}
