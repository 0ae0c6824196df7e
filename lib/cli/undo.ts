/**
 * `regauth undo`: puts back what the last write changed.
 *
 * @module
 */

import { fileDifference, type FilePreview } from "../plan_preview.ts";
import { shortPath } from "../short_path.ts";
import { planUndo, undo, type UndoPlan } from "../undo.ts";
import type { Call, CommandSpec } from "./command.ts";
import { describeSpan } from "./describe.ts";
import { Exit } from "./exit.ts";
import { planLines } from "./plan_view.ts";
import { oneLine } from "./style.ts";

export const undoCommand: CommandSpec = {
  description: "Files that somebody changed since stay as they are; then the difference is shown.",
  options: [{ flags: "--dry-run", description: "Show what would be put back, and stop there." }],
  examples: [["Take back the last set-up or login", "regauth undo"]],
  run,
};

async function run(call: Call): Promise<number> {
  const { io, output, values } = call;
  const plan = await planUndo(io);
  if (!plan) {
    if (output.json) output.document({ undone: "", files: [], dryRun: values.flag("dryRun") });
    else output.result("There is nothing to undo.");
    return Exit.done;
  }
  showUndo(call, plan);
  await carryOut(call, plan, values.flag("dryRun"));
  return Exit.done;
}

/**
 * Undoes the last change, and tells it.
 *
 * @param call The outside world.
 * @param plan The change.
 * @param dryRun Whether only to tell it.
 * @throws {RegauthError} `write-conflict` if a file was changed since.
 */
export async function carryOut(call: Call, plan: UndoPlan, dryRun = false): Promise<void> {
  const isRefused = plan.files.some(({ state }) => state === "other");
  if (!dryRun || isRefused) await undo(call.io, plan);
  tell(call, plan, dryRun);
}

/**
 * Shows what would be undone.
 *
 * @param call The outside world.
 * @param plan The change.
 */
export function showUndo({ io, output, terminal }: Call, { record, files }: UndoPlan): void {
  if (output.json) return;
  const span = describeSpan((io.now().getTime() - Date.parse(record.at)) / 1000);
  output.note(`The last change: ${oneLine(record.what)}, ${span} ago.`);
  const columns = Math.min(terminal.columns() ?? 80, 100);
  for (
    const line of planLines(io, { files: differences(files), helpers: [] }, {
      style: output.style,
      columns,
    })
  ) output.note(line);
}

function differences(files: UndoPlan["files"]): readonly FilePreview[] {
  return files.flatMap(({ path, now, before }) => fileDifference(path, now, before) ?? []);
}

function tell({ io, output }: Call, { record, files }: UndoPlan, dryRun: boolean): void {
  const { what, helpers } = record;
  const changed = files.filter(({ state }) => state === "changed");
  if (output.json) {
    const names = changed.map(({ path }) => shortPath(io, path));
    return output.document({ undone: what, files: names, dryRun });
  }
  for (const { program, server } of helpers) {
    output.warn(`${program} keeps no old secrets: the new one for ${server} stays in it`);
    output.note(`  Remove it: regauth logout ${server}`);
  }
  if (dryRun) return output.result("Nothing was written (--dry-run).");
  output.result(
    changed.length === 0
      ? `Undone: ${oneLine(what)}. No file had to be changed.`
      : `Undone: ${oneLine(what)}.`,
  );
}
