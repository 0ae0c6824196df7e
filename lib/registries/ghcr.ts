/**
 * GitHub Container Registry: ghcr.io, its twins for companies with their own domain on ghe.com, and
 * GitHub Enterprise Server.
 *
 * @example Lookalikes are not GitHub's
 * ```ts
 * import { ghcr } from "./ghcr.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ghcr.owns("ghcr.io"), true);
 * assertEquals(ghcr.owns("ghcr.io.evil.example"), false);
 * ```
 *
 * @module
 */

import { checkLogin, cleanAnswer } from "../answer_check.ts";
import type { Facts } from "../facts.ts";
import type { Answers, Guide, NextStep, Recipe, Suggestion, Verdict, Way } from "../recipe.ts";
import {
  distinct,
  fromEnvironment,
  fromRemote,
  fromSaved,
  loginOutcome,
  remoteName,
  repositoryQuestion,
  tokenFromEnvironment,
  tokenQuestion,
  usernameQuestion,
} from "../recipe_parts.ts";
import type { SecretKind } from "../secret_check.ts";

const HOST = "ghcr.io";

/** Pages on the website of {@linkcode webHost}, and the one of its command line. */
const PAGES = {
  newToken: (web: string, scope: string) =>
    `https://${web}/settings/tokens/new?scopes=${scope}&description=regauth`,
  ofUser: (web: string, user: string) => `https://${web}/${user}?tab=packages`,
  ofOrganization: (web: string, name: string) => `https://${web}/orgs/${name}/packages`,
  gh: "https://cli.github.com",
} as const;

const NOT_FINE_GRAINED =
  "Fine-grained tokens do not work with GitHub Packages. Make a classic one.";

const username = usernameQuestion({
  help: "Your login on GitHub, not your e-mail address. Case does not matter.",
  suggest: (facts, { host }) =>
    fromEnvironment(facts, "GITHUB_ACTOR") ?? fromSaved(facts, host) ?? ownerOfRemote(facts, host),
  clean: (text) => cleanAnswer(text).toLowerCase(),
  check: checkGithubLogin,
});

const jobToken: Way = {
  id: "actions",
  title: "GITHUB_TOKEN of this job",
  meaning: "Nothing to create: GitHub gives every job of Actions a token that ends with it.",
  unavailable: ({ ci, env }, { host }) => {
    if (ci !== "github") return "It exists only in jobs of GitHub Actions.";
    return jobServer(env) === webHost(host) ? undefined : "This job belongs to another GitHub.";
  },
  questions: [
    username,
    tokenQuestion({
      message: "GITHUB_TOKEN",
      help: "The value of secrets.GITHUB_TOKEN or github.token.",
      suggest: (facts) => fromEnvironment(facts, "GITHUB_TOKEN"),
      expected: {
        kinds: ["github-installation"],
        not: { "github-fine-grained": NOT_FINE_GRAINED },
      },
    }),
  ],
  page: ({ access }) => ({
    rights: `permissions: { contents: read, packages: ${access === "push" ? "write" : "read"} }.`,
    remark: "Put the rights into the workflow file; no page is needed. " +
      "Pass the token as a variable: env: { GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }} }.",
  }),
  outcome: loginOutcome,
  expires: "when the job ends",
};

const classicToken: Way = {
  id: "token",
  title: "Personal access token (classic)",
  meaning: "Works everywhere, for all packages that you may use, until the day that you choose.",
  questions: [
    username,
    tokenQuestion({
      message: "Access token (classic)",
      help: "It begins with ghp_ and is shown once, after you created it.",
      suggest: (facts, { host }) => tokenOf(facts, host, "github-classic"),
      expected: {
        kinds: ["github-classic"],
        not: {
          "github-fine-grained": NOT_FINE_GRAINED,
          "github-installation": "This is the token of a job or an App, which soon stops working.",
        },
      },
    }),
  ],
  page: ({ host, access }) => ({
    url: PAGES.newToken(webHost(host), scopeFor(access)),
    rights: `Scope ${scopeFor(access)}.`,
    remark: "The page may tick the scope repo as well, which is not needed. " +
      "If the organization uses single sign-on, authorize the token for it afterwards.",
  }),
  outcome: loginOutcome,
  expires: "on the day that you chose when you created it",
};

