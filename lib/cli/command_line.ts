/**
 * Parses the command line and runs the command it names. The only file that knows the library
 * which parses.
 *
 * @module
 */

import { Command, ValidationError } from "@cliffy/command";
import { messageOf, RegauthError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Terminal } from "../terminal.ts";
import { readArguments, refuseEmptyValues } from "./arguments.ts";
import { type CommandSpec, type OptionSpec, type Values, valuesOf } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { Exit, exitCodeOf } from "./exit.ts";
import { commandHelp, programHelp } from "./help.ts";
import { untilInterrupted } from "./interrupt.ts";
import { openOutput, type Output } from "./output.ts";
import { canAsk } from "./prompts.ts";
import { keychainOptionsOf, SHARED_OPTIONS, timeoutOf } from "./shared_options.ts";
import { styleFor } from "./style.ts";

/**
 * Runs the command that the arguments name.
 *
 * @param terminal Arguments and streams.
 * @param io The outside world.
 * @returns The exit code; failures have been told.
 */
export async function runCommandLine(terminal: Terminal, io: Io): Promise<number> {
  const { args } = terminal;
  const early = outputOf(
    terminal,
    io,
    valuesOf({ color: !args.includes("--no-color"), json: args.includes("--json") }),
  );
  let entry: CommandEntry | undefined;
  try {
    const { words, command, help } = readArguments(args);
    entry = COMMANDS.find(({ name }) => name === command);
    if (words.length > 0 && !help) return await parseAndRun(words, entry, terminal, io);
    if (args.length === 0 && canAsk(terminal, io).ask) {
      const { menu } = await import("./menu.ts");
      return await runCommand(menu, { color: true }, [], terminal, io);
    }
    terminal.write(help ? "stdout" : "stderr", await helpText(entry, early, terminal));
    return help ? Exit.done : Exit.usage;
  } catch (thrown) {
    const hint = `See regauth ${entry ? `${entry.name} ` : ""}--help.`;
    const failure = thrown instanceof ValidationError
      ? new RegauthError("usage", messageOf(thrown), { hint })
      : thrown;
    early.fail(failure);
    return exitCodeOf(failure);
  }
}

async function helpText(
  entry: CommandEntry | undefined,
  { style }: Output,
  terminal: Terminal,
): Promise<string> {
  const layout = { style, columns: Math.min(terminal.columns() ?? 80, 100) };
  return entry
    ? commandHelp(entry, await entry.load(), layout)
    : programHelp(COMMANDS, SHARED_OPTIONS, layout);
}

/** Only the command at hand is loaded; the others are there for the sake of their names. */
async function parseAndRun(
  words: readonly string[],
  called: CommandEntry | undefined,
  terminal: Terminal,
  io: Io,
): Promise<number> {
  const root = new Command().name("regauth").throwErrors();
  addOptions(root, SHARED_OPTIONS, true);
  let exitCode: number = Exit.usage;
  for (const entry of COMMANDS) {
    const command = new Command().description(entry.summary);
    if (entry === called) {
      const spec = await entry.load();
      if (spec.arguments) command.arguments(spec.arguments);
      addOptions(command, spec.options ?? [], false);
      refuseEmptyValues(words, spec.options ?? []);
      command.action(async (options: unknown, ...given: unknown[]) => {
        exitCode = await runCommand(spec, options, given, terminal, io);
      });
    }
    root.command(entry.name, command);
  }
  await root.parse([...words]);
  return exitCode;
}

function addOptions(command: Command, options: readonly OptionSpec[], global: boolean): void {
  for (const { flags, description, collect = false } of options) {
    command.option(flags, description, { global, collect });
  }
}

async function runCommand(
  spec: CommandSpec,
  options: unknown,
  given: readonly unknown[],
  terminal: Terminal,
  io: Io,
): Promise<number> {
  const values = valuesOf(typeof options === "object" && options !== null ? { ...options } : {});
  const args = given.flat().filter((arg) => typeof arg === "string");
  // Newer versions of the library pass an unknown option on as an argument.
  const unknownOption = args.find((arg) => /^-./.test(arg));
  if (unknownOption !== undefined) throw new ValidationError(`Unknown option "${unknownOption}".`);
  const output = outputOf(terminal, io, values);
  try {
    const timeout = timeoutOf(values);
    return await untilInterrupted(terminal, (signal) =>
      spec.run({
        args,
        values,
        io,
        terminal,
        output,
        keychains: {
          ...keychainOptionsOf(values),
          warn: output.warn,
          askMfa: async (device) =>
            await (await import("./mfa.ts")).askMfaCode(terminal, io, device),
        },
        signal,
        ...(timeout === undefined ? {} : { timeout }),
        ...(values.flag("verbose") ? { trace: output.trace } : {}),
      }));
  } catch (thrown) {
    output.fail(thrown);
    return exitCodeOf(thrown);
  }
}

function outputOf(terminal: Terminal, io: Io, values: Values): Output {
  const color = values.flag("color") ? "auto" : "never";
  return openOutput(terminal, {
    json: values.flag("json"),
    quiet: values.flag("quiet"),
    stdoutStyle: styleFor(terminal, io, "stdout", color),
    stderrStyle: styleFor(terminal, io, "stderr", color),
  });
}
