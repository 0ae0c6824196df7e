/**
 * What AWS means when it refuses a request, in plain words, and what to do about it. Names of errors
 * alone count: the same one comes with different statuses.
 *
 * @example
 * ```ts
 * import { refusal } from "./refusal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = refusal(
 *   { code: "ThrottlingException", text: "Rate exceeded", status: 400, ahead: 0 },
 *   { service: "ECR", region: "eu-west-1" },
 * );
 * assertEquals(error.message, "Cannot ask ECR in eu-west-1: it is throttling this account");
 * assertEquals(error.code, "network");
 * ```
 *
 * @module
 */

import { partitionOf } from "../../aws_partition.ts";
import { type ErrorCode, RegauthError, type RegauthErrorOptions } from "../../errors.ts";
import { type AwsKeys, shownKeyId } from "./keys.ts";

/** An error answer. */
export interface Refused {
  /** Name of the error; empty if there is none. */
  readonly code: string;
  /** What the log-in services say beside the name. */
  readonly reason?: string;
  /** What AWS says of it, safe to be printed. */
  readonly text: string;
  /** HTTP status. */
  readonly status: number;
  /** Milliseconds by which the clock of AWS is ahead. */
  readonly ahead: number;
}

/** What was asked, and by whom. */
export interface Asked {
  /** What people call the service. */
  readonly service: string;
  /** Its region. */
  readonly region: string;
  /** Who signed; absent if nobody did. */
  readonly signer?: {
    readonly keys: AwsKeys;
    /** Where the keys come from, to follow "from". */
    readonly source: string;
    /** What to do when they have expired. */
    readonly renewal: string;
  };
  /** Region that variables or the profile name. */
  readonly homeRegion?: string | undefined;
  /** Which right is needed, and how to get it, as a sentence. */
  readonly rights?: string;
}

/** A refusal of AWS. */
export class AwsError extends RegauthError {
  /** The error as AWS names it; empty if it gives no name. */
  readonly awsCode: string;
  /** What the log-in services say beside the name. */
  readonly reason: string;

