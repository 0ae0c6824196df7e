/**
 * What a registry's set-up is made of: data and pure functions. The terminal, the network and the
 * files are elsewhere; a recipe says what to ask, what is a good answer, and what to write.
 *
 * @module
 */

import type { Challenge } from "./challenge.ts";
import type { Credential } from "./credential.ts";
import type { RegauthError } from "./errors.ts";
import type { Facts } from "./facts.ts";
import type { Context } from "./io.ts";

/** The registries that have a recipe. */
export type RecipeId =
  | "ecr"
  | "acr"
  | "google"
  | "ghcr"
  | "gitlab"
  | "artifactory"
  | "quay"
  | "dockerhub"
  | "harbor"
  | "generic";

/** What the user wants to do. */
export type Access = "pull" | "push";

/** Answers so far, by question. Secrets are kept apart, in {@linkcode Answers.secret}. */
export interface Answers {
  /** Registry host, normalised. */
  readonly host: string;
  /** What the user wants to do. */
  readonly access: Access;
  /** Repository to try, without the host, if the user named one. */
  readonly repository?: string;
  /** Answers to the way's own questions. */
  readonly texts: Readonly<Record<string, string>>;
  /** The secret, once it was given. */
  readonly secret?: string;
}

/** A value that the machine suggests, and where it was found. */
export interface Suggestion {
  /** The answer, as if it had been typed. */
  readonly value: string;
  /** Such as `from GITHUB_ACTOR`. */
  readonly from: string;
}

/** The verdict on an answer: an error keeps the question open, a warning lets the user go on. */
export interface Verdict {
  /** Why the answer cannot be taken, and what is wanted. */
  readonly error?: string;
  /** Why the answer looks wrong. */
  readonly warning?: string;
}

/** One question; its answer can also be given by flag and variable. */
export interface Question {
  /**
   * Name of the answer, of the flag `--id` and of the variable `REGAUTH_ID` (dashes become `_`). That
   * of a secret is `secret`, which is never a flag itself.
   */
  readonly id: string;
  /** What is asked for, without question mark. */
  readonly message: string;
  /** What to type, for the help key and the flag's description. */
  readonly help: string;
  /** `file` is a path whose text becomes the secret; `secret` is never shown. */
  readonly kind: "text" | "secret" | "choice" | "file";
  /** What can be chosen. */
  choices?(facts: Facts, answers: Answers): readonly Suggestion[];
  /** The default, from what is on this machine; of a secret only `from` may be shown. */
  suggest?(facts: Facts, answers: Answers): Suggestion | undefined;
  /** Takes off what a paste brought along; hosts, quotes, `export X=`. */
  clean?(text: string): string;
  /**
   * Judges an answer as it is typed, the text of a `file`, and an empty answer too: it is allowed if
   * there is no error, so that the question need not be answered.
   */
  check?(text: string, answers: Answers): Verdict;
  /** Whether it is asked at all. */
  when?(answers: Answers): boolean;
}

/** Where the secret is made, and with which rights. */
export interface TokenPage {
  /** The page; absent if there is none, and the remark says where the secret comes from. */
  readonly url?: string;
  /** The minimum rights for what the user wants. */
  readonly rights: string;
  /** What else to know before clicking. */
  readonly remark?: string;
}

/** What regauth has to know to reach a registry that is not set up like those of the vendors. */
export interface Connection {
  /** Host of the token server that may be shown the credential, if it is another one. */
  readonly realm?: string;
  /** PEM file of certificates to trust. */
  readonly ca?: string;
  /** Lets the credential travel over plain HTTP. */
  readonly insecure?: true;
}

/**
 * What a way leads to: a credential to be saved, or a helper that makes short-lived ones
 * (`docker-credential-<helper>`), or an entry of regauth's own file.
 */
export type Outcome =
  | {
    readonly kind: "credential";
    readonly credential: Credential;
    readonly connection?: Connection;
  }
  | { readonly kind: "helper"; readonly helper: string; readonly hosts: readonly string[] }
  | {
    readonly kind: "keychain";
    readonly pattern: string;
    readonly settings: Readonly<Record<string, string>>;
    /** Hosts for which other tools may ask regauth as their credential helper. */
    readonly hosts?: readonly string[];
  };

