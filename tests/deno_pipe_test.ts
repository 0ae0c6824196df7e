import { assertEquals, assertRejects } from "@std/assert";
import { denoIo } from "../lib/deno_io.ts";
import { readPipe } from "../lib/deno_pipe.ts";
import { RegauthError } from "../lib/errors.ts";

const unix = Deno.build.os !== "windows";

async function withPipe(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { code } = await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    assertEquals(code, 0);
    await test(`${folder}/pipe`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "denoIo() reads what comes through a pipe",
  ignore: !unix,
  fn: () =>
    withPipe(async (path) => {
      const [text] = await Promise.all([denoIo().readText(path), Deno.writeTextFile(path, "{}")]);
      assertEquals(text, "{}");
    }),
});

Deno.test({
  name: "readPipe() gives up on a pipe that nobody writes to",
  ignore: !unix,
  fn: () =>
    withPipe(async (path) => {
      const error = await assertRejects(() => readPipe(path, 100, 1), RegauthError);
      assertEquals(error.message, `Cannot read "${path}": it is a pipe that does not end`);
      // Lets the open that still waits come to its end.
      await Deno.writeTextFile(path, "");
    }),
});

Deno.test({
  name: "readPipe() reads no more than the limit",
  ignore: !unix,
  fn: async () => {
    const error = await assertRejects(() => readPipe("/dev/zero", 100), RegauthError);
    assertEquals(error.code, "config-io");
  },
});
