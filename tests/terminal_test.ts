import { assertEquals, assertStringIncludes } from "@std/assert";

const module = new URL("../lib/deno_io.ts", import.meta.url).href;

function code(body: string): string {
  return `import { denoTerminal } from ${JSON.stringify(module)};
const terminal = denoTerminal();
${body}`;
}

/** Runs code that has a terminal called `terminal`, with pipes for standard streams. */
async function piped(body: string, input = ""): Promise<[number, string, string]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", code(body), "--", "one", "two words"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
  const { code: exitCode, stdout, stderr } = await child.output();
  await written.catch(() => {});
  const decoder = new TextDecoder();
  return [exitCode, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test("denoTerminal() knows arguments, program and that pipes are no terminal", async () => {
  const [, stdout] = await piped(`
    const { args, executable, compiled } = terminal;
    const tty = ["stdin", "stdout", "stderr"].map((stream) => terminal.isTerminal(stream));
    const size = [terminal.columns() ?? null, terminal.rows() ?? null];
    terminal.write("stdout", JSON.stringify({ args, executable, compiled, tty, size }));
  `);
  assertEquals(JSON.parse(stdout), {
    args: ["one", "two words"],
    executable: Deno.execPath(),
    compiled: false,
    tty: [false, false, false],
    size: [null, null],
  });
});

Deno.test("denoTerminal() writes everything before it exits", async () => {
  const [exitCode, stdout, stderr] = await piped(`
    terminal.write("stdout", "ä".repeat(500_000));
    terminal.write("stderr", "done");
    terminal.exit(3);
  `);
  assertEquals([exitCode, stdout.length, stderr], [3, 500_000, "done"]);
});

Deno.test("denoTerminal() does not mind a reader that went away", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      code(`
        await terminal.readAll(10);
        terminal.write("stdout", "x".repeat(1_000_000));
        terminal.exit(4);
      `),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await child.stdout.cancel();
  await child.stdin.close();
  assertEquals((await child.status).code, 4);
});

Deno.test("denoTerminal() reads all of its input, up to a limit", async () => {
  const body = `
    const text = await terminal.readAll(10).catch((error) => error.code + ": " + error.message);
    terminal.write("stdout", text);
  `;
  assertEquals(await piped(body, "12345678ä"), [0, "12345678ä", ""]);
  assertEquals(await piped(body, ""), [0, "", ""]);
  assertEquals(await piped(body, "12345678901"), [
    0,
    "usage: Cannot read standard input: more than 10 bytes",
    "",
  ]);
});

Deno.test("denoTerminal() reads input as it comes", async () => {
  const [, stdout] = await piped(
    `
    const buffer = new Uint8Array(3);
    const counts = [await terminal.read(buffer), await terminal.read(buffer)];
    counts.push(await terminal.read(buffer));
    terminal.write("stdout", JSON.stringify(counts));
  `,
    "12345",
  );
  assertEquals(stdout, "[3,2,null]");
});

Deno.test({
  name: "denoTerminal() hears of signals until it is told not to",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const [exitCode, stdout] = await piped(`
      const { promise, resolve } = Promise.withResolvers();
      const stop = terminal.onSignal("SIGTERM", resolve);
      Deno.kill(Deno.pid, "SIGTERM");
      await promise;
      terminal.write("stdout", "heard");
      stop();
      Deno.kill(Deno.pid, "SIGTERM");
      setTimeout(() => {}, 60_000);
    `);
    assertEquals([exitCode, stdout], [143, "heard"]);
  },
});

Deno.test({
  name: "denoTerminal() has a size and a raw mode on a terminal",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(
      `${folder}/script.js`,
      code(`
        terminal.setRaw(true);
        terminal.write("stdout", "ready");
        const buffer = new Uint8Array(1);
        await terminal.read(buffer);
        terminal.setRaw(false);
        const size = [terminal.columns(), terminal.rows()];
        terminal.write("stdout", JSON.stringify([buffer[0], terminal.isTerminal("stdin"), size]));
      `),
    );
    const run = `stty cols 91 rows 17; '${Deno.execPath()}' run -A --no-config script.js`;
    const child = new Deno.Command("script", {
      args: ["-qec", run, "/dev/null"],
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
      signal: AbortSignal.timeout(60_000),
    }).spawn();
    const writer = child.stdin.getWriter();
    let shown = "";
    let typed = false;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      shown += text;
      // Ctrl-C is only a byte in raw mode.
      if (typed || !shown.includes("ready")) continue;
      typed = true;
      await writer.write(new Uint8Array([3]));
    }
    await child.status;
    await writer.close().catch(() => {});
    await Deno.remove(folder, { recursive: true });
    assertStringIncludes(shown, "[3,true,[91,17]]");
  },
});
