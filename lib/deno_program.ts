/**
 * What is done rarely: programs are put into folders, or get the terminal, and files are closed to
 * others. Loaded when it is to be done.
 *
 * @example A script
 * ```ts
 * import { installProgram } from "./deno_program.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * assertEquals(await installProgram(`${folder}/bin/hello`, { script: "#!/bin/sh\n" }), "script");
 * assertEquals(await installProgram(`${folder}/hi`, { file: `${folder}/bin/hello` }), "link");
 * assertEquals(await Deno.readTextFile(`${folder}/hi`), "#!/bin/sh\n");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */

import { fileError } from "./file_error.ts";
import type { ProgramSource } from "./io.ts";

/**
 * Installs a program; see `Io.installProgram`.
 *
 * @param path Path of the program.
 * @param program What it is made of.
 * @returns What it became.
 * @throws {RegauthError} `write-io`; what had its name is then unchanged.
 */
export async function installProgram(
  path: string,
  program: ProgramSource,
): Promise<"link" | "copy" | "script"> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(path.slice(0, path.search(/[^\\/]*$/)) || ".", { recursive: true });
    const way = await write(temporary, program);
    await Deno.rename(temporary, path);
    return way;
  } catch (error) {
    throw fileError("write-io", "install", path, error);
  } finally {
    // Renaming one link to another of the same file leaves both.
    await Deno.remove(temporary).catch(() => {});
  }
}

/**
 * Takes the rights of other users off a file; see `Io.restrict`.
 *
 * @param path Path of the file.
 * @throws {RegauthError} `write-io`
 */
export async function restrict(path: string): Promise<void> {
  try {
    const { mode } = await Deno.stat(path);
    if (mode !== null && Deno.build.os !== "windows") await Deno.chmod(path, mode & 0o700);
  } catch (error) {
    throw fileError("write-io", "change the mode of", path, error);
  }
}

/**
 * Runs a program that has the terminal; see `Terminal.runHere`.
 *
 * @param program Absolute path of the program.
 * @param args Its arguments.
 * @returns Its exit code.
 * @throws {RegauthError} `helper-failed`
 */
export async function runHere(program: string, args: readonly string[]): Promise<number> {
  try {
    const io = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
    return (await new Deno.Command(program, { args: [...args], ...io }).spawn().status).code;
  } catch (error) {
    throw fileError("helper-failed", "run", program, error);
  }
}

async function write(
  path: string,
  program: ProgramSource,
): Promise<"link" | "copy" | "script"> {
  if ("script" in program) {
    await Deno.writeTextFile(path, program.script, { createNew: true });
    if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
    return "script";
  }
  try {
    await Deno.link(program.file, path);
    return "link";
  } catch {
    await Deno.copyFile(program.file, path);
    return "copy";
  }
}
