import { assertEquals } from "@std/assert";
import { gitlab } from "../../lib/registries/gitlab.ts";
import {
  answersOf,
  machine,
  nextSteps,
  offered,
  questionOf,
  testHosts,
  testHostSuggestions,
  testOutcomes,
  testPages,
  testSuggestions,
  testVerdicts,
} from "../fakes/recipe.ts";

const ACCESS = `glpat-${"a".repeat(20)}`;
const DEPLOY = `gldt-${"a".repeat(20)}`;
const OF_JOB = `glcbt-${"a".repeat(20)}`;
const HERE = { host: "registry.gitlab.com" } as const;
const OWN = { host: "registry.gitlab.acme.example" } as const;
const JOB = {
  ci: "gitlab",
  env: {
    CI_DEPENDENCY_PROXY_PASSWORD: OF_JOB,
    CI_DEPENDENCY_PROXY_SERVER: "gitlab.acme.example:443",
    CI_DEPENDENCY_PROXY_USER: "gitlab-ci-token",
    CI_DEPLOY_PASSWORD: DEPLOY,
    CI_DEPLOY_USER: "gitlab+deploy-token-1",
    CI_REGISTRY: OWN.host,
    CI_REGISTRY_IMAGE: `${OWN.host}/acme/app`,
    CI_REGISTRY_PASSWORD: OF_JOB,
    CI_REGISTRY_USER: "gitlab-ci-token",
    CI_SERVER_HOST: "gitlab.acme.example",
  },
} as const;
const REMOTE = {
  gitHosts: [{ host: "gitlab.com", remote: "origin" }],
  gitRepository: "acme/app",
} as const;

testHosts(gitlab, ["registry.gitlab.com", "gitlab.com"], [
  "registry.gitlab.com.evil.example",
  "xgitlab.com",
  "evil.gitlab.com",
  "registry.gitlab.com:5050",
  "registry.gitlab.example.com",
  "github.com",
]);

Deno.test("gitlab says that gitlab.com is the dependency proxy", () => {
  assertEquals(gitlab.checkHost?.("registry.gitlab.com"), {});
  assertEquals(gitlab.checkHost?.("gitlab.com"), {
    warning: "This is the dependency proxy. Images of projects are at registry.gitlab.com.",
  });
});

testHostSuggestions(gitlab, [
  ["an empty machine", {}, ["registry.gitlab.com the default"]],
  ["a repository on gitlab.com", REMOTE, ['registry.gitlab.com from git remote "origin"']],
  ["a repository elsewhere", { gitHosts: [{ host: "github.com", remote: "origin" }] }, [
    "registry.gitlab.com the default",
  ]],
  [
    "a repository on a GitLab of one's own",
    { gitHosts: [{ host: "gitlab.acme.example", remote: "origin" }] },
    [
      'registry.gitlab.acme.example from git remote "origin"',
      'gitlab.acme.example:5050 from git remote "origin"',
      'gitlab.acme.example:5005 from git remote "origin"',
      'gitlab.acme.example:4567 from git remote "origin"',
      "registry.gitlab.com the default",
    ],
  ],
  ["a job", JOB, [
    "registry.gitlab.acme.example from CI_REGISTRY",
    "registry.gitlab.com the default",
  ]],
]);

Deno.test("gitlab offers the job's login only for the job's own GitLab", () => {
  const usual = ["deploy-token", "project-token", "token", "password"];
  assertEquals(offered(gitlab, {}, HERE), usual);
  assertEquals(offered(gitlab, JOB, OWN), ["ci", ...usual]);
  assertEquals(offered(gitlab, JOB, HERE), usual);
  assertEquals(offered(gitlab, JOB, { host: "gitlab.acme.example:443" }), ["ci", ...usual]);
  assertEquals(offered(gitlab, { ...JOB, ci: "other" }, OWN), usual);
});

Deno.test("gitlab offers glab's helper where it is installed, else says how to install it", () => {
  const reason = (programs: string[]): string | undefined =>
    gitlab.ways.find(({ id }) => id === "glab")
      ?.unavailable?.(machine({ programs }), answersOf(HERE));
  assertEquals(reason(["docker-credential-glab"]), undefined);
  assertEquals(
    reason(["glab"]),
    "Its helper is not installed; run: glab auth configure-docker.",
  );
  assertEquals(reason([]), "glab is not installed; see https://gitlab.com/gitlab-org/cli.");
});

