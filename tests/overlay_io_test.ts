import { assertEquals } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { helperErase, helperGet, helperStore } from "../lib/helper.ts";
import { type MemoryIo, memoryIo } from "../lib/memory_io.ts";
import { overlayIo } from "../lib/overlay_io.ts";

const STORED = '{"Username":"old","Secret":"OLD"}';

/** A helper that knows one server, and dislikes to be changed. */
function world(): MemoryIo {
  return memoryIo({
    env: { PATH: "/usr/bin" },
    files: { "/a": "1" },
    programs: {
      "/usr/bin/docker-credential-x": ([action], { stdin }) =>
        action === "get" && stdin === "known.example"
          ? { stdout: STORED }
          : { code: 1, stdout: "credentials not found in native keychain" },
      "/usr/bin/other": () => ({ stdout: "ran" }),
    },
  });
}

Deno.test("overlayIo() keeps what is written and removed for itself", async () => {
  const io = world();
  const overlay = overlayIo(io);
  await overlay.writePrivate("/b", "two");
  await overlay.remove("/a");
  await (await overlay.lock("/a")).release();
  assertEquals(await overlay.readText("/b"), "two");
  assertEquals((await overlay.stat("/b"))?.size, 3);
  assertEquals([await overlay.readText("/a"), await overlay.stat("/a")], [undefined, undefined]);
  assertEquals([...io.files.keys()], ["/a"]);
  assertEquals(io.writes, []);
});

Deno.test("overlayIo() answers for helpers that were told to store and erase", async () => {
  const io = world();
  const overlay = overlayIo(io);
  const credential = { username: "new", password: new Secret("NEW") };
  await helperStore(overlay, "x", "fresh.example", credential);
  await helperStore(overlay, "x", "known.example", credential);
  assertEquals((await helperGet(overlay, "x", "fresh.example"))?.username, "new");
  assertEquals(await helperErase(overlay, "x", "known.example"), true);
  assertEquals(await helperGet(overlay, "x", "known.example"), undefined);
  assertEquals(await helperErase(overlay, "x", "unknown.example"), false);
  assertEquals(
    overlay.helpers.map(({ server, before, after }) => [server, before?.username, after?.username]),
    [
      ["fresh.example", undefined, "new"],
      ["known.example", "old", undefined],
      ["unknown.example", undefined, undefined],
    ],
  );
  assertEquals(io.runs.map(({ args }) => args[0]).filter((action) => action !== "get"), []);
});

Deno.test("overlayIo() runs everything else for real", async () => {
  const overlay = overlayIo(world());
  const limits = { timeout: 1000, maxOutput: 100 };
  assertEquals((await overlay.run("/usr/bin/other", ["store"], limits)).stdout, "ran");
  assertEquals((await helperGet(overlay, "x", "known.example"))?.username, "old");
});
