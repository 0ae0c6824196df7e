/**
 * What is said at the end of a set-up: what was proven, where it is kept, how to undo it, how to do
 * it again, and what to try first.
 *
 * @module
 */

import type { Preview } from "../plan_preview.ts";
import type { NextStep } from "../recipe.ts";
import type { Right } from "../rights.ts";
import { shortPath } from "../short_path.ts";
import { screenSize } from "./canvas.ts";
import { failureFields } from "./exit.ts";
import { shellWord } from "./given.ts";
import type { Session } from "./session.ts";
import { environmentLines, foldCommand, setupCommand, twinCommand } from "./setup_command.ts";
import { answersOf, type Chosen, nameOf, otherUser, outcomeOf } from "./setup_state.ts";
import { displayWidth, wrapText } from "./width.ts";

/** Name and version of the result's form. */
export const SCHEMA = "regauth.setup/1";

/** How a set-up ended. */
export interface Ended {
  readonly state: Chosen;
  /** What was, or would be, changed. */
  readonly preview?: Preview;
  /** Whether it was written. */
  readonly applied: boolean;
}

/**
 * Tells the result, on stdout.
 *
 * @param session Where to tell it.
 * @param ended How the set-up ended.
 */
export function tellResult(session: Session, ended: Ended): void {
  const { call: { output } } = session;
  if (output.json) output.document(resultDocument(session, ended));
  else for (const line of resultLines(session, ended)) output.result(line);
}

/**
 * The form of a failure for `--json`.
 *
 * @param thrown The failure.
 * @returns The document.
 */
export function failureDocument(thrown: unknown): unknown {
  return { schema: SCHEMA, ok: false, error: failureFields(thrown) };
}

/** The fields are a contract. `null` is "not tried". */
function resultDocument(session: Session, ended: Ended): unknown {
  const { call, warnings, given } = session;
  const { state, preview, applied } = ended;
  const outcome = outcomeOf(call.io, state);
  const credential = outcome.kind === "credential" ? outcome.credential : {};
  const { tried } = state;
  return {
    schema: SCHEMA,
    ok: true,
    registry: nameOf(state.host),
    username: credential.username ?? "",
    method: state.way.id,
    access: state.access,
    verified: {
      login: tried?.login ?? null,
      pull: provenRight(tried?.pull),
      push: provenRight(tried?.push),
      repository: state.repository ?? "",
    },
    target: state.target?.id ?? "",
    changes: changesOf(session, preview),
    applied,
    upToDate: state.upToDate === true,
    dryRun: given.flag("dry-run"),
    warnings,
    command: commandOf(session, ended),
    twin: twinCommand(state, credential) ?? "",
    environment: state.target?.id === "env" ? environmentLines(state, credential) : [],
    next: nextSteps(state).map(({ text, command = "" }) => ({ text, command })),
  };
}

function provenRight(right: Right | undefined): boolean | null {
  if (right === undefined || right === "unknown") return null;
  return right !== "no";
}

/**
 * What changes, for `--json`.
 *
 * @param session The outside world.
 * @param preview The change.
 * @returns The members of files and the entries of helpers.
 */
export function changesOf({ call }: Session, preview: Preview | undefined): readonly unknown[] {
  return [
    ...(preview?.files ?? []).flatMap(({ path, changes }) =>
      changes.map((change) => ({ file: shortPath(call.io, path), ...change }))
    ),
    ...(preview?.helpers ?? []).map(({ program, server, action }) => ({
      helper: program,
      server,
      action,
    })),
  ];
}

