import { assertEquals } from "@std/assert";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { findProgram } from "../lib/program.ts";

const run = (): { stdout: string } => ({ stdout: "" });

const CASES: [name: string, world: MemoryIoOptions, path: string | undefined][] = [
  ["takes the first folder that has it", {
    env: { PATH: "/none:/a/:/b" },
    programs: { "/a/tool": run, "/b/tool": run },
  }, "/a/tool"],
  ["passes over relative and empty folders", {
    env: { PATH: ":.:bin:/b" },
    programs: { "/b/tool": run, "bin/tool": run, "./tool": run, "/tool": run },
  }, "/b/tool"],
  ["passes over files that are not executable, and folders", {
    env: { PATH: "/a:/b:/c" },
    files: { "/a/tool": { text: "", mode: 0o644 }, "/b/tool/x": "" },
    programs: { "/c/tool": run },
  }, "/c/tool"],
  ["finds nothing without a PATH", { programs: { "/a/tool": run } }, undefined],
  ["tries .exe before .com on Windows, and never .cmd", {
    platform: "windows",
    env: { Path: "bin;C:\\scripts;C:\\bin" },
    programs: {
      "C:\\scripts\\tool.cmd": run,
      "C:\\bin\\tool.com": run,
      "C:\\bin\\tool.exe": run,
    },
  }, "C:\\bin\\tool.exe"],
];

for (const [name, world, path] of CASES) {
  Deno.test(`findProgram() ${name}`, async () => {
    assertEquals(await findProgram(memoryIo(world), "tool"), path);
  });
}

Deno.test("findProgram() takes a name with its extension on Windows", async () => {
  const io = memoryIo({
    platform: "windows",
    env: { PATH: "\\\\server\\bin" },
    programs: { "\\\\server\\bin\\tool.exe": run },
  });
  assertEquals(await findProgram(io, "tool.exe"), "\\\\server\\bin\\tool.exe");
});

Deno.test("findProgram() passes over a folder that may not be looked into", async () => {
  const io = memoryIo({ env: { PATH: "/locked:/b" }, programs: { "/b/tool": run } });
  const stat: typeof io.stat = (path) =>
    path.startsWith("/locked") ? Promise.reject(new Error("permission denied")) : io.stat(path);
  assertEquals(await findProgram({ ...io, stat }, "tool"), "/b/tool");
});