  /**
   * An error of AWS.
   *
   * @param code Which of the known failures it is.
   * @param message What failed and why.
   * @param options The subject, the hint and the cause.
   * @param refused How AWS names it.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: RegauthErrorOptions,
    refused: Pick<Refused, "code" | "reason">,
  ) {
    super(code, message, options);
    this.awsCode = refused.code;
    this.reason = refused.reason ?? "";
  }
}

/** By which names errors are known. */
export const CODES = {
  expired: ["ExpiredTokenException", "ExpiredToken", "RequestExpired"],
  unknownKey: ["UnrecognizedClientException", "InvalidClientTokenId"],
  signature: ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"],
  clock: ["RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"],
  denied: ["AccessDeniedException", "AccessDenied"],
  unsigned: [
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "IncompleteSignature",
    "IncompleteSignatureException",
  ],
  notEnabled: ["OptInRequired", "SubscriptionRequiredException", "RegionDisabledException"],
  throttled: [
    "ThrottlingException",
    "ThrottledException",
    "ThrottleException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
  ],
  parameter: ["InvalidParameterException", "InvalidRequestException", "ValidationError"],
  server: [
    "ServerException",
    "InternalFailure",
    "InternalServerException",
    "ServiceUnavailable",
    "RequestTimeout",
    "RequestTimeoutException",
  ],
} as const satisfies Record<string, readonly string[]>;

/** One of the groups of {@linkcode CODES}. */
export type RefusalKind = keyof typeof CODES;

/** Clocks that differ by more than this are the reason for a signature that is not accepted. */
const SKEW = 240_000;

/**
 * Whether an error is of some kind.
 *
 * @param refused The answer.
 * @param kind The kind.
 * @returns Whether it is.
 */
export function isRefusal({ code, status }: Refused, kind: RefusalKind): boolean {
  const names: readonly string[] = CODES[kind];
  if (names.includes(code)) return true;
  return kind === "throttled" && status === 429 ||
    kind === "server" && [500, 502, 503, 504].includes(status);
}

/**
 * Whether the clocks are too far apart.
 *
 * @param refused The answer.
 * @returns Whether they are.
 */
export function isSkewed({ ahead }: Refused): boolean {
  return Math.abs(ahead) > SKEW;
}

/**
 * How far a clock is off, in words.
 *
 * @param ahead Milliseconds by which the clock of AWS is ahead.
 * @returns Such as `20 minutes behind`.
 */
export function clockWords(ahead: number): string {
  return `${Math.round(Math.abs(ahead) / 60_000)} minutes ${ahead > 0 ? "behind" : "ahead"}`;
}

/**
 * The error for a refusal.
 *
 * @param refused What AWS answered.
 * @param asked What was asked, and by whom.
 * @returns The error to throw.
 */
export function refusal(refused: Refused, asked: Asked): AwsError {
  const { service, region } = asked;
  const [why, hint, kind = "refused"] = explain(refused, asked);
  const where = `${service}${region === "" ? "" : ` in ${region}`}`;
  return new AwsError(
    kind,
    `Cannot ask ${where}: ${why}`,
    { subject: service, hint },
    refused,
  );
}

function explain(
  refused: Refused,
  asked: Asked,
): readonly [why: string, hint: string, code?: ErrorCode] {
  const { code, text, status } = refused;
  const { region, signer, rights } = asked;
  const is = (kind: RefusalKind): boolean => isRefusal(refused, kind);
  if (code === "RequestExpired" ? hasToken(asked) && !isSkewed(refused) : is("expired")) {
    const what = signer ? `the keys from ${signer.source} have` : "the token has";
    return [`${what} expired`, signer?.renewal ?? "Log in again."];
  }
  if (is("clock") || (is("signature") && isSkewed(refused))) {
    return [
      isSkewed(refused)
        ? `the clock of this machine is ${clockWords(refused.ahead)}`
        : "it does not accept the time of this machine",
      "Set the clock; AWS accepts signatures for five minutes.",
    ];
  }
  if (is("signature")) {
    return [
      `the secret does not belong to ${keyWords(asked)}`,
      "Copy both parts of the key again; if they are right, a proxy on the way changes requests.",
    ];
  }
  if (is("unknownKey")) return [`AWS does not know ${keyWords(asked)}`, unknownKeyHint(asked)];
  if (is("denied")) {
    const [, who, action] = /User: (\S+) is not authorized to perform: (\S+)/.exec(text) ?? [];
    const denied = who === undefined ? text || "access is denied" : `${who} may not ${action}`;
    return [denied, rights ?? "Ask an administrator for this right."];
  }
  if (is("unsigned")) {
    return [
      "the request arrived without its signature",
      "A proxy on the way removes the header Authorization; pass it by for AWS.",
    ];
  }
  if (is("notEnabled")) {
    return [
      "the service or region is not enabled for the account",
      `Enable ${region} in the account settings of AWS, or use another region.`,
    ];
  }
  if (is("throttled")) {
    return ["it is throttling this account", "Try again in a minute.", "network"];
  }
  if (is("parameter")) return [text || code, "Check the settings that it speaks of."];
  if (is("server")) {
    return [
      `it fails (${[code, `status ${status}`].filter(Boolean).join(", ")})`,
      "Try again later; health.aws.amazon.com tells of disruptions.",
      "network",
    ];
  }
  if (status >= 300 && status < 400) {
    return [
      `it answers with a redirect (status ${status})`,
      "Check the endpoint; a portal or proxy may be on the way.",
      "network",
    ];
  }
  const said = [code, text].filter(Boolean).join(": ");
  return [said || `it answers with status ${status}`, "See what AWS says of this error."];
}

function hasToken({ signer }: Asked): boolean {
  return signer?.keys.sessionToken !== undefined;
}

function keyWords({ signer }: Asked): string {
  return signer
    ? `the key ${shownKeyId(signer.keys.accessKeyId)} from ${signer.source}`
    : "the key";
}

function unknownKeyHint({ signer, region, homeRegion }: Asked): string {
  if (signer?.keys.accessKeyId.startsWith("ASIA") && !signer.keys.sessionToken) {
    return "It is a temporary key, which needs its session token too (AWS_SESSION_TOKEN).";
  }
  const [there, here] = [region, homeRegion ?? region].map((name) => partitionOf(name).name);
  if (there !== here) {
    return `Keys of one partition are unknown in another: ${region} is in ${there}, ` +
      `the configured region ${homeRegion} in ${here}.`;
  }
  return `Check that the key exists and is active, and that ${region} is enabled for its account.`;
}
