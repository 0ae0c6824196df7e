/**
 * Who am I to this registry? One question, asked of all keychains in order.
 *
 * @example The environment names a registry by a glob
 * ```ts
 * import { resolve } from "./resolve.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: {
 *     REGAUTH_REGISTRY_HOSTNAME_0: "*.reg.example",
 *     REGAUTH_REGISTRY_USERNAME_0: "robot",
 *     REGAUTH_REGISTRY_PASSWORD_0: "s3cret",
 *   },
 * });
 * const found = await resolve("eu.reg.example/team/app:v1", { io });
 * assertEquals(found.kind, "basic");
 * assertEquals(found.credential?.username, "robot");
 * assertEquals(found.keychain, "env");
 * ```
 *
 * @module
 */

import { explainKeychain, firstAnswer, type Step } from "./chain.ts";
import { type Credential, type CredentialKind, credentialKind } from "./credential.ts";
import type { Context, Io, Trace } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import { type KeychainOptions, type Selection, selectKeychains } from "./keychains.ts";
import { parseTarget, type Target, targetText } from "./reference.ts";

/** How to look for a credential. */
export interface ResolveOptions extends KeychainOptions {
  /** The outside world. @default {denoIo()} */
  readonly io?: Io;
  /** Ends the search early. */
  readonly signal?: AbortSignal;
  /** Hears what happens; never a secret. */
  readonly trace?: Trace;
}

/** The credential of one target. */
export interface Resolved extends Target {
  /** The text that was asked for. */
  readonly target: string;
  /** What the credential amounts to; `none` if no keychain knows the target. */
  readonly kind: CredentialKind;
  /** The credential; absent if `kind` is `none`. */
  readonly credential?: Credential;
  /** Name of the keychain that answered. */
  readonly keychain?: string;
}

/** What every keychain said of one target. */
export interface Explanation extends Target {
  /** The text that was asked for. */
  readonly target: string;
  /** What the winning credential amounts to; `none` if no keychain knows the target. */
  readonly kind: CredentialKind;
  /** What the keychains said, in the order in which they are asked. */
  readonly steps: readonly Step[];
}

/** Answers many questions with keychains that are read once. */
export interface Resolver {
  /**
   * Looks for the credential of an image or host.
   *
   * @param image Image reference or registry host, as text or read already.
   * @returns The credential and who gave it.
   * @throws {RegauthError} `invalid-reference`, or what the keychain that owns the target threw.
   */
  resolve(image: string | Target): Promise<Resolved>;

  /**
   * Asks as {@linkcode Resolver.resolve} does, and tells what every keychain said.
   *
   * @param image Image reference or registry host.
   * @returns The steps; a failing keychain is told, not thrown.
   * @throws {RegauthError} `invalid-reference`
   */
  explain(image: string): Promise<Explanation>;
}

/**
 * Opens the keychains for many questions.
 *
 * @param options Which keychains, and the outside world.
 * @returns A resolver; what keychains read, they read once.
 * @throws {RegauthError} `unknown-keychain`
 */
export async function openResolver(options: ResolveOptions = {}): Promise<Resolver> {
  const context = await contextOf(options);
  const selection = await selectKeychains(options, context);
  return {
    resolve: (image) => resolveTarget(image, selection, context),
    explain: (image) => explainTarget(image, selection, context),
  };
}

/**
 * Looks for the credential of one image or host.
 *
 * @param image Image reference or registry host.
 * @param options Which keychains, and the outside world.
 * @returns The credential and who gave it.
 * @throws {RegauthError} `invalid-reference`, `unknown-keychain`, or what the keychain that owns
 * the target threw.
 */
export async function resolve(image: string, options: ResolveOptions = {}): Promise<Resolved> {
  return await (await openResolver(options)).resolve(image);
}

/**
 * Tells what every keychain says of one image or host, and why.
 *
 * @param image Image reference or registry host.
 * @param options Which keychains, and the outside world.
 * @returns The steps, never a secret in clear.
 * @throws {RegauthError} `invalid-reference`, `unknown-keychain`
 */
export async function explain(image: string, options: ResolveOptions = {}): Promise<Explanation> {
  return await (await openResolver(options)).explain(image);
}

/**
 * All keychains of an order as one.
 *
 * @param options Order, list and credentials.
 * @returns A keychain named `default`.
 */
export function defaultKeychain(options: KeychainOptions = {}): Keychain {
  let selection: Promise<Selection> | undefined;
  return {
    name: "default",
    async resolve(target, context) {
      selection ??= selectKeychains(options, context);
      return (await firstAnswer((await selection).asked, target, context))?.credential;
    },
  };
}

async function contextOf({ io, signal, trace }: ResolveOptions): Promise<Context> {
  return {
    io: io ?? (await import("./deno_io.ts")).denoIo(),
    ...(signal ? { signal } : {}),
    ...(trace ? { trace } : {}),
  };
}

async function resolveTarget(
  image: string | Target,
  { asked }: Selection,
  context: Context,
): Promise<Resolved> {
  const target = typeof image === "string" ? parseTarget(image) : image;
  const answer = await firstAnswer(asked, target, context);
  const text = typeof image === "string" ? image : targetText(image);
  return { target: text, ...target, kind: credentialKind(answer?.credential), ...answer };
}

async function explainTarget(
  image: string,
  { asked, skipped }: Selection,
  context: Context,
): Promise<Explanation> {
  const target = parseTarget(image);
  const steps: Step[] = [];
  for (const keychain of asked) {
    const ended = steps.find(({ outcome }) => outcome === "matched" || outcome === "failed");
    steps.push(
      ended
        ? notAsked(keychain.name, `not asked: "${ended.keychain}" ${ENDED_BY[ended.outcome]}`)
        : await explainKeychain(keychain, target, context),
    );
  }
  steps.push(...skipped.map(({ keychain, reason }) => notAsked(keychain, reason)));
  const kind = credentialKind(steps.find(({ credential }) => credential)?.credential);
  return { target: image, ...target, kind, steps };
}

const ENDED_BY: Readonly<Record<string, string>> = { matched: "answered", failed: "failed" };

function notAsked(keychain: string, reason: string): Step {
  return { keychain, outcome: "skipped", reasons: [reason], milliseconds: 0 };
}
