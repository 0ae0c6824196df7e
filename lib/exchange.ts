/**
 * One question to a server and its answer, within limits: time, size, number of attempts. What every
 * caller would treat alike (a proxy that wants a login, rate limits, server errors, no answer at all)
 * is thrown as a diagnosis.
 *
 * @module
 */

import type { Credential, Secret } from "./credential.ts";
import { diagnose, diagnoseFailure, RegistryError } from "./diagnosis.ts";
import type { DiagnosisFacts, Step } from "./diagnosis_table.ts";
import { RegauthError } from "./errors.ts";
import { type NetworkFailure, networkFailure } from "./network_failure.ts";
import { proxyFor } from "./proxy.ts";
import { isLoopbackHost } from "./reference.ts";
import type { RegistryClient } from "./registry_client.ts";
import { retryAfter, retryDelay } from "./retry.ts";
import { plain, serverMessage } from "./server_message.ts";
import { VERSION } from "./version.ts";

/** What is sent. */
export interface Question {
  /** Method. */
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  /** Where to. */
  readonly url: URL;
  /** What it is about; the step sets the limits. */
  readonly facts: DiagnosisFacts;
  /** Value of the `Accept` header. */
  readonly accept?: string;
  /** Value of the `Authorization` header; sent to the origin of the URL only. */
  readonly authorization?: Secret | undefined;
  /** A form to post. */
  readonly form?: Secret | undefined;
  /** Kept out of what the server is quoted with. */
  readonly credential?: Credential | undefined;
  /** Milliseconds, in place of the step's, and never more than this. */
  readonly timeout?: number;
  /** A broken connection is not tried again, because there is another way. */
  readonly hasFallback?: boolean;
}

/** What came back. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** Headers. */
  readonly headers: Headers;
  /** The body as text, up to the limit. Secrets are removed from it unless the status is 200. */
  readonly body: string;
  /** Whether the body is whole. */
  readonly complete: boolean;
  /** Where it came from. */
  readonly url: URL;
}

const KIB = 1024;
const MAX_WARNINGS = 4 * KIB;

const TOO_LATE: NetworkFailure = { kind: "timeout", text: "no answer in time" };

/** Milliseconds for one attempt, from the connection to the last byte. */
function timeLimit(step: Step): number {
  return step === "ping" || step === "token" || step === "login" ? 15_000 : 30_000;
}

/**
 * Sends a request, again if that may help, and reads the answer. Redirects are not followed.
 *
 * @param client How servers are reached.
 * @param question What is sent.
 * @returns The answer, of any status but 407, 429 and 5xx.
 * @throws {RegauthError} `network`, most often a {@linkcode RegistryError}; `aborted`
 */
export async function exchange(client: RegistryClient, question: Question): Promise<Answer> {
  const { method, url } = question;
  const { io, signal, trace } = client.options.context;
  for (let retries = 0;; retries++) {
    const result = await attempt(client, question);
    const answered = "status" in result;
    trace?.(`${method} ${url.origin}${url.pathname}: ${answered ? result.status : result.text}`);
    const outcome = answered
      ? { status: result.status, retryAfter: result.headers.get("retry-after") ?? undefined }
      : result.kind === "reset" && !question.hasFallback
      ? "reset"
      : undefined;
    const delay = outcome && retryDelay({ method, retries, now: io.now() }, outcome);
    if (delay !== undefined) {
      trace?.(`Trying again in ${Math.round(delay)} ms`);
      await io.sleep(delay, signal).catch(() => {
        throw ended(signal) ?? unanswered(client, question, TOO_LATE);
      });
    } else if (answered) {
      hearWarnings(client, question, result);
      return usual(client, question, result);
    } else {
      throw unanswered(client, question, result);
    }
  }
}

/**
 * The facts of an answer, for a diagnosis.
 *
 * @param facts What was asked.
 * @param answer What came back.
 * @returns Both together.
 */
export function answerFacts(facts: DiagnosisFacts, answer: Answer): DiagnosisFacts {
  const { code, text } = serverMessage(answer.body);
  return {
    ...facts,
    status: answer.status,
    ...(code === undefined ? {} : { serverCode: code }),
    ...(text === undefined ? {} : { serverMessage: text }),
  };
}

