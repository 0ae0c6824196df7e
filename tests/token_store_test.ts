import { assertEquals, assertStringIncludes } from "@std/assert";
import { denoIo } from "../lib/deno_io.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Io } from "../lib/io.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { tokenStore, tokenStorePath } from "../lib/token_store.ts";

const PATH = "/home/me/.cache/regauth/tokens.json";
const NOW = new Date("2026-01-01T00:00:00Z");

function world(text?: string, options: MemoryIoOptions = {}): MemoryIo {
  const files = text === undefined ? {} : { [PATH]: text };
  return memoryIo({ env: { HOME: "/home/me" }, now: NOW, files, ...options });
}

function inHours(hours: number): Date {
  return new Date(NOW.getTime() + hours * 3_600_000);
}

for (
  const [platform, env, path] of [
    ["linux", { HOME: "/home/me" }, PATH],
    ["linux", { HOME: "/home/me", XDG_CACHE_HOME: "/cache" }, "/cache/regauth/tokens.json"],
    ["darwin", { HOME: "/Users/me" }, "/Users/me/Library/Caches/regauth/tokens.json"],
    ["windows", { LOCALAPPDATA: "C:\\Local" }, "C:\\Local\\regauth\\tokens.json"],
    ["linux", {}, undefined],
    ["windows", {}, undefined],
  ] satisfies [MemoryIo["platform"], Record<string, string>, string | undefined][]
) {
  Deno.test(`tokenStorePath() on ${platform} with ${Object.keys(env)} is ${path}`, () => {
    assertEquals(tokenStorePath(memoryIo({ platform, env })), path);
  });
}

Deno.test("tokenStore() forgets what has expired, and writes it no more", async () => {
  const io = world();
  const store = tokenStore(io);
  await store.put("a", "token-a", inHours(1));
  await store.put("b", "token-b", inHours(3));
  assertEquals(await store.get("a"), { value: "token-a", expiresAt: inHours(1) });
  io.setNow(inHours(2));
  assertEquals(await store.get("a"), undefined);
  await store.put("c", "token-c", inHours(3));
  assertEquals(io.files.get(PATH)?.text.includes("token-a"), false);
  assertEquals((await store.get("b"))?.value, "token-b");
  await store.put("b", "token-d", inHours(1));
  assertEquals(await store.get("b"), undefined);
});

Deno.test("tokenStore() keeps the newest 200 tokens", async () => {
  const io = world();
  const store = tokenStore(io);
  for (let index = 0; index <= 200; index++) await store.put(`key${index}`, "t", inHours(1));
  assertEquals(await store.get("key0"), undefined);
  assertEquals((await store.get("key1"))?.value, "t");
  assertEquals((await store.get("key200"))?.value, "t");
});

for (
  const [what, text] of [
    ["no JSON", "{"],
    ["nothing", ""],
    ["bytes that are no text", "\uFFFD\0"],
    ["a list", "[]"],
    ["another version", '{"version":2,"tokens":{"a":{"value":"t","expiresAt":1767229200000}}}'],
    ["tokens as a list", '{"version":1,"tokens":[{"value":"t","expiresAt":1767229200000}]}'],
    [
      "values of the wrong kind",
      '{"version":1,"tokens":{"a":{"value":1,"expiresAt":"x"},"b":null}}',
    ],
    ["a token for a hundred years", '{"version":1,"tokens":{"a":{"value":"t","expiresAt":4e12}}}'],
  ] as const
) {
  Deno.test(`tokenStore() takes a file with ${what} for an empty one`, async () => {
    const io = world(text);
    const store = tokenStore(io);
    assertEquals(await store.get("a"), undefined);
    await store.put("b", "token", inHours(1));
    assertEquals((await store.get("b"))?.value, "token");
    assertEquals(Object.keys(JSON.parse(io.files.get(PATH)?.text ?? "").tokens), ["b"]);
  });
}

Deno.test("tokenStore() does not trust a file that others can read, and replaces it", async () => {
  const text = '{"version":1,"tokens":{"a":{"value":"t","expiresAt":1767229200000}}}';
  assertEquals((await tokenStore(world(text)).get("a"))?.value, "t");
  for (const mode of [0o644, 0o620, 0o606]) {
    const io = world(undefined, { files: { [PATH]: { text, mode } } });
    const store = tokenStore(io);
    assertEquals(await store.get("a"), undefined);
    await store.put("b", "token", inHours(1));
    assertEquals(io.files.get(PATH)?.mode, 0o600);
    assertEquals(io.files.get(PATH)?.text.includes('"a"'), false);
  }
});

Deno.test("tokenStore() fails never, and says why it keeps nothing", async () => {
  const heard: string[] = [];
  const refuse = (): Promise<never> =>
    Promise.reject(new RegauthError("write-io", "Cannot write: no space"));
  const io: Io = { ...world(), lock: refuse, writePrivate: refuse, readText: refuse };
  const store = tokenStore(io, (line) => heard.push(line));
  await store.put("a", "token", inHours(1));
  assertEquals(await store.get("a"), undefined);
  assertEquals(await store.exclusively?.("a", () => Promise.resolve(7)), 7);
  assertStringIncludes(heard[0] ?? "", "Tokens are not kept: Cannot write: no space");
  assertEquals(heard.join().includes("token,"), false);
});

Deno.test("tokenStore() without a home folder keeps nothing", async () => {
  const io = memoryIo({ now: NOW });
  const store = tokenStore(io);
  await store.put("a", "token", inHours(1));
  assertEquals(await store.get("a"), undefined);
  assertEquals(await store.exclusively?.("a", () => Promise.resolve(7)), 7);
  assertEquals(io.writes, []);
});

Deno.test("tokenStore() lets one action of a name run at a time", async () => {
  const store = tokenStore(world());
  let running = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 5 }, () =>
    store.exclusively?.("a/../b", async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    })));
  assertEquals(most, 1);
});

Deno.test({
  name: "tokenStore() makes a private file in a private folder, and leaves no lock behind",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const home = await Deno.makeTempDir();
    try {
      const io: Io = { ...denoIo(), env: (name) => name === "HOME" ? home : undefined };
      const store = tokenStore(io);
      const end = new Date(Date.now() + 60_000);
      await Promise.all(Array.from({ length: 20 }, async (_, index) => {
        await store.exclusively?.(`key${index % 3}`, () => store.put(`key${index}`, "t", end));
      }));
      for (let index = 0; index < 20; index++) {
        assertEquals((await store.get(`key${index}`))?.value, "t");
      }
      const folder = `${home}/.cache/regauth`;
      assertEquals((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
      assertEquals((Deno.statSync(`${folder}/tokens.json`).mode ?? 0) & 0o777, 0o600);
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["tokens.json"]);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
