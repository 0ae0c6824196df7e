import { assertEquals, assertThrows } from "@std/assert";
import { type Credential, Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import { readToken, tokenRequest } from "../lib/token.ts";

const realm = new URL("https://auth.example.com/token");
const basic: Credential = { username: "jdoe", password: new Secret("hunter2") };
const arrival = new Date("2026-01-01T00:00:00Z");

Deno.test("tokenRequest() asks with GET, one parameter per scope, and Basic authorization", () => {
  const request = tokenRequest({
    realm,
    service: "registry.example.com",
    scopes: ["repository:a:pull,push", "repository:b:pull"],
    credential: basic,
  });
  assertEquals(request.method, "GET");
  assertEquals([...request.url.searchParams], [
    ["service", "registry.example.com"],
    ["scope", "repository:a:pull,push"],
    ["scope", "repository:b:pull"],
    ["account", "jdoe"],
    ["client_id", "regauth"],
  ]);
  assertEquals(request.authorization?.reveal(), `Basic ${btoa("jdoe:hunter2")}`);
  assertEquals(request.body, undefined);
});

Deno.test("tokenRequest() keeps the realm's query and leaves out what is empty", () => {
  const { url, authorization } = tokenRequest({
    realm: new URL("https://auth.example.com/token?tenant=a%2Fb"),
    service: "",
    scopes: [],
  });
  assertEquals([...url.searchParams], [["tenant", "a/b"], ["client_id", "regauth"]]);
  assertEquals(authorization, undefined);
});

Deno.test("tokenRequest() sends half a credential to nobody", () => {
  for (const credential of [{ username: "jdoe" }, { password: new Secret("x") }, {}]) {
    const { url, authorization } = tokenRequest({ realm, scopes: [], credential });
    assertEquals(authorization, undefined);
    assertEquals(url.searchParams.has("account"), false);
  }
});

Deno.test("tokenRequest() posts an identity token, with all scopes in one field", () => {
  const request = tokenRequest({
    realm,
    service: "registry.example.com",
    scopes: ["repository:a:pull", "repository:b:pull"],
    credential: { identityToken: new Secret("ID&TOKEN") },
  });
  assertEquals(request.method, "POST");
  assertEquals(request.url.href, realm.href);
  assertEquals(request.authorization, undefined);
  assertEquals([...new URLSearchParams(request.body?.reveal())], [
    ["grant_type", "refresh_token"],
    ["refresh_token", "ID&TOKEN"],
    ["service", "registry.example.com"],
    ["client_id", "regauth"],
    ["scope", "repository:a:pull repository:b:pull"],
  ]);
});

Deno.test("tokenRequest() prefers the identity token to name and password", () => {
  const credential = { ...basic, identityToken: new Secret("ID") };
  const request = tokenRequest({ realm, scopes: [], credential });
  assertEquals(request.method, "POST");
  assertEquals(new URLSearchParams(request.body?.reveal()).has("scope"), false);
});

Deno.test("tokenRequest() refuses more than 8 KiB of scopes", () => {
  const scopes = [`repository:${"a".repeat(9000)}:pull`];
  const error = assertThrows(() => tokenRequest({ realm, scopes }), RegauthError);
  assertEquals(error.code, "network");
});

const READ: readonly [body: string, token: string, seconds: number][] = [
  ['{"token":"T1"}', "T1", 60],
  ['{"access_token":"A","token":"B","expires_in":300}', "A", 300],
  ['{"access_token":"","token":"B"}', "B", 60],
  ['{"access_token":null,"token":"B"}', "B", 60],
  ['{"token":"T","expires_in":"900"}', "T", 900],
  ['{"token":"T","expires_in":900.7}', "T", 900],
  ['{"token":"T","expires_in":10}', "T", 60],
  ['{"token":"T","expires_in":-5}', "T", 60],
  ['{"token":"T","expires_in":"soon"}', "T", 60],
  ['{"token":"T","expires_in":null}', "T", 60],
  ['{"token":"T","expires_in":[300]}', "T", 60],
  ['{"token":"T","expires_in":999999999}', "T", 86_400],
  ['{"token":"T","issued_at":"yesterday"}', "T", 60],
  ['{"token":"T","issued_at":5}', "T", 60],
  ['{"token":"T","expires_in":300,"issued_at":"2001-01-01T00:00:00Z"}', "T", 300],
  ['{"token":"T","expires_in":300,"issued_at":"2026-01-01T00:00:09Z"}', "T", 300],
  ['{"token":"T","expires_in":300,"issued_at":"2025-12-31T23:59:00.5Z"}', "T", 240.5],
  ['{"token":"T","expires_in":300,"issued_at":"2026-01-01T00:59:00+01:00"}', "T", 240],
  ['{"token":"T","unknown":{"a":1}}', "T", 60],
];

for (const [body, text, seconds] of READ) {
  Deno.test(`readToken() reads ${body}`, () => {
    const { token } = readToken(body, arrival);
    assertEquals(token?.value.reveal(), text);
    assertEquals(token?.expiresAt.getTime(), arrival.getTime() + (seconds - 5) * 1000);
    assertEquals(token?.identityToken, undefined);
  });
}

const UNUSABLE: readonly [body: string, fault: string][] = [
  ['{"token":""}', "it has no token"],
  ["{}", "it has no token"],
  ['{"token":5}', "it has no token"],
  ["[]", "it is not a JSON object"],
  ["null", "it is not a JSON object"],
  ['"x"', "it is not a JSON object"],
  ["", "it is not a JSON object"],
  ["\n<html>…", "a login page came instead"],
  ['{"token":"a\\nb"}', "the token is too long or has illegal characters"],
  ['{"token":"é"}', "the token is too long or has illegal characters"],
  [`{"token":"${"x".repeat(16_385)}"}`, "the token is too long or has illegal characters"],
];

for (const [body, fault] of UNUSABLE) {
  Deno.test(`readToken() finds no token in ${body.slice(0, 20)}`, () => {
    assertEquals(readToken(body, arrival), { fault });
  });
}

Deno.test("readToken() takes a new identity token", () => {
  const { token } = readToken('{"access_token":"A","refresh_token":"R"}', arrival);
  assertEquals(token?.identityToken?.reveal(), "R");
});
