import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { type Credential, Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import {
  authFileKey,
  eraseEntries,
  markEntry,
  setCredHelper,
  setCredsStore,
  storeEntry,
} from "../lib/docker_config_write.ts";
import { RegauthError } from "../lib/errors.ts";
import { type JsonNode, parseJson } from "../lib/json_tree.ts";
import { memoryIo } from "../lib/memory_io.ts";

const PATH = "/home/me/.docker/config.json";
const NEW = "new.example.com:5000";
const ROBOT: Credential = { username: "robot", password: new Secret("s3cret") };
const AUTH = btoa("robot:s3cret");

const corpus = new URL("data/configs/", import.meta.url);
const files = Array.from(Deno.readDirSync(corpus), ({ name }) => name)
  .filter((name) => name.endsWith(".json")).sort();

function corpusFile(name: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    Deno.readFileSync(new URL(name, corpus)),
  );
}

/** What a file of this text becomes. */
async function after(
  text: string,
  change: (io: ReturnType<typeof memoryIo>) => Promise<unknown>,
): Promise<string> {
  const io = memoryIo({ files: { [PATH]: text } });
  await change(io);
  return io.files.get(PATH)?.text ?? "";
}

const store = (text: string, key: string, credential = ROBOT): Promise<string> =>
  after(text, (io) => storeEntry(io, PATH, key, credential));
const erase = (text: string, ...keys: string[]): Promise<string> =>
  after(text, (io) => eraseEntries(io, PATH, keys));

/** The source text of every member, by its path; but those below `auths` without the touched key. */
function sources(text: string, touched: string): [string, string][] {
  const body = text.replace(/^\uFEFF/, "");
  if (body.trim() === "") return [];
  const members = (node: JsonNode, prefix: string): [string, string][] =>
    node.kind !== "object"
      ? []
      : node.members.flatMap(({ key, start, end, value }) =>
        prefix === "" && key.toLowerCase() === "auths"
          ? members(value, "auths.")
          : prefix !== "" && key === touched
          ? []
          : [[prefix + key, body.slice(start, end)]]
      );
  return members(parseJson(body, "test"), "");
}

/** Files that do not come back byte for byte when a new entry goes again, and why. */
const REMAINS: Readonly<Record<string, readonly [why: string, text: string]>> = {
  "byte-order-mark.json": [
    "a byte-order mark is never written",
    corpusFile("byte-order-mark.json").slice(1),
  ],
  "empty-auths-credstore.json": [
    "white space in an empty object has no place beside a member",
    '{\n  "credsStore": "osxkeychain",\n  "auths": {}\n}\n',
  ],
  "null-auths.json": ["Docker always writes auths", '{"auths":{},"credsStore":"pass"}\n'],
  "no-auths.json": [
    "Docker always writes auths",
    '{\n\t"credsStore": "ecr-login",\n\t"auths": {}\n}\n',
  ],
  "no-auths-one-line.json": [
    "Docker always writes auths",
    '{ "credsStore": "ecr-login", "auths": {} }',
  ],
  "empty-object.json": ["Docker always writes auths", '{\n\t"auths": {}\n}'],
  "empty-object-newline.json": ["Docker always writes auths", '{\n\t"auths": {}\n}\n'],
  "empty-file.json": ["Docker always writes auths", '{\n\t"auths": {}\n}'],
  "white-space.json": ["Docker always writes auths", '{\n\t"auths": {}\n}'],
  "null.json": ["Docker always writes auths", '{\n\t"auths": {}\n}\n'],
};

Deno.test("the corpus is there", () => assert(files.length >= 40));

