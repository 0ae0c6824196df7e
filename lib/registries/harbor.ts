/**
 * Harbor, which always runs on a host of one's own.
 *
 * @example The name of a robot, and what a shell makes of it
 * ```ts
 * import { harbor } from "./harbor.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = harbor.ways[0]?.questions.find(({ id }) => id === "username");
 * const answers = { host: "harbor.example", access: "pull", texts: {} } as const;
 * assertEquals(question?.check?.("robot$team+ci", answers), {});
 * assertEquals(question?.check?.("robot+ci", answers), {
 *   warning: "A shell may have replaced what follows the dollar in robot$PROJECT+NAME.",
 * });
 * ```
 *
 * @module
 */

import { checkUsername } from "../answer_check.ts";
import type { Challenge } from "../challenge.ts";
import type { Facts } from "../facts.ts";
import { distinct, hostFromEnvironment, savedHosts } from "../host_suggestions.ts";
import type {
  Access,
  Answers,
  Guide,
  NextStep,
  Recipe,
  Suggestion,
  TokenPage,
  Verdict,
  Way,
} from "../recipe.ts";
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

/** Below `https://HOST/`. */
const PAGES = {
  projects: (host: string) => `https://${host}/harbor/projects`,
  systemRobots: (host: string) => `https://${host}/harbor/robot-accounts`,
} as const;

/** What robots are named by unless the administrator chose something else. */
const PREFIX = "robot$";

const caFile = caFileQuestion({});

const robotSecret = tokenQuestion({
  message: "Secret of the robot",
  help: "It is shown once, after the robot was created; a new one can be made at any time.",
  suggest: (facts, answers) => suggestSecret(facts, answers, isRobot),
  expected: { kinds: ["jwt"], anyForm: true }, // Robots from before Harbor 2.2 have a JWT.
});

const username = usernameQuestion({
  help: "Your name in Harbor, as its menu at the top right shows it.",
  suggest: (facts, answers) => suggestIf(facts, answers, (name) => !isRobot(name)),
  check: (text) => {
    const verdict = checkUsername(text);
    return verdict.error === undefined && text.includes("@")
      ? { warning: "This is an e-mail address. The name in Harbor is wanted." }
      : verdict;
  },
});

const projectRobot: Way = {
  id: "robot",
  title: "Robot account of a project",
  meaning: "For machines: it belongs to no person, and has only the rights you give.",
  questions: [
    caFile,
    usernameQuestion({
      message: "Robot account",
      help: "The whole name with its prefix: robot$PROJECT+NAME.",
      suggest: (facts, answers) =>
        suggestIf(facts, answers, (name) => isRobot(name) && name.includes("+")),
      check: checkProjectRobot,
    }),
    robotSecret,
  ],
  page: robotPage(PAGES.projects, "Open the project, then Robot Accounts, New Robot Account."),
  outcome: loginOutcome,
  expires: "after 30 days, unless something else was chosen when it was created",
};

const systemRobot: Way = {
  id: "system-robot",
  title: "Robot account of the system",
  meaning: "For machines that need many projects: only administrators of Harbor can create it.",
  questions: [
    caFile,
    usernameQuestion({
      message: "Robot account",
      help: "The whole name with its prefix: robot$NAME.",
      suggest: (facts, answers) =>
        suggestIf(facts, answers, (name) => isRobot(name) && !name.includes("+")),
      check: checkSystemRobot,
    }),
    robotSecret,
  ],
  page: robotPage(PAGES.systemRobots, "Under Administration: Robot Accounts, New Robot Account."),
  outcome: loginOutcome,
  expires: "after 30 days, unless something else was chosen when it was created",
};

const cliSecret: Way = {
  id: "cli-secret",
  title: "CLI secret of your account",
  meaning: "For people who log in to Harbor by single sign-on: their password works only there.",
  questions: [
    caFile,
    username,
    tokenQuestion({
      message: "CLI secret",
      help: "Your profile in Harbor shows and copies it.",
    }),
  ],
  page: ({ host, access }) => ({
    url: PAGES.projects(host),
    rights: memberRights(access),
    remark: "Click on your name at the top right, then User Profile, CLI secret.",
  }),
  outcome: loginOutcome,
  expires: "when a new one is made, or when the single sign-on behind it ends",
};

const password: Way = {
  id: "password",
  title: "User name and password",
  meaning: "For accounts of Harbor itself or of LDAP; it opens everything that you may do.",
  questions: [
    caFile,
    username,
    passwordQuestion({
      help: "The password with which you log in to Harbor's website.",
      suggest: (facts, answers) => suggestSecret(facts, answers, (name) => !isRobot(name)),
    }),
  ],
  page: ({ host, access }) => ({
    rights: memberRights(access),
    remark: `A robot account is safer: ${PAGES.projects(host)}.`,
  }),
  outcome: loginOutcome,
};

