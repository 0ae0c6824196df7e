/**
 * An outside world in memory with Google in it.
 *
 * @module
 */

import type { Credential } from "../../lib/credential.ts";
import type { Memory } from "../../lib/identity/memory.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import {
  googleKeychain,
  type GoogleKeychainOptions,
} from "../../lib/registries/google_keychain.ts";
import { type FakeGoogle, fakeGoogle, type FakeGoogleOptions } from "./google.ts";

/** What is there. */
export interface GoogleWorldOptions extends Omit<MemoryIoOptions, "fetch" | "files"> {
  /** Files by path; an object is written as JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly replies?: FakeGoogleOptions["replies"];
  /** Whether there is a metadata server at the usual address. */
  readonly onGoogle?: boolean;
}

/** The world, and what happened in it. */
export interface GoogleWorld {
  readonly io: MemoryIo;
  readonly google: FakeGoogle;
  readonly trace: readonly string[];
  /** Asks a keychain of its own. */
  ask(options?: GoogleKeychainOptions, host?: string): Promise<Credential | undefined>;
}

/** A folder on the PATH. */
const PATH = "/bin";

/**
 * Makes a world.
 *
 * @param options What is there.
 * @returns The world.
 */
export function googleWorld(options: GoogleWorldOptions = {}): GoogleWorld {
  const { files = {}, replies = {}, onGoogle = false, env = {}, ...rest } = options;
  const trace: string[] = [];
  const google = fakeGoogle({ now: () => io.now(), replies });
  const io: MemoryIo = memoryIo({
    ...rest,
    env: { HOME: "/home/me", PATH, ...env },
    files: Object.fromEntries(
      Object.entries(files).map(([path, content]) => [path, fileOf(content)]),
    ),
    fetch: (request) => {
      const { hostname, pathname } = new URL(request.url);
      if (hostname === "169.254.169.254" && !pathname.startsWith("/latest/") && !onGoogle) {
        throw new TypeError("fetch failed", { cause: new Error("network is unreachable") });
      }
      return google.answer(request);
    },
  });
  return {
    io,
    google,
    trace,
    ask: async (options = {}, host = "us-docker.pkg.dev") =>
      await googleKeychain(options)
        .resolve({ registry: host }, { io, trace: (message) => void trace.push(message) }),
  };
}

/** A memory that many keychains share, as processes share a disk. */
export function sharedMemory(io: MemoryIo): Memory & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  const ends = new Map<string, Date>();
  return {
    texts,
    get: (key) => {
      const [value, expiresAt] = [texts.get(key), ends.get(key)];
      return Promise.resolve(
        value !== undefined && expiresAt && expiresAt > io.now() ? { value, expiresAt } : undefined,
      );
    },
    put: (key, value, expiresAt) => {
      texts.set(key, value);
      ends.set(key, expiresAt);
      return Promise.resolve();
    },
  };
}

function fileOf(content: unknown): string | { text: string; mode: number } {
  if (typeof content === "string") return content;
  const isFile = typeof content === "object" && content !== null && "text" in content &&
    "mode" in content;
  return isFile
    ? { text: String(content.text), mode: Number(content.mode) }
    : JSON.stringify(content);
}
