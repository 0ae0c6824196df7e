/**
 * Hosts of Google's registries: Artifact Registry under pkg.dev, and the older names under gcr.io,
 * which it serves by now.
 *
 * @example Location and kind
 * ```ts
 * import { parseGoogleHost } from "./google_host.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseGoogleHost("europe-west1-docker.pkg.dev"), {
 *   kind: "artifact-registry",
 *   location: "europe-west1",
 * });
 * assertEquals(parseGoogleHost("eu.gcr.io"), { kind: "gcr", location: "europe" });
 * assertEquals(parseGoogleHost("gcr.io.evil.example"), undefined);
 * ```
 *
 * @module
 */

/** What the host of a registry says. */
export interface GoogleHost {
  /** `other` is a name under pkg.dev that may hold packages which are no images. */
  readonly kind: "artifact-registry" | "gcr" | "other";
  /** Region or multi-region, if the name tells. */
  readonly location?: string;
}

/** Locations of the repositories of the same name (Artifact Registry, "transition"). */
const GCR_LOCATIONS: Readonly<Record<string, string>> = {
  "gcr.io": "us",
  "us.gcr.io": "us",
  "eu.gcr.io": "europe",
  "asia.gcr.io": "asia",
};

const LABELS = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * Reads the host of a registry.
 *
 * @param host The host as `normalizeHost()` gives it; port 443 and a dot at the end do not matter.
 * @returns What it says, or `undefined` if it is not Google's.
 */
export function parseGoogleHost(host: string): GoogleHost | undefined {
  const name = host.replace(/:443$/, "").replace(/\.$/, "");
  if (!LABELS.test(name)) return undefined;
  if (/^(?:(?:[^.]+\.)?gcr\.io|container\.cloud\.google\.com)$/.test(name)) {
    const location = Object.hasOwn(GCR_LOCATIONS, name) ? GCR_LOCATIONS[name] : undefined;
    return { kind: "gcr", ...location === undefined ? {} : { location } };
  }
  if (!name.endsWith(".pkg.dev")) return undefined;
  const location = /^(?:([^.]+)-docker|docker\.([^.]+)\.rep)\.pkg\.dev$/.exec(name)?.slice(1)
    .find((part) => part !== undefined);
  return location === undefined ? { kind: "other" } : { kind: "artifact-registry", location };
}
