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
import { type CommandSpec, type OptionSpec, type Values, valuesOf } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { Exit, exitCodeOf } from "./exit.ts";
import { commandHelp, programHelp } from "./help.ts";
import { openOutput, type Output } from "./output.ts";
import { keychainOptionsOf, SHARED_OPTIONS } from "./shared_options.ts";
import { styleFor } from "./style.ts";

/**
 * Runs the command that the arguments name.
 *
 * @param terminal Arguments and streams.
 * @param io The outside world.
 * @returns The exit code; failures have been told.
 */
export async function runCommandLine(terminal: Terminal, io: Io): Promise<number> {
  const args = terminal.args.map(namedNone);
  const early = outputOf(terminal, io, valuesOf({ color: !args.includes("--no-color") }));
  const entry = COMMANDS.find(({ name }) => args.includes(name));
  try {
    if (args.length > 0 && !asksForHelp(args)) return await parseAndRun(args, entry, terminal, io);
    const stream = args.length > 0 ? "stdout" : "stderr";
    terminal.write(stream, await helpText(entry, early, terminal));
    return args.length > 0 ? Exit.done : Exit.usage;
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) {
      early.fail(thrown);
      return exitCodeOf(thrown);
    }
    const hint = `See regauth ${entry ? `${entry.name} ` : ""}--help.`;
    early.fail(new RegauthError("usage", messageOf(thrown), { hint }));
    return Exit.usage;
  }
}

/** The library takes no empty value: kaniko's `--credential-helpers=` is spelled `none`. */
function namedNone(arg: string, index: number, all: readonly string[]): string {
  if (arg === "--keychains=") return "--keychains=none";
  return arg === "" && all[index - 1] === "--keychains" ? "none" : arg;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options[0] === "help" || options.includes("-h") || options.includes("--help");
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
  args: string[],
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
      command.action(async (options: unknown, ...given: unknown[]) => {
        exitCode = await runCommand(spec, options, given, terminal, io);
      });
    }
    root.command(entry.name, command);
  }
  await root.parse(args);
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
  const interrupted = new AbortController();
  const stop = terminal.onSignal("SIGINT", () => {
    interrupted.abort(new RegauthError("aborted", "Cancelled. Nothing was changed"));
  });
  try {
    return await spec.run({
      args,
      values,
      io,
      terminal,
      output,
      keychains: keychainOptionsOf(values),
      signal: interrupted.signal,
      ...(values.flag("verbose") ? { trace: output.trace } : {}),
    });
  } catch (thrown) {
    output.fail(thrown);
    return exitCodeOf(thrown);
  } finally {
    stop();
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
