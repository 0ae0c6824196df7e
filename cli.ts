/**
 * The program: the credential-helper protocol, or a command. It loads only what the call needs.
 *
 * @module
 */

import { denoIo, denoTerminal } from "./lib/deno_io.ts";
import { messageOf } from "./lib/errors.ts";
import type { Io } from "./lib/io.ts";
import { later } from "./lib/later.ts";
import type { Terminal } from "./lib/terminal.ts";
import { isHelperCall, speakHelperProtocol } from "./lib/cli/helper_protocol.ts";

/**
 * Runs the program once.
 *
 * @param terminal Arguments and streams.
 * @param io The outside world.
 * @returns The exit code.
 */
export async function run(
  terminal: Terminal = denoTerminal(),
  io: Io = denoIo(),
): Promise<number> {
  if (isHelperCall(terminal)) return await speakHelperProtocol(terminal, io);
  const { runCommandLine } = await later<typeof import("./lib/cli/command_line.ts")>(
    "./lib/cli/command_line.ts",
    import.meta.url,
  );
  return await runCommandLine(terminal, io);
}

/**
 * Runs the program and ends it with its exit code.
 */
export async function main(): Promise<never> {
  const terminal = denoTerminal();
  try {
    return terminal.exit(await run(terminal));
  } catch (thrown) {
    // Not even a failure could be told, such as on a full disk.
    try {
      terminal.write("stderr", `error: ${messageOf(thrown)}\n`);
    } catch {
      // Nobody is left to be told.
    }
    return terminal.exit(1);
  }
}

if (import.meta.main) await main();
