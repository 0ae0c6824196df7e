/**
 * Copies of the files that are about to change, and a journal of what was changed, so that the last
 * change can be undone. The copies hold the old secrets; nobody else may read them.
 *
 * @example
 * ```ts
 * import { readJournal, recordChanges } from "./backup.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" }, files: { "/c.json": "{}" } });
 * await recordChanges(io, "login reg.example").io.writePrivate("/c.json", '{"a":1}');
 * assertEquals(await io.readText("/c.json.regauth-20260101T000000Z"), "{}");
 * assertEquals((await readJournal(io)).at(-1)?.what, "login reg.example");
 * ```
 *
 * @module
 */

import { beside } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import { editFile } from "./edit_file.ts";
import { RegauthError } from "./errors.ts";
import type { Io, RunOptions, RunResult, Trace } from "./io.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";
import { storedServer } from "./overlay_io.ts";

/** A file that was changed. */
export interface ChangedFile {
  /** The file. */
  readonly path: string;
  /** Copy of what it was; absent if there was no file. */
  readonly backup?: string;
  /** SHA-256 of what it became, in hex. */
  readonly sha256: string;
}

/** A credential helper that was given a secret. It keeps no old ones. */
export interface ChangedHelper {
  /** Name of the program. */
  readonly program: string;
  /** What the secret is for. */
  readonly server: string;
}

/** What one call of regauth changed. */
export interface JournalRecord {
  /** What it is known by. */
  readonly id: string;
  /** When, as ISO 8601. */
  readonly at: string;
  /** Which command did it, such as `login ghcr.io`. */
  readonly what: string;
  /** The files. */
  readonly files: readonly ChangedFile[];
  /** The helpers. */
  readonly helpers: readonly ChangedHelper[];
}

/** An outside world in which changes are recorded. */
export interface Recording {
  /** The world. */
  readonly io: Io;
  /** Puts back the files that were changed in it. */
  rollBack(): Promise<void>;
}

/** How many copies of a file are kept, and how many records. */
const KEPT = 3;

/**
 * Records what is changed. Where no copy can be made, the change is made all the same: it cannot be
 * undone then.
 *
 * @param io The outside world.
 * @param what Which command does it.
 * @param trace Hears of what cannot be recorded.
 * @returns A world that copies each file before its first change.
 */
export function recordChanges(io: Io, what: string, trace?: Trace): Recording {
  const files = new Map<string, ChangedFile>();
  const helpers: ChangedHelper[] = [];
  const start = { id: crypto.randomUUID(), at: io.now().toISOString(), what };

  async function recorded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      const record = { ...start, files: [...files.values()], helpers };
      const isEmpty = files.size + helpers.length === 0;
      await editJournal(
        io,
        (records) => [...without(records, start), ...(isEmpty ? [] : [record])].slice(-KEPT),
      );
    } catch (error) {
      if (!(error instanceof RegauthError)) throw error;
      trace?.(`This change cannot be undone: ${error.message}`);
    }
  }

  async function writePrivate(path: string, text: string): Promise<void> {
    const known = files.get(path);
    await recorded(async () => {
      const sha256 = await digestOf(text);
      if (known) return void files.set(path, { ...known, sha256 });
      const before = await io.readText(path);
      const backup = before === undefined ? {} : { backup: await backUp(io, path, before) };
      files.set(path, { path, ...backup, sha256 });
    });
    try {
      await io.writePrivate(path, text);
    } catch (error) {
      await recorded(() =>
        Promise.resolve(void (known ? files.set(path, known) : files.delete(path)))
      );
      throw error;
    }
  }

  async function run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<RunResult> {
    const result = await io.run(program, args, options);
    const server = result.code === 0 ? storedServer(program, args, options) : undefined;
    if (server !== undefined) {
      await recorded(() => {
        helpers.push({ program: program.replace(/^.*[\\/]/, ""), server });
        return Promise.resolve();
      });
    }
    return result;
  }

  return {
    io: { ...io, writePrivate, run },
    async rollBack(): Promise<void> {
      for (const { path, backup } of files.values()) {
        const before = backup === undefined ? undefined : await io.readText(backup);
        if (before !== undefined) await io.writePrivate(path, before);
        else if (backup === undefined) await io.remove(path);
      }
      await editJournal(io, (records) => without(records, start));
    },
  };
}

