/**
 * The port to the outside world: files, variables, processes, network and clock. Everything with
 * an effect goes through it, so that {@linkcode memoryIo} can stand in for it.
 *
 * @module
 */

import type { Secret } from "./credential.ts";

/** Operating systems whose rules differ here. */
export type Platform = "linux" | "darwin" | "windows";

/** What is known of a file without opening it; symbolic links are followed. */
export interface FileStat {
  /** Whether it is a regular file. */
  readonly isFile: boolean;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
  /** Size in bytes. */
  readonly size: number;
  /** Permission bits, such as `0o600`; absent on Windows. */
  readonly mode?: number;
  /** Time of the last change. */
  readonly modified?: Date;
}

/** How to start another program. */
export interface RunOptions {
  /** Text for its standard input; none is an empty input. */
  readonly stdin?: string;
  /** Variables in addition to the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until it is asked to end; it is killed 2 s later. 0 is no limit. */
  readonly timeout: number;
  /** Bytes that are read of its output at most; more of them end it. */
  readonly maxOutput: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** How another program ended. */
export interface RunResult {
  /** Exit code; 128 + signal if a signal ended it. */
  readonly code: number;
  /** What it wrote to standard output. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
  /** Why it was ended from here, if it was. */
  readonly ended?: "timeout" | "output-limit";
}

/** What a program is made of: a file that it is another name of, or the text of a script. */
export type ProgramSource = { readonly file: string } | { readonly script: string };

/** Something that is held until it is released. */
export interface Lock {
  /** Gives the lock back. */
  release(): Promise<void>;
}

/** A certificate to show to a server. */
export interface ClientCertificate {
  /** Its PEM text, with those of its signers if the server needs them. */
  readonly certificate: string;
  /** Its key, as PEM text. */
  readonly key: Secret;
}

/** How the server of one host is reached, and when it is believed. */
export interface HttpClientOptions {
  /** PEM texts of certificates that are trusted beside the usual ones. */
  readonly ca?: readonly string[];
  /** What to show to the server. */
  readonly client?: ClientCertificate;
  /**
   * Absent: a server whose certificate is signed by a trusted one. `exactly-ca`: a server whose
   * certificate is one of `ca`, even if it is marked as an authority. `anyone`: whoever answers;
   * what is sent can be read by others.
   */
  readonly trust?: "exactly-ca" | "anyone";
  /** Whether to connect directly, whatever proxy the environment names. */
  readonly direct?: boolean;
}

/** The way to one host. */
export interface HttpClient {
  /**
   * As the standard `fetch`, but it never follows a redirect.
   *
   * @param url What to request.
   * @param init As for the standard one.
   * @returns The response.
   */
  fetch(url: URL, init?: RequestInit): Promise<Response>;

  /** Ends its connections. */
  close(): void;
}

/** The port to the outside world. */
export interface Io {
  /** Operating system. */
  readonly platform: Platform;

  /**
   * Looks up an environment variable.
   *
   * @param name Name of the variable.
   * @returns Its value, or `undefined` if it is not set.
   */
  env(name: string): string | undefined;

  /**
   * Lists the environment.
   *
   * @returns The names of all variables.
   */
  envNames(): readonly string[];

  /**
   * Asks who runs the program.
   *
   * @returns The number of the user, where users have numbers and it may be asked for.
   */
  uid?(): number | undefined;

  /**
   * Reads a small text file as UTF-8; a byte-order mark is kept.
   *
   * @param path Path of the file.
   * @returns Its text, or `undefined` if there is none.
   * @throws {RegauthError} `config-io` if it is a directory, cannot be read, or is larger than 16 MiB.
   */
  readText(path: string): Promise<string | undefined>;

  /**
   * Looks at a file without opening it.
   *
   * @param path Path of a file or directory.
   * @returns What is known of it, or `undefined` if there is none.
   * @throws {RegauthError} `config-io` if it cannot be looked at.
   */
  stat(path: string): Promise<FileStat | undefined>;

  /**
   * Lists a directory.
   *
   * @param path Path of a directory.
   * @returns The names in it, sorted; none if there is no such directory.
   * @throws {RegauthError} `config-io` if it cannot be read.
   */
  list(path: string): Promise<readonly string[]>;