const guide: Guide = {
  about: "Harbor keeps images in projects. Robot accounts are for machines; people use their " +
    "password, or a CLI secret if they log in by single sign-on.",
  rights: {
    pull: "Pull Repository for a robot; a member of the project, usually any role.",
    push: "Push Repository together with Pull Repository for a robot; for a member, usually " +
      "the role Developer.",
  },
  repositories: "The project must exist; a push creates the repository in it. " +
    "Whether everybody may pull is a matter of the project, which is usually private at first.",
  names: "Images are named HOST/PROJECT/REPO, with more parts if you like.",
  pitfalls: [
    "Names such as robot$team+ci belong in single quotes, because a shell replaces what follows " +
    "the dollar.",
    "An administrator can choose another prefix than robot$; the page of the robot shows it.",
    "A robot from before Harbor 2.2 is named robot$NAME, although it belongs to a project.",
    "Robots end after 30 days unless something else was chosen.",
    "With single sign-on the password does not work; the CLI secret does.",
    "The certificate is often signed by the company: projects offer it as Registry Certificate.",
    "Projects that are a cache of another registry take no pushes.",
  ],
  troubles: [
    {
      message: "unauthorized: unauthorized to access repository, action: push",
      cause: "The role or the robot lacks the right, or the project does not exist.",
      fix: "Ask for the role Developer, or for Push Repository and Pull Repository.",
    },
    {
      message: "unauthorized: authentication required",
      cause:
        "A password of single sign-on was used, the robot has ended, or a shell ate the dollar.",
      fix: "Use the CLI secret, look at the robot's end, and put its name in single quotes.",
    },
    {
      message: "x509: certificate signed by unknown authority",
      cause: "The certificate was signed by an authority of your company.",
      fix: "Give the file of its certificate as CA file.",
    },
    {
      message: "dial tcp HOST:443: connect: connection refused",
      cause: "This Harbor has no https, or another port.",
      fix: "Name the host with its port; plain http needs settings in every tool.",
    },
    {
      message: "project not found",
      cause: "The first part of the name is not a project.",
      fix: "Create the project, or correct the name: HOST/PROJECT/REPO.",
    },
    {
      message: "412 Precondition Failed, on a pull",
      cause: "The project keeps images from being pulled that are unsigned or not safe.",
      fix: "Look at the image in Harbor; ask for an exception, or fix it.",
    },
  ],
};

/** The set-up of Harbor. */
export const harbor: Recipe = {
  id: "harbor",
  title: "Harbor",
  variables: ["HARBOR_PASSWORD", "HARBOR_URL", "HARBOR_USERNAME"],
  programs: [],
  owns: () => false,
  recognises: (challenges) =>
    tokenServer(challenges)?.path === "/service/token" || challenges.some(isHarborRealm),
  hosts: (facts) =>
    distinct([
      ...hostFromEnvironment(facts, "HARBOR_URL"),
      ...savedHosts(facts, ({ username = "" }) => isRobot(username)),
    ]),
  ways: [projectRobot, systemRobot, cliSecret, password],
  repository: repositoryQuestion({
    help: "PROJECT/REPO, such as team/app.",
    check: (text) =>
      text.includes("/") ? {} : { error: "The project is missing: write it as PROJECT/REPO." },
  }),
  guide,
  next,
};

function next({ host, access, repository, texts }: Answers): readonly NextStep[] {
  const project = /\$(.+)\+/.exec(texts.username ?? "")?.[1] ?? "PROJECT";
  const image = `${host}/${repository ?? `${project}/REPO`}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  return [
    {
      text: "Push an image. The project must exist; the push creates the repository in it.",
      command: `docker push ${image}`,
    },
    { text: `It shows up at ${PAGES.projects(host)}.` },
  ];
}

function robotPage(
  url: (host: string) => string,
  remark: string,
): (answers: Answers) => TokenPage {
  return ({ host, access }) => ({
    url: url(host),
    rights: access === "push"
      ? "Push Repository and Pull Repository; the first cannot be given alone."
      : "Pull Repository.",
    remark: `${remark} Choose when it ends; the usual 30 days are short.`,
  });
}

function memberRights(access: Access): string {
  return access === "push"
    ? "Usually the role Developer in the project."
    : "A role in the project, usually Limited Guest or more; none if it is public.";
}

function isRobot(name: string): boolean {
  return name.startsWith(PREFIX);
}

function isHarborRealm({ scheme, params }: Challenge): boolean {
  return scheme === "basic" && params.realm === "harbor";
}

function checkProjectRobot(text: string): Verdict {
  const verdict = checkUsername(text);
  if (verdict.error !== undefined) return verdict;
  if (/^robot(?:\+|$)/.test(text)) {
    return {
      warning: "A shell may have replaced what follows the dollar in robot$PROJECT+NAME.",
    };
  }
  return /^.+\+.+$/.test(text)
    ? checkPrefix(text)
    : { warning: "The robot of a project is usually named robot$PROJECT+NAME." };
}

function checkSystemRobot(text: string): Verdict {
  const verdict = checkUsername(text);
  if (verdict.error !== undefined) return verdict;
  if (text === "robot") {
    return { warning: "A shell may have replaced what follows the dollar in robot$NAME." };
  }
  return text.includes("+")
    ? { warning: "This looks like the robot of a project: robot$PROJECT+NAME." }
    : checkPrefix(text);
}

/** The prefix can be changed, so that another one is only odd. */
function checkPrefix(text: string): Verdict {
  return isRobot(text) && text !== PREFIX
    ? {}
    : { warning: `The name of a robot usually begins with ${PREFIX}.` };
}

/** The name that a variable or a saved login holds, if it is of the right kind. */
function suggestIf(
  facts: Facts,
  answers: Answers,
  fits: (name: string) => boolean,
): Suggestion | undefined {
  const found = suggestHere(facts, answers, "HARBOR_USERNAME") ?? fromSaved(facts, answers.host);
  return found && fits(found.value) ? found : undefined;
}

/** The secret that goes with the name in the variable beside it. */
function suggestSecret(
  facts: Facts,
  answers: Answers,
  fits: (name: string) => boolean,
): Suggestion | undefined {
  return fits(facts.env.HARBOR_USERNAME ?? "")
    ? suggestHere(facts, answers, "HARBOR_PASSWORD")
    : undefined;
}

/** What a variable holds, unless another one says that it is for another server. */
function suggestHere(facts: Facts, { host }: Answers, name: string): Suggestion | undefined {
  const [server] = hostFromEnvironment(facts, "HARBOR_URL");
  return server === undefined || server.value === host ? fromEnvironment(facts, name) : undefined;
}
