import { assertEquals, assertRejects } from "@std/assert";
import { orAborted, untilInterrupted } from "../../lib/cli/interrupt.ts";
import { Cancelled } from "../../lib/cli/question.ts";
import { RegauthError } from "../../lib/errors.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const NEVER = new Promise<never>(() => {});
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`untilInterrupted() tells the work of ${name} and ends as cancelled by it`, async () => {
    const terminal = scriptedTerminal();
    const failed = untilInterrupted(terminal, async (signal) => {
      terminal.send(name);
      await orAborted(NEVER, signal);
    });
    const error = await assertRejects(() => failed, Cancelled);
    assertEquals([error.exitCode, terminal.listeners], [CODES[name], 0]);
  });
}

Deno.test("untilInterrupted() names the signal where the work says it in other words", async () => {
  const terminal = scriptedTerminal();
  const failed = untilInterrupted(terminal, () => {
    terminal.send("SIGTERM");
    return Promise.reject(new RegauthError("aborted", "it was interrupted"));
  });
  assertEquals((await assertRejects(() => failed, Cancelled)).exitCode, 143);
});

Deno.test("untilInterrupted() lets work that is done count as done", async () => {
  const terminal = scriptedTerminal();
  const done = await untilInterrupted(terminal, () => {
    terminal.send("SIGINT");
    return Promise.resolve("done");
  });
  assertEquals([done, terminal.listeners], ["done", 0]);
});

Deno.test("orAborted() does not wait for work that knows no signals", async () => {
  const reason = new Cancelled("SIGINT");
  await assertRejects(() => orAborted(NEVER, AbortSignal.abort(reason)), Cancelled);
  assertEquals(await orAborted(Promise.resolve(1), new AbortController().signal), 1);
});
