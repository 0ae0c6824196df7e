/**
 * What an operating system's error code means to the owner of a file, and what to do about it.
 *
 * @example
 * ```ts
 * import { fileError } from "./file_error.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = fileError("write-io", "write", "/etc/x", "EROFS");
 * assertEquals(error.message, 'Cannot write "/etc/x": its file system is read-only');
 * ```
 *
 * @module
 */

import { type ErrorCode, messageOf, RegauthError } from "./errors.ts";

const DENIED = [
  "permission denied",
  "Check owner and mode of the file and of its folder.",
] as const;
const MOUNTED = [
  "it is in use, perhaps mounted as a single file",
  "Mount its folder in place of the file.",
] as const;
const FULL = ["no space is left for it", "Free some space, then try again."] as const;

/** Why and what to do, by error code, name of an error of Deno, or word of our own. */
const REASONS: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EBUSY: MOUNTED,
  EXDEV: MOUNTED,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: ["it is larger than 16 MiB", "Check that it is the right file."],
  EISDIR: ["it is a directory", "Name a file in it."],
  ELOOP: ["its symbolic links form a loop", "Correct the links."],
  ENOTDIR: ["a part of its path is not a directory", "Correct the path."],
  EROFS: ["its file system is read-only", "Choose another folder, or make this one writable."],
  ETIMEDOUT: ["it is a pipe that does not end", "Name a regular file."],
  irregular: ["it is a device or pipe", "Name a regular file."],
  NotCapable: ["Deno's permissions do not allow it", "Run again with the permission, or with -A."],
};

/**
 * An error about a file.
 *
 * @param code Which kind of error it becomes.
 * @param verb What failed, such as `read`.
 * @param path The file.
 * @param cause What was thrown, or an error code such as `EISDIR`; a {@linkcode RegauthError} says
 * enough already and is returned as it is.
 * @returns The error to throw.
 */
export function fileError(
  code: ErrorCode,
  verb: string,
  path: string,
  cause: unknown,
): RegauthError {
  if (cause instanceof RegauthError) return cause;
  const known = keysOf(cause).map((key) => REASONS[key]).find((reason) => reason !== undefined);
  // Deno's own text is followed by the code, the call and the path.
  const [why, hint] = known ?? [messageOf(cause).replace(/ \(os error .*/s, "")];
  return new RegauthError(code, `Cannot ${verb} "${path}": ${why}`, {
    subject: path,
    ...(hint === undefined ? {} : { hint }),
    ...(typeof cause === "string" ? {} : { cause }),
  });
}

function keysOf(cause: unknown): readonly string[] {
  if (typeof cause === "string") return [cause];
  if (!(cause instanceof Error)) return [];
  return "code" in cause && typeof cause.code === "string"
    ? [cause.name, cause.code]
    : [cause.name];
}
