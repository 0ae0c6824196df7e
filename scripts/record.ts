/**
 * Records the screens of the wizard: runs it in tmux, with registries on loopback at the other end, and
 * writes what was on the screen into `tests/data/screens/`. To be looked at before it is committed:
 * `deno task record [NAME…]`.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import { SCREENS } from "../tests/e2e/wizard_runs.ts";
import { playToTheEnd } from "../tests/e2e/wizard_terminal.ts";

const FOLDER = new URL("../tests/data/screens/", import.meta.url);

for (const { run, size, file } of SCREENS) {
  if (Deno.args.length > 0 && !Deno.args.includes(run.name)) continue;
  const { history } = await playToTheEnd(run, size);
  await Deno.writeTextFile(new URL(file, FOLDER), history);
  console.log(file);
}
