import { assertEquals } from "@std/assert";
import { canAsk, openPrompts, type PromptOptions } from "../../lib/cli/prompts.ts";
import { memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { scriptedTerminal, type ScriptedTerminalOptions } from "../fakes/terminal.ts";

const PIPE = "standard input is not a terminal";

const asking: {
  name: string;
  env?: Record<string, string>;
  streams?: ScriptedTerminalOptions["streams"];
  platform?: MemoryIoOptions["platform"];
  noInput?: boolean;
  why?: string;
}[] = [
  { name: "asks in a terminal" },
  { name: "asks where stdout is a pipe", streams: { stdout: false } },
  { name: "does not ask without a terminal to read", streams: { stdin: false }, why: PIPE },
  {
    name: "does not ask without a terminal to write",
    streams: { stderr: false },
    why: "stderr is not a terminal",
  },
  {
    name: "tells of winpty in Git Bash",
    streams: { stdin: false },
    platform: "windows",
    env: { MSYSTEM: "MINGW64" },
    why: `${PIPE}; in Git Bash use winpty regauth, or Windows Terminal`,
  },
  { name: "does not ask with --no-input", noInput: true, why: "--no-input is given" },
  {
    name: "does not ask with REGAUTH_NO_INPUT=1",
    env: { REGAUTH_NO_INPUT: "1" },
    why: "REGAUTH_NO_INPUT is set",
  },
  { name: "asks with REGAUTH_NO_INPUT=0", env: { REGAUTH_NO_INPUT: "0" } },
  ...["1", "true", "TRUE", "woodpecker"].map((CI) => ({
    name: `4: does not ask with CI=${CI}`,
    env: { CI },
    why: "CI is set",
  })),
  ...["false", "False", "0", ""].map((CI) => ({ name: `4: asks with CI=${CI}`, env: { CI } })),
];

for (const { name, env = {}, streams = {}, platform, noInput, why } of asking) {
  Deno.test(`canAsk() ${name}`, () => {
    const io = memoryIo({ env, ...(platform ? { platform } : {}) });
    const flags = noInput === undefined ? {} : { noInput };
    const able = canAsk(scriptedTerminal({ streams }), io, flags);
    assertEquals(able, why === undefined ? { ask: true } : { ask: false, why });
  });
}

const modes: {
  name: string;
  env?: Record<string, string>;
  terminal?: ScriptedTerminalOptions;
  options?: PromptOptions;
  platform?: MemoryIoOptions["platform"];
  plain: boolean;
}[] = [
  { name: "redraws in a terminal", plain: false },
  { name: "is plain with ACCESSIBLE=1", env: { ACCESSIBLE: "1" }, plain: true },
  { name: "redraws with ACCESSIBLE=0", env: { ACCESSIBLE: "0" }, plain: false },
  { name: "redraws with ACCESSIBLE=false", env: { ACCESSIBLE: "false" }, plain: false },
  { name: "redraws with an empty ACCESSIBLE", env: { ACCESSIBLE: "" }, plain: false },
  { name: "is plain with --plain-prompts", options: { plain: true }, plain: true },
  {
    name: "follows an option before ACCESSIBLE",
    env: { ACCESSIBLE: "1" },
    options: { plain: false },
    plain: false,
  },
  { name: "is plain with TERM=dumb", env: { TERM: "dumb" }, plain: true },
  { name: "is plain without TERM", env: { TERM: "" }, plain: true },
  { name: "redraws on Windows without TERM", env: { TERM: "" }, platform: "windows", plain: false },
  { name: "9: is plain at 20 columns", terminal: { columns: 20 }, plain: true },
  { name: "9: is plain at 39 columns", terminal: { columns: 39 }, plain: true },
  { name: "9: redraws at 40 columns", terminal: { columns: 40 }, plain: false },
  { name: "is plain where raw mode fails", terminal: { noRaw: true }, plain: true },
];

for (const { name, env, terminal: how, options = {}, platform, plain } of modes) {
  Deno.test(`openPrompts() ${name}`, () => {
    const terminal = scriptedTerminal(how);
    const io = memoryIo({ env: { TERM: "xterm", ...env }, ...(platform ? { platform } : {}) });
    const prompts = openPrompts(terminal, io, options);
    assertEquals([prompts.plain, terminal.raw], [plain, !plain]);
    prompts.close();
    prompts.close();
    assertEquals([terminal.raw, terminal.listeners], [false, 0]);
  });
}

for (const color of ["always", "auto"] as const) {
  Deno.test(`8: plain prompts have no colour with --color=${color} and CLICOLOR_FORCE=1`, () => {
    const terminal = scriptedTerminal();
    const io = memoryIo({ env: { CLICOLOR_FORCE: "1" } });
    const prompts = openPrompts(terminal, io, { plain: true, color });
    assertEquals(prompts.style.red("x"), "x");
    prompts.close();
  });
}
