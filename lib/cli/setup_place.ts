/**
 * The first steps of a set-up: which registry it is, at which host, of which kind.
 *
 * @module
 */

import { messageOf, RegauthError } from "../errors.ts";
import { ping } from "../ping.ts";
import type { Recipe, RecipeId, Suggestion } from "../recipe.ts";
import { normalizeHost, parseTarget, type Target } from "../reference.ts";
import { recipeFor, RECIPES } from "../registries/index.ts";
import { vendorOf } from "../vendors.ts";
import { answerText } from "./ask.ts";
import { openNetwork } from "./network.ts";
import type { Choice } from "./prompts.ts";
import type { Session } from "./session.ts";
import { answersOf, nameOf, type SetupState } from "./setup_state.ts";
import type { Step, Stepped } from "./wizard.ts";

type State = SetupState;

/** What is said of a host that nobody found. */
const THE_DEFAULT = "the default";

/**
 * The steps that find out which registry is meant.
 *
 * @param session Who can be asked, and what is known.
 * @param state The answers so far.
 * @returns The steps.
 */
export function placeSteps(session: Session, state: State): readonly Step<State>[] {
  const { recipe } = state;
  const form = recipe?.hostForm;
  return [
    { id: "registry", run: (state, back) => registryStep(session, state, back) },
    { id: "host", run: (state, back) => hostStep(session, state, back) },
    ...(form?.questions ?? []).map((question): Step<State> => ({
      id: `host:${question.id}`,
      run: async (state, back) => {
        if (state.host !== undefined) return { state, asked: false };
        const before = state.texts[question.id];
        const { value, asked } = await answerText(session, question, {
          answers: answersOf(state),
          back,
          ...(before === undefined ? {} : { before }),
        });
        return { state: { ...state, texts: { ...state.texts, [question.id]: value } }, asked };
      },
    })),
    { id: "made-host", run: (state) => Promise.resolve(madeHostStep(session, state)) },
  ];
}

/**
 * The step that finds out of which kind a registry is, if its host does not tell.
 *
 * @param session Who can be asked, and what is known.
 * @returns The step.
 */
export function kindSteps(session: Session): readonly Step<State>[] {
  return [{ id: "kind", run: (state, back) => kindStep(session, state, back) }];
}

/**
 * Reads what may be the name of a recipe, a host, an image, or an address from a browser.
 *
 * @param text What was given.
 * @returns What it is.
 * @throws {RegauthError} `invalid-reference`, or `usage` if it is no registry that can be set up.
 */
