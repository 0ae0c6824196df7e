/** Machines, answers and tables for the tests of recipes. */

import { assert, assertEquals } from "@std/assert";
import { type CredentialKind, credentialKind } from "../../lib/credential.ts";
import type { Facts } from "../../lib/facts.ts";
import type { Answers, Outcome, Question, Recipe, Verdict, Way } from "../../lib/recipe.ts";

/** A machine on which nothing is known but what is named. */
export function machine(part: Partial<Omit<Facts, "programs">> & { programs?: string[] }): Facts {
  const { programs = [], ...facts } = part;
  return {
    env: {},
    gitHosts: [],
    awsProfiles: [],
    saved: [],
    ...facts,
    programs: new Set(programs),
  };
}

/** Answers to a pull from `reg.example`, unless they say something else. */
export function answersOf(part: Partial<Answers>): Answers {
  return { host: "reg.example", access: "pull", texts: {}, ...part };
}

/** A way, by its name. */
function wayOf(recipe: Recipe, id: string): Way {
  const way = recipe.ways.find((way) => way.id === id);
  assert(way, `${recipe.id} has no way ${id}`);
  return way;
}

/** A question of a way, by its name. */
export function questionOf(recipe: Recipe, way: string, id: string): Question {
  const question = wayOf(recipe, way).questions.find((question) => question.id === id);
  assert(question, `${recipe.id} ${way} does not ask for ${id}`);
  return question;
}

/** What an outcome amounts to, with its secret laid open to be compared. */
function laidOpen(outcome: Outcome): unknown {
  if (outcome.kind !== "credential") return outcome;
  const { credential, ...rest } = outcome;
  const kind: CredentialKind = credentialKind(credential);
  const secret = credential.registryToken ?? credential.identityToken ?? credential.password;
  return { ...rest, kind, username: credential.username, secret: secret?.reveal() };
}

/** One line of a table of verdicts: what is typed, how grave it is, and a part of the text. */
export type VerdictRow = readonly [text: string, gravity: keyof Verdict | "fine", part?: string];

/** One test per line: `clean`, then `check`, as the wizard does it. */
export function testVerdicts(
  name: string,
  question: Question,
  rows: readonly VerdictRow[],
  answers: Answers = answersOf({}),
): void {
  for (const [text, gravity, part = ""] of rows) {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    Deno.test(`${name} ${JSON.stringify(shown)}: ${gravity}`, () => {
      const verdict = question.check?.(question.clean?.(text) ?? text, answers) ?? {};
      assertEquals(Object.keys(verdict), gravity === "fine" ? [] : [gravity]);
      const said = verdict.error ?? verdict.warning ?? "";
      assert(said.includes(part), `"${said}" does not hold "${part}"`);
    });
  }
}

/** One test that goes through hosts that are a recipe's, and hosts that are not. */
export function testHosts(
  recipe: Recipe,
  own: readonly string[],
  foreign: readonly string[],
): void {
  Deno.test(`${recipe.id} owns its hosts and no others`, () => {
    assertEquals(own.filter((host) => !recipe.owns(host)), []);
    assertEquals(foreign.filter((host) => recipe.owns(host)), []);
  });
}

/** One line of a table of defaults: what is special, the question, the machine, what it suggests. */
export type SuggestionRow = readonly [
  name: string,
  way: string,
  question: string,
  facts: Parameters<typeof machine>[0],
  expected: string | undefined,
  answers?: Partial<Answers>,
];

/** One test per line; the expected text is `VALUE FROM`. */
export function testSuggestions(
  recipe: Recipe,
  host: string,
  rows: readonly SuggestionRow[],
): void {
  for (const [name, way, question, facts, expected, answers] of rows) {
    Deno.test(`${recipe.id} ${way} suggests ${name}`, () => {
      const { suggest } = questionOf(recipe, way, question);
      const found = suggest?.(machine(facts), answersOf({ host, ...answers }));
      assertEquals(found && `${found.value} ${found.from}`, expected);
    });
  }
}

/** One test per line: a machine, and the hosts that are offered on it, as `VALUE FROM`. */
export function testHostSuggestions(
  recipe: Recipe,
  rows: readonly (readonly [
    name: string,
    facts: Parameters<typeof machine>[0],
    hosts: readonly string[],
  ])[],
): void {
  for (const [name, facts, hosts] of rows) {
    Deno.test(`${recipe.id} suggests hosts on ${name}`, () => {
      const found = recipe.hosts(machine(facts));
      assertEquals(found.map(({ value, from }) => `${value} ${from}`), hosts);
    });
  }
}

/** One test per line: a way, its answers, and what they lead to, with the secret laid open. */
export function testOutcomes(
  recipe: Recipe,
  rows: readonly (readonly [way: string, answers: Partial<Answers>, outcome: unknown])[],
): void {
  for (const [index, [way, answers, outcome]] of rows.entries()) {
    Deno.test(`${recipe.id} ${way} leads to its outcome (row ${index + 1})`, () => {
      assertEquals(laidOpen(wayOf(recipe, way).outcome(answersOf(answers))), outcome);
    });
  }
}

/** One test per line: a way, its answers, the page of its token and the rights. */
export function testPages(
  recipe: Recipe,
  rows: readonly (readonly [
    way: string,
    answers: Partial<Answers>,
    url: string | undefined,
    rights: string,
  ])[],
): void {
  for (const [way, answers, url, rights] of rows) {
    const { host, access } = answersOf(answers);
    Deno.test(`${recipe.id} ${way} to ${access} on ${host}: its page`, () => {
      const page = wayOf(recipe, way).page?.(answersOf(answers));
      assertEquals([page?.url, page?.rights], [url, rights]);
    });
  }
}

/** The ways that can be offered on a machine, by name. */
export function offered(
  recipe: Recipe,
  facts: Parameters<typeof machine>[0],
  answers: Partial<Answers> = {},
): readonly string[] {
  return recipe.ways
    .filter((way) => way.unavailable?.(machine(facts), answersOf(answers)) === undefined)
    .map(({ id }) => id);
}

/** What to do next, one line per step: the text, and the command if there is one. */
export function nextSteps(recipe: Recipe, answers: Partial<Answers>): readonly string[] {
  return recipe.next(answersOf(answers))
    .map(({ text, command }) => command === undefined ? text : `${text} $ ${command}`);
}
