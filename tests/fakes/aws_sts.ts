/**
 * The token service of the fake AWS.
 *
 * @module
 */

import type { RawAnswer } from "./aws.ts";
import { type Principal, type RawRequest, valueOf, verifySignature } from "./aws_signature.ts";

/** A role, and whom it trusts. */
export interface FakeRole {
  /** ARNs that may take it on; all if absent. */
  readonly trusted?: readonly string[];
  readonly externalId?: string;
  /** The code that an MFA device shows; absent if none is wanted. */
  readonly mfa?: { readonly serial: string; readonly code: string };
  /** Longest session, in seconds. @default {3600} */
  readonly longest?: number;
  readonly allowed?: readonly string[];
}

/** What the token service knows. */
export interface StsParts {
  /** The time of AWS. */
  readonly now: () => Date;
  readonly principals: Map<string, Principal>;
  /** Roles by ARN. */
  readonly roles: Map<string, FakeRole>;
  /** Tokens of other issuers, and the roles that trust them. */
  readonly webTokens: Map<string, string>;
}

const LIMITS: Readonly<Record<string, RegExp>> = {
  RoleArn: /^.{20,2048}$/,
  RoleSessionName: /^[\w+=,.@-]{2,64}$/,
  DurationSeconds: /^\d+$/,
  ExternalId: /^[\w+=,.@:/-]{2,1224}$/,
  SerialNumber: /^[\w+=/:,.@-]{9,256}$/,
  TokenCode: /^\d{6}$/,
  WebIdentityToken: /^.{4,20000}$/s,
};

/** The names that differ from those of the JSON services. */
const XML_CODES: Readonly<Record<string, string>> = {
  MissingAuthenticationTokenException: "MissingAuthenticationToken",
  UnrecognizedClientException: "InvalidClientTokenId",
  ExpiredTokenException: "ExpiredToken",
  InvalidSignatureException: "SignatureDoesNotMatch",
};

/** An error of the services that speak XML. */
export function xmlError(status: number, code: string, message: string): RawAnswer {
  return {
    status,
    headers: { "content-type": "text/xml" },
    body: `<?xml version="1.0"?>
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error>
  <RequestId>0f0f0f0f-2</RequestId>
</ErrorResponse>`,
  };
}

/** Answers a request to the token service. */
export function stsAnswer(sts: StsParts, request: RawRequest): RawAnswer {
  const form = new URLSearchParams(new TextDecoder().decode(request.body));
  const action = form.get("Action") ?? "";
  const type = valueOf(request, "content-type") ?? "";
  if (form.get("Version") !== "2011-06-15" || !/^application\/x-www-form-urlencoded/.test(type)) {
    return xmlError(400, "InvalidAction", "Could not find operation");
  }
  const bad = Object.entries(LIMITS)
    .find(([name, limit]) => form.has(name) && !limit.test(form.get(name) ?? ""));
  if (bad) {
    return xmlError(400, "ValidationError", `Value at '${bad[0]}' failed to satisfy constraint`);
  }
  if (action === "AssumeRoleWithWebIdentity") return webIdentity(sts, request, form);

  const verified = verifySignature(request, {
    principals: sts.principals,
    service: "sts",
    now: sts.now(),
  });
  if ("code" in verified) {
    return xmlError(403, XML_CODES[verified.code] ?? verified.code, verified.message);
  }
  const { principal } = verified;
  if (action === "GetCallerIdentity") {
    return xml(action, `<Arn>${principal.arn}</Arn><Account>${principal.account}</Account>`);
  }
  if (action !== "AssumeRole") return xmlError(400, "InvalidAction", "Could not find operation");
  const arn = form.get("RoleArn") ?? "";
  const role = sts.roles.get(arn);
  const mfaFits = !role?.mfa || (form.get("SerialNumber") === role.mfa.serial &&
    form.get("TokenCode") === role.mfa.code);
  if (
    !role || (role.trusted && !role.trusted.includes(principal.arn)) || !mfaFits ||
    (role.externalId !== undefined && form.get("ExternalId") !== role.externalId)
  ) {
    const message = `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on ` +
      `resource: ${arn}`;
    return xmlError(403, "AccessDenied", message);
  }
  return session(sts, form, action, role);
}

function webIdentity(sts: StsParts, request: RawRequest, form: URLSearchParams): RawAnswer {
  const action = "AssumeRoleWithWebIdentity";
  if (valueOf(request, "authorization") !== undefined) {
    return xmlError(400, "InvalidAction", "The request must not be signed");
  }
  const arn = form.get("RoleArn") ?? "";
  const trusting = sts.webTokens.get(form.get("WebIdentityToken") ?? "");
  if (trusting === undefined) {
    return xmlError(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account");
  }
  return trusting === arn
    ? session(sts, form, action, sts.roles.get(arn) ?? {})
    : xmlError(403, "AccessDenied", `Not authorized to perform ${`sts:${action}`}`);
}

function session(
  sts: StsParts,
  form: URLSearchParams,
  action: string,
  { longest = 3600, allowed }: FakeRole,
): RawAnswer {
  const seconds = Number(form.get("DurationSeconds") ?? "3600");
  if (seconds < 900 || seconds > longest) {
    const message =
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    return xmlError(400, "ValidationError", message);
  }
  const role = form.get("RoleArn") ?? "";
  const account = role.split(":")[4] ?? "";
  const id = crypto.randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase();
  const name = form.get("RoleSessionName") ?? "";
  const principal: Principal = {
    accessKeyId: `ASIA${id}`,
    secret: `role/secret+${id}`,
    sessionToken: `FAKE+TOKEN/${id}==`,
    expiry: new Date(Math.floor(sts.now().getTime() / 1000) * 1000 + seconds * 1000),
    arn: `${role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${name}`,
    account,
    ...(allowed ? { allowed } : {}),
  };
  sts.principals.set(principal.accessKeyId, principal);
  return xml(
    action,
    `<Credentials>
      <AccessKeyId>${principal.accessKeyId}</AccessKeyId>
      <SecretAccessKey>${principal.secret}</SecretAccessKey>
      <SessionToken>${principal.sessionToken?.replaceAll("+", "&#43;")}</SessionToken>
      <Expiration>${principal.expiry?.toISOString().replace(/\.\d+/, "")}</Expiration>
    </Credentials>
    <AssumedRoleUser><Arn>${principal.arn}</Arn><AssumedRoleId>AROA:${name}</AssumedRoleId></AssumedRoleUser>`,
  );
}

function xml(action: string, content: string): RawAnswer {
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${action}Result>${content}</${action}Result>
  <ResponseMetadata><RequestId>0f0f0f0f-1</RequestId></ResponseMetadata>
</${action}Response>`,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&#39;");
}
