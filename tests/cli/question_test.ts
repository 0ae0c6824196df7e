import { assertEquals } from "@std/assert";
import {
  answerConfirm,
  answerInput,
  answerSecret,
  Cancelled,
  firstChoice,
  matchesChoice,
} from "../../lib/cli/question.ts";
import { Secret } from "../../lib/credential.ts";

Deno.test("answerInput() goes back at < only where that is possible", () => {
  assertEquals(answerInput({ message: "Name", back: true }, " < "), { wants: "back" });
  assertEquals(answerInput({ message: "Name" }, "<"), { answer: "<" });
});

Deno.test("answerInput() gives help at ? only where there is some", () => {
  assertEquals(answerInput({ message: "Name", help: "It is yours." }, "?"), { wants: "help" });
  assertEquals(answerInput({ message: "Name" }, "?"), { answer: "?" });
});

Deno.test("answerInput() takes an empty answer where nothing objects", () => {
  assertEquals(answerInput({ message: "Name" }, ""), { answer: "" });
});

Deno.test("answerSecret() keeps blanks and quotes", () => {
  const answered = answerSecret({ message: "Token" }, ' "a b" ');
  assertEquals("answer" in answered && answered.answer.reveal(), ' "a b" ');
});

Deno.test("answerSecret() refuses nothing, unless a secret is kept", () => {
  const kept = new Secret("before");
  assertEquals(answerSecret({ message: "Token" }, ""), { complaint: "Nothing was entered." });
  assertEquals(answerSecret({ message: "Token", kept }, ""), { answer: kept });
});

Deno.test("answerSecret() looks at the secret", () => {
  const validate = (text: string): string | undefined =>
    text.startsWith("ghp_") ? undefined : "A token begins with ghp_.";
  assertEquals(answerSecret({ message: "Token", validate }, "abc"), {
    complaint: "A token begins with ghp_.",
  });
});

const yesOrNo: [line: string, answer: boolean | undefined][] = [
  ["", false],
  ["y", true],
  ["YES", true],
  [" n ", false],
  ["No", false],
  ["x", undefined],
  ["yy", undefined],
];

for (const [line, answer] of yesOrNo) {
  Deno.test(`answerConfirm() takes ${JSON.stringify(line)} for ${answer ?? "no answer"}`, () => {
    const answered = answerConfirm({ message: "Write?", default: false }, line);
    assertEquals("answer" in answered ? answered.answer : undefined, answer);
  });
}

Deno.test("firstChoice() takes the default, unless it cannot be chosen", () => {
  const choices = [
    { value: "a", label: "a", disabled: "broken" },
    { value: "b", label: "b" },
    { value: "c", label: "c" },
  ];
  assertEquals(firstChoice({ message: "", choices, default: "c" }), 2);
  assertEquals(firstChoice({ message: "", choices, default: "a" }), 1);
  assertEquals(firstChoice({ message: "", choices }), 1);
  assertEquals(firstChoice({ message: "", choices: choices.slice(0, 1) }), -1);
});

Deno.test("matchesChoice() wants every word, in label or hint, in any case", () => {
  const choice = { value: 1, label: "*.dkr.ecr.*.amazonaws.com", hint: "Amazon ECR (private)" };
  assertEquals(matchesChoice(choice, "ECR Private"), true);
  assertEquals(matchesChoice(choice, "ecr public"), false);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`Cancelled by ${signal} exits with ${code}`, () => {
    const { exitCode, code: reason } = new Cancelled(signal);
    assertEquals([exitCode, reason], [code, "aborted"]);
  });
}
