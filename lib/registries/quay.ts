/**
 * Quay.io, and Red Hat Quay on other hosts.
 *
 * @example A robot's name has two parts
 * ```ts
 * import { quay } from "./quay.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = quay.ways[0]?.questions.find(({ id }) => id === "username");
 * const answers = { host: "quay.io", access: "pull", texts: {} } as const;
 * assertEquals(question?.check?.("acme+ci", answers), {});
 * assertEquals(question?.check?.("ci", answers), {
 *   error: "This is not the name of a robot. Write it as NAMESPACE+NAME.",
 * });
 * ```
 *
 * @module
 */

import { checkUsername } from "../answer_check.ts";
import type { Facts } from "../facts.ts";
import type { Answers, Guide, NextStep, Recipe, Suggestion, Verdict, Way } from "../recipe.ts";
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
import { checkSecret } from "../secret_check.ts";

const HOST = "quay.io";

/** Below `https://HOST/`. */
const PAGES = {
  organization: (host: string, name: string, tab: string) =>
    `https://${host}/organization/${name}?tab=${tab}`,
  user: (host: string, name: string, tab: string) => `https://${host}/user/${name}?tab=${tab}`,
  repository: (host: string, name: string) => `https://${host}/repository/${name}`,
} as const;

/** Namespaces and short names of robots (quay util/validation.py). */
const NAME_PART = /^(?=.{2,255}$)[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** The token of a robot (quay data/fields.py); one by federation is a JSON web token instead. */
const ROBOT_TOKEN = /^[A-Z0-9]{64}$/;

const caFile = caFileQuestion({ when: ({ host }) => host !== HOST });

const username = usernameQuestion({
  help: "Your user name, as the menu at the top right shows it.",
  suggest: (facts, answers) => saidName(facts, answers, (name) => !/[+$]/.test(name)),
});

const robot: Way = {
  id: "robot",
  title: "Robot account",
  meaning:
    "For machines: it belongs to no person, never expires, and has only the rights you give.",
  questions: [
    caFile,
    usernameQuestion({
      message: "Robot account",
      help: "NAMESPACE+NAME, such as acme+ci.",
      suggest: (facts, answers) => saidName(facts, answers, (name) => name.includes("+")),
      check: checkRobot,
    }),
    tokenQuestion({
      message: "Token of the robot",
      help: "Click on the robot's name to see its token.",
      suggest: tokenOfVariables,
      check: checkRobotToken,
    }),
  ],
  page: ({ host, access, texts }) => {
    const [namespace = "ORG"] = texts.username?.split("+") ?? [];
    return {
      url: PAGES.organization(host, namespace, "robots"),
      rights: access === "push"
        ? "Write on the repository; to create one by a push, usually the team role Creator."
        : "Read on the repository.",
      remark: `Robots of your own account are usually at ${PAGES.user(host, "USER", "robots")}.`,
    };
  },
  outcome: loginOutcome,
};

const appToken: Way = {
  id: "app-token",
  title: "Application token of your account",
  meaning: "Works with single sign-on; it has the rights of your account and can be revoked alone.",
  questions: [
    caFile,
    tokenQuestion({
      message: "Application token",
      help: "120 characters, shown when you click on the token's name.",
      check: checkAppToken,
    }),
  ],
  page: ({ host, access }) => ({
    url: PAGES.user(host, "USER", "settings"),
    rights: `It has all the rights of the account, which must be able to ${access}.`,
    remark: "Usually under Docker CLI and other Application Tokens. The user name is $app.",
  }),
  outcome: (answers) => loginOutcome(answers, "$app"),
  expires: "after the time that the server sets, if it sets one",
};

const encryptedPassword: Way = {
  id: "encrypted-password",
  title: "Encrypted password of your account",
  meaning: "Stands in for the password, and is void as soon as that one changes.",
  questions: [
    caFile,
    username,
    tokenQuestion({
      message: "Encrypted password",
      help: "The long text that the account settings make out of your password.",
    }),
  ],
  page: ({ host, access, texts }) => ({
    url: PAGES.user(host, texts.username ?? "USER", "settings"),
    rights: `It has all the rights of the account, which must be able to ${access}.`,
    remark: "Usually under Docker CLI Password: Generate Encrypted Password.",
  }),
  outcome: loginOutcome,
  expires: "when the password changes",
};

const oauthToken: Way = {
  id: "oauth-token",
  title: "Token of an OAuth application",
  meaning:
    "For organizations that already have an application in Quay; its scopes limit the token.",
  questions: [
    caFile,
    tokenQuestion({
      message: "OAuth token",
      help: "The token that was generated for the application.",
    }),
  ],
  page: ({ host, access }) => ({
    url: PAGES.organization(host, "ORG", "applications"),
    rights: access === "push"
      ? "Scope repo:write, and repo:create for new repositories."
      : "Scope repo:read.",
    remark: "Choose the application, then Generate Token. The user name is $oauthtoken.",
  }),
  outcome: (answers) => loginOutcome(answers, "$oauthtoken"),
};

const password: Way = {
  id: "password",
  title: "Password of the account",
  meaning: "The last choice: some servers refuse it, and single sign-on accounts have none.",
  questions: [caFile, username, passwordQuestion({ help: "The password of your Quay account." })],
  page: ({ host }) => ({
    rights: "A password has all the rights of the account.",
    remark: `An application token is safer: ${PAGES.user(host, "USER", "settings")}.`,
  }),
  outcome: loginOutcome,
};

const guide: Guide = {
  about:
    "Quay knows robots, which are accounts for machines, and several tokens that stand in for " +
    "a person's password. quay.io and Red Hat Quay work alike.",
  rights: {
    pull: "Read on the repository; public ones need no login.",
    push: "Write on the repository; to create one, the right to create in the namespace.",
  },
  repositories:
    "The first push creates the repository, private unless the server says otherwise, " +
    "if the namespace exists and you may create in it.",
  names: "Images are named HOST/NAMESPACE/REPO; more parts need a feature of the server.",
  pitfalls: [
    "Even asking for the right to push creates a missing repository, if you may create it.",
    "Names such as $app belong in single quotes, because a shell replaces what follows the dollar.",
    "A robot has no rights until you give them, repository by repository or by a team.",
    "Accounts of Red Hat's single sign-on usually have no password for tools; use a token.",
  ],
  troubles: [
    {
      message: "unauthorized: Invalid Username or Password",
      cause: "The secret is wrong, or a shell replaced a part of a name with a dollar sign.",
      fix: "Put the name in single quotes, and copy the token again.",
    },
    {
      message: "Could not find robot with username and supplied password",
      cause: "The robot's token was made anew, or belongs to another robot.",
      fix: "Copy the token from the page of this robot.",
    },
    {
      message: "Client login with unencrypted passwords is disabled",
      cause: "This server takes no passwords from tools.",
      fix: "Use an encrypted password, an application token or a robot.",
    },
    {
      message: "Robot accounts have been disabled",
      cause: "The administrator of this server switched robots off.",
      fix: "Use an application token.",
    },
    {
      message: "unauthorized: access to the requested resource is not authorized",
      cause: "The account lacks the right, or the repository is missing and may not be created.",
      fix: "Ask for Read or Write on the repository, or create it first.",
    },
    {
      message: "name invalid: Nested repositories are not supported",
      cause: "The name has more than two parts.",
      fix: "Name the image NAMESPACE/REPO.",
    },
    {
      message: "405 unsupported, on a push",
      cause: "The repository is a mirror, a proxy, or holds no images.",
      fix: "Push to another repository.",
    },
    {
      message: "System is currently read-only",
      cause: "The server is being maintained.",
      fix: "Wait, or ask its administrator.",
    },
  ],
};

/** The set-up of Quay. */
export const quay: Recipe = {
  id: "quay",
  title: "Quay",
  variables: ["QUAY_PASSWORD", "QUAY_TOKEN", "QUAY_USERNAME"],
  programs: [],
  owns: (host) => host === HOST,
  recognises: (challenges) => tokenServer(challenges)?.path === "/v2/auth",
  hosts: () => [{ value: HOST, from: "the default" }],
  ways: [robot, appToken, encryptedPassword, oauthToken, password],
  repository: repositoryQuestion({
    help: "NAMESPACE/REPO, such as acme/app.",
    check: checkRepository,
  }),
  guide,
  next,
};

function next({ host, access, repository, texts }: Answers): readonly NextStep[] {
  const name = repository ?? `${texts.username?.split("+")[0] ?? "NAMESPACE"}/REPO`;
  const image = `${host}/${name}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  return [
    {
      text: "Push an image. The first push creates the repository, usually a private one.",
      command: `docker push ${image}`,
    },
    { text: `It shows up at ${PAGES.repository(host, name)}.` },
  ];
}

/** The name that a variable or a saved login holds, if it is of the right form. */
function saidName(
  facts: Facts,
  { host }: Answers,
  fits: (name: string) => boolean,
): Suggestion | undefined {
  return [fromEnvironment(facts, "QUAY_USERNAME"), fromSaved(facts, host)]
    .find((found) => found !== undefined && fits(found.value));
}

/** Which server the variables are meant for is not said, so they count for the vendor's own. */
function tokenOfVariables(facts: Facts, { host }: Answers): Suggestion | undefined {
  if (host !== HOST) return undefined;
  return ["QUAY_TOKEN", "QUAY_PASSWORD"].map((name) => fromEnvironment(facts, name))
    .find((found) => found !== undefined && ROBOT_TOKEN.test(found.value));
}

function checkRobot(text: string): Verdict {
  const verdict = checkUsername(text);
  if (verdict.error !== undefined) return verdict;
  const parts = text.split("+");
  if (parts.length !== 2 || parts.includes("")) {
    return { error: "This is not the name of a robot. Write it as NAMESPACE+NAME." };
  }
  return parts.every((part) => NAME_PART.test(part)) ? {} : {
    warning:
      "Both parts usually are lower-case letters and digits, with single . _ - between them.",
  };
}

function checkRobotToken(text: string): Verdict {
  const verdict = checkSecret(text, { kinds: ["jwt"], anyForm: true });
  if (Object.keys(verdict).length > 0 || text.startsWith("eyJ")) return verdict;
  return ROBOT_TOKEN.test(text) ? {} : {
    warning: "A robot's token usually is 64 capital letters and digits. Was all of it pasted?",
  };
}

function checkAppToken(text: string): Verdict {
  const verdict = checkSecret(text);
  return verdict.error !== undefined || text.length === 120
    ? verdict
    : { warning: "An application token usually has 120 characters. Was all of it pasted?" };
}

function checkRepository(text: string): Verdict {
  const parts = text.split("/").length;
  if (parts === 1) return { error: "The namespace is missing: write it as NAMESPACE/REPO." };
  return parts > 2 ? { warning: "Names of more than two parts need a feature of the server." } : {};
}
