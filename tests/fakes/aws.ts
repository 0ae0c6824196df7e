/**
 * AWS as far as container registries need it: ECR, the token service, IAM Identity Center, sign-in,
 * metadata service, container agent, and a registry. It verifies what it is sent, in the order of the
 * real one, and remembers it. One server plays all parts: path, target and signature tell them apart.
 *
 * @module
 */

import { type Principal, type RawRequest, valueOf, verifySignature } from "./aws_signature.ts";
import { loginAnswer, type LoginParts } from "./aws_login.ts";
import { machineAnswer, type MachineParts } from "./aws_machine.ts";
import { stsAnswer, type StsParts } from "./aws_sts.ts";

/** An answer before it is sent. */
export interface RawAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it is remembered; it holds no secret. */
export interface Logged {
  /** Such as `ECR GetAuthorizationToken` or `GET /federation/credentials`. */
  readonly action: string;
  readonly host: string;
  /** ARN of whoever signed. */
  readonly by: string;
  /** Region of the signature. */
  readonly region: string;
  /** User agent. */
  readonly agent: string;
  readonly body: string;
}

/** A login to the registry that was given out. */
interface Issued {
  readonly arn: string;
  readonly expiresAt: Date;
}

/** Everything that can be changed, and what happened. */
export interface FakeAws extends StsParts, LoginParts, MachineParts {
  /** What happened. */
  readonly log: Logged[];
  /** Answers to give before behaving; `undefined` behaves. */
  readonly faults: ((request: RawRequest, action: string) => RawAnswer | undefined)[];
  /** Logins to the registry by password. */
  readonly passwords: ReadonlyMap<string, Issued>;
  /** Adds somebody who has a key. */
  add(principal: Partial<Principal> & Pick<Principal, "accessKeyId">): Principal;
  /** Answers a request. */
  answer(request: RawRequest): Promise<RawAnswer>;
  /** Answers a request of the in-memory outside world. */
  fetch(request: Request): Promise<Response>;
  /** Actions that were asked for, in order. */
  actions(): string[];
}

/** Seconds for which a login to the registry is good. */
const LIFE = 43_200.123;

/**
 * Makes an AWS without users.
 *
 * @param now Tells its time.
 * @returns The fake.
 */
export function fakeAws(now: () => Date): FakeAws {
  const principals = new Map<string, Principal>();
  const passwords = new Map<string, Issued>();
  const log: Logged[] = [];
  const fake: FakeAws = {
    now,
    principals,
    passwords,
    log,
    faults: [],
    roles: new Map(),
    webTokens: new Map(),
    sso: new Map(),
    ssoRoles: new Map(),
    refreshTokens: new Map(),
    devices: new Map(),
    logins: new Map(),
    proofs: new Set(),
    instance: undefined,
    containers: new Map(),
    metadataTokens: new Map(),
    add(principal) {
      const account = principal.account ?? "123456789012";
      const whole: Principal = {
        secret: `secret-of-${principal.accessKeyId}`,
        account,
        arn: `arn:aws:iam::${account}:user/${principal.accessKeyId.toLowerCase()}`,
        ...principal,
      };
      principals.set(whole.accessKeyId, whole);
      return whole;
    },
    async answer(request) {
      const action = actionOf(request);
      const authorization = valueOf(request, "authorization") ?? "";
      const [, key = "", , region = ""] =
        /Credential=([^/]+)\/([^/]+)\/([^/]+)/.exec(authorization) ?? [];
      log.push({
        action,
        host: valueOf(request, "host") ?? "",
        by: principals.get(key)?.arn ?? "",
        region,
        agent: valueOf(request, "user-agent") ?? "",
        body: new TextDecoder().decode(request.body),
      });
      const fault = fake.faults.shift()?.(request, action);
      const { status, headers = {}, body = "" } = fault ??
        await behave(fake, passwords, request, action);
      return {
        status,
        headers: {
          date: now().toUTCString(),
          "x-amzn-requestid": `0f0f0f0f-${log.length}`,
          ...headers,
        },
        body,
      };
    },
    async fetch(request) {
      const url = new URL(request.url);
      const answer = await fake.answer({
        method: request.method,
        target: `${url.pathname}${url.search}`,
        headers: [...request.headers, ["host", url.host]],
        body: new Uint8Array(await request.arrayBuffer()),
      });
      const { status, headers, body = "" } = answer;
      return new Response([204, 304].includes(status) ? null : body, {
        status,
        ...(headers ? { headers: { ...headers } } : {}),
      });
    },
    actions: () => log.map(({ action }) => action),
  };
  return fake;
}

