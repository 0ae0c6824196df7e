import { assertEquals } from "@std/assert";
import { ghcr } from "../../lib/registries/ghcr.ts";
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

const CLASSIC = `ghp_${"a".repeat(36)}`;
const FINE_GRAINED = `github_pat_${"a".repeat(22)}_${"b".repeat(59)}`;
const OF_JOB = `ghs_${"a".repeat(36)}`;
const OF_GH = `gho_${"a".repeat(36)}`;
const HERE = { host: "ghcr.io" } as const;
const REMOTE = {
  gitHosts: [{ host: "github.com", remote: "origin" }],
  gitRepository: "acme/app",
} as const;

testHosts(ghcr, ["ghcr.io", "containers.acme.ghe.com", "docker.pkg.github.com"], [
  "ghcr.io:5000",
  "ghcr.io.evil.example",
  "xghcr.io",
  "evil.ghcr.io",
  "acme.ghe.com",
  "containers.ghe.com",
  "containers.acme.ghe.com.evil.example",
  "containers.acme.evil.ghe.com",
  "github.com",
  "index.docker.io",
  "quay.io",
]);

Deno.test("ghcr refuses the host that was replaced", () => {
  assertEquals(ghcr.checkHost?.("ghcr.io"), {});
  assertEquals(ghcr.checkHost?.("docker.pkg.github.com"), {
    error: "This registry was replaced by ghcr.io. Use that host.",
  });
});

testHostSuggestions(ghcr, [
  ["an empty machine", {}, ["ghcr.io the default"]],
  ["a repository on GitHub", REMOTE, ['ghcr.io from git remote "origin"']],
  ["a repository on a company's domain", { gitHosts: [{ host: "acme.ghe.com", remote: "up" }] }, [
    'containers.acme.ghe.com from git remote "up"',
    "ghcr.io the default",
  ]],
  ["a runner of a company", { env: { GITHUB_SERVER_URL: "https://git.acme.example" } }, [
    "containers.git.acme.example from GITHUB_SERVER_URL",
    "ghcr.io the default",
  ]],
  ["a job with an odd variable", { env: { GITHUB_SERVER_URL: "acme" } }, ["ghcr.io the default"]],
]);

Deno.test("ghcr offers the job's token in jobs, and the token of gh where it is installed", () => {
  const job = { ci: "github", env: { GITHUB_SERVER_URL: "https://github.com" } } as const;
  assertEquals(offered(ghcr, {}, HERE), ["token"]);
  assertEquals(offered(ghcr, { programs: ["gh"] }, HERE), ["token", "gh"]);
  assertEquals(offered(ghcr, job, HERE), ["actions", "token"]);
  assertEquals(offered(ghcr, job, { host: "containers.acme.ghe.com" }), ["token"]);
  assertEquals(offered(ghcr, { ...job, ci: "other" }, HERE), ["token"]);
});

const LOGIN = { ...HERE, texts: { username: "octocat" }, secret: CLASSIC };

testOutcomes(ghcr, [
  ["actions", LOGIN, { kind: "basic", username: "octocat", secret: CLASSIC }],
  ["token", LOGIN, { kind: "basic", username: "octocat", secret: CLASSIC }],
  ["gh", LOGIN, { kind: "basic", username: "octocat", secret: CLASSIC }],
]);

testPages(ghcr, [
  [
    "token",
    HERE,
    "https://github.com/settings/tokens/new?scopes=read:packages&description=regauth",
    "Scope read:packages.",
  ],
  [
    "token",
    { host: "containers.acme.ghe.com", access: "push" },
    "https://acme.ghe.com/settings/tokens/new?scopes=write:packages&description=regauth",
    "Scope write:packages.",
  ],
  [
    "token",
    { host: "docker.git.acme.example" },
    "https://git.acme.example/settings/tokens/new?scopes=read:packages&description=regauth",
    "Scope read:packages.",
  ],
  ["actions", HERE, undefined, "permissions: { contents: read, packages: read }."],
  [
    "actions",
    { ...HERE, access: "push" },
    undefined,
    "permissions: { contents: read, packages: write }.",
  ],
  ["gh", HERE, undefined, "Scope read:packages, which gh does not ask for by itself."],
]);

testVerdicts("ghcr user name", questionOf(ghcr, "token", "username"), [
  ["octocat", "fine"],
  ["OctoCat", "fine"],
  ["octo_acme", "fine"],
  ["github-actions[bot]", "fine"],
  ["export GITHUB_ACTOR=octocat", "fine"],
  ["octo@example.com", "warning", "e-mail"],
  ["octo cat", "warning", "letters, digits and hyphens"],
  ["", "error", "needed"],
  ["octo:cat", "error", "colon"],
]);

Deno.test("ghcr writes the login in lower case", () => {
  assertEquals(questionOf(ghcr, "token", "username").clean?.(" OctoCat "), "octocat");
});