const cliToken: Way = {
  id: "gh",
  title: "Token of the gh command line",
  meaning: "Takes the token that gh already has; logging out of gh may end it.",
  unavailable: ({ programs }) =>
    programs.has("gh") ? undefined : `gh is not installed; see ${PAGES.gh}.`,
  questions: [
    username,
    tokenQuestion({
      message: "Token of gh",
      help: "The output of: gh auth token.",
      suggest: (facts, { host }) => tokenOf(facts, host, "github-oauth"),
      expected: {
        kinds: ["github-oauth", "github-classic"],
        not: { "github-fine-grained": NOT_FINE_GRAINED },
      },
    }),
  ],
  page: ({ host, access }) => ({
    rights: `Scope ${scopeFor(access)}, which gh does not ask for by itself.`,
    remark: `Run: gh auth refresh --hostname ${webHost(host)} --scopes ${scopeFor(access)}; ` +
      `then: gh auth token --hostname ${webHost(host)}.`,
  }),
  outcome: loginOutcome,
};

const guide: Guide = {
  about: "GitHub keeps container images as packages of a user or an organization. " +
    "In GitHub Actions the job's own token is enough; everywhere else only a classic personal " +
    "access token works.",
  rights: {
    pull: "Scope read:packages, and at least the role Read on a private package.",
    push:
      "Scope write:packages, which includes reading, and at least the role Write on the package.",
  },
  repositories: "The first push creates the package, private at first. " +
    "The label org.opencontainers.image.source links it to a repository; its settings make it public.",
  names: "Images are named ghcr.io/OWNER/IMAGE, or with more parts, all in lower case.",
  pitfalls: [
    "Fine-grained tokens do not work with packages, whatever rights they have.",
    "A token that expired or was revoked also blocks public images: log out to pull without one.",
    "Deleting a version needs the scopes delete:packages and read:packages.",
    "On GitHub Enterprise Server the host is usually containers.HOSTNAME; older set-ups have docker.HOSTNAME.",
    "Installation tokens of GitHub Apps are often refused for packages of an organization.",
  ],
  troubles: [
    {
      message: "denied: installation not allowed to Create organization package",
      cause:
        "The job lacks packages: write, or the organization does not let jobs create packages.",
      fix: "Add the permission to the workflow, or make the first push with a personal token.",
    },
    {
      message: "denied: installation not allowed to Write organization package",
      cause: "The package is not linked to this repository, or the job runs for a fork.",
      fix: "Add the repository under Manage Actions access in the settings of the package.",
    },
    {
      message: "denied: permission_denied: write_package",
      cause: "The token lacks write:packages, or your role on the package is below Write.",
      fix: "Create a token with the scope, or ask for the role.",
    },
    {
      message: "denied: invalid token",
      cause: "The token expired, was revoked, or is of a kind that does not work here.",
      fix: "Create a classic token; to pull public images, log out of ghcr.io.",
    },
    {
      message: "unauthorized: authentication required",
      cause: "The package is private, and nobody is logged in.",
      fix: "Log in with a token that has read:packages.",
    },
    {
      message: "denied",
      cause:
        "The token is right, but single sign-on is not authorized, or classic tokens are blocked.",
      fix:
        "Authorize the token for the organization on the page of your tokens, or ask its owners.",
    },
    {
      message: "invalid reference format: repository name must be lowercase",
      cause: "The name of the user or organization was written with capitals.",
      fix: "Write the whole name in lower case.",
    },
  ],
};

