import {
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type DockerConfigOptions,
  helperOf,
  parseDockerConfig,
  readDockerConfig,
} from "../lib/docker_config.ts";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";

Deno.test("readDockerConfig() has nothing without a file, and refuses a folder", async () => {
  const io = memoryIo({ files: { "/d/config.json/x": "" } });
  assertEquals(await readDockerConfig(io, "/none"), undefined);
  const error = await assertRejects(() => readDockerConfig(io, "/d/config.json"), RegauthError);
  assertEquals(error.code, "config-io");
});

Deno.test("parseDockerConfig() tells line and column of a broken file, and nothing of it", async () => {
  const text = '{\n\t"auths": {\n\t\t"r.io": {"auth": "hunter2"},\n\t}\n}';
  const error = await assertRejects(() => parseDockerConfig(text, "/c.json"), RegauthError);
  assertEquals([error.code, error.subject], ["config-syntax", "/c.json"]);
  assertMatch(error.message, /line 3, column 30/);
  assertNotMatch(error.message, /hunter2/);
});

const REFUSED: [code: string, text: string, options?: DockerConfigOptions][] = [
  ["config-syntax", "{}{}"],
  ["config-syntax", "", { style: "containers" }],
  ["config-syntax", "\uFEFF{}", { strict: true }],
  ["config-type", "[]"],
  ["config-type", '{"auths":[]}'],
  ["config-type", '{"credHelpers":"x"}'],
  ["config-type", '{"credsStore":1}'],
  ["config-type", '{"credHelpers":{"r.io":1}}', { strict: true }],
  ["auth-base64", '{"auths":{"r.io":{"auth":"%"}}}', { strict: true }],
  ["auth-base64", '{"auths":{"r.io":{"auth":"%"}}}', { style: "docker" }],
];

for (const [code, text, options] of REFUSED) {
  Deno.test(`parseDockerConfig() refuses ${text} ${JSON.stringify(options) ?? ""}`, async () => {
    const error = await assertRejects(() => parseDockerConfig(text, "/c", options), RegauthError);
    assertEquals(error.code, code);
  });
}

Deno.test("parseDockerConfig() notes a byte-order mark and reads on", async () => {
  const notes: string[] = [];
  const config = await parseDockerConfig('\uFEFF{"credsStore":"x"}', "/c", {
    trace: (note) => notes.push(note),
  });
  assertEquals([config.credsStore, notes], ["x", [
    "/c starts with a byte-order mark, which other tools refuse",
  ]]);
});

Deno.test("parseDockerConfig() takes an empty file for an empty config, but not for Podman", async () => {
  assertEquals((await parseDockerConfig(" \n", "/c")).auths, {});
  assertEquals((await parseDockerConfig("null", "/c", { style: "containers" })).auths, {});
});

Deno.test("parseDockerConfig() leaves what only Docker reads to Docker", async () => {
  const config = await parseDockerConfig('{"credsStore":1}', "/c", { style: "containers" });
  assertEquals(config.credsStore, "");
});

Deno.test("parseDockerConfig() takes a .dockercfg for entries alone", async () => {
  const text = '{"auths":{},"https://r.io/v1/":{},"r.io/x":{}}';
  const config = await parseDockerConfig(text, "/c", { style: "containers", legacy: true });
  assertEquals(Object.keys(config.auths).length, 3);
  assertEquals(config.keysOf("r.io"), ["https://r.io/v1/", "r.io/x"]);
});

Deno.test("parseDockerConfig() keeps a key named __proto__ to itself", async () => {
  const config = await parseDockerConfig('{"auths":{"__proto__":{"auth":"x"}}}', "/c");
  assertEquals(Object.keys(config.auths), ["__proto__"]);
});

Deno.test("helperOf() refuses a helper that is not a text only when it is asked for", async () => {
  const config = await parseDockerConfig('{"credHelpers":{"a":1,"b":"x","c":null}}', "/c");
  assertEquals([helperOf(config, "b"), helperOf(config, "c")], ["x", ""]);
  assertEquals(assertThrows(() => helperOf(config, "a"), RegauthError).code, "config-type");
});

Deno.test("keysOf() finds URLs of a host, preferred ones first, and no tokens of the browser login", async () => {
  const auths = Object.fromEntries([
    "http://r.io/v2/",
    "r.io/team",
    "https://r.io/x",
    "https://r.io/v1/",
    "https://index.docker.io/v1/access-token",
  ].map((key) => [key, {}]));
  const config = await parseDockerConfig(JSON.stringify({ auths }), "/c");
  assertEquals(config.keysOf("r.io"), ["https://r.io/v1/", "https://r.io/x", "http://r.io/v2/"]);
  assertEquals(config.keysOf("index.docker.io"), []);
});
