/**
 * The question for the code of an MFA device.
 *
 * @module
 */

import type { Io } from "../io.ts";
import type { Terminal } from "../terminal.ts";
import { canAsk, openPrompts } from "./prompts.ts";

/**
 * Asks for the code, if a person is there.
 *
 * @param terminal The three streams.
 * @param io The environment and the clock.
 * @param device The device, as AWS names it.
 * @returns The code, or `undefined` if nobody can be asked.
 * @throws {Cancelled} If the user stops.
 */
export async function askMfaCode(
  terminal: Terminal,
  io: Io,
  device: string,
): Promise<string | undefined> {
  if (!canAsk(terminal, io).ask) return undefined;
  const prompts = openPrompts(terminal, io);
  try {
    return await prompts.input({
      message: `Code of the MFA device ${device}`,
      validate: (text) => /^\d{6}$/.test(text) ? undefined : "It is six digits.",
    });
  } finally {
    prompts.close();
  }
}
