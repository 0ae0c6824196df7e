/**
 * JFrog Artifactory, in JFrog's cloud and on hosts of one's own.
 *
 * @example A token tells the user name that it wants
 * ```ts
 * import { artifactory } from "./artifactory.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = artifactory.ways[0]?.questions.find(({ id }) => id === "username");
 * const facts = {
 *   env: {},
 *   programs: new Set<string>(),
 *   gitHosts: [],
 *   awsProfiles: [],
 *   saved: [],
 * };
 * const secret = `e30.${btoa('{"sub":"jfac@1/users/jane"}').replace(/=+$/, "")}.c2ln`;
 * const answers = { host: "acme.jfrog.io", access: "pull", texts: {}, secret } as const;
 * assertEquals(question?.suggest?.(facts, answers), { value: "jane", from: "from the token" });
 * ```
 *
 * @module
 */

import { checkUsername } from "../answer_check.ts";
import type { Challenge } from "../challenge.ts";
import type { Facts } from "../facts.ts";
import { distinct, hostFromEnvironment, savedHosts } from "../host_suggestions.ts";
import type { Answers, Guide, NextStep, Question, Recipe, Suggestion, Way } from "../recipe.ts";
import {
  caFileQuestion,
  fromEnvironment,
  fromSaved,
  loginOutcome,
  passwordQuestion,
  repositoryQuestion,
  tokenQuestion,
  tokenServer,
  usernameQuestion,
} from "../recipe_parts.ts";
import { normalizeHost } from "../reference.ts";
import { readPayload } from "../token_claims.ts";

/** Below `https://HOST/` of the website. */
const PAGES = {
  profile: (web: string) => `https://${web}/ui/user_profile`,
  accessTokens: (web: string) => `https://${web}/ui/admin/configuration/security/access_tokens`,
  newRepository: (web: string) => `https://${web}/ui/admin/repositories/local/new`,
  repositories: (web: string) => `https://${web}/ui/repos/tree/General`,
} as const;

const URL_VARIABLES = ["JF_URL", "JFROG_URL"] as const;
const TOKEN_VARIABLES = ["JF_ACCESS_TOKEN", "JFROG_ACCESS_TOKEN"] as const;

/** How a server tells its repositories apart (JFrog: "Docker repository access methods"). */
const LAYOUTS: readonly Suggestion[] = [
  { value: "path", from: "HOST/REPO/IMAGE" },
  { value: "subdomain", from: "REPO.HOST/IMAGE" },
  { value: "port", from: "HOST:PORT/IMAGE" },
];

const server: Question = {
  id: "server",
  message: "Your server",
  help: "The name before .jfrog.io, or the whole host of a server of your own.",
  kind: "text",
  clean: (text) => normalizeHost(text.trim()),
  check: (text) =>
    /^[a-z0-9-]+(?:[.:][a-z0-9-]+)*$/.test(text)
      ? {}
      : { error: "Write the name before .jfrog.io, or a host such as art.example.com." },
};

const layout: Question = {
  id: "layout",
  message: "How images are named",
  help: "The administrator of the server chose it; the docker commands in its menus show it.",
  kind: "choice",
  choices: () => LAYOUTS,
  suggest: (_, { host }) => host.includes(":") ? LAYOUTS[2] : LAYOUTS[0],
  check: (text) =>
    LAYOUTS.some(({ value }) => value === text)
      ? {}
      : { error: "Choose one of path, subdomain and port." },
  when: ({ host }) => !isCloud(host),
};

const caFile = caFileQuestion({ when: ({ host }) => !isCloud(host) });

const subject = usernameQuestion({
  help: "The user whom the token was made for; any other name is refused.",
  suggest: (facts, answers) => {
    const value = subjectOf(answers.secret);
    return value === undefined ? suggestUser(facts, answers) : { value, from: "from the token" };
  },
  check: (text, { secret }) => {
    const verdict = checkUsername(text);
    const wanted = subjectOf(secret);
    return verdict.error !== undefined || wanted === undefined || wanted === text
      ? verdict
      : { warning: `The token seems to be made for ${wanted}.` };
  },
});

