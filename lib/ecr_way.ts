/**
 * The way of the wizard to Amazon ECR that leaves passwords to regauth itself: with a profile and a
 * role of its own for each registry, and a log-in to IAM Identity Center where that has ended.
 *
 * @example
 * ```ts
 * import { ecrWay } from "./ecr_way.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
 * const texts = { "aws-profile": "prod", covers: "account" };
 * const way = ecrWay(() => "Rights.");
 * assertEquals(way.outcome({ host, access: "pull", texts }), {
 *   kind: "keychain",
 *   pattern: "123456789012.dkr.ecr.*.amazonaws.com",
 *   settings: { keychain: "ecr", profile: "prod" },
 *   hosts: [host],
 * });
 * ```
 *
 * @module
 */

import { cleanAnswer } from "./answer_check.ts";
import { parseEcrHost } from "./ecr_host.ts";
import type { Facts } from "./facts.ts";
import { regauthWay } from "./helper_way.ts";
import type { Context } from "./io.ts";
import type { Access, Question, Suggestion, Way } from "./recipe.ts";
import { fromEnvironment } from "./recipe_parts.ts";

/** What stands for no profile at all. */
const NO_PROFILE = "none";
const ACCOUNT = "account";

const ownProfile: Question = {
  id: "aws-profile",
  message: "AWS profile",
  help: "A profile of the AWS files; none takes the keys of variables or of the machine itself.",
  kind: "choice",
  choices: ({ awsProfiles }) => [
    ...awsProfiles.map(({ name, region }) => ({ value: name, from: region ?? "" })),
    { value: NO_PROFILE, from: "keys of variables, or the role of this machine" },
  ],
  suggest: (facts, { host }) => {
    const { awsProfiles } = facts;
    const isThere = (name: string): boolean => awsProfiles.some((profile) => profile.name === name);
    const named = fromEnvironment(facts, "AWS_PROFILE");
    if (named && isThere(named.value)) return named;
    const fitting = regionProfile(facts, host);
    if (fitting) return fitting;
    return isThere("default")
      ? { value: "default", from: "from the AWS files" }
      : { value: NO_PROFILE, from: "the AWS files hold no default profile" };
  },
};

const role: Question = {
  id: "role-arn",
  message: "Role to take on (optional)",
  help: "The ARN of a role that the profile may take on, such as " +
    "arn:aws:iam::123456789012:role/pull.",
  kind: "text",
  clean: cleanAnswer,
  check: (text) =>
    text === "" || /^arn:[\w-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/.test(text)
      ? {}
      : { error: "The ARN of a role is written like arn:aws:iam::123456789012:role/NAME." },
};

const covers: Question = {
  id: "covers",
  message: "For which registries",
  help: "This one, or those of the account in all regions.",
  kind: "choice",
  choices: (_facts, { host }) => [
    { value: "host", from: host },
    { value: ACCOUNT, from: patternOf(host) },
  ],
  suggest: () => ({ value: "host", from: "the default" }),
  when: ({ host }) => parseEcrHost(host)?.account !== undefined,
};

/**
 * The way.
 *
 * @param rights The minimum rights at a host.
 * @returns The way, which is called `regauth`.
 */
export function ecrWay(rights: (host: string, access: Access) => string): Way {
  return regauthWay({
    meaning:
      "Makes a password whenever one is needed, with a profile or role just for this registry.",
    questions: [ownProfile, role, covers],
    page: ({ host, access }) => ({
      rights: rights(host, access),
      remark:
        "Nothing to create: regauth finds keys, profiles, roles and log-ins as the aws command " +
        "does. What an administrator has to allow is printed by: regauth policy ecr.",
    }),
    outcome: ({ host, texts }) => {
      const { "aws-profile": profile = NO_PROFILE, "role-arn": roleArn = "" } = texts;
      return {
        kind: "keychain",
        pattern: texts.covers === ACCOUNT ? patternOf(host) : host,
        settings: {
          keychain: "ecr",
          ...profile === NO_PROFILE ? {} : { profile },
          ...roleArn === "" ? {} : { roleArn },
        },
        hosts: [host],
      };
    },
    remedy: ({ code, subject: profile }) =>
      code === "aws-sso-login" && profile !== undefined
        ? {
          label: `Log in with the browser (${profile})`,
          run: (context, tell) => logIn(context, profile, tell),
        }
        : undefined,
  });
}

/**
 * The profile whose region is that of a registry.
 *
 * @param facts What is known of this machine.
 * @param host The registry.
 * @returns The profile; none if the default one does as well.
 */
export function regionProfile(facts: Facts, host: string): Suggestion | undefined {
  const region = parseEcrHost(host)?.region;
  const fitting = facts.awsProfiles.filter((profile) => profile.region === region);
  const value = fitting.some(({ name }) => name === "default") ? undefined : fitting[0]?.name;
  return value === undefined ? undefined : { value, from: `its region is ${region}` };
}

/** The same account in all regions of the host's kind. */
function patternOf(host: string): string {
  return host.replace(/^([0-9]+\.dkr[.-]ecr(?:-fips)?)\.[^.]+\./, "$1.*.");
}

async function logIn(
  context: Context,
  profile: string,
  tell: (line: string) => void,
): Promise<void> {
  const [{ openAws }, { ssoLoginOf }, { ssoLogin }] = await Promise.all([
    import("./identity/aws/settings.ts"),
    import("./identity/aws/sso.ts"),
    import("./identity/aws/sso_login.ts"),
  ]);
  const aws = await openAws(context, { profile });
  await ssoLogin(aws, ssoLoginOf(aws, profile), ({ url, code }) => {
    tell(`Open ${url}`);
    tell(`and confirm the code ${code}. Waiting for it.`);
  });
}
