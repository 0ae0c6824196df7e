import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { denoIo } from "../lib/deno_io.ts";

const windows = Deno.build.os === "windows";
const root = !windows && Deno.uid() === 0;
const io = denoIo();

/** A test with a folder of its own. */
function folderTest(
  name: string,
  fn: (folder: string) => Promise<void>,
  options: { ignore?: boolean } = {},
): void {
  Deno.test({
    name,
    ...options,
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

function unixTest(name: string, fn: (folder: string) => Promise<void>): void {
  folderTest(name, fn, { ignore: windows });
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o7777;
}

async function failureOf(call: () => Promise<unknown>): Promise<RegauthError> {
  const error = await assertRejects(call, RegauthError);
  assert(error.hint, "every failure of a file says what to do");
  return error;
}

folderTest(
  "readText() reads UTF-8, keeps the byte-order mark, and finds nothing",
  async (folder) => {
    const path = `${folder}/file`;
    await Deno.writeTextFile(path, "\uFEFFä\r\n");
    assertEquals(await io.readText(path), "\uFEFFä\r\n");
    assertStrictEquals(await io.readText(`${folder}/missing`), undefined);
    assertStrictEquals(await io.readText(`${folder}/missing/missing`), undefined);
  },
);

unixTest("readText() reads what has no size", async () => {
  assertEquals(await io.readText("/dev/null"), "");
});

unixTest("readText() reads a pipe that comes in parts", async (folder) => {
  const pipe = `${folder}/pipe`;
  const made = await new Deno.Command("mkfifo", { args: [pipe] }).output();
  assert(made.success);
  const writer = new Deno.Command("sh", {
    args: ["-c", `{ printf one; head -c 5000 /dev/zero; printf two; } > ${pipe}`],
  }).spawn();
  const text = await io.readText(pipe);
  await writer.status;
  assertEquals(text?.length, 5006);
  assert(text?.startsWith("one") && text.endsWith("two"));
});

folderTest("readText() refuses a directory", async (folder) => {
  const error = await failureOf(() => io.readText(folder));
  assertEquals(error.code, "config-io");
  assertEquals(error.message, `Cannot read "${folder}": it is a directory`);
});

unixTest("readText() refuses a path through a file", async (folder) => {
  await Deno.writeTextFile(`${folder}/file`, "");
  const error = await failureOf(() => io.readText(`${folder}/file/config.json`));
  assertStringIncludes(error.message, "a part of its path is not a directory");
});

folderTest("readText() refuses 100 MB without reading it", async (folder) => {
  const path = `${folder}/large`;
  await Deno.writeTextFile(path, "");
  await Deno.truncate(path, 100_000_000);
  const error = await failureOf(() => io.readText(path));
  assertEquals([error.code, error.subject], ["config-io", path]);
  assertStringIncludes(error.message, "larger than 16 MiB");
});

folderTest("readText() takes exactly 16 MiB", async (folder) => {
  const path = `${folder}/large`;
  await Deno.writeTextFile(path, "");
  await Deno.truncate(path, 16 * 1024 * 1024);
  assertEquals((await io.readText(path))?.length, 16 * 1024 * 1024);
});

unixTest("readText() stops reading an endless device", async () => {
  const error = await failureOf(() => io.readText("/dev/zero"));
  assertStringIncludes(error.message, "larger than 16 MiB");
});

unixTest("readText() takes a dangling link for no file, and refuses a loop", async (folder) => {
  await Deno.symlink("nowhere", `${folder}/dangling`);
  await Deno.symlink("loop", `${folder}/loop`);
  assertStrictEquals(await io.readText(`${folder}/dangling`), undefined);
  const error = await failureOf(() => io.readText(`${folder}/loop`));
  assertStringIncludes(error.message, "its symbolic links form a loop");
});

unixTest("readText() and stat() follow links", async (folder) => {
  await Deno.writeTextFile(`${folder}/file`, "text");
  await Deno.symlink("file", `${folder}/link`);
  assertEquals(await io.readText(`${folder}/link`), "text");
  assertEquals((await io.stat(`${folder}/link`))?.isFile, true);
});

folderTest("stat() tells files from folders and nothing", async (folder) => {
  await io.writePrivate(`${folder}/file`, "12345");
  const file = await io.stat(`${folder}/file`);
  assertEquals([file?.isFile, file?.isDirectory, file?.size], [true, false, 5]);
  assertEquals(file?.mode, windows ? undefined : 0o600);
  assert(file?.modified instanceof Date);
  assertEquals((await io.stat(folder))?.isDirectory, true);
  assertStrictEquals(await io.stat(`${folder}/missing`), undefined);
  assertStrictEquals(await io.stat(`${folder}/file/below`), undefined);
});

folderTest("list() gives sorted names, none of a missing folder", async (folder) => {
  for (const name of ["b", "a", "B", "ä"]) await Deno.writeTextFile(`${folder}/${name}`, "");
  assertEquals(await io.list(folder), ["B", "a", "b", "ä"]);
  assertEquals(await io.list(`${folder}/missing`), []);
  assertEquals((await failureOf(() => io.list(`${folder}/a`))).code, "config-io");
});

unixTest("writePrivate() makes files of mode 0600 in folders of mode 0700", async (folder) => {
  await io.writePrivate(`${folder}/a/b/config.json`, "{}");
  assertEquals(await io.readText(`${folder}/a/b/config.json`), "{}");
  assertEquals(modeOf(`${folder}/a`), 0o700);
  assertEquals(modeOf(`${folder}/a/b`), 0o700);
  assertEquals(modeOf(`${folder}/a/b/config.json`), 0o600);
});

unixTest("writePrivate() keeps the mode of a file", async (folder) => {
  const path = `${folder}/file`;
  for (const mode of [0o640, 0o644, 0o444, 0o600]) {
    await Deno.writeTextFile(path, "old");
    await Deno.chmod(path, mode);
    await io.writePrivate(path, "new");
    assertEquals([modeOf(path), await Deno.readTextFile(path)], [mode, "new"]);
  }
});

folderTest("writePrivate() keeps the owner where it may", async (folder) => {
  const path = `${folder}/file`;
  await Deno.writeTextFile(path, "old");
  await Deno.chown(path, 12345, 23456);
  await io.writePrivate(path, "new");
  const { uid, gid } = await Deno.stat(path);
  assertEquals([uid, gid], [12345, 23456]);
}, { ignore: !root });

folderTest("writePrivate() replaces the file and leaves nothing else", async (folder) => {
  const path = `${folder}/file`;
  await io.writePrivate(path, "1");
  await io.writePrivate(path, "ä".repeat(100_000));
  assertEquals(await io.readText(path), "ä".repeat(100_000));
  assertEquals(await io.list(folder), ["file"]);
});

unixTest(
  "writePrivate() writes through links: relative, absolute, chained, dangling",
  async (folder) => {
    await Deno.mkdir(`${folder}/dotfiles`);
    await Deno.mkdir(`${folder}/home`);
    await Deno.symlink("../dotfiles/relative", `${folder}/home/relative`);
    await Deno.symlink(`${folder}/dotfiles/absolute`, `${folder}/home/absolute`);
    await Deno.symlink("relative", `${folder}/home/chained`);
    await Deno.symlink("../dotfiles/new/dangling", `${folder}/home/dangling`);
    await Deno.writeTextFile(`${folder}/dotfiles/absolute`, "old");
    const cases = [
      ["relative", "relative"],
      ["absolute", "absolute"],
      ["chained", "relative"],
      ["dangling", "new/dangling"],
    ];
    for (const [link, file] of cases) {
      await io.writePrivate(`${folder}/home/${link}`, `by ${link}`);
      assert(Deno.lstatSync(`${folder}/home/${link}`).isSymlink, link);
      assert(Deno.lstatSync(`${folder}/dotfiles/${file}`).isFile, link);
      assertEquals(await Deno.readTextFile(`${folder}/dotfiles/${file}`), `by ${link}`);
    }
    assertEquals(await io.list(`${folder}/home`), ["absolute", "chained", "dangling", "relative"]);
  },
);

unixTest("writePrivate() follows .. behind a linked folder as the system does", async (folder) => {
  await Deno.mkdir(`${folder}/real/deep`, { recursive: true });
  await Deno.symlink("real/deep", `${folder}/short`);
  await Deno.symlink("../file", `${folder}/real/deep/link`);
  await io.writePrivate(`${folder}/short/link`, "text");
  assertEquals(await Deno.readTextFile(`${folder}/real/file`), "text");
});

unixTest("writePrivate() refuses links that form a loop", async (folder) => {
  await Deno.symlink("b", `${folder}/a`);
  await Deno.symlink("a", `${folder}/b`);
  const error = await failureOf(() => io.writePrivate(`${folder}/a`, "x"));
  assertEquals(error.code, "write-io");
  assertEquals(error.message, `Cannot write "${folder}/a": its symbolic links form a loop`);
  await Deno.mkdir(`${folder}/d`);
  await Deno.symlink("../d/a", `${folder}/d/a`);
  await failureOf(() => io.writePrivate(`${folder}/d/a`, "x"));
});

unixTest("writePrivate() does not replace a device", async () => {
  const error = await failureOf(() => io.writePrivate("/dev/null", "x"));
  assertEquals(error.message, 'Cannot write "/dev/null": it is a device or pipe');
});

folderTest("writePrivate() and remove() refuse a directory", async (folder) => {
  for (const call of [() => io.writePrivate(folder, "x"), () => io.remove(folder)]) {
    const error = await failureOf(call);
    assertEquals([error.code, error.subject], ["write-io", folder]);
    assertStringIncludes(error.message, "it is a directory");
  }
});

folderTest("writePrivate() removes what killed writers left, and only that", async (folder) => {
  const [old, fresh, foreign] = [
    `.regauth-${crypto.randomUUID()}.tmp`,
    `.regauth-${crypto.randomUUID()}.tmp`,
    ".regauth-notes.tmp",
  ];
  for (const name of [old, fresh, foreign]) await Deno.writeTextFile(`${folder}/${name}`, "x");
  for (const name of [old, foreign]) await Deno.utime(`${folder}/${name}`, 1, 1);
  await io.writePrivate(`${folder}/file`, "text");
  assertEquals(await io.list(folder), [fresh, foreign, "file"].sort());
});

folderTest("remove() removes a file and does not mind a missing one", async (folder) => {
  await Deno.writeTextFile(`${folder}/file`, "");
  await io.remove(`${folder}/file`);
  await io.remove(`${folder}/file`);
  await io.remove(`${folder}/missing/file`);
  assertEquals(await io.list(folder), []);
});

folderTest("lock() excludes others, also through links and in new folders", async (folder) => {
  const [first, second] = [`${folder}/new/file`, windows ? `${folder}/new/file` : `${folder}/link`];
  if (!windows) await Deno.symlink("new/file", second);
  const held = await io.lock(first);
  const order: string[] = [];
  const other = io.lock(second).then(async (lock) => {
    order.push("other");
    await lock.release();
  });
  await io.sleep(20);
  order.push("released");
  await held.release();
  await other;
  assertEquals(order, ["released", "other"]);
  if (!windows) assertEquals(modeOf(`${folder}/new`), 0o700);
});

unixTest("lock() leaves no file behind, however many wait", async (folder) => {
  let inside = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    const lock = await io.lock(`${folder}/file`);
    assertEquals(++inside, 1);
    await io.sleep(1);
    inside--;
    await lock.release();
  }));
  assertEquals(await io.list(folder), []);
});

