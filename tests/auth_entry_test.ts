import { assertEquals, assertNotMatch, assertThrows } from "@std/assert";
import { decodeEntry, encodeEntry, type EntryReader, registryTokenOf } from "../lib/auth_entry.ts";
import { type Credential, Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";

const PLACE = { path: "/home/me/.docker/config.json", key: "reg.example" };

/** The credential with its secrets laid open. */
function plain(credential: Credential | undefined): unknown {
  return credential && Object.fromEntries(
    Object.entries(credential).map((
      [name, value],
    ) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}

const DECODED: [name: string, reader: EntryReader, entry: unknown, credential: unknown][] = [
  ["takes auth before the plain fields", "docker", {
    auth: btoa("a:b"),
    username: "x",
    password: "y",
  }, { username: "a", password: "b" }],
  ["takes the plain fields without auth", "docker", { username: "x", password: "y" }, {
    username: "x",
    password: "y",
  }],
  ["takes half of the plain fields", "docker", { password: "y" }, { password: "y" }],
  ["ignores the plain fields as Podman does", "containers", { username: "x" }, undefined],
  ["drops a token without auth as Podman does", "containers", { identitytoken: "t" }, undefined],
  ["keeps a token beside auth as Podman does", "containers", {
    auth: btoa("a:"),
    identitytoken: "t",
    registrytoken: "r",
  }, { username: "a", identityToken: "t" }],
  ["takes an empty user as Podman does", "containers", { auth: btoa(":pw") }, { password: "pw" }],
  ["drops auth without a colon as Podman does", "containers", { auth: btoa("pw") }, undefined],
  ["gives <token> no meaning in a file", "docker", { auth: btoa("<token>:t") }, {
    username: "<token>",
    password: "t",
  }],
  ["takes null for empty", "docker", null, undefined],
  ["takes a null field for an absent one", "docker", { auth: null, identitytoken: "t" }, {
    identityToken: "t",
  }],
];

for (const [name, reader, entry, credential] of DECODED) {
  Deno.test(`decodeEntry() ${name}`, () => {
    assertEquals(plain(decodeEntry(entry, PLACE, reader)), credential);
  });
}

const REFUSED: [code: string, why: string, entry: unknown][] = [
  ["config-type", "it is a string, not an object", "c2VjcmV0"],
  ["config-type", "it is a list, not an object", ["c2VjcmV0"]],
  ["config-type", '"auth" is a number, not a text', { auth: 1 }],
  ["config-type", '"identitytoken" is an object, not a text', { identitytoken: {} }],
  ["auth-base64", "not padded standard base64", { auth: "c2VjcmV0Og" }],
  ["auth-base64", "not padded standard base64", { auth: "secret====" }],
  ["auth-base64", "not padded standard base64", { auth: "a=aa" }],
  ["auth-format", "no colon", { auth: btoa("secret") }],
  ["auth-format", "no user name", { auth: btoa(":secret") }],
  ["auth-format", "not UTF-8", { auth: btoa("caf\xe9:secret") }],
];

for (const [code, why, entry] of REFUSED) {
  Deno.test(`decodeEntry() refuses ${JSON.stringify(entry)} with ${code} and no secret`, () => {
    const error = assertThrows(() => decodeEntry(entry, PLACE), RegauthError, why);
    assertEquals([error.code, error.subject], [code, PLACE.path]);
    assertNotMatch(`${error.message}${error.hint}`, /secret|c2Vj/);
  });
}

Deno.test("decodeEntry() does not show the password of a key in its error", () => {
  const place = { ...PLACE, key: "https://me:hunter2@reg.example" };
  const error = assertThrows(() => decodeEntry(1, place), RegauthError);
  assertNotMatch(error.message, /hunter2/);
});

Deno.test("decodeEntry() takes a password of megabytes", () => {
  const password = "x".repeat(3_000_000);
  assertEquals(decodeEntry({ auth: btoa(`u:${password}`) }, PLACE)?.password?.length, 3_000_000);
});

Deno.test("registryTokenOf() reads only the registry token", () => {
  assertEquals(registryTokenOf({ auth: "%", registrytoken: "r" }, PLACE)?.reveal(), "r");
  assertEquals(registryTokenOf({}, PLACE), undefined);
});

const secret = new Secret("s");
const ENCODED: [Credential, Record<string, string>][] = [
  [{ username: "u", password: new Secret("p:q") }, { auth: btoa("u:p:q") }],
  [{ username: "u" }, { auth: btoa("u:") }],
  [{ username: "u", identityToken: secret }, { auth: btoa("u:"), identitytoken: "s" }],
  [{ identityToken: secret }, { identitytoken: "s" }],
  [{ registryToken: secret }, { registrytoken: "s" }],
  [{}, {}],
];

for (const [credential, entry] of ENCODED) {
  Deno.test(`encodeEntry() writes ${JSON.stringify(entry)}`, () => {
    assertEquals(encodeEntry(credential), entry);
  });
}

for (const username of ["a:b", "a\nb", "a\rb", "a\0b", ""]) {
  Deno.test(`encodeEntry() refuses the user name ${JSON.stringify(username)}`, () => {
    const error = assertThrows(() => encodeEntry({ username, password: secret }), RegauthError);
    assertEquals(error.code, "invalid-credential");
  });
}
