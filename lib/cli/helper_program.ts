/**
 * The program `docker-credential-regauth`: another name of the one that runs.
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import { homeOf, type Io, joinPath, type ProgramSource } from "../io.ts";
import { findProgram, searchPath } from "../program.ts";
import { expandPath } from "../short_path.ts";
import type { Terminal } from "../terminal.ts";
import type { Call } from "./command.ts";

/** What follows `docker-credential-` in its name. */
export const SUFFIX = "regauth";

/** Its name. */
export const PROGRAM = `docker-credential-${SUFFIX}`;

/** Milliseconds that it may take to say its version. */
const PATIENCE = 10_000;

/** Where it was put, and what it is there. */
export interface PlacedProgram {
  readonly program: string;
  readonly way: string;
}

/** What is found on the PATH. */
export interface InstalledProgram {
  readonly program: string;
  /** Absent if it is not regauth, or does not run. */
  readonly version?: string;
}

const WAYS = {
  link: "hard link",
  copy: "copy",
  script: "script, for want of a compiled program",
} as const;

/**
 * Puts it into the folder that was chosen, or the first one of the usual folders on the PATH that
 * takes it.
 *
 * @param call The options and the outside world.
 * @returns Where it is.
 * @throws {RegauthError} `usage` if no folder is known, `write-io` if none takes it.
 */
export async function placeProgram({ io, terminal, values, output }: Call): Promise<PlacedProgram> {
  const source = sourceOf(terminal, io);
  const chosen = values.text("dir");
  const path = searchPath(io);
  const folders = chosen === undefined
    ? usualFolders(terminal, io).filter((folder) => path.includes(folder))
    : [expandPath(io, chosen)];
  let failure: unknown = new RegauthError("usage", `Cannot choose a folder for ${PROGRAM}`, {
    hint: "None of the usual ones is on the PATH; name one with --dir.",
  });
  for (const folder of folders) {
    const program = joinPath(io, folder, io.platform === "windows" ? `${PROGRAM}.exe` : PROGRAM);
    try {
      const way = WAYS[await io.installProgram(program, source)];
      const found = await findProgram(io, PROGRAM);
      if (!path.includes(folder)) output.warn(`${folder} is not on the PATH of this shell`);
      else if (found !== program) output.warn(`${found} comes first on the PATH`);
      return { program, way };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * Looks for it on the PATH.
 *
 * @param io The outside world.
 * @returns What is found, if anything is.
 */
export async function installedProgram(io: Io): Promise<InstalledProgram | undefined> {
  const program = await findProgram(io, PROGRAM);
  if (program === undefined) return undefined;
  const { stdout } = await io.run(program, ["version"], { timeout: PATIENCE, maxOutput: 1024 })
    .catch(() => ({ stdout: "" }));
  const version = /\(regauth\) v(\S+)/.exec(stdout)?.[1];
  return { program, ...(version === undefined ? {} : { version }) };
}

function sourceOf({ compiled, executable }: Terminal, { platform }: Io): ProgramSource {
  if (compiled) return { file: executable };
  if (platform === "windows") {
    throw new RegauthError("usage", `Cannot install ${PROGRAM}: it needs the compiled program`, {
      hint: "Windows starts only programs; run this command of regauth.exe.",
    });
  }
  const [deno, entry] = [executable, import.meta.resolve("../../cli.ts")].map((text) =>
    `'${text.replaceAll("'", "'\\''")}'`
  );
  return { script: `#!/bin/sh\nexec ${deno} run --allow-all --no-prompt ${entry} "$@"\n` };
}

/** The program's own folder first: there it can be a link. */
function usualFolders({ compiled, executable }: Terminal, io: Io): readonly string[] {
  const home = homeOf(io);
  return [
    ...(compiled ? [executable.replace(/[\\/][^\\/]*$/, "")] : []),
    ...(home === undefined ? [] : [joinPath(io, home, ".local", "bin"), joinPath(io, home, "bin")]),
    "/usr/local/bin",
  ];
}
