import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import type { Token } from "../lib/token.ts";
import { loginKey, tokenCache, tokenKey } from "../lib/token_cache.ts";

let time = 0;
const now = (): Date => new Date(time);
const realm = new URL("https://auth.example/token");

function token(text: string, life = 60_000): Token {
  return { value: new Secret(text), expiresAt: new Date(time + life) };
}

Deno.test("tokenCache() shares one request among ten callers", async () => {
  const cache = tokenCache(now);
  let requests = 0;
  const answers = await Promise.all(
    Array.from(
      { length: 10 },
      () => cache.get("k", () => Promise.resolve(token(`T${requests++}`))),
    ),
  );
  assertEquals(requests, 1);
  assertEquals(answers.every(({ cached }) => !cached), true);
  assertEquals((await cache.get("k", () => Promise.reject(new Error("unused")))).cached, true);
});

Deno.test("tokenCache() fetches again when a token has expired", async () => {
  const cache = tokenCache(now);
  await cache.get("k", () => Promise.resolve(token("old", 1000)));
  time += 1000;
  const { token: next } = await cache.get("k", () => Promise.resolve(token("new")));
  assertEquals(next.value.reveal(), "new");
});

Deno.test("tokenCache() does not remember a failure", async () => {
  const cache = tokenCache(now);
  await assertRejects(() => cache.get("k", () => Promise.reject(new Error("down"))));
  assertEquals((await cache.get("k", () => Promise.resolve(token("T")))).cached, false);
});

Deno.test("tokenCache() drops the refused token, and no newer one", async () => {
  const cache = tokenCache(now);
  const { token: old } = await cache.get("k", () => Promise.resolve(token("old")));
  cache.drop(old);
  const { token: next } = await cache.get("k", () => Promise.resolve(token("new")));
  cache.drop(old);
  assertEquals((await cache.get("k", () => Promise.reject(new Error("unused")))).token, next);
});

Deno.test("tokenCache() holds 256 tokens and forgets the oldest", async () => {
  const cache = tokenCache(now);
  for (let index = 0; index <= 256; index++) {
    await cache.get(`k${index}`, () => Promise.resolve(token("T")));
  }
  assertEquals((await cache.get("k1", () => Promise.reject(new Error("unused")))).cached, true);
  assertEquals((await cache.get("k0", () => Promise.resolve(token("T")))).cached, false);
});

Deno.test("tokenKey() is the same for the same question, and hides the secret", async () => {
  const credential = { username: "u", password: new Secret("hunter2") };
  const key = await tokenKey("https://a", {
    realm,
    scopes: ["repository:a:push", "repository:a:pull"],
    credential,
  });
  assertEquals(
    key,
    await tokenKey("https://a", { realm, scopes: ["repository:a:pull,push"], credential }),
  );
  assertEquals(/^[0-9a-f]{64}$/.test(key), true);
});

Deno.test("tokenKey() differs by registry, realm, service, scope, user, secret and kind", async () => {
  const password = new Secret("p");
  const scopes = ["repository:a:pull"];
  const base = { realm, service: "s", scopes, credential: { username: "u", password } };
  const keys = await Promise.all([
    tokenKey("https://a", base),
    tokenKey("https://b", base),
    tokenKey("https://a", { ...base, realm: new URL("https://auth.example/other") }),
    tokenKey("https://a", { ...base, service: "t" }),
    tokenKey("https://a", { ...base, scopes: ["repository:a:pull,push"] }),
    tokenKey("https://a", { ...base, credential: { username: "v", password } }),
    tokenKey("https://a", { ...base, credential: { username: "u", password: new Secret("q") } }),
    tokenKey("https://a", { ...base, credential: { identityToken: password } }),
    tokenKey("https://a", { realm, service: "s", scopes }),
    tokenKey("https://a", { ...base, credential: {} }),
  ]);
  assertEquals(new Set(keys).size, keys.length);
});

Deno.test("loginKey() differs by credential", async () => {
  const one = await loginKey(realm, { username: "u", password: new Secret("p") });
  assertEquals(one, await loginKey(realm, { username: "u", password: new Secret("p") }));
  assertNotEquals(one, await loginKey(realm, { username: "u", password: new Secret("q") }));
});
