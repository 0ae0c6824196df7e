import { assertEquals, assertRejects } from "@std/assert";
import { GoBack } from "../../lib/cli/prompts.ts";
import { type Step, type Stepped, walk } from "../../lib/cli/wizard.ts";

/** A step that says its name, and then does what the script says. */
function step(id: string, ...script: (Partial<Stepped<string[]>> | "back")[]): Step<string[]> {
  return {
    id,
    run(state, back) {
      const does = script.shift() ?? {};
      if (does === "back") {
        return Promise.reject(back ? new GoBack() : new Error("there is no way back"));
      }
      return Promise.resolve({ asked: true, ...does, state: [...state, id] });
    },
  };
}

const QUIET = { asked: false };

const WALKS: readonly [name: string, steps: () => Step<string[]>[], way: string][] = [
  ["forward", () => [step("a"), step("b", QUIET), step("c")], "a b c"],
  ["back to the question before", () => [step("a"), step("b", "back"), step("c")], "a a b c"],
  [
    "back over steps without a question",
    () => [step("a"), step("b", QUIET, QUIET), step("c", "back")],
    "a b a b c",
  ],
  [
    "back twice",
    () => [step("a"), step("b", {}, "back"), step("c", "back")],
    "a b a b c",
  ],
  ["to the end", () => [step("a", { end: true }), step("b")], "a"],
  ["to a named step", () => [step("a"), step("b"), step("c", { goTo: "a" })], "a b c a b c"],
  [
    "to a named step, and straight on from there",
    () => [step("a"), step("b"), step("c"), step("d", { goTo: "a", then: ["c"] })],
    "a b c d a c d",
  ],
  [
    "back from a named step, and then all the way",
    () => [step("a"), step("b", {}, "back"), step("c", { goTo: "b", then: ["c"] })],
    "a b c a b c",
  ],
];

for (const [name, steps, way] of WALKS) {
  Deno.test(`walk() goes ${name}`, async () => {
    const all = steps();
    assertEquals((await walk<string[]>([], () => all)).join(" "), way);
  });
}

Deno.test("walk() asks what the answers call for", async () => {
  const extra = step("extra");
  const all = [step("a"), step("b")];
  const way = await walk<string[]>(
    [],
    (state) =>
      state.includes("a") ? [all[0], extra, all[1]].filter((one) => one !== undefined) : all,
  );
  assertEquals(way, ["a", "extra", "b"]);
});

Deno.test("walk() knows where the first question is, and lets nobody out by mistake", async () => {
  const leave = () => walk<string[]>([], () => [step("a", "back")], true);
  await assertRejects(leave, GoBack);
  await assertRejects(() => walk<string[]>([], () => [step("a", "back")]), Error, "no way back");
});