const token = tokenQuestion({
  message: "Token",
  help: "It usually begins with cmVmd or eyJ, and is shown once, after you created it.",
  suggest: (facts, answers) => suggestHere(facts, answers, TOKEN_VARIABLES),
  expected: {
    kinds: ["artifactory-reference", "jwt"],
    not: { "artifactory-api-key": "API keys are being withdrawn. An identity token is safer." },
  },
});

const identityToken: Way = {
  id: "identity-token",
  title: "Identity token",
  meaning: "Stands in for your password, works with single sign-on, and can be revoked alone.",
  questions: [layout, caFile, token, subject],
  page: (answers) => ({
    url: PAGES.profile(webHost(answers)),
    rights: `It has all the rights of your account, which must be able to ${answers.access}.`,
    remark: "Usually Generate an Identity Token. Of the two texts, the reference token is shorter.",
  }),
  outcome: loginOutcome,
  expires: "on the day that you or the administrator set, if one was",
};

const accessToken: Way = {
  id: "access-token",
  title: "Access token with limited rights",
  meaning: "For machines: an administrator makes it for a user or a group, with its own rights.",
  questions: [layout, caFile, token, subject],
  page: (answers) => ({
    url: PAGES.accessTokens(webHost(answers)),
    rights: guide.rights[answers.access],
    remark: "Usually Administration, User Management, Access Tokens, Generate Token. " +
      "The user name is the one that is given there.",
  }),
  outcome: loginOutcome,
  expires: "on the day that was set when it was made",
};

const password: Way = {
  id: "password",
  title: "Password of the account",
  meaning: "The last choice: it opens all that you may do, and with single sign-on there is none.",
  questions: [
    layout,
    caFile,
    usernameQuestion({
      help: "Your user name on the server, not your e-mail address.",
      suggest: suggestUser,
    }),
    passwordQuestion({
      help: "The password of your account.",
      suggest: (facts, answers) => suggestHere(facts, answers, ["JF_PASSWORD"]),
    }),
  ],
  page: (answers) => ({
    rights: `It has all the rights of your account, which must be able to ${answers.access}.`,
    remark: `An identity token is safer: ${PAGES.profile(webHost(answers))}.`,
  }),
  outcome: loginOutcome,
};

const guide: Guide = {
  about: "Artifactory keeps images in Docker repositories that an administrator creates: local " +
    "ones, copies of remote ones, and virtual ones that join them. Servers in JFrog's cloud are " +
    "named NAME.jfrog.io; others have a host of their own.",
  rights: {
    pull: "Usually the permission Read on the repository.",
    push: "Usually the permissions Read and Deploy/Cache on the repository, and Delete/Overwrite " +
      "to replace a tag.",
  },
  repositories: "An administrator creates the Docker repository first; images in it come by " +
    "pushing. It is private unless the server lets everybody read.",
  names: "Images are named HOST/REPO/IMAGE, or REPO.HOST/IMAGE or HOST:PORT/IMAGE if the server " +
    "was set up so.",
  pitfalls: [
    "The user name must be the one that the token was made for.",
    "With a host or a port for each repository, each of them needs a login of its own.",
    "A path such as HOST/artifactory is no host: docker knows only the host itself.",
    "A server that lets everybody read answers without a login, and docker then never sends one.",
    "A push to a virtual repository needs a default deployment repository.",
    "API keys are being withdrawn; an identity token takes their place.",
  ],
  troubles: [
    {
      message: "401 Wrong username was used",
      cause: "The user name is not the one that the token was made for.",
      fix: "Give the name in the token, which regauth suggests for tokens that tell it.",
    },
    {
      message: "401 Bad credentials",
      cause: "The token ended, was revoked, or is an API key on a server that takes none any more.",
      fix: "Generate an identity token.",
    },
    {
      message: "404 Not Found, on a push",
      cause: "The name lacks the key of the repository, or has a wrong one.",
      fix: "Name the image HOST/REPO/IMAGE, with the key of a Docker repository.",
    },
    {
      message: "403 Forbidden, on a push",
      cause: "The permission to deploy is missing, or the virtual repository takes no pushes.",
      fix: "Ask for the permission, or for a default deployment repository.",
    },
    {
      message: "unable to decode token response: EOF",
      cause: "The proxy in front of the server rewrites its answers wrongly.",
      fix: "Ask its administrator to look at X-Artifactory-Override-Base-Url.",
    },
    {
      message: "unauthorized, although the login succeeded",
      cause: "The login was made for another host, or everybody may log in but not read.",
      fix: "Compare the host of the image with that of the login.",
    },
  ],
};

