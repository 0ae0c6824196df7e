/**
 * Puts back what regauth changed last, unless somebody changed it since.
 *
 * @example
 * ```ts
 * import { recordChanges } from "./backup.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { planUndo, undo } from "./undo.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" }, files: { "/c.json": "{}" } });
 * await recordChanges(io, "login reg.example").io.writePrivate("/c.json", '{"a":1}');
 * const plan = await planUndo(io);
 * assertEquals(plan?.files.map(({ path, state }) => [path, state]), [["/c.json", "changed"]]);
 * if (plan) await undo(io, plan);
 * assertEquals(await io.readText("/c.json"), "{}");
 * ```
 *
 * @module
 */

import { digestOf, dropRecord, type JournalRecord, readJournal } from "./backup.ts";
import { RegauthError } from "./errors.ts";
import type { Io } from "./io.ts";

/** One file of the last change. */
export interface UndoFile {
  /** The file. */
  readonly path: string;
  /** Its text now; absent if there is no such file. */
  readonly now?: string;
  /** Its text before the change; absent if there was no such file. */
  readonly before?: string;
  /** Copy of what it was. */
  readonly backup?: string;
  /**
   * `changed`: it is what regauth made of it. `restored`: it already is what it was before. `other`:
   * somebody changed it since.
   */
  readonly state: "changed" | "restored" | "other";
}

/** The last change, and how its files are now. */
export interface UndoPlan {
  /** The change. */
  readonly record: JournalRecord;
  /** Its files. */
  readonly files: readonly UndoFile[];
}

/**
 * Looks at the last change.
 *
 * @param io The outside world.
 * @returns The change, or `undefined` if none is known.
 * @throws {RegauthError} `config-io` if a file cannot be read, or the copy of one is gone.
 */
export async function planUndo(io: Io): Promise<UndoPlan | undefined> {
  const record = (await readJournal(io)).at(-1);
  if (!record) return undefined;
  const files: UndoFile[] = [];
  for (const { path, backup, sha256 } of record.files) {
    const now = await io.readText(path);
    const before = backup === undefined ? undefined : await io.readText(backup);
    if (backup !== undefined && before === undefined) {
      throw new RegauthError("config-io", `Cannot undo "${record.what}": a copy is gone`, {
        subject: backup,
        hint: `${path} stays as it is.`,
      });
    }
    const isOurs = now !== undefined && await digestOf(now) === sha256;
    files.push({
      path,
      ...(now === undefined ? {} : { now }),
      ...(before === undefined ? {} : { before }),
      ...(backup === undefined ? {} : { backup }),
      state: now === before ? "restored" : isOurs ? "changed" : "other",
    });
  }
  return { record, files };
}

/**
 * Undoes the last change: its files become what they were, and their copies are removed.
 *
 * @param io The outside world.
 * @param plan The change.
 * @throws {RegauthError} `write-conflict` if somebody changed a file since; then nothing is changed.
 * `write-io` if a file cannot be written.
 */
export async function undo(io: Io, { record, files }: UndoPlan): Promise<void> {
  const other = files.find(({ state }) => state === "other");
  if (other) throw conflict(record, other.path);
  for (const file of files) if (file.state === "changed") await restore(io, record, file);
  for (const { backup } of files) if (backup !== undefined) await io.remove(backup);
  await dropRecord(io, record);
}

async function restore(io: Io, record: JournalRecord, file: UndoFile): Promise<void> {
  const { path, now, before } = file;
  const lock = await io.lock(path);
  try {
    if (await io.readText(path) !== now) throw conflict(record, path);
    if (before === undefined) await io.remove(path);
    else await io.writePrivate(path, before);
  } finally {
    await lock.release();
  }
}

function conflict({ what }: JournalRecord, path: string): RegauthError {
  return new RegauthError("write-conflict", `Cannot undo "${what}": "${path}" was changed since`, {
    subject: path,
    hint: "Correct the file by hand; nothing was undone.",
  });
}
