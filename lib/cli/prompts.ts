/**
 * Whether a person can be asked, and how: with prompts that are redrawn, or with plain lines.
 *
 * @example Somebody answers two questions
 * ```ts
 * import { canAsk, openPrompts } from "./prompts.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { scriptedTerminal } from "../../tests/fakes/terminal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { TERM: "xterm" } });
 * const terminal = scriptedTerminal({ script: [["User name", "octocat\r"], ["Token", "s3cret\r"]] });
 * assertEquals(canAsk(terminal, io), { ask: true });
 *
 * const prompts = openPrompts(terminal, io);
 * try {
 *   assertEquals(await prompts.input({ message: "User name" }), "octocat");
 *   assertEquals((await prompts.secret({ message: "Token" })).reveal(), "s3cret");
 * } finally {
 *   prompts.close();
 * }
 * ```
 *
 * @module
 */

import type { Io } from "../io.ts";
import type { Terminal } from "../terminal.ts";
import { openPlainPrompts } from "./plain_prompts.ts";
import { openKeys } from "./prompt_reader.ts";
import type { Prompts } from "./question.ts";
import { openRichPrompts } from "./rich_prompts.ts";
import { type ColorFlag, isDumb, styleFor } from "./style.ts";

export { Cancelled, GoBack } from "./question.ts";
export type {
  Choice,
  ConfirmQuestion,
  InputQuestion,
  Prompts,
  Question,
  SecretQuestion,
  SelectQuestion,
  Validate,
} from "./question.ts";

/** How to ask. */
export interface PromptOptions {
  /** What `--plain-prompts` says; without it the environment decides. */
  readonly plain?: boolean;
  /** What `--color` says. */
  readonly color?: ColorFlag;
}

/** Narrower windows break what is redrawn. */
const NARROW = 40;

/**
 * Whether a person is there to be asked. Only standard input and stderr count: results may go
 * elsewhere.
 *
 * @param terminal The three streams.
 * @param io The environment.
 * @param flags What `--no-input` says.
 * @returns Whether, and else why not, to be put after "cannot ask questions here".
 */
export function canAsk(
  terminal: Terminal,
  io: Io,
  flags: { readonly noInput?: boolean } = {},
): { readonly ask: true } | { readonly ask: false; readonly why: string } {
  const no = (why: string) => ({ ask: false, why }) as const;
  if (flags.noInput) return no("--no-input is given");
  if (isSet(io, "REGAUTH_NO_INPUT")) return no("REGAUTH_NO_INPUT is set");
  if (isSet(io, "CI")) return no("CI is set");
  if (!terminal.isTerminal("stdin")) {
    const mintty = io.platform === "windows" && io.env("MSYSTEM");
    const instead = "; in Git Bash use winpty regauth, or Windows Terminal";
    return no(`standard input is not a terminal${mintty ? instead : ""}`);
  }
  if (!terminal.isTerminal("stderr")) return no("stderr is not a terminal");
  return { ask: true };
}

/**
 * Opens the conversation, once in a program; `close()` ends it. Until then Ctrl-C arrives through
 * `signal`.
 *
 * @param terminal A terminal with a person at it, by {@linkcode canAsk}.
 * @param io The environment and the clock.
 * @param options How to ask.
 * @returns The prompts.
 */
export function openPrompts(terminal: Terminal, io: Io, options: PromptOptions = {}): Prompts {
  const keys = openKeys(terminal, io);
  const simple = options.plain ?? isSet(io, "ACCESSIBLE");
  const narrow = (terminal.columns() ?? NARROW) < NARROW;
  if (simple || isDumb(io) || narrow || !keys.setRaw(true)) {
    return openPlainPrompts(terminal, keys, styleFor(terminal, io, "stderr", "never"));
  }
  return openRichPrompts(terminal, keys, styleFor(terminal, io, "stderr", options.color));
}

/** A variable that switches something on; CI systems set `true`, `1` and other values. */
function isSet(io: Io, name: string): boolean {
  return !["", "0", "false"].includes((io.env(name) ?? "").toLowerCase());
}
