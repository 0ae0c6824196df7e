/**
 * One call of a service of AWS: signed, repeated where that may help, its refusal explained.
 *
 * @example A service that is busy at first
 * ```ts
 * import { callAws } from "./call.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const answers = [new Response("", { status: 503 }), new Response("{}")];
 * const io = memoryIo({ fetch: () => answers.shift() ?? new Response("", { status: 400 }) });
 * const answer = await callAws(await openAws({ io }), {
 *   service: "SSO",
 *   region: "eu-west-1",
 *   url: new URL("https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"),
 * });
 * assertEquals(answer.body, "{}");
 * assertEquals(io.sleeps.length, 1);
 * ```
 *
 * @module
 */

import type { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import { parseObject } from "../../json_object.ts";
import type { NetworkFailure } from "../../network_failure.ts";
import { isLoopbackHost } from "../../reference.ts";
import { type Answer, askOnce, type Question, unanswered } from "../ask.ts";
import { masked } from "../mask.ts";
import { signRequest } from "../sigv4.ts";
import type { AwsIdentity, AwsKeys } from "./keys.ts";
import { type Asked, clockWords, isRefusal, isSkewed, refusal, type Refused } from "./refusal.ts";
import { type Aws, settingOf } from "./settings.ts";
import { xmlText } from "./xml.ts";

/** What is asked of AWS. */
export interface AwsCall {
  /** What people call the service. */
  readonly service: string;
  /** Its region. */
  readonly region: string;
  /** Where it is. */
  readonly url: URL;
  /** Where else it may be, if nobody knows the host. */
  readonly fallback?: URL | undefined;
  /** Method. @default {"POST" with a body, else "GET"} */
  readonly method?: "GET" | "POST";
  /** Headers. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** What is sent. */
  readonly body?: string;
  /** Who signs; absent if nobody does. */
  readonly signer?: {
    readonly keys: AwsKeys;
    readonly identity: Pick<AwsIdentity, "source" | "renewal">;
    /** The service as signatures name it. */
    readonly name: string;
  };
  /** Headers that change with each attempt. */
  readonly proof?: () => Promise<Readonly<Record<string, string>>>;
  /** What the service may repeat in an error, and nobody should see. */
  readonly secrets?: readonly Secret[];
  /** Further errors after which another attempt may help. */
  readonly retried?: readonly string[];
  /** Which right is needed, and how to get it, as a sentence. */
  readonly rights?: string;
}

/** Milliseconds for one attempt. */
const TIMEOUT = 10_000;
/** Milliseconds between attempts: as much as this times a power of two. */
const DELAY = 100;
const THROTTLED_DELAY = 1000;
const LONGEST_DELAY = 20_000;
/** A service that wants a longer wait is not waited for. */
const LONGEST_WAIT = 5_000;
const REPEATED: readonly NetworkFailure["kind"][] = [
  "cut",
  "refused",
  "reset",
  "timeout",
  "unreachable",
];
const TLS: readonly NetworkFailure["kind"][] = [
  "expired",
  "not-tls",
  "not-yet-valid",
  "tls",
  "unknown-ca",
  "wrong-name",
];

/**
 * Calls a service.
 *
 * @param aws The settings.
 * @param call What is asked.
 * @returns The answer, which is a success.
 * @throws {AwsError} `refused` or `network`, if the service refuses.
 * @throws {RegauthError} `network` if it cannot be reached, `invalid-credential` if the keys cannot
 * sign, `aborted`
 */
export async function callAws(aws: Aws, call: AwsCall): Promise<Answer> {
  const { context, notes, patience } = aws;
  const { io, trace } = context;
  const attempts = attemptsOf(aws);
  const ca = await extraCertificates(aws, call.url);
  let corrected = false;
  for (let attempt = 1;; attempt++) {
    const question = await questionOf(aws, call, ca);
    const start = io.now().getTime();
    const result = await askOnce(context, question);
    patience.left -= io.now().getTime() - start;
    const again = async (delay: number): Promise<boolean> => {
      if (attempt >= attempts || delay >= patience.left) return false;
      trace?.(`Trying again in ${Math.round(delay)} ms`);
      await io.sleep(delay, context.signal).catch((cause) => {
        throw new RegauthError("aborted", "Cannot go on: it was interrupted", { cause });
      });
      patience.left -= delay;
      return true;
    };

    if (!("status" in result)) {
      trace?.(`${call.url.host}: ${result.text}`);
      if (result.kind === "dns" && call.fallback) {
        return await callAws(aws, { ...call, url: call.fallback, fallback: undefined });
      }
      const mayHelp = REPEATED.includes(result.kind) || (result.kind === "dns" && attempt === 1);
      if (mayHelp && await again(jittered(DELAY, attempt))) continue;
      throw unreachable(aws, call, result);
    }
    traceAnswer(aws, call, result);
    if (result.status >= 200 && result.status < 300) return result;
    const refused = refusedBy(result, call);
    if (!corrected && saysClock(refused, call)) {
      corrected = true;
      notes.ahead = refused.ahead;
      if (isSkewed(refused)) {
        const off = clockWords(refused.ahead);
        aws.warn(`The clock of this machine is ${off}; requests are signed with AWS's own time`);
      }
      continue;
    }
    const throttled = isRefusal(refused, "throttled");
    const mayHelp = throttled || isRefusal(refused, "server") ||
      call.retried?.includes(refused.code);
    const delay = jittered(throttled ? THROTTLED_DELAY : DELAY, attempt);
    if (mayHelp && await again(Math.max(delay, waitOf(result)))) continue;
    throw refusal(refused, askedOf(aws, call));
  }
}

/**
 * Reads an answer as JSON.
 *
 * @param answer The answer.
 * @param call What was asked.
 * @returns The object.
 * @throws {RegauthError} `network` if it is none: a portal on the way may have answered.
 */
export function jsonOf(
  { body, headers }: Answer,
  { service, url }: Pick<AwsCall, "service" | "url">,
): Readonly<Record<string, unknown>> {
  const object = parseObject(body);
  if (object) return object;
  const type = masked(headers.get("content-type")?.replace(/;.*/s, "") ?? "") || "without a type";
  throw new RegauthError(
    "network",
    `Cannot read the answer of ${service}: ${url.host} sends no JSON object (${type})`,
    { subject: url.host, hint: "Check the endpoint; a portal or proxy may have answered." },
  );
}

async function questionOf(
  { context: { io }, notes, patience }: Aws,
  call: AwsCall,
  ca: readonly string[] | undefined,
): Promise<Question> {
  const { url, body, signer, region, headers = {} } = call;
  const method = call.method ?? (body === undefined ? "GET" : "POST");
  const plain = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === "string" ? value : value.reveal(),
    ]),
  );
  const signed = signer && await signRequest({ method, url, headers: plain, body: body ?? "" }, {
    ...signer.keys,
    region,
    service: signer.name,
    date: new Date(io.now().getTime() + notes.ahead),
  });
  return {
    url,
    method,
    // Not signed: it would make the token service answer in JSON.
    headers: { accept: "*/*", ...(signed?.headers ?? plain), ...await call.proof?.() },
    timeout: Math.max(Math.min(TIMEOUT, patience.left), 1),
    ...(body === undefined ? {} : { body }),
    // A proxy cannot reach this machine.
    direct: isLoopbackHost(url.host),
    ...(ca ? { ca } : {}),
  };
}

