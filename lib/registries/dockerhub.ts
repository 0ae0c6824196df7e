/**
 * Docker Hub, under all the names by which it is known.
 *
 * @example One registry, many names
 * ```ts
 * import { dockerhub } from "./dockerhub.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["docker.io", "index.docker.io"].every(dockerhub.owns), true);
 * assertEquals(dockerhub.checkHost?.("hub.docker.com"), {
 *   error: "This is the website of Docker Hub. The registry is docker.io.",
 * });
 * ```
 *
 * @module
 */

import { checkLogin, cleanAnswer } from "../answer_check.ts";
import type { Answers, Guide, NextStep, Recipe, Verdict, Way } from "../recipe.ts";
import {
  fromEnvironment,
  fromSaved,
  loginOutcome,
  passwordQuestion,
  repositoryQuestion,
  tokenFromEnvironment,
  tokenQuestion,
  usernameQuestion,
} from "../recipe_parts.ts";
import { HUB_HOST } from "../reference.ts";
import { checkSecret, type SecretExpectation } from "../secret_check.ts";

const REGISTRY_NAMES: readonly string[] = ["docker.io", HUB_HOST, "registry-1.docker.io"];

/** What people copy out of their browser (docker/hub-feedback#935). */
const WEBSITE_NAMES: readonly string[] = ["hub.docker.com", "registry.hub.docker.com"];

const PAGES = {
  personalTokens: "https://app.docker.com/settings/personal-access-tokens",
  organizations: "https://app.docker.com",
  repositories: "https://hub.docker.com/repositories",
  repository: (name: string) => `https://hub.docker.com/r/${name}`,
} as const;

const PERSONAL: SecretExpectation = {
  kinds: ["docker-personal"],
  not: {
    "docker-organization":
      "This token belongs to an organization, whose name must be the user name. Choose that way.",
  },
};

