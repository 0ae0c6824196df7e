/**
 * IAM Identity Center and the sign-in service of the fake AWS.
 *
 * @module
 */

import { createPublicKey, verify } from "node:crypto";
import { json, type RawAnswer } from "./aws.ts";
import { type Principal, type RawRequest, valueOf } from "./aws_signature.ts";

/** A registered client, and who logged in with it. */
export interface FakeRefresh {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly registrationExpiresAt: Date;
  readonly startUrl: string;
}

/** A device that wants to be logged in. */
export interface FakeDevice {
  readonly client: FakeRefresh;
  /** Answers until the log-in is confirmed; without end it never is. */
  waits: number;
  /** In place of the next "not yet". */
  error?: string;
}

/** Somebody who logged in at the console. */
export interface FakeLogin {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly arn: string;
  readonly account: string;
  /** In place of keys. */
  readonly error?: string;
}

/** Both halves of a proof. */
interface Proof {
  readonly alg: string;
  readonly typ: string;
  readonly jwk: {
    readonly kty: string;
    readonly crv: string;
    readonly x: string;
    readonly y: string;
  };
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
}

/** What the log-in services know. */
export interface LoginParts {
  /** The time of AWS. */
  readonly now: () => Date;
  readonly principals: Map<string, Principal>;
  /** Access tokens of Identity Center, and when they end. */
  readonly sso: Map<string, Date>;
  /** Keys by `account/role`, of roles that are assigned. */
  readonly ssoRoles: Map<string, Omit<Principal, "expiry" | "sessionToken">>;
  /** Tokens to renew an access token with; each counts once. */
  readonly refreshTokens: Map<string, FakeRefresh>;
  /** Device codes, and how often they are still to be asked for until somebody has confirmed them. */
  readonly devices: Map<string, FakeDevice>;
  /** Log-ins at the console by refresh token; each counts once. */
  readonly logins: Map<string, FakeLogin>;
  /** Proofs that were seen. */
  readonly proofs: Set<string>;
}

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Seconds. */
const SSO_LIFE = 28_800;
const LOGIN_LIFE = 900;

/** Answers a request to one of them. */
export async function loginAnswer(
  parts: LoginParts,
  request: RawRequest,
  action: string,
): Promise<RawAnswer | undefined> {
  if (action === "GET /federation/credentials") return roleCredentials(parts, request);
  if (action === "POST /client/register") return register(parts, request);
  if (action === "POST /device_authorization") return authorizeDevice(parts, request);
  if (action === "POST /token") {
    return bodyOf(request).grantType === DEVICE_GRANT
      ? confirmDevice(parts, request)
      : renewSso(parts, request);
  }
  if (action === "POST /v1/token") return await renewLogin(parts, request);
  return undefined;
}

function failure(status: number, code: string, message = code): RawAnswer {
  return {
    status,
    headers: { "content-type": "application/json", "x-amzn-errortype": `${code}:http://aws/` },
    body: JSON.stringify({ message, __type: `com.amazonaws.switchboard.portal#${code}` }),
  };
}

function roleCredentials(parts: LoginParts, request: RawRequest): RawAnswer {
  const query = new URLSearchParams(request.target.replace(/^[^?]*\?/, ""));
  const end = parts.sso.get(valueOf(request, "x-amz-sso_bearer_token") ?? "");
  if (valueOf(request, "authorization") !== undefined) {
    return failure(400, "InvalidRequestException");
  }
  if (end === undefined || end <= parts.now()) {
    return failure(401, "UnauthorizedException", "Session token not found or invalid");
  }
  const role = parts.ssoRoles.get(`${query.get("account_id")}/${query.get("role_name")}`);
  if (role === undefined) return failure(404, "ResourceNotFoundException", "No access");
  const expiry = new Date(parts.now().getTime() + 3_600_000);
  const principal: Principal = { ...role, sessionToken: `SSO/${role.accessKeyId}+==`, expiry };
  parts.principals.set(role.accessKeyId, principal);
  return json({
    roleCredentials: {
      accessKeyId: principal.accessKeyId,
      secretAccessKey: principal.secret,
      sessionToken: principal.sessionToken,
      expiration: expiry.getTime(),
    },
  });
}

function register(parts: LoginParts, request: RawRequest): RawAnswer {
  const { clientName, clientType, scopes } = bodyOf(request);
  if (clientName !== "regauth" || clientType !== "public" || !Array.isArray(scopes)) {
    return failure(400, "InvalidClientMetadataException");
  }
  return json({
    clientId: "device-client",
    clientSecret: "device-secret",
    clientSecretExpiresAt: Math.floor(parts.now().getTime() / 1000) + 7_776_000,
  });
}

function authorizeDevice(parts: LoginParts, request: RawRequest): RawAnswer {
  const { clientId, clientSecret, startUrl } = bodyOf(request);
  if (clientId !== "device-client" || clientSecret !== "device-secret") {
    return failure(401, "InvalidClientException");
  }
  const client: FakeRefresh = {
    clientId,
    clientSecret,
    registrationExpiresAt: new Date(parts.now().getTime() + 7_776_000_000),
    startUrl: String(startUrl),
  };
  const known = parts.devices.get("device-code");
  parts.devices.set("device-code", { waits: 2, ...known, client });
  return json({
    deviceCode: "device-code",
    userCode: "ABCD-EFGH",
    verificationUri: "https://device.sso.us-east-2.amazonaws.com/",
    verificationUriComplete: "https://device.sso.us-east-2.amazonaws.com/?user_code=ABCD-EFGH",
    expiresIn: 600,
    interval: 1,
  });
}