  /**
   * Replaces a file in one step, or leaves it as it was: writes a temporary file beside it, flushes
   * it to disk and renames it. Symbolic links are followed. A new file gets mode 0600 in folders of
   * mode 0700; an existing one keeps its mode.
   *
   * @param path Path of the file.
   * @param text Its new text.
   * @throws {RegauthError} `write-io`; the file is then unchanged.
   */
  writePrivate(path: string, text: string): Promise<void>;

  /**
   * Removes a file; a missing one is no error.
   *
   * @param path Path of the file.
   * @throws {RegauthError} `write-io` if it cannot be removed.
   */
  remove(path: string): Promise<void>;

  /**
   * Takes the rights of other users off a file; symbolic links are followed.
   *
   * @param path Path of the file.
   * @throws {RegauthError} `write-io` if that is not allowed.
   */
  restrict(path: string): Promise<void>;

  /**
   * Puts a program that everybody may run into a folder: a hard link to a file, a copy of it where
   * there can be none, or a script. What has its name is replaced in one step.
   *
   * @param path Path of the program.
   * @param program What it is made of.
   * @returns What it became.
   * @throws {RegauthError} `write-io`; what had its name is then unchanged.
   */
  installProgram(path: string, program: ProgramSource): Promise<"link" | "copy" | "script">;

  /**
   * Takes the lock of a file against other processes of regauth, through symbolic links.
   *
   * @param path Path of the file to protect; it need not exist.
   * @returns The lock, to be released.
   * @throws {RegauthError} `write-conflict` if another process holds it for 30 s.
   */
  lock(path: string): Promise<Lock>;

  /**
   * Runs a program without a shell and waits for its end.
   *
   * @param program Absolute path of the program.
   * @param args Its arguments; never a secret.
   * @param options Input, limits and variables.
   * @returns How it ended.
   * @throws {RegauthError} `helper-failed` if it cannot be started.
   */
  run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult>;

  /**
   * The standard `fetch`.
   *
   * @param request The request.
   * @param init As for the standard one.
   * @returns The response.
   */
  fetch(request: Request | URL | string, init?: RequestInit): Promise<Response>;

  /**
   * Makes a client for a host that needs certificates of its own, or no proxy.
   *
   * @param options What it needs. Texts that are not PEM may be ignored silently.
   * @returns The client, to be closed.
   * @throws {TypeError} If certificate and key do not fit together.
   */
  httpClient(options: HttpClientOptions): Promise<HttpClient>;

  /**
   * Looks at the certificates of a server, without judging them and without sending anything else.
   *
   * @param url URL of which host and port count.
   * @param signal Ends the connection.
   * @returns The certificates (DER) that the server shows, its own first; none if it cannot be told.
   */
  peerCertificates(url: URL, signal?: AbortSignal): Promise<readonly Uint8Array[]>;

  /**
   * Looks at the clock.
   *
   * @returns The time now.
   */
  now(): Date;

  /**
   * Waits.
   *
   * @param milliseconds How long.
   * @param signal Ends the wait early, with the signal's reason.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** One line of what happened, for `--verbose` and `explain`. Never a secret. */
export type Trace = (message: string) => void;

/** What every keychain and every network step is given. */
export interface Context {
  /** The outside world. */
  readonly io: Io;
  /** Ends the work early. */
  readonly signal?: AbortSignal;
  /** Hears what happens. */
  readonly trace?: Trace;
}

/**
 * The user's home folder.
 *
 * @param io The outside world.
 * @returns Its path, or `undefined` if no variable tells.
 */
export function homeOf(io: Io): string | undefined {
  return (io.platform === "windows" ? io.env("USERPROFILE") || io.env("HOME") : io.env("HOME")) ||
    undefined;
}

/**
 * Joins parts of a path with the separator of the platform.
 *
 * @param io The outside world.
 * @param parts A folder, the names below it.
 * @returns The path.
 */
export function joinPath(io: Io, ...parts: readonly string[]): string {
  const [separator, trailing] = io.platform === "windows" ? ["\\", /[\\/]+$/] : ["/", /\/+$/];
  return parts.map((part, index) => index === parts.length - 1 ? part : part.replace(trailing, ""))
    .join(separator);
}
