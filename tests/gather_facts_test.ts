import { assertEquals } from "@std/assert";
import type { Facts } from "../lib/facts.ts";
import { gatherFacts } from "../lib/gather_facts.ts";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";

async function gather(options: MemoryIoOptions): Promise<Facts> {
  const env = { HOME: "/home/me", PATH: "/usr/bin", ...options.env };
  const io = memoryIo({ ...options, env });
  return await gatherFacts({ io }, { variables: ["A", "B", "C"], programs: ["aws", "gh"] });
}

async function withRemotes(text: string, code = 0): Promise<Facts> {
  return await gather({ programs: { "/usr/bin/git": () => ({ stdout: text, code }) } });
}

Deno.test("gatherFacts() knows nothing of an empty machine", async () => {
  assertEquals(await gather({}), {
    env: {},
    programs: new Set<string>(),
    gitHosts: [],
    awsProfiles: [],
    saved: [],
  });
});

Deno.test("gatherFacts() takes variables that are set and not empty", async () => {
  assertEquals((await gather({ env: { A: "1", B: "", D: "4" } })).env, { A: "1" });
});

Deno.test("gatherFacts() looks for programs on the PATH", async () => {
  const { programs } = await gather({ programs: { "/usr/bin/gh": () => ({}) } });
  assertEquals([...programs], ["gh"]);
});

const REMOTES: readonly [url: string, host: string | undefined, path?: string][] = [
  ["https://github.com/Acme/App.git", "github.com", "acme/app"],
  ["https://user:pass@github.com/acme/app", "github.com", "acme/app"],
  ["git@github.com:acme/app.git", "github.com", "acme/app"],
  ["ssh://git@gitlab.example:2222/group/sub/app.git", "gitlab.example", "group/sub/app"],
  ["host.example:acme/app", "host.example", "acme/app"],
  ["/srv/git/app.git", undefined],
  ["../app", undefined],
  ["file:///srv/app.git", undefined],
];

for (const [url, host, path] of REMOTES) {
  Deno.test(`gatherFacts() reads the git remote ${url}`, async () => {
    const facts = await withRemotes(`origin\t${url} (fetch)\norigin\t${url} (push)\n`);
    assertEquals(facts.gitHosts, host === undefined ? [] : [{ host, remote: "origin" }]);
    assertEquals(facts.gitRepository, path);
  });
}

Deno.test("gatherFacts() puts origin first, then upstream", async () => {
  const facts = await withRemotes(
    ["fork", "upstream", "origin"].map((name) => `${name}\thttps://${name}.example/a/b (fetch)`)
      .join("\n"),
  );
  assertEquals(facts.gitHosts.map(({ remote }) => remote), ["origin", "upstream", "fork"]);
});

Deno.test("gatherFacts() goes on where git fails", async () => {
  assertEquals((await withRemotes("fatal", 128)).gitHosts, []);
  const facts = await gather({ programs: { "/usr/bin/git": () => Promise.reject(new Error()) } });
  assertEquals(facts.gitHosts, []);
});

Deno.test("gatherFacts() reads the profiles of both AWS files", async () => {
  const { awsProfiles } = await gather({
    files: {
      "/home/me/.aws/config":
        "[default]\nregion = eu-west-1\n[profile prod]\nsso_session = s\n[sso-session s]\nregion = x\n",
      "/home/me/.aws/credentials": "[default]\naws_access_key_id = AK\n[old]\n",
    },
  });
  assertEquals(awsProfiles, [
    { name: "default", region: "eu-west-1" },
    { name: "prod" },
    { name: "old" },
  ]);
});

Deno.test("gatherFacts() lists saved credentials, with readable places", async () => {
  const { saved } = await gather({
    files: {
      "/home/me/.docker/config.json": JSON.stringify({
        auths: {
          "ghcr.io": { auth: btoa("octocat:x") },
          "https://index.docker.io/v1/": { auth: btoa("jane:x") },
          "broken.example": { auth: "!" },
        },
      }),
    },
  });
  assertEquals(saved, [
    { host: "ghcr.io", username: "octocat", where: "~/.docker/config.json" },
    { host: "index.docker.io", username: "jane", where: "~/.docker/config.json" },
  ]);
});

const SYSTEMS: readonly [env: Record<string, string>, ci: Facts["ci"]][] = [
  [{ GITHUB_ACTIONS: "true", CI: "true" }, "github"],
  [{ GITLAB_CI: "true", CI: "true" }, "gitlab"],
  [{ CI: "1" }, "other"],
  [{ CI: "false" }, undefined],
  [{ CI: "0" }, undefined],
];

for (const [env, ci] of SYSTEMS) {
  Deno.test(`gatherFacts() sees ${ci} in ${JSON.stringify(env)}`, async () => {
    assertEquals((await gather({ env })).ci, ci);
  });
}
