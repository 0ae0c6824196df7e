import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { type KeychainOptions, parseKeychainList, selectKeychains } from "../lib/keychains.ts";
import { memoryIo } from "../lib/memory_io.ts";

async function asked(options: KeychainOptions, env: Record<string, string> = {}): Promise<string> {
  const selection = await selectKeychains(options, { io: memoryIo({ env }) });
  return selection.asked.map(({ name }) => name).join(" ");
}

Deno.test("selectKeychains() follows imgpkg by default", async () => {
  assertEquals(await asked({}), "env flags docker");
});

Deno.test("selectKeychains() asks Docker's config alone in the order docker", async () => {
  assertEquals(await asked({ order: "docker", keychains: ["env"] }), "docker");
});

Deno.test("selectKeychains() asks Docker's config first in the order kaniko", async () => {
  assertEquals(await asked({ order: "kaniko", keychains: ["env"] }), "docker env");
  assertEquals(await asked({ order: "kaniko", keychains: [] }), "docker");
});

Deno.test("selectKeychains() asks exactly the keychains that are listed", async () => {
  assertEquals(await asked({ keychains: ["docker", "env", "docker"] }), "docker env");
  assertEquals(await asked({ keychains: [] }), "docker");
});

Deno.test("selectKeychains() tells which keychains are not asked, and why", async () => {
  const { skipped } = await selectKeychains({ keychains: ["env"] }, { io: memoryIo() });
  assertEquals(
    skipped.find(({ keychain }) => keychain === "docker")?.reason,
    "not in the list of keychains",
  );
});

Deno.test("selectKeychains() refuses a name that does not exist, and says where it stands", async () => {
  for (const variable of ["REGAUTH_ACTIVE_KEYCHAINS", "IMGPKG_ACTIVE_KEYCHAINS"]) {
    const error = await assertRejects(() => asked({}, { [variable]: "random" }), RegauthError);
    assertEquals([error.code, error.subject], ["unknown-keychain", variable]);
  }
});

Deno.test("parseKeychainList() trims names and refuses an empty one", () => {
  assertEquals(parseKeychainList(" env , docker", "--keychains"), ["env", "docker"]);
  assertEquals(parseKeychainList("", "--keychains"), []);
  assertThrows(() => parseKeychainList("env,", "--keychains"), RegauthError, 'keychain ""');
});
