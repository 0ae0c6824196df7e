import { assertEquals, assertNotMatch } from "@std/assert";
import {
  basicAuthorization,
  credentialKind,
  encodeBasic,
  fromHelperAnswer,
  Secret,
} from "../lib/credential.ts";

Deno.test("Secret does not print itself in templates, JSON or inspection", () => {
  const secret = new Secret("hunter2");
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    Deno.inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    Deno.inspect(secret),
    JSON.stringify(Object.entries(secret)),
  ].join("\n");
  assertNotMatch(printed, /hunter2|104, ?117/);
});

Deno.test("Secret keeps bytes that are not UTF-8, and its own copy of them", () => {
  const bytes = new Uint8Array([0x63, 0xe9]);
  const secret = new Secret(bytes);
  bytes.fill(0);
  assertEquals([...secret.bytes()], [0x63, 0xe9]);
  secret.bytes().fill(0);
  assertEquals(secret.length, 2);
  assertEquals(new Secret("\ufeffx").reveal(), "\ufeffx");
});

Deno.test("credentialKind() prefers a registry token to an identity token to a password", () => {
  const token = new Secret("t");
  assertEquals(credentialKind(undefined), "none");
  assertEquals(credentialKind({}), "anonymous");
  assertEquals(credentialKind({ username: "u" }), "basic");
  assertEquals(credentialKind({ password: token }), "basic");
  assertEquals(
    credentialKind({ username: "u", password: token, identityToken: token }),
    "identityToken",
  );
  assertEquals(credentialKind({ identityToken: token, registryToken: token }), "registryToken");
});

Deno.test("basicAuthorization() sends the password's own bytes, and never half a credential", () => {
  const password = new Secret(new Uint8Array([0x63, 0xe9]));
  assertEquals(basicAuthorization({ username: "a", password }), "Basic YTpj6Q==");
  assertEquals(basicAuthorization({ username: "a" }), undefined);
  assertEquals(basicAuthorization({ password }), undefined);
  assertEquals(basicAuthorization({ username: "a", password: new Secret("") }), undefined);
});

Deno.test("encodeBasic() encodes names and passwords as UTF-8", () => {
  assertEquals(encodeBasic("ä", new Secret("€")), "w6Q64oKs");
});

Deno.test("fromHelperAnswer() reads the mark of an identity token exactly", () => {
  const marked = fromHelperAnswer("<token>", "secret", "x");
  assertEquals([marked?.username, marked?.identityToken?.reveal()], [undefined, "secret"]);
  assertEquals(fromHelperAnswer("<TOKEN>", "secret", "x")?.username, "<TOKEN>");
  assertEquals(fromHelperAnswer("", "", "x"), undefined);
  assertEquals(fromHelperAnswer("<token>", "", "x"), undefined);
  assertEquals(fromHelperAnswer("", "s", "x")?.password?.reveal(), "s");
});
