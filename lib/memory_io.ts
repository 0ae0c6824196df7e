/**
 * An outside world that lives in memory, for tests: files, variables, programs, a network and a
 * clock that stands still until something sleeps. It records what it was asked to do.
 *
 * @example A credential helper and a registry, without either
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: { "/home/me/.docker/config.json": '{"credsStore":"x"}' },
 *   programs: { "/usr/bin/docker-credential-x": (args) => ({ stdout: `asked to ${args[0]}` }) },
 *   fetch: (request) => new Response(null, { status: request.url.endsWith("/v2/") ? 401 : 404 }),
 * });
 *
 * const answer = await io.run("/usr/bin/docker-credential-x", ["get"], {
 *   stdin: "registry.example",
 *   timeout: 1000,
 *   maxOutput: 1024,
 * });
 * assertEquals(answer, { code: 0, stdout: "asked to get", stderr: "" });
 * assertEquals(io.runs[0]?.options.stdin, "registry.example");
 * assertEquals((await io.fetch("https://registry.example/v2/")).status, 401);
 *
 * await io.writePrivate("/home/me/new.json", "{}");
 * assertEquals(io.files.get("/home/me/new.json")?.mode, 0o600);
 * assertEquals(io.writes, ["/home/me/new.json"]);
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import type {
  FileStat,
  HttpClientOptions,
  Io,
  Lock,
  Platform,
  RunOptions,
  RunResult,
} from "./io.ts";

/** A file in memory. */
export interface MemoryFile {
  /** What is in it. */
  readonly text: string;
  /** Permission bits; a file without `0o400` cannot be read. */
  readonly mode: number;
  /** Time of the last change. */
  readonly modified: Date;
}

/** A program in memory. What it leaves out is exit code 0 and empty output. */
export type MemoryProgram = (
  args: readonly string[],
  options: RunOptions,
) => Partial<RunResult> | Promise<Partial<RunResult>>;

/** A call of {@linkcode Io.run}. */
export interface MemoryRun {
  /** Its path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Its input, variables and limits. */
  readonly options: RunOptions;
}

/** What is there at the beginning. */
export interface MemoryIoOptions {
  /** Operating system; `linux` if absent. */
  readonly platform?: Platform;
  /** Environment variables. On Windows their names are found in any case. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Files by absolute path; a bare text is a file of mode 0600. Folders exist where files are in
   * them. There are no symbolic links.
   */
  readonly files?: Readonly<Record<string, string | { readonly text: string; mode: number }>>;
  /** Programs by absolute path. They also appear as files of mode 0755. */
  readonly programs?: Readonly<Record<string, MemoryProgram>>;
  /** The network; without it every request fails as if there were none. */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  /** The certificates (DER) that every server shows; none if absent. */
  readonly certificates?: readonly Uint8Array[];
  /** The time at the beginning; 2026-01-01 UTC if absent. */
  readonly now?: Date;
}

/**
 * An {@linkcode Io} whose state can be looked at and changed. Its methods do not need `this`, so
 * `{ ...memoryIo(), lock: … }` replaces one of them.
 */
export interface MemoryIo extends Io {
  /** The files as they are now, without programs. */
  readonly files: Map<string, MemoryFile>;
  /** The environment variables as they are now. */
  readonly variables: Map<string, string>;
  /** Programs that were run, in order. */
  readonly runs: readonly MemoryRun[];
  /** Requests that were sent, in order, their bodies unread. */
  readonly requests: readonly Request[];
  /** Clients that were made, in order; they send as `fetch` does. */
  readonly clients: readonly HttpClientOptions[];
  /** Paths that were written, in order. */
  readonly writes: readonly string[];
  /** Milliseconds of each sleep, in order. */
  readonly sleeps: readonly number[];

  /**
   * Sets the clock.
   *
   * @param time The new time.
   */
  setNow(time: Date): void;
}

/**
 * An outside world in memory.
 *
 * @param options What is there at the beginning.
 * @returns The port to it, with its state and a record of what was asked.
 */
