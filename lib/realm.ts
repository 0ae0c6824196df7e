/**
 * Who may be asked for a token, and who may be shown a credential: the realm of a challenge is text
 * from the network, and a hostile one is how credentials get stolen (CVE-2020-15157,
 * GHSA-xf85-363p-868w).
 *
 * @example A realm at a foreign host is readable, but gets no credential
 * ```ts
 * import { mayReceiveCredential, readRealm } from "./realm.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const registry = new URL("https://registry.gitlab.com/v2/");
 * const nobody = () => false;
 * const { url } = readRealm("https://gitlab.com/jwt/auth", registry, nobody);
 * assertEquals(url && mayReceiveCredential(url, registry, nobody), true);
 * const evil = readRealm("https://gitlab.com.evil.example/", registry, nobody).url;
 * assertEquals(evil && mayReceiveCredential(evil, registry, nobody), false);
 * ```
 *
 * @module
 */

/** Whether the user trusts a token server (host, with its port if it has one) for this registry. */
export type TrustRealm = (realmHost: string) => boolean;

/** A realm as URL, or why it must not be asked. */
export type RealmReading =
  | { readonly url: URL; readonly refusal?: undefined }
  | { readonly url?: undefined; readonly refusal: string; readonly canTrust?: boolean };

/** Token servers on other hosts that are documented by their vendor. */
const PAIRS: Readonly<Record<string, string>> = {
  "registry-1.docker.io": "auth.docker.io",
};

/** Domains under which strangers have hosts, so that a parent is no relative. */
const SHARED_SUFFIXES: readonly string[] = [
  "aliyuncs.com",
  "amazonaws.com",
  "amazonaws.com.cn",
  "appspot.com",
  "azurecr.cn",
  "azurecr.io",
  "azurecr.us",
  "azurewebsites.net",
  "cloudapp.azure.com",
  "cloudfront.net",
  "ghe.com",
  "github.io",
  "gitlab.io",
  "herokuapp.com",
  "jfrog.io",
  "nip.io",
  "ocir.io",
  "on.aws",
  "oraclecloud.com",
  "pkg.dev",
  "run.app",
  "scw.cloud",
  "sslip.io",
];

/** Registries of names such as `co.uk`. */
const COUNTRY_SUFFIX = /^(?:ac|co|com|edu|go|gov|ne|net|or|org)\.[a-z]{2}$/;

/** Names that lead to this machine or to the credentials that a cloud gives its machines. */
const INNER_NAMES =
  /^(?:(?:.+\.)?localhost|metadata(?:\.google\.internal|\.goog)?|instance-data(?:\.ec2\.internal)?)\.?$/;

/** IPv4 networks that are not the internet: address and length of the prefix. */
const INNER_NETWORKS: readonly (readonly [address: string, length: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
];

/**
 * Reads the realm of a Bearer challenge. It must be a URL without user info and fragment, not less
 * protected than the registry, and must not lead into this machine or network unless the registry
 * itself is there or the user trusts that very host and port.
 *
 * @param realm The parameter's text; a relative one is resolved.
 * @param registry The URL that answered the challenge.
 * @param trusted Hosts that the user allowed.
 * @returns The URL to ask, or the reason not to.
 */
export function readRealm(realm: string, registry: URL, trusted: TrustRealm): RealmReading {
  const url = URL.parse(realm, registry.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    return { refusal: "it is not the URL of a web server" };
  }
  if (url.username !== "" || url.password !== "") return { refusal: "it holds a user name" };
  if (url.hash !== "") return { refusal: "it holds a fragment" };
  if (url.protocol === "http:") {
    if (registry.protocol === "https:") return { refusal: "it is not encrypted" };
    if (url.hostname !== registry.hostname) {
      return { refusal: "it is another host, and not encrypted" };
    }
  }
  const refusal = trusted(url.host) ? undefined : innerRefusal(url, registry);
  return refusal === undefined ? { url } : { refusal, canTrust: true };
}

/**
 * Whether a token server may be shown the credential of a registry: it is the same server, another
 * https port of it, the registry's parent domain, a documented pair, or trusted by the user.
 * Siblings under one domain are not relatives: without the public suffix list nobody can tell.
 *
 * @param realm A URL from {@linkcode readRealm}.
 * @param registry The URL that answered the challenge.
 * @param trusted Hosts that the user allowed.
 * @returns Whether it may.
 */
export function mayReceiveCredential(realm: URL, registry: URL, trusted: TrustRealm): boolean {
  if (realm.origin === registry.origin || trusted(realm.host)) return true;
  if (realm.protocol !== "https:" || registry.protocol !== "https:") return false;
  if (realm.hostname === registry.hostname || isParent(realm.hostname, registry.hostname)) {
    return true;
  }
  return Object.hasOwn(PAIRS, registry.host) && PAIRS[registry.host] === realm.host;
}

/**
 * Why a URL from a server's answer must not be asked: its host is this machine, this network, or a
 * cloud's metadata server.
 *
 * @param url Where the answer leads.
 * @param home Where the answer came from; its own host and port are always allowed.
 * @returns The reason, or `undefined` if there is none.
 */
export function innerRefusal(url: URL, home: URL): string | undefined {
  if (url.hostname === home.hostname && portOf(url) === portOf(home)) return undefined;
  const name = url.hostname;
  const isInner = INNER_NAMES.test(name) ||
    (name.startsWith("[") ? isInnerV6(name) : isInnerV4(name));
  return isInner ? "it leads to this machine or into its network" : undefined;
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === "https:" ? "443" : "80");
}

function isParent(parent: string, child: string): boolean {
  if (!child.endsWith(`.${parent}`) || !parent.includes(".")) return false;
  return !COUNTRY_SUFFIX.test(parent) &&
    !SHARED_SUFFIXES.some((suffix) => parent === suffix || parent.endsWith(`.${suffix}`));
}

/** The URL parser has turned every spelling of an address into four decimal numbers. */
function isInnerV4(name: string): boolean {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(name)) return false;
  const address = v4Number(name);
  return INNER_NETWORKS.some(([network, length]) =>
    Math.floor(address / 2 ** (32 - length)) === Math.floor(v4Number(network) / 2 ** (32 - length))
  );
}

function v4Number(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Unspecified, loopback, private, link-local, site-local, multicast, and IPv4 in disguise. */
function isInnerV6(name: string): boolean {
  const [before = "", after = ""] = name.slice(1, -1).split("::");
  const [front, back] = [before, after].map((part) => part.split(":").filter(Boolean));
  const words = [
    ...(front ?? []),
    ...Array(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill("0"),
    ...(back ?? []),
  ].map((word) => parseInt(word, 16));
  const [first = 0, , , , , , high = 0, low = 0] = words;
  if (first >= 0xfe80 || (first & 0xfe00) === 0xfc00) return true;
  const prefix = words.slice(0, 6).map((word) => word.toString(16)).join(":");
  const holdsV4 = ["0:0:0:0:0:0", "0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"].includes(prefix);
  return holdsV4 && isInnerV4([high >> 8, high & 255, low >> 8, low & 255].join("."));
}
