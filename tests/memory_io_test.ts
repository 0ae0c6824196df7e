import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";

Deno.test("memoryIo() finds variables in any case only on Windows", () => {
  const windows = memoryIo({ platform: "windows", env: { UserProfile: "C:\\me" } });
  assertEquals(windows.env("USERPROFILE"), "C:\\me");
  assertEquals(windows.envNames(), ["UserProfile"]);
  assertStrictEquals(memoryIo({ env: { Home: "/me" } }).env("HOME"), undefined);
});

Deno.test("memoryIo() shows folders where files and programs are", async () => {
  const io = memoryIo({
    files: { "/etc/a/one": "1", "/etc/a/sub/two": "22", "/etc/ab": "" },
    programs: { "/etc/a/tool": () => ({}) },
  });
  assertEquals(await io.list("/etc/a"), ["one", "sub", "tool"]);
  assertEquals(await io.list("/etc/a/"), ["one", "sub", "tool"]);
  assertEquals(await io.list("/"), ["etc"]);
  assertEquals(await io.list("/missing"), []);
  assertEquals((await io.stat("/etc/a"))?.isDirectory, true);
  assertEquals((await io.stat("/etc/a/sub/two"))?.size, 2);
  assertEquals((await io.stat("/etc/a/tool"))?.mode, 0o755);
  assertStrictEquals(await io.stat("/et"), undefined);
  await assertRejects(() => io.list("/etc/ab"), RegauthError, "it is not a directory");
});

Deno.test("memoryIo() takes both separators on Windows and gives no modes", async () => {
  const io = memoryIo({ platform: "windows", files: { "C:\\me\\.docker\\config.json": "{}" } });
  assertEquals(await io.list("C:\\me"), [".docker"]);
  assertEquals("mode" in (await io.stat("C:\\me\\.docker\\config.json") ?? {}), false);
});

Deno.test("memoryIo() refuses what the real one refuses", async () => {
  const io = memoryIo({ files: { "/a/b": "x", "/secret": { text: "x", mode: 0o200 } } });
  assertStrictEquals(await io.readText("/missing"), undefined);
  const cases: [string, () => Promise<unknown>][] = [
    ["config-io", () => io.readText("/a")],
    ["config-io", () => io.readText("/secret")],
    ["write-io", () => io.writePrivate("/a", "")],
    ["helper-failed", () => io.run("/missing", [], { timeout: 0, maxOutput: 1 })],
  ];
  for (const [code, call] of cases) {
    assertEquals((await assertRejects(call, RegauthError)).code, code);
  }
  await assertRejects(() => io.fetch("https://registry.example/"), TypeError, "no network");
});

Deno.test("memoryIo() keeps the mode of a file, makes new ones private, and records writes", async () => {
  const io = memoryIo({ files: { "/old": { text: "1", mode: 0o640 } } });
  await io.writePrivate("/old", "2");
  await io.writePrivate("/new", "3");
  assertEquals(await io.readText("/old"), "2");
  assertEquals((await io.stat("/old"))?.mode, 0o640);
  assertEquals((await io.stat("/new"))?.mode, 0o600);
  await io.remove("/old");
  await io.remove("/old");
  assertEquals([...io.files.keys()], ["/new"]);
  assertEquals(io.writes, ["/old", "/new"]);
});

Deno.test("memoryIo() gives a lock to one after the other", async () => {
  const io = memoryIo();
  const order: string[] = [];
  const hold = async (name: string): Promise<void> => {
    const lock = await io.lock("/file");
    order.push(`${name} in`);
    await Promise.resolve();
    order.push(`${name} out`);
    await lock.release();
  };
  await Promise.all([hold("a"), hold("b"), hold("c")]);
  assertEquals(order, ["a in", "a out", "b in", "b out", "c in", "c out"]);
});

Deno.test("memoryIo() runs programs and records how", async () => {
  const io = memoryIo({
    programs: {
      "/bin/fail": (args) => ({ code: 3, stderr: args.join(" ") }),
      "/bin/hang": () => new Promise(() => {}),
    },
  });
  const options = { stdin: "in", timeout: 0, maxOutput: 10 };
  assertEquals(await io.run("/bin/fail", ["a", "b"], options), {
    code: 3,
    stdout: "",
    stderr: "a b",
  });
  const abort = new AbortController();
  const hanging = io.run("/bin/hang", [], { ...options, signal: abort.signal });
  abort.abort(new Error("enough"));
  await assertRejects(() => hanging, Error, "enough");
  assertEquals(io.runs.map(({ program }) => program), ["/bin/fail", "/bin/hang"]);
  assertEquals(io.runs[0]?.options, options);
});

Deno.test("memoryIo() answers requests and records them with unread bodies", async () => {
  const io = memoryIo({ fetch: async (request) => new Response(`got ${await request.text()}`) });
  const response = await io.fetch("https://registry.example/", { method: "POST", body: "ping" });
  assertEquals(await response.text(), "got ping");
  assertEquals(await io.requests[0]?.text(), "ping");
  const signal = AbortSignal.abort(new Error("stop"));
  await assertRejects(() => io.fetch("https://registry.example/", { signal }), Error, "stop");
});

Deno.test("memoryIo() has a clock that only sleeping and setNow() move", async () => {
  const io = memoryIo({ now: new Date("2026-03-01T00:00:00Z") });
  await io.sleep(1500);
  assertEquals(io.now().toISOString(), "2026-03-01T00:00:01.500Z");
  io.setNow(new Date("2030-01-01T00:00:00Z"));
  assertEquals(io.now().getUTCFullYear(), 2030);
  await assertRejects(() => io.sleep(1, AbortSignal.abort(new Error("stop"))), Error, "stop");
  assertEquals(io.sleeps, [1500]);
});