/** What can be done at once about a try that failed. */
export interface Remedy {
  /** Its name for the list of what to do. */
  readonly label: string;

  /**
   * Does it.
   *
   * @param context The outside world.
   * @param tell Tells the user what to do meanwhile.
   * @throws {RegauthError} If it did not help.
   */
  run(context: Context, tell: (line: string) => void): Promise<void>;
}

/** One way to authenticate. */
export interface Way {
  /** Name for `--method`. */
  readonly id: string;
  /** Name for the list of ways. */
  readonly title: string;
  /** One line on what choosing it means. */
  readonly meaning: string;
  /** Why it cannot be offered here; absent if it can. */
  unavailable?(facts: Facts, answers: Answers): string | undefined;
  /** What it needs, in order. */
  readonly questions: readonly Question[];
  /** Where to make the secret. What is not answered yet stands in capitals, such as `ORG`. */
  page?(answers: Answers): TokenPage;
  /** What the answers lead to. */
  outcome(answers: Answers): Outcome;
  /** What can be done about a failure, before the answers are changed. */
  remedy?(failure: RegauthError, answers: Answers): Remedy | undefined;
  /** When what is saved stops working by itself, in words; such as `after 12 hours`. */
  readonly expires?: string;
}

/** One line of a guide's table of errors. */
export interface Trouble {
  /** What the registry or the tool says. */
  readonly message: string;
  /** What is usually behind it. */
  readonly cause: string;
  /** What to do. */
  readonly fix: string;
}

/** What `setup REGISTRY --explain` prints and the README shows, beside the ways. */
export interface Guide {
  /** Two or three sentences. */
  readonly about: string;
  /** Rights for pull and for push. */
  readonly rights: Readonly<Record<Access, string>>;
  /** How repositories come to be, and with which visibility. */
  readonly repositories: string;
  /** How images are named there. */
  readonly names: string;
  /** What surprises people. */
  readonly pitfalls: readonly string[];
  /** Errors, the most common ones first. */
  readonly troubles: readonly Trouble[];
}

/** What to do after saving. */
export interface NextStep {
  /** A line of explanation. */
  readonly text: string;
  /** A command to copy. */
  readonly command?: string;
}

/** How a host is put together, for those who do not know it by heart. */
export interface HostForm {
  /** What it is made of, in order; `host` is empty in the answers as long as they are asked. */
  readonly questions: readonly Question[];
  /** The host, from the answers to all questions. */
  host(texts: Answers["texts"]): string;
}

/** The set-up of one registry. */
export interface Recipe {
  /** Name for `setup`. */
  readonly id: RecipeId;
  /** What people call the registry. */
  readonly title: string;
  /** Environment variables that it looks at: the names in {@linkcode Facts.env}. */
  readonly variables: readonly string[];
  /** Programs that it looks for: the names in {@linkcode Facts.programs}. */
  readonly programs: readonly string[];
  /** Whether a host is this registry's; lookalikes are not. */
  owns(host: string): boolean;
  /** Whether a host of another name is this kind of registry, by the answer to a ping. */
  recognises?(challenges: readonly Challenge[]): boolean;
  /** Judges a host that the user named: a website, a registry that was shut down. */
  checkHost?(host: string): Verdict;
  /** Hosts to offer, best first, when the user only named the recipe. */
  hosts(facts: Facts): readonly Suggestion[];
  /** How to make a host that is none of those; absent if it has to be typed. */
  readonly hostForm?: HostForm;
  /** Ways to authenticate, best first. */
  readonly ways: readonly Way[];
  /** Asks for {@linkcode Answers.repository}; it need not be answered. */
  readonly repository: Question;
  /** What to know about it. */
  readonly guide: Guide;
  /** What to do after saving: create the repository, the first pull or push, where it shows up. */
  next(answers: Answers): readonly NextStep[];
}