/**
 * Reads what was changed.
 *
 * @param io The outside world.
 * @returns The records, the newest last; none of a journal that is damaged.
 * @throws {RegauthError} `config-io` if it cannot be read.
 */
export async function readJournal(io: Io): Promise<readonly JournalRecord[]> {
  const path = journalPath(io);
  return path === undefined ? [] : parseJournal(await io.readText(path));
}

/**
 * Takes the newest record out of the journal.
 *
 * @param io The outside world.
 * @param record The record.
 * @throws {RegauthError} `write-io` or `write-conflict`
 */
export async function dropRecord(io: Io, record: JournalRecord): Promise<void> {
  await editJournal(io, (records) => without(records, record));
}

/**
 * What a text is known by.
 *
 * @param text The text of a file.
 * @returns Its SHA-256 in hex.
 */
export async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Writes the copy, with a newer name than all others, and removes the oldest ones. */
async function backUp(io: Io, path: string, text: string): Promise<string> {
  const folder = beside(io, path, "") || ".";
  const start = `${path.slice(folder === "." ? 0 : folder.length)}.regauth-`;
  const copies = (await io.list(folder)).filter((name) =>
    name.startsWith(start) && /^\d{8}T\d{6}Z$/.test(name.slice(start.length))
  );
  const newest = copies.at(-1)?.slice(start.length) ?? "";
  const stamp = stampAfter(io.now(), newest);
  for (const name of copies.slice(0, Math.max(0, copies.length + 1 - KEPT))) {
    await io.remove(`${folder === "." ? "" : folder}${name}`);
  }
  const backup = `${path}.regauth-${stamp}`;
  await io.writePrivate(backup, text);
  return backup;
}

/** The time as a name; a second after the newest one if that is not over yet. */
function stampAfter(now: Date, newest: string): string {
  const stamp = (time: Date): string => time.toISOString().replace(/[-:]|\.\d+/g, "");
  const time = newest.replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    "$1-$2-$3T$4:$5:$6Z",
  );
  return stamp(now) > newest ? stamp(now) : stamp(new Date(Date.parse(time) + 1000));
}

function journalPath(io: Io): string | undefined {
  const path = configPath(io);
  return path && beside(io, path, "regauth-undo.json");
}

async function editJournal(
  io: Io,
  edit: (records: readonly JournalRecord[]) => readonly JournalRecord[],
): Promise<void> {
  const path = journalPath(io);
  if (path === undefined) return;
  await editFile(
    io,
    path,
    (text) => `${JSON.stringify({ records: edit(parseJournal(text)) }, undefined, 2)}\n`,
  );
}

function without(
  records: readonly JournalRecord[],
  { id }: { readonly id: string },
): readonly JournalRecord[] {
  return records.filter((other) => other.id !== id);
}

function parseJournal(text: string | undefined): readonly JournalRecord[] {
  try {
    const value: unknown = JSON.parse(text ?? "");
    const records = isJsonObject(value) ? value.records : undefined;
    return Array.isArray(records) ? records.filter(isRecord) : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is JournalRecord {
  return isJsonObject(value) && hasTexts(value, "id", "at", "what") &&
    Array.isArray(value.files) &&
    value.files.every((file) =>
      isJsonObject(file) && hasTexts(file, "path", "sha256") &&
      (file.backup === undefined || typeof file.backup === "string")
    ) &&
    Array.isArray(value.helpers) &&
    value.helpers.every((helper) => isJsonObject(helper) && hasTexts(helper, "program", "server"));
}

function hasTexts(value: JsonObject, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}
