/**
 * The real outside world, by way of Deno. This is the only file that names its runtime.
 *
 * @example Write a private file and read it back
 * ```ts
 * import { denoIo } from "./deno_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const io = denoIo();
 * await io.writePrivate(`${folder}/new/config.json`, "{}");
 * assertEquals(await io.readText(`${folder}/new/config.json`), "{}");
 * assertEquals(await io.readText(`${folder}/missing.json`), undefined);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import { fileError } from "./file_error.ts";
import type { FileStat, Io, Lock, RunOptions, RunResult } from "./io.ts";
import type { Terminal } from "./terminal.ts";

const READ_LIMIT = 16 * 1024 * 1024;
const LINK_LIMIT = 40; // as many as Linux follows itself
const TEMPORARY = /^\.regauth-[0-9a-f-]{36}\.tmp$/;
/** A temporary file of this age has no writer any more. */
const TEMPORARY_AGE = 60_000;

/** Settings of {@linkcode denoIo}. */
export interface DenoIoOptions {
  /** Milliseconds to wait for the lock of a file; 30 s if absent. */
  readonly lockTimeout?: number;
}

/**
 * The real outside world.
 *
 * Files are read and written without yielding, so that no signal handler can end the program
 * between the temporary file and its renaming.
 *
 * @param options How long to wait for locks.
 * @returns The port to it.
 */
export function denoIo(options: DenoIoOptions = {}): Io {
  const { os } = Deno.build;
  return {
    platform: os === "darwin" || os === "windows" ? os : "linux",
    env: (name) => Deno.env.get(name),
    envNames: () => Object.keys(Deno.env.toObject()),
    uid: () => attempt(Deno.uid) ?? undefined,
    readText: (path) => Promise.try(readText, path),
    stat: (path) => Promise.try(stat, path),
    list: (path) => Promise.try(list, path),
    writePrivate: (path, text) => Promise.try(writePrivate, path, text),
    remove: (path) => Promise.try(remove, path),
    lock: (path) => lock(path, options.lockTimeout ?? 30_000),
    run,
    fetch: (request, init) => fetch(request, init),
    restrict: async (path) => (await import("./deno_program.ts")).restrict(path),
    installProgram: async (...of) => (await import("./deno_program.ts")).installProgram(...of),
    httpClient: async (options) => await (await import("./deno_net.ts")).httpClient(options),
    peerCertificates: async (...of) => (await import("./deno_net.ts")).peerCertificates(...of),
    now: () => new Date(),
    sleep,
  };
}

/**
 * The real caller: the process's arguments, standard streams, signals and exit code.
 *
 * @returns The port to it.
 */
export function denoTerminal(): Terminal {
  return {
    args: Deno.args,
    executable: Deno.execPath(),
    compiled: Deno.build.standalone,
    isTerminal: (stream) => Deno[stream].isTerminal(),
    columns: () => attempt(Deno.consoleSize)?.columns || undefined,
    rows: () => attempt(Deno.consoleSize)?.rows || undefined,
    write: (stream, text) => writeStream(Deno[stream], text),
    readAll,
    read: (buffer) => Deno.stdin.read(buffer),
    setRaw: (on) => Deno.stdin.setRaw(on),
    onSignal: (signal, heard) => {
      Deno.addSignalListener(signal, heard);
      return () => Deno.removeSignalListener(signal, heard);
    },
    runHere: async (...of) => (await import("./deno_program.ts")).runHere(...of),
    exit: (code) => Deno.exit(code),
  };
}

