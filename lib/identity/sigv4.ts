/**
 * Signs requests to AWS: Signature Version 4, in the header form. S3 signs paths in another way and
 * is none of its business.
 *
 * @example The signature that AWS itself publishes for this request
 * ```ts
 * import { signRequest } from "./sigv4.ts";
 * import { Secret } from "../credential.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { headers } = await signRequest({ method: "GET", url: "https://example.amazonaws.com/" }, {
 *   accessKeyId: "AKIDEXAMPLE",
 *   secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
 *   region: "us-east-1",
 *   service: "service",
 *   date: new Date("2015-08-30T12:36:00Z"),
 * });
 * assertStringIncludes(
 *   headers.authorization ?? "",
 *   "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
 * );
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";

/** What is to be signed. */
export interface SignableRequest {
  /** HTTP method. */
  readonly method: string;
  /** Where it goes. */
  readonly url: URL | string;
  /** All headers that are signed, beside those that signing adds. @default {{}} */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent. @default {""} */
  readonly body?: string | Uint8Array;
}

/** Who signs, for which service, and when. */
export interface SigningOptions {
  /** The key's name, such as `AKIA…`. */
  readonly accessKeyId: string;
  /** The key. */
  readonly secretAccessKey: Secret | string;
  /** The third part of a temporary key. */
  readonly sessionToken?: Secret | string | null | undefined;
  /** Region, such as `us-east-1`. */
  readonly region: string;
  /** Service, such as `ecr`. */
  readonly service: string;
  /** The time of the signature; AWS accepts it for about five minutes. */
  readonly date: Date;
}

/** What to send. */
export interface SignedRequest {
  /** The headers by name in lower case; `fetch` adds `host`, which is signed too. */
  readonly headers: Readonly<Record<string, string>>;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** What others on the way add, change or remove; and what signing sets itself. */
const UNSIGNED =
  /^(?:authorization|connection|content-length|expect|keep-alive|proxy-.*|sec-.*|te|trailer|transfer-encoding|upgrade|user-agent|x-amzn-trace-id)$/;
const REPLACED = /^(?:authorization|host|x-amz-date|x-amz-security-token)$/;

/**
 * Signs a request.
 *
 * @param request What is to be sent, to the letter.
 * @param options Who signs, for which service, and when.
 * @returns The headers to send.
 * @throws {RegauthError} `invalid-credential` if a part of the key is empty or not one line, `usage`
 * if region, service or a header cannot be sent.
 */
export async function signRequest(
  request: SignableRequest,
  options: SigningOptions,
): Promise<SignedRequest> {
  const { accessKeyId, region, service, date } = options;
  const secret = checkedKey(options);
  const url = new URL(request.url);
  const time = date.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers = headersOf(request, time, options);

  const signed = Object.entries({ ...headers, host: url.host })
    .filter(([name]) => !UNSIGNED.test(name))
    .sort(([one], [other]) => one < other ? -1 : 1);
  const names = signed.map(([name]) => name).join(";");
  const canonicalRequest = [
    request.method.toUpperCase(),
    canonicalPath(url.pathname),
    canonicalQuery(url.search.slice(1)),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    headers["x-amz-content-sha256"] ?? hex(await sha256(bytesOf(request.body ?? ""))),
  ].join("\n");
  const text = [ALGORITHM, time, scope, hex(await sha256(bytesOf(canonicalRequest)))].join("\n");

  let key = bytesOf(`AWS4${secret}`);
  for (const part of scope.split("/")) key = await hmac(key, part);
  const signature = hex(await hmac(key, text));
  const authorization =
    `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { headers: { ...headers, authorization } };
}

function checkedKey({ accessKeyId, secretAccessKey, region, service }: SigningOptions): string {
  const secret = textOf(secretAccessKey);
  if (!/^\S+$/.test(accessKeyId) || secret === "") {
    const part = secret === "" ? "the secret access key" : "the access key ID";
    const state = secret === "" || accessKeyId === "" ? "is empty" : "holds white space";
    throw new RegauthError("invalid-credential", `Cannot sign a request: ${part} ${state}`, {
      hint: "Copy both parts of the key again.",
    });
  }
  for (const [what, text] of Object.entries({ region, service })) {
    if (!/^[A-Za-z0-9-]+$/.test(text)) {
      throw new RegauthError("usage", `Cannot sign a request for the ${what} "${text}"`, {
        subject: what,
        hint: `Write a ${what} with letters, digits and "-" alone.`,
      });
    }
  }
  return secret;
}

/** The headers to send, each value as it is signed. */
function headersOf(
  { headers = {} }: SignableRequest,
  time: string,
  { sessionToken }: SigningOptions,
): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (/[\r\n]/.test(name + value)) {
      throw new RegauthError("usage", `Cannot send the header "${key}": it holds a line break`);
    }
    if (REPLACED.test(key)) continue;
    const clean = value.trim().replace(/[ \t]+/g, " ");
    all[key] = Object.hasOwn(all, key) ? `${all[key]},${clean}` : clean;
  }
  all["x-amz-date"] = time;
  const token = textOf(sessionToken ?? "");
  if (/\s/.test(token)) {
    throw new RegauthError(
      "invalid-credential",
      "Cannot sign a request: the session token holds white space",
      { hint: "Copy it again, without line breaks." },
    );
  }
  if (token !== "") all["x-amz-security-token"] = token;
  return all;
}

/** Without empty and dot segments, and encoded once more than on the wire. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return segments.map((segment) => `/${encode(bytesOf(segment))}`).join("") + end || "/";
}

/** Sorted as it is encoded; a plus sign is a plus sign. */
function canonicalQuery(query: string): string {
  return query.split("&").filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name, value.join("=")].map((text) => encode(decode(text)));
    })
    .sort(([n1 = "", v1 = ""], [n2 = "", v2 = ""]) =>
      n1 === n2 ? (v1 < v2 ? -1 : 1) : n1 < n2 ? -1 : 1
    )
    .map((pair) => pair.join("="))
    .join("&");
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const [part, code] of text.matchAll(/%([0-9a-f]{2})|[^%]+|%/gi)) {
    if (code === undefined) bytes.push(...bytesOf(part));
    else bytes.push(parseInt(code, 16));
  }
  return new Uint8Array(bytes);
}

/** Everything but the unreserved characters (RFC 3986 section 2.3) as `%XX`. */
function encode(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

function textOf(value: Secret | string): string {
  return value instanceof Secret ? value.reveal() : value;
}

function bytesOf(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function hmac(
  key: Uint8Array<ArrayBuffer>,
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytesOf(text)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