/** The set-up of GitHub Container Registry. */
export const ghcr: Recipe = {
  id: "ghcr",
  title: "GitHub Container Registry",
  variables: [
    "CR_PAT",
    "GH_ENTERPRISE_TOKEN",
    "GH_TOKEN",
    "GITHUB_ACTOR",
    "GITHUB_ENTERPRISE_TOKEN",
    "GITHUB_SERVER_URL",
    "GITHUB_TOKEN",
  ],
  programs: ["gh"],
  owns: (host) =>
    host === HOST || host === "docker.pkg.github.com" ||
    /^containers\.[a-z0-9][a-z0-9-]*\.ghe\.com$/.test(host),
  checkHost: (host) =>
    host === "docker.pkg.github.com"
      ? { error: `This registry was replaced by ${HOST}. Use that host.` }
      : {},
  hosts: suggestHosts,
  ways: [jobToken, classicToken, cliToken],
  repository: repositoryQuestion({
    help: "Owner and image, such as octocat/app, in lower case.",
    suggest: (facts, { host }) => fromRemote(facts, webHost(host)),
    check: (text) =>
      text.includes("/") ? {} : { error: "The owner is missing: write it as OWNER/IMAGE." },
  }),
  guide,
  next,
};

function next({ host, access, repository, texts }: Answers): readonly NextStep[] {
  const owner = repository?.split("/")[0] ?? texts.username ?? "OWNER";
  const image = `${host}/${repository ?? `${owner}/IMAGE`}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  const page = owner === texts.username ? PAGES.ofUser : PAGES.ofOrganization;
  return [
    {
      text: "Push an image. The first push creates the package, private at first.",
      command: `docker push ${image}`,
    },
    { text: `It usually shows up at ${page(webHost(host), owner)}.` },
  ];
}

function scopeFor(access: Answers["access"]): string {
  return access === "push" ? "write:packages" : "read:packages";
}

/** Logins are letters, digits and hyphens; managed users have `_`, and Apps `[bot]` at the end. */
function checkGithubLogin(text: string): Verdict {
  const verdict = checkLogin(text, "login");
  return Object.keys(verdict).length > 0 || /^[a-z0-9][a-z0-9_-]*(?:\[bot\])?$/i.test(text)
    ? verdict
    : { warning: "GitHub logins usually hold only letters, digits and hyphens." };
}

/** The website that belongs to a registry. */
function webHost(host: string): string {
  return host === HOST ? "github.com" : host.replace(/^(?:containers|docker)\./, "");
}

function suggestHosts({ env, gitHosts }: Facts): readonly Suggestion[] {
  const server = jobServer(env);
  const remotes = gitHosts
    .filter(({ host }) => host === "github.com" || host.endsWith(".ghe.com"))
    .map(({ host, remote }) => ({ value: registryOf(host), from: remoteName(remote) }));
  return distinct([
    ...server === undefined ? [] : [{ value: registryOf(server), from: "from GITHUB_SERVER_URL" }],
    ...remotes,
    { value: HOST, from: "the default" },
  ]);
}

/** The website to which this job belongs. */
function jobServer(env: Facts["env"]): string | undefined {
  return URL.parse(env.GITHUB_SERVER_URL ?? "")?.hostname;
}

function registryOf(webHost: string): string {
  return webHost === "github.com" ? HOST : `containers.${webHost}`;
}

/** A token of a kind, from the variables of gh: those for github.com count nowhere else. */
function tokenOf(facts: Facts, host: string, kind: SecretKind): Suggestion | undefined {
  const names = ghcr.owns(host)
    ? ["CR_PAT", "GH_TOKEN", "GITHUB_TOKEN"]
    : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
  return tokenFromEnvironment(facts, kind, ...names);
}

function ownerOfRemote(facts: Facts, host: string): Suggestion | undefined {
  const found = fromRemote(facts, webHost(host));
  return found && { ...found, value: found.value.replace(/\/.*$/, "") };
}
