/**
 * Follows redirects by hand, because what may go along depends on where they lead.
 *
 * @module
 */

import { diagnose, RegistryError } from "./diagnosis.ts";
import { type Answer, exchange, type Question } from "./exchange.ts";
import { innerRefusal } from "./realm.ts";
import type { RegistryClient } from "./registry_client.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Like {@linkcode exchange}, and follows up to five redirects. The authorization goes along only to
 * the same origin, https never leads to http, and nothing leads into this machine or its network. A
 * POST is repeated only if the server says so, at the same origin.
 *
 * @param client How servers are reached.
 * @param question What is sent.
 * @returns The answer at the end.
 * @throws {RegauthError} As {@linkcode exchange}; also if a redirect leads where it must not.
 */
export async function exchangeFollowing(
  client: RegistryClient,
  question: Question,
): Promise<Answer> {
  const { origin } = question.url;
  for (let hops = 0, { url } = question;; hops++) {
    const authorization = url.origin === origin ? question.authorization : undefined;
    const answer = await exchange(client, { ...question, url, authorization });
    const location = answer.headers.get("location");
    if (!REDIRECTS.includes(answer.status) || location === null) return answer;
    const next = URL.parse(location, url.href);
    if (question.method === "POST" && (answer.status < 307 || next?.origin !== origin)) {
      return answer;
    }
    const refusal = hops === MAX_REDIRECTS ? "there is no end of it" : redirectRefusal(next, url);
    if (next === null || refusal !== undefined) {
      throw new RegistryError(diagnose("D-30", {
        ...question.facts,
        status: answer.status,
        other: next?.host || "nowhere",
        ...(refusal === undefined ? {} : { detail: refusal }),
      }));
    }
    url = next;
  }
}

function redirectRefusal(next: URL | null, from: URL): string | undefined {
  if (next === null || !/^https?:$/.test(next.protocol)) return "it is no web address";
  if (from.protocol === "https:" && next.protocol === "http:") return "it is not encrypted";
  return next.hostname === from.hostname ? undefined : innerRefusal(next, from);
}
