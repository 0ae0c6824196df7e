/**
 * Runs a command within the test, in a world of its own.
 *
 * @module
 */

import { runCommandLine } from "../../lib/cli/command_line.ts";
import type { Io } from "../../lib/io.ts";
import { type ScriptedTerminal, scriptedTerminal } from "./terminal.ts";

/** How a command ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command whose streams are no terminals.
 *
 * @param args Its arguments.
 * @param io Its outside world.
 * @param started Gets the terminal, to send signals.
 * @returns How it ended.
 */
export async function runCommand(
  args: readonly string[],
  io: Io,
  started: (terminal: ScriptedTerminal) => void = () => {},
): Promise<CommandResult> {
  const streams = { stdin: false, stdout: false, stderr: false };
  const terminal = scriptedTerminal({ args, streams });
  started(terminal);
  const code = await runCommandLine(terminal, io);
  return { code, ...terminal.written };
}
