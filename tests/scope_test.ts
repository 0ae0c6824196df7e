import { assertEquals } from "@std/assert";
import { normalScopes, repositoryScope, widenScopes } from "../lib/scope.ts";

const NORMAL: readonly [name: string, scopes: string[], normal: string[]][] = [
  ["joins the actions of one repository", ["repository:a:push", "repository:a:pull"], [
    "repository:a:pull,push",
  ]],
  ["lets * stand alone", ["repository:a:pull,*", "repository:a:push"], ["repository:a:*"]],
  ["keeps the port of a host in a name", ["repository:host:5000/a:pull"], [
    "repository:host:5000/a:pull",
  ]],
  ["keeps what is no scope", ["*", "x:y", "*"], ["*", "x:y"]],
  ["drops empty actions", ["repository:a:,pull,,", "repository:b:"], ["repository:a:pull"]],
  ["keeps a class of resource", ["repository(plugin):a:pull", "repository:a:pull"], [
    "repository(plugin):a:pull",
    "repository:a:pull",
  ]],
  ["drops an empty text", [""], []],
  ["is empty without scopes", [], []],
];

for (const [name, scopes, normal] of NORMAL) {
  Deno.test(`normalScopes() ${name}`, () => assertEquals(normalScopes(scopes), normal));
}

Deno.test("repositoryScope() names the actions in the given order", () => {
  assertEquals(repositoryScope("a/b", ["pull", "delete"]), "repository:a/b:pull,delete");
});

Deno.test("widenScopes() puts what is wanted first", () => {
  assertEquals(
    widenScopes(["repository:z:push", "opaque"], ["repository:a:pull", "repository:z:pull"]),
    ["repository:z:pull,push", "opaque", "repository:a:pull"],
  );
});
