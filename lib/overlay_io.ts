/**
 * An outside world that keeps what is written for itself: what would be different afterwards can be
 * looked at before anything is.
 *
 * @example The file that was not written
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { overlayIo } from "./overlay_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ files: { "/a": "1" } });
 * const overlay = overlayIo(io);
 * await overlay.writePrivate("/a", "2");
 * assertEquals(await overlay.readText("/a"), "2");
 * assertEquals(await io.readText("/a"), "1");
 * assertEquals([...overlay.written], [["/a", "2"]]);
 * ```
 *
 * @module
 */

import { Secret } from "./credential.ts";
import type { FileStat, Io, RunOptions, RunResult } from "./io.ts";
import { tryJson } from "./helper_call.ts";
import { fieldOf, isJsonObject } from "./json_object.ts";

/** What a credential helper keeps for a server. */
export interface HelperEntry {
  /** The account. */
  readonly username: string;
  /** Its secret. */
  readonly secret: Secret;
}

/** What a credential helper was given, or told to forget. */
export interface HelperWrite {
  /** Path of the helper. */
  readonly program: string;
  /** What the secret is for. */
  readonly server: string;
  /** What the helper really has. */
  readonly before?: HelperEntry;
  /** What it would have; absent if it was to forget it. */
  readonly after?: HelperEntry;
}

/** An outside world above another one, which it only reads. */
export interface OverlayIo extends Io {
  /** Texts of the files that were written, by path; `undefined` if the file was removed. */
  readonly written: ReadonlyMap<string, string | undefined>;
  /** What credential helpers were told, the last one for each server. */
  readonly helpers: readonly HelperWrite[];
}

const HELPER = /(?:^|[\\/])docker-credential-[^\\/]*$/;
const NOT_FOUND = "credentials not found in native keychain";

/**
 * Puts an outside world above another one.
 *
 * @param io The world below.
 * @returns A world in which files can be written, and credential helpers be told to store and erase,
 * without effect on the one below. All else goes there.
 */
export function overlayIo(io: Io): OverlayIo {
  const written = new Map<string, string | undefined>();
  const helpers = new Map<string, HelperWrite>();

  async function stat(path: string): Promise<FileStat | undefined> {
    const below = await io.stat(path);
    if (!written.has(path)) return below;
    const text = written.get(path);
    if (text === undefined) return undefined;
    const size = new TextEncoder().encode(text).length;
    return { isFile: true, isDirectory: false, mode: 0o600, ...below, size, modified: io.now() };
  }

  async function run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<RunResult> {
    const [action = ""] = args;
    if (!HELPER.test(program) || !["get", "store", "erase"].includes(action)) {
      return await io.run(program, args, options);
    }
    const input = options.stdin ?? "";
    const server = storedServer(program, args, options) ?? input.trim();
    const after = action === "store" ? readEntry(input) : undefined;
    const key = `${program}\0${server}`;
    const known = helpers.get(key);
    if (action === "get") return known ? answer(known.after) : await io.run(program, args, options);
    const before = known ? known.before : await entryOf(program, server, options);
    helpers.set(key, { program, server, ...(before && { before }), ...(after && { after }) });
    return action === "erase" && !before ? answer(undefined) : { ...SILENT };
  }

  /** What a helper really has; one that cannot tell has nothing. */
  async function entryOf(
    program: string,
    server: string,
    options: RunOptions,
  ): Promise<HelperEntry | undefined> {
    const { code, stdout } = await io.run(program, ["get"], { ...options, stdin: server });
    return code === 0 ? readEntry(stdout) : undefined;
  }

  return {
    ...io,
    written,
    get helpers(): readonly HelperWrite[] {
      return [...helpers.values()];
    },
    stat,
    run,
    readText: (path) => written.has(path) ? Promise.resolve(written.get(path)) : io.readText(path),
    writePrivate: (path, text) => Promise.resolve(void written.set(path, text)),
    remove: (path) => Promise.resolve(void written.set(path, undefined)),
    restrict: () => Promise.resolve(),
    lock: () => Promise.resolve({ release: () => Promise.resolve() }),
  };
}

/**
 * What a credential helper is told to store a secret for.
 *
 * @param program Path of a program.
 * @param args Its arguments.
 * @param options Its input.
 * @returns The server, or `undefined` if the call is another one.
 */
export function storedServer(
  program: string,
  args: readonly string[],
  { stdin = "" }: RunOptions,
): string | undefined {
  return HELPER.test(program) && args[0] === "store" ? textIn(stdin, "ServerURL") : undefined;
}

const SILENT: RunResult = { code: 0, stdout: "", stderr: "" };

function answer(entry: HelperEntry | undefined): RunResult {
  if (!entry) return { ...SILENT, code: 1, stdout: NOT_FOUND };
  const { username, secret } = entry;
  const stdout = JSON.stringify({ Username: username, Secret: secret.reveal() });
  return { ...SILENT, stdout };
}

function readEntry(text: string): HelperEntry | undefined {
  const [username, secret] = [textIn(text, "Username"), textIn(text, "Secret")];
  return username + secret === "" ? undefined : { username, secret: new Secret(secret) };
}

function textIn(json: string, name: string): string {
  const value = tryJson(json);
  const text = isJsonObject(value) ? fieldOf(value, name) : undefined;
  return typeof text === "string" ? text : "";
}
