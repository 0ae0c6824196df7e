/**
 * A real terminal, with a program in it: tmux draws what the program writes, and types keys.
 *
 * @module
 */

import { join } from "@std/path";
import { messageOf } from "../../lib/errors.ts";
import { runProcess, sandbox } from "../../scripts/sandbox.ts";

/** Milliseconds in which something expected must be on the screen. */
const PATIENCE = 20_000;
const POLL = 20;

/** How the terminal is. */
export interface TmuxOptions {
  readonly columns: number;
  readonly rows: number;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Variables beside those of the terminal. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A terminal with a program in it; disposing of it ends both. */
export interface Tmux extends AsyncDisposable {
  /** A temporary folder that goes with the terminal. */
  readonly folder: string;

  /** @returns What is on the screen, without blank ends. */
  screen(): Promise<string>;
  /** @returns The same, with what has scrolled off the screen. */
  history(): Promise<string>;
  /** @returns The text of a file in the folder, once it is there. */
  readOnceThere(name: string): Promise<string>;
  /** Waits until something is on the screen, so many times. */
  see(text: string, times?: number): Promise<void>;
  /** Types text, in pieces of so many characters. */
  type(text: string, piece?: number): Promise<void>;
  /** Presses keys by their names in tmux: `Enter`, `C-c`, `Down`. */
  press(...keys: string[]): Promise<void>;
  /** Pastes text as the terminal's menu would. */
  paste(text: string): Promise<void>;
  /** Makes the window another size. */
  resize(columns: number, rows: number): Promise<void>;
  /** Sends the program a signal. */
  signal(name: Deno.Signal): Promise<void>;
  /** Closes the window while the program runs. */
  close(): Promise<void>;
  /** Waits for the end of the program. */
  end(): Promise<TmuxEnd>;
}

/** How a program left its terminal. */
export interface TmuxEnd {
  readonly code: number;
  /** Whether the terminal shows what is typed, and takes it line by line. */
  readonly echo: boolean;
  readonly lines: boolean;
  readonly cursorShown: boolean;
  /** All bytes that came to the terminal. */
  readonly output: string;
}

/**
 * Opens a terminal.
 *
 * @param options Its size and its program.
 * @returns The terminal, with the program running.
 */
export async function openTmux(
  { columns, rows, command, env = {} }: TmuxOptions,
): Promise<Tmux> {
  const home = await sandbox();
  const folder = home.home;
  const socket = join(folder, "socket");
  const own = { ...home.env, LANG: "C.UTF-8" };

  async function tmux(...args: string[]): Promise<string> {
    const program = ["tmux", "-u", "-f", "/dev/null", "-S", socket, ...args];
    const { code, stdout, stderr } = await runProcess(program, { env: own });
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  }

  async function capture(...flags: string[]): Promise<string> {
    const text = await tmux("capture-pane", "-p", ...flags);
    return text.split("\n").map((line) => line.trimEnd()).join("\n").trimEnd();
  }

  async function until<T>(what: string, look: () => PromiseLike<T | undefined>): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > deadline) {
        const shown = await capture().catch(messageOf);
        throw new Error(`${what} did not come in ${PATIENCE / 1000} s:\n${shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  const readOnceThere = (name: string): Promise<string> =>
    until(name, () => Deno.readTextFile(join(folder, name)).catch(() => undefined));

  // The output is recorded from the first byte on: the program waits for that. Ctrl-C ends the
  // program alone.
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const script = `trap : INT
read -r go
env ${quote(assignments)} sh -c 'echo $$ > "$0"; exec "$@"' ${quote([`${folder}/pid`, ...command])}
echo $? > "${folder}/code.new"
stty -a > "${folder}/stty"
mv "${folder}/code.new" "${folder}/code"
exec cat
`;
  await Deno.writeTextFile(join(folder, "run.sh"), script);
  await Deno.writeTextFile(join(folder, "output"), "");
  const size = ["-x", `${columns}`, "-y", `${rows}`];
  await tmux(
    "new-session",
    "-d",
    "-c",
    folder,
    ...size,
    `exec sh ${quote([join(folder, "run.sh")])}`,
  );
  await tmux("pipe-pane", `exec cat >> ${quote([join(folder, "output")])}`);
  await tmux("send-keys", "Enter");

  return {
    folder,
    readOnceThere,
    screen: () => capture(),
    history: () => capture("-S", "-"),
    see: (text, times = 1) =>
      until(text, async () => (await capture()).split(text).length > times ? true : undefined)
        .then(() => {}),
    async type(text, piece = Infinity): Promise<void> {
      const characters = Array.from(text);
      const commands: string[] = [];
      for (let at = 0; at < characters.length; at += piece) {
        const keys = characters.slice(at, at + piece).join("");
        commands.push(...(at === 0 ? [] : [";"]), "send-keys", "-l", "--", keys);
      }
      await tmux(...commands);
    },
    press: async (...keys) => void await tmux("send-keys", ...keys),
    paste: async (text) => void await tmux("set-buffer", "--", text, ";", "paste-buffer"),
    resize: async (width, height) =>
      void await tmux("resize-window", "-x", `${width}`, "-y", `${height}`),
    async signal(name): Promise<void> {
      Deno.kill(Number(await Deno.readTextFile(join(folder, "pid"))), name);
    },
    close: async () => void await tmux("kill-server"),
    async end(): Promise<TmuxEnd> {
      const code = Number(await readOnceThere("code"));
      const stty = await Deno.readTextFile(join(folder, "stty"));
      return {
        code,
        echo: / echo /.test(stty),
        lines: / icanon /.test(stty),
        cursorShown: (await tmux("display-message", "-p", "#{cursor_flag}")).trim() === "1",
        output: await Deno.readTextFile(join(folder, "output")),
      };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      // It ends with its last program.
      await tmux("kill-server").catch(() => {});
      // The program may leave something behind while it ends.
      await until("Removal", () => home[Symbol.asyncDispose]().then(() => true, () => undefined));
    },
  };
}

/** Arguments for a shell. */
function quote(args: readonly string[]): string {
  return args.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
}
