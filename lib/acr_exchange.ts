/**
 * A token of Azure, exchanged at a registry for its own: the refresh token that Docker takes for a
 * password (Azure/acr `docs/AAD-OAuth.md`).
 *
 * @example
 * ```ts
 * import { exchangeToken } from "./acr_exchange.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { Secret } from "./credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ fetch: () => Response.json({ refresh_token: "R" }) });
 * const registry = { host: "contoso.azurecr.io", service: "contoso.azurecr.io" };
 * const { value } = await exchangeToken({ io }, registry, new Secret("T"));
 * assertEquals(value.reveal(), "R");
 * assertEquals(io.requests[0]?.url, "https://contoso.azurecr.io/oauth2/exchange");
 * ```
 *
 * @module
 */

import { type Challenge, parseChallenges } from "./challenge.ts";
import { Secret } from "./credential.ts";
import { RegistryError } from "./diagnosis.ts";
import { type AzureErrorCode, type ErrorCode, RegauthError } from "./errors.ts";
import type { AccessToken } from "./identity/access_token.ts";
import { type Answer, ask, type Patience, type Question } from "./identity/ask.ts";
import { masked } from "./identity/mask.ts";
import type { Context } from "./io.ts";
import { parseObject } from "./json_object.ts";
import { serverMessage } from "./server_message.ts";
import { readExpiry, readPayload } from "./token_claims.ts";

/** A registry of Azure. */
export interface AcrRegistry {
  /** Its host, with port. */
  readonly host: string;
  /** What it calls itself. */
  readonly service: string;
}

const PATIENCE: Patience = { delays: [500] };
const TIMEOUT = 15_000;

/**
 * Exchanges a token.
 *
 * @param context The outside world.
 * @param registry The registry.
 * @param token A token of Azure, for registries or for the resource manager.
 * @param tenantId Tenant, if the token does not tell its own.
 * @returns The refresh token; without end if it does not tell, so that it is used once.
 * @throws {RegauthError} `acr-exchange-401`, `acr-exchange-empty`, `acr-firewall`, `acr-not-acr`,
 * `acr-no-such-registry`, `network`
 */
export async function exchangeToken(
  context: Context,
  { host, service }: AcrRegistry,
  token: Secret,
  tenantId?: string,
): Promise<AccessToken> {
  const { tid } = readPayload(token.reveal()) ?? {};
  const form = {
    grant_type: "access_token",
    service,
    tenant: typeof tid === "string" ? tid : tenantId,
    access_token: token,
  };
  const url = new URL(`https://${host}/oauth2/exchange`);
  const answer = await askRegistry(context, { url, form, timeout: TIMEOUT });
  if (answer.status !== 200) throw refusal(host, answer, [token]);
  const { refresh_token } = parseObject(answer.body) ?? {};
  if (typeof refresh_token !== "string" || refresh_token === "") {
    throw fault("acr-exchange-empty", host, "its answer holds no refresh token", NOT_ACR);
  }
  const expiresAt = readExpiry(refresh_token);
  return { value: new Secret(refresh_token), ...(expiresAt ? { expiresAt } : {}) };
}

/**
 * Asks a host of another name what it calls itself. Login servers of the usual names need not be
 * asked.
 *
 * @param context The outside world.
 * @param host The host, with port.
 * @returns The registry, or `undefined` if it lets everybody in.
 * @throws {RegauthError} `acr-no-challenge`, `acr-challenge-scheme`, `acr-challenge-incomplete`,
 * `acr-realm-mismatch`, `acr-firewall`, `acr-no-such-registry`, `network`
 */
export async function discoverRegistry(
  context: Context,
  host: string,
): Promise<AcrRegistry | undefined> {
  const url = new URL(`https://${host}/v2/`);
  const answer = await askRegistry(context, { url, timeout: TIMEOUT });
  if (answer.status === 200) return undefined;
  if (answer.status === 403) throw refusal(host, answer, []);
  const header = answer.headers.get("www-authenticate");
  if (answer.status !== 401 || header === null) {
    const why = `it gave no challenge (status ${answer.status})`;
    throw fault("acr-no-challenge", host, why, NOT_ACR);
  }
  const challenge = challengesIn(header).find(({ scheme }) => scheme === "bearer");
  if (challenge === undefined) {
    const isIncomplete = /^\s*bearer\b/i.test(header);
    throw isIncomplete
      ? fault("acr-challenge-incomplete", host, "its challenge cannot be read", NOT_ACR)
      : fault("acr-challenge-scheme", host, "its challenge is not Bearer", NOT_ACR);
  }
  const { realm, service } = challenge.params;
  if (!realm || !service) {
    throw fault(
      "acr-challenge-incomplete",
      host,
      "its challenge names no realm or service",
      NOT_ACR,
    );
  }
  const realmUrl = URL.parse(realm);
  if (realmUrl?.protocol !== "https:" || realmUrl.host !== url.host) {
    const why = `it wants tokens sent to ${masked(realmUrl?.host ?? "another place")}`;
    throw fault("acr-realm-mismatch", host, why, "Name the login server itself.");
  }
  return { host, service };
}

const NOT_ACR = "Check the host; it may be no registry of Azure.";

async function askRegistry(context: Context, question: Question): Promise<Answer> {
  try {
    return await ask(context, () => question, PATIENCE);
  } catch (error) {
    const isUnknown = error instanceof RegistryError && error.diagnosis.id === "D-01";
    if (!isUnknown) throw error;
    throw fault(
      "acr-no-such-registry",
      question.url.host,
      "no server is known under that name",
      "Check name and cloud; a registry with a private endpoint is known in its own network alone.",
    );
  }
}

function refusal(host: string, answer: Answer, secrets: readonly Secret[]): RegauthError {
  const { status, body } = answer;
  const { text } = serverMessage(body);
  const said = text === undefined ? "" : `: ${masked(text, secrets)}`;
  switch (status) {
    case 401:
      return fault(
        "acr-exchange-401",
        host,
        `it does not accept the identity${said}`,
        "Give it the role AcrPull (in ABAC mode: Container Registry Repository Reader); the " +
          "registry may be in another tenant.",
      );
    case 403:
      return fault(
        "acr-firewall",
        host,
        `its firewall refuses${said}`,
        "Allow this machine's public address, or use the private endpoint.",
      );
    case 404:
      return fault("acr-not-acr", host, "it exchanges no tokens", NOT_ACR);
    default: {
      const isTheirs = status < 400 || status === 429 || status >= 500;
      const why = `status ${status}${said}`;
      return fault(isTheirs ? "network" : "refused", host, why, "Try again later.");
    }
  }
}

function challengesIn(header: string): readonly Challenge[] {
  try {
    return parseChallenges(header);
  } catch {
    return [];
  }
}

function fault(
  code: AzureErrorCode | ErrorCode,
  host: string,
  why: string,
  hint: string,
): RegauthError {
  return new RegauthError(code, `Cannot log in to ${host}: ${why}`, { subject: host, hint });
}
