/**
 * The keychain of Azure Container Registry: whoever we are to Azure, the registry gives a token of its
 * own for it.
 *
 * @example An application with a secret
 * ```ts
 * import { acrKeychain } from "./acr_keychain.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { AZURE_TENANT_ID: "contoso.com", AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "s" },
 *   fetch: ({ url }) =>
 *     url.endsWith("/oauth2/exchange")
 *       ? Response.json({ refresh_token: "R" })
 *       : Response.json({ access_token: "T", expires_in: 3599 }),
 * });
 * const credential = await acrKeychain().resolve({ registry: "contoso.azurecr.io" }, { io });
 * assertEquals(credential?.username, "00000000-0000-0000-0000-000000000000");
 * assertEquals(credential?.password?.reveal(), "R");
 * ```
 *
 * @module
 */

import { isAcrDataEndpoint, parseAcrHost } from "../acr_host.ts";
import type { RegistryOptions } from "../config_schema.ts";
import { type Credential, Secret } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import type { AccessToken, Identity } from "../identity/access_token.ts";
import { ACR_RESOURCE, type Cloud, cloudOf } from "../identity/azure/clouds.ts";
import type { AzureIdentity } from "../identity/azure/entra.ts";
import { azureIdentities } from "../identity/azure/identities.ts";
import type { AzureOptions, AzureSource } from "../identity/azure/options.ts";
import { type TokenKeeper, tokenKeeper } from "../identity/cached_token.ts";
import { type Memory, processMemory } from "../identity/memory.ts";
import type { Context } from "../io.ts";
import type { Keychain } from "../keychain.ts";
import { later } from "../later.ts";
import { optionReader } from "../option_reader.ts";
import { normalizeHost } from "../reference.ts";

/** Which identity, and for which hosts. */
export interface AcrKeychainOptions extends AzureOptions {
  /** Cloud configuration of a Kubernetes node. @default {$IMGPKG_REGISTRY_AZURE_CR_CONFIG} */
  readonly cloudConfig?: string | undefined;
  /** Variable that holds the secret of the application. @default {"AZURE_CLIENT_SECRET"} */
  readonly secretVariable?: string | undefined;
  /** Whether id and secret of the application are sent to the registry as they are. */
  readonly sendsSecret?: boolean | undefined;
  /** Whether the answer is an identity token, for tools that want no null GUID. */
  readonly identityToken?: boolean | undefined;
  /** Hosts that are registries of Azure in spite of their names. */
  readonly hosts?: readonly string[] | undefined;
  /** End of the hosts of an Azure Stack, before which one label stands. */
  readonly suffix?: string | undefined;
  /** Where tokens are remembered from one run to the next; in memory only if absent. */
  readonly memory?: Memory | undefined;
}

const HERE = import.meta.url;

/** The name that says that the password is a refresh token. */
const NULL_GUID = "00000000-0000-0000-0000-000000000000";

const CONFIG_VARIABLE = "IMGPKG_REGISTRY_AZURE_CR_CONFIG";

/**
 * The keychain of Azure's registries. It knows nothing if no identity is configured anywhere, so that
 * public images can still be pulled.
 *
 * @param options Which identity, and for which hosts.
 * @returns A keychain named `acr`. It throws what {@linkcode azureIdentities}, their tokens and
 * `exchangeToken()` throw, and `acr-data-endpoint`.
 */
export function acrKeychain(options: AcrKeychainOptions = {}): Keychain {
  let keeper: TokenKeeper | undefined;
  return {
    name: "acr",
    async resolve(target, context): Promise<Credential | undefined> {
      const host = normalizeHost(target.registry).replace(/:443$/, "").replace(/\.$/, "");
      const place = placeOf(host, options);
      if (place === undefined) {
        context.trace?.(`${host} is not a registry of Azure`);
        return undefined;
      }
      const settings = await withCloudConfig(context, options);
      const cloud = await cloudOf(context.io, settings, place.suffix);
      const { now } = context.io;
      keeper ??= tokenKeeper(options.memory ?? processMemory(now), now);
      if (options.sendsSecret) return await secretItself(context, settings);
      const registry = { host, service: place.isCustom ? undefined : host };
      for await (const azure of azureIdentities({ context, options: settings, cloud })) {
        const identity = atRegistry(context, registry, azure, cloud, keeper, settings);
        const token = await keeper.get(identity, [], context.trace);
        if (token) return credentialOf(token, identity.name, options);
      }
      return undefined;
    },
  };
}

/**
 * Reads what an entry of regauth's own file tells the keychain.
 *
 * @param entry The options of the entry.
 * @param pathOf Makes a path absolute that counts from the folder of that file.
 * @returns The options.
 */
export function acrOptions(
  entry: RegistryOptions,
  pathOf: (path: string) => string,
): AcrKeychainOptions {
  const { text, flag, list } = optionReader(entry);
  const path = (name: string): string | undefined => {
    const value = text(name);
    return value === undefined ? undefined : pathOf(value);
  };
  return {
    source: SOURCES.find((source) => source === text("source")),
    tenantId: text("tenantId"),
    clientId: text("clientId"),
    secretVariable: text("secretVariable"),
    certificate: path("certificate"),
    federatedTokenFile: path("federatedTokenFile"),
    audience: text("audience"),
    objectId: text("objectId"),
    resourceId: text("resourceId"),
    subscription: text("subscription"),
    cloud: text("cloud"),
    authorityHost: text("authorityHost"),
    cloudConfig: path("cloudConfig"),
    allowPassword: flag("allowPassword"),
    sendsSecret: flag("sendsSecret"),
    identityToken: flag("identityToken"),
    assertionAlgorithm: text("assertionAlgorithm") === "RS256" ? "RS256" : "PS256",
    hosts: list("hosts")?.map(normalizeHost),
    suffix: text("suffix")?.toLowerCase().replace(/^\./, ""),
  };
}

