/**
 * The token service of AWS (STS): keys of a role, for who has other keys or a token of somebody else
 * whom the role trusts.
 *
 * @example
 * ```ts
 * import { assumeRoleWithWebIdentity } from "./sts.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { Secret } from "../../credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
 *   <AccessKeyId>ASIAEXAMPLE000000001</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
 *   <SessionToken>t</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>
 * </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
 * const io = memoryIo({ fetch: () => new Response(answer) });
 * const keys = await assumeRoleWithWebIdentity(await openAws({ io }), "eu-west-1", {
 *   roleArn: "arn:aws:iam::123456789012:role/ci",
 *   token: new Secret("e30.e30.c2ln"),
 * });
 * assertEquals(keys.accessKeyId, "ASIAEXAMPLE000000001");
 * assertEquals(io.requests[0]?.url, "https://sts.eu-west-1.amazonaws.com/");
 * ```
 *
 * @module
 */

import { partitionOf } from "../../aws_partition.ts";
import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { IniSection } from "../../ini.ts";
import type { Answer } from "../ask.ts";
import { type AwsCall, callAws } from "./call.ts";
import { endpointOverride, serviceUrl } from "./endpoint.ts";
import type { AwsIdentity, AwsKeys } from "./keys.ts";
import { AwsError } from "./refusal.ts";
import { type Aws, settingOf, variable } from "./settings.ts";
import { xmlText } from "./xml.ts";

/** What is asked for a role. */
export interface RoleRequest {
  /** The role. */
  readonly roleArn: string;
  /** How the session is called in logs. @default {regauth-<seconds>} */
  readonly sessionName?: string | undefined;
  /** What the owner of the role wants to hear. */
  readonly externalId?: string | undefined;
  /** Seconds for which the keys are good. @default {3600} */
  readonly duration?: number | undefined;
  /** An MFA device, and the code that it shows. */
  readonly mfa?: { readonly device: string; readonly code: string };
}

/** What is asked for a role with a token. */
export interface WebIdentityRequest
  extends Pick<RoleRequest, "roleArn" | "sessionName" | "duration"> {
  /** A token of somebody whom the role trusts. */
  readonly token: Secret;
}

const VERSION = "2011-06-15";
const DURATION = 3600;
const SHORTEST = 900;
const LONGEST = 43_200;

/** Regions that the old global service answered for (botocore `args.py`). */
const LEGACY_REGIONS: readonly string[] = [
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
];

/**
 * The region whose token service is asked.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @param profile The profile that names the role, if one does.
 * @returns The region that the user names, if it is in the same partition.
 */
export function stsRegion(aws: Aws, region: string, profile?: IniSection): string {
  const { options, context: { io } } = aws;
  const named = options.region ?? profile?.values.get("region") ??
    variable(io, "AWS_REGION", "AWS_DEFAULT_REGION") ?? region;
  return partitionOf(named).name === partitionOf(region).name ? named : region;
}

/**
 * Takes on a role.
 *
 * @param aws The settings.
 * @param region Region of the token service, from {@linkcode stsRegion}.
 * @param identity Whose keys sign the request.
 * @param request The role.
 * @returns Keys of the role.
 * @throws {AwsError} `refused` or `network`
 * @throws {RegauthError} `config-type` if a setting cannot be sent, `network`, or why the identity
 * has no keys.
 */
export async function assumeRole(
  aws: Aws,
  region: string,
  identity: AwsIdentity,
  request: RoleRequest,
): Promise<AwsKeys> {
  const { externalId, mfa } = request;
  check("external_id", externalId, /^[\w+=,.@:/-]{2,1224}$/);
  check("mfa_serial", mfa?.device, /^[\w+=/:,.@-]{9,256}$/);
  const action = "AssumeRole";
  const signer = { keys: await identity.keys(), identity, name: "sts" };
  const rights = `The policy of these keys must allow sts:AssumeRole on ${request.roleArn}, ` +
    "and the role must trust them.";
  const ask = async (duration: number): Promise<AwsKeys> => {
    const form = {
      ...roleForm(aws, request, duration),
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
      ...(mfa ? { SerialNumber: mfa.device, TokenCode: mfa.code } : {}),
    };
    return keysOf(await callSts(aws, region, action, form, { signer, rights }), action);
  };
  try {
    return await ask(request.duration ?? DURATION);
  } catch (error) {
    // The role's own limit may be lower than what nobody asked for.
    const tooLong = error instanceof AwsError && error.awsCode === "ValidationError" &&
      /DurationSeconds/i.test(error.message);
    if (!tooLong || request.duration !== undefined) throw error;
    return await ask(SHORTEST);
  }
}

