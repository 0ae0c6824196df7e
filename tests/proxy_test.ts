import { assertEquals } from "@std/assert";
import { type Proxy, proxyFor } from "../lib/proxy.ts";

function proxyOf(url: string, env: Readonly<Record<string, string>>): Proxy | undefined {
  return proxyFor(new URL(url), (name) => env[name]);
}

/** What deno ext/fetch/proxy.rs does. */
const choices: readonly [url: string, env: Record<string, string>, expected: string | undefined][] =
  [
    ["https://r.example", {}, undefined],
    ["https://r.example", { HTTPS_PROXY: "http://p:3128" }, "http://p:3128"],
    ["https://r.example", { https_proxy: "p:3128" }, "http://p:3128"],
    ["https://r.example", { HTTP_PROXY: "http://p:3128" }, undefined],
    ["http://r.example", { HTTP_PROXY: "http://p:3128" }, "http://p:3128"],
    ["http://r.example", { HTTP_PROXY: "http://p", REQUEST_METHOD: "GET" }, undefined],
    ["https://r.example", { HTTPS_PROXY: "http://a", ALL_PROXY: "socks5://b" }, "socks5://b"],
    ["https://r.example", { HTTPS_PROXY: "", https_proxy: "http://b" }, "http://b"],
    ["https://r.example", { HTTPS_PROXY: "ftp://a", https_proxy: "http://b" }, "http://b"],
    ["https://r.example", { HTTPS_PROXY: "http://user@a" }, undefined],
    ["https://r.example", { HTTPS_PROXY: "http://[::1]:3128/x" }, "http://[::1]:3128"],
  ];
for (const [url, env, expected] of choices) {
  Deno.test(`proxyFor() with ${JSON.stringify(env)} for ${url}`, () => {
    assertEquals(proxyOf(url, env)?.shown, expected);
  });
}

const exceptions: readonly [list: string, host: string, direct: boolean][] = [
  ["*", "r.example", true],
  ["*", "10.0.0.1", false],
  ["r.example", "r.example", true],
  ["r.example", "a.R.example", true],
  ["R.EXAMPLE", "a.r.example", true],
  [".r.example", "r.example", true],
  ["r.example", "xr.example", false],
  ["r.example:443", "r.example", false],
  [" a , r.example", "r.example", true],
  ["", "r.example", false],
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "11.1.2.3", false],
  ["10.0.0.1", "10.0.0.1", true],
  ["10.0.0.1", "10.0.0.2", false],
  ["0.0.0.0/0", "10.0.0.2", true],
  ["10.0.0.0/x", "10.0.0.2", false],
  ["::1", "[::1]", true],
  ["fc00::/7", "[fd00::1]", true],
  ["fc00::/7", "[fe80::1]", false],
  ["10.0.0.0/8", "[::1]", false],
];
for (const [list, host, direct] of exceptions) {
  Deno.test(`proxyFor() with NO_PROXY "${list}" connects to ${host} ${direct ? "directly" : "by the proxy"}`, () => {
    const env = { HTTPS_PROXY: "http://p", NO_PROXY: list, no_proxy: "r.example,10.0.0.0/8,::/0" };
    assertEquals(proxyOf(`https://${host}`, env) === undefined, direct);
  });
}

Deno.test("proxyFor() takes name and password out of what it shows", () => {
  const env = { HTTPS_PROXY: "http://m%65:hunter%2+&%C3%A92@p.example:3128" };
  const proxy = proxyOf("https://r.example", env);
  assertEquals(proxy?.shown, "http://***@p.example:3128");
  assertEquals([proxy?.hostname, proxy?.port, proxy?.protocol], ["p.example", 3128, "http:"]);
  const basic = proxy?.authorization?.reveal().replace("Basic ", "") ?? "";
  const bytes = Uint8Array.from(atob(basic), (character) => character.charCodeAt(0));
  assertEquals(new TextDecoder().decode(bytes), "me:hunter%2+&é2");
});

Deno.test("proxyFor() knows the port of each scheme", () => {
  const port = (proxy: string) => proxyOf("https://r.example", { ALL_PROXY: proxy })?.port;
  assertEquals([port("http://p"), port("https://p"), port("socks5h://p")], [80, 443, 1080]);
});
