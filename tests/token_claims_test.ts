import { assertEquals } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { claimedActions, readClaims, readExpiry, readPayload } from "../lib/token_claims.ts";

function jwt(payload: unknown): Secret {
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  const text = btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
  return new Secret(`eyJhbGciOiJub25lIn0.${text.replace(/=+$/, "")}.c2ln`);
}

const repository = (name: string, ...actions: string[]): unknown => ({
  type: "repository",
  name,
  actions,
});

const ACTIONS: readonly [name: string, claims: unknown, actions: readonly string[] | undefined][] =
  [
    ["both rights", { access: [repository("a/b", "pull", "push")] }, ["pull", "push"]],
    ["one right", { access: [repository("a/b", "pull")] }, ["pull"]],
    ["the host in front", { access: [repository("reg.example/a/b", "pull")] }, ["pull"]],
    ["a star", { access: [repository("a/b", "*")] }, ["*"]],
    ["two entries", { access: [repository("a/b", "pull"), repository("a/b", "push")] }, [
      "pull",
      "push",
    ]],
    ["another repository", { access: [repository("a/c", "pull")] }, []],
    ["another type", { access: [{ type: "registry", name: "a/b", actions: ["pull"] }] }, []],
    ["no entries", { access: [] }, []],
    ["null", { access: null }, []],
    ["nothing about rights", { sub: "é" }, undefined],
  ];

for (const [name, payload, actions] of ACTIONS) {
  Deno.test(`claimedActions() with ${name}`, () => {
    const claims = readClaims(jwt(payload));
    assertEquals(claims && claimedActions(claims, "reg.example", "a/b"), actions);
  });
}

const ODD: readonly [name: string, token: Secret][] = [
  ["an opaque token", new Secret("opaque")],
  ["two parts", new Secret("e30.e30")],
  ["four parts", new Secret("e30.e30.e30.e30")],
  ["padding", new Secret("e30.e30=.e30")],
  ["a payload that is not JSON", new Secret("e30.abcd.e30")],
  ["a payload that is a list", jwt([])],
  ["access that is a text", jwt({ access: "pull" })],
  ["an entry without actions", jwt({ access: [{ type: "repository", name: "a" }] })],
  ["an action that is a number", jwt({ access: [{ type: "r", name: "a", actions: [1] }] })],
  ["a payload of more than 16 KiB", jwt({ padding: "x".repeat(17_000) })],
];

for (const [name, token] of ODD) {
  Deno.test(`readClaims() knows nothing of ${name}`, () =>
    assertEquals(readClaims(token), undefined));
}

Deno.test("readClaims() sees that the server does not know the user", () => {
  assertEquals(readClaims(jwt({ sub: "" }))?.anonymous, true);
  assertEquals(readClaims(jwt({ sub: "(anonymous)" }))?.anonymous, true);
  assertEquals(readClaims(jwt({ sub: "jane" }))?.anonymous, false);
  assertEquals(readClaims(jwt({}))?.anonymous, false);
});

Deno.test("readPayload() gives what a token says, or nothing", () => {
  assertEquals(readPayload(jwt({ aud: "reg.example" }).reveal()), { aud: "reg.example" });
  for (const [, token] of ODD.slice(0, 6)) assertEquals(readPayload(token.reveal()), undefined);
});

Deno.test("readExpiry() knows a time only where there is one", () => {
  const end = (exp: unknown): Date | undefined => readExpiry(jwt({ exp }).reveal());
  assertEquals(end(1_767_225_600), new Date("2026-01-01T00:00:00Z"));
  for (const exp of [undefined, null, "1767225600", 1e300]) assertEquals(end(exp), undefined);
  assertEquals(readExpiry("hunter2"), undefined);
});
