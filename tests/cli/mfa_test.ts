import { assertEquals, assertRejects } from "@std/assert";
import { askMfaCode } from "../../lib/cli/mfa.ts";
import { Cancelled } from "../../lib/cli/question.ts";
import { memoryIo } from "../../lib/memory_io.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const DEVICE = "arn:aws:iam::123456789012:mfa/me";
const QUESTION = `Code of the MFA device ${DEVICE}`;

Deno.test("askMfaCode() asks until six digits come", async () => {
  const script: [string, string][] = [[QUESTION, "12345\r"], [
    "It is six digits.",
    "\u0015123456\r",
  ]];
  const terminal = scriptedTerminal({ script });
  const io = memoryIo({ env: { TERM: "xterm" } });
  assertEquals(await askMfaCode(terminal, io, DEVICE), "123456");
});

Deno.test("askMfaCode() asks nobody where nobody is", async () => {
  const nobody = scriptedTerminal({ streams: { stdin: false } });
  assertEquals(await askMfaCode(nobody, memoryIo(), DEVICE), undefined);
  const ci = memoryIo({ env: { CI: "true" } });
  assertEquals(await askMfaCode(scriptedTerminal({}), ci, DEVICE), undefined);
});

Deno.test("askMfaCode() can be cancelled", async () => {
  const terminal = scriptedTerminal({ script: [[QUESTION, "\u0003"]] });
  const io = memoryIo({ env: { TERM: "xterm" } });
  await assertRejects(() => askMfaCode(terminal, io, DEVICE), Cancelled);
});
