/**
 * Applications with a secret, and users with a password.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type Azure, type AzureIdentity, entraIdentity, requireParts } from "./entra.ts";

/**
 * The application that a secret is configured for.
 *
 * @param azure Azure as the caller uses it.
 * @returns The identity, or `undefined` if there is no secret.
 * @throws {RegauthError} `invalid-environment` if tenant or client id is missing,
 * `azure-tenant-generic`
 */
export function clientSecret(azure: Azure): AzureIdentity | undefined {
  const { context: { io, trace }, options } = azure;
  const text = io.env("AZURE_CLIENT_SECRET");
  const secret = options.clientSecret ?? (text ? new Secret(text) : undefined);
  if (secret === undefined) {
    trace?.("AZURE_CLIENT_SECRET is not set");
    return undefined;
  }
  const { tenantId = "", clientId = "" } = idsOf(azure);
  requireParts("AZURE_CLIENT_SECRET", { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId });
  return entraIdentity(azure, {
    name: `application ${clientId}, by its secret`,
    key: ["azure-secret", secret.reveal()],
    tenantId,
    clientId,
    prove: () => ({ form: { client_secret: secret } }),
  });
}

/**
 * The user whose name and password are in variables. Asked only if regauth's own file allows it.
 *
 * @param azure Azure as the caller uses it.
 * @returns The identity, or `undefined` if there is none or it is not allowed.
 * @throws {RegauthError} `invalid-environment` if a part is missing.
 */
export function userPassword(azure: Azure): AzureIdentity | undefined {
  const { context: { io, trace }, options } = azure;
  const username = io.env("AZURE_USERNAME");
  if (!username || !options.allowPassword) {
    trace?.(username ? "AZURE_USERNAME is not used unless allowed" : "AZURE_USERNAME is not set");
    return undefined;
  }
  const password = io.env("AZURE_PASSWORD") ?? "";
  const { tenantId = "", clientId = "" } = idsOf(azure);
  requireParts("AZURE_USERNAME", {
    AZURE_PASSWORD: password,
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
  });
  return entraIdentity(azure, {
    name: `user ${username}`,
    key: ["azure-password", username, password],
    tenantId,
    clientId,
    grantType: "password",
    prove: () => ({ form: { username, password: new Secret(password) } }),
  });
}

/**
 * Tenant and application, by the caller or the variables.
 *
 * @param azure Azure as the caller uses it.
 * @returns The ids, as far as they are known; never empty.
 */
export function idsOf({ context: { io }, options }: Azure): {
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
} {
  return {
    tenantId: options.tenantId || io.env("AZURE_TENANT_ID") || undefined,
    clientId: options.clientId || io.env("AZURE_CLIENT_ID") || undefined,
  };
}
