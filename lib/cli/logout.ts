/**
 * `regauth logout`: remove the saved credential of a registry.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { removeCredential } from "../docker_store.ts";
import { HUB_HOST, parseHost } from "../reference.ts";
import type { CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { cleanText } from "./style.ts";

export const logout: CommandSpec = {
  description: "Without HOST it is Docker Hub. Other registries and settings stay as they are.",
  arguments: "[host:string]",
  examples: [["Forget one registry", "regauth logout registry.example.com"]],
  async run({ args: [text], io, signal, trace, output, keychains: { configDir } }) {
    const host = text === undefined ? HUB_HOST : parseHost(text);
    const recording = recordChanges(io, `logout ${host}`, trace);
    const context = { io: recording.io, signal, ...(trace ? { trace } : {}) };
    const removed = await removeCredential(
      context,
      host,
      configDir === undefined ? {} : { configDir },
    );
    if (output.json) output.document({ registry: host, removed });
    else if (removed.length === 0) output.note(`Not logged in to ${host}; nothing was removed.`);
    for (const { where, key } of output.json ? [] : removed) {
      output.result(cleanText(`Removed ${key} from ${where}.`));
    }
    return Exit.done;
  },
};
