/**
 * Keys of the role of an EC2 instance, from its metadata service (IMDSv2 alone).
 *
 * @example
 * ```ts
 * import { imdsIdentity } from "./imds.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = { AWS_EC2_METADATA_DISABLED: "true" };
 * let why = "";
 * const identity = await imdsIdentity(await openAws({ io: memoryIo({ env }) }), (reason) => why = reason);
 * assertEquals([identity, why], [undefined, "AWS_EC2_METADATA_DISABLED is set"]);
 * ```
 *
 * @module
 */

import { RegistryError } from "../../diagnosis.ts";
import { RegauthError } from "../../errors.ts";
import { parseObject } from "../../json_object.ts";
import { type Answer, ask } from "../ask.ts";
import { masked } from "../mask.ts";
import { below } from "./endpoint.ts";
import { type AwsIdentity, type AwsKeys, rememberKeys } from "./keys.ts";
import { servedKeys } from "./served_keys.ts";
import { type Aws, settingOf, variable } from "./settings.ts";

const DISABLED = "AWS_EC2_METADATA_DISABLED";
const ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const IPV4 = "http://169.254.169.254";
const IPV6 = "http://[fd00:ec2::254]";

const ROLES = "/latest/meta-data/iam/security-credentials/";
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
/** Seconds. */
const TOKEN_LIFE = 300;

/** Milliseconds for one request, and until giving up: most machines have no such service. */
const TIMEOUT = 1000;
const PATIENCE = 3000;
const RETRY_DELAY = 50;

const HOP_LIMIT = "In a container on EC2 answers may not reach it; then run on the host: " +
  "aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id ID";

/**
 * Looks for a metadata service whose instance has a role. It is looked for only once.
 *
 * @param aws The settings.
 * @param skip Hears why there is none.
 * @returns Who has the role, or `undefined` if there is none.
 * @throws {RegauthError} `invalid-environment` if the service is named wrongly, `network` if it is
 * there and broken.
 */
export async function imdsIdentity(
  aws: Aws,
  skip: (why: string) => void,
): Promise<AwsIdentity | undefined> {
  const { io } = aws.context;
  if (/^(?:true|1|yes)$/i.test(variable(io, DISABLED) ?? "")) {
    skip(`${DISABLED} is set`);
    return undefined;
  }
  const { notes } = aws;
  const base = endpointOf(aws);
  const hasLooked = notes.role !== undefined;
  const role = await (notes.role ??= findRole(aws, base, skip));
  if (role === undefined) {
    if (hasLooked) skip("there was none a moment ago");
    return undefined;
  }
  const id = ["imds", base.href, role];
  return {
    source: `role ${role} of the EC2 instance`,
    id,
    renewal: "The instance renews them by itself: try again later, or look at its role.",
    keys: rememberKeys(notes, id, io.now, () => fetchKeys(aws, base, role)),
  };
}

/** The metadata service, within one limit of time. */
interface Service {
  get(path: string): Promise<Answer>;
}

async function findRole(
  aws: Aws,
  base: URL,
  skip: (why: string) => void,
): Promise<string | undefined> {
  try {
    const { status, body } = await open(aws, base).get(ROLES);
    const role = body.split("\n")[0]?.trim();
    if (status === 200 && role) return role;
    skip(status === 200 || status === 404 ? "the instance has no role" : `status ${status}`);
  } catch (error) {
    if (!(error instanceof RegauthError) || error.code !== "network") throw error;
    const late = error instanceof RegistryError &&
      error.diagnosis.facts.failure?.kind === "timeout";
    skip(late ? `no answer in time. ${HOP_LIMIT}` : error.message);
  }
  return undefined;
}

async function fetchKeys(aws: Aws, base: URL, role: string): Promise<AwsKeys> {
  const { status, body } = await open(aws, base).get(`${ROLES}${encodeURIComponent(role)}`);
  const object = parseObject(body) ?? {};
  // Expired ones are served while the service cannot reach STS, and may be good for longer.
  const keys = status === 200 && (object.Code ?? "Success") === "Success"
    ? servedKeys(object)
    : undefined;
  if (keys) return keys;
  const said = [object.Code, object.Message].filter((text) => typeof text === "string").join(": ");
  throw new RegauthError(
    "refused",
    `Cannot get keys of role ${role} of the EC2 instance: ${masked(said) || `status ${status}`}`,
    { subject: role, hint: "Check that the role exists and that EC2 may take it on." },
  );
}

/** Asks for a session token first, and again if it has expired. */
function open(aws: Aws, base: URL): Service {
  const { context, notes } = aws;
  const { io } = context;
  const end = io.now().getTime() + PATIENCE;

  async function request(
    path: string,
    method: "GET" | "PUT",
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const left = Math.max(end - io.now().getTime(), 1);
    return await ask(context, () => ({
      url: below(base, path),
      method,
      headers,
      timeout: Math.min(TIMEOUT, Math.max(end - io.now().getTime(), 1)),
      direct: true,
    }), { delays: [RETRY_DELAY], total: left });
  }

  async function newToken(): Promise<string> {
    const { status, body } = await request("/latest/api/token", "PUT", {
      "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_LIFE),
    });
    const text = body.trim();
    if (status === 200 && /^[\x21-\x7e]+$/.test(text)) return text;
    throw new RegauthError(
      status === 400 ? "refused" : "network",
      `Cannot use the EC2 metadata service at ${base.host}: status ${status} for a session token`,
      { subject: base.host, hint: "Check that IMDSv2 is enabled for the instance." },
    );
  }

  return {
    async get(path): Promise<Answer> {
      notes.metadataToken ??= await newToken();
      const answer = await request(path, "GET", { [TOKEN_HEADER]: notes.metadataToken });
      if (answer.status !== 401) return answer;
      notes.metadataToken = await newToken();
      return await request(path, "GET", { [TOKEN_HEADER]: notes.metadataToken });
    },
  };
}

function endpointOf(aws: Aws): URL {
  const mode = settingOf(aws, `${ENDPOINT}_MODE`, "ec2_metadata_service_endpoint_mode") ?? "IPv4";
  const text = settingOf(aws, ENDPOINT, "ec2_metadata_service_endpoint") ??
    (mode.toLowerCase() === "ipv6" ? IPV6 : IPV4);
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && /^ipv[46]$/i.test(mode)) return url;
  const subject = url === null ? ENDPOINT : `${ENDPOINT}_MODE`;
  throw new RegauthError("invalid-environment", `Cannot use "${subject}": it is none of AWS`, {
    subject,
    hint: `Write ${ENDPOINT} as http://HOST and its mode as IPv4 or IPv6, or remove them.`,
  });
}
