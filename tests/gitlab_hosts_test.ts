import { assertEquals } from "@std/assert";
import { gitlabOf, isGitlabCom, jobVariables, registriesOf } from "../lib/gitlab_hosts.ts";

const OWNERS: readonly (readonly [registry: string, gitlab: string | undefined])[] = [
  ["registry.gitlab.com", "gitlab.com"],
  ["gitlab.com", "gitlab.com"],
  ["registry.gitlab.example.com", "gitlab.example.com"],
  ["registry.git.example.com", "git.example.com"],
  ["gitlab.example.com:5050", "gitlab.example.com"],
  ["registry.example.com", undefined],
  ["registry.example.com:5050", "registry.example.com"],
  ["gitlab.example.com", undefined],
];

for (const [registry, gitlab] of OWNERS) {
  Deno.test(`gitlabOf(${registry}) is ${gitlab}`, () => assertEquals(gitlabOf(registry), gitlab));
}

Deno.test("isGitlabCom() takes no lookalikes", () => {
  const others = ["gitlab.com.evil.example", "registry.gitlab.com:5050", "xgitlab.com", ""];
  assertEquals(others.filter(isGitlabCom), []);
});

Deno.test("registriesOf() begins with the subdomain", () => {
  assertEquals(registriesOf("gitlab.example.com"), [
    "registry.gitlab.example.com",
    "gitlab.example.com:5050",
    "gitlab.example.com:5005",
    "gitlab.example.com:4567",
  ]);
});

Deno.test("jobVariables() knows the job's own registries only", () => {
  const env = {
    CI_REGISTRY: "registry.gitlab.example.com",
    CI_DEPENDENCY_PROXY_SERVER: "gitlab.example.com:443",
  };
  const found = (host: string): readonly string[] => jobVariables(env, host)?.username ?? [];
  assertEquals(found("registry.gitlab.example.com"), ["CI_REGISTRY_USER"]);
  assertEquals(found("gitlab.example.com:443"), ["CI_DEPENDENCY_PROXY_USER"]);
  assertEquals(found("gitlab.example.com"), []);
  assertEquals(found("registry.gitlab.com"), []);
  assertEquals(jobVariables({}, "registry.gitlab.com"), undefined);
});
