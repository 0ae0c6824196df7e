/**
 * Signals that end the program: the work is told to stop, and waited for, but not for ever.
 *
 * @module
 */

import type { EndSignal, Terminal } from "../terminal.ts";
import { Cancelled } from "./question.ts";

const END_SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** Milliseconds for the work to end by itself; a helper that does not listen is killed sooner. */
const GRACE = 3000;

/**
 * Does work that ends at a signal.
 *
 * @param terminal Where signals come from.
 * @param work What to do, with the signal to obey.
 * @returns What the work returned.
 * @throws {Cancelled} If a signal ended it.
 */
export async function untilInterrupted<T>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  const late = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stops = END_SIGNALS.map((name) =>
    terminal.onSignal(name, () => {
      interrupted.abort(new Cancelled(name));
      timer ??= setTimeout(() => late.reject(signal.reason), GRACE);
    })
  );
  try {
    return await Promise.race([work(signal), late.promise]);
  } catch (thrown) {
    // Who was interrupted may say it in other words, or not know by what.
    throw signal.aborted ? signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop();
  }
}

/**
 * Waits for what knows no signals.
 *
 * @param work What to wait for.
 * @param signal Ends the waiting.
 * @returns What the work returned.
 * @throws The signal's reason.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
