/**
 * The questions of a set-up: what is it for, which way to authenticate, and what that way needs.
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import type { Access, Question, Way } from "../recipe.ts";
import { answerSecretQuestion, answerText } from "./ask.ts";
import type { Session } from "./session.ts";
import { answersOf, questionsOf, type SetupState } from "./setup_state.ts";
import { screenSize } from "./canvas.ts";
import { oneLine } from "./style.ts";
import { wrapText } from "./width.ts";
import type { Step, Stepped } from "./wizard.ts";

type State = SetupState;

/** What can be said of "what for". */
const ACCESS: readonly { readonly value: Access; readonly label: string; readonly hint: string }[] =
  [
    { value: "pull", label: "Pull", hint: "use images" },
    { value: "push", label: "Pull and push", hint: "publish images as well" },
  ];

/**
 * The steps with questions, between the registry and the check.
 *
 * @param session Who can be asked, and what is known.
 * @param state The answers so far.
 * @returns The steps.
 */
export function questionSteps(session: Session, state: State): readonly Step<State>[] {
  return [
    { id: "access", run: (state, back) => accessStep(session, state, back) },
    { id: "method", run: (state, back) => methodStep(session, state, back) },
    ...questionsOf(state).map((question): Step<State> => ({
      id: question.id,
      run: (state, back) =>
        question.kind === "secret" || question.kind === "file"
          ? secretStep(session, question, state, back)
          : textStep(session, question, state, back),
    })),
    { id: "repo", run: (state, back) => repositoryStep(session, state, back) },
  ];
}

async function accessStep(session: Session, state: State, back: boolean): Promise<Stepped<State>> {
  const { given, prompts } = session;
  const text = given.text("access");
  if (text) {
    const access = ACCESS.find(({ value }) => value === text.value)?.value;
    if (access) return { state: { ...state, access }, asked: false };
    throw new RegauthError("usage", `Cannot use ${text.source}: It is pull or push.`);
  }
  if (!prompts) return { state: { ...state, access: "pull" }, asked: false };
  const access = await prompts.select<Access>({
    message: "What for",
    choices: ACCESS,
    default: state.access ?? "pull",
    back,
  });
  return { state: { ...state, access }, asked: true };
}

async function methodStep(session: Session, state: State, back: boolean): Promise<Stepped<State>> {
  const { given, prompts, facts } = session;
  const { recipe, way: before } = state;
  if (!recipe) return { state, asked: false };
  const answers = answersOf(state);
  const ways = recipe.ways.map((way) => ({ way, why: way.unavailable?.(facts, answers) }));
  const text = given.text("method");
  if (text) {
    const named = ways.find(({ way }) => way.id === text.value);
    if (named && named.why === undefined) {
      return { state: chosenWay(state, named.way), asked: false };
    }
    const names = ways.filter(({ why }) => why === undefined).map(({ way }) => way.id).join(", ");
    const why = named?.why ?? `${recipe.title} has no such way.`;
    throw new RegauthError("usage", `Cannot use ${text.source}: ${why}`, {
      hint: `It can be ${names}.`,
    });
  }
  const open = ways.filter(({ why }) => why === undefined);
  const [best] = open;
  if (best && (!prompts || open.length === 1)) {
    if (prompts) session.settle("Sign in with", best.way.title);
    return { state: chosenWay(state, best.way), asked: false };
  }
  if (!prompts) {
    session.missing.push("--method");
    return { state, asked: false };
  }
  const way = await prompts.select<Way>({
    message: "Sign in with",
    choices: [...open, ...ways.filter(({ why }) => why !== undefined)].map(({ way, why }) => ({
      value: way,
      label: way.title,
      hint: way.meaning,
      ...(why === undefined ? {} : { disabled: why }),
    })),
    ...(before && open.some(({ way }) => way === before) ? { default: before } : {}),
    back,
  });
  return { state: chosenWay(state, way), asked: true };
}

/** The secret of another way is none of this one. */
function chosenWay(state: State, way: Way): State {
  if (state.way === way) return state;
  const { secret: _, ...rest } = state;
  return { ...rest, way };
}

async function textStep(
  session: Session,
  question: Question,
  state: State,
  back: boolean,
): Promise<Stepped<State>> {
  const before = state.texts[question.id];
  const { value, asked } = await answerText(session, question, {
    answers: answersOf(state),
    back,
    ...(before === undefined ? {} : { before }),
  });
  return { state: { ...state, texts: { ...state.texts, [question.id]: value } }, asked };
}

async function secretStep(
  session: Session,
  question: Question,
  state: State,
  back: boolean,
): Promise<Stepped<State>> {
  const answers = answersOf(state);
  // Who comes back has read it.
  if (session.prompts && !session.given.hasSecret && !state.secret) sayPage(session, state);
  const before = state.texts[question.id];
  const answer = await answerSecretQuestion(session, question, {
    answers,
    back,
    ...(before === undefined ? {} : { before }),
  }, state.secret);
  const { secret, option, path, asked } = answer;
  const texts = path === undefined ? state.texts : { ...state.texts, [question.id]: path };
  return {
    state: { ...state, texts, secretOption: option, ...(secret ? { secret } : {}) },
    asked,
  };
}

/** Where the secret is made, and with which rights: before it is asked for. */
function sayPage({ say, style, call }: Session, state: State): void {
  const page = state.way?.page?.(answersOf(state));
  if (!page) return;
  const columns = Math.min(screenSize(call.terminal).columns, 100);
  const room = Math.max(20, columns - 14);
  const rows = { "Make it at": page.url, "Rights": page.rights, "Note": page.remark };
  for (const [name, text] of Object.entries(rows)) {
    if (text === undefined) continue;
    // An address that is broken by the terminal at its edge alone can still be clicked.
    const isLong = name === "Make it at" && text.length > room;
    const lines = isLong ? [""] : wrapText(oneLine(text), room);
    for (const [index, line] of lines.entries()) {
      say(`  ${style.dim((index === 0 ? name : "").padEnd(10))}  ${line}`.trimEnd());
    }
    if (isLong) say(text);
  }
}

async function repositoryStep(
  session: Session,
  state: State,
  back: boolean,
): Promise<Stepped<State>> {
  const { recipe, named, repository } = state;
  if (!recipe || state.host === undefined) return { state, asked: false };
  const { repository: _, ...rest } = state;
  // Without anybody to ask, only a repository that was named is tried.
  const question = named === undefined
    ? { ...recipe.repository, ...(session.prompts ? {} : { suggest: () => undefined }) }
    : { ...recipe.repository, suggest: () => ({ value: named, from: "from the image" }) };
  const { value, asked } = await answerText(session, question, {
    answers: answersOf(rest),
    back,
    ...(repository === undefined ? {} : { before: repository }),
  });
  return { state: value === "" ? rest : { ...rest, repository: value }, asked };
}