testVerdicts("ghcr token", questionOf(ghcr, "token", "secret"), [
  [CLASSIC, "fine"],
  [` "${CLASSIC}" `, "fine"],
  [`export CR_PAT=${CLASSIC}`, "fine"],
  [FINE_GRAINED, "warning", "do not work with GitHub Packages"],
  [OF_JOB, "warning", "soon stops working"],
  [OF_GH, "warning", "a GitHub OAuth token"],
  [CLASSIC.slice(0, -1), "warning", "Was all of it pasted?"],
  ["hunter2", "warning", "usually begins with ghp_"],
  ["", "error", "empty"],
  ["<token>", "error", "placeholder"],
  [`${CLASSIC}\n${CLASSIC}`, "error", "one line"],
]);

testVerdicts("ghcr token of a job", questionOf(ghcr, "actions", "secret"), [
  [OF_JOB, "fine"],
  [CLASSIC, "warning", "a classic GitHub token"],
]);

testVerdicts("ghcr token of gh", questionOf(ghcr, "gh", "secret"), [
  [OF_GH, "fine"],
  [CLASSIC, "fine"],
  [FINE_GRAINED, "warning", "do not work"],
]);

testVerdicts("ghcr repository", ghcr.repository, [
  ["", "fine"],
  ["octocat/app", "fine"],
  ["ghcr.io/octocat/app/part:1.0", "fine"],
  ["app", "error", "OWNER/IMAGE"],
  ["MyOrg/app", "error", 'did you mean "myorg/app"'],
], answersOf(HERE));

testSuggestions(ghcr, "ghcr.io", [
  ["no name on an empty machine", "token", "username", {}, undefined],
  [
    "the actor before all else",
    "token",
    "username",
    { env: { GITHUB_ACTOR: "octocat" }, ...REMOTE },
    "octocat from GITHUB_ACTOR",
  ],
  [
    "who is logged in",
    "token",
    "username",
    { saved: [{ host: "ghcr.io", username: "jane", where: "a file" }], ...REMOTE },
    "jane from a file",
  ],
  ["the owner of the repository", "token", "username", REMOTE, 'acme from git remote "origin"'],
  [
    "no owner on another host",
    "token",
    "username",
    { ...REMOTE, gitHosts: [{ host: "gitlab.com", remote: "origin" }] },
    undefined,
  ],
  [
    "a classic token from the second variable",
    "token",
    "secret",
    { env: { GH_TOKEN: OF_GH, GITHUB_TOKEN: CLASSIC } },
    `${CLASSIC} from GITHUB_TOKEN`,
  ],
  ["no token of a job", "token", "secret", { env: { GITHUB_TOKEN: OF_JOB } }, undefined],
  [
    "the token of a job in the job",
    "actions",
    "secret",
    { env: { GITHUB_TOKEN: OF_JOB } },
    `${OF_JOB} from GITHUB_TOKEN`,
  ],
  [
    "no token of github.com elsewhere",
    "token",
    "secret",
    { env: { GITHUB_TOKEN: CLASSIC, GH_TOKEN: CLASSIC, CR_PAT: CLASSIC } },
    undefined,
    { host: "containers.git.acme.example" },
  ],
  [
    "the token of a company's own server there",
    "token",
    "secret",
    { env: { GH_ENTERPRISE_TOKEN: CLASSIC } },
    `${CLASSIC} from GH_ENTERPRISE_TOKEN`,
    { host: "containers.git.acme.example" },
  ],
  ["the token of gh", "gh", "secret", { env: { GH_TOKEN: OF_GH } }, `${OF_GH} from GH_TOKEN`],
]);

Deno.test("ghcr suggests the repository of the git remote, on its own host only", () => {
  const suggest = (host: string): string | undefined =>
    ghcr.repository.suggest?.(machine(REMOTE), answersOf({ host }))?.value;
  assertEquals(suggest("ghcr.io"), "acme/app");
  assertEquals(suggest("containers.acme.ghe.com"), undefined);
});

Deno.test("ghcr tells what to do next", () => {
  assertEquals(nextSteps(ghcr, LOGIN), [
    "Pull an image. $ docker pull ghcr.io/octocat/IMAGE",
  ]);
  const push = { ...LOGIN, access: "push" } as const;
  const intro =
    "Push an image. The first push creates the package, private at first. $ docker push";
  assertEquals(nextSteps(ghcr, { ...push, repository: "octocat/app" }), [
    `${intro} ghcr.io/octocat/app`,
    "It usually shows up at https://github.com/octocat?tab=packages.",
  ]);
  assertEquals(nextSteps(ghcr, { ...push, repository: "acme/app" }), [
    `${intro} ghcr.io/acme/app`,
    "It usually shows up at https://github.com/orgs/acme/packages.",
  ]);
});
