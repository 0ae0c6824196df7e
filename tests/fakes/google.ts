/**
 * Google in memory: token endpoint, security token service, impersonation, metadata server. It
 * verifies what it is sent: signatures, audiences, headers and times; what is wrong gets the answer
 * that Google would give, and is noted.
 *
 * @module
 */

import vectors from "../data/gcp_jwt.json" with { type: "json" };
import { valueOf, verifySignature } from "./aws_signature.ts";
import { isSigned, parseJwt, pemBytes } from "./jwt.ts";

/** The parts of Google that answer. */
export type GooglePart =
  | "token"
  | "sts"
  | "oauthtoken"
  | "impersonate"
  | "metadata"
  | "subject"
  | "github"
  | "aws"
  | "registry";

/** Answers in place of a part, or leaves it to the part. */
export type Reply = (request: Request, call: number) => Response | undefined;

/** What can be chosen. */
export interface FakeGoogleOptions {
  /** Tells the time. */
  readonly now: () => Date;
  /** Answers in place of the usual ones. */
  readonly replies?: Partial<Record<GooglePart, Reply>>;
}

/** Google, and what it was asked. */
export interface FakeGoogle {
  /** Answers a request to any of its hosts. */
  answer(request: Request): Promise<Response>;
  /** Method, host and path of all requests. */
  readonly calls: readonly string[];
  /** What was wrong with them. */
  readonly faults: readonly string[];
}

/** What the fake knows, and its tokens. */
export const GOOGLE = {
  email: "reader@regauth-test.iam.gserviceaccount.com",
  target: "target@regauth-test.iam.gserviceaccount.com",
  clientId: "1234.apps.googleusercontent.com",
  clientSecret: "CLIENT-SECRET",
  refreshToken: "1//REFRESH-SECRET",
  provider: "projects/123456789012/locations/global/workloadIdentityPools/pool-a/providers/p-1",
  workforce: "//iam.googleapis.com/locations/global/workforcePools/pool-w/providers/p-w",
  subjectToken: "SUBJECT-SECRET",
  saToken: "ya29.SA-SECRET",
  userToken: "ya29.USER-SECRET",
  federatedToken: "ya29.d.FEDERATED-SECRET",
  workforceToken: "ya29.WORKFORCE-SECRET",
  impersonatedToken: "ya29.c.IMPERSONATED-SECRET",
  metadataToken: "ya29.c.METADATA-SECRET",
} as const;

/** A key file that the fake accepts. */
export const KEY_FILE = {
  type: "service_account",
  project_id: "regauth-test",
  private_key_id: vectors.private_key_id,
  private_key: vectors.private_key_pkcs8_pem,
  client_email: GOOGLE.email,
  client_id: "1",
  token_uri: "https://oauth2.googleapis.com/token",
} as const;

/** The file that gcloud writes for a user. */
export const USER_FILE = {
  type: "authorized_user",
  client_id: GOOGLE.clientId,
  client_secret: GOOGLE.clientSecret,
  refresh_token: GOOGLE.refreshToken,
} as const;

const AUDIENCE = `//iam.googleapis.com/${GOOGLE.provider}`;

/** A provider for AWS. */
export const AWS_AUDIENCE = AUDIENCE.replace(/[^/]+$/, "aws-1");

/** A file for federation whose token is in `/token`. */
export const FEDERATED_FILE = {
  type: "external_account",
  audience: AUDIENCE,
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
  credential_source: { file: "/token" },
} as const;

const SPKI = pemBytes(vectors.public_key_spki_pem);
const FORM = "application/x-www-form-urlencoded";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/**
 * Starts Google.
 *
 * @param options The clock, and odd answers.
 * @returns Google; it holds no resources.
 */