for (const name of files) {
  const before = corpusFile(name);
  const body = before.replace(/^\uFEFF/, "");

  Deno.test(`storeEntry() adds to ${name} and changes nothing else`, async () => {
    const stored = await store(before, NEW);
    const parsed = JSON.parse(body.trim() || "null") ?? {};
    const field = Object.keys(parsed).findLast((key) => key.toLowerCase() === "auths") ?? "auths";
    assertEquals(JSON.parse(stored), {
      ...parsed,
      [field]: { ...parsed[field], [NEW]: { auth: AUTH } },
    });
    assertEquals(sources(stored, NEW), sources(before, NEW));
    assertStrictEquals(await store(stored, NEW), stored);
  });

  Deno.test(`eraseEntries() restores ${name}`, async () => {
    assertEquals(await erase(await store(before, NEW), NEW), REMAINS[name]?.[1] ?? before);
  });

  Deno.test(`eraseEntries() leaves ${name} alone if there is nothing to erase`, async () => {
    const io = memoryIo({ files: { [PATH]: before } });
    const change = await eraseEntries(io, PATH, [NEW, "AUTHS", ""]);
    assertEquals(change, { path: PATH, changed: false, plaintext: false });
    assertEquals([io.files.get(PATH)?.text, io.writes], [before, []]);
  });

  const keys = sources(before, "").filter(([path]) => path.startsWith("auths."))
    .map(([path]) => path.slice("auths.".length));
  for (const key of new Set(keys)) {
    Deno.test(`storeEntry() and eraseEntries() touch only ${JSON.stringify(key)} in ${name}`, async () => {
      const stored = await store(before, key);
      const entry = Object.entries(JSON.parse(stored))
        .findLast(([name]) => name.toLowerCase() === "auths")?.[1];
      assert(typeof entry === "object" && entry !== null);
      const fields: Record<string, unknown> = Object.entries(entry)
        .find(([name]) => name === key)?.[1];
      assertEquals(fields.auth, AUTH);
      for (const stale of ["Auth", "username", "password", "identitytoken", "registrytoken"]) {
        assert(!Object.hasOwn(fields, stale), stale);
      }
      assertEquals(sources(stored, key), sources(before, key));
      const erased = await erase(stored, key);
      assertEquals(sources(erased, ""), sources(before, key));
    });
  }
}

Deno.test("storeEntry() writes a new file as Docker does", async () => {
  const io = memoryIo();
  const change = await storeEntry(io, PATH, "registry.example.com", ROBOT);
  assertEquals(change, { path: PATH, changed: true, plaintext: true });
  assertEquals(io.files.get(PATH)?.mode, 0o600);
  assertEquals(
    io.files.get(PATH)?.text,
    `{\n\t"auths": {\n\t\t"registry.example.com": {\n\t\t\t"auth": "${AUTH}"\n\t\t}\n\t}\n}`,
  );
});

Deno.test("storeEntry() keeps unknown fields of the entry, in place and as they are spelled", async () => {
  const stored = await store(corpusFile("unknown-fields.json"), "registry.example.com");
  assertStringIncludes(
    stored,
    '"registry.example.com": {\n\t\t\t"email": "me@example.com",\n' +
      `\t\t\t"auth": "${AUTH}",\n\t\t\t"serveraddress": "https://registry.example.com/v1/",\n` +
      '\t\t\t"x-note": ["kept", {"by": "hand"}],\n\t\t\t"expires": 12345678901234567890\n\t\t}',
  );
});

Deno.test("storeEntry() replaces stale credential fields, in whatever case", async () => {
  const text =
    '{"auths":{"r.io":{"Auth":"x","note":1,"IDENTITYTOKEN":"y","username":"u","password":"p"}}}';
  assertEquals(await store(text, "r.io"), `{"auths":{"r.io":{"note":1,"auth":"${AUTH}"}}}`);
  const token = { username: "u", identityToken: new Secret("t<&>") };
  assertEquals(
    await store(text, "r.io", token),
    '{"auths":{"r.io":{"note":1,"auth":"dTo=","identitytoken":"t\\u003c\\u0026\\u003e"}}}',
  );
  assertEquals(
    await store('{"auths":{"r.io":{"auth":"x"}}}', "r.io", { registryToken: new Secret("t") }),
    '{"auths":{"r.io":{"registrytoken":"t"}}}',
  );
});

Deno.test("storeEntry() lets Podman read an identity token that has no user", async () => {
  const credential = { identityToken: new Secret("t") };
  assertEquals(
    await store('{"auths":{}}', "r.io", credential),
    '{"auths":{"r.io":{"identitytoken":"t"}}}',
  );
  const io = memoryIo({ files: { "/auth.json": '{"auths":{}}' } });
  await storeEntry(io, "/auth.json", "r.io", credential, { style: "containers" });
  const auth = btoa("<token>:");
  assertEquals(
    io.files.get("/auth.json")?.text,
    `{"auths":{"r.io":{"auth":"${auth}","identitytoken":"t"}}}`,
  );
});

