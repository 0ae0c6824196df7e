/**
 * Pieces that many recipes are made of: the questions for user name, secret and repository, defaults
 * from the machine, and the outcome of a login by name and password.
 *
 * @example A user name that a variable suggests
 * ```ts
 * import { fromEnvironment, usernameQuestion } from "./recipe_parts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = usernameQuestion({
 *   help: "Your login.",
 *   suggest: (facts) => fromEnvironment(facts, "REG_USER"),
 * });
 * const facts = {
 *   env: { REG_USER: "jane" },
 *   programs: new Set<string>(),
 *   gitHosts: [],
 *   awsProfiles: [],
 *   saved: [],
 * };
 * const answers = { host: "reg.example", access: "pull", texts: {} } as const;
 * assertEquals(question.suggest?.(facts, answers), { value: "jane", from: "from REG_USER" });
 * ```
 *
 * @module
 */

import { checkUsername, cleanAnswer, cleanRepository } from "./answer_check.ts";
import type { Challenge } from "./challenge.ts";
import { Secret } from "./credential.ts";
import { messageOf } from "./errors.ts";
import type { Facts } from "./facts.ts";
import type { Answers, Outcome, Question, Suggestion, Verdict } from "./recipe.ts";
import { parseReference } from "./reference.ts";
import {
  checkSecret,
  type SecretExpectation,
  type SecretKind,
  secretKind,
} from "./secret_check.ts";
import { readExpiry } from "./token_claims.ts";

/** What a recipe says of a question that it shares with others. */
export type QuestionPart =
  & Pick<Question, "help">
  & Partial<Pick<Question, "message" | "suggest" | "clean" | "check" | "when">>;

/** The outcome that saves a credential. */
export type CredentialOutcome = Extract<Outcome, { readonly kind: "credential" }>;

/** What a recipe says of its question for a token. */
export interface TokenPart extends QuestionPart {
  /** What the vendor calls it. */
  readonly message: string;
  /** What the token should look like. @default {no known form} */
  readonly expected?: SecretExpectation;
}

/**
 * The question for the user name.
 *
 * @param part What is special about it; a `check` replaces {@linkcode checkUsername}.
 * @returns The question `username`.
 */
export function usernameQuestion(part: QuestionPart): Question {
  return {
    id: "username",
    message: "User name",
    kind: "text",
    clean: cleanAnswer,
    check: checkUsername,
    ...part,
  };
}

/**
 * The question for a token: blanks and quotes around it are taken off.
 *
 * @param part What it is called, and what it should look like; a `check` replaces that.
 * @returns The question `secret`.
 */
export function tokenQuestion(
  { expected = { kinds: [], anyForm: true }, ...part }: TokenPart,
): Question {
  return {
    id: "secret",
    kind: "secret",
    clean: cleanAnswer,
    check: (text) => checkSecret(text, expected),
    ...part,
  };
}

/**
 * The question for a password that a person chose: quotes may be part of it, so it stays as typed.
 *
 * @param part What is special about it.
 * @returns The question `secret`.
 */
export function passwordQuestion(part: QuestionPart): Question {
  return {
    id: "secret",
    message: "Password",
    kind: "secret",
    check: (text) => checkSecret(text),
    ...part,
  };
}

/**
 * The question for a repository to try; it need not be answered.
 *
 * @param part What is special about it; a `check` comes on top of the grammar of names.
 * @returns The question `repo`.
 */
export function repositoryQuestion(part: QuestionPart): Question {
  return {
    id: "repo",
    message: "Repository to try (optional)",
    kind: "text",
    clean: cleanRepository,
    ...part,
    check: (text, answers) => {
      if (text === "") return {};
      const verdict = checkGrammar(text, answers.host);
      return verdict.error === undefined ? part.check?.(text, answers) ?? {} : verdict;
    },
  };
}

/**
 * The question for the certificates of a registry that is not signed by a public authority; it need
 * not be answered.
 *
 * @param part When it is asked.
 * @returns The question `ca-file`.
 */
