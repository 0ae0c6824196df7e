import { assertEquals, assertRejects } from "@std/assert";
import { loadConfig } from "../lib/config_file.ts";
import { type Credential, Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { credentialStore } from "../lib/store.ts";
import { storeKeychain } from "../lib/store_keychain.ts";

const FILES = { "/regauth/config.json": '{ "store": "file" }' };
const options = { path: "/regauth/config.json" };
const robot = (username: string): Credential => ({ username, password: new Secret("s3cret") });

Deno.test("storeKeychain() finds what the store of the file holds for the host", async () => {
  const io = memoryIo({ files: FILES });
  const config = await loadConfig(io, options);
  await credentialStore("file", config.path).put("reg.example", robot("me"), { io });
  const keychain = storeKeychain(config);
  const target = { registry: "REG.example", repository: "team/app" };
  assertEquals((await keychain.resolve(target, { io }))?.username, "me");
  assertEquals(keychain.name, "store");
});

Deno.test("storeKeychain() finds the credential of Docker Hub under Docker's name for it", async () => {
  const io = memoryIo({ files: FILES });
  const config = await loadConfig(io, options);
  const store = credentialStore("file", config.path);
  await store.put("https://index.docker.io/v1/", robot("me"), { io });
  const target = { registry: "index.docker.io", repository: "library/nginx" };
  assertEquals((await storeKeychain(config).resolve(target, { io }))?.username, "me");
});

Deno.test("storeKeychain() takes the credential of a scope, and no other in its place", async () => {
  const io = memoryIo({ files: FILES });
  const config = await loadConfig(io, options);
  const store = credentialStore("file", config.path);
  await store.put("reg.example", robot("all"), { io });
  await store.put("reg.example/team", robot("team"), { io });
  const target = { registry: "reg.example", repository: "team/app" };
  const userOf = async (scope: string): Promise<unknown> =>
    (await storeKeychain(config, { scope }).resolve(target, { io }))?.username;
  assertEquals([await userOf("team"), await userOf("other")], ["team", undefined]);
});

Deno.test("storeKeychain() says which store has nothing for which server", async () => {
  const io = memoryIo({ files: FILES });
  const traced: string[] = [];
  const keychain = storeKeychain(await loadConfig(io, options), { scope: "team" });
  const trace = (message: string): void => void traced.push(message);
  assertEquals(await keychain.resolve({ registry: "reg.example" }, { io, trace }), undefined);
  assertEquals(traced, ['the store "file" has nothing for "reg.example/team"']);
});

Deno.test("storeKeychain() asks the platform's store if the file names none", async () => {
  const io = memoryIo({
    platform: "darwin",
    env: { PATH: "/bin" },
    programs: {
      "/bin/docker-credential-osxkeychain": () => ({ stdout: '{"Username":"me","Secret":"x"}' }),
    },
  });
  const keychain = storeKeychain(await loadConfig(io));
  assertEquals((await keychain.resolve({ registry: "reg.example" }, { io }))?.username, "me");
  assertEquals(io.runs[0]?.options.stdin, "reg.example");
});

Deno.test("storeKeychain() fails if the store that the file names is not installed", async () => {
  const io = memoryIo({ files: { "/c.json": '{ "store": "pass" }' }, env: { PATH: "/bin" } });
  const keychain = storeKeychain(await loadConfig(io, { path: "/c.json" }));
  const error = await assertRejects(
    () => keychain.resolve({ registry: "reg.example" }, { io }),
    RegauthError,
  );
  assertEquals(error.code, "helper-missing");
});
