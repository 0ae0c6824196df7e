import { assertEquals } from "@std/assert";
import {
  comparePreference,
  containersHostOfKey,
  hostOfKey,
  isBrowserLoginKey,
  pathKeys,
} from "../lib/docker_keys.ts";
import { HUB_KEY } from "../lib/reference.ts";

const DOCKER_HOSTS: [key: string, host: string][] = [
  ["https://r.example/v2/", "r.example"],
  ["r.example/team/app", "r.example"],
  ["https://r.example:443/v2/", "r.example:443"],
  ["https://u:p@r.example/v1/", "r.example"],
  ["https://u@x@r.example/v1/", "r.example"],
  ["HTTPS://R.Example/v2", "R.Example"],
  ["https://r.example:", "r.example"],
  ["https://r.example?x=/y", "r.example"],
  ["https://[::1]:5000/v2/", "[::1]:5000"],
  ["https://[::1]/v2/", "::1"],
  ["https://::1:6555/v2/", "[::1]:6555"],
  ["[::1]", "[::1]"],
  ["[::1]:5000/x", "[::1]:5000"],
  ["https:/r.example", "https:"],
  ["unix:///x", "unix:"],
  ["https://r.example:abc/v1/", "r.example:abc"],
  [" r.example", " r.example"],
  ["r.example:5000", "r.example:5000"],
  ["", ""],
];

for (const [key, host] of DOCKER_HOSTS) {
  Deno.test(`hostOfKey() sees ${JSON.stringify(host)} in ${JSON.stringify(key)}`, () => {
    assertEquals(hostOfKey(key), host);
  });
}

Deno.test("containersHostOfKey() takes a path without a scheme for a namespace", () => {
  assertEquals(containersHostOfKey("r.example/v2/"), "r.example/v2/");
  assertEquals(containersHostOfKey("https://r.example/v2/"), "r.example");
  assertEquals(containersHostOfKey("http://r.example:5000"), "r.example:5000");
  assertEquals(containersHostOfKey("HTTPS://r.example/v1/"), "HTTPS://r.example/v1/");
  assertEquals(containersHostOfKey("https://[::1]/v2/"), "[::1]");
});

Deno.test("containersHostOfKey() takes every key of a .dockercfg for a host", () => {
  assertEquals(containersHostOfKey("r.example/v1/", true), "r.example");
});

Deno.test("pathKeys() goes up by whole segments and stops before the host", () => {
  assertEquals(pathKeys("r.example", "a/b/c"), ["r.example/a/b/c", "r.example/a/b", "r.example/a"]);
  assertEquals(pathKeys("r.example", undefined), []);
});

Deno.test("comparePreference() prefers https, then /v2/, /v1/ and no path, then byte order", () => {
  const sorted = [
    "https://r/v2/",
    "HTTPS://r/v1",
    "https://r/",
    "https://r/a",
    "https://r/b",
    "http://r/v2/",
    "http://r",
    "r/x",
  ];
  assertEquals([...sorted].reverse().sort(comparePreference), sorted);
});

Deno.test("isBrowserLoginKey() knows the two entries of Docker's browser login", () => {
  assertEquals(isBrowserLoginKey(`${HUB_KEY}access-token`), true);
  assertEquals(isBrowserLoginKey(`${HUB_KEY}refresh-token`), true);
  assertEquals(isBrowserLoginKey(HUB_KEY), false);
});
