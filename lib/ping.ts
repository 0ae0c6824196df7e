/**
 * The first question to a registry: are you one, over http or https, and how do you want to be shown
 * a credential? No credential is sent with it.
 *
 * @example A registry that wants a bearer token
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { ping } from "./ping.ts";
 * import { registryClient } from "./registry_client.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const challenge = 'Bearer realm="https://reg.example/token",service="reg.example"';
 * const io = memoryIo({
 *   fetch: () => new Response("{}", { status: 401, headers: { "www-authenticate": challenge } }),
 * });
 * const { origin, way } = await ping(registryClient({ context: { io } }), "reg.example");
 * assertEquals([origin, way?.scheme], ["https://reg.example", "bearer"]);
 * ```
 *
 * @module
 */

import { type Challenge, parseChallenges } from "./challenge.ts";
import { diagnose, RegistryError } from "./diagnosis.ts";
import type { DiagnosisFacts, DiagnosisId } from "./diagnosis_table.ts";
import { RegauthError } from "./errors.ts";
import { type Answer, answerFacts } from "./exchange.ts";
import { printable } from "./printable.ts";
import { readRealm } from "./realm.ts";
import { exchangeFollowing } from "./redirect.ts";
import { isLoopbackHost } from "./reference.ts";
import {
  type Ping,
  type RegistryClient,
  type RememberedPing,
  trafficHost,
  trustFor,
  type Way,
} from "./registry_client.ts";

/** Failures of https after which plain http is worth a try, where it is allowed. */
const HTTP_AFTER: readonly string[] = ["refused", "reset", "not-tls"];
/** What nginx, Go, Apache and others answer to plain http on an https port. */
const WANTS_HTTPS = /HTTP request (?:was sent )?to (?:an )?(?:HTTPS|SSL)|HTTP to an SSL-enabled/i;
/** Milliseconds for which a failure is remembered. */
const FAILURE_LIFE = 30_000;

/**
 * Asks a registry how it wants to be asked; once for each client. https comes first; plain http
 * follows only for this machine and hosts that the user calls insecure, and only if nothing speaks
 * TLS there.
 *
 * @param client How registries are reached.
 * @param registry Host, with its port if it has one.
 * @returns What it answered.
 * @throws {RegistryError} `network`, or `refused` for a token server that must not be asked.
 */
export async function ping(client: RegistryClient, registry: string): Promise<Ping> {
  const { pings, options } = client;
  const base = URL.parse(`https://${trafficHost(registry)}/v2/`);
  if (base === null || base.pathname !== "/v2/" || base.username !== "") {
    const shown = printable(registry);
    throw new RegauthError("invalid-reference", `Cannot ask "${shown}": it is not a valid host`, {
      subject: shown,
      hint: "Give host and port only, such as registry.example:5000.",
    });
  }
  const { now } = options.context.io;
  const known = pings.get(base.host);
  if (known && !(known.retryAt && known.retryAt <= now())) return await known.ping;
  const fresh: RememberedPing = { ping: attemptBoth(client, registry, base) };
  pings.set(base.host, fresh);
  try {
    return await fresh.ping;
  } catch (error) {
    fresh.retryAt = new Date(now().getTime() + FAILURE_LIFE);
    throw error;
  }
}

/**
 * Chooses among the challenges of a 401: the first Bearer with a usable realm, else the first Basic.
 *
 * @param client Whom the user trusts.
 * @param header The `WWW-Authenticate` header.
 * @param url The URL that answered.
 * @param facts What was asked.
 * @returns The challenges, and the way to take.
 * @throws {RegistryError} If there is no way: `network`, or `refused` for a realm.
 */
export function chooseWay(
  client: RegistryClient,
  header: string | null,
  url: URL,
  facts: DiagnosisFacts,
): { readonly challenges: readonly Challenge[]; readonly way: Way } {
  const fail = (id: DiagnosisId, more: Partial<DiagnosisFacts> = {}): never => {
    throw new RegistryError(diagnose(id, { ...facts, status: 401, ...more }));
  };
  const challenges = readChallenges(header ?? "", fail);
  const schemes = challenges.map(({ scheme }) => scheme).join(", ");
  let unusable = (): never => fail("D-07", schemes === "" ? {} : { detail: schemes });
  for (const { scheme, params } of challenges) {
    if (scheme !== "bearer") continue;
    if (!params.realm) {
      unusable = () => fail("D-09");
      continue;
    }
    const reading = readRealm(params.realm, url, trustFor(client, facts.host));
    if (reading.url) {
      const { service } = params;
      return {
        challenges,
        way: { scheme: "bearer", realm: reading.url, ...(service ? { service } : {}) },
      };
    }
    const realm = URL.parse(params.realm, url.href)?.host || "without a host";
    const { refusal, canTrust = false } = reading;
    unusable = () => fail("D-10", { realm, canTrust, detail: refusal });
  }
  if (challenges.some(({ scheme }) => scheme === "basic")) {
    return { challenges, way: { scheme: "basic" } };
  }
  return unusable();
}

function readChallenges(
  header: string,
  fail: (id: DiagnosisId, more: Partial<DiagnosisFacts>) => never,
): readonly Challenge[] {
  try {
    return parseChallenges(header);
  } catch (error) {
    if (!(error instanceof RegauthError)) throw error;
    return fail("D-08", { detail: error.code });
  }
}

async function attemptBoth(client: RegistryClient, registry: string, url: URL): Promise<Ping> {
  const mayBePlain = isLoopbackHost(url.host) ||
    (await client.options.insecure?.(registry) ?? false);
  try {
    return await attempt(client, registry, url, mayBePlain);
  } catch (error) {
    const failure = error instanceof RegistryError
      ? error.diagnosis.facts.failure?.kind
      : undefined;
    if (!mayBePlain || failure === undefined || !HTTP_AFTER.includes(failure)) throw error;
    const plainUrl = new URL(`http://${trafficHost(registry)}/v2/`);
    return await attempt(client, registry, plainUrl, false);
  }
}

async function attempt(
  client: RegistryClient,
  registry: string,
  url: URL,
  hasFallback: boolean,
): Promise<Ping> {
  const facts: DiagnosisFacts = { host: registry, step: "ping" };
  const answer = await exchangeFollowing(client, {
    method: "GET",
    url,
    facts,
    accept: "application/json",
    hasFallback,
  });
  const id = faultOf(answer, url);
  if (id !== undefined) {
    const moved = id === "D-30" ? { other: answer.url.host } : {};
    throw new RegistryError(diagnose(id, { ...answerFacts(facts, answer), ...moved }));
  }
  const { now } = client.options.context.io;
  const date = Date.parse(answer.headers.get("date") ?? "");
  const clockMinutes = Math.round((date - now().getTime()) / 60_000) || 0;
  const basics = { registry, origin: url.origin, url: answer.url, clockMinutes };
  if (answer.status === 200) return { ...basics, challenges: [] };
  const header = answer.headers.get("www-authenticate");
  return { ...basics, ...chooseWay(client, header, answer.url, facts) };
}

/** What is wrong with an answer that is neither "come in" nor "who are you?". */
function faultOf({ status, headers, url, body }: Answer, asked: URL): DiagnosisId | undefined {
  const isPage = /^text\/html\b/i.test(headers.get("content-type") ?? "");
  if (status === 404 || (status === 200 && isPage)) return "D-29";
  if (url.origin !== asked.origin) return "D-30";
  if (status === 403) return "D-28";
  if (status === 400 && url.protocol === "http:" && WANTS_HTTPS.test(body)) return "D-04";
  return status === 200 || status === 401 ? undefined : "D-99";
}