const LOGIN = { ...HERE, texts: { username: "jane" }, secret: ACCESS };
const BASIC = { kind: "basic", username: "jane", secret: ACCESS };

testOutcomes(gitlab, [
  ["ci", LOGIN, BASIC],
  ["deploy-token", LOGIN, BASIC],
  ["project-token", LOGIN, BASIC],
  ["token", LOGIN, BASIC],
  ["password", LOGIN, BASIC],
  ["glab", OWN, { kind: "helper", helper: "glab", hosts: [OWN.host] }],
  [
    "token",
    { ...OWN, texts: { username: "jane", "gitlab-host": "gitlab.acme.example" }, secret: ACCESS },
    { ...BASIC, connection: { realm: "gitlab.acme.example" } },
  ],
  [
    "deploy-token",
    {
      ...OWN,
      texts: { username: "jane", "gitlab-host": "gitlab.acme.example", "ca-file": "/ca.pem" },
      secret: ACCESS,
    },
    { ...BASIC, connection: { ca: "/ca.pem", realm: "gitlab.acme.example" } },
  ],
]);

Deno.test("gitlab asks for its own host and a CA file only where it is self-managed", () => {
  for (const id of ["gitlab-host", "ca-file"]) {
    const { when } = questionOf(gitlab, "token", id);
    assertEquals(when?.(answersOf(HERE)), false, id);
    assertEquals(when?.(answersOf({ host: "gitlab.com" })), false, id);
    assertEquals(when?.(answersOf(OWN)), true, id);
  }
});

const PULL = "Scope read_registry, and usually the role Reporter in a private project.";
const PUSH = "Scopes read_registry and write_registry, and usually the role Developer.";

testPages(gitlab, [
  [
    "token",
    HERE,
    "https://gitlab.com/-/user_settings/personal_access_tokens?name=regauth&scopes=read_registry",
    PULL,
  ],
  [
    "token",
    { host: "reg.acme.example", access: "push", texts: { "gitlab-host": "git.acme.example" } },
    "https://git.acme.example/-/user_settings/personal_access_tokens" +
    "?name=regauth&scopes=read_registry,write_registry",
    PUSH,
  ],
  [
    "deploy-token",
    HERE,
    "https://gitlab.com/GROUP/PROJECT/-/settings/repository",
    "Scope read_registry.",
  ],
  [
    "deploy-token",
    { ...OWN, access: "push", repository: "acme/app" },
    "https://gitlab.acme.example/acme/app/-/settings/repository",
    "Scopes read_registry and write_registry.",
  ],
  [
    "project-token",
    { host: "reg.acme.example", repository: "acme/app/part" },
    "https://GITLAB/GROUP/PROJECT/-/settings/access_tokens",
    PULL,
  ],
  ["ci", OWN, undefined, "The job must be allowed to pull in the project."],
  ["glab", HERE, undefined, PULL],
  ["password", HERE, undefined, "A password has all the rights of the account."],
]);

testVerdicts("gitlab host", questionOf(gitlab, "token", "gitlab-host"), [
  ["gitlab.acme.example", "fine"],
  ["https://GitLab.acme.example/acme/app", "fine"],
  ["gitlab", "fine"],
  ["gitlab.acme.example:8443", "fine"],
  ["", "error", "not a host"],
  ["git lab", "error", "not a host"],
  ["jane@gitlab.acme.example", "error", "not a host"],
]);

testVerdicts("gitlab user name", questionOf(gitlab, "token", "username"), [
  ["jane", "fine"],
  ["jane@example.com", "warning", "user name is wanted"],
  ["", "error", "needed"],
]);

testVerdicts("gitlab deploy user", questionOf(gitlab, "deploy-token", "username"), [
  ["gitlab+deploy-token-1", "fine"],
  ["our-own-name", "fine"],
  ["", "error", "needed"],
]);

testVerdicts("gitlab access token", questionOf(gitlab, "token", "secret"), [
  [ACCESS, "fine"],
  [`glpat-${"a".repeat(40)}.01.${"b".repeat(9)}`, "fine"],
  ["acme-prefix-hunter2", "fine"],
  [ACCESS.slice(0, -1), "warning", "Was all of it pasted?"],
  [DEPLOY, "warning", "This is a deploy token"],
  [`glrt-${"a".repeat(20)}`, "warning", "have no access"],
  [`ghp_${"a".repeat(36)}`, "warning", "a classic GitHub token"],
  ["glpat-xxxxxxxxxxxx", "error", "placeholder"],
  ["", "error", "empty"],
]);

