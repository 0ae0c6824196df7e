/**
 * Hosts of Azure Container Registry: the login servers, which take credentials, and not the data
 * endpoints beside them, which never do.
 *
 * @example A name, and a name with the hash that Azure may add
 * ```ts
 * import { parseAcrHost } from "./acr_host.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAcrHost("contoso.azurecr.io"), { name: "contoso", suffix: "azurecr.io" });
 * assertEquals(parseAcrHost("contoso-e7ggejfu.azurecr.us")?.name, "contoso");
 * assertEquals(parseAcrHost("contoso.azurecr.io.evil.example"), undefined);
 * ```
 *
 * @module
 */

/** The end of the hosts of one Azure cloud: public, China, US Government, Germany. */
export type AcrSuffix = "azurecr.io" | "azurecr.cn" | "azurecr.us" | "azurecr.de";

/** What the host of a registry says. */
export interface AcrHost {
  /** Name of the registry, without the hash of its host. */
  readonly name: string;
  /** Which cloud it is in. */
  readonly suffix: AcrSuffix;
}

/** The clouds, the public one first; the German one was closed. */
export const ACR_SUFFIXES: readonly AcrSuffix[] = [
  "azurecr.io",
  "azurecr.us",
  "azurecr.cn",
  "azurecr.de",
];

/** `NAME`, `NAME-HASH`, and either with `.REGION.geo` (kubernetes-sigs/cloud-provider-azure#10720). */
const LOGIN_SERVER =
  /^(?=[^.]{1,63}\.)([a-z0-9]{1,50})(?:-[a-z0-9]{1,50})?(?:\.[a-z0-9]{2,40}\.geo)?\.(azurecr\.[a-z]+)$/;

const DATA_ENDPOINT = /^[a-z0-9-]{1,63}\.[a-z0-9]{2,40}\.data\.(azurecr\.[a-z]+)$/;

/**
 * Reads the host of a registry.
 *
 * @param host The host as `normalizeHost()` gives it; port 443 and a dot at the end do not matter.
 * @returns What it says, or `undefined` if it is not a login server.
 */
export function parseAcrHost(host: string): AcrHost | undefined {
  const [, name = "", end] = LOGIN_SERVER.exec(plain(host)) ?? [];
  const suffix = ACR_SUFFIXES.find((suffix) => suffix === end);
  return suffix && { name, suffix };
}

/**
 * Whether a host only hands out data, by links that need no credentials.
 *
 * @param host The host as `normalizeHost()` gives it.
 * @returns Whether it is a data endpoint.
 */
export function isAcrDataEndpoint(host: string): boolean {
  const end = DATA_ENDPOINT.exec(plain(host))?.[1];
  return ACR_SUFFIXES.some((suffix) => suffix === end);
}

function plain(host: string): string {
  return host.replace(/:443$/, "").replace(/\.$/, "");
}