folderTest(
  "lock() gives up after its time, and what it was given later goes back",
  async (folder) => {
    const impatient = denoIo({ lockTimeout: 50 });
    const held = await io.lock(`${folder}/file`);
    const error = await failureOf(() => impatient.lock(`${folder}/file`));
    assertEquals(error.code, "write-conflict");
    assertEquals(
      error.message,
      `Cannot lock "${folder}/file": another process has held it for 0.05 s`,
    );
    await held.release();
    await (await io.lock(`${folder}/file`)).release();
  },
);

folderTest("lock() takes a lock file that a killed process left", async (folder) => {
  await Deno.writeTextFile(`${folder}/file.lock`, "");
  await (await denoIo({ lockTimeout: 5000 }).lock(`${folder}/file`)).release();
});

/** Runs calls of `io` in a process of its own, as nobody if we are root; gives their errors. */
async function errorsElsewhere(
  folder: string,
  flags: string[],
  calls: string[],
): Promise<string[][]> {
  const module = new URL("../lib/deno_io.ts", import.meta.url).href;
  const script = `import { denoIo } from ${JSON.stringify(module)};
const io = denoIo();
const errors = [];
for (const call of [${calls.map((call) => `() => io.${call}`)}]) {
  await call().then(() => errors.push([]), (e) => errors.push([e.code, e.message, e.hint]));
}
console.log(JSON.stringify(errors));`;
  const scriptPath = `${folder}/script.js`;
  await Deno.writeTextFile(scriptPath, script);
  await Deno.chmod(folder, 0o777);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-check", "--no-prompt", ...flags, scriptPath],
    env: { DENO_DIR: `${folder}/deno`, HOME: folder },
    cwd: folder,
    ...(root ? { uid: 65534, gid: 65534 } : {}),
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertNotEquals(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

folderTest(
  "denoIo() says when a file may not be read or a folder not be written",
  async (folder) => {
    await Deno.mkdir(`${folder}/locked`);
    await Deno.writeTextFile(`${folder}/locked/file`, "old");
    await Deno.writeTextFile(`${folder}/secret`, "old");
    await Deno.chmod(`${folder}/secret`, 0);
    await Deno.chmod(`${folder}/locked`, 0o555);
    const results = await errorsElsewhere(folder, ["-A"], [
      `readText("${folder}/secret")`,
      `writePrivate("${folder}/locked/file", "new")`,
      `writePrivate("${folder}/locked/new", "new")`,
      `lock("${folder}/locked/file")`,
      `remove("${folder}/locked/file")`,
    ]);
    await Deno.chmod(`${folder}/locked`, 0o755);
    const hint = "Check owner and mode of the file and of its folder.";
    assertEquals(results, [
      ["config-io", `Cannot read "${folder}/secret": permission denied`, hint],
      ["write-io", `Cannot write "${folder}/locked/file": permission denied`, hint],
      ["write-io", `Cannot write "${folder}/locked/new": permission denied`, hint],
      ["write-io", `Cannot lock "${folder}/locked/file": permission denied`, hint],
      ["write-io", `Cannot remove "${folder}/locked/file": permission denied`, hint],
    ]);
    assertEquals(await Deno.readTextFile(`${folder}/locked/file`), "old");
  },
  { ignore: windows },
);

folderTest("denoIo() tells Deno's permissions from those of the system", async (folder) => {
  const results = await errorsElsewhere(folder, [], [
    `readText("${folder}/file")`,
    `stat("${folder}/file")`,
    `list("${folder}")`,
    `writePrivate("${folder}/file", "new")`,
    `lock("${folder}/file")`,
    `remove("${folder}/file")`,
    `run("/bin/true", [], { timeout: 0, maxOutput: 1 })`,
  ]);
  assertEquals(results.map(([code]) => code), [
    "config-io",
    "config-io",
    "config-io",
    "write-io",
    "write-io",
    "write-io",
    "helper-failed",
  ]);
  for (const [, message, hint] of results) {
    assertStringIncludes(message ?? "", "Deno's permissions do not allow it");
    assertEquals(hint, "Run again with the permission, or with -A.");
  }
}, { ignore: windows });

Deno.test("sleep() ends for its signal", async () => {
  await io.sleep(1);
  await assertRejects(() => io.sleep(60_000, AbortSignal.abort(new Error("a"))), Error, "a");
  const abort = new AbortController();
  const sleeping = io.sleep(60_000, abort.signal);
  abort.abort(new Error("enough"));
  await assertRejects(() => sleeping, Error, "enough");
});

Deno.test("denoIo() knows system, clock and variables", () => {
  assertMatch(io.platform, /^(linux|darwin|windows)$/);
  assert(Math.abs(io.now().getTime() - Date.now()) < 60_000);
  assert(io.envNames().includes(windows ? "Path" : "PATH"));
  assertEquals(io.env("PATH"), Deno.env.get("PATH"));
  assertStrictEquals(io.env("REGAUTH_NO_SUCH_VARIABLE"), undefined);
});

Deno.test("denoIo() fetches", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => new Response(`${request.method} ${await request.text()}`),
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const response = await io.fetch(url, { method: "POST", body: "ping" });
  assertEquals(await response.text(), "POST ping");
});

Deno.test("denoIo() knows the number of the user", () => {
  assertEquals(denoIo().uid?.(), Deno.uid() ?? undefined);
});
