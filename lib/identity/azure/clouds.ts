/**
 * The clouds of Azure: each has its own authority, which must be sent no other cloud's secrets.
 *
 * @example The cloud of a registry, where nobody names one
 * ```ts
 * import { cloudOf } from "./clouds.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { authority } = await cloudOf(memoryIo(), {}, "azurecr.us");
 * assertEquals(authority, "https://login.microsoftonline.us");
 * ```
 *
 * @module
 */

import { type AzureErrorCode, RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { fieldOf, isJsonObject } from "../../json_object.ts";
import { printable } from "../../printable.ts";
import { isLoopbackHost } from "../../reference.ts";
import type { AzureOptions } from "./options.ts";

/** One cloud. */
export interface Cloud {
  /** What people call it. */
  readonly name: string;
  /** Origin that gives tokens. */
  readonly authority: string;
  /** The resource manager, for which tokens can be asked in place of the registries. */
  readonly resourceManager: string;
  /** End of its registries' hosts; absent if it has none of its own. */
  readonly suffix?: string;
  /** For whom tokens of GitHub Actions are. */
  readonly audience: string;
}

/** What tokens for registries are asked for, in all clouds. */
export const ACR_RESOURCE = "https://containerregistry.azure.net";

const AUDIENCE = "api://AzureADTokenExchange";

const PUBLIC: Cloud = {
  name: "AzureCloud",
  authority: "https://login.microsoftonline.com",
  resourceManager: "https://management.azure.com",
  suffix: "azurecr.io",
  audience: AUDIENCE,
};
const US_GOVERNMENT: Cloud = {
  name: "AzureUSGovernment",
  authority: "https://login.microsoftonline.us",
  resourceManager: "https://management.usgovcloudapi.net",
  suffix: "azurecr.us",
  audience: `${AUDIENCE}USGov`,
};
const CHINA: Cloud = {
  name: "AzureChinaCloud",
  authority: "https://login.chinacloudapi.cn",
  resourceManager: "https://management.chinacloudapi.cn",
  suffix: "azurecr.cn",
  audience: `${AUDIENCE}China`,
};
const GERMANY: Cloud = {
  name: "AzureGermanCloud",
  authority: "https://login.microsoftonline.de",
  resourceManager: "https://management.microsoftazure.de",
  suffix: "azurecr.de",
  audience: AUDIENCE,
};

/** Sources: go-autorest `autorest/azure/environments.go`, cloud-provider-azure `azclient/cloud.go`. */
const BY_NAME: Readonly<Record<string, Cloud>> = {
  AZUREPUBLICCLOUD: PUBLIC,
  AZURECLOUD: PUBLIC,
  AZUREUSGOVERNMENT: US_GOVERNMENT,
  AZUREUSGOVERNMENTCLOUD: US_GOVERNMENT,
  AZURECHINACLOUD: CHINA,
  AZUREGERMANCLOUD: GERMANY,
};

/** Other names of authorities that Microsoft's libraries trust (MSAL `aadTrustedHostList`). */
const BY_AUTHORITY: Readonly<Record<string, Cloud>> = {
  "login.microsoftonline.com": PUBLIC,
  "login.microsoftonline.us": US_GOVERNMENT,
  "login.chinacloudapi.cn": CHINA,
  "login.microsoftonline.de": GERMANY,
  "login.windows.net": PUBLIC,
  "login.microsoft.com": PUBLIC,
  "sts.windows.net": PUBLIC,
  "login-us.microsoftonline.com": US_GOVERNMENT,
  "login.usgovcloudapi.net": US_GOVERNMENT,
  "login.partner.microsoftonline.cn": CHINA,
};

/**
 * The cloud of a registry: the one that is named, else the one of the authority that is named, else
 * the one of its host.
 *
 * @param io The outside world.
 * @param options What the user says.
 * @param suffix End of the registry's host; absent if that tells nothing.
 * @returns The cloud, with the authority that is named.
 * @throws {RegauthError} `invalid-environment` if there is no such cloud, `azure-untrusted-authority`,
 * `azure-cloud-mismatch` if the registry is one of another cloud.
 */
export async function cloudOf(
  io: Io,
  options: AzureOptions,
  suffix: string | undefined,
): Promise<Cloud> {
  const bySuffix = Object.values(BY_NAME).find((cloud) => cloud.suffix === suffix) ?? PUBLIC;
  const named = await namedCloud(io, options);
  const text = options.authorityHost ?? io.env("AZURE_AUTHORITY_HOST");
  const authority = text ? authorityIn(text, options.authorityHost !== undefined) : undefined;
  const byAuthority = authority === undefined ? undefined : BY_AUTHORITY[new URL(authority).host];
  const cloud = named ?? byAuthority ?? bySuffix;
  // A foreign authority, which the user trusts, may stand before any registry.
  const isForeign = authority !== undefined && byAuthority === undefined;
  const other = [named, byAuthority].find((it) => it?.suffix && suffix && it.suffix !== suffix);
  if (other && !isForeign) {
    throw fault(
      "azure-cloud-mismatch",
      `the registry is one of ${bySuffix.name}, but ${other.name} is set`,
      suffix ?? "",
      `Set AZURE_ENVIRONMENT=${bySuffix.name} and unset AZURE_AUTHORITY_HOST.`,
    );
  }
  return { ...cloud, ...(authority === undefined ? {} : { authority }) };
}

async function namedCloud(io: Io, { cloud }: AzureOptions): Promise<Cloud | undefined> {
  const source = cloud ? "cloud" : "AZURE_ENVIRONMENT";
  const name = cloud || io.env("AZURE_ENVIRONMENT");
  if (!name) return undefined;
  const key = name.toUpperCase();
  if (key === "AZURESTACKCLOUD") return await stackCloud(io);
  const known = Object.hasOwn(BY_NAME, key) ? BY_NAME[key] : undefined;
  if (known) return known;
  throw new RegauthError(
    "invalid-environment",
    `Cannot use ${source}: there is no cloud "${printable(name)}"`,
    {
      subject: source,
      hint: "Write AzureCloud, AzureUSGovernment, AzureChinaCloud or AzureStackCloud.",
    },
  );
}

/** An Azure Stack says by a file what it is; that alone makes nobody trust its authority. */
async function stackCloud(io: Io): Promise<Cloud> {
  const variable = "AZURE_ENVIRONMENT_FILEPATH";
  const path = io.env(variable);
  const text = path ? await io.readText(path) : undefined;
  const data = parse(text ?? "");
  const resourceManager = isJsonObject(data) && fieldOf(data, "resourceManagerEndpoint");
  if (typeof resourceManager !== "string" || !isJsonObject(data)) {
    throw new RegauthError(
      "invalid-environment",
      `Cannot use AzureStackCloud: ${variable} names no file with resourceManagerEndpoint`,
      { subject: variable, hint: `Set ${variable} to the JSON file of your Azure Stack.` },
    );
  }
  const authority = fieldOf(data, "activeDirectoryEndpoint");
  const suffix = fieldOf(data, "containerRegistryDNSSuffix");
  return {
    ...PUBLIC,
    name: "AzureStackCloud",
    resourceManager: resourceManager.replace(/\/+$/, ""),
    authority: typeof authority === "string" ? authorityIn(authority, false) : PUBLIC.authority,
    ...(typeof suffix === "string" && suffix !== "" ? { suffix } : {}),
  };
}

/** Whoever is named here is sent secrets: one of Microsoft's, or one that the user's file names. */
function authorityIn(text: string, isTrusted: boolean): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  const isPlain = url !== null && url.username === "" && url.password === "" &&
    /^\/+$/.test(url.pathname) && url.search === "" && url.hash === "";
  const isSafe = url?.protocol === "https:" ||
    (url?.protocol === "http:" && isTrusted && isLoopbackHost(url.hostname));
  if (
    isPlain && isSafe && (isTrusted || (url.port === "" && Object.hasOwn(BY_AUTHORITY, url.host)))
  ) {
    return url.origin;
  }
  const shown = printable(url?.host || text.slice(0, 100));
  throw fault(
    "azure-untrusted-authority",
    isPlain && isSafe
      ? `"${shown}" is none of Microsoft's`
      : `"${shown}" is not a plain https address`,
    shown,
    "Unset AZURE_AUTHORITY_HOST, or name it as authorityHost in regauth's own file.",
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function fault(code: AzureErrorCode, why: string, subject: string, hint: string): RegauthError {
  return new RegauthError(code, `Cannot choose the Azure cloud: ${why}`, { subject, hint });
}
