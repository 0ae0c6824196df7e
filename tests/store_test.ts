import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Platform } from "../lib/io.ts";
import { type MemoryIo, memoryIo, type MemoryProgram } from "../lib/memory_io.ts";
import { credentialStore, defaultStore, storeKey } from "../lib/store.ts";

const CONFIG = "/home/me/.config/regauth/config.json";
const FILE = "/home/me/.config/regauth/regauth-credentials.json";

const robot = { username: "robot", password: new Secret("s3cret") };

/** A native store in memory, which speaks the helper protocol. */
function helper(): MemoryProgram {
  const known = new Map<string, { Username: string; Secret: string }>();
  return ([action], { stdin = "" }) => {
    if (action === "list") {
      return {
        stdout: JSON.stringify(
          Object.fromEntries([...known].map(([server, { Username }]) => [server, Username])),
        ),
      };
    }
    if (action === "store") {
      const { ServerURL, ...rest } = JSON.parse(stdin);
      known.set(ServerURL, rest);
      return {};
    }
    const found = known.get(stdin);
    if (!found) return { code: 1, stdout: "credentials not found in native keychain\n" };
    if (action === "erase") known.delete(stdin);
    return { stdout: JSON.stringify(found) };
  };
}

function world(name = "pass"): MemoryIo {
  return memoryIo({
    env: { PATH: "/usr/bin" },
    programs: { [`/usr/bin/docker-credential-${name}`]: helper() },
  });
}

for (const name of ["osxkeychain", "secretservice", "pass", "wincred", "file"] as const) {
  Deno.test(`credentialStore() keeps, lists and erases credentials in "${name}"`, async () => {
    const io = world(name);
    const store = credentialStore(name, CONFIG);
    const [one, two] = ["reg.example:5000", "https://index.docker.io/v1/"];
    assertEquals(await store.get(one, { io }), undefined);
    assertEquals((await store.list({ io })).size, 0);
    assertEquals(await store.erase(one, { io }), false);

    await store.put(one, robot, { io });
    await store.put(two, { identityToken: new Secret("t0ken") }, { io });
    const found = await store.get(one, { io });
    assertEquals([found?.username, found?.password?.reveal()], ["robot", "s3cret"]);
    assertEquals((await store.get(two, { io }))?.identityToken?.reveal(), "t0ken");
    assertEquals(new Map(await store.list({ io })), new Map([[one, "robot"], [two, "<token>"]]));

    await store.put(one, { username: "other", password: new Secret("0") }, { io });
    assertEquals((await store.get(one, { io }))?.username, "other");
    assertEquals(await store.erase(one, { io }), true);
    assertEquals(await store.get(one, { io }), undefined);
    assertEquals(store.name, name);
  });
}

Deno.test("credentialStore() keeps the secrets of a file from others", async () => {
  const io = memoryIo();
  const store = credentialStore("file", CONFIG);
  await store.put("reg.example", robot, { io });
  assertEquals([...io.files.keys()], [FILE]);
  assertEquals(io.files.get(FILE)?.mode, 0o600);
  const credential = await store.get("reg.example", { io });
  assertEquals(credential?.detail, `${FILE}, key "reg.example"`);
});

Deno.test("credentialStore() puts no secret into a file that others may open", async () => {
  const io = memoryIo({ files: { [FILE]: { text: "{}", mode: 0o640 } } });
  const store = credentialStore("file", CONFIG);
  const error = await assertRejects(() => store.put("reg.example", robot, { io }), RegauthError);
  assertEquals([error.code, error.subject, io.writes], ["write-io", FILE, []]);
});

Deno.test("credentialStore() keeps password bytes that are not UTF-8 in a file", async () => {
  const io = memoryIo();
  const store = credentialStore("file", CONFIG);
  const password = new Secret(Uint8Array.of(0xff, 0x3a, 0xfe));
  await store.put("reg.example", { username: "robot", password }, { io });
  const found = await store.get("reg.example", { io });
  assertEquals(found?.password?.bytes(), password.bytes());
});

Deno.test("credentialStore() takes the name of a server literally in a file", async () => {
  const text =
    '{"auths":{"https://reg.example/v1/":{"auth":"YTpi"},"reg.example/team":{"auth":"YTpi"}}}';
  const io = memoryIo({ files: { [FILE]: text } });
  const store = credentialStore("file", CONFIG);
  for (const server of ["reg.example", "__proto__", "constructor"]) {
    assertEquals(await store.get(server, { io }), undefined);
  }
  assertEquals((await store.get("reg.example/team", { io }))?.username, "a");
});

Deno.test("credentialStore() tells line and column of a broken file and does not overwrite it", async () => {
  const text = '{\n  "auths": oops\n}';
  const io = memoryIo({ files: { [FILE]: text } });
  const store = credentialStore("file", CONFIG);
  for (
    const attempt of [
      () => store.get("reg.example", { io }),
      () => store.put("reg.example", robot, { io }),
      () => store.erase("reg.example", { io }),
    ]
  ) {
    const error = await assertRejects(attempt, RegauthError);
    assertEquals(error.code, "config-syntax");
    assertStringIncludes(error.message, "line 2, column 12");
  }
  assertEquals(io.files.get(FILE)?.text, text);
});

Deno.test("credentialStore() has no file where no variable tells the home folder", async () => {
  const io = memoryIo();
  const store = credentialStore("file", undefined);
  const error = await assertRejects(() => store.list({ io }), RegauthError);
  assertEquals(error.code, "config-io");
});

Deno.test("credentialStore() passes the signal to a native helper", async () => {
  const signal = AbortSignal.abort(new RegauthError("aborted", "Cannot go on"));
  const store = credentialStore("pass", CONFIG);
  const context = { io: world(), signal };
  const error = await assertRejects(() => store.get("reg.example", context), RegauthError);
  assertEquals(error.code, "aborted");
});

const detected: readonly [platform: Platform, programs: readonly string[], want: string][] = [
  ["darwin", ["docker-credential-osxkeychain"], "osxkeychain"],
  ["linux", ["docker-credential-pass", "pass"], "pass"],
  ["linux", ["docker-credential-secretservice", "docker-credential-pass"], "secretservice"],
  ["linux", [], "file"],
];

for (const [platform, programs, want] of detected) {
  Deno.test(`defaultStore() is "${want}" on ${platform} with ${programs.join(", ") || "nothing"}`, async () => {
    const io = memoryIo({
      platform,
      env: { PATH: "/usr/bin" },
      programs: Object.fromEntries(programs.map((name) => [`/usr/bin/${name}`, helper()])),
    });
    assertEquals(await defaultStore(io), want);
  });
}

Deno.test("storeKey() calls a registry as Docker does, and adds a path", () => {
  assertEquals(storeKey("REG.example:5000"), "reg.example:5000");
  assertEquals(storeKey("docker.io"), "https://index.docker.io/v1/");
  assertEquals(storeKey("docker.io", "team"), "index.docker.io/team");
  assertEquals(storeKey("reg.example", "team/app"), "reg.example/team/app");
});
