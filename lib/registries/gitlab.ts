/**
 * The container registry of GitLab: registry.gitlab.com, and self-managed ones, whose host is another
 * than GitLab's own.
 *
 * @example The host of GitLab itself, which hands out the tokens
 * ```ts
 * import { gitlab } from "./gitlab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const page = gitlab.ways.find(({ id }) => id === "token")?.page;
 * assertEquals(
 *   page?.({ host: "registry.gitlab.com", access: "pull", texts: {} }).url,
 *   "https://gitlab.com/-/user_settings/personal_access_tokens?name=regauth&scopes=read_registry",
 * );
 * ```
 *
 * @module
 */

import { checkLogin, cleanAnswer } from "../answer_check.ts";
import type { Facts } from "../facts.ts";
import type {
  Access,
  Answers,
  Guide,
  NextStep,
  Question,
  Recipe,
  Suggestion,
  Verdict,
  Way,
} from "../recipe.ts";
import {
  caFileQuestion,
  type CredentialOutcome,
  distinct,
  fromEnvironment,
  fromRemote,
  fromSaved,
  loginOutcome,
  passwordQuestion,
  remoteName,
  repositoryQuestion,
  tokenQuestion,
  tokenServer,
  usernameQuestion,
} from "../recipe_parts.ts";
import {
  GITLAB_REGISTRY,
  GITLAB_WEB,
  gitlabOf,
  isGitlabCom,
  jobVariables,
  registriesOf,
} from "../gitlab_hosts.ts";
import { normalizeHost } from "../reference.ts";
import type { SecretKind } from "../secret_check.ts";

/** Below `https://HOST/` of GitLab itself. */
const PAGES = {
  personalTokens: (web: string, access: Access) =>
    `https://${web}/-/user_settings/personal_access_tokens?name=regauth&scopes=` +
    (access === "push" ? "read_registry,write_registry" : "read_registry"),
  deployTokens: (web: string, project: string) => `https://${web}/${project}/-/settings/repository`,
  projectTokens: (web: string, project: string) =>
    `https://${web}/${project}/-/settings/access_tokens`,
  registry: (web: string, project: string) => `https://${web}/${project}/container_registry`,
  glab: "https://gitlab.com/gitlab-org/cli",
} as const;

const SCOPES: Readonly<Record<Access, string>> = {
  pull: "Scope read_registry",
  push: "Scopes read_registry and write_registry",
};

const NO_ACCESS: Readonly<Partial<Record<SecretKind, string>>> = {
  "gitlab-runner": "Tokens of runners have no access to the registry.",
};

const gitlabHost: Question = {
  id: "gitlab-host",
  message: "Host of GitLab itself",
  help: "Where you open GitLab in the browser; it checks the login of its registry.",
  kind: "text",
  when: ({ host }) => !isGitlabCom(host),
  suggest: (facts, { host }) => {
    const value = gitlabOf(host);
    return fromJob(facts, host, "CI_SERVER_HOST") ??
      (value === undefined ? undefined : { value, from: "from the registry's name" });
  },
  clean: (text) => normalizeHost(cleanAnswer(text)),
  check: checkWebHost,
};

/** What to ask of a self-managed GitLab. */
const place = [gitlabHost, caFileQuestion({ when: ({ host }) => !isGitlabCom(host) })];

const username = usernameQuestion({
  help: "Your user name on GitLab, not your e-mail address.",
  suggest: (facts, { host }) => fromSaved(facts, host),
  check: (text) => checkLogin(text, "user name"),
});

const jobLogin: Way = {
  id: "ci",
  title: "Login of this job",
  meaning: "Nothing to create: GitLab gives every job a login that ends with it.",
  unavailable: ({ ci, env }, { host }) => {
    if (ci !== "gitlab") return "It exists only in jobs of GitLab.";
    return jobVariables(env, host) ? undefined : "This job belongs to another GitLab.";
  },
  questions: [
    ...place,
    usernameQuestion({
      help: "The value of CI_REGISTRY_USER, or gitlab-ci-token.",
      suggest: (facts, { host }) =>
        fromEnvironment(facts, ...jobVariables(facts.env, host)?.username ?? []),
    }),
    tokenQuestion({
      message: "Password of the job",
      help: "The value of CI_REGISTRY_PASSWORD, or of CI_JOB_TOKEN.",
      suggest: (facts, { host }) =>
        fromEnvironment(facts, ...jobVariables(facts.env, host)?.password ?? []),
      expected: { kinds: ["gitlab-job", "jwt"], anyForm: true, not: NO_ACCESS },
    }),
  ],
  page: ({ access }) => ({
    rights: `The job must be allowed to ${access} in the project.`,
    remark: "Every job has the variables; the project's registry must be switched on. " +
      "To use images of another project, that one must let job tokens of this project in.",
  }),
  outcome: webLogin,
  expires: "when the job ends",
};