/** A random part of the delay, which doubles each time: clients must not come back all at once. */
function jittered(delay: number, attempt: number): number {
  return Math.random() * Math.min(delay * 2 ** (attempt - 1), LONGEST_DELAY);
}

/** Whether a request would be accepted if it were signed with AWS's own time. */
function saysClock(refused: Refused, { signer }: AwsCall): boolean {
  if (signer === undefined) return false;
  if (isSkewed(refused)) return isRefusal(refused, "clock") || isRefusal(refused, "signature");
  // The keys of a session may have expired instead.
  return isRefusal(refused, "clock") &&
    !(refused.code === "RequestExpired" && signer.keys.sessionToken);
}

function attemptsOf(aws: Aws): number {
  const value = settingOf(aws, "AWS_MAX_ATTEMPTS", "max_attempts") ?? "3";
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new RegauthError(
    "invalid-environment",
    "Cannot use AWS_MAX_ATTEMPTS: it is no number from 1 to 999",
    { subject: "AWS_MAX_ATTEMPTS", hint: "Correct it, or max_attempts of the AWS profile." },
  );
}

async function extraCertificates(aws: Aws, url: URL): Promise<readonly string[] | undefined> {
  const path = settingOf(aws, "AWS_CA_BUNDLE", "ca_bundle");
  if (path === undefined || url.protocol !== "https:") return undefined;
  const text = await aws.context.io.readText(path);
  if (text !== undefined) return [text];
  throw new RegauthError("config-io", `Cannot read "${path}" of AWS_CA_BUNDLE: it does not exist`, {
    subject: path,
    hint: "Correct AWS_CA_BUNDLE, or ca_bundle of the AWS profile.",
  });
}