/** An error of the services that speak JSON. */
export function jsonError(status: number, code: string, message: string): RawAnswer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify({ __type: `com.amazonaws#${code}`, message }),
  };
}

/** A JSON answer. */
export function json(value: unknown, status = 200): RawAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function actionOf(request: RawRequest): string {
  const target = valueOf(request, "x-amz-target");
  if (target?.startsWith("AmazonEC2ContainerRegistry_V20150921.")) {
    return `ECR ${target.split(".")[1]}`;
  }
  if (target?.startsWith("SpencerFrontendService.")) return `ECR Public ${target.split(".")[1]}`;
  if (request.method === "POST" && /^[^?]*\/$/.test(request.target)) {
    const form = new URLSearchParams(new TextDecoder().decode(request.body));
    return `STS ${form.get("Action")}`;
  }
  return `${request.method} ${request.target.replace(/\?.*/s, "")}`;
}

async function behave(
  fake: FakeAws,
  passwords: Map<string, Issued>,
  request: RawRequest,
  action: string,
): Promise<RawAnswer> {
  if (action.startsWith("ECR ")) return ecrAnswer(fake, passwords, request, action);
  if (action.startsWith("STS ")) return stsAnswer(fake, request);
  if (action === "GET /v2/") return registryAnswer(fake, request);
  return machineAnswer(fake, request, action) ?? await loginAnswer(fake, request, action) ??
    { status: 404, body: "no such service" };
}

function ecrAnswer(
  fake: FakeAws,
  passwords: Map<string, Issued>,
  request: RawRequest,
  action: string,
): RawAnswer {
  const isPublic = action.startsWith("ECR Public");
  const service = isPublic ? "ecr-public" : "ecr";
  const { principals } = fake;
  const now = fake.now();
  const verified = verifySignature(request, { principals, service, now });
  if ("code" in verified) return jsonError(400, verified.code, verified.message);
  const { principal: { arn, account, allowed }, region } = verified;
  const needed = [
    `${service}:GetAuthorizationToken`,
    ...isPublic ? ["sts:GetServiceBearerToken"] : [],
  ];
  const missing = needed.find((name) => allowed && !allowed.includes(name));
  if (missing !== undefined) {
    const message = `User: ${arn} is not authorized to perform: ${missing} on resource: * ` +
      "because no identity-based policy allows the action";
    return jsonError(400, "AccessDeniedException", message);
  }
  if (isPublic && region !== "us-east-1") {
    return jsonError(400, "UnsupportedCommandException", "GetAuthorizationToken is not supported");
  }
  const body = parse(request.body);
  const ids: unknown = body?.registryIds;
  const validIds = ids === undefined || (Array.isArray(ids) && ids.length > 0 && ids.length <= 10 &&
    ids.every((id) => /^\d{12}$/.test(String(id))));
  if (valueOf(request, "content-type") !== "application/x-amz-json-1.1" || !body || !validIds) {
    return jsonError(400, "InvalidParameterException", "Invalid parameter at 'registryIds'");
  }
  const password = `fake-${crypto.randomUUID()}-${"x".repeat(2000)}`;
  const seconds = now.getTime() / 1000 + LIFE;
  passwords.set(password, { arn, expiresAt: new Date(seconds * 1000) });
  const entry = { authorizationToken: btoa(`AWS:${password}`), expiresAt: seconds };
  const proxyEndpoint = `https://${account}.dkr.ecr.${region}.amazonaws.com`;
  const data = isPublic ? entry : [{ ...entry, proxyEndpoint }];
  return json({ authorizationData: data });
}

/** The registry itself. */
function registryAnswer({ passwords, now }: FakeAws, request: RawRequest): RawAnswer {
  const basic = /^Basic (.+)$/.exec(valueOf(request, "authorization") ?? "")?.[1];
  const [user, password = ""] = atob(basic ?? "").split(/:(.*)/s);
  const issued = user === "AWS" ? passwords.get(password) : undefined;
  if (issued === undefined) {
    return { status: 401, headers: { "www-authenticate": 'Basic realm="ecr",service="ecr"' } };
  }
  return issued.expiresAt > now() ? { status: 200 } : {
    status: 403,
    body: "Your authorization token has expired. Reauthenticate and try again.",
  };
}

function parse(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
