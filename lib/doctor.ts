/**
 * Audits how credentials are set up on this machine, without asking any registry.
 *
 * @example A file that others may read
 * ```ts
 * import { examine } from "./doctor.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = `{"credsStore":"","auths":{"reg.example":{"auth":"${btoa("robot:FAKE")}"}}}`;
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: { "/home/me/.docker/config.json": { text, mode: 0o644 } },
 * });
 * const [open] = await examine({ io });
 * assertEquals([open?.name, open?.command], ["open-file", "chmod 600 ~/.docker/config.json"]);
 * ```
 *
 * @module
 */

import { examineKeys, examineSecrets } from "./doctor_entries.ts";
import { type DoctorOptions, examineFiles } from "./doctor_files.ts";
import { examineHelpers } from "./doctor_helpers.ts";
import { examineCertificates, examineOwnFile, examineSources } from "./doctor_sources.ts";
import type { Finding } from "./finding.ts";
import type { Context } from "./io.ts";

export type { DoctorOptions } from "./doctor_files.ts";

/** What does not work comes first. */
const ORDER: readonly Finding["severity"][] = ["error", "warning", "note"];

/**
 * Looks for the known traps. Helpers are started for a list of what they have.
 *
 * @param context The outside world.
 * @param options Which files.
 * @returns What was found, the worst first.
 */
export async function examine(
  context: Context,
  options: DoctorOptions = {},
): Promise<readonly Finding[]> {
  const { files, findings } = await examineFiles(context, options);
  const docker = files.filter(({ isDocker }) => isDocker);
  const all = [
    ...findings,
    ...files.flatMap((file) => examineSecrets(context, file)),
    ...docker.flatMap((file) => examineKeys(context, file)),
    ...await examineHelpers(context, files),
    ...examineSources(context, files),
    ...await examineOwnFile(context),
    ...await examineCertificates(context),
  ];
  return ORDER.flatMap((severity) => all.filter((finding) => finding.severity === severity));
}