/** The set-up of JFrog Artifactory. */
export const artifactory: Recipe = {
  id: "artifactory",
  title: "JFrog Artifactory",
  variables: [...URL_VARIABLES, ...TOKEN_VARIABLES, "JF_PASSWORD", "JF_USER"],
  programs: [],
  owns: isCloud,
  recognises: (challenges) =>
    /\/api\/docker\/.+\/v2\/token$/.test(tokenServer(challenges)?.path ?? "") ||
    challenges.some(isArtifactoryRealm),
  hosts: (facts) =>
    distinct([
      ...hostFromEnvironment(facts, ...URL_VARIABLES),
      ...savedHosts(facts, ({ host }) => isCloud(host)),
    ]),
  hostForm: {
    questions: [server],
    host: ({ server = "" }) => /[.:]/.test(server) ? server : `${server}.jfrog.io`,
  },
  ways: [identityToken, accessToken, password],
  repository: repositoryQuestion({
    help: "REPO/IMAGE with the key of the repository; IMAGE if the host already names it.",
    check: (text, answers) =>
      isByPath(answers) && !text.includes("/")
        ? { error: "The key of the repository is missing: write it as REPO/IMAGE." }
        : {},
  }),
  guide,
  next,
};

function next(answers: Answers): readonly NextStep[] {
  const { host, access } = answers;
  const name = answers.repository ?? (isByPath(answers) ? "REPO/IMAGE" : "IMAGE");
  const image = `${host}/${name}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  const web = webHost(answers);
  return [
    { text: `Create the repository first, if it does not exist: ${PAGES.newRepository(web)}.` },
    { text: "Push an image.", command: `docker push ${image}` },
    { text: `It usually shows up at ${PAGES.repositories(web)}.` },
  ];
}

function isCloud(host: string): boolean {
  return /^[a-z0-9][a-z0-9-]*\.jfrog\.io$/.test(host);
}

/** On a host of one's own only if that was said. */
function isByPath({ host, texts }: Answers): boolean {
  return isCloud(host) || texts.layout === "path";
}

/** The website, whose host may hold neither repository nor port. */
function webHost({ host, texts: { layout } }: Answers): string {
  if (layout === "subdomain") return host.replace(/^[^.]+\./, "");
  return layout === "port" ? host.replace(/:\d+$/, "") : host;
}

function isArtifactoryRealm({ scheme, params }: Challenge): boolean {
  return scheme === "basic" && params.realm === "Artifactory Realm";
}

/** The user of a token; those of groups are not users, but are wanted whole (jfrog-client-go). */
function subjectOf(secret: string | undefined): string | undefined {
  const subject = readPayload(secret ?? "")?.sub;
  if (typeof subject !== "string" || checkUsername(subject).error !== undefined) return undefined;
  return /(?:^jfrt@|\/users\/)/.test(subject) ? subject.replace(/^.*\//, "") : subject;
}

function suggestUser(facts: Facts, answers: Answers): Suggestion | undefined {
  return suggestHere(facts, answers, ["JF_USER"]) ?? fromSaved(facts, answers.host);
}

/** What variables hold, unless another one says that it is for another server. */
function suggestHere(
  facts: Facts,
  answers: Answers,
  names: readonly string[],
): Suggestion | undefined {
  const [server] = hostFromEnvironment(facts, ...URL_VARIABLES);
  return server === undefined || server.value === answers.host || server.value === webHost(answers)
    ? fromEnvironment(facts, ...names)
    : undefined;
}
