/**
 * `regauth setup`: sets up one registry, by questions or by options.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { RegauthError } from "../errors.ts";
import { gatherFacts } from "../gather_facts.ts";
import { applyPlan } from "../plan.ts";
import type { Question } from "../recipe.ts";
import { RECIPES } from "../registries/index.ts";
import type { Call, CommandSpec, OptionSpec } from "./command.ts";
import { Exit, exitCodeOf } from "./exit.ts";
import { screenSize } from "./canvas.ts";
import { readGiven } from "./given.ts";
import { openProgress } from "./progress.ts";
import { canAsk, Cancelled, openPrompts, type Prompts } from "./prompts.ts";
import type { Session } from "./session.ts";
import { endSteps, previewOf, shadowOf } from "./setup_end.ts";
import { describeFound, existingSteps } from "./setup_existing.ts";
import { kindSteps, placeSteps, readRegistry } from "./setup_place.ts";
import { failureDocument, tellResult } from "./setup_result.ts";
import { isChosen, nameOf, type SetupState } from "./setup_state.ts";
import { questionSteps } from "./setup_steps.ts";
import { oneLine, styleFor } from "./style.ts";
import { wrapText } from "./width.ts";
import { walk } from "./wizard.ts";

const INTRODUCTION = "regauth sets up one registry. Nothing is written before you say yes.";

const TEXTS: readonly (readonly [id: string, what: string])[] = [
  ["registry", "Host, image, or name of a kind of registry."],
  ["kind", "What the registry is, if its host does not tell."],
  ["existing", "What to do with a saved credential: test, keep, replace or remove."],
  ["access", "pull, or push for both."],
  ["method", "The way to sign in; --explain lists them."],
  ["repo", "Repository to try, without the host."],
  ["target", "Where to keep it: docker, helper, podman, store or env."],
  ["secret-env", "Variable that holds the secret."],
  ["secret-file", "File that holds the secret."],
];

const SWITCHES: readonly (readonly [id: string, what: string])[] = [
  ["secret-stdin", "Read the secret from standard input."],
  ["yes", "Ask nothing; take the defaults and save."],
  ["dry-run", "Show what would be saved, and stop there."],
  ["replace", "Overwrite what is saved, also of another user."],
  ["allow-plaintext", "Accept a place that is not encrypted."],
  ["offline", "Ask no registry."],
  ["strict", "Fail if another credential would still win."],
];

const OTHERS: readonly OptionSpec[] = [
  { flags: "--no-verify", description: "Save without trying." },
  { flags: "--no-input", description: "Never ask." },
  { flags: "--plain-prompts", description: "Ask in plain lines, for screen readers." },
  { flags: "--from-file <file:string>", description: "JSON file of answers, named like flags." },
  { flags: "--explain", description: "Print the guide of the registry." },
];

export const setup: CommandSpec = {
  description: "REGISTRY is a host, an image, or one of " +
    `${
      RECIPES.map(({ id }) => id).join(", ")
    }. Every answer can be given by an option, or by the ` +
    "variable REGAUTH_ with the name of the option.",
  arguments: "[registry:string]",
  options: [
    ...TEXTS.map(([id, description]) => ({ flags: `--${id} <text:string>`, description })),
    ...questionOptions(),
    ...SWITCHES.map(([id, description]) => ({ flags: `--${id}`, description })),
    ...OTHERS,
  ],
  examples: [
    ["Ask for everything", "regauth setup"],
    ["How does it work there?", "regauth setup ghcr --explain"],
    [
      "In a script",
      "regauth setup ghcr.io --username octocat --secret-env GHCR_TOKEN --target docker --yes " +
      "--allow-plaintext",
    ],
  ],
  run: (call) => runSetup(call),
};

/** The questions of all recipes that have a flag, once each. */
function questionOptions(): readonly OptionSpec[] {
  const found = new Map<string, { readonly question: Question; readonly titles: Set<string> }>();
  for (const { title, hostForm, ways } of RECIPES) {
    for (
      const question of [
        ...hostForm?.questions ?? [],
        ...ways.flatMap((way) => way.questions),
      ]
    ) {
      if (question.kind === "secret") continue;
      const entry = found.get(question.id) ?? { question, titles: new Set() };
      found.set(question.id, entry);
      entry.titles.add(title);
    }
  }
  return Array.from(found, ([id, { question: { message }, titles }]) => ({
    flags: `--${id} <text:string>`,
    description: titles.size > 2 ? `${message}.` : `${message} (${[...titles].join(", ")}).`,
  }));
}

/** Names of all answers that a file may hold. */
function answerIds(): readonly string[] {
  const questions = questionOptions().map(({ flags }) => flags.replace(/^--([\w-]+).*$/, "$1"));
  return [...TEXTS.map(([id]) => id), ...questions, ...SWITCHES.map(([id]) => id)];
}

/**
 * Runs the command.
 *
 * @param call Options and the outside world.
 * @param asked The conversation, if there is one already: from its first question the user may go
 * back to where they came from.
 * @returns The exit code.
 */