export function memoryIo(options: MemoryIoOptions = {}): MemoryIo {
  const platform = options.platform ?? "linux";
  const windows = platform === "windows";
  let time = (options.now ?? new Date("2026-01-01T00:00:00Z")).getTime();

  const variables = new Map(Object.entries(options.env ?? {}));
  const programs = new Map(Object.entries(options.programs ?? {}));
  const files = new Map<string, MemoryFile>();
  for (const [path, file] of Object.entries(options.files ?? {})) {
    const { text, mode } = typeof file === "string" ? { text: file, mode: 0o600 } : file;
    files.set(path, { text, mode, modified: new Date(time) });
  }
  const locks = new Map<string, Promise<void>>();
  const runs: MemoryRun[] = [];
  const requests: Request[] = [];
  const clients: HttpClientOptions[] = [];
  const writes: string[] = [];
  const sleeps: number[] = [];

  /** Names in a folder; `undefined` if nothing is in it. */
  function namesIn(folder: string): readonly string[] | undefined {
    const start = folder.replace(windows ? /[\\/]+$/ : /\/+$/, "");
    const names = [...files.keys(), ...programs.keys()]
      .filter((path) => path.startsWith(start))
      .map((path) => path.slice(start.length).split(windows ? /[\\/]/ : "/"))
      .flatMap(([before, name]) => before === "" && name !== undefined ? [name] : []);
    return names.length === 0 ? undefined : [...new Set(names)].sort();
  }

  function stat(path: string): FileStat | undefined {
    const file = files.get(path);
    const isFile = file !== undefined || programs.has(path);
    const isDirectory = !isFile && namesIn(path) !== undefined;
    if (!isFile && !isDirectory) return undefined;
    return {
      isFile,
      isDirectory,
      size: file === undefined ? 0 : new TextEncoder().encode(file.text).length,
      ...(windows ? {} : { mode: file?.mode ?? (isFile ? 0o755 : 0o700) }),
      modified: file?.modified ?? new Date(time),
    };
  }

  function readText(path: string): string | undefined {
    const file = files.get(path);
    const refuse = (why: string): never => {
      throw new RegauthError("config-io", `Cannot read "${path}": ${why}`, { subject: path });
    };
    if (file === undefined) {
      return stat(path)?.isDirectory ? refuse("it is a directory") : undefined;
    }
    if (!windows && (file.mode & 0o400) === 0) return refuse("permission denied");
    return file.text;
  }

  function list(path: string): readonly string[] {
    if (stat(path)?.isFile) {
      throw new RegauthError("config-io", `Cannot list "${path}": it is not a directory`, {
        subject: path,
      });
    }
    return namesIn(path) ?? [];
  }

  function writePrivate(path: string, text: string): void {
    if (stat(path)?.isDirectory) {
      throw new RegauthError("write-io", `Cannot write "${path}": it is a directory`, {
        subject: path,
      });
    }
    files.set(path, { text, mode: files.get(path)?.mode ?? 0o600, modified: new Date(time) });
    writes.push(path);
  }

  /** Waits for those who hold the lock or asked before. */
  async function lock(path: string): Promise<Lock> {
    const before = locks.get(path);
    const { promise, resolve } = Promise.withResolvers<void>();
    locks.set(path, promise);
    await before;
    return { release: () => Promise.resolve(resolve()) };
  }

  async function run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<RunResult> {
    options.signal?.throwIfAborted();
    runs.push({ program, args, options });
    const start = programs.get(program);
    if (start === undefined) {
      throw new RegauthError("helper-failed", `Cannot run "${program}": no such file`, {
        subject: program,
      });
    }
    const result = await unlessAborted(start(args, options), options.signal);
    return { code: 0, stdout: "", stderr: "", ...result };
  }

  async function fetch(input: Request | URL | string, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    requests.push(request.clone());
    if (options.fetch === undefined) throw new TypeError("fetch failed: no network in memory");
    return await unlessAborted(options.fetch(request), request.signal);
  }

  function sleep(milliseconds: number, signal?: AbortSignal): void {
    signal?.throwIfAborted();
    sleeps.push(milliseconds);
    time += milliseconds;
  }

  return {
    platform,
    files,
    variables,
    runs,
    requests,
    clients,
    writes,
    sleeps,
    setNow: (now) => void (time = now.getTime()),
    env: (name) => {
      const same = windows
        ? [...variables.keys()].find((key) => key.toUpperCase() === name.toUpperCase())
        : name;
      return same === undefined ? undefined : variables.get(same);
    },
    envNames: () => [...variables.keys()],
    readText: (path) => Promise.try(readText, path),
    stat: (path) => Promise.try(stat, path),
    list: (path) => Promise.try(list, path),
    writePrivate: (path, text) => Promise.try(writePrivate, path, text),
    remove: (path) => Promise.resolve(void (files.delete(path), programs.delete(path))),
    restrict: (path) => {
      const file = files.get(path);
      if (file) files.set(path, { ...file, mode: file.mode & 0o700 });
      return Promise.resolve();
    },
    installProgram: (path, program) => {
      const isFile = "file" in program;
      programs.set(path, (isFile ? programs.get(program.file) : undefined) ?? (() => ({})));
      writes.push(path);
      return Promise.resolve(isFile ? "link" : "script");
    },
    lock,
    run,
    fetch,
    httpClient: (options) => {
      clients.push(options);
      return Promise.resolve({ fetch, close: () => {} });
    },
    peerCertificates: () => Promise.resolve(options.certificates ?? []),
    now: () => new Date(time),
    sleep: (milliseconds, signal) => Promise.try(sleep, milliseconds, signal),
  };
}

/** The value, or the signal's reason if that comes first. */
async function unlessAborted<T>(value: T | Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return await value;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
