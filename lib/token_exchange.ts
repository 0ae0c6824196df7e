/**
 * Gets a bearer token: from this run's cache, else from the token server.
 *
 * @module
 */

import type { Credential } from "./credential.ts";
import { diagnose, RegistryError } from "./diagnosis.ts";
import type { DiagnosisFacts, DiagnosisId } from "./diagnosis_table.ts";
import { type Answer, answerFacts, exchange } from "./exchange.ts";
import type { RegistryClient } from "./registry_client.ts";
import { readToken, type Token, type TokenQuestion, tokenRequest } from "./token.ts";
import { loginKey } from "./token_cache.ts";

/** Answers to an identity token that say "not so" or "not like this" (containerd `authorizer.go`). */
const POST_REFUSALS: readonly number[] = [400, 401, 404, 405];
/** Those of them that say it of every identity token. */
const NO_POST: readonly number[] = [404, 405];
/** Diagnoses that say that the credential itself is wrong, whatever it is asked for. */
const WRONG_CREDENTIAL: readonly DiagnosisId[] = ["D-12", "D-14"];

/**
 * Asks a token server. The first use of a credential goes alone: if it is refused, it is not sent
 * again, because servers lock out whoever repeats a wrong one (GitLab does).
 *
 * @param client How servers are reached.
 * @param question What is asked for, and with what. The realm was checked.
 * @param facts What it is for.
 * @returns The token.
 * @throws {RegistryError} `refused`, `no-credential` or `network`
 */
export async function exchangeToken(
  client: RegistryClient,
  question: TokenQuestion,
  facts: DiagnosisFacts,
): Promise<Token> {
  const { realm, credential } = question;
  const all: DiagnosisFacts = { ...facts, step: "token", realm: realm.host };
  if (credential === undefined) return await send(client, question, all);

  const { logins } = client;
  const key = await loginKey(realm, credential);
  const first = logins.get(key);
  if (first !== undefined) {
    await first;
    return await sendLogin(client, question, credential, key, all);
  }
  const login = sendLogin(client, question, credential, key, all);
  const verdict = login.catch((error) => {
    if (error instanceof RegistryError && WRONG_CREDENTIAL.includes(error.diagnosis.id)) {
      throw error;
    }
    logins.delete(key);
  });
  verdict.catch(() => {}); // Nobody else may ever ask.
  logins.set(key, verdict);
  return await login;
}

/** Uses the newest identity token, and remembers it if the server gives another. */
async function sendLogin(
  client: RegistryClient,
  question: TokenQuestion,
  credential: Credential,
  key: string,
  facts: DiagnosisFacts,
): Promise<Token> {
  const identityToken = client.renewed.get(key);
  const token = await send(
    client,
    identityToken ? { ...question, credential: { ...credential, identityToken } } : question,
    facts,
  );
  if (credential.identityToken && token.identityToken) client.renewed.set(key, token.identityToken);
  return token;
}

async function send(
  client: RegistryClient,
  question: TokenQuestion,
  facts: DiagnosisFacts,
): Promise<Token> {
  const { withoutPost, options } = client;
  const { realm, credential } = question;
  const { method, url, authorization, body } = tokenRequest(question);
  if (method === "POST" && withoutPost.has(realm.href)) {
    throw new RegistryError(diagnose("D-12", facts));
  }
  const answer = await exchange(client, {
    method,
    url,
    facts,
    authorization,
    form: body,
    credential,
  });
  const all = answerFacts(facts, answer);
  if (answer.status !== 200) {
    if (method === "POST" && NO_POST.includes(answer.status)) withoutPost.add(realm.href);
    throw new RegistryError(refusal(answer, method, credential, all));
  }
  const { token, fault } = answer.complete
    ? readToken(answer.body, options.context.io.now())
    : { fault: "it is too long" };
  // The answer may hold a token after all: nothing of it is shown.
  if (token === undefined) {
    throw new RegistryError(diagnose("D-11", { ...facts, status: 200, detail: fault }));
  }
  return token;
}

function refusal(
  { status }: Answer,
  method: string,
  credential: Credential | undefined,
  facts: DiagnosisFacts,
): ReturnType<typeof diagnose> {
  if (method === "POST" && POST_REFUSALS.includes(status)) return diagnose("D-12", facts);
  if (status === 401) return diagnose(credential ? "D-14" : "D-17", facts);
  if (status === 403) {
    if (!credential) return diagnose("D-17", facts);
    return diagnose(/\b(?:SAML|SSO)\b/.test(facts.serverMessage ?? "") ? "D-36" : "D-15", facts);
  }
  const words = facts.serverMessage === undefined ? "" : `, "${facts.serverMessage}"`;
  const detail = status < 400 ? "it sends us elsewhere" : `status ${status}${words}`;
  return diagnose("D-11", { ...facts, detail });
}