function confirmDevice(parts: LoginParts, request: RawRequest): RawAnswer {
  const { clientId, clientSecret, deviceCode } = bodyOf(request);
  const device = parts.devices.get(String(deviceCode));
  const { client } = device ?? {};
  if (!device || client?.clientId !== clientId || client?.clientSecret !== clientSecret) {
    return failure(401, "InvalidClientException");
  }
  const { error } = device;
  delete device.error;
  if (error !== undefined) return failure(400, error);
  if (device.waits-- > 0) return json({ error: "authorization_pending" }, 400);
  return newSsoToken(parts, device.client);
}

function renewSso(parts: LoginParts, request: RawRequest): RawAnswer {
  const { clientId, clientSecret, grantType, refreshToken } = bodyOf(request);
  const known = parts.refreshTokens.get(String(refreshToken));
  if (grantType !== "refresh_token" || valueOf(request, "authorization") !== undefined) {
    return json({ error: "invalid_request", error_description: "InvalidRequestException" }, 400);
  }
  if (
    !known || known.clientId !== clientId || known.clientSecret !== clientSecret ||
    known.registrationExpiresAt <= parts.now()
  ) {
    return json({ error: "invalid_grant", error_description: "Invalid refresh token" }, 400);
  }
  parts.refreshTokens.delete(String(refreshToken));
  return newSsoToken(parts, known);
}

function newSsoToken(parts: LoginParts, known: FakeRefresh): RawAnswer {
  const next = { access: crypto.randomUUID(), refresh: crypto.randomUUID() };
  parts.sso.set(next.access, new Date(parts.now().getTime() + SSO_LIFE * 1000));
  parts.refreshTokens.set(next.refresh, known);
  return json({
    accessToken: next.access,
    expiresIn: SSO_LIFE,
    tokenType: "Bearer",
    refreshToken: next.refresh,
  });
}

async function renewLogin(parts: LoginParts, request: RawRequest): Promise<RawAnswer> {
  const { clientId, grantType, refreshToken } = bodyOf(request);
  const denied = (error: string): RawAnswer => ({
    status: 400,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ __type: "AccessDeniedException", error, message: "denied" }),
  });
  if (!await isProof(parts, request)) return denied("INVALID_REQUEST");
  const login = parts.logins.get(String(refreshToken));
  if (!login || grantType !== "refresh_token" || login.clientId !== clientId) {
    return denied("TOKEN_EXPIRED");
  }
  if (login.error !== undefined) return denied(login.error);
  parts.logins.delete(String(refreshToken));
  const id = crypto.randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase();
  const principal: Principal = {
    accessKeyId: `ASIA${id}`,
    secret: `login/secret+${id}`,
    sessionToken: `LOGIN/${id}==`,
    expiry: new Date(parts.now().getTime() + LOGIN_LIFE * 1000),
    arn: login.arn,
    account: login.account,
  };
  parts.principals.set(principal.accessKeyId, principal);
  const next = crypto.randomUUID();
  parts.logins.set(next, { ...login, refreshToken: next });
  const { accessKeyId, secret, sessionToken } = principal;
  return json({
    accessToken: { accessKeyId, secretAccessKey: secret, sessionToken },
    tokenType: "aws_sigv4",
    expiresIn: LOGIN_LIFE,
    refreshToken: next,
  });
}

/** ES256 by the key that it names itself, for this request, fresh, and never seen before. */
async function isProof(parts: LoginParts, request: RawRequest): Promise<boolean> {
  const [header = "", payload = "", signature = ""] = (valueOf(request, "dpop") ?? "").split(".");
  try {
    const { alg, typ, jwk } = decode(header);
    const { jti, htm, htu, iat } = decode(payload);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const bytes = Uint8Array.from(binary(signature), (character) => character.charCodeAt(0));
    const right = verify(
      "sha256",
      new TextEncoder().encode(`${header}.${payload}`),
      { key, dsaEncoding: "ieee-p1363" },
      bytes,
    );
    const host = valueOf(request, "host");
    const fits = alg === "ES256" && typ === "dpop+jwt" && htm === "POST" &&
      new URL(htu).host === host && new URL(htu).pathname === "/v1/token" &&
      Math.abs(iat * 1000 - parts.now().getTime()) <= 300_000 && !parts.proofs.has(jti) &&
      jwk.x.length === 43 && jwk.y.length === 43;
    parts.proofs.add(jti);
    return await Promise.resolve(right && fits);
  } catch {
    return false;
  }
}

function bodyOf(request: RawRequest): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(request.body));
  } catch {
    return {};
  }
}

function binary(text: string): string {
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}

/** Header or payload; whatever is missing fails a comparison, or throws. */
function decode(text: string): Proof {
  return JSON.parse(binary(text));
}
