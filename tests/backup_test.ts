import { assertEquals, assertRejects } from "@std/assert";
import { readJournal, recordChanges } from "../lib/backup.ts";
import { Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import { helperStore } from "../lib/helper.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { planUndo, undo } from "../lib/undo.ts";

const FILE = "/home/me/.docker/config.json";
const JOURNAL = "/home/me/.config/regauth/regauth-undo.json";

function world(files: Record<string, string> = {}) {
  return memoryIo({ env: { HOME: "/home/me", PATH: "/usr/bin" }, files });
}

/** Backups of the file, oldest first, and what is in them. */
function backups(io: ReturnType<typeof world>): [time: string, text: string][] {
  return [...io.files].filter(([path]) => path.startsWith(`${FILE}.regauth-`))
    .map(([path, { text }]): [string, string] => [path.slice(FILE.length + 9), text]).sort();
}

Deno.test("39: recordChanges() copies a file once, readable by its owner alone", async () => {
  const io = world({ [FILE]: "old" });
  const recording = recordChanges(io, "setup reg.example");
  await recording.io.writePrivate(FILE, "half");
  await recording.io.writePrivate(FILE, "new");
  assertEquals(backups(io), [["20260101T000000Z", "old"]]);
  assertEquals(io.files.get(`${FILE}.regauth-20260101T000000Z`)?.mode, 0o600);
  const [record, ...others] = await readJournal(io);
  assertEquals([record?.what, record?.at, record?.files.length, others], [
    "setup reg.example",
    "2026-01-01T00:00:00.000Z",
    1,
    [],
  ]);
});

Deno.test("39: recordChanges() keeps the newest three copies, also of one second", async () => {
  const io = world({ [FILE]: "0", [`${FILE}.regauth-notes`]: "mine" });
  for (const text of ["1", "2", "3", "4", "5"]) {
    await recordChanges(io, text).io.writePrivate(FILE, text);
  }
  assertEquals(backups(io), [
    ["20260101T000002Z", "2"],
    ["20260101T000003Z", "3"],
    ["20260101T000004Z", "4"],
    ["notes", "mine"],
  ]);
  assertEquals((await readJournal(io)).map(({ what }) => what), ["3", "4", "5"]);
});

Deno.test("recordChanges() does not stand in the way where no copy can be made", async () => {
  const io = world({ [FILE]: "old" });
  const traces: string[] = [];
  const refusing = {
    ...io,
    writePrivate: (path: string, text: string) =>
      path === FILE ? io.writePrivate(path, text) : Promise.reject(
        new RegauthError("write-io", `Cannot write "${path}"`),
      ),
  };
  const recording = recordChanges(refusing, "login", (message) => void traces.push(message));
  await recording.io.writePrivate(FILE, "new");
  assertEquals(await io.readText(FILE), "new");
  assertEquals(traces.length, 1);
  assertEquals(await planUndo(io), undefined);
});

Deno.test("recordChanges() forgets a file that could not be written", async () => {
  const io = world({ [FILE]: "old" });
  const refusing = {
    ...io,
    writePrivate: (path: string, text: string) =>
      path === FILE
        ? Promise.reject(new RegauthError("write-io", "disk full"))
        : io.writePrivate(path, text),
  };
  await assertRejects(() => recordChanges(refusing, "x").io.writePrivate(FILE, "new"));
  assertEquals(await readJournal(io), []);
});

Deno.test("recordChanges() names helpers that were given a secret, not the secret", async () => {
  const io = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin" },
    programs: { "/usr/bin/docker-credential-x": () => ({}) },
  });
  const credential = { username: "u", password: new Secret("S3CRET") };
  await helperStore(recordChanges(io, "login").io, "x", "reg.example", credential);
  assertEquals((await readJournal(io))[0]?.helpers, [
    { program: "docker-credential-x", server: "reg.example" },
  ]);
  assertEquals((await io.readText(JOURNAL))?.includes("S3CRET"), false);
});

Deno.test("rollBack() puts back all files, and removes new ones", async () => {
  const io = world({ [FILE]: "old" });
  const recording = recordChanges(io, "x");
  await recording.io.writePrivate(FILE, "new");
  await recording.io.writePrivate("/home/me/other", "new");
  await recording.rollBack();
  assertEquals(await io.readText(FILE), "old");
  assertEquals(await io.readText("/home/me/other"), undefined);
  assertEquals(await readJournal(io), []);
});

Deno.test("readJournal() finds nothing in a damaged journal", async () => {
  for (const text of ["", "{", "[]", '{"records":[{"id":1}]}', '{"records":{}}']) {
    assertEquals(await readJournal(world({ [JOURNAL]: text })), []);
  }
  assertEquals(await readJournal(memoryIo()), []);
});

Deno.test("34: undo() goes back step by step, and cleans up", async () => {
  const io = world({ [FILE]: "0" });
  for (const text of ["1", "2"]) {
    await recordChanges(io, `to ${text}`).io.writePrivate(FILE, text);
  }
  for (const text of ["1", "0"]) {
    const plan = await planUndo(io);
    if (plan) await undo(io, plan);
    assertEquals(await io.readText(FILE), text);
  }
  assertEquals(backups(io), []);
  assertEquals(await planUndo(io), undefined);
});

Deno.test("34: undo() removes a file that was new", async () => {
  const io = world();
  await recordChanges(io, "x").io.writePrivate(FILE, "new");
  const plan = await planUndo(io);
  if (plan) await undo(io, plan);
  assertEquals(await io.readText(FILE), undefined);
});

Deno.test("34: undo() leaves everything alone if somebody changed a file since", async () => {
  const io = world({ [FILE]: "old", "/home/me/a": "old" });
  const recording = recordChanges(io, "x");
  await recording.io.writePrivate("/home/me/a", "new");
  await recording.io.writePrivate(FILE, "new");
  await io.writePrivate(FILE, "mine");
  const plan = await planUndo(io);
  assertEquals(plan?.files.map(({ state }) => state), ["changed", "other"]);
  const error = await assertRejects(async () => plan && await undo(io, plan), RegauthError);
  assertEquals([error.code, error.subject], ["write-conflict", FILE]);
  assertEquals([await io.readText(FILE), await io.readText("/home/me/a")], ["mine", "new"]);
});

Deno.test("34: undo() looks again under the lock", async () => {
  const io = world({ [FILE]: "old" });
  await recordChanges(io, "x").io.writePrivate(FILE, "new");
  const plan = await planUndo(io);
  await io.writePrivate(FILE, "mine");
  await assertRejects(async () => plan && await undo(io, plan), RegauthError, "changed since");
  assertEquals(await io.readText(FILE), "mine");
});

Deno.test("34: undo() of a file that is as it was before has nothing to do", async () => {
  const io = world({ [FILE]: "old" });
  await recordChanges(io, "x").io.writePrivate(FILE, "new");
  await io.writePrivate(FILE, "old");
  const plan = await planUndo(io);
  assertEquals(plan?.files[0]?.state, "restored");
  if (plan) await undo(io, plan);
  assertEquals(await readJournal(io), []);
});

Deno.test("34: planUndo() says so if the copy is gone", async () => {
  const io = world({ [FILE]: "old" });
  await recordChanges(io, "x").io.writePrivate(FILE, "new");
  await io.remove(`${FILE}.regauth-20260101T000000Z`);
  await assertRejects(() => planUndo(io), RegauthError, "a copy is gone");
});
