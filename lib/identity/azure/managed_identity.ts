/**
 * The managed identity of a machine, function, pod or shell of Azure: which service gives its tokens,
 * and how it is asked (MSAL `apps/managedidentity`).
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { later } from "../../later.ts";
import type { Azure, AzureIdentity } from "./entra.ts";

/** The services that give tokens for managed identities. */
export type ManagedKind =
  | "Service Fabric"
  | "App Service"
  | "Azure ML"
  | "Cloud Shell"
  | "Azure Arc"
  | "IMDS";

/** Which identity of the machine, if it has several. */
export interface Chosen {
  /** What kind of id it is. */
  readonly by: "client_id" | "object_id" | "resource_id";
  /** The id. */
  readonly id: string;
}

/** A managed identity, and where its tokens are. */
export interface ManagedPlace {
  /** Which service gives them. */
  readonly kind: ManagedKind;
  /** Its address. */
  readonly endpoint: string;
  /** Which identity. */
  readonly chosen: Chosen | undefined;
  /** Name of the identity, for messages. */
  readonly name: string;
  /** Whether it is an error if there is none. */
  readonly isWanted: boolean;
}

const IMDS = "http://169.254.169.254/metadata/identity/oauth2/token";
const ARC = "http://127.0.0.1:40342/metadata/identity/oauth2/token";
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
  const endpoint = endpointOf(kind, context.io);
  const name = `managed identity${chosen ? ` ${chosen.id}` : ""} of ${kind}`;

  return {
    name,
    for: (resource) => ({
      name,
      key: ["azure-managed", kind, endpoint, chosen?.id ?? "", resource],
      token: async () => {
        const { managedToken } = await later<typeof import("./managed_token.ts")>(
          "./managed_token.ts",
          import.meta.url,
        );
        return await managedToken(context, { kind, endpoint, chosen, name, isWanted }, resource);
      },
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

/**
 * The error of a setting.
 *
 * @param subject The setting.
 * @param why What is wrong with it.
 * @param hint What to do next.
 * @returns The error to throw.
 */
export function wrong(subject: string, why: string, hint: string): RegauthError {
  const message = `Cannot use the managed identity: ${why}`;
  return new RegauthError("invalid-environment", message, { subject, hint });
}
