/**
 * The managed identity of a machine, function, pod or shell of Azure: which service gives its tokens,
 * and how it is asked (MSAL `apps/managedidentity`).
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import type { AccessToken } from "../access_token.ts";
import { type Answer, ask, type Patience, type Question } from "../ask.ts";
import { masked } from "../mask.ts";
import type { Azure, AzureIdentity } from "./entra.ts";
import { jsonOf } from "./entra_error.ts";
import { azureExpiry } from "./token_expiry.ts";

/** The services that give tokens for managed identities. */
export type ManagedKind =
  | "Service Fabric"
  | "App Service"
  | "Azure ML"
  | "Cloud Shell"
  | "Azure Arc"
  | "IMDS";

/** Which identity of the machine, if it has several. */
interface Chosen {
  readonly by: "client_id" | "object_id" | "resource_id";
  readonly id: string;
}

const IMDS = "http://169.254.169.254/metadata/identity/oauth2/token";
const ARC = "http://127.0.0.1:40342/metadata/identity/oauth2/token";
const PROBE_TIMEOUT = 1000;
/** 410 may last 70 s while the host is updated; a helper must not keep Docker waiting for so long. */
const PATIENCE: Patience = {
  delays: [1000, 2000, 4000, 8000],
  retried: (status) => status === 404 || status === 410 || status === 429 || status >= 500,
  total: 20_000,
};

/**
 * The managed identity. Whether there is one is found out when its token is wanted.
 *
 * @param azure Azure as the caller uses it.
 * @param isWanted Whether the user named it, so that it is an error if there is none.
 * @returns The identity. Its tokens throw `azure-mi-…`, `azure-arc-…`, `network`.
 * @throws {RegauthError} `invalid-environment` if more than one identity is chosen, or one where
 * none can be chosen.
 */
export async function managedIdentity(azure: Azure, isWanted = false): Promise<AzureIdentity> {
  const { context } = azure;
  const kind = await kindOf(context.io);
  const chosen = chosenOf(azure, kind);
  const name = `managed identity${chosen ? ` ${chosen.id}` : ""} of ${kind}`;

  async function token(resource: string): Promise<AccessToken | undefined> {
    if (kind === "IMDS" && !isWanted && !await answers(azure)) {
      context.trace?.("IMDS: no answer in 1 s");
      return undefined;
    }
    const question = questionFor(kind, context.io, resource, chosen);
    const answer = await answerOf(azure, kind, question);
    if (answer.status === 403 && /unreachable/i.test(answer.body) && !isWanted) {
      context.trace?.("IMDS: a proxy answers in its place");
      return undefined;
    }
    const body = jsonOf(answer.body);
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

  return {
    name,
    for: (resource) => ({
      name,
      key: ["azure-managed", kind, endpointOf(kind, context.io), chosen?.id ?? "", resource],
      token: async () => await token(resource),
    }),
  };
}

/** The first that fits counts. */
async function kindOf(io: Io): Promise<ManagedKind> {
  const has = (name: string): boolean => Boolean(io.env(name));
  if (has("IDENTITY_ENDPOINT") && has("IDENTITY_HEADER")) {
    return has("IDENTITY_SERVER_THUMBPRINT") ? "Service Fabric" : "App Service";
  }
  if (has("MSI_ENDPOINT")) return has("MSI_SECRET") ? "Azure ML" : "Cloud Shell";
  if (has("IDENTITY_ENDPOINT") && has("IMDS_ENDPOINT")) return "Azure Arc";
  return await io.stat(arcProgram(io)).catch(() => undefined) ? "Azure Arc" : "IMDS";
}

function arcProgram(io: Io): string {
  return io.platform === "windows"
    ? `${io.env("ProgramData") ?? "C:\\ProgramData"}\\AzureConnectedMachineAgent\\himds.exe`
    : "/opt/azcmagent/bin/himds";
}

function chosenOf({ context: { io }, options }: Azure, kind: ManagedKind): Chosen | undefined {
  const { clientId, objectId, resourceId } = options;
  const ids: readonly Chosen[] = [
    { by: "client_id" as const, id: clientId ?? "" },
    { by: "object_id" as const, id: objectId ?? "" },
    { by: "resource_id" as const, id: resourceId ?? "" },
  ].filter(({ id }) => id !== "");
  if (ids.length > 1) {
    throw wrong("clientId", "more than one identity is chosen", "Keep one of the three ids.");
  }
  const [chosen] = ids;
  const hasChoice = kind !== "Service Fabric" && kind !== "Cloud Shell" && kind !== "Azure Arc";
  if (chosen && !hasChoice) {
    throw wrong("clientId", `${kind} has only one`, "Remove the id of the identity.");
  }
  const id = io.env("AZURE_CLIENT_ID") ||
    (kind === "Azure ML" ? io.env("DEFAULT_IDENTITY_CLIENT_ID") : undefined);
  return chosen ?? (id && hasChoice ? { by: "client_id", id } : undefined);
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

function endpointOf(kind: ManagedKind, io: Io): string {
  switch (kind) {
    case "IMDS":
      return IMDS;
    case "Azure Arc":
      return io.env("IDENTITY_ENDPOINT") || ARC;
    case "Azure ML":
    case "Cloud Shell":
      return io.env("MSI_ENDPOINT") ?? "";
    default:
      return io.env("IDENTITY_ENDPOINT") ?? "";
  }
}

function questionFor(
  kind: ManagedKind,
  io: Io,
  resource: string,
  chosen: Chosen | undefined,
): Question {
  const { version, header: [header, value], parameter = {} } = KINDS[kind];
  const text = endpointOf(kind, io);
  const url = URL.parse(text);
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

async function answerOf(azure: Azure, kind: ManagedKind, question: Question): Promise<Answer> {
  const { context } = azure;
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
async function answers({ context }: Azure): Promise<boolean> {
  const question = { url: new URL(IMDS), direct: true, timeout: PROBE_TIMEOUT };
  try {
    await ask({ ...context, trace: () => {} }, () => question);
    return true;
  } catch (error) {
    if (error instanceof RegauthError && error.code === "network") return false;
    throw error;
  }
}

function refusal({ status, body }: Answer, name: string): RegauthError {
  const { error, error_description: text, message } = jsonOf(body) ?? {};
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

function wrong(subject: string, why: string, hint: string): RegauthError {
  const message = `Cannot use the managed identity: ${why}`;
  return new RegauthError("invalid-environment", message, { subject, hint });
}