export function fakeGoogle(options: FakeGoogleOptions): FakeGoogle {
  const calls: string[] = [];
  const faults: string[] = [];
  const counts = new Map<GooglePart, number>();
  const now = (): number => options.now().getTime() / 1000;

  const fault = (text: string, response: Response): Response => {
    faults.push(text);
    return response;
  };
  const oauthError = (error: string, description: string, status = 400): Response =>
    fault(description, Response.json({ error, error_description: description }, { status }));
  const bearer = (access_token: string, more: Record<string, unknown> = {}): Response =>
    Response.json({ access_token, expires_in: 3599, token_type: "Bearer", ...more });

  async function form(request: Request): Promise<URLSearchParams | undefined> {
    const type = request.headers.get("content-type") ?? "";
    if (request.method !== "POST" || !type.startsWith(FORM)) return undefined;
    return new URLSearchParams(await request.text());
  }

  async function token(request: Request): Promise<Response> {
    const body = await form(request);
    if (body === undefined) return oauthError("invalid_request", "not a form");
    if (request.headers.has("authorization")) {
      return oauthError("invalid_request", "an Authorization header at the token endpoint");
    }
    if (body.get("grant_type") === "refresh_token") {
      if (body.get("client_id") !== GOOGLE.clientId) {
        return oauthError("invalid_client", "The OAuth client was not found.", 401);
      }
      const known = body.get("client_secret") === GOOGLE.clientSecret &&
        body.get("refresh_token") === GOOGLE.refreshToken;
      return known
        ? bearer(GOOGLE.userToken, { scope: CLOUD_PLATFORM, id_token: "e30.e30.x" })
        : oauthError("invalid_grant", "Token has been expired or revoked.");
    }
    if (body.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
      return oauthError("unsupported_grant_type", "Invalid grant_type");
    }
    const jwt = parseJwt(body.get("assertion") ?? "");
    if (!jwt || !await isSigned(jwt, SPKI, "RS256")) {
      return oauthError("invalid_grant", "Invalid JWT Signature.");
    }
    const { iss, scope, aud, iat, exp, sub } = jwt.claims;
    if (iss !== GOOGLE.email) {
      return oauthError("invalid_grant", "Invalid grant: account not found");
    }
    const url = new URL(request.url);
    if (aud !== `${url.origin}${url.pathname}`) {
      return oauthError("invalid_grant", "Invalid JWT: Failed audience check.");
    }
    const isTimely = typeof iat === "number" && typeof exp === "number" && exp - iat <= 3600 &&
      Math.abs(iat - now()) <= 600;
    if (!isTimely) {
      return oauthError(
        "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable " +
          "timeframe. Check your iat and exp values in the JWT claim.",
      );
    }
    if (sub !== undefined) {
      return oauthError(
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method.",
        401,
      );
    }
    if (typeof scope !== "string" || scope === "") {
      return oauthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    }
    return bearer(GOOGLE.saToken);
  }

  async function sts(request: Request): Promise<Response> {
    const body = await form(request);
    if (body === undefined) return oauthError("invalid_request", "not a form");
    const expected: Record<string, readonly string[]> = {
      grant_type: ["urn:ietf:params:oauth:grant-type:token-exchange"],
      requested_token_type: ["urn:ietf:params:oauth:token-type:access_token"],
      audience: [AUDIENCE, AWS_AUDIENCE, GOOGLE.workforce],
    };
    for (const [name, values] of Object.entries(expected)) {
      if (!values.includes(body.get(name) ?? "")) {
        return oauthError("invalid_request", `Invalid value for "${name}"`);
      }
    }
    if (!body.get("scope")) return oauthError("invalid_scope", "no scope");
    const isWorkforce = body.get("audience") === GOOGLE.workforce;
    const authorization = request.headers.get("authorization");
    if (body.has("options") && (!isWorkforce || authorization !== null)) {
      return oauthError("invalid_request", "options are only for workforce pools");
    }
    if (authorization !== null && authorization !== basicOf(GOOGLE.clientId, GOOGLE.clientSecret)) {
      return oauthError("invalid_client", "wrong client", 401);
    }
    const type = body.get("subject_token_type") ?? "";
    const subject = body.get("subject_token") ?? "";
    if (type === "urn:ietf:params:aws:token-type:aws4_request") {
      const problem = awsProblem(subject, body.get("audience") ?? "", options.now());
      if (problem) return oauthError("invalid_grant", problem);
    } else if (subject !== GOOGLE.subjectToken) {
      return oauthError(
        "invalid_grant",
        "The given credential is rejected by the attribute condition.",
      );
    }
    return bearer(GOOGLE.federatedToken, {
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      expires_in: 3600,
    });
  }

  async function oauthtoken(request: Request): Promise<Response> {
    const body = await form(request);
    if (request.headers.get("authorization") !== basicOf(GOOGLE.clientId, GOOGLE.clientSecret)) {
      return oauthError("invalid_client", "no Basic header", 401);
    }
    if (!body || body.has("client_secret")) return oauthError("invalid_request", "secret in body");
    return body.get("refresh_token") === GOOGLE.refreshToken
      ? bearer(GOOGLE.workforceToken, { refresh_token: "1//ROTATED-SECRET" })
      : oauthError("invalid_grant", "Token has been expired or revoked.");
  }

  async function impersonate(request: Request): Promise<Response> {
    const issued: readonly string[] = [
      GOOGLE.saToken,
      GOOGLE.userToken,
      GOOGLE.federatedToken,
      GOOGLE.workforceToken,
      GOOGLE.metadataToken,
      "ya29.GCLOUD-SECRET",
    ];
    const authorization = request.headers.get("authorization") ?? "";
    if (!issued.includes(authorization.replace(/^Bearer /, ""))) {
      return fault("bearer", Response.json({ error: { code: 401 } }, { status: 401 }));
    }
    const { lifetime, scope, delegates } = await request.json().catch(() => ({}));
    const isGood = /^\d+s$/.test(String(lifetime)) && Array.isArray(scope) && scope.length > 0 &&
      (delegates === undefined || Array.isArray(delegates));
    if (!isGood) return fault("body", Response.json({ error: { code: 400 } }, { status: 400 }));
    const account = decodeURIComponent(new URL(request.url).pathname);
    if (!account.endsWith(`/${GOOGLE.target}:generateAccessToken`)) {
      const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource.";
      const error = { code: 403, message, status: "PERMISSION_DENIED" };
      return fault("denied", Response.json({ error }, { status: 403 }));
    }
    const end = new Date((now() + Number.parseInt(lifetime)) * 1000);
    return Response.json({
      accessToken: GOOGLE.impersonatedToken,
      expireTime: end.toISOString().replace(/\.\d+Z$/, "Z"),
    });
  }

  function metadata(request: Request): Response {
    const headers = { "metadata-flavor": "Google" };
    if (request.headers.get("metadata-flavor") !== "Google") {
      return fault("no Metadata-Flavor", new Response("Forbidden", { status: 403, headers }));
    }
    if (request.headers.has("x-forwarded-for")) {
      return fault("forwarded", new Response("Forbidden", { status: 403, headers }));
    }
    const { pathname, searchParams } = new URL(request.url);
    const [, account = "", what] =
      /^\/computeMetadata\/v1\/instance\/service-accounts\/([^/]+)\/(token|email|scopes)$/
        .exec(pathname) ?? [];
    if (pathname === "/" || pathname === "/computeMetadata/v1/instance") {
      return new Response("computeMetadata/\n", { headers });
    }
    if (pathname.endsWith("/universe/universe-domain") || what === undefined) {
      return new Response("not found", { status: 404, headers });
    }
    if (!["default", GOOGLE.email].includes(decodeURIComponent(account))) {
      return new Response("not found", { status: 404, headers });
    }
    if (what === "email") return new Response(GOOGLE.email, { headers });
    if (what === "scopes") {
      return searchParams.get("alt") === "json"
        ? Response.json([CLOUD_PLATFORM], { headers })
        : new Response(`${CLOUD_PLATFORM}\n`, { headers });
    }
    if (/\s/.test(searchParams.get("scopes") ?? "")) {
      return fault("scopes with blanks", new Response("bad", { status: 400, headers }));
    }
    return Response.json(
      { access_token: GOOGLE.metadataToken, expires_in: 3297, token_type: "Bearer" },
      { headers },
    );
  }

  function subject(request: Request): Response {
    return request.headers.get("x-ci") === "HEADER-SECRET"
      ? new Response(`${GOOGLE.subjectToken}\n`)
      : fault("no header", new Response("unauthorized", { status: 401 }));
  }

  function github(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const isGood = request.headers.get("authorization") === "bearer GITHUB-SECRET" &&
      searchParams.get("api-version") === "2.0" &&
      searchParams.get("audience") === `https://iam.googleapis.com/${GOOGLE.provider}`;
    return isGood
      ? Response.json({ count: 1, value: GOOGLE.subjectToken })
      : fault("github", new Response("unauthorized", { status: 401 }));
  }

  function aws(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (request.method === "PUT" && pathname === "/latest/api/token") {
      return request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") === "300"
        ? new Response("IMDS-SECRET")
        : fault("ttl", new Response("bad", { status: 400 }));
    }
    if (request.headers.get("x-aws-ec2-metadata-token") !== "IMDS-SECRET") {
      return fault("no session", new Response("unauthorized", { status: 401 }));
    }
    switch (pathname) {
      case "/latest/meta-data/placement/availability-zone":
        return new Response("us-east-1a");
      case "/latest/meta-data/iam/security-credentials":
        return new Response("role");
      case "/latest/meta-data/iam/security-credentials/role":
        return Response.json({
          AccessKeyId: "AKIDEXAMPLE",
          SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          Token: "TOKENEXAMPLE",
        });
      default:
        return fault(pathname, new Response("not found", { status: 404 }));
    }
  }

  function registry(request: Request): Response {
    const { host, pathname, searchParams } = new URL(request.url);
    const authorization = request.headers.get("authorization") ?? "";
    if (pathname === "/v2/token") {
      const [user = "", password = ""] = atob(authorization.replace(/^Basic /, "")).split(/:(.*)/s);
      const isToken = /^(?:oauth2accesstoken|_token|_dcgcr_\d+_\d+_\d+_token)$/.test(user);
      const isKnown = isToken && Object.values(GOOGLE).some((value) => value === password) &&
        searchParams.get("service") === host;
      return isKnown ? Response.json({ token: "REGISTRY-SECRET", expires_in: 3600 }) : fault(
        "registry",
        Response.json({
          errors: [{ code: "UNAUTHORIZED", message: "No valid credential was supplied." }],
        }, { status: 401 }),
      );
    }
    if (authorization === "Bearer REGISTRY-SECRET") return new Response("{}");
    const challenge = `Bearer realm="https://${host}/v2/token",service="${host}"`;
    return new Response("", { status: 401, headers: { "www-authenticate": challenge } });
  }

  const parts: Record<GooglePart, (request: Request) => Response | Promise<Response>> = {
    token,
    sts,
    oauthtoken,
    impersonate,
    metadata,
    subject,
    github,
    aws,
    registry,
  };
  return {
    calls,
    faults,
    async answer(request): Promise<Response> {
      const { host, pathname } = new URL(request.url);
      calls.push(`${request.method} ${host}${pathname}`);
      const part = partOf(host, pathname);
      if (part === undefined) throw new TypeError(`fetch failed: dns error: ${host}`);
      const call = (counts.get(part) ?? 0) + 1;
      counts.set(part, call);
      return options.replies?.[part]?.(request, call) ?? await parts[part](request);
    },
  };
}

