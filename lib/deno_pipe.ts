/**
 * Reads pipes and devices, such as the `<(…)` of a shell. Unlike a file one may keep its reader
 * waiting for ever, so the program goes on meanwhile, hears signals, and gives up in the end.
 *
 * @example
 * ```ts
 * import { readPipe } from "./deno_pipe.ts";
 * import { assertEquals } from "@std/assert";
 *
 * if (Deno.build.os !== "windows") assertEquals(await readPipe("/dev/null", 100), "");
 * ```
 *
 * @module
 */

import { fileError } from "./file_error.ts";

/** Milliseconds until a pipe has to be at its end. */
const PATIENCE = 10_000;

/**
 * Reads a pipe or device to its end.
 *
 * @param path Its path.
 * @param limit Bytes that are read at most.
 * @param patience Milliseconds until it has to be at its end.
 * @returns The text.
 * @throws {RegauthError} `config-io`
 */
export async function readPipe(path: string, limit: number, patience = PATIENCE): Promise<string> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject("ETIMEDOUT"), patience);
  const opening = Deno.open(path);
  try {
    const file = await Promise.race([opening, late.promise]);
    const buffer = new Uint8Array(64 * 1024);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let text = "";
    let size = 0;
    for (let count; (count = await Promise.race([file.read(buffer), late.promise])) !== null;) {
      size += count;
      if (size > limit) throw fileError("config-io", "read", path, "EFBIG");
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw fileError("config-io", "read", path, error);
  } finally {
    clearTimeout(timer);
    opening.then((file) => file.close(), () => {});
  }
}
