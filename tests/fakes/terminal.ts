/**
 * A terminal with somebody at it who answers by a script.
 *
 * @module
 */

import { RegauthError } from "../../lib/errors.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import type { EndSignal, StandardStream, Terminal } from "../../lib/terminal.ts";
import { stripStyles } from "../../lib/cli/width.ts";

/** What is done once a text is on the screen, behind what stood there at the step before. */
export type ScriptStep = readonly [
  seen: string,
  /** Keys to type, bytes to send, `null` to end the input, or anything else to do. */
  does: string | Uint8Array | null | ((terminal: ScriptedTerminal) => void),
];

/** How the terminal is. */
export interface ScriptedTerminalOptions {
  readonly args?: readonly string[];
  /** Which streams are terminals; all, unless said otherwise. */
  readonly streams?: Partial<Record<StandardStream, boolean>>;
  readonly columns?: number;
  readonly rows?: number;
  /** Whether it refuses raw mode. */
  readonly noRaw?: boolean;
  /** What the person does. */
  readonly script?: readonly ScriptStep[];
  /** Programs that get the terminal, by path; they return their exit code. */
  readonly programs?: Readonly<
    Record<string, (args: readonly string[]) => number | Promise<number>>
  >;
  /** Keys arrive in pieces of so many bytes; all at once if absent. */
  readonly piece?: number;
}

/** A terminal whose state can be looked at. */
export interface ScriptedTerminal extends Terminal {
  readonly written: Record<"stdout" | "stderr", string>;
  /** What the person saw: stderr, and what was typed while the terminal echoed. */
  readonly screen: string;
  readonly raw: boolean;
  /** Steps of the script that have not been reached. */
  readonly remaining: number;
  /** Exit codes that were asked for. */
  readonly exits: readonly number[];
  /** How many want to hear of signals. */
  readonly listeners: number;
  /** Sends a signal. */
  send(signal: EndSignal): void;
  /** Types keys without being asked. */
  type(keys: string): void;
}

/** @param options How the terminal is. */
export function scriptedTerminal(options: ScriptedTerminalOptions = {}): ScriptedTerminal {
  const { streams = {}, columns = 80, rows = 24, noRaw = false, piece = Infinity } = options;
  const script = [...options.script ?? []];
  const written = { stdout: "", stderr: "" };
  const input: (Uint8Array | null)[] = [];
  const listeners = new Set<readonly [EndSignal, () => void]>();
  const exits: number[] = [];
  let screen = "";
  let unread = "";
  let raw = false;
  let wake = () => {};

  function put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += piece) input.push(bytes.slice(at, at + piece));
    wake();
  }

  function type(keys: string): void {
    const text = raw ? keys : keys.replaceAll("\r", "\n");
    if (!raw) screen += text;
    put(new TextEncoder().encode(text));
  }

  /** One step for each text that is seen, so that what follows sees what was typed. */
  function play(): void {
    const step = script[0];
    if (step === undefined) return;
    const seen = stripStyles(unread);
    const at = seen.indexOf(step[0]);
    if (at === -1) return;
    script.shift();
    unread = seen.slice(at + step[0].length);
    const does = step[1];
    if (typeof does === "string") type(does);
    else if (typeof does === "function") does(terminal);
    else if (does === null) {
      input.push(null);
      wake();
    } else put(does);
  }

  const terminal: ScriptedTerminal = {
    args: options.args ?? [],
    executable: "/usr/bin/regauth",
    compiled: true,
    written,
    exits,
    get screen(): string {
      return screen;
    },
    get raw(): boolean {
      return raw;
    },
    get remaining(): number {
      return script.length;
    },
    get listeners(): number {
      return listeners.size;
    },
    isTerminal: (stream) => streams[stream] ?? true,
    columns: () => columns,
    rows: () => rows,
    write(stream, text): void {
      written[stream] += text;
      if (stream !== "stderr") return;
      screen += text;
      unread += text;
      play();
    },
    readAll: () => Promise.reject(new RegauthError("usage", "nothing is piped here")),
    async read(buffer): Promise<number | null> {
      if (written.stderr === "") play();
      if (input.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const bytes = input.shift() ?? null;
      if (bytes === null) return null;
      buffer.set(bytes);
      return bytes.length;
    },
    setRaw(on): void {
      if (noRaw) throw new TypeError("ENOTTY: inappropriate ioctl for device");
      raw = on;
    },
    onSignal(signal, heard): () => void {
      const listener = [signal, heard] as const;
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    runHere: async (program, args) => await options.programs?.[program]?.(args) ?? 127,
    exit(code): never {
      exits.push(code);
      throw new Error(`exit ${code}`);
    },
    send(signal): void {
      for (const [wanted, heard] of listeners) if (wanted === signal) heard();
    },
    type,
  };
  return terminal;
}

/**
 * A world in memory whose sleeps end only when nothing else can happen: what waits for the pieces
 * of a paste or of a key gets all that were sent.
 */
export function idleIo(options?: MemoryIoOptions): MemoryIo {
  return {
    ...memoryIo(options),
    sleep: (_milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, 0);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        }, { once: true });
      }),
  };
}
