import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { chain, explainKeychain, firstAnswer } from "../lib/chain.ts";
import type { Credential } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Keychain } from "../lib/keychain.ts";
import { memoryIo } from "../lib/memory_io.ts";

const TARGET = { registry: "reg.example", repository: "team/app" };
const context = { io: memoryIo() };

function answering(name: string, credential: Credential | undefined): Keychain {
  return { name, resolve: () => Promise.resolve(credential) };
}

function failing(name: string): Keychain {
  return {
    name,
    resolve: () => Promise.reject(new RegauthError("config-syntax", "Cannot parse it")),
  };
}

Deno.test("firstAnswer() takes the first keychain that knows the target", async () => {
  const answer = await firstAnswer(
    [answering("a", undefined), answering("b", { username: "u" }), answering("c", {})],
    TARGET,
    context,
  );
  assertEquals(answer, { keychain: "b", credential: { username: "u" } });
});

Deno.test("firstAnswer() stops at an empty credential", async () => {
  const answer = await firstAnswer([answering("a", {}), failing("b")], TARGET, context);
  assertEquals(answer, { keychain: "a", credential: {} });
});

Deno.test("firstAnswer() ends at the first failure", async () => {
  const asked = firstAnswer([failing("a"), answering("b", { username: "u" })], TARGET, context);
  await assertRejects(() => asked, RegauthError, "Cannot parse it");
});

Deno.test("firstAnswer() asks nobody once the caller's signal has ended it", async () => {
  const reason = new Error("enough");
  const ended = { ...context, signal: AbortSignal.abort(reason) };
  const error = await assertRejects(() => firstAnswer([answering("a", {})], TARGET, ended));
  assertStrictEquals(error, reason);
});

Deno.test("firstAnswer() puts the keychain's name before what it traces", async () => {
  const lines: string[] = [];
  const talking: Keychain = {
    name: "talker",
    resolve(_target, { trace }) {
      trace?.("looked here");
      return Promise.resolve(undefined);
    },
  };
  await firstAnswer([talking], TARGET, { ...context, trace: (line) => lines.push(line) });
  assertEquals(lines, ["talker: looked here"]);
});

Deno.test("chain() is a keychain itself", async () => {
  const outer = chain(chain(answering("a", undefined)), answering("b", { username: "u" }));
  assertEquals(await outer.resolve(TARGET, context), { username: "u" });
  assertEquals(await chain().resolve(TARGET, context), undefined);
});

Deno.test("explainKeychain() tells a failure instead of throwing it", async () => {
  const step = await explainKeychain(failing("a"), TARGET, context);
  assertEquals([step.keychain, step.outcome], ["a", "failed"]);
  assertEquals(step.error instanceof RegauthError && step.error.code, "config-syntax");
});
