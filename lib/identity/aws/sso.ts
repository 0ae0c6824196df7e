/**
 * Keys of a role that IAM Identity Center gives to who is logged in: both forms of profiles, with a
 * section `sso-session` and without.
 *
 * @example
 * ```ts
 * import { ssoIdentity } from "./sso.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me", AWS_PROFILE: "dev" },
 *   files: {
 *     "/home/me/.aws/config": "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\n" +
 *       "sso_role_name = Dev\n[sso-session corp]\nsso_region = us-east-2\n" +
 *       "sso_start_url = https://corp.awsapps.com/start\n",
 *   },
 * });
 * const aws = await openAws({ io });
 * const identity = aws.profile && ssoIdentity(aws, "dev", aws.profile);
 * assertEquals(identity?.renewal, "Run: aws sso login --profile dev");
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { IniSection } from "../../ini.ts";
import { isJsonObject } from "../../json_object.ts";
import { later } from "../../later.ts";
import { type AwsIdentity, type AwsKeys, rememberKeys } from "./keys.ts";
import type { Aws } from "./settings.ts";
import type { SsoLogin } from "./sso_token.ts";

const HERE = import.meta.url;

/** A role that somebody who is logged in may use. */
interface SsoRole extends SsoLogin {
  readonly account: string;
  readonly role: string;
}

/** Keys that make a profile one of Identity Center. */
const KEYS = ["sso_session", "sso_account_id", "sso_role_name", "sso_region", "sso_start_url"];

/**
 * Whether a profile is one of Identity Center.
 *
 * @param profile The profile.
 * @returns Whether it has one of its keys.
 */
export function isSso(profile: IniSection): boolean {
  return KEYS.some((key) => profile.values.has(key));
}

/**
 * The role that a profile names.
 *
 * @param aws The settings.
 * @param name Name of the profile.
 * @param profile The profile.
 * @returns Who has the role.
 * @throws {RegauthError} `config-type` if a key is missing or contradicts another one.
 */
export function ssoIdentity(aws: Aws, name: string, profile: IniSection): AwsIdentity {
  const given = readRole(aws, name, profile);
  const { session, startUrl, account, role, renewal } = given;
  const id = ["sso", session ?? "", startUrl, account, role];
  return {
    source: `profile "${name}" (IAM Identity Center)`,
    id,
    renewal,
    keys: rememberKeys(aws.notes, id, aws.context.io.now, () => fetchKeys(aws, given)),
  };
}

/**
 * The log-in that a profile needs.
 *
 * @param aws The settings.
 * @param name Name of the profile.
 * @returns The log-in.
 * @throws {RegauthError} `config-type` if the profile does not describe one.
 */
export function ssoLoginOf(aws: Aws, name: string): SsoLogin {
  return readRole(
    aws,
    name,
    aws.files.profiles.get(name) ?? { values: new Map(), blocks: new Map() },
  );
}

function readRole({ files }: Aws, name: string, { values }: IniSection): SsoRole {
  const fault = (why: string, hint: string): RegauthError =>
    new RegauthError("config-type", `Cannot use profile "${name}": ${why}`, {
      subject: name,
      hint,
    });
  const session = values.get("sso_session");
  const section = session === undefined ? undefined : files.ssoSessions.get(session)?.values;
  if (session !== undefined && section === undefined) {
    throw fault(
      `it names the sso-session "${session}", which does not exist`,
      `Run aws configure sso, or add a section [sso-session ${session}] to the config file.`,
    );
  }
  const read = (key: string): string => {
    const [own, shared] = [values.get(key), section?.get(key)];
    if (own !== undefined && shared !== undefined && own !== shared) {
      throw fault(
        `${key} is another one than in its sso-session`,
        `Remove ${key} from the profile.`,
      );
    }
    const value = own ?? shared;
    if (value !== undefined) return value;
    throw fault(`${key} is missing`, `Run aws configure sso --profile ${name}.`);
  };
  return {
    ...(session === undefined ? {} : { session }),
    startUrl: read("sso_start_url"),
    region: read("sso_region"),
    account: read("sso_account_id"),
    role: read("sso_role_name"),
    profile: name,
    renewal: `Run: aws sso login --profile ${name}`,
  };
}

async function fetchKeys(aws: Aws, given: SsoRole): Promise<AwsKeys> {
  const [{ ssoToken }, { callAws, jsonOf }, { below, serviceUrl }, { AwsError }] = await Promise
    .all([
      later<typeof import("./sso_token.ts")>("./sso_token.ts", HERE),
      later<typeof import("./call.ts")>("./call.ts", HERE),
      later<typeof import("./endpoint.ts")>("./endpoint.ts", HERE),
      later<typeof import("./refusal.ts")>("./refusal.ts", HERE),
    ]);
  const { region, account, role, renewal } = given;
  const token = await ssoToken(aws, given);
  const url = below(serviceUrl(aws, "SSO", "portal.sso", region), "/federation/credentials");
  url.search = new URLSearchParams({ role_name: role, account_id: account }).toString();
  const call = {
    service: "IAM Identity Center",
    region,
    url,
    headers: { "x-amz-sso_bearer_token": token },
    secrets: [token],
  };
  const answer = await callAws(aws, call).catch((error) => {
    if (!(error instanceof AwsError)) throw error;
    const why = REFUSALS[error.awsCode];
    if (why === undefined) throw error;
    const isOver = error.awsCode === "UnauthorizedException";
    throw new RegauthError(
      isOver ? "aws-sso-login" : "refused",
      `Cannot use role ${role} of account ${account}: ${why}`,
      {
        subject: isOver ? given.profile : role,
        hint: isOver ? renewal : NOT_ASSIGNED,
        cause: error,
      },
    );
  });
  const { roleCredentials } = jsonOf(answer, call);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = isJsonObject(roleCredentials)
    ? roleCredentials
    : {};
  if (
    typeof accessKeyId === "string" && typeof secretAccessKey === "string" &&
    typeof sessionToken === "string" && typeof expiration === "number"
  ) {
    return {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: new Secret(sessionToken),
      expiresAt: new Date(expiration),
    };
  }
  throw new RegauthError(
    "network",
    "Cannot use the answer of IAM Identity Center: it has no keys",
    {
      subject: url.host,
      hint: "Check the endpoint; a portal or proxy may have answered.",
    },
  );
}

const NOT_ASSIGNED = "Ask for the permission set in IAM Identity Center, or correct " +
  "sso_account_id and sso_role_name; sso_role_name is the name of the permission set.";

/** By the name that the service gives to the error. */
const REFUSALS: Readonly<Record<string, string>> = {
  UnauthorizedException: "the log-in has expired",
  ResourceNotFoundException: "it is not assigned to this user",
  ForbiddenException: "it is not assigned to this user",
};
