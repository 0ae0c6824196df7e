import { assertEquals } from "@std/assert";
import { memoryIo } from "../lib/memory_io.ts";
import { expandPath, shortPath } from "../lib/short_path.ts";

const unix = memoryIo({ env: { HOME: "/home/me/", PWD: "/work" } });
const windows = memoryIo({ platform: "windows", env: { USERPROFILE: "C:\\Users\\me" } });

Deno.test("shortPath() shortens only what is below the home folder", () => {
  for (const path of ["/home/me", "/home/melanie/x", "/etc/x"]) {
    assertEquals(shortPath(unix, path), path);
  }
  assertEquals(shortPath(unix, "/home/me/x"), "~/x");
  assertEquals(shortPath(memoryIo(), "/x"), "/x");
  assertEquals(shortPath(windows, "C:\\Users\\me\\x"), "C:\\Users\\me\\x");
});

Deno.test("expandPath() knows ~ and the current folder", () => {
  assertEquals(expandPath(unix, "/etc/x"), "/etc/x");
  assertEquals(expandPath(unix, "x"), "/work/x");
  assertEquals(expandPath(unix, "~/x"), "/home/me/x");
  assertEquals(expandPath(windows, "~\\x"), "C:\\Users\\me\\x");
  assertEquals(expandPath(windows, "C:/x"), "C:/x");
  assertEquals(expandPath(memoryIo(), "x"), "x");
});
