import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { RegauthError } from "../lib/errors.ts";
import { helperGet, helperStore } from "../lib/helper.ts";
import type { HelperOptions } from "../lib/helper_call.ts";
import type { Io } from "../lib/io.ts";

const windows = Deno.build.os === "windows";

/** Runs a test in a folder that holds scripts named `docker-credential-<suffix>`. */
function withHelpers(
  name: string,
  scripts: Readonly<Record<string, string>>,
  test: (io: Io, folder: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: windows,
    async fn(): Promise<void> {
      const folder = await Deno.makeTempDir();
      try {
        for (const [suffix, script] of Object.entries(scripts)) {
          const path = `${folder}/docker-credential-${suffix}`;
          await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`);
          await Deno.chmod(path, 0o755);
        }
        const io = denoIo();
        await test({ ...io, env: (key) => key === "PATH" ? folder : io.env(key) }, folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

async function failure(io: Io, suffix: string, options?: HelperOptions): Promise<RegauthError> {
  return await assertRejects(() => helperGet(io, suffix, "r.io", options), RegauthError);
}

withHelpers("helperGet() hears a real program", {
  real: 'read -r server; printf \'{"ServerURL":"%s","Username":"%s","Secret":"s-%s"}\\n\' ' +
    '"$server" "$1" "$REGAUTH_HELPER_DEPTH"',
}, async (io) => {
  const found = await helperGet(io, "real", "r.io");
  assertEquals([found?.username, found?.password?.reveal()], ["get", "s-1"]);
});

withHelpers(
  "helperGet() gives up on a program that hangs",
  { bad: "exec sleep 600" },
  async (io) => {
    const error = await failure(io, "bad", { timeout: 200 });
    assertEquals(error.code, "helper-failed");
    assertMatch(error.message, /timed out after 0\.2 s/);
  },
);

withHelpers("helperGet() tells the exit code of a program and its first line", {
  bad: "echo locked; echo more; exit 3",
}, async (io) => {
  const error = await failure(io, "bad");
  assertEquals(error.code, "helper-failed");
  assertMatch(error.message, /exit code 3: locked$/);
});

withHelpers("helperGet() refuses garbage", {
  bad: "printf '\\377\\376\\000garbage'",
}, async (io) => {
  assertEquals((await failure(io, "bad")).code, "helper-output");
});

withHelpers("helperGet() stops reading a program that prints 100 MB", {
  loud: "exec head -c 100000000 /dev/zero",
}, async (io) => {
  assertEquals((await failure(io, "loud")).code, "helper-output");
});

withHelpers("helperGet() does not run what is not executable", { plain: "echo '{}'" }, async (
  io,
  folder,
) => {
  await Deno.chmod(`${folder}/docker-credential-plain`, 0o644);
  assertEquals((await failure(io, "plain")).code, "helper-missing");
});

withHelpers("helperGet() does not leave the PATH by its name", { x: "echo '{}'" }, async (
  io,
  folder,
) => {
  await Deno.mkdir(`${folder}/sub`);
  const below: Io = { ...io, env: (key) => key === "PATH" ? `${folder}/sub` : io.env(key) };
  assertEquals((await failure(below, "../../docker-credential-x")).code, "helper-name");
});

withHelpers(
  "helperStore() outlives a program that does not read",
  { deaf: "exit 0" },
  async (io) => {
    const password = new Secret("x".repeat(2_000_000));
    await helperStore(io, "deaf", "r.io", { username: "u", password });
  },
);

withHelpers("helperGet() ends with its caller", { slow: "exec sleep 600" }, async (io) => {
  const controller = new AbortController();
  const asking = helperGet(io, "slow", "r.io", { signal: controller.signal });
  controller.abort(new Error("stopped"));
  await assertRejects(() => asking, Error, "stopped");
});
