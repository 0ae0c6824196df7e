import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { denoIo } from "../../lib/deno_io.ts";

const PROCESSES = 50;
const KILLS = 200;
const OTHER = { plugins: { kept: { by: "all" } } };

function start(path: string, prefix: string, count: number): Deno.ChildProcess {
  const program = fromFileUrl(new URL("store_program.ts", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", "--no-check", program, path, prefix, `${count}`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

async function keysIn(path: string): Promise<string[]> {
  const { auths, ...other } = JSON.parse(await Deno.readTextFile(path));
  assertEquals(other, OTHER);
  return Object.keys(auths);
}

async function withConfig(fn: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ auths: {}, ...OTHER }));
    await fn(`${folder}/config.json`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(`${PROCESSES} processes that store at the same time lose nothing`, async () => {
  await withConfig(async (path, folder) => {
    const children = Array.from({ length: PROCESSES }, (_, index) => start(path, `p${index}`, 2));
    const results = await Promise.all(children.map((child) => child.output()));
    assert(results.every(({ success }) => success));
    assertEquals((await keysIn(path)).length, 2 * PROCESSES);
    const left = Deno.build.os === "windows"
      ? ["config.json", "config.json.lock"]
      : ["config.json"];
    assertEquals(await denoIo().list(folder), left);
  });
});

Deno.test(`kill -9 at ${KILLS} random moments damages nothing and blocks nobody`, async () => {
  await withConfig(async (path, folder) => {
    let known = new Set<string>();
    let cut = 0;
    for (let round = 0; round < KILLS; round++) {
      const child = start(path, `r${round}`, Infinity);
      // What was printed was stored before. The first line says that it is running.
      let printed = "";
      let timer: ReturnType<typeof setTimeout> | undefined;
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        printed += text;
        timer ??= setTimeout(() => child.kill("SIGKILL"), Math.random() * 15);
      }
      await child.status;
      const keys = new Set(await keysIn(path));
      for (const key of [...known, ...printed.trim().split("\n")]) assert(keys.has(key), key);
      known = keys;
      const left = await denoIo().list(folder);
      if (left.some((name) => name.endsWith(".tmp"))) cut++;
      // A minute later, for who writes next.
      for (const name of left) await Deno.utime(`${folder}/${name}`, 1, 1);
    }
    // Else no kill was between the creation of the temporary file and its renaming.
    assert(cut > 0);
    assert((await start(path, "last", 1).output()).success);
    assert((await keysIn(path)).includes("last-0.example"));
    const left = Deno.build.os === "windows"
      ? ["config.json", "config.json.lock"]
      : ["config.json"];
    assertEquals(await denoIo().list(folder), left);
  });
});
