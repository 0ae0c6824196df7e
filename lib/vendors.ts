/**
 * Vendors whose registries are set up by name and password like any other, but with a name or a
 * secret that nobody would guess.
 *
 * @example The name that everybody has on NVIDIA's registry
 * ```ts
 * import { vendorOf } from "./vendors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(vendorOf("nvcr.io")?.username, "$oauthtoken");
 * assertEquals(vendorOf("nvcr.io.evil.example"), undefined);
 * ```
 *
 * @module
 */

import type { Access } from "./recipe.ts";

/** What is special about the registries of one vendor. */
export interface Vendor {
  /** What people call the registry. */
  readonly name: string;
  /** Its hosts. */
  readonly host: RegExp;
  /** The user name, if everybody has the same one. */
  readonly username?: string;
  /** Which name and which secret are wanted, as sentences. */
  readonly login: string;
  /** Where the secret is made. */
  readonly url?: string;
  /** The minimum rights, as sentences. */
  readonly rights: Readonly<Record<Access, string>>;
}

const PULL_ONLY = "Nobody can push to it with such an account.";

const VENDORS: readonly Vendor[] = [
  {
    name: "Oracle Cloud",
    host: /^(?:[a-z0-9-]+\.ocir\.io|ocir\.[a-z0-9-]+\.oci\.oraclecloud\.com)$/,
    login: "The name is NAMESPACE/USER, with the namespace of the tenancy and not its name. " +
      "The secret is an auth token: Profile, Auth tokens; neither API key nor console password works.",
    url: "https://cloud.oracle.com",
    rights: { pull: "Policy: read repos.", push: "Policy: manage repos." },
  },
  {
    name: "IBM Cloud",
    host: /^(?:[a-z0-9-]+\.)?icr\.io$/,
    username: "iamapikey",
    login: "The secret is an API key, for continuous integration that of a service ID. " +
      "The region of the host must be that of the namespace.",
    url: "https://cloud.ibm.com/iam/apikeys",
    rights: { pull: "IAM role Reader.", push: "IAM role Writer; the namespace must exist." },
  },
  {
    name: "DigitalOcean",
    host: /^registry\.digitalocean\.com$/,
    login: "The secret is an API token; the name is usually that token once more, or your e-mail " +
      "address. Credentials that the control panel makes are read-only unless you ask for more.",
    url: "https://cloud.digitalocean.com/account/api/tokens",
    rights: {
      pull: "Scope registry:read.",
      push: "Usually the scopes registry:read, registry:create and registry:update.",
    },
  },
  {
    name: "Scaleway",
    host: /^rg\.[a-z]{2}-[a-z]{3}\.scw\.cloud$/,
    username: "nologin",
    login: "The secret is the secret key of an API key, not its access key.",
    url: "https://console.scaleway.com",
    rights: {
      pull: "Usually the permission set ContainerRegistryReadOnly.",
      push: "Usually the permission set ContainerRegistryFullAccess; the namespace must exist.",
    },
  },
  {
    name: "Alibaba Cloud",
    host: /^(?:registry(?:-vpc)?\.[a-z0-9-]+|[a-z0-9-]+\.[a-z0-9-]+\.cr)\.aliyuncs\.com$/,
    login: "The name is the one that the console shows in its docker login command. " +
      "The secret is the registry password that is set in the console, not that of the account.",
    url: "https://cr.console.aliyun.com",
    rights: {
      pull: "A policy that allows to pull from the namespace.",
      push: "A policy that allows to push to the namespace, which must exist.",
    },
  },
  {
    name: "Cloudsmith",
    host: /^docker\.cloudsmith\.io$/,
    login:
      "The name is your login with your API key as secret, or OWNER/REPO with an entitlement " +
      "token.",
    rights: {
      pull: "An entitlement token of the repository is enough.",
      push: "The API key of an account that may write to the repository.",
    },
  },
  {
    name: "Red Hat",
    host: /^registry\.(?:redhat\.io|connect\.redhat\.com)$/,
    login: "The name is your Red Hat login, or that of a registry service account, usually " +
      "NUMBER|NAME with the bar as part of it. Production clusters need a service account.",
    url: "https://access.redhat.com/terms-based-registry/",
    rights: { pull: "A subscription, for some images.", push: PULL_ONLY },
  },
  {
    name: "NVIDIA NGC",
    host: /^nvcr\.io$/,
    username: "$oauthtoken",
    login: "The secret is a personal API key. A new legacy key ends the one before.",
    url: "https://org.ngc.nvidia.com/setup/api-keys",
    rights: {
      pull: "A role in the organization, and usually the service NGC Catalog on the key.",
      push: "A role that may write, and usually the service Private Registry on the key.",
    },
  },
  {
    name: "Chainguard",
    host: /^(?:[a-z0-9-]+\.)?cgr\.dev$/,
    login: "Name and secret are those of a pull token, printed by: " +
      "chainctl auth configure-docker --pull-token.",
    url: "https://console.chainguard.dev",
    rights: { pull: "A pull token of the organization.", push: PULL_ONLY },
  },
  {
    name: "Heroku",
    host: /^registry\.heroku\.com$/,
    username: "_",
    login: "The secret is what this command prints: heroku auth:token.",
    rights: {
      pull: "Collaborator of the app.",
      push: "Collaborator of the app, which must exist.",
    },
  },
];

/**
 * The vendor of a registry.
 *
 * @param host The host, as `normalizeHost()` gives it.
 * @returns The vendor, or `undefined` if nothing is special about the host.
 */
export function vendorOf(host: string): Vendor | undefined {
  return VENDORS.find((vendor) => vendor.host.test(host));
}
