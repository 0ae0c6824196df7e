/**
 * The port to the person or program that called us: arguments, the three standard streams,
 * signals and the exit code. Only commands use it; the library does not.
 *
 * @module
 */

/** Signals that end the program in an orderly way. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The three standard streams. */
export type StandardStream = "stdin" | "stdout" | "stderr";

/** The port to whoever called the program. */
export interface Terminal {
  /** Arguments of the program, without its own name. */
  readonly args: readonly string[];
  /** File that was started: the compiled binary, or `deno` itself. */
  readonly executable: string;
  /** Whether the program is a compiled binary. */
  readonly compiled: boolean;

  /**
   * Looks at a stream.
   *
   * @param stream One of the standard streams.
   * @returns Whether it is a terminal.
   */
  isTerminal(stream: StandardStream): boolean;

  /**
   * Measures the terminal.
   *
   * @returns Width in columns, or `undefined` if no stream is a terminal.
   */
  columns(): number | undefined;

  /**
   * Measures the terminal.
   *
   * @returns Height in rows, or `undefined` if no stream is a terminal.
   */
  rows(): number | undefined;

  /**
   * Writes the whole text at once; a reader that went away is not an error.
   *
   * @param stream Where to.
   * @param text What.
   */
  write(stream: "stdout" | "stderr", text: string): void;

  /**
   * Reads standard input to its end.
   *
   * @param limit Bytes that are read at most.
   * @returns The text (UTF-8).
   * @throws {RegauthError} `usage` if there is more.
   */
  readAll(limit: number): Promise<string>;

  /**
   * Reads what standard input has, waiting for at least one byte.
   *
   * @param buffer Where the bytes go.
   * @returns How many came, or `null` at the end of input.
   */
  read(buffer: Uint8Array): Promise<number | null>;

  /**
   * Switches raw mode: keys arrive one by one, without echo, Ctrl-C as byte 3.
   *
   * @param on Whether to switch it on.
   */
  setRaw(on: boolean): void;

  /**
   * Hears of a signal instead of being ended by it.
   *
   * @param signal Which one.
   * @param heard Called at each one.
   * @returns Stops hearing.
   */
  onSignal(signal: EndSignal, heard: () => void): () => void;

  /**
   * Runs a program that talks to the person, such as an editor; it has the terminal until it ends.
   *
   * @param program Absolute path of the program.
   * @param args Its arguments; never a secret.
   * @returns Its exit code.
   * @throws {RegauthError} `helper-failed` if it cannot be started.
   */
  runHere(program: string, args: readonly string[]): Promise<number>;

  /**
   * Ends the program.
   *
   * @param code Exit code.
   */
  exit(code: number): never;
}
