/**
 * Subject tokens made of AWS credentials: a signed request that asks AWS who signed it, for Google to
 * send ("aws4_request"; golang.org/x/oauth2 `google/externalaccount/aws.go`).
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { Context } from "../../io.ts";
import { type JsonObject, parseObject } from "../../json_object.ts";
import { printable } from "../../printable.ts";
import { ask, type Question, USUAL_DELAYS } from "../ask.ts";
import { signRequest } from "../sigv4.ts";
import {
  badField,
  type CredentialFile,
  fileFault,
  optionalText,
  textOf,
} from "./credential_file.ts";
import type { GoogleOptions } from "./options.ts";
import { noSubjectToken } from "./subject_token.ts";

/** Addresses of the metadata service of EC2 instances. */
const METADATA_HOSTS: readonly string[] = ["169.254.169.254", "[fd00:ec2::254]"];
const VERIFICATION_URL =
  "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";
const HINT =
  "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or give the machine a role.";

interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/**
 * Signs the request that proves who we are to AWS.
 *
 * @param context The outside world.
 * @param file The credential file.
 * @param source Its `credential_source`.
 * @param options The hosts that the user trusts.
 * @returns The request as JSON, encoded as a part of a URL.
 * @throws {RegauthError} `google-wif-no-subject-token`, `google-untrusted-endpoint`,
 * `google-adc-bad-field`, `network`
 */
export async function awsSubjectToken(
  context: Context,
  file: CredentialFile,
  source: JsonObject,
  options: GoogleOptions,
): Promise<Secret> {
  const { io } = context;
  if (textOf(file, "environment_id", source) !== "aws1") {
    throw badField(file, "environment_id", "is not aws1");
  }
  const metadata = metadataReader(context, file, source, options);
  const region = io.env("AWS_REGION") || io.env("AWS_DEFAULT_REGION") ||
    (await metadata("region_url")).trim().slice(0, -1);
  const key = keyOfVariables(context) ?? await keyOfMetadata(file, metadata);
  const template = optionalText(file, "regional_cred_verification_url", source) ??
    VERIFICATION_URL;
  const text = template.replace("{region}", region);
  const url = verificationUrl(text, file);
  const headers = { "x-goog-cloud-target-resource": textOf(file, "audience") };
  const [service = ""] = url.hostname.split(".");
  const signed = await signRequest(
    { method: "POST", url, headers },
    { ...key, region, service, date: io.now() },
  );
  const { authorization = "", ...others } = signed.headers;
  const all = { ...others, Authorization: authorization, host: url.host };
  const list = Object.entries(all).sort(([one], [other]) => one < other ? -1 : 1)
    .map(([key, value]) => ({ key, value }));
  return new Secret(
    encodeURIComponent(JSON.stringify({ url: text, method: "POST", headers: list })),
  );
}

type Metadata = (member: string, below?: string) => Promise<string>;

/** Reads what the file's URLs lead to; the session token of IMDSv2 is fetched once, when needed. */
function metadataReader(
  context: Context,
  file: CredentialFile,
  source: JsonObject,
  { trustedEndpoints = [] }: GoogleOptions,
): Metadata {
  function urlOf(member: string, below = ""): URL {
    const text = textOf(file, member, source);
    const url = URL.parse(text + below);
    if (url && (METADATA_HOSTS.includes(url.hostname) || trustedEndpoints.includes(url.host))) {
      return url;
    }
    throw fileFault(
      "google-untrusted-endpoint",
      file.path,
      `its "${member}" is not the metadata service of EC2 but "${
        printable(url?.host ?? text.slice(0, 100))
      }"`,
      "Create the credential file again.",
    );
  }

  async function read(question: Question): Promise<string> {
    const direct = { ...question, direct: true };
    const { status, body } = await ask(context, () => direct, { delays: USUAL_DELAYS });
    if (status >= 200 && status < 300) return body;
    const why = `${question.url.host}${question.url.pathname}: status ${status}`;
    throw noSubjectToken(file, why, HINT);
  }

  let session: Promise<Record<string, Secret>> | undefined;
  async function sessionHeaders(): Promise<Record<string, Secret>> {
    if (optionalText(file, "imdsv2_session_token_url", source) === undefined) return {};
    const token = await read({
      url: urlOf("imdsv2_session_token_url"),
      method: "PUT",
      headers: { "x-aws-ec2-metadata-token-ttl-seconds": "300" },
    });
    return { "x-aws-ec2-metadata-token": new Secret(token) };
  }

  return async (member, below) => {
    if (optionalText(file, member, source) === undefined) {
      throw noSubjectToken(file, `neither a variable nor "${member}" tells it`, HINT);
    }
    const url = urlOf(member, below);
    session ??= sessionHeaders();
    return await read({ url, headers: await session });
  };
}

function keyOfVariables({ io }: Context): AwsKey | undefined {
  const accessKeyId = io.env("AWS_ACCESS_KEY_ID");
  const secret = io.env("AWS_SECRET_ACCESS_KEY");
  if (!accessKeyId || !secret) return undefined;
  const token = io.env("AWS_SESSION_TOKEN");
  return {
    accessKeyId,
    secretAccessKey: new Secret(secret),
    ...(token ? { sessionToken: new Secret(token) } : {}),
  };
}

async function keyOfMetadata(file: CredentialFile, metadata: Metadata): Promise<AwsKey> {
  const role = (await metadata("url")).trim();
  const answer = parseObject(await metadata("url", `/${encodeURIComponent(role)}`));
  const { AccessKeyId: id, SecretAccessKey: secret, Token: token } = answer ?? {};
  if (typeof id !== "string" || typeof secret !== "string") {
    throw noSubjectToken(file, "the metadata service of EC2 gave no keys", HINT);
  }
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(typeof token === "string" ? { sessionToken: new Secret(token) } : {}),
  };
}

/** A signature counts for one request: it must be the one that only says who signed. */
function verificationUrl(text: string, file: CredentialFile): URL {
  const url = URL.parse(text);
  const isSts = url !== null && url.protocol === "https:" && url.port === "" &&
    /^sts(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.test(url.hostname) &&
    url.searchParams.get("Action") === "GetCallerIdentity";
  if (isSts) return url;
  throw fileFault(
    "google-untrusted-endpoint",
    file.path,
    'its "regional_cred_verification_url" is not GetCallerIdentity of AWS STS',
    "Create the credential file again.",
  );
}
