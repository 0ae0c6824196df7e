import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** Whether a name space with mounts of our own can be had. */
const mountable = Deno.build.os === "linux" && await succeeds([
  "unshare",
  "-rm",
  "mount",
  "-t",
  "tmpfs",
  "none",
  "/mnt",
]);

async function succeeds([program = "", ...args]: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** What became of a file in a name space of its own. */
interface Outcome {
  /** Keys that were stored. */
  readonly stored: readonly string[];
  /** What the program said on standard error. */
  readonly said: string;
  /** Names in the folder of the file. */
  readonly left: readonly string[];
  /** The file. */
  readonly text: string;
}

/** Stores entries where a script has made mounts below the current folder. */
async function storeAfter(
  script: string,
  folder: string,
  path: string,
  count: number,
): Promise<Outcome> {
  const program = fromFileUrl(new URL("store_program.ts", import.meta.url));
  const store = `${script}
"$1" run -A --no-config --no-check "$2" "$3" key "$4" || true
echo; ls -A "$(dirname "$3")"; echo; cat "$3"`;
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-rm", "sh", "-ec", store, "sh", Deno.execPath(), program, path, `${count}`],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const [stored = "", left = "", text = ""] = new TextDecoder().decode(stdout).split(/^\n/m);
  const lines = (text: string): string[] => text.split("\n").filter(Boolean);
  return { stored: lines(stored), said: new TextDecoder().decode(stderr), left: lines(left), text };
}

function mountTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: mountable ? name : `${name} (skipped: mounting is not allowed)`,
    ignore: !mountable,
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

mountTest("a full disk leaves the file as the last whole write made it", async (folder) => {
  const { stored, said, left, text } = await storeAfter(
    `mkdir full; mount -t tmpfs -o size=64k none full; echo '{"auths":{}}' > full/config.json`,
    folder,
    `${folder}/full/config.json`,
    1000,
  );
  assertStringIncludes(said, `Cannot write "${folder}/full/config.json": no space is left for it`);
  assertEquals(left, ["config.json"]);
  assert(stored.length > 20, said);
  assertEquals(Object.keys(JSON.parse(text).auths), stored);
});

mountTest("a read-only file system is named", async (folder) => {
  const { said, left, text } = await storeAfter(
    `mkdir ro; mount -t tmpfs none ro; echo '{"auths":{}}' > ro/config.json; mount -o remount,ro ro`,
    folder,
    `${folder}/ro/config.json`,
    1,
  );
  assertStringIncludes(said, 'config.json": its file system is read-only');
  assertEquals([left, text], [["config.json"], '{"auths":{}}\n']);
});

mountTest(
  "a file that is mounted alone is not written, and the message says why",
  async (folder) => {
    const { said, left, text } = await storeAfter(
      `mkdir home; : > home/config.json
echo '{"auths":{}}' > other.json; mount --bind other.json home/config.json`,
      folder,
      `${folder}/home/config.json`,
      1,
    );
    assertStringIncludes(said, 'config.json": it is in use, perhaps mounted as a single file');
    assertEquals([left, text], [["config.json"], '{"auths":{}}\n']);
  },
);

mountTest("a link to another file system is followed", async (folder) => {
  const { stored, said, left, text } = await storeAfter(
    `mkdir other home; mount -t tmpfs none other; echo '{"auths":{}}' > other/file
ln -s ../other/file home/config.json`,
    folder,
    `${folder}/home/config.json`,
    2,
  );
  assertEquals([stored, said, left], [["key-0.example", "key-1.example"], "", ["config.json"]]);
  assertStringIncludes(text, '"key-1.example":');
  assert(Deno.lstatSync(`${folder}/home/config.json`).isSymlink);
});
