/**
 * Amazon ECR: the private registries of an account, one in each region, and ECR Public.
 *
 * @example Account and region make the host
 * ```ts
 * import { ecr } from "./ecr.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const host = ecr.hostForm?.host({ account: "123456789012", region: "eu-central-1" });
 * assertEquals(host, "123456789012.dkr.ecr.eu-central-1.amazonaws.com");
 * assertEquals(ecr.owns(`${host}.evil.example`), false);
 * ```
 *
 * @module
 */

import { cleanAnswer } from "../answer_check.ts";
import { isAwsRegion, type PartitionName } from "../aws_partition.ts";
import { ECR_PUBLIC, ecrHost, parseEcrHost } from "../ecr_host.ts";
import { ecrWay, regionProfile } from "../ecr_way.ts";
import type { Facts } from "../facts.ts";
import { helperWay } from "../helper_way.ts";
import { distinct, savedHosts } from "../host_suggestions.ts";
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
  fromEnvironment,
  loginOutcome,
  repositoryQuestion,
  tokenQuestion,
} from "../recipe_parts.ts";
import { checkSecret } from "../secret_check.ts";

const PAGES = {
  helper: "https://github.com/awslabs/amazon-ecr-credential-helper",
  aws: "https://aws.amazon.com/cli/",
} as const;

/** The websites of the partitions that everybody can reach. */
const CONSOLES: Readonly<Partial<Record<PartitionName, string>>> = {
  "aws": "https://console.aws.amazon.com/ecr/home",
  "aws-cn": "https://console.amazonaws.cn/ecr/home",
  "aws-us-gov": "https://console.amazonaws-us-gov.com/ecr/home",
};

/** What looks like a host of ECR: of another interface, from an example, or with a slip in it. */
const NEAR_HOST =
  /^(?:[\w-]+\.dkr[.-]ecr(?:-fips)?|api\.ecr|ecr)\.[\w-]+\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws|api\.aws)$/;

const WEBSITE = "gallery.ecr.aws";

const account: Question = {
  id: "account",
  message: "AWS account",
  help: "12 digits, as the menu at the top right of the console shows them.",
  kind: "text",
  suggest: suggestAccount,
  clean: (text) => cleanAnswer(text).replace(/[\s-]/g, ""),
  check: (text) => isAccount(text) ? {} : { error: "The id of an account is 12 digits." },
};

const region: Question = {
  id: "region",
  message: "AWS region",
  help: "The region that the repository is in, such as eu-central-1.",
  kind: "text",
  suggest: suggestRegion,
  clean: (text) => cleanAnswer(text).toLowerCase(),
  check: (text) => isAwsRegion(text) ? {} : { error: "A region is written like eu-central-1." },
};