const deployToken: Way = {
  id: "deploy-token",
  title: "Deploy token",
  meaning: "For servers: it belongs to a project or group and to no person, and need not end.",
  questions: [
    ...place,
    usernameQuestion({
      message: "User name of the deploy token",
      help: "The name that is shown with the token, such as gitlab+deploy-token-1; it must match.",
      suggest: (facts, { host }) =>
        fromJob(facts, host, "CI_DEPLOY_USER") ?? fromSaved(facts, host),
    }),
    tokenQuestion({
      message: "Deploy token",
      help: "Usually it begins with gldt-; it is shown once, after it was created.",
      suggest: (facts, { host }) => fromJob(facts, host, "CI_DEPLOY_PASSWORD"),
      expected: {
        kinds: ["gitlab-deploy"],
        anyForm: true,
        not: { ...NO_ACCESS, "gitlab-token": "This is an access token. Choose that way." },
      },
    }),
  ],
  page: (answers) => ({
    url: PAGES.deployTokens(webHost(answers), projectOf(answers)),
    rights: `${SCOPES[answers.access]}.`,
    remark:
      "Under Deploy tokens, for a Maintainer of the project. Those of a group are in its own " +
      "settings, for an Owner.",
  }),
  outcome: webLogin,
  expires: "on the day that was set when it was created, if any, at 00:00 UTC",
};

const projectToken: Way = {
  id: "project-token",
  title: "Access token of a project or group",
  meaning: "Like a personal token, but of a bot with the role that you choose.",
  questions: [
    ...place,
    usernameQuestion({
      help: "Usually any name does; that of the token's bot is best.",
      suggest: (facts, { host }) => fromSaved(facts, host),
    }),
    accessToken("Access token"),
  ],
  page: (answers) => ({
    url: PAGES.projectTokens(webHost(answers), projectOf(answers)),
    rights: guide.rights[answers.access],
    remark: "Role and scopes are chosen when it is created.",
  }),
  outcome: webLogin,
  expires: "on the day that was set when it was created",
};

const personalToken: Way = {
  id: "token",
  title: "Personal access token",
  meaning: "Works with two-factor login, for all projects that you may use.",
  questions: [...place, username, accessToken("Personal access token")],
  page: (answers) => ({
    url: PAGES.personalTokens(webHost(answers), answers.access),
    rights: guide.rights[answers.access],
  }),
  outcome: webLogin,
  expires: "on the day that you set when you created it",
};

const glab: Way = {
  id: "glab",
  title: "The credential helper of glab",
  meaning: "Nothing is saved here: docker asks glab, which is logged in to GitLab.",
  unavailable: ({ programs }) => {
    if (programs.has("docker-credential-glab")) return undefined;
    return programs.has("glab")
      ? "Its helper is not installed; run: glab auth configure-docker."
      : `glab is not installed; see ${PAGES.glab}.`;
  },
  questions: [],
  page: (answers) => ({
    rights: guide.rights[answers.access],
    remark: `No token is needed, but a login: glab auth login --hostname ${webHost(answers)}.`,
  }),
  outcome: ({ host }) => ({ kind: "helper", helper: "glab", hosts: [host] }),
};

const password: Way = {
  id: "password",
  title: "Password of the account",
  meaning: "Only without two-factor login; it gives away the whole account.",
  questions: [
    ...place,
    username,
    passwordQuestion({ help: "The password of your GitLab account." }),
  ],
  page: (answers) => ({
    rights: "A password has all the rights of the account.",
    remark: "A token is safer: " +
      `${PAGES.personalTokens(webHost(answers), answers.access)}.`,
  }),
  outcome: webLogin,
};

const guide: Guide = {
  about: "Every project of GitLab can have a registry. A self-managed one is usually at " +
    "registry.HOST or at port 5050 of GitLab's own host, which is asked for as well, because it " +
    "checks the login.",
  rights: {
    pull: `${SCOPES.pull}, and usually the role Reporter in a private project.`,
    push: `${SCOPES.push}, and usually the role Developer.`,
  },
  repositories:
    "The project must exist and its registry be switched on; a push creates the rest. " +
    "Who sees the project sees its images.",
  names: "Images are named REGISTRY/GROUP/PROJECT, with up to two more parts, in lower case.",
  pitfalls: [
    "A deploy token works only with the user name that was shown with it.",
    "The dependency proxy is another registry, at GitLab's own host, and needs a login of its own.",
    "CI_DEPENDENCY_PROXY_SERVER holds a port: to docker that is another host than the one without.",
    "Wrong passwords in a row get your address banned for a while.",
    "OAuth tokens, deploy keys and tokens of runners have no access to the registry.",
  ],
  troubles: [
    {
      message: "denied: access forbidden",
      cause: "The token is wrong or lacks a scope, or a proxy before GitLab drops the login.",
      fix: "Create a token with the scopes; if that fails too, ask who runs GitLab.",
    },
    {
      message: "HTTP Basic: Access denied",
      cause: "A password was given with two-factor login, or a deploy token with another name.",
      fix: "Use a token, and the name that belongs to it.",
    },
    {
      message: "unauthorized: authentication required, in the middle of a push",
      cause: "The push took longer than the registry's own token lives.",
      fix: "Push smaller layers, or ask who runs GitLab for a longer time.",
    },
    {
      message: "404, or a web page instead of the registry",
      cause: "The host is that of GitLab, not that of its registry.",
      fix: "Use registry.HOST or HOST:5050; CI_REGISTRY tells it in a job.",
    },
    {
      message: "denied, for an image of another project in a job",
      cause: "The other project does not let job tokens of this one in.",
      fix: "Add this project to the other one's list, or use a deploy token.",
    },
    {
      message: "invalid reference format",
      cause: "A group, project or branch begins with an underscore or ends with a hyphen.",
      fix: "Rename it, or choose another name for the image.",
    },
  ],
};

