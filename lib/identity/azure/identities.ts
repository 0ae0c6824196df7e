/**
 * Who are we to Azure? The sources in the order in which they are asked: secret, certificate, another
 * provider's token, managed identity, az.
 *
 * @example A secret ends the search
 * ```ts
 * import { azureIdentities } from "./identities.ts";
 * import { cloudOf } from "./clouds.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { AZURE_TENANT_ID: "contoso.com", AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "s" },
 * });
 * const cloud = await cloudOf(io, {}, "azurecr.io");
 * const found = await Array.fromAsync(azureIdentities({ context: { io }, options: {}, cloud }));
 * assertEquals(found.map(({ name }) => name), ["application app, by its secret"]);
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { later } from "../../later.ts";
import { printable } from "../../printable.ts";
import type { Azure, AzureIdentity } from "./entra.ts";
import type { AzureSource } from "./options.ts";

type Find = (azure: Azure, isWanted: boolean) => Promise<AzureIdentity | undefined>;

const HERE = import.meta.url;

const FIND: Readonly<Record<AzureSource, Find>> = {
  secret: async (azure) =>
    (await later<typeof import("./client_secret.ts")>("./client_secret.ts", HERE))
      .clientSecret(azure),
  certificate: async (azure) =>
    await (await later<typeof import("./client_certificate.ts")>("./client_certificate.ts", HERE))
      .clientCertificate(azure),
  workload: async (azure) =>
    (await later<typeof import("./workload_identity.ts")>("./workload_identity.ts", HERE))
      .workloadIdentity(azure),
  github: async (azure) =>
    (await later<typeof import("./workload_identity.ts")>("./workload_identity.ts", HERE))
      .githubIdentity(azure),
  password: async (azure) =>
    (await later<typeof import("./client_secret.ts")>("./client_secret.ts", HERE))
      .userPassword(azure),
  managed: async (azure, isWanted) =>
    await (await later<typeof import("./managed_identity.ts")>("./managed_identity.ts", HERE))
      .managedIdentity(azure, isWanted),
  az: async (azure, isWanted) =>
    await (await later<typeof import("./az_cli.ts")>("./az_cli.ts", HERE)).azCli(azure, isWanted),
};

/** Those whose identity may turn out not to be there; all others end the search. */
const UNCERTAIN: readonly AzureSource[] = ["managed", "az"];

const DEVELOPER: readonly AzureSource[] = ["az"];
const ENVIRONMENT: readonly AzureSource[] = ["secret", "certificate", "password"];
const PRODUCTION: readonly AzureSource[] = [
  "secret",
  "certificate",
  "workload",
  "github",
  "password",
  "managed",
];

/** What `AZURE_TOKEN_CREDENTIALS` chooses (azidentity `default_azure_credential.go`). */
const CHOICES: Readonly<Record<string, readonly AzureSource[]>> = {
  dev: DEVELOPER,
  prod: PRODUCTION,
  environmentcredential: ENVIRONMENT,
  workloadidentitycredential: ["workload", "github"],
  managedidentitycredential: ["managed"],
  azureclicredential: ["az"],
};

/**
 * Looks for identities. One that is configured ends the search; behind a managed identity others
 * follow, because only its token tells whether it is there.
 *
 * @param azure Azure as the caller uses it.
 * @returns The identities, best first; each is looked for when the ones before it gave no token.
 * @throws {RegauthError} If an identity is configured, and broken; `no-credential` if the only source
 * that was named has none; `invalid-environment`
 */
export async function* azureIdentities(azure: Azure): AsyncGenerator<AzureIdentity> {
  const { options: { source }, context: { io, trace } } = azure;
  const sources = source ? [source] : chosenSources(io) ?? [...PRODUCTION, ...DEVELOPER];
  const isWanted = sources.length === 1;
  for (const name of sources) {
    const identity = await FIND[name](azure, isWanted);
    if (identity === undefined) continue;
    if (!UNCERTAIN.includes(name)) trace?.(identity.name);
    yield identity;
    if (!UNCERTAIN.includes(name)) return;
  }
  if (!source) return;
  throw new RegauthError(
    "no-credential",
    `Cannot find the Azure identity that regauth's own file wants: "${source}" is not set up`,
    { subject: source, hint: "Set its variables, or name another source." },
  );
}

function chosenSources(io: Io): readonly AzureSource[] | undefined {
  const variable = "AZURE_TOKEN_CREDENTIALS";
  const name = io.env(variable);
  if (!name) return undefined;
  const key = name.toLowerCase();
  if (Object.hasOwn(CHOICES, key)) return CHOICES[key];
  throw new RegauthError(
    "invalid-environment",
    `Cannot use ${variable}: "${printable(name)}" is not known`,
    {
      subject: variable,
      hint: "Write dev, prod, EnvironmentCredential, WorkloadIdentityCredential, " +
        "ManagedIdentityCredential or AzureCLICredential.",
    },
  );
}