const profile: Question = {
  id: "profile",
  message: "AWS profile (optional)",
  help: "The profile of the aws command line that may use this registry; none is its default.",
  kind: "text",
  suggest: (facts, { host }) => fromEnvironment(facts, "AWS_PROFILE") ?? regionProfile(facts, host),
  clean: cleanAnswer,
  check: (text) =>
    /[\p{Cc}"'`$\\]/u.test(text)
      ? { error: "The name of a profile holds no quotes, dollars or backslashes." }
      : {},
};

const regauth = ecrWay(rightsFor);

const helper = helperWay({
  helper: "ecr-login",
  meaning: "Makes a password whenever one is needed, with the AWS login that this machine has.",
  install: PAGES.helper,
  page: ({ host, access }) => ({
    rights: rightsFor(host, access),
    remark: "Nothing to create: the helper finds keys, profiles and roles as the aws command does.",
  }),
});

const password: Way = {
  id: "password",
  title: "Password for 12 hours",
  meaning: "The aws command makes one on any machine; it has to be made anew every 12 hours.",
  questions: [
    profile,
    tokenQuestion({
      message: "Password for 12 hours",
      help: "The whole output of aws ecr get-login-password, which is very long.",
      check: checkPassword,
    }),
  ],
  page: ({ host, access, texts }) => ({
    rights: rightsFor(host, access),
    remark: `Run: ${passwordCommand(host, texts.profile)}. The user name is AWS. ` +
      `The command comes with ${PAGES.aws}; if it is not logged in, run: aws configure sso.`,
  }),
  outcome: (answers) => loginOutcome(answers, "AWS"),
  expires: "after 12 hours",
};

const guide: Guide = {
  about: "Every AWS account has a private registry in each region, and ECR Public has images for " +
    "everybody. There are no lasting passwords: rights come from IAM, and a login made with them " +
    "lasts 12 hours, so a helper that renews it is the better choice.",
  rights: {
    pull: "ecr:GetAuthorizationToken on *, and on the repository ecr:BatchGetImage and " +
      "ecr:GetDownloadUrlForLayer.",
    push:
      "ecr:GetAuthorizationToken on *, and on the repository ecr:BatchCheckLayerAvailability, " +
      "ecr:BatchGetImage, ecr:GetDownloadUrlForLayer, ecr:InitiateLayerUpload, " +
      "ecr:UploadLayerPart, ecr:CompleteLayerUpload and ecr:PutImage.",
  },
  repositories:
    "A repository must exist before the first push, which usually does not create it. " +
    "Private ones are closed to all other accounts at first.",
  names: "Images are named ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME, with as many parts as you " +
    "like, or public.ecr.aws/ALIAS/NAME.",
  pitfalls: [
    "A password that was saved by docker login wins over the helper in some tools: remove it.",
    "In credHelpers every host stands by itself, without wildcards; credsStore is for all hosts " +
    "and must not be ecr-login.",
    "The helper uses one AWS login for all registries, that of AWS_PROFILE or the default one.",
    "sudo docker runs as another user, who has other AWS files and other settings of docker.",
    "ECR Public needs no login to pull, but allows more with one; its passwords are made in " +
    "us-east-1 only, with ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken.",
    "Pulling from another account needs a policy of the repository there besides your own rights.",
    "A pull-through cache usually needs ecr:BatchImportUpstreamImage and ecr:CreateRepository too.",
    "Access keys never expire; prefer aws configure sso, or the role of the machine.",
  ],
  troubles: [
    {
      message: "no basic auth credentials",
      cause: "Nobody is logged in to this account and region, or the helper found no AWS login.",
      fix: "Compare the host of the image with that of the login, letter by letter.",
    },
    {
      message: "denied: Your authorization token has expired",
      cause: "The 12 hours are over.",
      fix: "Make a new password, or set up the helper.",
    },
    {
      message: "name unknown: The repository with name ... does not exist in the registry",
      cause: "The repository was not created, or is in another region or account.",
      fix: "Create it: aws ecr create-repository --repository-name NAME --region REGION.",
    },
    {
      message: "AccessDeniedException: not authorized to perform ecr:GetAuthorizationToken",
      cause: "The AWS login has no right to log in to registries.",
      fix: "Ask for ecr:GetAuthorizationToken on *; it cannot be limited to a repository.",
    },
    {
      message: "403 Forbidden, on a pull or push",
      cause: "The login is right, but has no rights on this repository.",
      fix: "Ask for the actions on the repository; for another account, for its policy as well.",
    },
    {
      message: "Error saving credentials: not implemented",
      cause: "docker login was run for a host that a helper looks after, which saves nothing.",
      fix: "Leave docker login out; the helper logs in by itself.",
    },
    {
      message: "credentials not found in native keychain",
      cause: "The helper failed; the reason is in ~/.ecr/log/ecr-login.log.",
      fix: "Try: aws sts get-caller-identity. If that fails, log in to AWS first.",
    },
    {
      message: "The security token included in the request is expired",
      cause: "The AWS login itself has ended.",
      fix: "Log in to AWS again, such as by aws sso login.",
    },
  ],
};

/** The set-up of Amazon ECR. */
export const ecr: Recipe = {
  id: "ecr",
  title: "Amazon ECR",
  variables: ["AWS_ACCOUNT_ID", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_REGION"],
  programs: ["docker-credential-ecr-login", "docker-credential-regauth"],
  owns: (host) => parseEcrHost(host) !== undefined || host === WEBSITE || NEAR_HOST.test(host),
  checkHost,
  hosts: suggestHosts,
  hostForm: {
    questions: [account, region],
    host: ({ account = "", region = "" }) => ecrHost(account, region),
  },
  ways: [regauth, helper, password],
  repository: repositoryQuestion({
    help: "Name of the repository, such as team/app; in ECR Public with the alias in front.",
    check: (text, { host }) =>
      isPublic(host) && !text.includes("/")
        ? { error: "The alias is missing: write it as ALIAS/NAME." }
        : {},
  }),
  guide,
  next,
};

function next({ host, access, repository, texts }: Answers): readonly NextStep[] {
  const name = repository ?? (isPublic(host) ? "ALIAS/NAME" : "NAME");
  const image = `${host}/${name}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  const { partition = "aws", region = "REGION" } = parseEcrHost(host) ?? {};
  const page = CONSOLES[partition];
  return [
    {
      text: "Create the repository first, if it does not exist.",
      command: `aws ${service(host)} create-repository --repository-name ` +
        `${isPublic(host) ? name.replace(/^[^/]*\//, "") : name} ${options(host, texts.profile)}`,
    },
    { text: "Push an image.", command: `docker push ${image}` },
    ...page === undefined ? [] : [{ text: `It shows up at ${page}?region=${region}.` }],
  ];
}

function rightsFor(host: string, access: Access): string {
  if (!isPublic(host)) return guide.rights[access];
  const login = "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *";
  if (access === "pull") return `${login}; without a login, fewer pulls are allowed.`;
  const names = ["BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart"];
  const actions = names.map((name) => `ecr-public:${name}`).join(", ");
  return `${login}; on the repository ${actions}, ecr-public:CompleteLayerUpload and ` +
    "ecr-public:PutImage.";
}

function passwordCommand(host: string, profile: string | undefined): string {
  return `aws ${service(host)} get-login-password ${options(host, profile)}`;
}

function service(host: string): string {
  return isPublic(host) ? "ecr-public" : "ecr";
}

/** A new password is asked for in the region of the host, wherever the profile is at home. */
function options(host: string, profile = ""): string {
  const name = /^[\w.@/+-]*$/.test(profile) ? profile : `"${profile}"`;
  const region = `--region ${parseEcrHost(host)?.region ?? "REGION"}`;
  return name === "" ? region : `${region} --profile ${name}`;
}

function isPublic(host: string): boolean {
  const parsed = parseEcrHost(host);
  return parsed !== undefined && parsed.account === undefined;
}

function isAccount(text: string): boolean {
  return /^[0-9]{12}$/.test(text);
}

function checkHost(host: string): Verdict {
  if (parseEcrHost(host) !== undefined) return {};
  return host === WEBSITE
    ? { error: `This is the website of ECR Public. The registry is ${ECR_PUBLIC}.` }
    : {
      error:
        "This is no registry of ECR. One is named ACCOUNT.dkr.ecr.REGION.amazonaws.com, with " +
        "12 digits for the account, or differently in regions such as cn-north-1.",
    };
}

function checkPassword(text: string): Verdict {
  const verdict = checkSecret(text);
  if (verdict.error !== undefined) return verdict;
  if (/^A[KS]IA[A-Z0-9]{16}$/.test(text)) {
    return { warning: "This looks like the id of an access key, not like a password for ECR." };
  }
  if (text.startsWith("QVdTO")) { // Base64 of `AWS:`.
    return {
      warning: "This looks like an authorizationToken, which is user name and password in one. " +
        "Use the output of aws ecr get-login-password.",
    };
  }
  return text.length < 200
    ? { warning: "A password for ECR is usually much longer. Was all of it pasted?" }
    : {};
}

function suggestHosts(facts: Facts): readonly Suggestion[] {
  const account = fromEnvironment(facts, "AWS_ACCOUNT_ID");
  const region = suggestRegion(facts);
  const made: readonly Suggestion[] =
    account && region && isAccount(account.value) && isAwsRegion(region.value)
      ? [{
        value: ecrHost(account.value, region.value),
        from: `${account.from}, region ${region.from}`,
      }]
      : [];
  return distinct([
    ...made,
    ...savedHosts(facts, ({ host }) => parseEcrHost(host) !== undefined),
    { value: ECR_PUBLIC, from: "images for everybody" },
  ]);
}

function suggestAccount(facts: Facts): Suggestion | undefined {
  const found = fromEnvironment(facts, "AWS_ACCOUNT_ID");
  if (found !== undefined) return found;
  for (const { host, where } of facts.saved) {
    const value = parseEcrHost(host)?.account;
    if (value !== undefined) return { value, from: `from ${where}` };
  }
  return undefined;
}

/** As the command line of AWS looks for it, but a profile that names a region is better than none. */
function suggestRegion(facts: Facts): Suggestion | undefined {
  const found = fromEnvironment(facts, "AWS_REGION", "AWS_DEFAULT_REGION");
  if (found !== undefined) return found;
  const chosen = facts.env.AWS_PROFILE ?? "default";
  const profiles = facts.awsProfiles.filter(({ region }) => region !== undefined);
  const profile = profiles.find(({ name }) => name === chosen) ?? profiles[0];
  return profile?.region === undefined
    ? undefined
    : { value: profile.region, from: `from AWS profile "${profile.name}"` };
}