Deno.test("authFileKey() names Docker Hub as Podman does", () => {
  const cases = ["docker.io", "https://index.docker.io/v1/", "https://R.example:443/v2/", "r:5000"];
  assertEquals(cases.map(authFileKey), ["docker.io", "docker.io", "r.example", "r:5000"]);
});

for (const username of ["a:b", "a\0", "a\rb", "a\n"]) {
  Deno.test(`storeEntry() refuses the user name ${JSON.stringify(username)}`, async () => {
    const io = memoryIo();
    const credential = { username, password: new Secret("hunter2") };
    const error = await assertRejects(() => storeEntry(io, PATH, "r.io", credential), RegauthError);
    assertEquals(error.code, "invalid-credential");
    assert(!error.message.includes("hunter2"));
    assertEquals(io.writes, []);
  });
}

const MALFORMED: readonly (readonly [text: string, code: string])[] = [
  ['{"auths":{"r.io":{"auth":"secret"},}}', "config-syntax"],
  ['{"auths":{', "config-syntax"],
  ["// comment\n{}", "config-syntax"],
  ["{}{}", "config-syntax"],
  ["{'auths':{}}", "config-syntax"],
  ["\uFEFF\uFEFF{}", "config-syntax"],
  ['{"auths":{},"x":"\uFFFD"}', "config-syntax"],
  ['["secret"]', "config-type"],
  ['"secret"', "config-type"],
  ['{"auths":[]}', "config-type"],
  ['{"auths":"secret"}', "config-type"],
  ['{"auths":{"r.io":"secret"}}', "config-type"],
  ['{"auths":{"r.io":[]}}', "config-type"],
];

for (const [text, code] of MALFORMED) {
  Deno.test(`storeEntry() never overwrites ${JSON.stringify(text)}`, async () => {
    const io = memoryIo({ files: { [PATH]: text } });
    const error = await assertRejects(() => storeEntry(io, PATH, "r.io", ROBOT), RegauthError);
    assertEquals([error.code, error.subject], [code, PATH]);
    assert(error.hint);
    assert(!`${error.message}${error.hint}`.includes("secret"));
    assertEquals([io.files.get(PATH)?.text, io.writes], [text, []]);
  });
}

Deno.test("eraseEntries() and markEntry() report a broken file too", async () => {
  for (const text of ["{", '{"auths":[]}']) {
    for (
      const change of [
        eraseEntries(memoryIo({ files: { [PATH]: text } }), PATH, ["r"]),
        markEntry(memoryIo({ files: { [PATH]: text } }), PATH, "r"),
      ]
    ) {
      await assertRejects(() => change, RegauthError);
    }
  }
});

Deno.test("eraseEntries() makes no file", async () => {
  const io = memoryIo();
  assertEquals((await eraseEntries(io, PATH, ["r.io"])).changed, false);
  assertEquals(io.files.size, 0);
});

Deno.test("eraseEntries() removes several keys and all their duplicates at once", async () => {
  const text = '{"auths":{"a":1,"b":2,"a":3},"Auths":{"a":4,"c":5},"auths":{"d":6,"b":7}}';
  const io = memoryIo({ files: { [PATH]: text } });
  assertEquals((await eraseEntries(io, PATH, ["a", "b", "x"])).changed, true);
  assertEquals(io.files.get(PATH)?.text, '{"auths":{},"Auths":{"c":5},"auths":{"d":6}}');
  assertEquals(io.writes.length, 1);
});

Deno.test("markEntry() leaves a mark and takes the plain credentials of the host", async () => {
  const text = JSON.stringify({
    auths: {
      "https://r.example/v2/": { auth: "x", email: "e" },
      "r.example/team": { auth: "y" },
      "R.example:443": { auth: "w" },
      other: { auth: "z" },
    },
  });
  const io = memoryIo({ files: { [PATH]: text } });
  assertEquals(await markEntry(io, PATH, "r.example"), {
    path: PATH,
    changed: true,
    plaintext: false,
  });
  assertEquals(JSON.parse(io.files.get(PATH)?.text ?? "").auths, {
    "https://r.example/v2/": { email: "e" },
    "r.example/team": { auth: "y" },
    "R.example:443": { auth: "w" },
    other: { auth: "z" },
    "r.example": {},
  });
  assertEquals((await markEntry(io, PATH, "r.example")).changed, false);
});