testVerdicts("gitlab deploy token", questionOf(gitlab, "deploy-token", "secret"), [
  [DEPLOY, "fine"],
  ["a1B2c3D4e5F6g7H8i9J0", "fine"],
  [ACCESS, "warning", "This is an access token"],
]);

testVerdicts("gitlab job password", questionOf(gitlab, "ci", "secret"), [
  [OF_JOB, "fine"],
  ["eyJh.eyJz.c2ln", "fine"],
  [ACCESS, "warning", "a GitLab access token"],
]);

testVerdicts("gitlab repository", gitlab.repository, [
  ["", "fine"],
  ["acme/app", "fine"],
  ["registry.gitlab.com/acme/team/app/part:1.0", "fine"],
  ["app", "error", "GROUP/PROJECT"],
  ["Acme/app", "error", "lower case"],
], answersOf(HERE));

testSuggestions(gitlab, OWN.host, [
  ["no name on an empty machine", "token", "username", {}, undefined],
  [
    "who is logged in",
    "token",
    "username",
    { saved: [{ ...OWN, username: "jane", where: "a file" }] },
    "jane from a file",
  ],
  ["the job's name", "ci", "username", JOB, "gitlab-ci-token from CI_REGISTRY_USER"],
  ["the job's password", "ci", "secret", JOB, `${OF_JOB} from CI_REGISTRY_PASSWORD`],
  [
    "the job's token if there is no password",
    "ci",
    "secret",
    { env: { CI_REGISTRY: OWN.host, CI_JOB_TOKEN: OF_JOB } },
    `${OF_JOB} from CI_JOB_TOKEN`,
  ],
  [
    "the password of the dependency proxy",
    "ci",
    "secret",
    JOB,
    `${OF_JOB} from CI_DEPENDENCY_PROXY_PASSWORD`,
    { host: "gitlab.acme.example:443" },
  ],
  ["no password to another GitLab", "ci", "secret", JOB, undefined, HERE],
  [
    "the job's deploy token",
    "deploy-token",
    "secret",
    JOB,
    `${DEPLOY} from CI_DEPLOY_PASSWORD`,
  ],
  ["no deploy token to another GitLab", "deploy-token", "secret", JOB, undefined, HERE],
  [
    "the name of the job's deploy token",
    "deploy-token",
    "username",
    JOB,
    "gitlab+deploy-token-1 from CI_DEPLOY_USER",
  ],
  [
    "the job's GitLab",
    "token",
    "gitlab-host",
    JOB,
    "gitlab.acme.example from CI_SERVER_HOST",
  ],
  [
    "GitLab's host from that of its registry",
    "token",
    "gitlab-host",
    {},
    "gitlab.acme.example from the registry's name",
  ],
  [
    "no host where the registry's name tells none",
    "token",
    "gitlab-host",
    {},
    undefined,
    { host: "registry.acme.example" },
  ],
]);

Deno.test("gitlab suggests the project of the job, or of the git remote", () => {
  const suggest = (facts: Parameters<typeof machine>[0], host: string): string | undefined => {
    const found = gitlab.repository.suggest?.(machine(facts), answersOf({ host }));
    return found && `${found.value} ${found.from}`;
  };
  assertEquals(suggest(JOB, OWN.host), "acme/app from CI_REGISTRY_IMAGE");
  assertEquals(suggest(JOB, HERE.host), undefined);
  assertEquals(suggest(REMOTE, HERE.host), 'acme/app from git remote "origin"');
  assertEquals(suggest(REMOTE, OWN.host), undefined);
});

Deno.test("gitlab tells what to do next", () => {
  assertEquals(nextSteps(gitlab, HERE), [
    "Pull an image. $ docker pull registry.gitlab.com/GROUP/PROJECT",
  ]);
  assertEquals(nextSteps(gitlab, { ...HERE, access: "push", repository: "acme/app" }), [
    "Push an image. The project must exist already. $ docker push registry.gitlab.com/acme/app",
    "It shows up at https://gitlab.com/acme/app/container_registry.",
  ]);
});
