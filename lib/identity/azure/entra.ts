/**
 * Tokens of Microsoft Entra: an application shows that it is who it says (OAuth 2.0 client
 * credentials, RFC 6749 section 4.4, RFC 7523), or a user does.
 *
 * @module
 */

import type { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { later } from "../../later.ts";
import { printable } from "../../printable.ts";
import type { Identity } from "../access_token.ts";
import type { Cloud } from "./clouds.ts";
import type { AzureOptions } from "./options.ts";

/** Azure as one caller uses it. */
export interface Azure {
  /** The outside world. */
  readonly context: Context;
  /** What the caller says. */
  readonly options: AzureOptions;
  /** The cloud. */
  readonly cloud: Cloud;
}

/** An identity of Azure that was found: it gives tokens for different resources. */
export interface AzureIdentity {
  /** Who it is, as {@linkcode Identity.name}. */
  readonly name: string;
  /**
   * The identity with which to ask for tokens for one resource.
   *
   * @param resource Such as `https://containerregistry.azure.net`.
   * @returns The identity.
   */
  for(resource: string): Identity;
}

/** The form members that prove who asks. */
export interface Proof {
  /** The members. */
  readonly form: Readonly<Record<string, string | Secret>>;
  /** What a federated token says of itself, for a message. */
  readonly claims?: string;
}

/** An application, or a user by way of one. */
export interface Applicant {
  /** Who it is, such as `application 1111…`. */
  readonly name: string;
  /** What tells it from all others. */
  readonly key: readonly string[];
  /** Tenant. */
  readonly tenantId: string;
  /** Application. */
  readonly clientId: string;
  /** What is shown: a password, or else an application's own credentials. */
  readonly grantType?: "password";

  /**
   * Makes the proof, anew for each request.
   *
   * @param endpoint The URL of the token endpoint.
   * @returns The proof.
   */
  prove(endpoint: string): Promise<Proof> | Proof;
}

/** How an application asks; a user's password is another grant. */
export const CLIENT_CREDENTIALS = "client_credentials";

/** Kinds of tenants that stand for many: no application has its secret there. */
const GENERIC: readonly string[] = ["common", "organizations", "consumers"];

/**
 * The identity of somebody who asks Entra for tokens.
 *
 * @param azure Azure as the caller uses it.
 * @param applicant Who asks.
 * @returns The identity. Its tokens throw `azure-…`, `refused` or `network`.
 * @throws {RegauthError} `azure-tenant-generic`, `invalid-environment` if the tenant is none.
 */
export function entraIdentity(azure: Azure, applicant: Applicant): AzureIdentity {
  const { context, cloud: { authority } } = azure;
  const { name, key, tenantId, clientId, grantType = CLIENT_CREDENTIALS } = applicant;
  checkTenant(tenantId, grantType);
  const url = new URL(`${authority}/${tenantId}/oauth2/v2.0/token`);

  return {
    name,
    for: (resource) => ({
      name,
      key: [...key, url.href, clientId, resource],
      token: async () => {
        const { entraToken } = await later<typeof import("./entra_token.ts")>(
          "./entra_token.ts",
          import.meta.url,
        );
        return await entraToken(context, url, applicant, resource);
      },
    }),
  };
}

/**
 * What is missing of an application that is configured in part.
 *
 * @param what The part that is there, such as `AZURE_CLIENT_SECRET`.
 * @param parts The other parts, by the variables that hold them.
 * @throws {RegauthError} `invalid-environment`
 */
export function requireParts(
  what: string,
  parts: Readonly<Record<string, string | undefined>>,
): void {
  const missing = Object.entries(parts).flatMap(([name, value]) => value ? [] : [name]);
  if (missing.length === 0) return;
  throw new RegauthError(
    "invalid-environment",
    `Cannot use ${what}: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
    { subject: what, hint: `Set ${missing.join(" and ")}, or unset ${what}.` },
  );
}

function checkTenant(tenantId: string, grantType: string): void {
  if (grantType === CLIENT_CREDENTIALS && GENERIC.includes(tenantId.toLowerCase())) {
    throw new RegauthError(
      "azure-tenant-generic",
      `Cannot use the tenant "${tenantId}": it stands for many`,
      { subject: "tenant", hint: "Name the tenant of the application by its id or domain." },
    );
  }
  if (/^[A-Za-z0-9.-]+$/.test(tenantId) && !/^\.+$/.test(tenantId)) return;
  throw new RegauthError(
    "invalid-environment",
    `Cannot use the tenant "${printable(tenantId)}": it is neither a GUID nor a domain`,
    { subject: "tenant", hint: "Correct AZURE_TENANT_ID." },
  );
}
