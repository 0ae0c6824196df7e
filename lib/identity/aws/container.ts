/**
 * Keys that the agent of a container service hands out: tasks of ECS, pods with an EKS pod identity.
 *
 * @example
 * ```ts
 * import { containerIdentity } from "./container.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1" },
 *   fetch: () => Response.json({ AccessKeyId: "ASIAEXAMPLE000000002", SecretAccessKey: "s" }),
 * });
 * const identity = await containerIdentity(await openAws({ io }));
 * assertEquals((await identity?.keys())?.accessKeyId, "ASIAEXAMPLE000000002");
 * assertEquals(io.requests[0]?.url, "http://169.254.170.2/v2/credentials/1");
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import { parseObject } from "../../json_object.ts";
import { readPayload } from "../../token_claims.ts";
import { ask } from "../ask.ts";
import { masked } from "../mask.ts";
import { type AwsIdentity, type AwsKeys, rememberKeys } from "./keys.ts";
import { servedKeys } from "./served_keys.ts";
import { type Aws, variable } from "./settings.ts";

const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/** The agent of ECS. */
const ECS_AGENT = "http://169.254.170.2";
/** Where plain HTTP does not leave the machine; no other name is looked up. */
const LOCAL =
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/;

const TIMEOUT = 2000;
const DELAYS = [1000, 1000];

/**
 * Finds the agent that variables name.
 *
 * @param aws The settings.
 * @returns Who has its keys, or `undefined` if none is named.
 * @throws {RegauthError} `invalid-environment` if it must not be asked; `config-io` if the file of its
 * token cannot be read.
 */
export async function containerIdentity(aws: Aws): Promise<AwsIdentity | undefined> {
  const { io } = aws.context;
  const url = agentUrl(aws);
  if (url === undefined) return undefined;
  // A pod identity has the same address in all pods; its token tells which one it is.
  const claims = readPayload((await tokenOf(aws))?.reveal() ?? "");
  const subject = typeof claims?.sub === "string" ? claims.sub : "";
  const id = ["container", url.href, subject];
  return {
    source: `the container's agent at ${url.host}`,
    id,
    renewal:
      "The agent of the container renews them by itself: try again, or restart the container.",
    keys: rememberKeys(aws.notes, id, io.now, () => fetchKeys(aws, url)),
  };
}

function agentUrl({ context: { io } }: Aws): URL | undefined {
  const relative = variable(io, RELATIVE);
  const text = relative === undefined ? variable(io, FULL) : `${ECS_AGENT}${relative}`;
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const name = relative === undefined ? FULL : RELATIVE;
  if (relative !== undefined && url?.origin !== ECS_AGENT) throw invalid(name, "it is no path");
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid(name, "it is no http URL");
  if (url.protocol === "http:" && !LOCAL.test(url.hostname)) {
    throw invalid(name, `${url.host} would send keys unencrypted over a network`);
  }
  return url;
}

/** The file is read each time: its token changes. */
async function tokenOf({ context: { io } }: Aws): Promise<Secret | undefined> {
  const path = variable(io, TOKEN_FILE);
  const text = path === undefined
    ? variable(io, TOKEN)
    : (await io.readText(path))?.replace(/\r?\n$/, "");
  if (path !== undefined && !text) {
    const why = text === undefined ? "does not exist" : "is empty";
    throw new RegauthError("config-io", `Cannot use "${path}" of ${TOKEN_FILE}: it ${why}`, {
      subject: path,
      hint: "Check the path; in a pod, whether the token is mounted.",
    });
  }
  if (!text) return undefined;
  if (/[\r\n]/.test(text)) {
    throw invalid(path === undefined ? TOKEN : TOKEN_FILE, "its token has several lines");
  }
  return new Secret(text);
}

async function fetchKeys(aws: Aws, url: URL): Promise<AwsKeys> {
  const { context } = aws;
  const token = await tokenOf(aws);
  const { status, body } = await ask(context, () => ({
    url,
    timeout: TIMEOUT,
    direct: url.protocol === "http:",
    ...(token ? { headers: { authorization: token } } : {}),
  }), { delays: DELAYS });
  const object = parseObject(body);
  const keys = status === 200 && object ? servedKeys(object) : undefined;
  if (keys) return keys;
  const { code, Code = code, message, Message = message } = object ?? {};
  const words = [Code, Message].filter((text) => typeof text === "string").join(": ");
  const said = masked(object || status === 200 ? words : body, [token]);
  throw new RegauthError(
    status === 200 ? "network" : "refused",
    `Cannot get keys from the container's agent at ${url.host}: ` +
      (status === 200 && said === "" ? "it sends no keys" : said || `status ${status}`),
    { subject: url.host, hint: "Check the role of the task or pod, and its authorization token." },
  );
}

function invalid(name: string, why: string): RegauthError {
  return new RegauthError("invalid-environment", `Cannot use "${name}": ${why}`, {
    subject: name,
    hint: "It is set by the container service; where a person set it, remove it.",
  });
}