async function attempt(
  client: RegistryClient,
  question: Question,
): Promise<Answer | NetworkFailure> {
  const { method, url, facts, accept, authorization, form } = question;
  const { context, timeout, fetchFor } = client.options;
  const controller = new AbortController();
  const limit = Math.min(timeout ?? timeLimit(facts.step), question.timeout ?? Infinity);
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), limit);
  const signal = AbortSignal.any([controller.signal, ...context.signal ? [context.signal] : []]);
  try {
    const fetch = await fetchFor?.(url.host) ?? context.io.fetch;
    const response = await fetch(url, {
      method,
      headers: {
        "user-agent": `regauth/${VERSION}`,
        ...(accept === undefined ? {} : { accept }),
        ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
        ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      ...(form === undefined ? {} : { body: form.reveal() }),
      redirect: "manual",
      signal,
    });
    const { status, headers } = response;
    const { text, complete } = await readBody(response, facts.step, signal);
    const body = status === 200 ? text : scrubbed(text, question);
    return { status, headers, body, complete, url };
  } catch (thrown) {
    const abort = ended(context.signal);
    if (abort) throw abort;
    if (thrown instanceof RegauthError) throw thrown;
    return signal.aborted ? TOO_LATE : networkFailure(thrown);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads no more than the limit, and stops at once when the signal says so. */
async function readBody(
  response: Response,
  step: Step,
  signal: AbortSignal,
): Promise<{ text: string; complete: boolean }> {
  if (response.body === null) return { text: "", complete: true };
  const limit = (step === "token" ? 128 : 64) * KIB;
  const reader = response.body.getReader();
  const stop = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  try {
    const decoder = new TextDecoder();
    let text = "";
    for (let size = 0;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return { text: text + decoder.decode(), complete: true };
      text += decoder.decode(value.subarray(0, limit - size), { stream: true });
      size += value.length;
      if (size > limit) {
        stop();
        return { text, complete: false };
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A server may quote what it was sent, in the spelling of a URL, a form or JSON. */
function scrubbed(text: string, { authorization, credential }: Question): string {
  const { password, identityToken, registryToken } = credential ?? {};
  return [authorization?.reveal().replace(/^\w+ /, ""), password, identityToken, registryToken]
    .map((secret) => typeof secret === "string" ? secret : secret?.reveal() ?? "")
    .filter((secret) => secret !== "")
    .flatMap(spellings)
    .reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}

function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const hex = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`;
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    json,
    json.replaceAll(/[<>&]/g, hex), // As Go writes it.
  ];
}

function unanswered(
  client: RegistryClient,
  { facts, url }: Question,
  failure: NetworkFailure,
): RegistryError {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const all = { ...facts, host: url.host, port, ...proxyFact(client, url) };
  return new RegistryError(diagnoseFailure(failure, all));
}

/** Throws what is treated alike everywhere. */
function usual(client: RegistryClient, { facts, url }: Question, answer: Answer): Answer {
  const { status } = answer;
  if (status !== 407 && status !== 429 && status < 500) return answer;
  const all = {
    ...answerFacts(facts, answer),
    host: facts.step === "token" ? url.host : facts.host,
  };
  if (status === 407) {
    throw new RegistryError(diagnose("D-16", { ...all, ...proxyFact(client, url) }));
  }
  if (status >= 500) throw new RegistryError(diagnose("D-27", all));
  const wait = retryAfter(
    answer.headers.get("retry-after") ?? undefined,
    client.options.context.io.now(),
  );
  throw new RegistryError(
    diagnose("D-26", { ...all, ...(wait === undefined ? {} : { when: inWords(wait) }) }),
  );
}

function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 120 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}

function proxyFact(client: RegistryClient, url: URL): { proxy?: string } {
  // This machine is never asked by way of a proxy.
  const proxy = isLoopbackHost(url.host) ? undefined : proxyFor(url, client.options.context.io.env);
  return proxy === undefined ? {} : { proxy: proxy.shown };
}

/** Why the caller's signal ended the work, if it did and was not merely a limit of time. */
function ended(signal: AbortSignal | undefined): RegauthError | undefined {
  if (!signal?.aborted) return undefined;
  const { reason } = signal;
  if (reason instanceof DOMException && reason.name === "TimeoutError") return undefined;
  return new RegauthError("aborted", "Cannot go on: it was interrupted", { cause: reason });
}

/** `Warning: 299 - "text"` is for people (OCI distribution specification, "Warnings"). */
function hearWarnings(
  { warnings, options }: RegistryClient,
  question: Question,
  { url, headers }: Answer,
): void {
  const said = scrubbed(headers.get("warning") ?? "", question);
  for (const [, text = ""] of said.matchAll(/299 \S+ "([^"]*)"/g)) {
    const warning = `${url.host} warns: ${plain(text)}`;
    const size = [...warnings, warning].reduce((sum, { length }) => sum + length, 0);
    if (warnings.has(warning) || size > MAX_WARNINGS) continue;
    warnings.add(warning);
    options.context.trace?.(warning);
  }
}
