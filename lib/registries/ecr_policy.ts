/**
 * The least that AWS identities need to use Amazon ECR, as an IAM policy.
 *
 * @example
 * ```ts
 * import { ecrPolicy } from "./ecr_policy.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
 * const { Statement: [login, pull] } = JSON.parse(
 *   ecrPolicy("pull", { registry, repository: "team/app" }).text,
 * );
 * assertEquals([login.Action, login.Resource], ["ecr:GetAuthorizationToken", "*"]);
 * assertEquals(pull.Resource, "arn:aws:ecr:eu-central-1:123456789012:repository/team/app");
 * ```
 *
 * @module
 */

import { ECR_PUBLIC, parseEcrHost } from "../ecr_host.ts";
import { RegauthError } from "../errors.ts";
import type { Policy } from "../policy.ts";
import type { Access } from "../recipe.ts";
import type { Target } from "../reference.ts";

/** What both services call alike (Amazon ECR user guide, "IAM permissions for pushing an image"). */
const UPLOAD = [
  "BatchCheckLayerAvailability",
  "InitiateLayerUpload",
  "UploadLayerPart",
  "CompleteLayerUpload",
  "PutImage",
];
const DOWNLOAD = ["BatchGetImage", "GetDownloadUrlForLayer"];

const REGION = "REGION";

/**
 * Makes the policy. Whoever pushes may pull as well: tools look at what is there first.
 *
 * @param access What the identity is to do.
 * @param target The registry, or a repository of it.
 * @returns The policy, as JSON.
 * @throws {RegauthError} `usage` if the registry is not one of ECR.
 */
export function ecrPolicy(access: Access, target?: Target): Policy {
  const { registry = `ACCOUNT.dkr.ecr.${REGION}.amazonaws.com`, repository } = target ?? {};
  const host = target === undefined
    ? { account: "ACCOUNT", region: REGION, partition: "aws" }
    : parseEcrHost(registry);
  if (host === undefined) {
    throw new RegauthError("usage", `Cannot make a policy for "${registry}": it is not ECR`, {
      subject: registry,
      hint: `Name an image of ACCOUNT.dkr.ecr.REGION.amazonaws.com or ${ECR_PUBLIC}, or none.`,
    });
  }
  const { account, region, partition } = host;
  if (account === undefined) return publicPolicy(access, repository);
  const actions = access === "pull" ? DOWNLOAD : [...UPLOAD, ...DOWNLOAD];
  return policyOf(
    [
      statement("EcrLogin", "ecr:GetAuthorizationToken", "*"),
      statement(
        access === "pull" ? "EcrPull" : "EcrPush",
        actions.map((name) => `ecr:${name}`),
        `arn:${partition}:ecr:${region}:${account}:repository/${repository ?? "REPOSITORY"}`,
      ),
    ],
    [
      "Attach it to the user or role whose keys are used.",
      "If those are of another account, the repository needs a policy that names them too.",
      "A pull-through cache needs ecr:BatchImportUpstreamImage and ecr:CreateRepository as well.",
    ],
  );
}

/** Anybody may pull; the login is for higher limits. Images are named by alias, ARNs by account. */
function publicPolicy(access: Access, repository: string | undefined): Policy {
  const name = repository?.replace(/^[^/]*\//, "") ?? "REPOSITORY";
  return policyOf(
    [
      statement(
        "EcrPublicLogin",
        ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"],
        "*",
      ),
      ...access === "pull" ? [] : [
        statement(
          "EcrPublicPush",
          UPLOAD.map((name) => `ecr-public:${name}`),
          `arn:aws:ecr-public::ACCOUNT:repository/${name}`,
        ),
      ],
    ],
    ["Attach it to the user or role whose keys are used."],
  );
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: string;
}

function statement(Sid: string, Action: Statement["Action"], Resource: string): Statement {
  return { Sid, Effect: "Allow", Action, Resource };
}

function policyOf(statements: readonly Statement[], notes: readonly string[]): Policy {
  const policy = { Version: "2012-10-17", Statement: statements };
  return { text: JSON.stringify(policy, undefined, 2), notes };
}
