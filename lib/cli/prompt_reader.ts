/**
 * Keys from the terminal, read all the time from the first question to the last. So Ctrl-C works
 * also while nothing is asked, and what was typed ahead can be thrown away before a question.
 *
 * @example
 * ```ts
 * import { openKeys } from "./prompt_reader.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { scriptedTerminal } from "../../tests/fakes/terminal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const terminal = scriptedTerminal({ script: [["", "abc\r"]] });
 * const keys = openKeys(terminal, memoryIo());
 * assertEquals(await keys.next(), { name: "text", text: "abc" });
 * assertEquals(await keys.next(), { name: "enter" });
 * keys.close();
 * ```
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { EndSignal, Terminal } from "../terminal.ts";
import { type Key, takeKey } from "./keys.ts";
import { Cancelled } from "./question.ts";

/** Keys from the terminal. */
export interface Keys {
  /** Ends with {@linkcode Cancelled} at Ctrl-C or a signal. */
  readonly signal: AbortSignal;

  /**
   * @returns The next key.
   * @throws {Cancelled} At Ctrl-C or a signal.
   * @throws {RegauthError} `usage` at the end of input.
   */
  next(): Promise<Key>;

  /**
   * Throws away what has been typed, with the rest of a paste that is still coming.
   *
   * @returns What it was.
   */
  drop(): Promise<string>;

  /**
   * Switches raw mode.
   *
   * @param on Whether to switch it on.
   * @returns Whether the terminal did.
   */
  setRaw(on: boolean): boolean;

  /** Restores the terminal. It may be called more than once. */
  close(): void;
}

/** A sequence of a key arrives in one go; an ESC with nothing behind it for so long is the key. */
const ESCAPE_WAIT = 50;
/** Pieces of one paste follow one another faster than this, also through SSH. */
const PASTE_WAIT = 30;
const PASTE_ROUNDS = 100;
const END_SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Starts reading keys. A read that waits cannot be taken back, so this is done once in a program,
 * and the program ends with {@linkcode Terminal.exit}.
 *
 * @param terminal Where from.
 * @param io Its clock.
 * @returns The keys.
 */
export function openKeys(terminal: Terminal, io: Io): Keys {
  const interrupted = new AbortController();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let waiting = "";
  let received = 0;
  let open = true;
  let ended = false;
  let raw = false;
  let news = Promise.withResolvers<void>();

  function wake(): void {
    news.resolve();
    news = Promise.withResolvers<void>();
  }

  async function pump(): Promise<void> {
    const buffer = new Uint8Array(4096);
    while (open) {
      // A terminal that went away fails; that is an end of input as well.
      const count = await terminal.read(buffer).catch(() => null);
      if (count === null) break;
      received += count;
      waiting += decoder.decode(buffer.subarray(0, count), { stream: true });
      if (waiting.includes("\x03")) interrupt("SIGINT");
      wake();
    }
    ended = true;
    wake();
  }

  /** The second time whoever should have heard the first is stuck. */
  function interrupt(by: EndSignal): void {
    waiting = "";
    const cancelled = new Cancelled(by);
    if (interrupted.signal.aborted) {
      close();
      terminal.exit(cancelled.exitCode);
    }
    interrupted.abort(cancelled);
    wake();
  }

  async function moreFollows(): Promise<boolean> {
    const enough = new AbortController();
    const waited = io.sleep(ESCAPE_WAIT, enough.signal).then(() => false, () => false);
    const follows = await Promise.race([news.promise.then(() => true), waited]);
    enough.abort();
    return follows;
  }

  async function next(): Promise<Key> {
    let over = false;
    for (;;) {
      interrupted.signal.throwIfAborted();
      const taken = waiting === "" ? undefined : takeKey(waiting, over || ended);
      if (taken) {
        waiting = waiting.slice(taken.length);
        return taken.key;
      }
      if (ended) throw endOfInput();
      if (waiting === "") await news.promise;
      else over = !await moreFollows();
    }
  }

  async function drop(): Promise<string> {
    for (let round = 0, before = -1; round < PASTE_ROUNDS && before !== received; round++) {
      before = received;
      await io.sleep(PASTE_WAIT);
    }
    const dropped = waiting;
    waiting = "";
    return dropped;
  }

  function setRaw(on: boolean): boolean {
    if (raw === on) return true;
    try {
      terminal.setRaw(on);
    } catch {
      return false;
    }
    raw = on;
    return true;
  }

  function close(): void {
    open = false;
    setRaw(false);
    for (const stop of stops.splice(0)) stop();
  }

  const stops = END_SIGNALS.map((signal) => terminal.onSignal(signal, () => interrupt(signal)));
  pump();
  return { signal: interrupted.signal, next, drop, setRaw, close };
}

/** Ctrl-D, or the end of standard input, while an answer is needed. */
export function endOfInput(): RegauthError {
  return new RegauthError("usage", "Cannot go on: the input ended before an answer came", {
    subject: "stdin",
    hint: "Answer with options instead; see --help.",
  });
}