/** Tokens from the time before they had a prefix. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const username = usernameQuestion({
  message: "Docker ID",
  help: "Your Docker ID, not your e-mail address.",
  suggest: (facts, { host }) =>
    fromEnvironment(facts, "DOCKERHUB_USERNAME", "DOCKER_USERNAME") ?? fromSaved(facts, host),
  clean: (text) => cleanAnswer(text).toLowerCase(),
  check: checkDockerId,
});

const personalToken: Way = {
  id: "token",
  title: "Personal access token",
  meaning: "Works with two-factor login and single sign-on, for all repositories of your account.",
  questions: [
    username,
    tokenQuestion({
      message: "Access token",
      help: "It begins with dckr_pat_ and is shown once, after you created it.",
      suggest: (facts) =>
        tokenFromEnvironment(facts, "docker-personal", "DOCKERHUB_TOKEN", "DOCKER_PASSWORD"),
      check: (text) => UUID.test(text) ? {} : checkSecret(text, PERSONAL),
    }),
  ],
  page: ({ access }) => ({
    url: PAGES.personalTokens,
    rights: access === "push" ? "Repo Read & Write." : "Repo Read-only.",
    remark: "The default, Repo Public Read-only, cannot pull private images. " +
      "The day on which the token ends cannot be changed later.",
  }),
  outcome: loginOutcome,
  expires: "on the day that you chose when you created it, if you chose one",
};

const organizationToken: Way = {
  id: "organization-token",
  title: "Token of an organization",
  meaning: "For machines: it belongs to no person and is limited to repositories that you name.",
  questions: [
    usernameQuestion({
      message: "Organization",
      help: "The name of the organization that the token belongs to, not your own.",
      clean: (text) => cleanAnswer(text).toLowerCase(),
      check: checkDockerId,
    }),
    tokenQuestion({
      message: "Access token of the organization",
      help: "It begins with dckr_oat_ and is shown once, after it was created.",
      suggest: (facts) =>
        tokenFromEnvironment(facts, "docker-organization", "DOCKERHUB_TOKEN", "DOCKER_PASSWORD"),
      expected: {
        kinds: ["docker-organization"],
        not: { "docker-personal": "This is a personal token. Choose that way." },
      },
    }),
  ],
  page: ({ access }) => ({
    url: PAGES.organizations,
    rights: access === "push"
      ? "Scope scope-image-push on the repository, and scope-repository-create if it is new."
      : "Scope scope-image-pull on the repository.",
    remark: "Choose the organization, then Identity & auth, Access tokens. " +
      "It needs a Team or Business plan, and does not work in Docker Desktop.",
  }),
  outcome: loginOutcome,
  expires: "on the day that was chosen when it was created, if one was chosen",
};

const password: Way = {
  id: "password",
  title: "Password of the account",
  meaning: "Only without two-factor login and single sign-on; it gives away the whole account.",
  questions: [username, passwordQuestion({ help: "The password of your Docker account." })],
  page: () => ({
    rights: "A password has all the rights of the account.",
    remark: `A token is safer: ${PAGES.personalTokens}.`,
  }),
  outcome: loginOutcome,
};

const guide: Guide = {
  about: "Docker Hub is where docker looks for every image whose name has no host. " +
    "A login also raises the number of pulls that it allows.",
  rights: {
    pull: "A personal token with Repo Read-only, or scope-image-pull for an organization's token.",
    push:
      "A personal token with Repo Read & Write, or scope-image-push for an organization's token.",
  },
  repositories:
    "The first push creates the repository, which is public unless the account's default " +
    "says private. To begin with a private one, create it on the website first.",
  names:
    "Your own images are named USER/REPO or ORGANIZATION/REPO; ubuntu stands for library/ubuntu.",
  pitfalls: [
    "The user name is the Docker ID; with an organization's token it is the organization.",
    "A personal token cannot be limited to one repository.",
    "docker keeps this login under https://index.docker.io/v1/; docker login takes no host for it.",
    "The web login of docker makes a token by itself, at most five; regauth does not do that.",
    "Without login the number of pulls is limited for the whole address that you share with others.",
  ],
  troubles: [
    {
      message: "unauthorized: incorrect username or password",
      cause:
        "An e-mail address was given, or the token is of another account, deactivated or expired.",
      fix: "Give the Docker ID, and with an organization's token the organization.",
    },
    {
      message: "unauthorized: please use personal access token to login",
      cause: "Two-factor login is on, so the password does not work.",
      fix: "Create a personal access token.",
    },
    {
      message: "denied: requested access to the resource is denied",
      cause:
        "The image name is not below your own name, the token may only read, or nobody is logged in.",
      fix: "Tag the image as USER/REPO, and use a token with Repo Read & Write.",
    },
    {
      message: "insufficient_scope: authorization failed",
      cause: "The token lacks a right, or the image is private.",
      fix: "Create a token with the right; the default cannot pull private images.",
    },
    {
      message: "toomanyrequests: You have reached your pull rate limit",
      cause: "Too many pulls without login, or with a free account.",
      fix: "Log in, wait, or pull through a mirror.",
    },
    {
      message: "token issued from organization access token is not allowed",
      cause: "A tool uses the old web interface of Docker Hub.",
      fix: "Use the token with the registry only.",
    },
    {
      message: "unauthorized, right after an update of docker",
      cause: "The variable DOCKER_AUTH_CONFIG is set and wins over the saved login.",
      fix: "Unset the variable, or put the login into it.",
    },
  ],
};

/** The set-up of Docker Hub. */
export const dockerhub: Recipe = {
  id: "dockerhub",
  title: "Docker Hub",
  variables: ["DOCKERHUB_TOKEN", "DOCKERHUB_USERNAME", "DOCKER_PASSWORD", "DOCKER_USERNAME"],
  programs: [],
  owns: (host) => REGISTRY_NAMES.includes(host) || WEBSITE_NAMES.includes(host),
  checkHost: (host) =>
    WEBSITE_NAMES.includes(host)
      ? { error: "This is the website of Docker Hub. The registry is docker.io." }
      : {},
  hosts: () => [{ value: "docker.io", from: "the default" }],
  ways: [personalToken, organizationToken, password],
  repository: repositoryQuestion({
    help: "USER/REPO, or the name of an official image such as ubuntu.",
    check: checkRepository,
  }),
  guide,
  next,
};

function next({ access, repository, texts }: Answers): readonly NextStep[] {
  const name = repository ?? `${texts.username ?? "USER"}/REPO`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${name}` }];
  return [
    { text: `The first push makes ${name} visible to everybody.` },
    { text: `To keep it private, create it as a private one first: ${PAGES.repositories}.` },
    { text: "Push an image.", command: `docker push ${name}` },
    { text: `It shows up at ${PAGES.repository(name)}.` },
  ];
}

function checkDockerId(text: string): Verdict {
  const verdict = checkLogin(text, "Docker ID");
  return Object.keys(verdict).length > 0 || /^[a-z0-9]{4,30}$/.test(text)
    ? verdict
    : { warning: "These names usually are 4 to 30 lower-case letters and digits." };
}

function checkRepository(text: string, { access }: Answers): Verdict {
  const parts = text.split("/").length;
  if (access === "push" && parts === 1) {
    return { error: "Only official images have no user in front. Write it as USER/REPO." };
  }
  return parts > 2 ? { warning: "Names on Docker Hub usually have two parts: USER/REPO." } : {};
}