/**
 * Takes on a role that trusts a token. The request is not signed.
 *
 * @param aws The settings.
 * @param region Region of the token service, from {@linkcode stsRegion}.
 * @param request The role and the token.
 * @returns Keys of the role.
 * @throws {AwsError} `refused` or `network`
 * @throws {RegauthError} `config-type` if a setting cannot be sent, `network`
 */
export async function assumeRoleWithWebIdentity(
  aws: Aws,
  region: string,
  request: WebIdentityRequest,
): Promise<AwsKeys> {
  const action = "AssumeRoleWithWebIdentity";
  const { token, duration = DURATION } = request;
  const form = { ...roleForm(aws, request, duration), WebIdentityToken: token.reveal() };
  const answer = await callSts(aws, region, action, form, {
    secrets: [token],
    retried: ["InvalidIdentityToken", "IDPCommunicationError"],
    rights: `The role ${request.roleArn} must trust the issuer, audience and subject of the token.`,
  });
  return keysOf(answer, action);
}

function roleForm(
  { context: { io } }: Aws,
  { roleArn, sessionName }: RoleRequest,
  duration: number,
): Record<string, string> {
  const name = sessionName ?? `regauth-${Math.floor(io.now().getTime() / 1000)}`;
  check("role_arn", roleArn, /^arn:[\w-]+:iam::\d{12}:role\/[\x21-\x7e]{1,1990}$/);
  check("role_session_name", name, /^[\w+=,.@-]{2,64}$/);
  if (!Number.isInteger(duration) || duration < SHORTEST || duration > LONGEST) {
    throw invalid("duration_seconds", `Write a number from ${SHORTEST} to ${LONGEST}.`);
  }
  return { RoleArn: roleArn, RoleSessionName: name, DurationSeconds: String(duration) };
}

function check(key: string, value: string | undefined, pattern: RegExp): void {
  if (value !== undefined && !pattern.test(value)) {
    throw invalid(key, "Copy it again from the account that owns the role.");
  }
}

function invalid(key: string, hint: string): RegauthError {
  return new RegauthError("config-type", `Cannot take on a role: ${key} is none that AWS accepts`, {
    subject: key,
    hint,
  });
}

async function callSts(
  aws: Aws,
  named: string,
  action: string,
  form: Readonly<Record<string, string>>,
  more: Pick<AwsCall, "signer" | "secrets" | "retried" | "rights">,
): Promise<Answer> {
  const isGlobal = named === "aws-global" || (LEGACY_REGIONS.includes(named) && wantsLegacy(aws));
  const override = endpointOverride(aws, "STS");
  const region = isGlobal ? "us-east-1" : named;
  return await callAws(aws, {
    service: "STS",
    region,
    url: override ??
      (isGlobal ? new URL("https://sts.amazonaws.com/") : serviceUrl(aws, "STS", "sts", region)),
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: new URLSearchParams({ Action: action, Version: VERSION, ...form }).toString(),
    ...more,
  });
}

function wantsLegacy(aws: Aws): boolean {
  const value = settingOf(aws, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
  if (value === undefined || value === "regional") return false;
  if (value === "legacy") return true;
  aws.warn(
    'AWS_STS_REGIONAL_ENDPOINTS is neither "regional" nor "legacy"; it counts as "regional"',
  );
  return false;
}

function keysOf({ body }: Answer, action: string): AwsKeys {
  const read = (name: string): string => {
    const path = [`${action}Response`, `${action}Result`, "Credentials", name];
    const text = xmlText(body, ...path);
    if (text) return text;
    throw new RegauthError("network", `Cannot read the answer of STS: it has no ${name}`, {
      subject: "STS",
      hint: "Check the endpoint; a portal or proxy may have answered.",
    });
  };
  const expiresAt = new Date(read("Expiration"));
  return {
    accessKeyId: read("AccessKeyId"),
    secretAccessKey: new Secret(read("SecretAccessKey")),
    sessionToken: new Secret(read("SessionToken")),
    ...(Number.isNaN(expiresAt.getTime()) ? {} : { expiresAt }),
  };
}
