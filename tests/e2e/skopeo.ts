/**
 * skopeo, with the home of a sandbox.
 *
 * @module
 */

import { join } from "@std/path";
import { runProcess, type RunResult, type Sandbox } from "../../scripts/sandbox.ts";
import { tinyImage } from "../fakes/image.ts";
import { writeOciLayout } from "./oci_layout.ts";

/**
 * Runs skopeo.
 *
 * @param sandbox Where its home is.
 * @param args Its arguments.
 * @returns How it ended.
 */
export function skopeo({ env }: Sandbox, ...args: string[]): Promise<RunResult> {
  return runProcess(["skopeo", "--insecure-policy", ...args], { env });
}

/**
 * Pushes an image of one file.
 *
 * @param sandbox Where the home of skopeo is.
 * @param image Registry, repository and tag.
 * @param flags Such as `--dest-tls-verify=false`.
 * @returns How it ended.
 */
export async function pushImage(
  sandbox: Sandbox,
  image: string,
  ...flags: string[]
): Promise<RunResult> {
  const layout = join(sandbox.home, `layout-${crypto.randomUUID()}`);
  await writeOciLayout(layout, await tinyImage(), "1.0");
  return await skopeo(sandbox, "copy", ...flags, `oci:${layout}:1.0`, `docker://${image}`);
}
