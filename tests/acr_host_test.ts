import { assertEquals } from "@std/assert";
import { isAcrDataEndpoint, parseAcrHost } from "../lib/acr_host.ts";
import { normalizeHost } from "../lib/reference.ts";

const LOGIN_SERVERS: readonly (readonly [text: string, name: string, suffix: string])[] = [
  ["contoso.azurecr.io", "contoso", "azurecr.io"],
  ["contoso.azurecr.cn", "contoso", "azurecr.cn"],
  ["contoso.azurecr.us", "contoso", "azurecr.us"],
  ["contoso.azurecr.de", "contoso", "azurecr.de"],
  ["Contoso.AzureCR.io", "contoso", "azurecr.io"],
  ["contoso.azurecr.io:443", "contoso", "azurecr.io"],
  ["contoso.azurecr.io.", "contoso", "azurecr.io"],
  ["https://contoso.azurecr.io/v2/", "contoso", "azurecr.io"],
  ["contoso-e7ggejfuhzhgedc8.azurecr.io", "contoso", "azurecr.io"],
  ["contoso.eastus.geo.azurecr.io", "contoso", "azurecr.io"],
  ["demo-abc123.eastus2.geo.azurecr.io", "demo", "azurecr.io"],
  ["contoso.azurecr.io/mirror/other.azurecr.io/x", "contoso", "azurecr.io"],
  ["foo.azurecr.io", "foo", "azurecr.io"],
];

const FOREIGN = [
  "",
  "azurecr.io",
  ".azurecr.io",
  "a..azurecr.io",
  "-a.azurecr.io",
  "a-.azurecr.io",
  "a-b-c.azurecr.io",
  `${"a".repeat(51)}.azurecr.io`,
  `${"a".repeat(40)}-${"b".repeat(40)}.azurecr.io`,
  "a.b.azurecr.io",
  "contoso.eastus.data.azurecr.io",
  "contoso.geo.azurecr.io",
  "foo.azurecr.io.evil.example",
  "foo.azurecr.iot",
  "foo.azurecr.me",
  "fooazurecr.io",
  "evilazurecr.io",
  "foo.azurecr.io@evil.example",
  "evil.example/foo.azurecr.io",
  "evil.example#.azurecr.io",
  "foo.azurecr.io:8443",
  "127.0.0.1:12345",
  "[::1]:443",
  "mcr.microsoft.com",
  "соntoso.azurecr.io",
];

for (const [text, name, suffix] of LOGIN_SERVERS) {
  Deno.test(`parseAcrHost() reads ${text}`, () => {
    assertEquals(parseAcrHost(normalizeHost(text)), { name, suffix });
  });
}

for (const text of FOREIGN) {
  Deno.test(`parseAcrHost() leaves ${JSON.stringify(text)} alone`, () => {
    assertEquals(parseAcrHost(normalizeHost(text)), undefined);
  });
}

Deno.test("isAcrDataEndpoint() knows hosts that take no credentials", () => {
  const right = ["contoso.eastus.data.azurecr.io", "contoso.chinaeast2.data.azurecr.cn:443"];
  const wrong = ["contoso.azurecr.io", "contoso.eastus.data.azurecr.me", "data.azurecr.io"];
  assertEquals(right.filter((host) => !isAcrDataEndpoint(host)), []);
  assertEquals(wrong.filter((host) => isAcrDataEndpoint(host)), []);
});
