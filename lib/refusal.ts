/**
 * Why a registry refuses a request on a repository.
 *
 * @module
 */

import { factsOf, isNobody, type Purpose } from "./authorize.ts";
import { parseChallenges } from "./challenge.ts";
import { diagnose, type Diagnosis } from "./diagnosis.ts";
import type { DiagnosisId } from "./diagnosis_table.ts";
import { answerFacts } from "./exchange.ts";
import { credentialFault, type Reply } from "./registry.ts";
import type { RegistryClient } from "./registry_client.ts";

/**
 * Explains a refusal, the more special reasons first.
 *
 * @param client What is known of the registry.
 * @param purpose What was to be done, by whom.
 * @param reply The refusal.
 * @returns The diagnosis.
 */
export async function refusalOf(
  client: RegistryClient,
  purpose: Purpose,
  reply: Reply,
): Promise<Diagnosis> {
  const { answer, authorization } = reply;
  const facts = answerFacts(factsOf(purpose), answer);
  const { status, serverCode = "", serverMessage = "" } = facts;
  const { withheld } = authorization;
  const isDenied = status === 401 || status === 403;
  const nobody = isNobody(purpose.credential);
  const isPush = purpose.actions.includes("push");
  const id = ((): DiagnosisId => {
    if (isDenied && /\b(?:SAML|SSO)\b/.test(serverMessage)) return "D-36";
    if (isPush && /\bquota\b/i.test(serverMessage)) return "D-35";
    if (isDenied && nobody) return "D-17";
    if (isDenied && wantsBasicAfterToken(reply)) return "D-22";
    if (isDenied) return isPush ? "D-21" : "D-20";
    if (status === 404) return isPush ? "D-24" : "D-19";
    if (status === 405 || serverCode === "UNSUPPORTED") return isPush ? "D-25" : "D-99";
    return "D-99";
  })();
  const fault = await credentialFault(client, purpose, reply);
  return fault ?? (isDenied && withheld ? withheld : diagnose(id, facts));
}

/** Harbor answers so to a token without the right. */
function wantsBasicAfterToken({ answer, authorization }: Reply): boolean {
  if (authorization.token === undefined) return false;
  try {
    return parseChallenges(answer.headers.get("www-authenticate") ?? "")
      .some(({ scheme }) => scheme === "basic");
  } catch {
    return false; // An unreadable hint is none.
  }
}