function resultLines(session: Session, ended: Ended): readonly string[] {
  const { call: { io, output, terminal, values }, given, prompts } = session;
  const { state, preview, applied } = ended;
  // Who reads plain lines is sent no colours either.
  const { style } = prompts?.plain ? session : output;
  const { target } = state;
  const outcome = outcomeOf(io, state);
  const credential = outcome.kind === "credential" ? outcome.credential : {};
  const name = nameOf(state.host);
  const proof = proofOf(state);
  const hints = io.env("REGAUTH_HINTS") !== "0" && !values.flag("quiet");
  const columns = Math.min(screenSize(terminal).columns, 100);
  const row = (label: string, text: string): readonly string[] =>
    wrapText(text, columns - WIDTH - 3).map((line, index) =>
      `  ${style.dim((index === 0 ? label : "").padEnd(WIDTH))} ${line}`
    );
  const command = (label: string, text: string): readonly string[] =>
    (io.platform === "windows" ? [text] : foldCommand(text, columns - WIDTH - 3)).map((
      line,
      index,
    ) => `  ${style.dim((index === 0 ? label : "").padEnd(WIDTH))} ${line}`);
  const again = hints ? command("Again", commandOf(session, ended)) : [];

  if (target?.id === "env") {
    const lines = environmentLines(state, credential);
    if (hints) session.say(style.dim("# Set these where images are used:"));
    return lines;
  }
  if (given.flag("dry-run") && !state.upToDate) {
    return [...done(`${name}: nothing was written (--dry-run)${proof}`, columns, style), ...again];
  }
  if (state.upToDate) {
    return [
      ...done(`${name} is already up to date${proof}`, columns, style),
      ...tryLines(state, row, command, hints),
    ];
  }
  const twin = twinCommand(state, credential);
  return [
    ...done(`${name} is set up${proof}`, columns, style),
    ...row("Kept in", `${target?.label ?? ""} (${target?.hint ?? ""})`),
    ...(state.way.expires ? row("Ends", state.way.expires) : []),
    ...(applied ? row("Undo", `regauth undo${hasBackup(preview) ? BACKUP : ""}`) : []),
    ...again,
    ...(hints && twin !== undefined ? command("Same as", twin) : []),
    ...tryLines(state, row, command, hints),
  ];
}

const WIDTH = 8;
const BACKUP = " (a copy of the old file stays beside it, with the old secrets)";

function hasBackup(preview: Preview | undefined): boolean {
  return preview?.files.some(({ isNew }) => !isNew) ?? false;
}

type Row = (label: string, text: string) => readonly string[];

function done(
  text: string,
  columns: number,
  { green, symbols }: Session["style"],
): readonly string[] {
  const indent = displayWidth(symbols.ok) + 1;
  return wrapText(`${text}.`, columns - indent).map((line, index) =>
    (index === 0 ? `${green(symbols.ok)} ` : " ".repeat(indent)) + line
  );
}

/** What was proven, and for whom. Nothing is claimed that was not tried. */
function proofOf({ tried, texts, repository }: Chosen): string {
  const user = texts.username ? ` for ${texts.username}` : "";
  if (!tried) return `${user}, not tried`;
  if (tried.failure) return `${user}, although it did not work`;
  const rights = [["pull", tried.pull], ["push", tried.push]] as const;
  const proven = rights.filter(([_, right]) => right === "yes" || right === "claimed");
  if (proven.length > 0) {
    return `${user}: ${proven.map(([name]) => name).join(" and ")} granted on ${repository}`;
  }
  return tried.login ? `${user}: login accepted` : `${user}, not tried: it asks for no login`;
}

/** The first thing to try stands last. */
function nextSteps(state: Chosen): readonly NextStep[] {
  const steps = state.recipe.next(answersOf(state));
  return [
    ...steps.filter(({ command }) => command === undefined),
    ...steps.filter(({ command }) => command !== undefined),
  ];
}

function tryLines(state: Chosen, row: Row, command: Row, hints: boolean): readonly string[] {
  if (!hints) return [];
  return nextSteps(state).flatMap((step, index) => [
    ...row(index === 0 ? "Next" : "", step.text),
    ...(step.command === undefined ? [] : command("", step.command)),
  ]);
}

function commandOf({ call }: Session, { state, preview }: Ended): string {
  const { keychains: { configDir }, values } = call;
  return setupCommand(state, [
    ...(configDir === undefined ? [] : [`--config ${shellWord(configDir)}`]),
    ...values.texts("registryCaCertPath").map((path) =>
      `--registry-ca-cert-path ${shellWord(path)}`
    ),
    ...(values.flag("registryInsecure") ? ["--registry-insecure"] : []),
    ...(preview && otherUser(state, preview) !== undefined ? ["--replace"] : []),
    ...(state.tried?.failure ? ["--no-verify"] : []),
  ]);
}
