import { assertEquals } from "@std/assert";
import { parseChallenges } from "../lib/challenge.ts";
import {
  distinct,
  fromEnvironment,
  fromRemote,
  fromSaved,
  loginOutcome,
  repositoryQuestion,
  tokenFromEnvironment,
  tokenServer,
} from "../lib/recipe_parts.ts";
import { answersOf, machine } from "./fakes/recipe.ts";

Deno.test("fromEnvironment() takes the first variable that is set", () => {
  const facts = machine({ env: { B: "b", C: "c" } });
  assertEquals(fromEnvironment(facts, "A", "B", "C"), { value: "b", from: "from B" });
  assertEquals(fromEnvironment(facts, "A"), undefined);
  assertEquals(fromEnvironment(facts), undefined);
});

Deno.test("tokenFromEnvironment() takes the first variable of the kind", () => {
  const facts = machine({ env: { A: "hunter2", B: "gldt-b", C: "gldt-c" } });
  assertEquals(tokenFromEnvironment(facts, "gitlab-deploy", "A", "B", "C")?.from, "from B");
  assertEquals(tokenFromEnvironment(facts, "nvidia", "A", "B", "C"), undefined);
});

Deno.test("fromSaved() passes over logins without a name", () => {
  const saved = [
    { host: "reg.example", where: "a helper" },
    { host: "reg.example:5000", username: "joe", where: "a file" },
    { host: "reg.example", username: "jane", where: "a file" },
  ];
  assertEquals(fromSaved(machine({ saved }), "reg.example")?.value, "jane");
  assertEquals(fromSaved(machine({ saved }), "other.example"), undefined);
});

Deno.test("fromRemote() looks at the first remote only", () => {
  const facts = machine({
    gitHosts: [{ host: "git.example", remote: "up" }, { host: "b.example", remote: "origin" }],
    gitRepository: "acme/app",
  });
  assertEquals(fromRemote(facts, "git.example"), {
    value: "acme/app",
    from: 'from git remote "up"',
  });
  assertEquals(fromRemote(facts, "b.example"), undefined);
  assertEquals(fromRemote(machine({}), "git.example"), undefined);
});

Deno.test("distinct() keeps the first suggestion of a value", () => {
  const all = ["a", "b", "a"].map((value, index) => ({ value, from: `${index}` }));
  assertEquals(distinct(all), all.slice(0, 2));
});

Deno.test("tokenServer() reads the first Bearer challenge", () => {
  const read = (header: string): unknown => tokenServer(parseChallenges(header));
  assertEquals(read('Basic realm="x", Bearer realm="https://a.example/t",service="s"'), {
    path: "/t",
    service: "s",
  });
  assertEquals(read('Bearer realm="https://a.example"'), { path: "/", service: "" });
  assertEquals(read('Bearer realm="not a URL"'), undefined);
  assertEquals(read('Basic realm="x"'), undefined);
});

Deno.test("loginOutcome() keeps the secret out of sight", () => {
  const outcome = loginOutcome(answersOf({ texts: { username: "jane" }, secret: "hunter2" }));
  assertEquals(JSON.stringify(outcome).includes("hunter2"), false);
});

Deno.test("repositoryQuestion() asks its own check last, and not for an empty answer", () => {
  const { check } = repositoryQuestion({ help: "Any.", check: () => ({ warning: "Odd." }) });
  assertEquals(check?.("", answersOf({})), {});
  assertEquals(check?.("team/app", answersOf({})), { warning: "Odd." });
  assertEquals(Object.keys(check?.("Team/app", answersOf({})) ?? {}), ["error"]);
});
