import { assertEquals } from "@std/assert";
import { checkUsername, cleanAnswer, cleanRepository } from "../lib/answer_check.ts";

const ANSWERS: readonly (readonly [text: string, answer: string])[] = [
  ["octocat", "octocat"],
  ["  octocat\t", "octocat"],
  ['"octocat"', "octocat"],
  ["'octocat'", "octocat"],
  ["`octocat`", "octocat"],
  [`"octocat'`, `"octocat'`],
  ["export GITHUB_ACTOR=octocat", "octocat"],
  ["set GITHUB_ACTOR=octocat", "octocat"],
  ['$env:GITHUB_ACTOR = "octocat"', "octocat"],
  ["GITHUB_ACTOR='octocat'", "octocat"],
  ["ABCDEF=", "ABCDEF="],
  ["ABCDEF==", "ABCDEF=="],
  ["a=b", "a=b"],
  ["$oauthtoken", "$oauthtoken"],
  ["", ""],
];

for (const [text, answer] of ANSWERS) {
  Deno.test(`cleanAnswer(${JSON.stringify(text)})`, () => {
    assertEquals(cleanAnswer(text), answer);
  });
}

const REPOSITORIES: readonly (readonly [text: string, repository: string])[] = [
  ["team/app", "team/app"],
  ["app", "app"],
  ["app:1.0", "app"],
  ["reg.example/team/app:1.0", "team/app"],
  ["reg.example:5000/team/app@sha256:0123", "team/app"],
  ["localhost/app", "app"],
  ["https://reg.example/team/app/", "team/app"],
  ["docker://reg.example/app", "app"],
  ['"team/app"', "team/app"],
  ["", ""],
];

for (const [text, repository] of REPOSITORIES) {
  Deno.test(`cleanRepository(${JSON.stringify(text)})`, () => {
    assertEquals(cleanRepository(text), repository);
  });
}

const NAMES: readonly (readonly [name: string, error: string | undefined])[] = [
  ["robot$team+ci", undefined],
  ["jane@example.com", undefined],
  ["", "A user name is needed."],
  ["jane:doe", "A user name must not hold a colon."],
  ["jane\0", "A user name must not hold a control character."],
  ["jane\ndoe", "A user name must not hold a control character."],
];

for (const [name, error] of NAMES) {
  Deno.test(`checkUsername(${JSON.stringify(name)})`, () => {
    assertEquals(checkUsername(name), error === undefined ? {} : { error });
  });
}
