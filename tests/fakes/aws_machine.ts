/**
 * The metadata service of an instance and the agent of a container, of the fake AWS.
 *
 * @module
 */

import { json, type RawAnswer } from "./aws.ts";
import { type Principal, type RawRequest, valueOf } from "./aws_signature.ts";

/** An instance with a role. */
export interface FakeInstance {
  readonly role: string;
  readonly principal: Principal;
  /** In place of `Success`. */
  readonly code?: string;
}

/** What a container may fetch, and with which token. */
export interface FakeContainer {
  readonly principal: Principal;
  readonly authorization?: string;
}

/** What the machine knows. */
export interface MachineParts {
  /** The time of AWS. */
  readonly now: () => Date;
  /** The instance; absent answers 404 for roles. */
  instance: FakeInstance | undefined;
  /** Containers by path. */
  readonly containers: Map<string, FakeContainer>;
  /** Session tokens of the metadata service, and when they end. */
  readonly metadataTokens: Map<string, Date>;
}

const ROLES = "/latest/meta-data/iam/security-credentials/";
const TOKEN = "x-aws-ec2-metadata-token";

/** Answers a request to one of them. */
export function machineAnswer(
  parts: MachineParts,
  request: RawRequest,
  action: string,
): RawAnswer | undefined {
  if (action === "PUT /latest/api/token") {
    if (valueOf(request, "x-forwarded-for") !== undefined) return { status: 403 };
    const life = valueOf(request, `${TOKEN}-ttl-seconds`) ?? "";
    if (!/^\d+$/.test(life) || Number(life) < 1 || Number(life) > 21_600) return { status: 400 };
    const token = `AQAE${crypto.randomUUID()}==`;
    parts.metadataTokens.set(token, new Date(parts.now().getTime() + Number(life) * 1000));
    return { status: 200, body: token };
  }
  const [, role] = action.split(`GET ${ROLES}`);
  if (role !== undefined) {
    const end = parts.metadataTokens.get(valueOf(request, TOKEN) ?? "");
    if (end === undefined || end <= parts.now()) return { status: 401 };
    const { instance } = parts;
    if (instance === undefined || (role !== "" && role !== instance.role)) return { status: 404 };
    if (role === "") return { status: 200, body: instance.role };
    const keys = {
      LastUpdated: parts.now().toISOString(),
      Type: "AWS-HMAC",
      ...keysOf(instance.principal),
    };
    return instance.code === undefined
      ? json({ Code: "Success", ...keys })
      : json({ Code: instance.code, Message: "EC2 cannot assume the role" });
  }
  const container = parts.containers.get(action.replace(/^GET /, ""));
  if (container === undefined) return undefined;
  return valueOf(request, "authorization") === container.authorization
    ? json({ ...keysOf(container.principal), AccountId: container.principal.account })
    : json({ code: "NotAuthorized", message: "the token is wrong" }, 401);
}

function keysOf({ accessKeyId, secret, sessionToken, expiry }: Principal): Record<string, unknown> {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secret,
    Token: sessionToken,
    Expiration: expiry?.toISOString().replace(/\.\d+/, ""),
  };
}
