import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../cli.ts";
import { type MemoryIo, memoryIo } from "../../lib/memory_io.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const DOCKER = "/home/me/.docker/config.json";

function world(): MemoryIo {
  const text = JSON.stringify({
    auths: { "docker.io": { auth: btoa("robot:s3cret") }, "r.example": { auth: "!" } },
  });
  return memoryIo({ env: { HOME: "/home/me" }, files: { [DOCKER]: { text, mode: 0o644 } } });
}

async function doctor(
  io: MemoryIo,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string }> {
  const terminal = scriptedTerminal({ args: ["doctor", ...args], streams: { stdout: false } });
  const code = await run(terminal, io);
  return { code, stdout: terminal.written.stdout };
}

Deno.test("doctor tells what is wrong, with one command each, and ends with 1", async () => {
  const io = world();
  const { code, stdout } = await doctor(io);
  assertEquals([code, io.writes], [1, []]);
  assertStringIncludes(stdout, "broken-entry\n    Cannot use the entry");
  assertStringIncludes(stdout, "    Run: chmod 600 ~/.docker/config.json\n");
  assertEquals(stdout.includes("s3cret"), false);
});

Deno.test("doctor --fix mends what is safe, which regauth undo puts back, and tells what is left", async () => {
  const io = world();
  const before = io.files.get(DOCKER)?.text;
  const { code, stdout } = await doctor(io, "--fix");
  assertEquals(code, 1);
  assertEquals(stdout.match(/Mended\./g)?.length, 2);
  const { text = "", mode } = io.files.get(DOCKER) ?? {};
  assertEquals([mode, Object.keys(JSON.parse(text).auths)], [0o600, [
    "docker.io",
    "r.example",
    "https://index.docker.io/v1/",
  ]]);
  const terminal = scriptedTerminal({ args: ["undo"], streams: { stdin: false } });
  assertEquals(await run(terminal, io), 0);
  assertEquals(io.files.get(DOCKER)?.text, before);
});

Deno.test("doctor --json prints one finding a line", async () => {
  const { stdout } = await doctor(world(), "--json", "--fix");
  const findings = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(findings.map(({ name, fixed }) => [name, fixed]), [
    ["broken-entry", false],
    ["open-file", true],
    ["hub-key", true],
    ["plain-text", false],
  ]);
  assertEquals(Object.keys(findings[0]), [
    "name",
    "severity",
    "subject",
    "message",
    "command",
    "fixed",
  ]);
});

Deno.test("doctor of a machine without faults says so, and notes alone are no failure", async () => {
  const { code, stdout } = await doctor(memoryIo({ env: { HOME: "/home/me" } }));
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Nothing is wrong.");
  const text = `{"auths":{"r.example":{"auth":"${btoa("u:p")}"}}}`;
  const noted = memoryIo({ env: { HOME: "/home/me" }, files: { "/x/config.json": text } });
  const found = await doctor(noted, "--config", "/x");
  assertEquals(found.code, 0);
  assertStringIncludes(found.stdout, "plain-text");
});