export function readRegistry(text: string): SetupState {
  const clean = text.trim().replace(/^(["'`])(.*)\1$/, "$2");
  const named = RECIPES.find(({ id }) => id === clean.toLowerCase());
  if (named) return { recipe: named, isCertain: true, texts: {} };
  const { registry, repository } = targetOf(clean);
  const host = normalizeHost(registry);
  const recipe = recipeFor(host);
  const error = recipe.checkHost?.(host).error;
  if (error !== undefined) {
    throw new RegauthError("usage", `Cannot set up "${host}": ${error}`, { subject: host });
  }
  return {
    host,
    recipe,
    isCertain: recipe.id !== "generic" || vendorOf(host) !== undefined,
    ...(repository === undefined ? {} : { named: repository }),
    texts: {},
  };
}

/** A pasted address loses what is no part of a name: scheme, login, path of the interface. */
function targetOf(text: string): Target {
  const url = /^https?:\/\/(?:[^/@]*@)?(.*)$/is.exec(text)?.[1] ?? text;
  return parseTarget(url.replace(/\/(?:v[12]\/?)?$/, ""));
}

async function registryStep(
  session: Session,
  state: State,
  back: boolean,
): Promise<Stepped<State>> {
  const { given, facts, prompts, missing } = session;
  const text = session.call.args[0] ?? given.text("registry")?.value;
  if (text !== undefined) {
    const read = readRegistry(text);
    if (read.host !== undefined) session.settle("Registry", titleOf(read));
    return { state: { ...state, ...read }, asked: false };
  }
  if (!prompts) {
    missing.push("REGISTRY (and what it asks for)");
    return { state, asked: false };
  }
  const rows = RECIPES.map((recipe) => ({ recipe, hosts: recipe.hosts(facts) }));
  const isDetected = ({ hosts: [first] }: typeof rows[number]): boolean =>
    first !== undefined && isFound(first);
  const sorted = [...rows.filter(isDetected), ...rows.filter((row) => !isDetected(row))];
  const recipe = await prompts.select<Recipe>({
    message: "Registry",
    choices: sorted.map(({ recipe, hosts: [first] }) => ({
      value: recipe,
      label: recipe.title,
      hint: first ? hintOf(first) : "",
    })),
    ...(state.recipe ? { default: state.recipe } : {}),
    back,
  });
  const { host: _, ...rest } = state;
  const isSame = state.recipe === recipe;
  return { state: { ...(isSame ? state : rest), recipe, isCertain: true }, asked: true };
}

function titleOf({ host = "", recipe }: State): string {
  return recipe && recipe.id !== "generic" ? `${nameOf(host)} (${recipe.title})` : nameOf(host);
}

function hintOf({ value, from }: Suggestion): string {
  if (from === THE_DEFAULT) return value;
  return isFound({ value, from }) ? `${value}, ${from}` : "";
}

/** Whether something on this machine speaks for it. */
function isFound({ from }: Suggestion): boolean {
  return from.includes("from ");
}

/** Something else than the hosts that are offered. */
const OTHER = "";

async function hostStep(session: Session, state: State, back: boolean): Promise<Stepped<State>> {
  const { recipe } = state;
  const isGiven = session.call.args[0] !== undefined || session.given.text("registry");
  if (!recipe || (isGiven && state.host !== undefined)) return { state, asked: false };
  const { host: before, ...rest } = state;
  const hosts = recipe.hosts(session.facts);
  const [first] = hosts;
  const isOnly = !recipe.hostForm && !recipe.recognises && hosts.length === 1;
  const answered = recipe.hostForm?.questions.some(({ id }) => session.given.text(id));
  if (answered) return { state: rest, asked: false };
  if (!session.prompts) {
    if (recipe.hostForm) return { state: rest, asked: false };
    if (first) return { state: { ...rest, host: normalizeHost(first.value) }, asked: false };
    session.missing.push("REGISTRY (the host)");
    return { state, asked: false };
  }
  if (first && isOnly) {
    return { state: { ...rest, host: normalizeHost(first.value) }, asked: false };
  }
  let host = OTHER;
  if (first) {
    const choices: Choice<string>[] = hosts.map(({ value, from }) => ({
      value: normalizeHost(value),
      label: value,
      hint: from === THE_DEFAULT ? "" : from,
    }));
    const isListed = choices.some(({ value }) => value === before);
    // One host for everybody is seldom the one that somebody has an account on.
    const isForAll = recipe.hostForm && choices.length === 1 && !isFound(first);
    const preset = before === undefined ? isForAll && OTHER : isListed ? before : OTHER;
    host = await session.prompts.select({
      message: "Host",
      choices: [...choices, { value: OTHER, label: "another one…" }],
      ...(preset === false || preset === undefined ? {} : { default: preset }),
      back,
    });
  }
  if (host !== OTHER) return { state: { ...rest, host }, asked: true };
  if (recipe.hostForm) return { state: rest, asked: first !== undefined };
  const typed = await session.prompts.input({
    message: "Host",
    help: "The host of the registry as image names have it, with its port if it has one. " +
      "The name of an image, or an address from the browser, does as well.",
    ...(before === undefined ? {} : { default: nameOf(before) }),
    validate: hostFault,
    back,
  });
  return { state: { ...rest, ...typedHost(recipe, typed) }, asked: true };
}

/** A host that another recipe owns is that one's; one of nobody's may be of the chosen kind. */
function typedHost(chosen: Recipe, typed: string): State {
  const read = readRegistry(typed);
  if (read.isCertain || chosen.id === "generic") return read;
  return { ...read, recipe: chosen, isCertain: true };
}

function hostFault(text: string): string | undefined {
  try {
    return readRegistry(text).host === undefined ? "This is a name, not a host." : undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function madeHostStep({ missing, settle }: Session, state: State): Stepped<State> {
  const { recipe, host, texts } = state;
  const form = recipe?.hostForm;
  if (host !== undefined || !form) return { state, asked: false };
  if (missing.length > 0) {
    missing.splice(0, Infinity, `REGISTRY (the host, or ${missing.join(" and ")})`);
    return { state, asked: false };
  }
  const read = readRegistry(form.host(texts));
  settle("Host", read.host ?? "");
  return { state: { ...state, ...read, texts, recipe }, asked: false };
}

/** Of which kind a host is that no vendor owns: its answer to a ping is a guess. */
async function kindStep(session: Session, state: State, back: boolean): Promise<Stepped<State>> {
  const { host, isCertain, recipe: known } = state;
  const warning = host === undefined ? undefined : known?.checkHost?.(host).warning;
  if (warning !== undefined) session.warn("doubtful-answer", warning);
  if (host === undefined || isCertain) return { state, asked: false };
  const kinds = RECIPES.filter(({ id, recognises }) =>
    recognises || id === "generic" || id === "ghcr"
  );
  const given = session.given.text("kind");
  if (given) {
    const recipe = RECIPES.find(({ id }) => id === given.value);
    if (recipe) return { state: { ...state, recipe }, asked: false };
    const names = RECIPES.map(({ id }) => id).join(", ");
    throw new RegauthError("usage", `Cannot use ${given.source}: It is one of ${names}.`);
  }
  const guess = known && known.id !== "generic" ? known : await guessKind(session, host);
  if (!session.prompts) return { state: { ...state, recipe: guess }, asked: false };
  const id = await session.prompts.select<RecipeId>({
    message: "Kind of registry",
    choices: kinds.map(({ id, title }) => ({
      value: id,
      label: title,
      hint: id === guess.id && id !== "generic" ? "as it answers" : "",
    })),
    default: guess.id,
    back,
  });
  const recipe = RECIPES.find((one) => one.id === id) ?? guess;
  return { state: { ...state, recipe }, asked: true };
}

async function guessKind(session: Session, host: string): Promise<Recipe> {
  if (session.given.flag("offline")) return recipeFor(host);
  try {
    await using network = await openNetwork(session.call);
    const { challenges } = await session.progress.during(
      `asking ${host} what it is`,
      () => ping(network.client, host),
    );
    return recipeFor(host, challenges);
  } catch (error) {
    session.call.signal.throwIfAborted();
    if (!(error instanceof RegauthError)) throw error;
    session.progress.say("warn", messageOf(error));
    return recipeFor(host);
  }
}
