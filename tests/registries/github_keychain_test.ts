import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { githubKeychain, type GithubOptions } from "../../lib/registries/github_keychain.ts";

async function ask(
  registry: string,
  world: MemoryIoOptions,
  options: GithubOptions = {},
): Promise<{ readonly login: string; readonly detail?: string; readonly said: string }> {
  const said: string[] = [];
  const found = await githubKeychain(options).resolve(
    { registry },
    { io: memoryIo(world), trace: (message) => said.push(message) },
  );
  const login = found ? `${found.username}:${found.password?.reveal()}` : "nothing";
  return { login, said: said.join("\n"), ...(found?.detail ? { detail: found.detail } : {}) };
}

const GHES = { GITHUB_SERVER_URL: "https://github.corp.example" };

const VARIABLES: readonly (readonly [
  what: string,
  registry: string,
  env: Readonly<Record<string, string>>,
  login: string,
])[] = [
  ["the token of a job", "ghcr.io", { GITHUB_TOKEN: "t", GITHUB_ACTOR: "octocat" }, "octocat:t"],
  ["a token without a name", "GHCR.io", { GITHUB_TOKEN: "t" }, "unset:t"],
  ["the token of gh", "ghcr.io", { GH_TOKEN: "t" }, "unset:t"],
  ["GITHUB_TOKEN before GH_TOKEN", "ghcr.io", { GH_TOKEN: "g", GITHUB_TOKEN: "t" }, "unset:t"],
  [
    "the token of a job of GitHub Enterprise Server",
    "containers.github.corp.example",
    { ...GHES, GITHUB_TOKEN: "t" },
    "unset:t",
  ],
  [
    "the old name of its registry",
    "docker.github.corp.example",
    { ...GHES, GITHUB_TOKEN: "t" },
    "unset:t",
  ],
  [
    "the token of a job of a company",
    "containers.octo.ghe.com",
    { GITHUB_SERVER_URL: "https://octo.ghe.com", GITHUB_TOKEN: "t" },
    "unset:t",
  ],
  [
    "the token of gh for GitHub Enterprise Server",
    "containers.github.corp.example",
    { GH_HOST: "github.corp.example", GH_ENTERPRISE_TOKEN: "t" },
    "unset:t",
  ],
  [
    "the token of gh for a company",
    "containers.octo.ghe.com",
    { GH_HOST: "octo.ghe.com", GH_TOKEN: "t" },
    "unset:t",
  ],
  ["a token for nothing at all", "reg.example", { GITHUB_TOKEN: "t" }, "nothing"],
  ["a token for a lookalike", "ghcr.io.evil.example", { GITHUB_TOKEN: "t" }, "nothing"],
  ["a token for another port", "ghcr.io:8443", { GITHUB_TOKEN: "t" }, "nothing"],
  ["the token of another GitHub", "ghcr.io", { ...GHES, GITHUB_TOKEN: "t" }, "nothing"],
  [
    "a token of github.com for a company",
    "containers.octo.ghe.com",
    { GITHUB_TOKEN: "t", GH_TOKEN: "t" },
    "nothing",
  ],
  [
    "a token of github.com for GitHub Enterprise Server",
    "containers.github.corp.example",
    { GH_HOST: "github.corp.example", GITHUB_TOKEN: "t", GH_TOKEN: "t" },
    "nothing",
  ],
  ["an empty token", "ghcr.io", { GITHUB_TOKEN: "" }, "nothing"],
];

for (const [what, registry, env, login] of VARIABLES) {
  Deno.test(`github answers ${login} for ${registry} with ${what}`, async () => {
    assertEquals((await ask(registry, { env })).login, login);
  });
}

Deno.test("github takes website and name from its options", async () => {
  const env = { ...GHES, GITHUB_TOKEN: "t" };
  const options = { server: "github.corp.example", username: "robot" };
  assertEquals((await ask("registry.corp.example", { env }, options)).login, "robot:t");
});

Deno.test("github asks gh for the token that it keeps, and for no variable", async () => {
  const world: MemoryIoOptions = {
    env: { ...GHES, GITHUB_TOKEN: "other", PATH: "/usr/bin" },
    programs: {
      "/usr/bin/gh": (args, { env }) => ({ stdout: env?.GITHUB_TOKEN || `${args.join(" ")}\n` }),
    },
  };
  const { login, said } = await ask("ghcr.io", world);
  // The fake prints its arguments; a token has no blanks.
  assertEquals(login, "nothing");
  assertStringIncludes(said, "gh auth token --hostname github.com: no token");
  const token = { ...world, programs: { "/usr/bin/gh": () => ({ stdout: "gho_FAKE\n" }) } };
  const found = await ask("ghcr.io", token);
  assertEquals([found.login, found.detail], [
    "unset:gho_FAKE",
    "gh auth token --hostname github.com",
  ]);
});

Deno.test("github knows nothing where gh is logged out or cannot be run", async () => {
  const env = { PATH: "/usr/bin" };
  const loggedOut = { "/usr/bin/gh": () => ({ code: 1, stderr: "no oauth token" }) };
  const { login, said } = await ask("ghcr.io", { env, programs: loggedOut });
  assertEquals(login, "nothing");
  assertStringIncludes(said, "no token (exit code 1)");
  const broken = { "/usr/bin/gh": () => Promise.reject(new Error("not a program")) };
  assertStringIncludes((await ask("ghcr.io", { env, programs: broken })).said, "not a program");
  assertStringIncludes((await ask("ghcr.io", { env })).said, "gh is not installed");
});

Deno.test("github stops where the caller stops", async () => {
  const ended = new AbortController();
  const io = memoryIo({
    env: { PATH: "/usr/bin" },
    programs: {
      "/usr/bin/gh": () => {
        ended.abort(new Error("stopped"));
        throw new Error("killed");
      },
    },
  });
  const context = { io, signal: ended.signal };
  await assertRejects(
    () => githubKeychain().resolve({ registry: "ghcr.io" }, context),
    Error,
    "stopped",
  );
});

Deno.test("github says that a fine-grained token is of no use", async () => {
  const { said } = await ask("ghcr.io", { env: { GITHUB_TOKEN: "github_pat_FAKE" } });
  assertStringIncludes(said, "fine-grained tokens do not work");
});

Deno.test("github says for whom GITHUB_TOKEN is not", async () => {
  const env = { GITHUB_TOKEN: "t" };
  const { said } = await ask("containers.octo.ghe.com", { env });
  assertStringIncludes(said, "GITHUB_TOKEN is for another");
});
