import { assertEquals, assertStringIncludes } from "@std/assert";
import { memoryIo } from "../../lib/memory_io.ts";
import { gitlabKeychain } from "../../lib/registries/gitlab_keychain.ts";

type Env = Readonly<Record<string, string>>;

async function ask(registry: string, env: Env): Promise<{ login: string; said: string }> {
  const said: string[] = [];
  const found = await gitlabKeychain().resolve(
    { registry },
    { io: memoryIo({ env }), trace: (message) => said.push(message) },
  );
  const login = found ? `${found.username}:${found.password?.reveal()}` : "nothing";
  return { login, said: said.join("\n") };
}

const LOGIN = { CI_REGISTRY_USER: "u", CI_REGISTRY_PASSWORD: "p" };
const DEPLOY = { CI_DEPLOY_USER: "deployer", CI_DEPLOY_PASSWORD: "d" };
const COM = { CI_REGISTRY: "registry.gitlab.com" };
const PROXY = {
  CI_DEPENDENCY_PROXY_SERVER: "gitlab.com:443",
  CI_DEPENDENCY_PROXY_USER: "u",
  CI_DEPENDENCY_PROXY_PASSWORD: "p",
};

const CASES: readonly (readonly [what: string, registry: string, env: Env, login: string])[] = [
  ["the login of a job", "registry.gitlab.com", { ...COM, ...LOGIN }, "u:p"],
  ["the login before others", "registry.gitlab.com", { ...COM, ...LOGIN, ...DEPLOY }, "u:p"],
  ["a deploy token", "registry.gitlab.com", { ...COM, ...DEPLOY, CI_JOB_TOKEN: "j" }, "deployer:d"],
  [
    "the token of a job",
    "registry.gitlab.com",
    { ...COM, CI_REGISTRY_USER: "u", CI_JOB_TOKEN: "j" },
    "gitlab-ci-token:j",
  ],
  [
    "a registry on a port",
    "gitlab.corp.example:5050",
    { CI_REGISTRY: "gitlab.corp.example:5050", ...LOGIN },
    "u:p",
  ],
  ["a URL", "reg.corp.example", { CI_REGISTRY: "https://reg.corp.example", ...LOGIN }, "u:p"],
  ["the dependency proxy", "gitlab.com", PROXY, "u:p"],
  ["the dependency proxy with its port", "gitlab.com:443", PROXY, "u:p"],
  ["the registry's login for the dependency proxy", "gitlab.com", { ...COM, ...LOGIN }, "nothing"],
  ["another port", "reg.example:5000", { CI_REGISTRY: "reg.example:5050", ...LOGIN }, "nothing"],
  ["no port", "reg.example", { CI_REGISTRY: "reg.example:5050", ...LOGIN }, "nothing"],
  ["a lookalike", "registry.gitlab.com.evil.example", { ...COM, ...LOGIN }, "nothing"],
  ["no CI_REGISTRY", "registry.gitlab.com", LOGIN, "nothing"],
  ["an empty CI_REGISTRY", "", { CI_REGISTRY: "", ...LOGIN }, "nothing"],
  [
    "an empty password",
    "registry.gitlab.com",
    { ...COM, ...LOGIN, CI_REGISTRY_PASSWORD: "" },
    "nothing",
  ],
];

for (const [what, registry, env, login] of CASES) {
  Deno.test(`gitlab answers ${login} for "${registry}" with ${what}`, async () => {
    assertEquals((await ask(registry, env)).login, login);
  });
}

Deno.test("gitlab says which variable is for whom", async () => {
  assertEquals(
    (await ask("reg.example", { ...COM, ...PROXY })).said,
    "CI_REGISTRY is registry.gitlab.com, not reg.example; " +
      "CI_DEPENDENCY_PROXY_SERVER is gitlab.com:443, not reg.example",
  );
  assertEquals(
    (await ask("reg.example", {})).said,
    "neither CI_REGISTRY nor CI_DEPENDENCY_PROXY_SERVER is set",
  );
  assertStringIncludes(
    (await ask("registry.gitlab.com", { ...COM })).said,
    "CI_REGISTRY_USER or CI_REGISTRY_PASSWORD is not set",
  );
});
