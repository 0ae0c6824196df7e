/**
 * Help texts, made from the data of the commands and fitted to the width of the terminal.
 *
 * @module
 */

import type { CommandEntry } from "./commands.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import type { Style } from "./style.ts";
import { wrapText } from "./width.ts";

/** How the text is laid out. */
export interface HelpLayout {
  readonly style: Style;
  /** Width in columns. */
  readonly columns: number;
}

type Row = readonly [left: string, right: string];

/**
 * The help of the program.
 *
 * @param commands All commands.
 * @param options The options that every command has.
 * @param layout Colours and width.
 * @returns The text, with a final line end.
 */
export function programHelp(
  commands: readonly CommandEntry[],
  options: readonly OptionSpec[],
  layout: HelpLayout,
): string {
  return page([
    ["", wrapText("regauth knows who you are to every container registry.", layout.columns)],
    ["Usage", ["regauth COMMAND [OPTION…]"]],
    ["Commands", rows(commands.map(({ name, summary }) => [name, summary]), layout)],
    ["Options of every command", rows(options.map(optionRow), layout)],
    [
      "Protocols",
      rows([
        ["get, store, erase, list", "Docker credential helper, as docker-credential-regauth."],
      ], layout),
    ],
    ["", wrapText("More on a command: regauth COMMAND --help", layout.columns)],
  ], layout);
}

/**
 * The help of one command.
 *
 * @param entry Its name and summary.
 * @param spec Its arguments, options and examples.
 * @param layout Colours and width.
 * @returns The text, with a final line end.
 */
export function commandHelp(
  { name, summary }: CommandEntry,
  spec: CommandSpec,
  layout: HelpLayout,
): string {
  const usage = ["regauth", name, argumentsOf(spec), "[OPTION…]"].filter(Boolean).join(" ");
  return page([
    ["", wrapText(`${summary} ${spec.description}`, layout.columns)],
    ["Usage", wrapText(usage, layout.columns - 2)],
    ["Options", rows((spec.options ?? []).map(optionRow), layout)],
    ["Examples", spec.examples.flatMap(([what, how]) => [layout.style.dim(`# ${what}`), how])],
    ["", wrapText("Options of every command: regauth --help", layout.columns)],
  ], layout);
}

function page(
  sections: readonly (readonly [title: string, lines: readonly string[]])[],
  { style }: HelpLayout,
): string {
  return sections
    .filter(([_, lines]) => lines.length > 0)
    .map(([title, lines]) =>
      title === ""
        ? lines.join("\n")
        : [style.bold(title), ...lines.map((line) => `  ${line}`)].join("\n")
    )
    .join("\n\n") + "\n";
}

/** Two columns, or one below the other where the terminal is narrow. */
function rows(all: readonly Row[], { columns, style }: HelpLayout): readonly string[] {
  const width = Math.max(0, ...all.map(([left]) => left.length));
  const room = columns - width - 4;
  return all.flatMap(([left, right]) => {
    if (room < 30) {
      return [style.cyan(left), ...wrapText(right, columns - 6).map((line) => `    ${line}`)];
    }
    const [first = "", ...more] = wrapText(right, room);
    return [
      `${style.cyan(left.padEnd(width))}  ${first}`,
      ...more.map((line) => `${" ".repeat(width)}  ${line}`),
    ];
  });
}

function optionRow({ flags, description }: OptionSpec): Row {
  const plain = flags.replaceAll(/<(\w+):\w+>/g, (_, name: string) => name.toUpperCase());
  return [plain.startsWith("--") ? `    ${plain}` : plain, description];
}

function argumentsOf({ arguments: text = "" }: CommandSpec): string {
  return text.replaceAll(
    /([<[])(\w+)(\.{3})?:\w+[>\]]/g,
    (_, open: string, name: string, many = "") => {
      const word = `${name.toUpperCase()}${many && "…"}`;
      return open === "[" ? `[${word}]` : word;
    },
  );
}
