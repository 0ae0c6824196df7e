/**
 * Walks through steps, forwards and back. A step is a question, or work that has none; which steps
 * there are may depend on the answers so far.
 *
 * @example Two questions; the second one is answered by going back once
 * ```ts
 * import { GoBack } from "./prompts.ts";
 * import { type Step, walk } from "./wizard.ts";
 * import { assertEquals } from "@std/assert";
 *
 * let backs = 1;
 * const steps: Step<string>[] = [
 *   { id: "one", run: (state) => Promise.resolve({ state: `${state}1`, asked: true }) },
 *   {
 *     id: "two",
 *     run: (state) =>
 *       backs-- > 0
 *         ? Promise.reject(new GoBack())
 *         : Promise.resolve({ state: `${state}2`, asked: true }),
 *   },
 * ];
 * assertEquals(await walk("", () => steps), "112");
 * ```
 *
 * @module
 */

import { GoBack } from "./prompts.ts";

/** One step on the way. */
export interface Step<S> {
  /** What it is known by. */
  readonly id: string;

  /**
   * Does the step.
   *
   * @param state The answers so far; the one of this step is its default.
   * @param back Whether there is a question to go back to.
   * @returns The answers, and how to go on.
   * @throws {GoBack} If the user wants the question before.
   */
  run(state: S, back: boolean): Promise<Stepped<S>>;
}

/** How a step ended. */
export interface Stepped<S> {
  /** The answers. */
  readonly state: S;
  /** Whether the user was asked, so that there is something to come back to. */
  readonly asked: boolean;
  /** The step to go to; the next one if absent. */
  readonly goTo?: string;
  /** The steps that follow the one to go to, one after the other; the next ones if absent. */
  readonly then?: readonly string[];
  /** Whether nothing is left to do. */
  readonly end?: boolean;
}

/**
 * Walks through the steps.
 *
 * @param start The answers at the beginning.
 * @param stepsOf The steps, given the answers.
 * @param canLeave Whether the user may go back from the first question.
 * @returns The answers at the end.
 * @throws {GoBack} If the user went back from the first question.
 */
export async function walk<S>(
  start: S,
  stepsOf: (state: S) => readonly Step<S>[],
  canLeave = false,
): Promise<S> {
  const asked: string[] = [];
  let state = start;
  let index = 0;
  let then: readonly string[] = [];
  for (;;) {
    const step = stepsOf(state)[index];
    if (step === undefined) return state;
    const indexOf = (id: string): number => stepsOf(state).findIndex((other) => other.id === id);
    try {
      const done = await step.run(state, canLeave || asked.length > 0);
      state = done.state;
      if (done.end) return state;
      if (done.asked) asked.push(step.id);
      const [next, ...later] = then;
      const goTo = done.goTo ?? next;
      const earlier = done.goTo === undefined ? -1 : asked.indexOf(done.goTo);
      if (earlier !== -1) asked.splice(earlier);
      index = goTo === undefined ? indexOf(step.id) + 1 : indexOf(goTo);
      then = done.goTo === undefined ? later : done.then ?? [];
    } catch (thrown) {
      const before = thrown instanceof GoBack ? asked.pop() : undefined;
      if (before === undefined) throw thrown;
      index = indexOf(before);
      then = [];
    }
  }
}
