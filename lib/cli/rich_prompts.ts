/**
 * Prompts that are redrawn at every key. One loop drives all four kinds of question.
 *
 * @module
 */

import type { Terminal } from "../terminal.ts";
import { openCanvas, screenSize } from "./canvas.ts";
import type { Keys } from "./prompt_reader.ts";
import { endOfInput } from "./prompt_reader.ts";
import { Cancelled, GoBack, type Prompts } from "./question.ts";
import { richConfirm, richInput, richSecret } from "./rich_line.ts";
import { type RichQuestion, type Screen, settledRow } from "./rich_question.ts";
import { richSelect } from "./rich_select.ts";
import type { Style } from "./style.ts";

/** Some shells leave it on; then a terminal puts marks around what is pasted. */
const BRACKETED_PASTE_OFF = "\x1b[?2004l";

/**
 * Opens prompts that are redrawn. Raw mode is on from here to `close()`: in a gap the terminal
 * would echo the pieces of a pasted secret.
 *
 * @param terminal The terminal; drawn on stderr.
 * @param keys Its keys, in raw mode.
 * @param style Colours and symbols of stderr.
 * @returns The prompts.
 */
export function openRichPrompts(terminal: Terminal, keys: Keys, style: Style): Prompts {
  terminal.write("stderr", BRACKETED_PASTE_OFF);
  const ask = <S, A>(question: RichQuestion<S, A>): Promise<A> =>
    askRich(question, terminal, keys, style);
  return {
    plain: false,
    style,
    signal: keys.signal,
    input: (question) => ask(richInput(question, style)),
    secret: (question) => ask(richSecret(question, style)),
    select: (question) => ask(richSelect(question, style)),
    confirm: (question) => ask(richConfirm(question)),
    note: (text) => terminal.write("stderr", `${text}\n`),
    close: () => keys.close(),
  };
}

async function askRich<S, A>(
  question: RichQuestion<S, A>,
  terminal: Terminal,
  keys: Keys,
  style: Style,
): Promise<A> {
  const canvas = openCanvas(terminal);
  const screen = (): Screen => ({ ...screenSize(terminal), style });
  const settle = (shown: string): void => canvas.settle(settledRow(question.head, shown, screen()));
  // What was typed before the question was seen is no answer to it.
  await keys.drop();
  let state = question.start;
  try {
    for (;;) {
      canvas.draw(question.view(state, screen()));
      const turn = question.onKey(state, await keys.next());
      if (turn === "end") throw endOfInput();
      if (turn === "back") throw new GoBack();
      if ("state" in turn) {
        state = turn.state;
        if (turn.refused) await keys.drop();
      } else if (question.severalLines && (await keys.drop()).trim() !== "") {
        state = question.severalLines;
      } else {
        settle(turn.shown);
        return turn.answer;
      }
    }
  } catch (thrown) {
    if (thrown instanceof GoBack) settle(`${style.symbols.back} back`);
    else settle(thrown instanceof Cancelled ? "cancelled" : "");
    throw thrown;
  }
}
