/**
 * `regauth logout`: remove the saved credential of a registry.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { removeCredential, type RemovedPlace } from "../docker_store.ts";
import type { CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { loginTarget } from "./login_target.ts";
import { cleanText } from "./style.ts";

export const logout: CommandSpec = {
  description: "Without HOST it is Docker Hub. Other registries and settings stay as they are.",
  arguments: "[host:string]",
  examples: [
    ["Forget one registry", "regauth logout registry.example.com"],
    ["In a file of Podman", "regauth logout registry.example.com --authfile auth.json"],
  ],
  async run(call) {
    const { io, signal, trace, output } = call;
    const { host, name, place } = loginTarget(call);
    const recording = recordChanges(io, `logout ${name}`, trace);
    const context = { io: recording.io, signal, ...(trace ? { trace } : {}) };
    const removed = await removeCredential(context, host, place);
    if (output.json) output.document({ registry: host, removed });
    else if (removed.length === 0) output.note(`Not logged in to ${name}; nothing was removed.`);
    for (const { where, key } of output.json ? [] : removed) {
      output.result(cleanText(`Removed ${key} from ${where}.`));
    }
    for (const file of plainFiles(removed)) {
      output.note(
        `  Its backups, ${file}.regauth-*, still hold the secret: for regauth undo, or delete them.`,
      );
    }
    return Exit.done;
  },
};

/** Where a helper kept the secret, the file and its backups have only a mark. */
function plainFiles(removed: readonly RemovedPlace[]): ReadonlySet<string> {
  const places = removed.map(({ where }) => where);
  return new Set(places.some((where) => where.startsWith("docker-credential-")) ? [] : places);
}
