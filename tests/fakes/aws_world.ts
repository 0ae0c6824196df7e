/**
 * An outside world in memory with AWS in it, and the keychain that asks there.
 *
 * @module
 */

import type { Credential } from "../../lib/credential.ts";
import { RegauthError } from "../../lib/errors.ts";
import type { Keychain } from "../../lib/keychain.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { ecrKeychain, type EcrOptions } from "../../lib/registries/ecr_keychain.ts";
import { tokenStore } from "../../lib/token_store.ts";
import { type FakeAws, fakeAws } from "./aws.ts";

/** The host that is asked for. */
export const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/** What can be chosen. */
export interface AwsWorldOptions
  extends Pick<MemoryIoOptions, "env" | "files" | "programs" | "platform"> {
  /** Milliseconds by which the clock of AWS is ahead. */
  readonly skew?: number;
  /** Hosts that nobody knows. */
  readonly unknown?: RegExp;
  /** Hosts that do not answer. */
  readonly silent?: RegExp;
  /** Whether the machine is an instance; else its metadata service cannot be reached. */
  readonly instance?: boolean;
}

/** The world. */
export interface AwsWorld {
  readonly io: MemoryIo;
  readonly aws: FakeAws;
  /** What was heard, and the warnings among it. */
  readonly trace: string[];
  readonly warnings: string[];
  /** A keychain that warns into {@linkcode AwsWorld.warnings}. */
  keychain(options?: EcrOptions): Keychain;
  /** Asks a new keychain. */
  ask(options?: EcrOptions, host?: string): Promise<Credential | undefined>;
  /** ARN of whom a new keychain's password belongs to. */
  owner(options?: EcrOptions, host?: string): Promise<string | undefined>;
  /** The error of a new keychain, as message and hint. */
  fault(
    options?: EcrOptions,
    host?: string,
  ): Promise<{ code: string; message: string; hint: string }>;
  /** Moves the clock. */
  pass(milliseconds: number): void;
}

/** Makes a world. */
export function awsWorld(options: AwsWorldOptions = {}): AwsWorld {
  const { skew = 0, unknown, silent, instance = false } = options;
  const trace: string[] = [];
  const warnings: string[] = [];
  const io: MemoryIo = memoryIo({
    now: new Date("2026-01-02T03:04:05Z"),
    ...options,
    env: { HOME: "/home/me", PATH: "/bin", ...options.env },
    fetch: async (request) => {
      const { hostname } = new URL(request.url);
      const fail = (why: string): never => {
        throw new TypeError("fetch failed", { cause: new Error(why) });
      };
      if (unknown?.test(hostname)) fail("dns error: no such host");
      if (hostname === "169.254.169.254" && !instance) fail("connection refused");
      if (silent?.test(hostname)) throw new DOMException("", "TimeoutError");
      return await aws.fetch(request);
    },
  });
  const aws = fakeAws(() => new Date(io.now().getTime() + skew));
  const world: AwsWorld = {
    io,
    aws,
    trace,
    warnings,
    keychain: (given = {}) =>
      ecrKeychain({
        memory: tokenStore(io),
        warn: (line) => void warnings.push(line),
        ...given,
      }),
    ask: (given, registry = HOST) =>
      world.keychain(given).resolve({ registry }, { io, trace: (line) => void trace.push(line) }),
    async owner(given, host) {
      const found = await world.ask(given, host);
      return aws.passwords.get(found?.password?.reveal() ?? "")?.arn;
    },
    async fault(given, host) {
      try {
        await world.ask(given, host);
      } catch (error) {
        if (error instanceof RegauthError) {
          return { code: error.code, message: error.message, hint: error.hint ?? "" };
        }
        throw error;
      }
      throw new Error("It did not fail.");
    },
    pass: (milliseconds) => io.setNow(new Date(io.now().getTime() + milliseconds)),
  };
  return world;
}

/** Variables of a key that is in the world. */
export function envKey(world: AwsWorld, id = "AKIDEXAMPLE"): void {
  const { accessKeyId, secret } = world.aws.add({ accessKeyId: id });
  world.io.variables.set("AWS_ACCESS_KEY_ID", accessKeyId);
  world.io.variables.set("AWS_SECRET_ACCESS_KEY", secret);
}