function readText(path: string): string | undefined | Promise<string> {
  try {
    const { isDirectory, isFile, size } = Deno.statSync(path);
    if (isDirectory) throw fileError("config-io", "read", path, "EISDIR");
    if (!isFile) return import("./deno_pipe.ts").then((pipe) => pipe.readPipe(path, READ_LIMIT));
    using file = Deno.openSync(path);
    let bytes = new Uint8Array(Math.min(size, READ_LIMIT) + 1);
    let length = 0;
    for (let read; (read = file.readSync(bytes.subarray(length))) !== null;) {
      length += read;
      if (length > READ_LIMIT) throw fileError("config-io", "read", path, "EFBIG");
      if (length === bytes.length) {
        const more = new Uint8Array(Math.min(2 * length + 1024, READ_LIMIT + 1));
        more.set(bytes);
        bytes = more;
      }
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError("config-io", "read", path, error);
  }
}

function stat(path: string): FileStat | undefined {
  try {
    const info = lookup(path, Deno.statSync);
    if (info === undefined) return undefined;
    const { isFile, isDirectory, size, mode, mtime } = info;
    return {
      isFile,
      isDirectory,
      size,
      ...(mode === null || Deno.build.os === "windows" ? {} : { mode: mode & 0o7777 }),
      ...(mtime === null ? {} : { modified: mtime }),
    };
  } catch (error) {
    throw fileError("config-io", "look at", path, error);
  }
}

function list(path: string): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw fileError("config-io", "list", path, error);
  }
}

function writePrivate(path: string, text: string): void {
  let temporary: string | undefined;
  try {
    const target = targetOf(path);
    const before = lookup(target, Deno.statSync);
    if (before?.isFile === false) {
      throw fileError("write-io", "write", path, before.isDirectory ? "EISDIR" : "irregular");
    }
    const folder = folderOf(target);
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    attempt(() => removeAbandoned(folder));
    const name = `${folder}.regauth-${crypto.randomUUID()}.tmp`;
    {
      using file = Deno.openSync(name, { write: true, createNew: true, mode: 0o600 });
      temporary = name;
      writeAll(file, new TextEncoder().encode(text));
      file.syncSync();
    }
    if (before !== undefined && Deno.build.os !== "windows") copyRights(before, name);
    rename(name, target);
    temporary = undefined;
    attempt(() => {
      // The renaming lasts only once the folder is on disk too; not every system can say so.
      using opened = Deno.openSync(folder);
      opened.syncSync();
    });
  } catch (error) {
    const name = temporary;
    if (name !== undefined) attempt(() => Deno.removeSync(name));
    throw fileError("write-io", "write", path, error);
  }
}

function remove(path: string): void {
  try {
    const info = lookup(path, Deno.lstatSync);
    if (info?.isDirectory) throw fileError("write-io", "remove", path, "EISDIR");
    if (info !== undefined) Deno.removeSync(path);
  } catch (error) {
    throw fileError("write-io", "remove", path, error);
  }
}

/**
 * Holds an exclusive `flock` on `<target>.lock`. The kernel lets go of it when its process dies,
 * however it dies, so there is no stale lock to detect and steal; a lock that is a file's mere
 * existence would stay after kill -9. The file itself goes with the last holder: only who holds
 * the lock of the file that has the name removes it, and who got the lock of a removed file tries
 * again. On Windows it stays, as an open file cannot be relied on to be removable there.
 */
async function lock(path: string, timeout: number): Promise<Lock> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    expired.reject(
      new RegauthError(
        "write-conflict",
        `Cannot lock "${path}": another process has held it for ${timeout / 1000} s`,
        { subject: path, hint: "Wait for that process or end it, then try again." },
      ),
    );
  }, timeout);
  try {
    const name = `${targetOf(path)}.lock`;
    const removable = Deno.build.os !== "windows";
    Deno.mkdirSync(folderOf(name), { recursive: true, mode: 0o700 });
    for (;;) {
      const file = Deno.openSync(name, { read: true, write: true, create: true, mode: 0o600 });
      const locked = file.lock(true);
      try {
        await Promise.race([locked, expired.promise]);
        if (!removable || hasName(file, name)) {
          return {
            release: () => {
              if (removable) attempt(() => hasName(file, name) && Deno.removeSync(name));
              file.close();
              return Promise.resolve();
            },
          };
        }
        file.close();
      } catch (error) {
        // The kernel may still grant it: it is given back then.
        locked.finally(() => file.close()).catch(() => {});
        throw error;
      }
    }
  } catch (error) {
    throw fileError("write-io", "lock", path, error);
  } finally {
    clearTimeout(timer);
  }
}

