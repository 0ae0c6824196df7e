/**
 * The whole program in memory, with a registry that checks names and passwords.
 *
 * @module
 */

import { run } from "../../cli.ts";
import type { MemoryIo, MemoryIoOptions } from "../../lib/memory_io.ts";
import { basicOf } from "./accounts.ts";
import { failure, unauthorized } from "./internet.ts";
import {
  idleIo,
  type ScriptedTerminal,
  scriptedTerminal,
  type ScriptedTerminalOptions,
} from "./terminal.ts";

/** How one call ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly io: MemoryIo;
  readonly terminal: ScriptedTerminal;
}

/** The world of one call. */
export interface SetupWorld extends MemoryIoOptions {
  readonly stdin?: string;
  /** What a person types; without it nobody is there. */
  readonly script?: ScriptedTerminalOptions["script"];
  readonly screen?: ScriptedTerminalOptions;
  /** Another world to go on in. */
  readonly io?: MemoryIo;
  /** Puts something between the program and the world. */
  readonly wrap?: (io: MemoryIo) => MemoryIo;
}

/** Docker's file, and regauth's own folder. */
export const DOCKER = "/home/me/.docker/config.json";
export const OWN = "/home/me/.config/regauth";

const NOBODY = { stdin: false, stdout: false, stderr: false } as const;

/** Calls the program. */
export async function regauth(args: readonly string[], world: SetupWorld = {}): Promise<Ran> {
  const { stdin = "", script, screen = {}, wrap = (io) => io, ...options } = world;
  const io = world.io ?? idleIo({
    fetch: basicRegistry({ robot: "robot-secret" }),
    ...options,
    env: { HOME: "/home/me", LANG: "C.UTF-8", TERM: "xterm", ...options.env },
  });
  const terminal = scriptedTerminal({
    streams: script ? {} : NOBODY,
    ...screen,
    args,
    ...(script ? { script } : {}),
  });
  const piped = { readAll: () => Promise.resolve(stdin) };
  const code = await run(Object.assign(terminal, piped), wrap(io));
  return { code, ...terminal.written, io, terminal };
}

/** A registry under every name that wants name and password, with one repository: `team/hello`. */
export function basicRegistry(
  users: Readonly<Record<string, string>>,
): (request: Request) => Response {
  return ({ headers, method, url }) => {
    const [user = "", password] = basicOf(headers.get("authorization") ?? "") ?? [];
    if (password === undefined || users[user] !== password) {
      return unauthorized('Basic realm="x"');
    }
    const { pathname } = new URL(url);
    if (pathname === "/v2/") return new Response("{}");
    if (method === "POST") {
      return new Response(null, { status: 202, headers: { location: `${pathname}1` } });
    }
    if (pathname.startsWith("/v2/team/hello/")) {
      return Response.json({ name: "team/hello", tags: ["1"] });
    }
    return failure(404, "NAME_UNKNOWN");
  };
}

/** An entry of Docker's file. */
export function saved(host: string, user: string, password: string): string {
  return JSON.stringify({ auths: { [host]: { auth: btoa(`${user}:${password}`) } } });
}