const SOURCES: readonly AzureSource[] = [
  "secret",
  "certificate",
  "workload",
  "github",
  "password",
  "managed",
  "az",
];

/** What the name of a host tells: the cloud, and whether the registry must be asked for its own. */
interface Place {
  readonly suffix?: string;
  readonly isCustom: boolean;
}

function placeOf(host: string, { hosts = [], suffix }: AcrKeychainOptions): Place | undefined {
  const known = parseAcrHost(host);
  if (known) return { suffix: known.suffix, isCustom: false };
  if (isAcrDataEndpoint(host)) {
    throw new RegauthError(
      "acr-data-endpoint",
      `Cannot log in to ${host}: it only hands out data, by links that need no login`,
      { subject: host, hint: "Name the login server: NAME.azurecr.io." },
    );
  }
  if (hosts.includes(host)) return { isCustom: true };
  const [label = "", ...rest] = host.split(".");
  const isStack = suffix !== undefined && rest.join(".") === suffix && /^[a-z0-9-]+$/.test(label);
  return isStack ? { suffix, isCustom: false } : undefined;
}

/** The registry's own token, remembered by registry and identity. */
function atRegistry(
  context: Context,
  { host, service }: { readonly host: string; readonly service: string | undefined },
  azure: AzureIdentity,
  cloud: Cloud,
  keeper: TokenKeeper,
  { tenantId }: AzureOptions,
): Identity {
  const identity = azure.for(ACR_RESOURCE);
  return {
    name: azure.name,
    key: ["acr", host, ...identity.key],
    token: async (): Promise<AccessToken | undefined> => {
      const { discoverRegistry, exchangeToken } = await later<typeof import("../acr_exchange.ts")>(
        "../acr_exchange.ts",
        HERE,
      );
      const registry = service === undefined
        ? await discoverRegistry(context, host)
        : { host, service };
      if (registry === undefined) return undefined;
      const token = await azureToken(context, azure, cloud, keeper);
      if (token === undefined) return undefined;
      const tenant = tenantId ?? (context.io.env("AZURE_TENANT_ID") || undefined);
      return await exchangeToken(context, registry, token.value, tenant);
    },
  };
}

/** Some identities can have no token for registries, but one for the resource manager. */
async function azureToken(
  context: Context,
  azure: AzureIdentity,
  { resourceManager }: Cloud,
  keeper: TokenKeeper,
): Promise<AccessToken | undefined> {
  try {
    return await keeper.get(azure.for(ACR_RESOURCE), [], context.trace);
  } catch (error) {
    if (!(error instanceof RegauthError) || error.code !== "azure-resource-unknown") throw error;
    context.trace?.(`no token for ${ACR_RESOURCE}; asking for ${resourceManager}`);
    return await keeper.get(azure.for(resourceManager), [], context.trace).catch(() => {
      throw error;
    });
  }
}

function credentialOf(
  { value, expiresAt }: AccessToken,
  detail: string,
  { identityToken }: AcrKeychainOptions,
): Credential {
  const rest = { detail, ...(expiresAt ? { expiresAt } : {}) };
  return identityToken
    ? { identityToken: value, ...rest }
    : { username: NULL_GUID, password: value, ...rest };
}

/** The registry itself knows applications by id and secret. */
async function secretItself(
  { io }: Context,
  { clientId, clientSecret }: AzureOptions,
): Promise<Credential> {
  const { requireParts } = await later<typeof import("../identity/azure/entra.ts")>(
    "../identity/azure/entra.ts",
    HERE,
  );
  const username = clientId || io.env("AZURE_CLIENT_ID") || "";
  const secret = clientSecret ?? new Secret(io.env("AZURE_CLIENT_SECRET") ?? "");
  requireParts("sendsSecret", {
    AZURE_CLIENT_ID: username,
    AZURE_CLIENT_SECRET: secret.length === 0 ? undefined : "set",
  });
  return { username, password: secret, detail: `application ${username}, by its secret` };
}

/** What a cloud configuration sets counts unless the entry says otherwise. */
async function withCloudConfig(
  context: Context,
  options: AcrKeychainOptions,
): Promise<AzureOptions> {
  const { io, trace } = context;
  const path = options.cloudConfig ?? (io.env(CONFIG_VARIABLE) || undefined);
  const own = withSecret(context, options);
  if (path === undefined) return own;
  const source = options.cloudConfig === undefined ? CONFIG_VARIABLE : "cloudConfig";
  const text = await io.readText(path);
  if (text === undefined) {
    throw new RegauthError("config-io", `Cannot read "${path}": it does not exist`, {
      subject: path,
      hint: `Unset ${source}, or correct it.`,
    });
  }
  const { cloudConfig } = await later<typeof import("../identity/azure/cloud_config.ts")>(
    "../identity/azure/cloud_config.ts",
    HERE,
  );
  const { options: settings, hasIdentity } = cloudConfig(text, path, trace);
  trace?.(`${source}: ${path}${hasIdentity ? "" : " names no credentials"}`);
  const set = Object.entries(own).filter(([_, value]) => value !== undefined && value !== false);
  return { ...settings, ...Object.fromEntries(set) };
}

function withSecret({ io }: Context, options: AcrKeychainOptions): AzureOptions {
  const { secretVariable } = options;
  if (secretVariable === undefined) return options;
  const secret = io.env(secretVariable);
  if (secret) return { ...options, clientSecret: new Secret(secret) };
  throw new RegauthError(
    "invalid-environment",
    `Cannot use ${secretVariable}: it is not set`,
    { subject: secretVariable, hint: "Set it to the secret of the application." },
  );
}