Deno.test("markEntry() keeps the tokens of Docker's browser login", async () => {
  const text = corpusFile("docker-desktop-mac.json").replace(
    '"https://index.docker.io/v1/access-token": {}',
    '"https://index.docker.io/v1/access-token": {"auth": "x"}',
  );
  assertEquals(await after(text, (io) => markEntry(io, PATH, "https://index.docker.io/v1/")), text);
});

Deno.test("setCredHelper() sets, replaces and removes one host", async () => {
  const before = corpusFile("gcloud-configure-docker.json");
  const set = await after(before, (io) => setCredHelper(io, PATH, "r.example", "regauth"));
  assertEquals(
    set,
    before.replace('"gcloud"\n  },', '"gcloud",\n    "r.example": "regauth"\n  },'),
  );
  assertEquals(await after(set, (io) => setCredHelper(io, PATH, "r.example", undefined)), before);
  const replaced = await after(before, (io) => setCredHelper(io, PATH, "gcr.io", "regauth"));
  assertEquals(replaced, before.replace('"gcr.io": "gcloud"', '"gcr.io": "regauth"'));
  await assertRejects(
    () => after('{"credHelpers":[]}', (io) => setCredHelper(io, PATH, "r", "x")),
    RegauthError,
    '"credHelpers" is not an object',
  );
});

Deno.test("setCredsStore() uses the field that is there, in whatever case", async () => {
  const before = corpusFile("misspelt-creds-store.json");
  const set = await after(before, (io) => setCredsStore(io, PATH, "regauth"));
  assertEquals(set, before.replace('"osxkeychain"', '"regauth"'));
  const removed = await after(before, (io) => setCredsStore(io, PATH, undefined));
  assertEquals(removed, before.replace('"credSstore" : "osxkeychain",\n  ', ""));
  assertEquals(
    await after("{}", (io) => setCredsStore(io, PATH, "x")),
    '{\n\t"credsStore": "x"\n}',
  );
});

Deno.test("storeEntry() warns of a file that others may read", async () => {
  const io = memoryIo({ files: { [PATH]: { text: "{}", mode: 0o644 } } });
  const heard: string[] = [];
  const change = await storeEntry(io, PATH, "r.io", ROBOT, { trace: (line) => heard.push(line) });
  assertEquals(
    change.modeWarning,
    `"${PATH}" is open to other users (mode 644); close it with chmod 600`,
  );
  assertEquals(heard, [change.modeWarning]);
  assertEquals(io.files.get(PATH)?.mode, 0o644);
});

Deno.test("storeEntry() sees what was written while it waited for the lock", async () => {
  const io = memoryIo({ files: { [PATH]: '{"auths":{}}' } });
  const held = await io.lock(PATH);
  const storing = storeEntry(io, PATH, "b", ROBOT);
  await io.writePrivate(PATH, '{"auths":{"a":{}}}');
  await held.release();
  await storing;
  assertEquals(io.files.get(PATH)?.text, `{"auths":{"a":{},"b":{"auth":"${AUTH}"}}}`);
});

Deno.test("storeEntry() releases the lock when it fails", async () => {
  const io = memoryIo({ files: { [PATH]: "{}" } });
  const failing = { ...io, writePrivate: () => Promise.reject(new Error("disk")) };
  await assertRejects(() => storeEntry(failing, PATH, "r.io", ROBOT), Error, "disk");
  await storeEntry(io, PATH, "r.io", ROBOT);
});

Deno.test("storeEntry() handles a file of 10000 entries", async () => {
  const auths = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`r${index}.example`, { auth: AUTH }]),
  );
  const before = JSON.stringify({ auths }, null, "\t");
  const stored = await store(before, NEW);
  assertEquals(Object.keys(JSON.parse(stored).auths).length, 10_001);
  assertEquals(await erase(stored, NEW), before);
});