export async function runSetup(call: Call, asked?: Prompts): Promise<number> {
  const given = await readGiven(call, answerIds());
  if (call.values.flag("explain")) return await explain(call, given.text("registry")?.value);
  const { terminal, io, values, output } = call;
  const noInput = values.choice("input") === false;
  const able = given.flag("yes")
    ? { ask: false, why: "--yes asks nothing" } as const
    : canAsk(terminal, io, { noInput });
  const prompts = !able.ask ? undefined : asked ?? openPrompts(terminal, io, {
    ...(values.flag("plainPrompts") ? { plain: true } : {}),
    color: values.choice("color") === false ? "never" : "auto",
  });
  try {
    const session = await openSession(call, given, prompts, able.ask ? "" : able.why);
    return await run(session, asked !== undefined);
  } catch (thrown) {
    if (output.json) output.document(failureDocument(thrown));
    if (!(thrown instanceof Cancelled)) throw thrown;
    terminal.write("stderr", "Cancelled. Nothing was changed.\n");
    return thrown.exitCode;
  } finally {
    if (!asked) prompts?.close();
  }
}

async function openSession(
  call: Call,
  given: Session["given"],
  prompts: Prompts | undefined,
  why: string,
): Promise<Session> {
  const { io, terminal, output, values, signal, keychains: { configDir } } = call;
  const facts = await gatherFacts({ io, signal }, {
    variables: RECIPES.flatMap(({ variables }) => variables),
    programs: RECIPES.flatMap(({ programs }) => programs),
    ...(configDir === undefined ? {} : { configDir }),
  });
  const color = values.choice("color") === false ? "never" : "auto";
  const style = prompts?.style ?? styleFor(terminal, io, "stderr", color);
  const isSilent = !prompts && values.flag("quiet");
  const quietTerminal = isSilent ? { ...terminal, write: () => {} } : terminal;
  const progress = openProgress(quietTerminal, io, style, prompts?.plain === false);
  const warnings: Session["warnings"] = [];
  const say = (line: string): void =>
    prompts ? prompts.note(line) : quietTerminal.write("stderr", `${line}\n`);
  const { bold, cyan, dim, green, symbols } = style;
  return {
    call,
    facts,
    given,
    ...(prompts ? { prompts } : {}),
    why,
    style,
    progress,
    missing: [],
    warnings,
    say,
    settle: (question, answer) =>
      say(
        prompts?.plain === false
          ? `${green("?")} ${bold(question)} ${dim(symbols.prompt)} ${cyan(oneLine(answer))}`
          : `${question}: ${oneLine(answer)}`,
      ),
    warn(code, message) {
      if (warnings.some((warning) => warning.message === message)) return;
      warnings.push({ code, message });
      if (prompts) progress.say("warn", message);
      else output.warn(message);
    },
  };
}

async function run(session: Session, canLeave: boolean): Promise<number> {
  const { prompts, say, style, call } = session;
  if (prompts && !canLeave && call.args[0] === undefined) {
    const { columns } = screenSize(call.terminal);
    for (const line of wrapText(INTRODUCTION, columns)) say(style.dim(line));
  }
  const [realm] = call.values.texts("trustRealm");
  const end = await walk<SetupState>(
    { texts: {}, ...(realm === undefined ? {} : { realm }) },
    (state) => [
      ...placeSteps(session, state),
      ...existingSteps(session),
      ...kindSteps(session),
      ...questionSteps(session, state),
      ...endSteps(session),
    ],
    canLeave,
  );
  if (end.left) {
    if (call.output.json) call.output.document(failureDocument(end.left));
    else call.output.note("Nothing was changed.");
    return exitCodeOf(end.left);
  }
  if (end.existing !== undefined && end.existing !== "replace") return Exit.done;
  if (!isChosen(end) || !end.target) {
    throw new RegauthError("usage", "Cannot set up a registry: it is not known which one");
  }
  return await save(session, { ...end, target: end.target });
}

async function save(
  session: Session,
  state: Parameters<typeof shadowOf>[1] & { readonly target: NonNullable<SetupState["target"]> },
): Promise<number> {
  const { call, given } = session;
  const { io, trace, keychains: { configDir } } = call;
  const preview = await previewOf(session, state.target);
  const dryRun = given.flag("dry-run");
  const writes = !dryRun && !state.upToDate && state.target.plan.length > 0;
  if (writes) {
    const recording = recordChanges(io, `setup ${nameOf(state.host)}`, trace);
    const options = configDir === undefined ? {} : { configDir };
    try {
      // Once begun, it is brought to its end.
      await applyPlan({ io: recording.io }, state.target.plan, options);
    } catch (error) {
      await recording.rollBack();
      throw error;
    }
    const winner = await shadowOf(session, state, io);
    if (winner) {
      session.warn(
        "shadowed",
        `${describeFound(session, winner)} still wins over what is saved here.`,
      );
    }
  }
  tellResult(session, { state, preview, applied: writes });
  return Exit.done;
}

async function explain(call: Call, named: string | undefined): Promise<number> {
  const text = call.args[0] ?? named;
  if (text === undefined) {
    throw new RegauthError("usage", "Cannot explain: no registry is named", {
      hint: `Example: regauth setup ${RECIPES[0]?.id ?? "ghcr"} --explain`,
    });
  }
  const { recipe } = readRegistry(text);
  const { guideDocument, guideText } = await import("./guide.ts");
  const { output, terminal } = call;
  if (!recipe) return Exit.usage;
  if (output.json) output.document(guideDocument(recipe));
  else {
    const columns = Math.min(terminal.columns() ?? 80, 100);
    for (const line of guideText(recipe, { style: output.style, columns })) output.result(line);
  }
  return Exit.done;
}
