/**
 * Verifies signatures of AWS as a server does, from the bytes that came. It shares no line with the
 * code that signs, and is tried out on the same vectors.
 *
 * @module
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, not rewritten. */
  readonly target: string;
  /** Names and values in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Somebody who has a key. */
export interface Principal {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken?: string;
  readonly expiry?: Date;
  readonly arn: string;
  readonly account: string;
  /** Actions that are allowed; all if absent. */
  readonly allowed?: readonly string[];
}

/** Why a signature is refused; names as the JSON services give them. */
export interface SignatureFault {
  readonly code:
    | "MissingAuthenticationTokenException"
    | "IncompleteSignature"
    | "UnrecognizedClientException"
    | "ExpiredTokenException"
    | "InvalidSignatureException";
  readonly message: string;
}

/** A signature that is right. */
export interface Verified {
  readonly principal: Principal;
  readonly region: string;
}

/** What the verifier has to know. */
export interface Verifier {
  readonly principals: ReadonlyMap<string, Principal>;
  /** The service that is asked. */
  readonly service: string;
  readonly now: Date;
}

const WINDOW = 300_000;
const SHAPE =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})$/;

/**
 * Verifies a request.
 *
 * @param request The request as it came.
 * @param verifier Keys, service and time.
 * @returns Who signed it, or why it is refused.
 */
export function verifySignature(
  request: RawRequest,
  { principals, service, now }: Verifier,
): Verified | SignatureFault {
  const header = (name: string): string | undefined => valueOf(request, name);
  const authorization = header("authorization");
  if (authorization === undefined) {
    return { code: "MissingAuthenticationTokenException", message: "Missing Authentication Token" };
  }
  const [, keyId = "", day, region = "", named, list = "", signature = ""] =
    SHAPE.exec(authorization) ?? [];
  if (day === undefined) {
    return { code: "IncompleteSignature", message: "Authorization header has the wrong shape." };
  }
  const principal = principals.get(keyId);
  if (principal === undefined || header("x-amz-security-token") !== principal.sessionToken) {
    const message = "The security token included in the request is invalid.";
    return { code: "UnrecognizedClientException", message };
  }
  if (principal.expiry && principal.expiry <= now) {
    const message = "The security token included in the request is expired";
    return { code: "ExpiredTokenException", message };
  }
  const invalid = (message: string): SignatureFault => ({
    code: "InvalidSignatureException",
    message,
  });
  const date = header("x-amz-date") ?? "";
  if (!/^\d{8}T\d{6}Z$/.test(date) || !date.startsWith(day)) {
    return invalid(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date",
    );
  }
  const time = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  if (now.getTime() - time > WINDOW) return invalid(`Signature expired: ${date} is too old`);
  if (time - now.getTime() > WINDOW) return invalid(`Signature not yet current: ${date}`);
  if (named !== service) {
    return invalid(`Credential should be scoped to correct service: ${service}`);
  }
  const names = list.split(";");
  const needed = request.headers.map(([name]) => name.toLowerCase())
    .filter((name) => name === "host" || name.startsWith("x-amz-"));
  if (!needed.includes("host") || !needed.every((name) => names.includes(name))) {
    return invalid("'Host' and all 'X-Amz-' headers must be 'SignedHeaders'");
  }
  const canonical = [
    request.method,
    pathOf(request.target),
    queryOf(request.target),
    ...names.map((name) => `${name}:${(header(name) ?? "").trim().replace(/ +/g, " ")}`),
    "",
    list,
    header("x-amz-content-sha256") ?? sha256(request.body),
  ].join("\n");
  const scope = `${day}/${region}/${named}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`;
  const key = [day, region, named, "aws4_request"].reduce<string | Uint8Array>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${principal.secret}`,
  );
  const expected = createHmac("sha256", key).update(text).digest("hex");
  return timingSafeEqual(new TextEncoder().encode(expected), new TextEncoder().encode(signature))
    ? { principal, region }
    : invalid("The request signature we calculated does not match the signature you provided.");
}

/** All values of a header, as one. */
export function valueOf({ headers }: RawRequest, wanted: string): string | undefined {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([_, value]) =>
    value
  );
  return values.length === 0 ? undefined : values.join(",");
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Without dot segments and doubled slashes, and encoded on top of how it came. */
function pathOf(target: string): string {
  const [path = "/"] = target.split("?");
  const kept: string[] = [];
  for (const part of path.split("/").slice(1)) {
    if (part === "..") kept.pop();
    else if (part !== "." && part !== "") kept.push(part);
  }
  const slash = kept.length > 0 && /\/\.{0,2}$/.test(path) ? "/" : "";
  return `/${kept.map(escaped).join("/")}${slash}`;
}

function queryOf(target: string): string {
  const start = target.indexOf("?");
  if (start < 0) return "";
  return target.slice(start + 1).split("&").filter(Boolean)
    .map((part) => {
      const at = part.includes("=") ? part.indexOf("=") : part.length;
      const both = [part.slice(0, at), part.slice(at + 1)];
      return both.map((text) => escaped(decodeURIComponent(text))).join("=");
    })
    .sort((a, b) => compare(a.split("=")[0], b.split("=")[0]) || compare(a, b))
    .join("&");
}

function compare(one = "", other = ""): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function escaped(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
