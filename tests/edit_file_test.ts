import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { editFile } from "../lib/edit_file.ts";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";

Deno.test("editFile() writes what the edit says, and only if it says something else", async () => {
  const io = memoryIo({ files: { "/a": "1" } });
  assertEquals(await editFile(io, "/a", (text) => `${text}2`), true);
  assertEquals(await editFile(io, "/a", (text) => text ?? ""), false);
  assertEquals([io.files.get("/a")?.text, io.writes], ["12", ["/a"]]);
});

Deno.test("editFile() makes a missing file, unless it would be empty", async () => {
  const io = memoryIo();
  const seen: (string | undefined)[] = [];
  const edit = (text: string | undefined): string => {
    seen.push(text);
    return "";
  };
  assertEquals(await editFile(io, "/a", edit), false);
  assertStrictEquals(seen[0], undefined);
  assertEquals(await editFile(io, "/a", () => "new"), true);
  assertEquals([...io.files.keys()], ["/a"]);
});

Deno.test("editFile() does not lose an edit among many", async () => {
  const io = memoryIo({ files: { "/a": "" } });
  const names = Array.from({ length: 50 }, (_, index) => `${index};`);
  await Promise.all(names.map((name) => editFile(io, "/a", (text) => text + name)));
  assertEquals(io.files.get("/a")?.text.split(";").length, 51);
});

Deno.test("editFile() does not write what another process wrote already", async () => {
  const io = memoryIo({ files: { "/a": "old" } });
  const held = await io.lock("/a");
  const editing = editFile(io, "/a", () => "new");
  await io.writePrivate("/a", "new");
  await held.release();
  assertEquals([await editing, io.writes.length], [false, 1]);
});

Deno.test("editFile() neither writes nor keeps the lock if the edit fails", async () => {
  const io = memoryIo({ files: { "/a": "old" } });
  let calls = 0;
  const edit = (): string => {
    if (++calls === 2) throw new Error("broken meanwhile");
    return "new";
  };
  await assertRejects(() => editFile(io, "/a", edit), Error, "broken meanwhile");
  assertEquals(io.writes, []);
  assertEquals(await editFile(io, "/a", () => "new"), true);
});

Deno.test("editFile() refuses to write over bytes that could not be read", async () => {
  const io = memoryIo({ files: { "/a": "\uFFFD" } });
  const error = await assertRejects(() => editFile(io, "/a", (text) => `${text}x`), RegauthError);
  assertEquals([error.code, io.writes.length], ["config-syntax", 0]);
});
