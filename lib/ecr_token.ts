/**
 * Passwords for Amazon ECR: the call `GetAuthorizationToken`, for private registries and for ECR
 * Public, and what its answer means.
 *
 * @example
 * ```ts
 * import { getEcrToken } from "./ecr_token.ts";
 * import { findIdentity } from "./identity/aws/chain.ts";
 * import { openAws } from "./identity/aws/settings.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" },
 *   fetch: () =>
 *     Response.json({
 *       authorizationData: [{ authorizationToken: btoa("AWS:fake-password-1") }],
 *     }),
 * });
 * const aws = await openAws({ io });
 * const host = { account: "123456789012", region: "eu-west-1", partition: "aws" } as const;
 * const token = await getEcrToken(aws, host, await findIdentity(aws, host.region));
 * assertEquals([token.username, token.password.reveal()], ["AWS", "fake-password-1"]);
 * assertEquals(io.requests[0]?.url, "https://api.ecr.eu-west-1.amazonaws.com/");
 * ```
 *
 * @module
 */

import { partitionOf } from "./aws_partition.ts";
import { Secret } from "./credential.ts";
import type { EcrHost } from "./ecr_host.ts";
import { type ErrorCode, RegauthError } from "./errors.ts";
import { type AwsCall, callAws, jsonOf } from "./identity/aws/call.ts";
import { endpointOverride, endpointVariant } from "./identity/aws/endpoint.ts";
import type { AwsIdentity, AwsKeys } from "./identity/aws/keys.ts";
import { AwsError, CODES } from "./identity/aws/refusal.ts";
import type { Aws } from "./identity/aws/settings.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";

/** A login to a registry. */
export interface EcrToken {
  /** The user name, `AWS`. */
  readonly username: string;
  /** The password. */
  readonly password: Secret;
  /** When it stops working, if the answer says so. */
  readonly expiresAt?: Date;
}

/** What tells the two services apart. */
const SERVICES = {
  private: {
    id: "ECR",
    name: "ecr",
    target: "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    rights: 'Ask for ecr:GetAuthorizationToken with "Resource": "*"; see regauth policy ecr.',
  },
  public: {
    id: "ECR PUBLIC",
    name: "ecr-public",
    target: "SpencerFrontendService.GetAuthorizationToken",
    rights: "Ask for ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken, both with " +
      '"Resource": "*"; see regauth policy ecr public.ecr.aws.',
  },
} as const;

/**
 * Gets a login to a registry. It is good for all registries of its region that the identity may use.
 *
 * @param aws The settings.
 * @param host The registry.
 * @param identity Who asks.
 * @param endpoint Where the service is, if not where settings or rules say.
 * @returns The login.
 * @throws {AwsError} `refused` or `network`, if the service refuses.
 * @throws {RegauthError} `ecr-empty-response` if the answer holds no login, `network`, or why the
 * identity has no keys.
 */
export async function getEcrToken(
  aws: Aws,
  host: EcrHost,
  identity: AwsIdentity,
  endpoint?: URL,
): Promise<EcrToken> {
  const { id, name, target, rights } = serviceOf(host);
  const place = endpoint ?? endpointOverride(aws, id);
  const { url, fallback } = place === undefined ? apiUrl(aws, host) : { url: place };
  const call = (keys: AwsKeys): AwsCall => ({
    service: host.account === undefined ? "ECR Public" : id,
    region: host.region,
    url,
    fallback,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
    // Naming a registry would not change what the token may do.
    body: "{}",
    signer: { keys, identity, name },
    rights,
  });
  const keys = await identity.keys();
  const answer = await callAws(aws, call(keys)).catch(async (error) => {
    const expired: readonly string[] = CODES.expired;
    if (!(error instanceof AwsError) || !expired.includes(error.awsCode)) throw error;
    const renewed = await identity.keys(true);
    if (renewed.accessKeyId === keys.accessKeyId) throw error;
    return await callAws(aws, call(renewed));
  });
  return readToken(jsonOf(answer, call(keys)), url.host);
}

function serviceOf({ account }: EcrHost): (typeof SERVICES)[keyof typeof SERVICES] {
  return SERVICES[account === undefined ? "public" : "private"];
}

/**
 * The service by rule (endpoint rule sets of the AWS SDKs). Which of its two FIPS names is in use is
 * not said alike everywhere.
 */
function apiUrl(aws: Aws, host: EcrHost): { readonly url: URL; readonly fallback?: URL } {
  const variant = endpointVariant(aws);
  const fips = variant.fips || host.fips ? "-fips" : "";
  const dualStack = variant.dualStack || host.dualStack;
  const { region } = host;
  const { dnsSuffix, dualStackSuffix } = partitionOf(region);
  const { name } = serviceOf(host);
  const at = (label: string, domain: string): URL =>
    new URL(`https://${label}.${region}.${domain}/`);
  if (host.account === undefined) {
    const label = `${name}${fips}`;
    const prefix = dualStack && fips === "" ? "" : "api.";
    return { url: at(`${prefix}${label}`, dualStack ? dualStackSuffix : dnsSuffix) };
  }
  if (dualStack) return { url: at(`${name}${fips}`, dualStackSuffix) };
  return {
    url: at(`api.${name}${fips}`, dnsSuffix),
    ...(fips === "" ? {} : { fallback: at(`${name}${fips}`, dnsSuffix) }),
  };
}

/** Private registries get a list, ECR Public a single entry. */
function readToken({ authorizationData: data }: JsonObject, host: string): EcrToken {
  const entries = Array.isArray(data) ? data : [data];
  const entry = entries.filter(isJsonObject).find(({ authorizationToken: token }) => token);
  const token = entry?.authorizationToken;
  if (typeof token !== "string") throw unusable("ecr-empty-response", "it holds no token", host);
  const [, username, password] = /^([^:]+):(.+)$/s.exec(decode(token) ?? "") ?? [];
  if (username === undefined || password === undefined) {
    throw unusable("network", "its token is not base64 of a name and a password", host);
  }
  const seconds = entry?.expiresAt;
  return {
    username,
    password: new Secret(password),
    ...(typeof seconds === "number" ? { expiresAt: new Date(Math.round(seconds * 1000)) } : {}),
  };
}

function decode(token: string): string | undefined {
  try {
    return new TextDecoder().decode(
      Uint8Array.from(atob(token), (character) => character.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
}

function unusable(code: ErrorCode, why: string, host: string): RegauthError {
  return new RegauthError(code, `Cannot use the answer of ${host}: ${why}`, {
    subject: host,
    hint: "Check the endpoint; a proxy on the way may change answers.",
  });
}
