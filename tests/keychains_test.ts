import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import {
  KEYCHAIN_NAMES,
  type KeychainOptions,
  parseKeychainList,
  selectKeychains,
} from "../lib/keychains.ts";
import { memoryIo } from "../lib/memory_io.ts";

async function asked(options: KeychainOptions, env: Record<string, string> = {}): Promise<string> {
  const selection = await selectKeychains(options, { io: memoryIo({ env }) });
  return selection.asked.map(({ name }) => name).join(" ");
}

Deno.test("selectKeychains() follows imgpkg by default", async () => {
  assertEquals(await asked({}), "env config flags docker");
});

Deno.test("selectKeychains() asks Docker's config alone in the order docker", async () => {
  assertEquals(await asked({ order: "docker", keychains: ["env"] }), "docker");
});

Deno.test("selectKeychains() asks Docker's config first in the order kaniko", async () => {
  assertEquals(await asked({ order: "kaniko", keychains: [] }), "docker");
  const all = await asked({ order: "kaniko" });
  const known = ["docker", "docker-env", "google", "ecr", "acr", "gitlab"]
    .filter((name) => KEYCHAIN_NAMES.includes(name));
  assertEquals(all, known.join(" "));
});

Deno.test("selectKeychains() takes the values of kaniko's --credential-helpers", async () => {
  assertEquals(
    await asked({ order: "kaniko", keychains: ["gitlab", "env"] }),
    "docker gitlab docker-env",
  );
  assertEquals(await asked({ order: "kaniko", keychains: ["docker-env"] }), "docker docker-env");
  assertEquals(await asked({ keychains: ["gitlab", "env"] }), "gitlab env");
});

Deno.test("selectKeychains() asks the keychain that owns the host, as a credential helper", async () => {
  const env = { GITHUB_TOKEN: "t", CI_REGISTRY: "reg.example", CI_JOB_TOKEN: "j" };
  const io = memoryIo({ env: { ...env, REGAUTH_CONFIG: "/c.json" }, files: { "/c.json": "{}" } });
  const answerFor = async (registry: string, options: KeychainOptions): Promise<string> => {
    const { asked } = await selectKeychains(options, { io });
    for (const keychain of asked) {
      const found = await keychain.resolve({ registry }, { io });
      if (found) return `${keychain.name}:${found.password?.reveal()}`;
    }
    return "nothing";
  };
  const asHelper = "regauth";
  assertEquals(await answerFor("ghcr.io", { asHelper }), "github:t");
  assertEquals(await answerFor("reg.example", { asHelper }), "gitlab:j");
  assertEquals(await answerFor("other.example", { asHelper }), "nothing");
  assertEquals(await answerFor("ghcr.io", {}), "nothing");
  assertEquals(await answerFor("ghcr.io", { asHelper, keychains: ["docker"] }), "nothing");
});

Deno.test("selectKeychains() prefers what a tool gave to the helper to keep to the token of GitHub", async () => {
  const files = { "/c.json": '{"store":"file","keychains":["docker-env"]}' };
  const io = memoryIo({ env: { REGAUTH_CONFIG: "/c.json" }, files });
  const { asked } = await selectKeychains({ asHelper: "regauth" }, { io });
  const names = asked.map(({ name }) => name);
  const places = ["docker-env", "gitlab", "flags", "store", "github", "docker"];
  assertEquals(names.filter((name) => places.includes(name)), places);
});

Deno.test("selectKeychains() asks exactly the keychains that are listed", async () => {
  assertEquals(await asked({ keychains: ["docker", "env", "docker"] }), "docker env");
  assertEquals(await asked({ keychains: [] }), "docker");
});

Deno.test("selectKeychains() asks what is active, by variable before regauth's own file", async () => {
  const store = { IMGPKG_ACTIVE_KEYCHAINS: "store,env" };
  assertEquals(await asked({}, store), "env config store flags docker");
  const files = { "/c.json": '{"keychains":["store"]}' };
  const io = memoryIo({ env: { REGAUTH_CONFIG: "/c.json" }, files });
  const selection = await selectKeychains({}, { io });
  assertEquals(selection.asked.map(({ name }) => name).join(" "), "env config store flags docker");
});

Deno.test("selectKeychains() asks the keychain that an entry of regauth's own file names", async () => {
  const text = '{"registries":{"*.reg.example":{"keychain":"env"}}}';
  const env = { REGAUTH_CONFIG: "/c.json", REGAUTH_REGISTRY_HOSTNAME: "eu.reg.example" };
  const io = memoryIo({
    env: { ...env, REGAUTH_REGISTRY_USERNAME: "me" },
    files: { "/c.json": text },
  });
  const { asked } = await selectKeychains({ keychains: ["config"] }, { io });
  const found = await asked[0]?.resolve({ registry: "eu.reg.example" }, { io });
  assertEquals(found?.username, "me");
});

Deno.test("selectKeychains() fails on a broken file of regauth's own, unless somebody hears of it", async () => {
  const io = memoryIo({ env: { REGAUTH_CONFIG: "/c.json" }, files: { "/c.json": "{" } });
  const error = await assertRejects(() => selectKeychains({}, { io }), RegauthError);
  assertEquals(error.code, "config-syntax");
  const heard: string[] = [];
  await selectKeychains({ onBrokenConfig: ({ code }) => heard.push(code) }, { io });
  assertEquals(heard, ["config-syntax"]);
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
