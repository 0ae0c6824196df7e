/**
 * The answers of a set-up so far, and what follows from them.
 *
 * @module
 */

import type { Secret } from "../credential.ts";
import type { RegauthError } from "../errors.ts";
import type { Preview } from "../plan_preview.ts";
import type { Access, Answers, Outcome, Question, Recipe, Way } from "../recipe.ts";
import { HUB_HOST } from "../reference.ts";
import type { Resolved } from "../resolve.ts";
import type { Target } from "../targets.ts";
import { expandPath } from "../short_path.ts";
import type { Io } from "../io.ts";
import type { Tried } from "./try.ts";

/** What to do with a credential that is there already. */
export const EXISTING = ["test", "keep", "replace", "remove"] as const;

/** What to do with a credential that is there already. */
export type Existing = typeof EXISTING[number];

/** The answers so far. */
export interface SetupState {
  readonly recipe?: Recipe;
  /** Whether the recipe was named by the user or is known by the host. */
  readonly isCertain?: boolean;
  /** Registry host, normalised. */
  readonly host?: string;
  /** The repository of the image that was named instead of a host. */
  readonly named?: string;
  /** What is known for the host so far. */
  readonly found?: Resolved;
  /** What was chosen for it. */
  readonly existing?: Existing;
  readonly access?: Access;
  readonly way?: Way;
  /** Answers by question. */
  readonly texts: Readonly<Record<string, string>>;
  readonly secret?: Secret;
  /** The option that gives the secret once more. */
  readonly secretOption?: string;
  /** Repository to try, without the host. */
  readonly repository?: string;
  /** A foreign token server that may see the credential. */
  readonly realm?: string;
  readonly tried?: Tried;
  /** Why the user left without saving. */
  readonly left?: RegauthError;
  readonly target?: Target;
  /** Whether there is nothing to write. */
  readonly upToDate?: boolean;
}

/** A set-up whose registry and way are known. */
export type Chosen = SetupState & {
  readonly recipe: Recipe;
  readonly host: string;
  readonly access: Access;
  readonly way: Way;
};

/**
 * Whether registry and way are known.
 *
 * @param state The answers so far.
 * @returns Whether they are.
 */
export function isChosen(state: SetupState): state is Chosen {
  const { recipe, host, access, way } = state;
  return [recipe, host, access, way].every((part) => part !== undefined);
}

/**
 * The answers as recipes want them.
 *
 * @param state The answers so far.
 * @returns The answers; a host that is not known yet is empty.
 */
export function answersOf(state: SetupState): Answers {
  const { host = "", access = "pull", repository, texts, secret } = state;
  return {
    host,
    access,
    texts,
    ...(repository ? { repository } : {}),
    ...(secret ? { secret: secret.reveal() } : {}),
  };
}

/**
 * What the answers lead to.
 *
 * @param io The outside world.
 * @param state The answers.
 * @returns The outcome; files in it are absolute paths.
 */
export function outcomeOf(io: Io, state: Chosen): Outcome {
  const outcome = state.way.outcome(answersOf(state));
  if (outcome.kind !== "credential") return outcome;
  const { ca, ...rest } = outcome.connection ?? {};
  const connection = {
    ...rest,
    ...(ca === undefined ? {} : { ca: expandPath(io, ca) }),
    ...(state.realm === undefined ? {} : { realm: state.realm }),
  };
  const { credential } = outcome;
  return {
    kind: "credential",
    credential,
    ...(Object.keys(connection).length > 0 ? { connection } : {}),
  };
}

/**
 * The questions of the way that apply.
 *
 * @param state The answers so far.
 * @returns The questions, in order.
 */
export function questionsOf({ way, ...state }: SetupState): readonly Question[] {
  const answers = answersOf(state);
  return way?.questions.filter(({ when }) => when?.(answers) ?? true) ?? [];
}

/**
 * The user whose credential would be overwritten.
 *
 * @param state The answers.
 * @param preview What they would change.
 * @returns The name; none if nobody's would be, or that of the same user.
 */
export function otherUser(state: Chosen, { replaced }: Preview): string | undefined {
  const outcome = state.way.outcome({ host: state.host, access: state.access, texts: state.texts });
  if (outcome.kind !== "credential") return undefined;
  return replaced.find((user) => user !== outcome.credential.username);
}

/**
 * The name of a registry for people.
 *
 * @param host The host.
 * @returns The host; `docker.io` for Docker Hub.
 */
export function nameOf(host: string): string {
  return host === HUB_HOST ? "docker.io" : host;
}
