/**
 * One question to a cloud's own endpoint (token server, metadata server) and its answer, within
 * limits: time, size, number of attempts. Redirects are never followed: a token endpoint has no
 * reason to send anybody elsewhere.
 *
 * @example A metadata server that is asked without a proxy
 * ```ts
 * import { ask } from "./ask.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HTTP_PROXY: "http://proxy.example:3128" },
 *   fetch: () => new Response("me@project.iam.gserviceaccount.com"),
 * });
 * const url = new URL("http://169.254.169.254/email");
 * const { status, body } = await ask({ io }, () => ({ url, direct: true }));
 * assertEquals([status, body], [200, "me@project.iam.gserviceaccount.com"]);
 * assertEquals(io.clients, [{ direct: true }]);
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import { diagnoseFailure, RegistryError } from "../diagnosis.ts";
import { RegauthError } from "../errors.ts";
import type { Context } from "../io.ts";
import { type NetworkFailure, networkFailure } from "../network_failure.ts";
import { proxyFor } from "../proxy.ts";
import { retryAfter } from "../retry.ts";
import { VERSION } from "../version.ts";

/** What is sent. */
export interface Question {
  /** Where to. */
  readonly url: URL;
  /** Method. @default {"POST" with a form or body, else "GET"} */
  readonly method?: "GET" | "POST" | "PUT";
  /** Headers. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** A form; members that are `undefined` are left out. */
  readonly form?: Readonly<Record<string, string | Secret | undefined>>;
  /** A body of another type, which the headers name. */
  readonly body?: string;
  /** Whether to connect directly, whatever proxy the environment names. */
  readonly direct?: boolean;
  /** PEM texts of certificates that are trusted beside the usual ones. */
  readonly ca?: readonly string[];
  /** Whether a server is believed only if its certificate is one of `ca`. */
  readonly trust?: "exactly-ca";
  /** Milliseconds for one attempt, from the connection to the last byte. @default {10_000} */
  readonly timeout?: number;
}

/** What came back. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** Headers. */
  readonly headers: Headers;
  /** The body as text. */
  readonly body: string;
  /** When the question was sent: the life of a token counts from there. */
  readonly sentAt: Date;
}

/** When to give up. */
export interface Patience {
  /** Milliseconds between one attempt and the next; none is one attempt. @default {[]} */
  readonly delays?: readonly number[];
  /** Statuses after which another attempt may help. @default {429 and all from 500} */
  readonly retried?: (status: number) => boolean;
  /** Milliseconds for all attempts together. @default {60_000} */
  readonly total?: number;
}

/** Attempts at an endpoint that everybody in the world uses. */
export const USUAL_DELAYS: readonly number[] = [500, 1500];

const TIMEOUT = 10_000;
const TOTAL = 60_000;
/** As the Go libraries (golang.org/x/oauth2 `internal/token.go`). */
const BODY_LIMIT = 1024 * 1024;
/** A server that wants a longer wait is taken at its word: not now. */
const LONGEST_WAIT = 10_000;
const REPEATED: readonly string[] = ["reset", "timeout", "cut"];

/**
 * Asks, again where that may help.
 *
 * @param context The outside world.
 * @param question Makes what is sent, anew for each attempt: an assertion counts only once.
 * @param patience When to give up.
 * @returns The answer of the last attempt, of any status.
 * @throws {RegauthError} `network`, most often a {@linkcode RegistryError}; `aborted`; what
 * `question` throws.
 */