export function caFileQuestion(part: Pick<Question, "when">): Question {
  return {
    id: "ca-file",
    message: "CA file, if the certificate is not a public one (optional)",
    help:
      "Path of a PEM file with the certificate of the authority that signed the registry's own.",
    kind: "text",
    clean: cleanAnswer,
    ...part,
  };
}

/**
 * The outcome of a login by name and password, with the answer to {@linkcode caFileQuestion}, and
 * with the end of the secret if that is a JWT.
 *
 * @param answers The answers, the secret among them.
 * @param username The name, if it is not the answer to `username`.
 * @returns The credential.
 */
export function loginOutcome(
  answers: Answers,
  username: string = answers.texts.username ?? "",
): CredentialOutcome {
  const { secret = "" } = answers;
  const expiresAt = readExpiry(secret);
  const ca = answers.texts["ca-file"];
  return {
    kind: "credential",
    credential: { username, password: new Secret(secret), ...(expiresAt ? { expiresAt } : {}) },
    ...(ca ? { connection: { ca } } : {}),
  };
}

/**
 * The first of some variables that is set.
 *
 * @param facts What is known of this machine.
 * @param names The variables, best first.
 * @returns Its value, or `undefined` if none is set.
 */
export function fromEnvironment(
  facts: Facts,
  ...names: readonly string[]
): Suggestion | undefined {
  for (const name of names) {
    const value = facts.env[name];
    if (value !== undefined) return { value, from: `from ${name}` };
  }
  return undefined;
}

/**
 * The first of some variables that holds a token of a certain kind.
 *
 * @param facts What is known of this machine.
 * @param kind The kind that is wanted.
 * @param names The variables, best first.
 * @returns The token, or `undefined` if none of them holds one.
 */
export function tokenFromEnvironment(
  facts: Facts,
  kind: SecretKind,
  ...names: readonly string[]
): Suggestion | undefined {
  return fromEnvironment(
    facts,
    ...names.filter((name) => secretKind(facts.env[name] ?? "") === kind),
  );
}

/**
 * The user who is already logged in to a host.
 *
 * @param facts What is known of this machine.
 * @param host The registry.
 * @returns The name, or `undefined` if none is saved.
 */
export function fromSaved(facts: Facts, host: string): Suggestion | undefined {
  for (const { host: saved, username, where } of facts.saved) {
    if (saved === host && username) return { value: username, from: `from ${where}` };
  }
  return undefined;
}

/**
 * The repository of this folder on the host of its first git remote.
 *
 * @param facts What is known of this machine.
 * @param web The website of the repository.
 * @returns Owner and name, or `undefined` if the remote is elsewhere.
 */
export function fromRemote(facts: Facts, web: string): Suggestion | undefined {
  const [first] = facts.gitHosts;
  return facts.gitRepository !== undefined && first?.host === web
    ? { value: facts.gitRepository, from: remoteName(first.remote) }
    : undefined;
}

/**
 * How a default from a git remote is explained.
 *
 * @param remote Name of the remote.
 * @returns The explanation.
 */
export function remoteName(remote: string): string {
  return `from git remote "${remote}"`;
}

/**
 * Leaves out what was suggested before.
 *
 * @param suggestions Suggestions, best first.
 * @returns The first one of each value.
 */
export function distinct(suggestions: readonly Suggestion[]): readonly Suggestion[] {
  const values = suggestions.map(({ value }) => value);
  return suggestions.filter(({ value }, index) => values.indexOf(value) === index);
}

/**
 * The token server that a registry names, by which its kind can be told.
 *
 * @param challenges The registry's answer to a ping.
 * @returns Path and service of the first Bearer challenge, or `undefined` if there is none.
 */
export function tokenServer(
  challenges: readonly Challenge[],
): { readonly path: string; readonly service: string } | undefined {
  const params = challenges.find(({ scheme }) => scheme === "bearer")?.params;
  const path = URL.parse(params?.realm ?? "")?.pathname;
  return path === undefined ? undefined : { path, service: params?.service ?? "" };
}

function checkGrammar(repository: string, host: string): Verdict {
  try {
    parseReference(`${host}/${repository}`);
    return {};
  } catch (error) {
    return { error: messageOf(error) };
  }
}
