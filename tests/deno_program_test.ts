import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { installProgram, runHere } from "../lib/deno_program.ts";
import { RegauthError } from "../lib/errors.ts";

const unix = { ignore: Deno.build.os === "windows" };

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("installProgram() replaces a program, also by a link to itself, and leaves nothing beside it", () =>
  inFolder(async (folder) => {
    const [program, link] = [join(folder, "program"), join(folder, "link")];
    await Deno.writeTextFile(link, "old");
    assertEquals(await installProgram(program, { script: "new" }), "script");
    for (let times = 0; times < 2; times++) {
      assertEquals(await installProgram(link, { file: program }), "link");
    }
    assertEquals(await Deno.readTextFile(link), "new");
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(), [
      "link",
      "program",
    ]);
  }));

Deno.test({
  name: "installProgram() copies with its mode what cannot be linked",
  // A link to a file of another file system does not exist.
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      const program = join(folder, "program");
      assertEquals(await installProgram(program, { file: "/proc/self/exe" }), "copy");
      const { mode, size } = await Deno.stat(program);
      assertEquals([((mode ?? 0) & 0o111) !== 0, size > 0], [true, true]);
    }),
});

Deno.test("installProgram() says what is in the way", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "taken"));
    for (const file of [join(folder, "missing"), join(folder, "taken")]) {
      const error = await assertRejects(
        () => installProgram(join(folder, "taken"), { file }),
        RegauthError,
      );
      assertEquals(error.code, "write-io");
    }
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["taken"]);
  }));

Deno.test({
  name: "runHere() tells how the program ended, or that it did not start",
  ...unix,
  async fn() {
    assertEquals(await runHere("/bin/sh", ["-c", "exit 7"]), 7);
    const error = await assertRejects(() => runHere("/nowhere/vi", []), RegauthError);
    assertEquals(error.code, "helper-failed");
  },
});
