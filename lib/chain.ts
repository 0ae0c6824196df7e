/**
 * Asks keychains one after the other.
 *
 * @example The first keychain that knows the target wins
 * ```ts
 * import { chain } from "./chain.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const both = chain(
 *   { name: "empty", resolve: () => Promise.resolve(undefined) },
 *   { name: "robots", resolve: () => Promise.resolve({ username: "robot" }) },
 * );
 * const found = await both.resolve({ registry: "reg.example" }, { io: memoryIo() });
 * assertEquals(found?.username, "robot");
 * ```
 *
 * @module
 */

import type { Credential } from "./credential.ts";
import type { Context } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import type { Target } from "./reference.ts";

/** A credential and the name of the keychain that gave it. */
export interface Answer {
  /** Name of the keychain. */
  readonly keychain: string;
  /** What it answered; without fields it means "send none". */
  readonly credential: Credential;
}

/** What one keychain said when the whole chain was explained. */
export interface Step {
  /** Name of the keychain. */
  readonly keychain: string;
  /** Whether it knew the target, knew nothing, was not asked, or failed. */
  readonly outcome: "matched" | "nothing" | "skipped" | "failed";
  /** Why, in the keychain's own words, one line each. Never a secret. */
  readonly reasons: readonly string[];
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** What it answered, if it matched. */
  readonly credential?: Credential;
  /** Why it failed, if it failed. */
  readonly error?: unknown;
}

/**
 * Asks in order; the first answer wins and the first failure ends the search
 * (go-containerregistry `pkg/authn/multikeychain.go`).
 *
 * @param keychains Whom to ask, in this order.
 * @param target What is to be pulled or pushed.
 * @param context The outside world.
 * @returns The answer and who gave it, or `undefined` if nobody knows the target.
 * @throws {RegauthError} What the failing keychain threw.
 */
export async function firstAnswer(
  keychains: Iterable<Keychain> | AsyncIterable<Keychain>,
  target: Target,
  context: Context,
): Promise<Answer | undefined> {
  for await (const keychain of keychains) {
    context.signal?.throwIfAborted();
    const credential = await keychain.resolve(target, traced(context, keychain.name));
    if (credential) return { keychain: keychain.name, credential };
  }
  return undefined;
}

/**
 * Joins keychains to one that asks them in order.
 *
 * @param keychains Whom to ask, in this order.
 * @returns A keychain named `chain`.
 */
export function chain(...keychains: readonly Keychain[]): Keychain {
  return {
    name: "chain",
    async resolve(target, context) {
      return (await firstAnswer(keychains, target, context))?.credential;
    },
  };
}

/**
 * Asks one keychain and tells what it said.
 *
 * @param keychain Whom to ask.
 * @param target What is to be pulled or pushed.
 * @param context The outside world.
 * @returns What it said, and why; a failure is told, not thrown.
 */
export async function explainKeychain(
  keychain: Keychain,
  target: Target,
  context: Context,
): Promise<Step> {
  const reasons: string[] = [];
  const started = performance.now();
  const step = (outcome: Step["outcome"], more: Partial<Step> = {}): Step => ({
    keychain: keychain.name,
    outcome,
    reasons,
    milliseconds: performance.now() - started,
    ...more,
  });
  try {
    const credential = await keychain.resolve(target, {
      ...context,
      trace: (message) => {
        reasons.push(message);
        context.trace?.(`${keychain.name}: ${message}`);
      },
    });
    return credential ? step("matched", { credential }) : step("nothing");
  } catch (error) {
    return step("failed", { error });
  }
}

function traced(context: Context, keychain: string): Context {
  const { trace } = context;
  return trace ? { ...context, trace: (message) => trace(`${keychain}: ${message}`) } : context;
}