export async function ask(
  context: Context,
  question: () => Question | Promise<Question>,
  patience: Patience = {},
): Promise<Answer> {
  const { io, signal, trace } = context;
  const { delays = [], retried = isTransient, total = TOTAL } = patience;
  const start = io.now().getTime();
  for (let attempts = 0;; attempts++) {
    const sent = await question();
    const result = await askOnce(context, sent);
    const answered = "status" in result;
    trace?.(`${sent.url.host}${sent.url.pathname}: ${answered ? result.status : result.text}`);
    const again = answered ? retried(result.status) : REPEATED.includes(result.kind);
    const delay = again ? nextDelay(delays[attempts], result, io.now()) : undefined;
    const left = total - (io.now().getTime() - start);
    if (delay === undefined || delay >= left) {
      if (answered) return result;
      throw unanswered(sent.url, result);
    }
    await io.sleep(delay, signal).catch((cause) => {
      throw new RegauthError("aborted", "Cannot go on: it was interrupted", { cause });
    });
  }
}

/**
 * The error of an endpoint that did not answer.
 *
 * @param url The endpoint.
 * @param failure Why.
 * @returns The error to throw.
 */
export function unanswered(url: URL, failure: NetworkFailure): RegistryError {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return new RegistryError(diagnoseFailure(failure, { host: url.host, step: "token", port }));
}

/**
 * Asks once.
 *
 * @param context The outside world.
 * @param question What is sent.
 * @returns The answer, of any status, or why there is none.
 * @throws {RegauthError} `network` if the answer is too large; `aborted`
 */
export async function askOnce(
  context: Context,
  question: Question,
): Promise<Answer | NetworkFailure> {
  const { io, signal: caller } = context;
  const { url, direct, ca, trust, timeout = TIMEOUT } = question;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), timeout);
  const signal = AbortSignal.any([controller.signal, ...caller ? [caller] : []]);
  // Most machines have no proxy, and need no client of their own.
  const around = direct && proxyFor(url, io.env) !== undefined;
  const client = around || ca
    ? await io.httpClient({
      ...(direct ? { direct } : {}),
      ...(ca ? { ca } : {}),
      ...(trust ? { trust } : {}),
    })
    : undefined;
  try {
    const sentAt = io.now();
    const response = await (client ?? io).fetch(url, { ...requestOf(question), signal });
    const { status, headers } = response;
    return { status, headers, body: await readBody(response, url, signal), sentAt };
  } catch (thrown) {
    if (caller?.aborted) {
      throw new RegauthError("aborted", "Cannot go on: it was interrupted", { cause: thrown });
    }
    if (thrown instanceof RegauthError) throw thrown;
    return signal.aborted ? TOO_LATE : networkFailure(thrown);
  } finally {
    clearTimeout(timer);
    client?.close();
  }
}

const TOO_LATE: NetworkFailure = { kind: "timeout", text: "no answer in time" };

function requestOf({ method, headers = {}, form, body }: Question): RequestInit {
  const text = form === undefined ? body : formText(form);
  return {
    method: method ?? (text === undefined ? "GET" : "POST"),
    headers: {
      "user-agent": `regauth/${VERSION}`,
      accept: "application/json",
      ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(value)])),
    },
    ...(text === undefined ? {} : { body: text }),
    redirect: "manual",
  };
}

function formText(form: NonNullable<Question["form"]>): string {
  const members = Object.entries(form).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, plain(value)]]
  );
  return new URLSearchParams(members).toString();
}

function plain(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}

async function readBody(response: Response, url: URL, signal: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const stop = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  try {
    const decoder = new TextDecoder();
    let text = "";
    for (let size = 0;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return text + decoder.decode();
      size += value.length;
      if (size > BODY_LIMIT) {
        stop();
        throw new RegauthError(
          "network",
          `Cannot use the answer of ${url.host}: it is larger than 1 MiB`,
          { subject: url.host, hint: "Check the address; this is no token server." },
        );
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function isTransient(status: number): boolean {
  return status === 429 || status >= 500;
}

/** The delay, or what the server asks for in its place. */
function nextDelay(
  delay: number | undefined,
  result: Answer | NetworkFailure,
  now: Date,
): number | undefined {
  if (delay === undefined || !("status" in result)) return delay;
  const wanted = retryAfter(result.headers.get("retry-after") ?? undefined, now) ?? delay;
  return wanted <= LONGEST_WAIT ? wanted : undefined;
}