/** What is wrong with a signed request to AWS, if anything is. */
function awsProblem(subject: string, audience: string, now: Date): string | undefined {
  const { url, method, headers }: {
    url: string;
    method: string;
    headers: { key: string; value: string }[];
  } = JSON.parse(decodeURIComponent(subject));
  if (!url.startsWith("https://sts.us-east-1.amazonaws.com?")) return "URL";
  const { pathname, search } = new URL(url);
  const request = {
    method,
    target: pathname + search,
    headers: headers.map(({ key, value }) => [key, value] as const),
    body: new Uint8Array(),
  };
  const names = headers.map(({ key }) => key);
  if (names.join() !== names.toSorted().join()) return "order of headers";
  if (valueOf(request, "host") !== "sts.us-east-1.amazonaws.com") return "host";
  if (valueOf(request, "x-goog-cloud-target-resource") !== audience) return "target resource";
  const sessionToken = valueOf(request, "x-amz-security-token");
  const principal = {
    accessKeyId: "AKIDEXAMPLE",
    secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    arn: "arn:aws:iam::123456789012:user/x",
    account: "123456789012",
    ...(sessionToken === "TOKENEXAMPLE" ? { sessionToken } : {}),
  };
  const principals = new Map([[principal.accessKeyId, principal]]);
  const result = verifySignature(request, { principals, service: "sts", now });
  return "message" in result ? result.message : undefined;
}

function partOf(host: string, path: string): GooglePart | undefined {
  if (/^(?:[^.]+\.)?sts(?:\.[^.]+)?\.googleapis\.com$/.test(host)) {
    return path === "/v1/oauthtoken" ? "oauthtoken" : "sts";
  }
  if (host === "iamcredentials.googleapis.com") return "impersonate";
  if (["oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"].includes(host)) {
    return "token";
  }
  if (["169.254.169.254", "metadata.example:8080", "metadata.google.internal"].includes(host)) {
    return path.startsWith("/latest/") ? "aws" : "metadata";
  }
  if (/^(?:[a-z]+\.)?gcr\.io$|\.pkg\.dev$/.test(host)) return "registry";
  if (host === "ci.example") return "subject";
  return host === "pipelines.actions.example" ? "github" : undefined;
}

function basicOf(name: string, secret: string): string {
  return `Basic ${btoa(`${name}:${secret}`)}`;
}
