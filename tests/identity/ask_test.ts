import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Secret } from "../../lib/credential.ts";
import { RegauthError } from "../../lib/errors.ts";
import { ask, type Patience } from "../../lib/identity/ask.ts";
import { memoryIo } from "../../lib/memory_io.ts";

const url = new URL("https://token.example/token");
const reset = (): never => {
  throw new TypeError("fetch failed", { cause: new Error("connection reset") });
};

Deno.test("ask() sends a form without what is undefined, and follows no redirect", async () => {
  const io = memoryIo({
    fetch: () =>
      new Response(null, { status: 302, headers: { location: "https://evil.example/" } }),
  });
  const form = { a: "1 2", b: new Secret("s&"), c: undefined };
  const headers = { authorization: new Secret("Bearer T") };
  const { status } = await ask({ io }, () => ({ url, form, headers }));
  assertEquals(status, 302);
  const [request] = io.requests;
  assertEquals(io.requests.length, 1);
  assertEquals([request?.method, request?.redirect, await request?.text()], [
    "POST",
    "manual",
    "a=1+2&b=s%26",
  ]);
  assertEquals(request?.headers.get("authorization"), "Bearer T");
});

Deno.test("ask() tries again after what passes, within its patience", async () => {
  const answers = [
    reset,
    () => new Response("", { status: 503, headers: { "retry-after": "3" } }),
    () => new Response("", { status: 429 }),
    () => new Response("done"),
  ];
  const io = memoryIo({ fetch: () => answers.shift()?.() ?? new Response("", { status: 500 }) });
  const { body } = await ask({ io }, () => ({ url }), { delays: [100, 200, 400] });
  assertEquals(body, "done");
  assertEquals(io.sleeps, [100, 3000, 400]);
});

const ENDS: Readonly<Record<string, readonly [Patience, (call: number) => Response, number]>> = {
  "its delays are used up": [{ delays: [1] }, () => new Response("", { status: 500 }), 2],
  "its time is": [
    { delays: [400, 400, 400], total: 700 },
    () => new Response("", { status: 500 }),
    2,
  ],
  "the server wants a long wait": [
    { delays: [1] },
    () => new Response("", { status: 429, headers: { "retry-after": "11" } }),
    1,
  ],
  "another attempt would not help": [{ delays: [1] }, () => new Response("", { status: 400 }), 1],
};

for (const [name, [patience, reply, attempts]] of Object.entries(ENDS)) {
  Deno.test(`ask() gives up when ${name}`, async () => {
    const io = memoryIo({ fetch: () => reply(0) });
    await ask({ io }, () => ({ url }), patience);
    assertEquals(io.requests.length, attempts);
  });
}

Deno.test("ask() says why nobody answers", async () => {
  const io = memoryIo({ fetch: reset });
  const error = await assertRejects(() => ask({ io }, () => ({ url })), RegauthError);
  assertEquals(error.code, "network");
  assertStringIncludes(error.message, "token.example");
});

Deno.test("ask() reads no more than 1 MiB", async () => {
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
  });
  const io = memoryIo({ fetch: () => new Response(endless) });
  const error = await assertRejects(() => ask({ io }, () => ({ url })), RegauthError);
  assertStringIncludes(error.message, "larger than 1 MiB");
});

Deno.test("ask() waits no longer than it may for an answer that hangs", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const io = memoryIo({ fetch: () => promise });
  const error = await assertRejects(() => ask({ io }, () => ({ url, timeout: 5 })), RegauthError);
  assertStringIncludes(error.message, "no answer in time");
  resolve(new Response());
  const slow = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const other = memoryIo({ fetch: () => new Response(slow) });
  await assertRejects(() => ask({ io: other }, () => ({ url, timeout: 5 })), RegauthError);
});

Deno.test("ask() ends when the caller says so", async () => {
  const controller = new AbortController();
  const io = memoryIo({ fetch: () => (controller.abort(), new Response("", { status: 500 })) });
  const context = { io, signal: controller.signal };
  const error = await assertRejects(
    () => ask(context, () => ({ url }), { delays: [1] }),
    RegauthError,
  );
  assertEquals(error.code, "aborted");
});