/** A test with a real folder. */
function folderTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

folderTest(
  "storeEntry() leaves a linked file linked, and nothing else beside it",
  async (folder) => {
    await Deno.mkdir(`${folder}/dotfiles`);
    await Deno.writeTextFile(`${folder}/dotfiles/docker.json`, "{}", { mode: 0o640 });
    await Deno.chmod(`${folder}/dotfiles/docker.json`, 0o640);
    await Deno.symlink("dotfiles/docker.json", `${folder}/config.json`);
    const change = await storeEntry(denoIo(), `${folder}/config.json`, "r.io", ROBOT);
    assertStringIncludes(change.modeWarning ?? "", "(mode 640)");
    assert(Deno.lstatSync(`${folder}/config.json`).isSymlink);
    assertStringIncludes(await Deno.readTextFile(`${folder}/dotfiles/docker.json`), AUTH);
    assertEquals((Deno.statSync(`${folder}/dotfiles/docker.json`).mode ?? 0) & 0o777, 0o640);
    assertEquals(await denoIo().list(`${folder}/dotfiles`), ["docker.json"]);
    assertEquals(await denoIo().list(folder), ["config.json", "dotfiles"]);
  },
);

folderTest(
  "storeEntry() writes to the end of dangling links, and refuses loops",
  async (folder) => {
    await Deno.symlink("new/docker.json", `${folder}/config.json`);
    await storeEntry(denoIo(), `${folder}/config.json`, "r.io", ROBOT);
    assertStringIncludes(await Deno.readTextFile(`${folder}/new/docker.json`), AUTH);
    await Deno.symlink("loop.json", `${folder}/loop.json`);
    const error = await assertRejects(
      () => storeEntry(denoIo(), `${folder}/loop.json`, "r.io", ROBOT),
      RegauthError,
      "form a loop",
    );
    assertEquals(error.code, "config-io");
  },
);

folderTest("storeEntry() neither writes nor locks if nothing changes", async (folder) => {
  const path = `${folder}/config.json`;
  await storeEntry(denoIo(), path, "r.io", ROBOT);
  const before = await Deno.stat(path);
  await Deno.chmod(path, 0o400);
  await Deno.mkdir(`${path}.lock`);
  assertEquals((await storeEntry(denoIo(), path, "r.io", ROBOT)).changed, false);
  assertEquals((await eraseEntries(denoIo(), path, ["x"])).changed, false);
  const { ino, mtime } = await Deno.stat(path);
  assertEquals([ino, mtime], [before.ino, before.mtime]);
});

folderTest("storeEntry() replaces a file of mode 0444 and keeps the mode", async (folder) => {
  const path = `${folder}/config.json`;
  await Deno.writeTextFile(path, '{"auths":{}}');
  await Deno.chmod(path, 0o444);
  assertEquals((await storeEntry(denoIo(), path, "r.io", ROBOT)).changed, true);
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o444);
});

folderTest("storeEntry() refuses a directory and a file of 100 MB", async (folder) => {
  await Deno.mkdir(`${folder}/directory`);
  await Deno.writeTextFile(`${folder}/large`, "{}");
  await Deno.truncate(`${folder}/large`, 100_000_000);
  for (const name of ["directory", "large"]) {
    const error = await assertRejects(
      () => storeEntry(denoIo(), `${folder}/${name}`, "r.io", ROBOT),
      RegauthError,
    );
    assertEquals(error.code, "config-io");
  }
  assertEquals((await Deno.stat(`${folder}/large`)).size, 100_000_000);
});

folderTest("storeEntry() does not change a file whose bytes it cannot read", async (folder) => {
  const path = `${folder}/config.json`;
  const bytes = new TextEncoder().encode('{"auths":{},"x":"?"}');
  bytes[bytes.indexOf(63)] = 0xe4;
  await Deno.writeFile(path, bytes);
  await assertRejects(
    () => storeEntry(denoIo(), path, "r.io", ROBOT),
    RegauthError,
    "not all UTF-8",
  );
  assertEquals(await Deno.readFile(path), bytes);
  assertEquals((await eraseEntries(denoIo(), path, ["r.io"])).changed, false);
});
