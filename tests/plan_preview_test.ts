import { assertEquals, assertRejects } from "@std/assert";
import { type Credential, Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { applyPlan, type Change } from "../lib/plan.ts";
import { isUnchanged, previewPlan } from "../lib/plan_preview.ts";

const DOCKER = "/home/me/.docker/config.json";
const OWN = "/home/me/.config/regauth/config.json";
const CREDENTIAL: Credential = { username: "robot", password: new Secret("s3cret") };
const ENTRY: Change = {
  kind: "entry",
  path: DOCKER,
  key: "reg.example",
  credential: CREDENTIAL,
  style: "docker",
};

function world(options: MemoryIoOptions = {}) {
  return memoryIo({ ...options, env: { HOME: "/home/me", PATH: "/usr/bin", ...options.env } });
}

/** A helper with a memory. */
function keeper(stored: Map<string, string>): MemoryIoOptions["programs"] {
  return {
    "/usr/bin/docker-credential-x": ([action], { stdin = "" }) => {
      if (action === "store") {
        stored.set(JSON.parse(stdin).ServerURL, stdin);
        return {};
      }
      const found = stored.get(stdin);
      if (action === "erase") stored.delete(stdin);
      return found === undefined
        ? { code: 1, stdout: "credentials not found in native keychain" }
        : { stdout: action === "get" ? found : "" };
    },
  };
}

async function linesOf(
  files: MemoryIoOptions["files"],
  plan: readonly Change[],
): Promise<string[]> {
  const preview = await previewPlan({ io: world({ ...(files ? { files } : {}) }) }, plan);
  return preview.files.flatMap(({ lines }) => lines.map(({ mark, text }) => mark + text));
}

Deno.test("previewPlan() hides old, new and other secrets", async () => {
  const secret = (text: string) => ({ auth: btoa(`u:${text}`) });
  const before = JSON.stringify({
    HttpHeaders: { Authorization: "Bearer OTHER-SECRET" },
    proxies: "http://me:OTHER-SECRET@proxy",
    auths: { "a.example": secret("OTHER-SECRET"), "reg.example": secret("OLD-SECRET") },
    credsStore: "",
  });
  const lines = await linesOf({ [DOCKER]: before }, [ENTRY]);
  assertEquals(lines, [
    ' "HttpHeaders": { … }',
    ' "proxies": "…"',
    ' "auths": {',
    '   "a.example": { "auth": "u:‹secret›" }',
    '-  "reg.example": { "auth": "u:‹secret›" }',
    '+  "reg.example": { "auth": "robot:‹secret, 6 characters›" }',
    " }",
    ' "credsStore": ""',
  ]);
});

Deno.test("previewPlan() shows the file exactly as applyPlan() makes it", async () => {
  const files = { [DOCKER]: '{"auths": {}, "big": 1e400}\n' };
  const plan: Change[] = [ENTRY, {
    kind: "setting",
    key: ["registries", "reg.example", "keychain"],
    value: "store",
  }];
  const { world: preview } = await previewPlan({ io: world({ files }) }, plan);
  const io = world({ files });
  await applyPlan({ io }, plan);
  for (const path of [DOCKER, OWN]) {
    assertEquals(await preview.readText(path), await io.readText(path));
  }
  assertEquals(io.writes, [DOCKER, OWN]);
});

Deno.test("previewPlan() finds nothing to do where all is there", async () => {
  const io = world();
  const plan = [ENTRY];
  assertEquals(isUnchanged(await previewPlan({ io }, plan)), false);
  await applyPlan({ io }, plan);
  assertEquals(isUnchanged(await previewPlan({ io }, plan)), true);
});

Deno.test("previewPlan() tells what helpers are told, without doing it", async () => {
  const stored = new Map<string, string>();
  const io = world({ programs: keeper(stored) ?? {} });
  const change: Change = {
    kind: "secret",
    helper: "x",
    server: "reg.example",
    credential: CREDENTIAL,
  };
  const { helpers } = await previewPlan({ io }, [change]);
  assertEquals(helpers, [{
    program: "docker-credential-x",
    server: "reg.example",
    action: "add",
    username: "robot",
    length: 6,
  }]);
  assertEquals(stored.size, 0);
  await applyPlan({ io }, [change]);
  assertEquals(isUnchanged(await previewPlan({ io }, [change])), true);
  const other = { ...change, credential: { ...CREDENTIAL, password: new Secret("other") } };
  assertEquals((await previewPlan({ io }, [other])).helpers[0]?.action, "replace");
  const forget: Change = { kind: "forget", helper: "x", server: "reg.example" };
  assertEquals((await previewPlan({ io }, [forget])).helpers[0]?.action, "remove");
});

Deno.test("applyPlan() removes what it is told to remove", async () => {
  const stored = new Map([["b.example", "x"]]);
  const auth = btoa("u:p");
  const io = world({
    programs: keeper(stored) ?? {},
    files: {
      [DOCKER]: JSON.stringify({ auths: { "a.example": { auth }, "c.example": { auth } } }),
      [OWN]: '{"registries":{"d.example":{"keychain":"store"}}}',
      "/home/me/.config/regauth/regauth-credentials.json": '{"auths":{"d.example":{}}}',
    },
  });
  await applyPlan({ io }, [
    { kind: "logout", host: "a.example" },
    { kind: "forget", helper: "x", server: "b.example" },
    { kind: "erase", path: DOCKER, keys: ["c.example"] },
    { kind: "unstore", store: "file", server: "d.example" },
    { kind: "unset", key: ["registries", "d.example", "keychain"] },
  ]);
  assertEquals(stored.size, 0);
  assertEquals(await io.readText(DOCKER), '{"auths":{}}');
  assertEquals(await io.readText(OWN), '{"registries":{"d.example":{}}}');
});

Deno.test("13: previewPlan() refuses a broken file, with the place of the fault", async () => {
  const io = world({ files: { [DOCKER]: '{\n  "auths": {,}\n}' } });
  const error = await assertRejects(() => previewPlan({ io }, [ENTRY]), RegauthError);
  assertEquals([error.code, /line 2, column/.test(error.message)], ["config-syntax", true]);
  assertEquals(io.writes, []);
});
