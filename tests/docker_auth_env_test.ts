import { assertEquals, assertNotMatch, assertThrows } from "@std/assert";
import { findAuthConfig, parseAuthConfig } from "../lib/docker_auth_env.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Target } from "../lib/reference.ts";

const auth = btoa("robot:hunter2");

Deno.test("parseAuthConfig() takes an empty variable content for no entries", () => {
  for (const text of ["null", "{}", '{"auths":null}', '{"auths":{}}']) {
    assertEquals(parseAuthConfig(text).size, 0);
  }
});

Deno.test("parseAuthConfig() matches field names in any case and names its source", () => {
  const entries = parseAuthConfig(JSON.stringify({ Auths: { "r.io": { AUTH: btoa("robot:") } } }));
  assertEquals(entries.get("r.io"), {
    username: "robot",
    detail: 'env:DOCKER_AUTH_CONFIG, key "r.io"',
  });
});

const REFUSED: [code: string, value: unknown][] = [
  ["config-syntax", undefined],
  ["config-type", []],
  ["config-type", { auths: [auth] }],
  ["config-type", { auths: { "r.io": auth } }],
  ["config-type", { auths: { "r.io": null } }],
  ["config-type", { auths: { "r.io": {} } }],
  ["config-type", { auths: { "r.io": { auth: 1 } } }],
  ["config-type", { auths: { "r.io": { auth, email: "a@b" } } }],
  ["config-type", { auths: { "r.io": { auth } }, credsStore: "x" }],
  ["auth-base64", { auths: { "r.io": { auth: "hunter2" } } }],
  ["auth-format", { auths: { "r.io": { auth: btoa("hunter2") } } }],
];

for (const [code, value] of REFUSED) {
  Deno.test(`parseAuthConfig() refuses ${JSON.stringify(value)} with ${code} and no secret`, () => {
    const text = JSON.stringify(value) ?? '{"auths":{"r.io":"hunter2';
    const error = assertThrows(() => parseAuthConfig(text), RegauthError);
    assertEquals([error.code, error.subject], [code, "DOCKER_AUTH_CONFIG"]);
    assertNotMatch(`${error.message}${error.hint}${error.cause}`, /hunter2|aHVu/);
  });
}

const entries = parseAuthConfig(JSON.stringify({
  auths: {
    "r.io": { auth: btoa("host:p") },
    "r.io/team": { auth: btoa("team:p") },
    "https://url.io": { auth: btoa("url:p") },
    "https://index.docker.io/v1/": { auth: btoa("hub:p") },
  },
}));

const FOUND: [target: Target, username: string | undefined][] = [
  [{ registry: "r.io" }, "host"],
  [{ registry: "r.io", repository: "team/app" }, "team"],
  [{ registry: "r.io", repository: "team-b/app" }, "host"],
  [{ registry: "url.io" }, undefined],
  [{ registry: "index.docker.io", repository: "library/nginx" }, "hub"],
];

for (const [target, username] of FOUND) {
  Deno.test(`findAuthConfig() finds ${username} for ${target.registry}/${target.repository}`, () => {
    assertEquals(findAuthConfig(entries, target)?.username, username);
  });
}