/** The set-up of GitLab. */
export const gitlab: Recipe = {
  id: "gitlab",
  title: "GitLab Container Registry",
  variables: [
    "CI_DEPENDENCY_PROXY_PASSWORD",
    "CI_DEPENDENCY_PROXY_SERVER",
    "CI_DEPENDENCY_PROXY_USER",
    "CI_DEPLOY_PASSWORD",
    "CI_DEPLOY_USER",
    "CI_JOB_TOKEN",
    "CI_REGISTRY",
    "CI_REGISTRY_IMAGE",
    "CI_REGISTRY_PASSWORD",
    "CI_REGISTRY_USER",
    "CI_SERVER_HOST",
  ],
  programs: ["docker-credential-glab", "glab"],
  owns: isGitlabCom,
  recognises: (challenges) => {
    const server = tokenServer(challenges);
    return server?.path === "/jwt/auth" && server.service === "container_registry";
  },
  checkHost: (host) =>
    host === GITLAB_WEB
      ? { warning: `This is the dependency proxy. Images of projects are at ${GITLAB_REGISTRY}.` }
      : {},
  hosts: suggestHosts,
  ways: [jobLogin, deployToken, projectToken, personalToken, glab, password],
  repository: repositoryQuestion({
    help: "GROUP/PROJECT, or GROUP/PROJECT/IMAGE.",
    suggest: suggestRepository,
    check: (text) =>
      text.includes("/") ? {} : { error: "The project is missing: write it as GROUP/PROJECT." },
  }),
  guide,
  next,
};

function next(answers: Answers): readonly NextStep[] {
  const { host, access, repository = "GROUP/PROJECT" } = answers;
  const image = `${host}/${repository}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  return [
    { text: "Push an image. The project must exist already.", command: `docker push ${image}` },
    { text: `It shows up at ${PAGES.registry(webHost(answers), projectOf(answers))}.` },
  ];
}

/** The login, and the trust in GitLab's own host, which hands out the tokens. */
function webLogin(answers: Answers): CredentialOutcome {
  const login = loginOutcome(answers);
  const realm = answers.texts["gitlab-host"];
  return realm ? { ...login, connection: { ...login.connection, realm } } : login;
}

function accessToken(message: string): Question {
  return tokenQuestion({
    message,
    help: "Usually it begins with glpat-; it is shown once, after you created it.",
    expected: {
      kinds: ["gitlab-token"],
      anyForm: true,
      not: { ...NO_ACCESS, "gitlab-deploy": "This is a deploy token. Choose that way." },
    },
  });
}

/** A variable of the job, if the registry is one of its own GitLab. */
function fromJob(facts: Facts, host: string, name: string): Suggestion | undefined {
  return jobVariables(facts.env, host) && fromEnvironment(facts, name);
}

/** GitLab's own host, as far as it can be told or was named. */
function webHost({ host, texts }: Answers): string {
  return texts["gitlab-host"] || (gitlabOf(host) ?? "GITLAB");
}

function projectOf({ repository }: Answers): string {
  return repository?.split("/").length === 2 ? repository : "GROUP/PROJECT";
}

function suggestHosts(facts: Facts): readonly Suggestion[] {
  const job = fromEnvironment(facts, "CI_REGISTRY");
  const remotes = facts.gitHosts
    .filter(({ host }) => /(?:^|\.)gitlab\./.test(host))
    .flatMap(({ host, remote }) =>
      registriesOf(host).map((value) => ({ value, from: remoteName(remote) }))
    );
  return distinct([...job ? [job] : [], ...remotes, {
    value: GITLAB_REGISTRY,
    from: "the default",
  }]);
}

function suggestRepository(facts: Facts, answers: Answers): Suggestion | undefined {
  const { CI_REGISTRY_IMAGE: image = "" } = facts.env;
  return image.startsWith(`${answers.host}/`)
    ? { value: image.slice(answers.host.length + 1), from: "from CI_REGISTRY_IMAGE" }
    : fromRemote(facts, webHost(answers));
}

function checkWebHost(text: string): Verdict {
  if (URL.parse(`https://${text}`)?.host === text) return {};
  return { error: "This is not a host. Write it as gitlab.example.com, without a path." };
}
