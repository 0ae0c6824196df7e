import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import { RegauthError } from "../lib/errors.ts";
import { exchange, type Question } from "../lib/exchange.ts";
import { registryClient } from "../lib/registry_client.ts";
import { type Host, type Internet, internet } from "./fakes/internet.ts";

const question: Question = {
  method: "GET",
  url: new URL("https://reg.example/v2/"),
  facts: { host: "reg.example", step: "pull" },
};

function network(host: Host | string): Internet {
  return internet({ "https://reg.example": host });
}

Deno.test("exchange() repeats a POST once, and only if the server asks for it", async () => {
  const cases: readonly [status: number, headers: Record<string, string>, requests: number][] = [
    [503, { "retry-after": "3" }, 2],
    [503, {}, 1],
    [500, { "retry-after": "3" }, 1],
  ];
  for (const [status, headers, requests] of cases) {
    const net = network(() => new Response(null, { status, headers }));
    const client = registryClient({ context: net.context });
    const post = { ...question, method: "POST", form: new Secret("a=b") } as const;
    await assertRejects(() => exchange(client, post), RegistryError);
    assertEquals(net.sent.map(({ body }) => body), Array(requests).fill("a=b"));
  }
});

Deno.test("exchange() repeats after a broken connection, unless there is another way", async () => {
  for (const [hasFallback, waits] of [[false, 3], [true, 0]] as const) {
    const net = network("connection closed before message completed");
    const client = registryClient({ context: net.context });
    await assertRejects(() => exchange(client, { ...question, hasFallback }), RegistryError);
    assertEquals(net.io.sleeps.length, waits);
  }
});

Deno.test("exchange() never repeats after a certificate or a name that is wrong", async () => {
  for (const fault of ["invalid peer certificate: UnknownIssuer", "dns error: x"]) {
    const net = network(fault);
    const client = registryClient({ context: net.context });
    await assertRejects(() => exchange(client, question), RegistryError);
    assertEquals(net.io.sleeps, []);
  }
});

Deno.test("exchange() passes on an error that already says what to do", async () => {
  const fault = new RegauthError("config-type", "Cannot read x");
  const client = registryClient({
    context: network("unused").context,
    fetchFor: () => () => Promise.reject(fault),
  });
  assertEquals(await assertRejects(() => exchange(client, question), RegauthError), fault);
});

Deno.test("exchange() stops waiting when its caller gives up", async () => {
  for (
    const [reason, code] of [
      [new Error("Ctrl-C"), "aborted"],
      [new DOMException("late", "TimeoutError"), "network"],
    ] as const
  ) {
    const controller = new AbortController();
    const net = network(() => {
      controller.abort(reason);
      return new Response(null, { status: 500 });
    });
    const { signal } = controller;
    const io = { ...net.io, fetch: (url: URL | Request | string) => net.io.fetch(url) };
    const client = registryClient({ context: { io, signal } });
    const error = await assertRejects(() => exchange(client, question), RegauthError);
    assertEquals(error.code, code);
  }
});

Deno.test("exchange() does not wait for a body that never ends or comes", async () => {
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(9)) });
  const client = registryClient({
    context: network(() => new Response(body)).context,
    timeout: 20,
  });
  const error = await assertRejects(() => exchange(client, question), RegistryError);
  assertEquals(error.diagnosis.facts.failure?.kind, "timeout");
});

Deno.test("exchange() reads 64 KiB of a body, and 128 KiB of a token", async () => {
  const net = network(() => new Response("é".repeat(100_000)));
  const client = registryClient({ context: net.context });
  const { body, complete } = await exchange(client, question);
  assertEquals([body.length, complete], [32 * 1024, false]);
  const token = await exchange(client, { ...question, facts: { host: "x", step: "token" } });
  assertEquals([token.body.length, token.complete], [64 * 1024, false]);
});

Deno.test("exchange() removes from an error whatever secret the server quotes", async () => {
  const password = new Secret("hunter2");
  const authorization = new Secret(`Basic ${btoa("jane:hunter2")}`);
  const net = network(({ authorization }) =>
    new Response(`You are jane with hunter2, and sent ${authorization}`, { status: 403 })
  );
  const client = registryClient({ context: net.context });
  const credential = { username: "jane", password };
  const { body } = await exchange(client, { ...question, authorization, credential });
  assertEquals(body, "You are jane with [redacted], and sent Basic [redacted]");
});

Deno.test("exchange() tells warnings of the server once, and not too many", async () => {
  const warning = '299 - "Old API", 299 - "Old API", 199 - "no"';
  const net = network((_, earlier) =>
    new Response(null, {
      headers: { warning: earlier.length < 2 ? warning : `299 - "${"x".repeat(5000)}"` },
    })
  );
  const client = registryClient({ context: net.context });
  for (let index = 0; index < 12; index++) await exchange(client, question);
  const heard = net.trace.filter((line) => line.includes("warns"));
  assertEquals(heard, ["reg.example warns: Old API", `reg.example warns: ${"x".repeat(500)}`]);
});

Deno.test("exchange() names the proxy, without its password, that wants a login", async () => {
  const net = network(() => new Response(null, { status: 407 }));
  net.io.variables.set("HTTPS_PROXY", "http://me:hunter2@proxy.example:3128");
  const client = registryClient({ context: net.context });
  const error = await assertRejects(() => exchange(client, question), RegistryError);
  assertEquals(error.message, "The proxy http://***@proxy.example:3128 wants its own login.");
});

Deno.test("exchange() quotes no server that quotes the secret, in whatever spelling", async () => {
  const password = 'hunter2 <"/ü';
  const authorization = new Secret(`Basic ${btoa("jane:hunter2")}`);
  const spellings = [
    password,
    encodeURIComponent(password),
    "hunter2+%3C%22%2F%C3%BC",
    'hunter2 <\\"/ü',
    'hunter2 \\u003c\\"/ü',
    btoa("jane:hunter2"),
  ];
  for (const spelling of spellings) {
    const headers = { warning: `299 - "${encodeURIComponent(password)} ${btoa("jane:hunter2")}"` };
    const net = network(() => new Response(`you sent ${spelling}`, { status: 403, headers }));
    const client = registryClient({ context: net.context });
    const credential = { username: "jane", password: new Secret(password) };
    const { body } = await exchange(client, { ...question, authorization, credential });
    assertEquals(body, "you sent [redacted]");
    assertEquals(net.trace.filter((line) => line.includes("warns")), [
      "reg.example warns: [redacted] [redacted]",
    ]);
  }
});

Deno.test("exchange() names the proxy that may be the reason, without its password", async () => {
  const cases = [
    ["dns error: x", "No server is known under reg.example, or under the name of the proxy"],
    ["connection refused", "reg.example did not answer on port 443 by way of the proxy"],
  ] as const;
  for (const [fault, message] of cases) {
    const { context } = network(fault);
    const env = (name: string) =>
      name === "HTTPS_PROXY" ? "http://me:hunter2@proxy.example:3128" : undefined;
    const client = registryClient({ context: { ...context, io: { ...context.io, env } } });
    const error = await assertRejects(() => exchange(client, question), RegistryError);
    assertStringIncludes(error.message, `${message} http://***@proxy.example:3128`);
  }
});
