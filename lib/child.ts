/**
 * Looks after a program that was started: hands it its input, reads its output up to a limit, and
 * ends it when it takes too long or says too much.
 *
 * @example
 * ```ts
 * import { attend } from "./child.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const child = new Deno.Command(Deno.execPath(), {
 *   args: ["eval", "console.log(prompt(''))"],
 *   stdin: "piped",
 *   stdout: "piped",
 *   stderr: "piped",
 * }).spawn();
 * const { code } = await attend(child, { stdin: "hello", timeout: 60_000, maxOutput: 1000 });
 * assertEquals(code, 0);
 * ```
 *
 * @module
 */

import type { RunOptions, RunResult } from "./io.ts";

/** Milliseconds from SIGTERM to SIGKILL, and from a program's end to that of its output. */
const GRACE = 2000;

/** A running program; `Deno.ChildProcess` is one. */
export interface Child {
  /** Its standard input; looked at only if there is something for it. */
  readonly stdin: WritableStream<Uint8Array>;
  /** Its standard output. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Its standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Its end. */
  readonly status: Promise<{ readonly code: number }>;
  /**
   * Sends it a signal.
   *
   * @param signal Which one.
   */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/**
 * Waits for the end of a program.
 *
 * What outlives it and still holds its output is not waited for: after 2 s the output is complete.
 *
 * @param child The program.
 * @param options Its input and its limits.
 * @returns How it ended.
 * @throws The signal's reason if the signal ended it.
 */
export async function attend(child: Child, options: RunOptions): Promise<RunResult> {
  const { stdin, timeout, maxOutput, signal } = options;
  const timers: ReturnType<typeof setTimeout>[] = [];
  const after = (milliseconds: number, action: () => void): void => {
    timers.push(setTimeout(action, milliseconds));
  };
  let ended: RunResult["ended"];
  const end = (): void => {
    kill(child, "SIGTERM");
    after(GRACE, () => kill(child, "SIGKILL"));
  };
  const endFor = (reason: "timeout" | "output-limit"): void => {
    if (ended !== undefined) return;
    ended = reason;
    end();
  };
  if (timeout > 0) after(timeout, () => endFor("timeout"));
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();

  const stdout = collect(child.stdout, maxOutput, () => endFor("output-limit"));
  const stderr = collect(child.stderr, maxOutput, () => endFor("output-limit"));
  const fed = stdin === undefined ? undefined : feed(child.stdin, stdin);
  const complete = Promise.withResolvers<void>();
  try {
    const { code } = await child.status;
    after(ended !== undefined || signal?.aborted ? 0 : GRACE, () => {
      stdout.stop();
      stderr.stop();
      complete.resolve();
    });
    const texts = await Promise.all([stdout.text, stderr.text]);
    await Promise.race([fed, complete.promise]);
    signal?.throwIfAborted();
    return { code, stdout: texts[0], stderr: texts[1], ...(ended === undefined ? {} : { ended }) };
  } finally {
    timers.forEach((timer) => clearTimeout(timer));
    signal?.removeEventListener("abort", end);
  }
}

function kill(child: Child, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/** Hands over the input; a program need not read it. */
async function feed(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // Broken pipe: how the program ended says more.
  }
}

/** Reads output up to a limit. */
function collect(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  exceeded: () => void,
): { readonly text: Promise<string>; stop(): void } {
  const reader = stream.getReader();
  const stop = (): void => void reader.cancel().catch(() => {});
  const read = async (): Promise<string> => {
    const decoder = new TextDecoder();
    let text = "";
    let length = 0;
    for (let part; !(part = await reader.read()).done;) {
      text += decoder.decode(part.value.subarray(0, limit - length), { stream: true });
      length += part.value.length;
      if (length > limit) {
        exceeded();
        stop();
        break;
      }
    }
    return text + decoder.decode();
  };
  return { text: read(), stop };
}
