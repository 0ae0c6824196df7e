/**
 * Tokens of managed identities: how each of the services is asked, and what it answers.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { Context, Io } from "../../io.ts";
import { parseObject } from "../../json_object.ts";
import type { AccessToken } from "../access_token.ts";
import { type Answer, ask, type Patience, type Question } from "../ask.ts";
import { masked } from "../mask.ts";
import { type Chosen, type ManagedKind, type ManagedPlace, wrong } from "./managed_identity.ts";
import { azureExpiry } from "./token_expiry.ts";

const PROBE_TIMEOUT = 1000;
/** 410 may last 70 s while the host is updated; a helper must not keep Docker waiting for so long. */
const PATIENCE: Patience = {
  delays: [1000, 2000, 4000, 8000],
  retried: (status) => status === 404 || status === 410 || status === 429 || status >= 500,
  total: 20_000,
};

/**
 * Asks for a token.
 *
 * @param context The outside world.
 * @param place The identity, and where its tokens are.
 * @param resource What the token is for.
 * @returns The token, or `undefined` if there is no such identity here.
 * @throws {RegauthError} `azure-mi-…`, `azure-arc-…`, `azure-resource-unknown`, `network`
 */
export async function managedToken(
  context: Context,
  place: ManagedPlace,
  resource: string,
): Promise<AccessToken | undefined> {
  const { kind, name, isWanted } = place;
  if (kind === "IMDS" && !isWanted && !await answers(context, place.endpoint)) {
    context.trace?.("IMDS: no answer in 1 s");
    return undefined;
  }
  const question = questionFor(place, context.io, resource);
  const answer = await answerOf(context, kind, question);
  if (answer.status === 403 && /unreachable/i.test(answer.body) && !isWanted) {
    context.trace?.("IMDS: a proxy answers in its place");
    return undefined;
  }
  const body = parseObject(answer.body);
  if (body === undefined && answer.status === 200 && kind === "IMDS" && !isWanted) {
    context.trace?.("IMDS: something else answers at its address");
    return undefined;
  }
  const { access_token } = body ?? {};
  if (answer.status !== 200 || typeof access_token !== "string" || access_token === "") {
    throw refusal(answer, name);
  }
  const expiresAt = azureExpiry(body ?? {}, answer.sentAt);
  return { value: new Secret(access_token), ...(expiresAt ? { expiresAt } : {}) };
}

/** How a kind is asked. */
interface Kind {
  readonly version?: string;
  /** The header that says that we may ask, and the variable with its value. */
  readonly header: readonly [name: string, value: string | { readonly variable: string }];
  /** The parameter that names an identity. */
  readonly parameter?: Readonly<Partial<Record<Chosen["by"], string>>>;
}

const IDS = { client_id: "client_id", object_id: "object_id" } as const;
const METADATA = ["metadata", "true"] as const;

const KINDS: Readonly<Record<ManagedKind, Kind>> = {
  "Service Fabric": {
    version: "2019-07-01-preview",
    header: ["secret", { variable: "IDENTITY_HEADER" }],
  },
  "App Service": {
    version: "2019-08-01",
    header: ["x-identity-header", { variable: "IDENTITY_HEADER" }],
    parameter: { ...IDS, resource_id: "mi_res_id" },
  },
  "Azure ML": {
    version: "2017-09-01",
    header: ["secret", { variable: "MSI_SECRET" }],
    parameter: { client_id: "clientid" },
  },
  "Cloud Shell": { header: METADATA },
  "Azure Arc": { version: "2020-06-01", header: METADATA },
  "IMDS": {
    version: "2018-02-01",
    header: METADATA,
    parameter: { ...IDS, resource_id: "msi_res_id" },
  },
};

function questionFor(
  { kind, endpoint, chosen }: ManagedPlace,
  io: Io,
  resource: string,
): Question {
  const { version, header: [header, value], parameter = {} } = KINDS[kind];
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrong(kind, "the address of its service is not a URL", "Correct the environment.");
  }
  const headers = {
    [header]: typeof value === "string" ? value : new Secret(io.env(value.variable) ?? ""),
  };
  const common = { url, headers, direct: true };
  if (version === undefined) return { ...common, form: { resource } };
  url.searchParams.set("api-version", version);
  url.searchParams.set("resource", resource);
  if (chosen) {
    const name = parameter[chosen.by];
    if (name === undefined) throw wrong(chosen.by, `${kind} does not know it`, "Use a client id.");
    url.searchParams.set(name, chosen.id);
  }
  return common;
}

async function answerOf(
  context: Context,
  kind: ManagedKind,
  question: Question,
): Promise<Answer> {
  switch (kind) {
    case "Azure Arc":
      return await (await import("./arc.ts")).askArc(context, question, PATIENCE);
    case "Service Fabric": {
      const { askServiceFabric } = await import("./service_fabric.ts");
      return await askServiceFabric(context, question, PATIENCE);
    }
    default:
      return await ask(context, () => question, PATIENCE);
  }
}

/** Any answer at all says that the service is there (azidentity). */
async function answers(context: Context, endpoint: string): Promise<boolean> {
  const question = { url: new URL(endpoint), direct: true, timeout: PROBE_TIMEOUT };
  try {
    await ask({ ...context, trace: () => {} }, () => question);
    return true;
  } catch (error) {
    if (error instanceof RegauthError && error.code === "network") return false;
    throw error;
  }
}

function refusal({ status, body }: Answer, name: string): RegauthError {
  const { error, error_description: text, message } = parseObject(body) ?? {};
  const said = [error, text ?? message].filter((part) => typeof part === "string").join(": ");
  const why = `status ${status}${said === "" ? "" : `, ${masked(said)}`}`;
  const message_ = `Cannot get a token for the ${name}: ${why}`;
  if (status === 400 && /identity not found|not found/i.test(said)) {
    return new RegauthError("azure-mi-not-assigned", message_, {
      subject: name,
      hint: "Assign the identity to this machine, or correct AZURE_CLIENT_ID.",
    });
  }
  if (status === 400 && /invalid_resource|AADSTS500011/.test(said)) {
    return new RegauthError("azure-resource-unknown", message_, {
      subject: name,
      hint: "Ask an administrator to allow tokens for Azure Container Registry.",
    });
  }
  return new RegauthError("azure-mi-failed", message_, {
    subject: name,
    hint: "Look at the state of the managed identity in the portal, and try again later.",
  });
}