async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  let child;
  try {
    // A bare name would be searched on PATH, and one with a slash below the current folder.
    if (!isAbsolute(program)) throw new Error("its path is not absolute");
    const command = new Deno.Command(program, {
      args: [...args],
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
    });
    child = command.spawn();
  } catch (error) {
    throw fileError("helper-failed", "run", program, error);
  }
  return await (await import("./child.ts")).attend(child, options);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal?.reason);
  const timer = setTimeout(resolve, milliseconds);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  });
}

async function readAll(limit: number): Promise<string> {
  const bytes = new Uint8Array(limit + 1);
  let length = 0;
  for (let read; (read = await Deno.stdin.read(bytes.subarray(length))) !== null;) {
    length += read;
    if (length > limit) {
      throw new RegauthError("usage", `Cannot read standard input: more than ${limit} bytes`, {
        hint: "Check that the right file is piped in.",
      });
    }
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function writeStream(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    writeAll(stream, new TextEncoder().encode(text));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe || isHungUp(error))) throw error;
  }
}

/** A terminal whose window was closed says EIO, which has no class of its own. */
function isHungUp(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EIO";
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += stream.writeSync(bytes.subarray(done));
    } catch (error) {
      // Another program may have made the pipe that we share non-blocking.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      pause(5);
    }
  }
}

/** Does nothing for a while, without letting anything else happen. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Does what is good to do but no reason to fail. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function lookup(path: string, look: (path: string) => Deno.FileInfo): Deno.FileInfo | undefined {
  try {
    return look(path);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}

/**
 * The file behind symbolic links, there or not. `realPath` knows no dangling links. Nothing is
 * normalised: `..` after a linked folder is for the kernel to follow.
 */
function targetOf(path: string): string {
  let target = path;
  for (let step = 0; step <= LINK_LIMIT; step++) {
    if (!lookup(target, Deno.lstatSync)?.isSymlink) return target;
    const link = Deno.readLinkSync(target);
    target = isAbsolute(link) ? link : folderOf(target) + link;
  }
  throw fileError("write-io", "write", path, "ELOOP");
}

function isAbsolute(path: string): boolean {
  return Deno.build.os === "windows" ? /^([A-Za-z]:)?[\\/]/.test(path) : path.startsWith("/");
}

/** The folder of a file, with a slash at the end. */
function folderOf(path: string): string {
  return path.slice(0, path.search(Deno.build.os === "windows" ? /[^\\/]*$/ : /[^/]*$/)) || "./";
}

/** Removes the temporary files of writers that were killed: they may hold secrets. */
function removeAbandoned(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    if (!TEMPORARY.test(name)) continue;
    const modified = lookup(folder + name, Deno.lstatSync)?.mtime?.getTime() ?? Infinity;
    if (Date.now() - modified > TEMPORARY_AGE) attempt(() => Deno.removeSync(folder + name));
  }
}

/** Gives a file the owner and mode of the one that it replaces, but to no other group. */
function copyRights(before: Deno.FileInfo, path: string): void {
  const { uid, gid } = Deno.statSync(path);
  let mode = (before.mode ?? 0o600) & 0o777;
  if (before.uid !== uid || before.gid !== gid) {
    try {
      Deno.chownSync(path, before.uid, before.gid);
    } catch {
      mode &= 0o700;
    }
  }
  Deno.chmodSync(path, mode);
}

function rename(from: string, to: string): void {
  for (let attempts = 1;; attempts++) {
    try {
      return Deno.renameSync(from, to);
    } catch (error) {
      // A reader or virus scanner that has the file open stands in the way on Windows.
      if (Deno.build.os !== "windows" || attempts === 5) throw error;
      pause(100);
    }
  }
}

/** Whether a name still leads to an open file. */
function hasName(file: Deno.FsFile, name: string): boolean {
  const [opened, named] = [file.statSync(), lookup(name, Deno.lstatSync)];
  return opened.ino === named?.ino && opened.dev === named?.dev;
}
