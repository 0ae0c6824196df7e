import { assertEquals, assertRejects } from "@std/assert";
import { setConfig, unsetConfig } from "../lib/config_edit.ts";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";

const PATH = "/c.json";
const options = { path: PATH };

const TEXT = `{
  "store": "pass",
  "registries": {
    "*.reg.example": { "keychain": "store" }
  }
}
`;

Deno.test("setConfig() makes the file in the folder of the platform", async () => {
  const io = memoryIo({ env: { HOME: "/home/me" } });
  assertEquals(await setConfig(io, ["store"], "file"), true);
  const file = io.files.get("/home/me/.config/regauth/config.json");
  assertEquals(JSON.parse(file?.text ?? ""), { store: "file" });
  assertEquals(file?.mode, 0o600);
});

Deno.test("setConfig() changes one value and leaves the rest as it is", async () => {
  const io = memoryIo({ files: { [PATH]: TEXT } });
  assertEquals(await setConfig(io, ["store"], "file", options), true);
  assertEquals(await io.readText(PATH), TEXT.replace("pass", "file"));
});

Deno.test("setConfig() adds an entry behind the others", async () => {
  const io = memoryIo({ files: { [PATH]: TEXT } });
  await setConfig(io, ["registries", "docker.io"], { keychain: "docker" }, options);
  const { registries } = JSON.parse(await io.readText(PATH) ?? "");
  assertEquals(Object.entries(registries), [
    ["*.reg.example", { keychain: "store" }],
    ["docker.io", { keychain: "docker" }],
  ]);
});

Deno.test("setConfig() writes nothing if the value is there already", async () => {
  const io = memoryIo({ files: { [PATH]: TEXT } });
  assertEquals(await setConfig(io, ["store"], "pass", options), false);
  assertEquals(io.writes, []);
});

Deno.test("unsetConfig() removes a value, an entry, and nothing else", async () => {
  const io = memoryIo({ files: { [PATH]: TEXT } });
  assertEquals(await unsetConfig(io, ["registries", "*.reg.example", "keychain"], options), true);
  assertEquals(await unsetConfig(io, ["registries", "*.reg.example"], options), true);
  assertEquals(await unsetConfig(io, ["registries", "*.reg.example"], options), false);
  assertEquals(JSON.parse(await io.readText(PATH) ?? ""), { store: "pass", registries: {} });
});

Deno.test("unsetConfig() makes no file", async () => {
  const io = memoryIo();
  assertEquals(await unsetConfig(io, ["store"], options), false);
  assertEquals(io.writes, []);
});

const invalid: readonly [key: readonly string[], value: string | boolean, message: string][] = [
  [["stoer"], "pass", "stoer is not a known key"],
  [["store"], "keyring", "store is none of the known names"],
  [["registries", "*.reg.example", "insecure"], "yes", 'registries["*.reg.example"].insecure must'],
  [
    ["registries", "http://reg.example", "insecure"],
    true,
    'registries["http://reg.example"] is not',
  ],
  [["registries", "*.REG.example", "insecure"], true, 'registries["*.REG.example"] means the same'],
];

for (const [key, value, message] of invalid) {
  Deno.test(`setConfig() refuses what the file may not hold: ${message}`, async () => {
    const io = memoryIo({ files: { [PATH]: TEXT } });
    const error = await assertRejects(() => setConfig(io, key, value, options), RegauthError);
    const start = `Cannot write "${PATH}": ${message}`;
    assertEquals([error.code, error.message.slice(0, start.length)], ["config-type", start]);
    assertEquals(io.writes, []);
  });
}

for (
  const [text, start] of [
    ["{\n  oops }", 'Cannot parse "/c.json": line 2, column 3: '],
    ['{\n  "stoer": "pass" }', 'Cannot use "/c.json": line 2, column 3: stoer is not'],
  ] as const
) {
  Deno.test(`setConfig() leaves a broken file as it is: ${JSON.stringify(text)}`, async () => {
    const io = memoryIo({ files: { [PATH]: text } });
    const error = await assertRejects(
      () => setConfig(io, ["store"], "pass", options),
      RegauthError,
    );
    assertEquals(error.message.slice(0, start.length), start);
    assertEquals(await io.readText(PATH), text);
  });
}

Deno.test("setConfig() asks for a path where no variable tells the home folder", async () => {
  const error = await assertRejects(
    () => setConfig(memoryIo(), ["store"], "pass"),
    RegauthError,
  );
  assertEquals(error.code, "write-io");
});

Deno.test("setConfig() keeps the changes of 20 writers at once", async () => {
  const io = memoryIo();
  const patterns = Array.from({ length: 20 }, (_, index) => `reg${index}.example`);
  await Promise.all(
    patterns.map((pattern) => setConfig(io, ["registries", pattern], { keychain: "env" }, options)),
  );
  const { registries } = JSON.parse(await io.readText(PATH) ?? "");
  assertEquals(Object.keys(registries).sort(), patterns.sort());
});
