/**
 * Short-lived tokens on disk, so that one program's token serves the next one. All programs of the
 * user share one file, which nobody else can read.
 *
 * @example A token outlives the program
 * ```ts
 * import { tokenStore } from "./token_store.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" }, now: new Date("2026-01-01T00:00:00Z") });
 * await tokenStore(io).put("key", "token", new Date("2026-01-01T12:00:00Z"));
 * assertEquals((await tokenStore(io).get("key"))?.value, "token");
 * assertEquals(io.files.get("/home/me/.cache/regauth/tokens.json")?.mode, 0o600);
 *
 * io.setNow(new Date("2026-01-01T12:00:00Z"));
 * assertEquals(await tokenStore(io).get("key"), undefined);
 * ```
 *
 * @module
 */

import { messageOf } from "./errors.ts";
import type { Memory, Remembered } from "./identity/memory.ts";
import { homeOf, type Io, joinPath, type Trace } from "./io.ts";
import { isJsonObject, parseObject } from "./json_object.ts";

/** A token as the file holds it. */
interface Entry {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const VERSION = 1;
const MAX_ENTRIES = 200;
/** No token that is worth keeping lives longer; what claims to is from a broken clock. */
const LONGEST_LIFE = 25 * 3_600_000;

/**
 * Where the file is: `regauth/tokens.json` in `$XDG_CACHE_HOME`, else in the platform's folder for
 * what can be made again.
 *
 * @param io The outside world.
 * @returns Its path, or `undefined` if no variable tells the home folder.
 */
export function tokenStorePath(io: Io): string | undefined {
  const folder = io.env("XDG_CACHE_HOME") || cacheFolder(io);
  return folder ? joinPath(io, folder, "regauth", "tokens.json") : undefined;
}

/**
 * The tokens on disk. Nothing of it ever fails: a file that cannot be read or is broken holds
 * nothing, and what cannot be written is forgotten.
 *
 * @param io The outside world.
 * @param trace Hears of files that cannot be used.
 * @returns The tokens by key. A key should be a hash that gives nothing away.
 */
export function tokenStore(io: Io, trace?: Trace): Memory {
  const path = tokenStorePath(io);
  const remark = (error: unknown): undefined =>
    void trace?.(`Tokens are not kept: ${messageOf(error)}`);

  return {
    async get(key): Promise<Remembered | undefined> {
      if (path === undefined) return undefined;
      try {
        const { mode = 0 } = await io.stat(path) ?? {};
        // Somebody else could have read it, or have put something there.
        if ((mode & 0o077) !== 0) return undefined;
        const entry = entriesIn(await io.readText(path), io.now()).get(key);
        return entry && { value: entry.value, expiresAt: new Date(entry.expiresAt) };
      } catch (error) {
        remark(error);
        return undefined;
      }
    },

    async put(key, value, expiresAt): Promise<void> {
      if (path === undefined) return;
      const lock = await io.lock(path).catch(remark);
      try {
        const { mode = 0 } = await io.stat(path) ?? {};
        // The new file would take over the mode.
        if ((mode & 0o077) !== 0) await io.remove(path);
        const entries = entriesIn(await io.readText(path).catch(remark), io.now());
        entries.delete(key);
        entries.set(key, { value, expiresAt: expiresAt.getTime() });
        await io.writePrivate(path, textOf(entries, io.now()));
      } catch (error) {
        remark(error);
      } finally {
        await lock?.release();
      }
    },

    async exclusively<T>(name: string, action: () => Promise<T>): Promise<T> {
      const lock = path === undefined
        ? undefined
        : await io.lock(`${path}.${name.replace(/[^\w-]/g, "_").slice(0, 64)}`).catch(remark);
      try {
        return await action();
      } finally {
        await lock?.release();
      }
    },
  };
}

function cacheFolder(io: Io): string | undefined {
  if (io.platform === "windows") return io.env("LOCALAPPDATA");
  const home = homeOf(io);
  if (home === undefined) return undefined;
  return io.platform === "darwin"
    ? joinPath(io, home, "Library", "Caches")
    : joinPath(io, home, ".cache");
}

/** The tokens that are still good; none if the file is not what was written. */
function entriesIn(text: string | undefined, now: Date): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const file = parseObject(text ?? "");
  if (file?.version !== VERSION || !isJsonObject(file.tokens)) return entries;
  for (const [key, entry] of Object.entries(file.tokens)) {
    if (!isJsonObject(entry)) continue;
    const { value, expiresAt } = entry;
    if (typeof value !== "string" || typeof expiresAt !== "number") continue;
    const left = expiresAt - now.getTime();
    if (left > 0 && left < LONGEST_LIFE) entries.set(key, { value, expiresAt });
  }
  return entries;
}

/** The newest ones come last, and the first ones go if there are too many. */
function textOf(entries: ReadonlyMap<string, Entry>, now: Date): string {
  const kept = [...entries].filter(([_, { expiresAt }]) => expiresAt > now.getTime())
    .slice(-MAX_ENTRIES);
  return `${JSON.stringify({ version: VERSION, tokens: Object.fromEntries(kept) })}\n`;
}
