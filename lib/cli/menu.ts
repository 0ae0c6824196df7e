/**
 * What `regauth` offers when it is called alone in a terminal.
 *
 * @module
 */

import { readJournal } from "../backup.ts";
import { examine } from "../doctor.ts";
import { messageOf } from "../errors.ts";
import { type KnownCredential, listCredentials } from "../inventory.ts";
import { normalizeHost, parseTarget } from "../reference.ts";
import { hostOfKey } from "../docker_keys.ts";
import { planUndo } from "../undo.ts";
import type { Call, CommandSpec, Values } from "./command.ts";
import { check } from "./check.ts";
import { doctor } from "./doctor.ts";
import { Exit } from "./exit.ts";
import { explainCommand } from "./explain.ts";
import { showOverview } from "./overview.ts";
import { openProgress } from "./progress.ts";
import { Cancelled, type Choice, GoBack, openPrompts, type Prompts } from "./prompts.ts";
import { runSetup } from "./setup.ts";
import { nameOf } from "./setup_state.ts";
import { oneLine } from "./style.ts";
import { carryOut, showUndo } from "./undo.ts";

export const menu: CommandSpec = {
  description: "Asks what to do.",
  examples: [],
  run,
};

/** What can be done. Each returns the exit code, or `undefined` to come back to the menu. */
type Action = (call: Call, prompts: Prompts) => Promise<number | undefined>;

async function run(given: Call): Promise<number> {
  const { io, terminal } = given;
  const prompts = openPrompts(terminal, io);
  const call = { ...given, signal: AbortSignal.any([given.signal, prompts.signal]) };
  try {
    for (;;) {
      const action = await prompts.select<Action>({
        message: "What would you like to do",
        choices: await choicesOf(call),
      });
      const exitCode = await orBack(() => action(call, prompts));
      if (exitCode !== undefined) return exitCode;
    }
  } catch (thrown) {
    if (!(thrown instanceof Cancelled)) throw thrown;
    terminal.write("stderr", "Cancelled. Nothing was changed.\n");
    return thrown.exitCode;
  } finally {
    prompts.close();
  }
}

/** Who goes back from the first question of an action comes to the menu. */
async function orBack(work: () => Promise<number | undefined>): Promise<number | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof GoBack) return undefined;
    throw thrown;
  }
}

async function choicesOf({ io }: Call): Promise<readonly Choice<Action>[]> {
  const last = (await readJournal(io)).at(-1);
  return [
    { value: setUp, label: "Set up a registry", hint: "step by step" },
    { value: checkAll, label: "Check what I have", hint: "every credential is tried" },
    {
      value: explainImage,
      label: "Why does this image fail?",
      hint: "who answers, and what works",
    },
    { value: repair, label: "Repair", hint: "known traps, and what mends them" },
    ...(last ? [{ value: undoLast, label: "Undo the last change", hint: oneLine(last.what) }] : []),
    { value: removeOne, label: "Remove a credential" },
    { value: leave, label: "Leave" },
  ];
}

const leave: Action = () => Promise.resolve(Exit.done);

const setUp: Action = (call, prompts) => runSetup(call, prompts);

const checkAll: Action = async (call, prompts) => {
  const { terminal, io } = call;
  await showOverview(call, openProgress(terminal, io, prompts.style, !prompts.plain));
  return undefined;
};

const explainImage: Action = async (call, prompts) => {
  const image = await prompts.input({
    message: "Image",
    help: "As you would pull it, such as ghcr.io/acme/app:1.0.",
    validate: (text) => faultOf(() => parseTarget(text)),
    back: true,
  });
  const push = await prompts.select<boolean>({
    message: "What fails",
    choices: [{ value: false, label: "Pulling" }, { value: true, label: "Pushing" }],
    back: true,
  });
  const asked = { ...call, args: [image], values: withValue(call.values, "push", push) };
  await explainCommand.run(asked);
  await check.run(asked);
  return undefined;
};

const repair: Action = async (call, prompts) => {
  await doctor.run(call);
  const mends = (await examine(call, keychainFolder(call))).some(({ fix }) => fix !== undefined);
  if (!mends) return undefined;
  const question = { message: "Mend what can be mended safely?", default: true, back: true };
  if (!await prompts.confirm(question)) return undefined;
  await doctor.run({ ...call, values: withValue(call.values, "fix", true) });
  return undefined;
};

const undoLast: Action = async (call, prompts) => {
  const plan = await planUndo(call.io);
  if (!plan) return undefined;
  showUndo(call, plan);
  if (!await prompts.confirm({ message: "Undo it?", default: true, back: true })) return undefined;
  await carryOut(call, plan);
  return Exit.done;
};

const removeOne: Action = async (call, prompts) => {
  const all = await listCredentials(call, keychainFolder(call));
  const hosts = Map.groupBy(
    all.filter(isSaved),
    ({ registry }) => normalizeHost(hostOfKey(registry)),
  );
  if (hosts.size === 0) {
    prompts.note("  No credentials are saved on this machine.");
    return undefined;
  }
  const host = await prompts.select<string>({
    message: "Which one",
    choices: Array.from(hosts, ([host, known]) => ({
      value: host,
      label: nameOf(host),
      hint: oneLine(known.map(({ username = "" }) => username).filter(Boolean).join(", ")),
    })),
    back: true,
  });
  const values = withValue(call.values, "existing", "remove");
  return await runSetup({ ...call, args: [host], values }, prompts);
};

function keychainFolder({ keychains: { configDir } }: Call): { readonly configDir?: string } {
  return configDir === undefined ? {} : { configDir };
}

function isSaved({ stored, problem }: KnownCredential): boolean {
  return stored !== "environment" && stored !== "computed" && problem === undefined;
}

/** The options, and one more. */
function withValue(values: Values, name: string, value: string | boolean): Values {
  return {
    ...values,
    flag: (other) => other === name ? value === true : values.flag(other),
    text: (other) => other === name && typeof value === "string" ? value : values.text(other),
  };
}

function faultOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
