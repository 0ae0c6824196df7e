import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Key } from "../../lib/cli/keys.ts";
import { type Keys, openKeys } from "../../lib/cli/prompt_reader.ts";
import { Cancelled } from "../../lib/cli/question.ts";
import { RegauthError } from "../../lib/errors.ts";
import { idleIo, type ScriptedTerminal, scriptedTerminal } from "../fakes/terminal.ts";

function open(options: Parameters<typeof scriptedTerminal>[0] = {}): [ScriptedTerminal, Keys] {
  const terminal = scriptedTerminal(options);
  return [terminal, openKeys(terminal, idleIo())];
}

async function textUpToEnter(keys: Keys): Promise<string> {
  let text = "";
  for (let key: Key; (key = await keys.next()).name !== "enter";) {
    text += key.name === "text" ? key.text : `<${key.name}>`;
  }
  return text;
}

for (let offset = 0; offset < 8; offset++) {
  for (const piece of [1, 2, 3, 5, 8]) {
    Deno.test(`2: next() keeps characters whole at offset ${offset} in pieces of ${piece}`, async () => {
      const [terminal, keys] = open({ piece });
      keys.setRaw(true);
      const text = "x".repeat(offset) + "ä€😀é登";
      terminal.type(`${text}\r`);
      assertEquals(await textUpToEnter(keys), text);
      keys.close();
    });
  }
}

for (const piece of [1, 2, 3, 100]) {
  Deno.test(`next() puts keys together from pieces of ${piece}`, async () => {
    const [terminal, keys] = open({ piece });
    keys.setRaw(true);
    terminal.type("a\x1b[A\x1b[3~\x1b[200~b\r");
    assertEquals(await textUpToEnter(keys), "a<up><delete><unknown>b");
    keys.close();
  });
}

Deno.test("next() takes an ESC with nothing behind it for the key", async () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  terminal.type("\x1b");
  assertEquals(await keys.next(), { name: "escape" });
  keys.close();
});

Deno.test("next() leaves a byte-order mark where it is", async () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  terminal.type("\uFEFFa\r");
  assertEquals(await textUpToEnter(keys), "\uFEFFa");
  keys.close();
});

Deno.test("3: next() fails at the end of input, each time, and does not spin", async () => {
  const [, keys] = open({ script: [["", null]] });
  for (let time = 0; time < 2; time++) {
    const { code, hint } = await assertRejects(() => keys.next(), RegauthError, "input ended");
    assertEquals([code, typeof hint], ["usage", "string"]);
  }
  keys.close();
});

Deno.test("next() hands out what came before the end of input", async () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  terminal.type("a\x1b");
  assertEquals(await keys.next(), { name: "text", text: "a" });
  assertEquals(await keys.next(), { name: "escape" });
  keys.close();
});

Deno.test("next() fails at once with Cancelled at Ctrl-C, whatever was typed before", async () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  terminal.type("abc\x03def");
  await assertRejects(async () => void await textUpToEnter(keys), Cancelled);
  await assertRejects(() => keys.next(), Cancelled);
  assertEquals(keys.signal.aborted, true);
  keys.close();
});

Deno.test("signal ends with Cancelled while nothing is asked", async () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  const ended = new Promise((resolve) => keys.signal.addEventListener("abort", resolve));
  terminal.type("\x03");
  await ended;
  assertEquals(keys.signal.reason instanceof Cancelled, true);
  keys.close();
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`5: ${signal} rejects the key that is waited for`, async () => {
    const [terminal, keys] = open();
    const next = keys.next();
    terminal.send(signal);
    await assertRejects(() => next, Cancelled);
    keys.close();
  });
}

Deno.test("5: the second signal ends a program that did not hear the first", () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  terminal.send("SIGINT");
  assertThrows(() => terminal.send("SIGTERM"), Error, "exit 143");
  assertEquals([terminal.raw, terminal.exits], [false, [143]]);
});

Deno.test("15: drop() takes all that was typed ahead, in any number of pieces", async () => {
  const [terminal, keys] = open({ piece: 1 });
  keys.setRaw(true);
  terminal.type("y\rsecond line\r");
  assertEquals(await keys.drop(), "y\rsecond line\r");
  terminal.type("n\r");
  assertEquals(await textUpToEnter(keys), "n");
  keys.close();
});

Deno.test("setRaw() says when the terminal refuses", () => {
  const [, keys] = open({ noRaw: true });
  assertEquals(keys.setRaw(true), false);
  keys.close();
});

Deno.test("close() restores the terminal and stops hearing signals, once or twice", () => {
  const [terminal, keys] = open();
  keys.setRaw(true);
  assertEquals([terminal.raw, terminal.listeners], [true, 3]);
  keys.close();
  keys.close();
  assertEquals([terminal.raw, terminal.listeners], [false, 0]);
});