function traceAnswer({ context: { trace } }: Aws, { service, url }: AwsCall, answer: Answer): void {
  const request = answer.headers.get("x-amzn-requestid");
  const id = request === null ? "" : `, request ${masked(request)}`;
  trace?.(`${service} (${url.host}): status ${answer.status}${id}`);
}

/** Names of errors come in several places, with a namespace before and a URL behind them. */
function refusedBy({ headers, body, status, sentAt }: Answer, call: AwsCall): Refused {
  const members = new Map(
    Object.entries(parseObject(body) ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const [code = ""] = [
    headers.get("x-amzn-errortype"),
    members.get("code"),
    members.get("__type"),
    members.get("error"),
    xmlText(body, "ErrorResponse", "Error", "Code"),
  ].filter((text) => typeof text === "string");
  const [text = ""] = [
    members.get("message"),
    members.get("error_description"),
    xmlText(body, "ErrorResponse", "Error", "Message"),
  ].filter((text) => typeof text === "string");
  const date = Date.parse(headers.get("date") ?? "");
  const { signer, secrets = [] } = call;
  const known = [signer?.keys.secretAccessKey, signer?.keys.sessionToken, ...secrets];
  return {
    code: masked(code.replace(/:.*/s, "").replace(/^.*#/s, "")),
    ...(typeof members.get("error") === "string"
      ? { reason: masked(String(members.get("error"))) }
      : {}),
    text: masked(text, known),
    status,
    ahead: Number.isNaN(date) ? 0 : date - sentAt.getTime(),
  };
}

function askedOf(aws: Aws, { service, region, signer, rights }: AwsCall): Asked {
  return {
    service,
    region,
    homeRegion: settingOf(aws, "AWS_REGION", "region"),
    ...(signer ? { signer: { ...signer.identity, keys: signer.keys } } : {}),
    ...(rights === undefined ? {} : { rights }),
  };
}

function unreachable(aws: Aws, { service, url, region }: AwsCall, failure: NetworkFailure): Error {
  const { host } = url;
  if (failure.kind === "dns") {
    return new RegauthError(
      "network",
      `Cannot ask ${service} in ${region}: no server is known under ${host}`,
      {
        subject: host,
        hint: "Check the region and the network; with PrivateLink the endpoint needs private DNS.",
      },
    );
  }
  const error = unanswered(url, failure);
  if (!TLS.includes(failure.kind)) return error;
  const set = settingOf(aws, "AWS_CA_BUNDLE", "ca_bundle") !== undefined;
  const hint = `If a proxy of your company stands between, ${
    set
      ? "its certificate must be in the file of AWS_CA_BUNDLE"
      : "name its certificate in AWS_CA_BUNDLE"
  }.`;
  return new RegauthError("network", error.message, { subject: host, hint, cause: error });
}

function waitOf({ headers }: Answer): number {
  const wait = Number(headers.get("x-amz-retry-after") ?? "");
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT) : 0;
}
