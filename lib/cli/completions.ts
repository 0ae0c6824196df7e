/**
 * `regauth completions`: completion scripts, made from the table of commands.
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { Exit } from "./exit.ts";
import { SHARED_OPTIONS } from "./shared_options.ts";

/** One command with the words that can follow it. */
interface Words {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
}

const SHELLS: Readonly<Record<string, (commands: readonly Words[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const completions: CommandSpec = {
  description: "Load it in the start-up file of your shell.",
  arguments: "<shell:string>",
  examples: [
    ["bash", 'eval "$(regauth completions bash)"'],
    ["zsh", 'eval "$(regauth completions zsh)"'],
    ["fish", "regauth completions fish | source"],
  ],
  async run({ args: [shell = ""], output }) {
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (!script) {
      throw new RegauthError("usage", `Cannot write completions for "${shell}": it is not known`, {
        hint: `Name one of ${Object.keys(SHELLS).join(", ")}.`,
      });
    }
    const words = await Promise.all(COMMANDS.map(async ({ name, summary, load }) => ({
      name,
      summary,
      options: [...(await load()).options ?? [], ...SHARED_OPTIONS].map(longName),
    })));
    const text = script(words);
    if (output.json) output.document({ shell, script: text });
    else output.result(text.trimEnd());
    return Exit.done;
  },
};

function longName({ flags }: OptionSpec): string {
  return flags.match(/--[a-z-]+/)?.[0] ?? flags;
}

function bashScript(commands: readonly Words[]): string {
  const cases = commands.map(({ name, options }) =>
    `    ${name}) COMPREPLY=($(compgen -W "${options.join(" ")}" -- "$word")) ;;`
  );
  return `_regauth() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
}
complete -o default -F _regauth regauth
`;
}

function zshScript(commands: readonly Words[]): string {
  const names = commands.map(({ name, summary }) => `    '${name}:${escapeQuote(summary)}'`);
  const cases = commands.map(({ name, options }) =>
    `    ${name}) compadd -- ${options.join(" ")} ;;`
  );
  return `_regauth() {
  local -a commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _regauth regauth
`;
}

function fishScript(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c regauth -f -n __fish_use_subcommand -a ${name} -d '${escapeQuote(summary)}'`,
    ...options.map((option) =>
      `complete -c regauth -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`
    ),
  ]);
  return `${lines.join("\n")}\n`;
}

function escapeQuote(text: string): string {
  return text.replaceAll("'", "'\\''");
}
