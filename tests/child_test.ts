import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { denoIo } from "../lib/deno_io.ts";
import type { RunOptions, RunResult } from "../lib/io.ts";

const windows = Deno.build.os === "windows";
const limits = { timeout: 60_000, maxOutput: 1 << 20 };

/** Runs a shell script. */
function shell(script: string, options: Partial<RunOptions> = {}): Promise<RunResult> {
  return denoIo().run("/bin/sh", ["-c", script], { ...limits, ...options });
}

function unixTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: windows, fn });
}

unixTest("run() gives exit code and both outputs", async () => {
  const result = await shell("echo out; echo err >&2; exit 3");
  assertEquals(result, { code: 3, stdout: "out\n", stderr: "err\n" });
});

unixTest("run() hands over input, variables and arguments", async () => {
  const result = await denoIo().run(
    "/bin/sh",
    ["-c", 'cat; printf "%s" "$GREETING$1"', "x", "a b"],
    {
      ...limits,
      stdin: "pässword\n",
      env: { GREETING: "hello " },
    },
  );
  assertEquals(result.stdout, "pässword\nhello a b");
});

unixTest("run() gives an empty input if there is none", async () => {
  assertEquals(await shell("cat"), { code: 0, stdout: "", stderr: "" });
});

unixTest("run() does not mind a program that leaves its input unread", async () => {
  const result = await shell("exit 4", { stdin: "x".repeat(1 << 20) });
  assertEquals(result.code, 4);
});

unixTest("run() reads large outputs of both kinds at once", async () => {
  const size = 300_000;
  const fill = `head -c ${size} /dev/zero | tr '\\0'`;
  const result = await shell(`${fill} e >&2; ${fill} o`);
  assertEquals([result.stdout.length, result.stderr.length], [size, size]);
});

unixTest("run() keeps characters that come in parts", async () => {
  const result = await shell("printf '\\303'; sleep 0.05; printf '\\244'");
  assertEquals(result.stdout, "ä");
});

unixTest("run() tells the signal that ended a program", async () => {
  assertEquals((await shell("kill -9 $$")).code, 137);
});

unixTest("run() ends a program that takes too long", async () => {
  const result = await shell("echo early; exec sleep 60", { timeout: 1500 });
  assertEquals(result, { code: 143, stdout: "early\n", stderr: "", ended: "timeout" });
});

unixTest("run() kills a program that ignores SIGTERM", async () => {
  const result = await shell("trap '' TERM; echo deaf; while :; do sleep 0.1; done", {
    timeout: 1500,
  });
  assertEquals([result.code, result.ended], [137, "timeout"]);
});

unixTest("run() ends a program that says too much, on either stream", async () => {
  for (const redirect of ["", ">&2"]) {
    const result = await shell(`exec yes ${redirect}`, { maxOutput: 1000 });
    assertEquals(result.ended, "output-limit");
    assertEquals(result.stdout.length + result.stderr.length, 1000);
  }
});

unixTest("run() takes output of exactly the limit", async () => {
  assertEquals(await shell("printf 12345", { maxOutput: 5 }), {
    code: 0,
    stdout: "12345",
    stderr: "",
  });
});

unixTest("run() does not wait for what outlives the program", async () => {
  // The grandchild tells its process id and keeps the pipes open.
  const result = await shell("sleep 600 & echo $!", { stdin: "x" });
  Deno.kill(Number(result.stdout), "SIGKILL");
  assertEquals(result.code, 0);
  assertEquals(result.ended, undefined);
});

unixTest("run() stops for its signal and leaves no process behind", async () => {
  const folder = await Deno.makeTempDir();
  const io = denoIo();
  const abort = new AbortController();
  const running = shell(`echo $$ > ${folder}/pid; exec sleep 600`, { signal: abort.signal });
  while (!await io.readText(`${folder}/pid`)) await io.sleep(5);
  abort.abort(new Error("enough"));
  await assertRejects(() => running, Error, "enough");
  const pid = Number(await io.readText(`${folder}/pid`));
  assertEquals(await io.stat(`/proc/${pid}/stat`), undefined);
  await Deno.remove(folder, { recursive: true });
});

unixTest("run() does not start anything for a signal that came before", async () => {
  const signal = AbortSignal.abort(new Error("too late"));
  await assertRejects(() => shell("exit 0", { signal }), Error, "too late");
});

Deno.test("run() names the program that cannot be started", async () => {
  const folder = await Deno.makeTempDir();
  const plain = `${folder}/plain`;
  await Deno.writeTextFile(plain, "text");
  for (const program of [`${folder}/missing`, folder, plain, "sh", "./sh", "/bin/sh\0"]) {
    const error = await assertRejects(() => denoIo().run(program, [], limits), RegauthError);
    assertEquals([error.code, error.subject], ["helper-failed", program]);
    assertStringIncludes(error.message, `Cannot run "${program}": `);
    assert(!error.message.includes("os error"));
  }
  await Deno.remove(folder, { recursive: true });
});
