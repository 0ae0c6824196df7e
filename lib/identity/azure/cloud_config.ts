/**
 * The cloud configuration of a Kubernetes node (`/etc/kubernetes/azure.json`), which imgpkg up to
 * v0.31 took by `--registry-azure-cr-config`.
 *
 * @example Comments are legal
 * ```ts
 * import { cloudConfig } from "./cloud_config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = '{\n  # the cloud\n  "cloud": "AzureUSGovernment", "aadClientId": "id",\n}';
 * const { options } = cloudConfig(text, "/azure.json");
 * assertEquals([options.cloud, options.clientId], ["AzureUSGovernment", "id"]);
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type ErrorCode, RegauthError } from "../../errors.ts";
import type { Trace } from "../../io.ts";
import { type FlatYaml, readFlatYaml } from "./flat_yaml.ts";
import type { AzureOptions } from "./options.ts";

/** What a file says. */
export interface CloudConfig {
  /** What it sets. */
  readonly options: AzureOptions;
  /** Whether it names an identity at all. */
  readonly hasIdentity: boolean;
}

/**
 * Reads a file. Its names count in any case, as in Go, and what is not named here does not matter.
 *
 * @param text Text of the file: YAML, of which JSON is a part.
 * @param path Path of the file, for messages.
 * @param trace Hears what looks wrong but can be understood.
 * @returns What it says.
 * @throws {RegauthError} `config-syntax`, `config-type`, `azure-adfs-unsupported`
 */
export function cloudConfig(text: string, path: string, trace?: Trace): CloudConfig {
  const values = readFlatYaml(text, path, trace);
  const isTrue = (name: string): boolean => flag(values, name, path, trace);
  if (values.get("identitysystem")?.text.toLowerCase() === "adfs") {
    const why = "identitySystem is adfs";
    throw fault("azure-adfs-unsupported", path, why, "Use an application in Microsoft Entra.");
  }
  const read = (name: string): string | undefined => values.get(name)?.text || undefined;
  const managed = isTrue("usemanagedidentityextension");
  const federated = isTrue("usefederatedworkloadidentityextension");
  const id = read("userassignedidentityid");
  const isResource = id !== undefined && /\/subscriptions\//i.test(id);
  // AKS writes this where there is no application.
  const application = read("aadclientid")?.toLowerCase() === "msi"
    ? undefined
    : read("aadclientid");
  const secret = read("aadclientsecret");
  const certificate = read("aadclientcertpath");
  const source = managed
    ? "managed"
    : federated
    ? "workload"
    : application && secret
    ? "secret"
    : application && certificate
    ? "certificate"
    : undefined;
  return {
    hasIdentity: source !== undefined,
    options: {
      source,
      cloud: read("cloud"),
      tenantId: read("tenantid"),
      ...(managed
        ? { clientId: isResource ? undefined : id, resourceId: isResource ? id : undefined }
        : { clientId: application }),
      ...(source === "secret" && secret ? { clientSecret: new Secret(secret) } : {}),
      ...(source === "certificate" ? { certificate } : {}),
      ...(federated ? { federatedTokenFile: read("aadfederatedtokenfile") } : {}),
    },
  };
}

function flag(values: FlatYaml, name: string, path: string, trace?: Trace): boolean {
  const value = values.get(name);
  if (value === undefined || value.text === "" || value.text === "null") return false;
  if (value.quoted && /^(?:true|false)$/.test(value.text)) {
    trace?.(`${path}: ${value.name} is a text; it is read as ${value.text}`);
  }
  if (value.text === "true") return true;
  if (value.text === "false") return false;
  const why = `line ${value.line}: ${value.name} is neither true nor false`;
  throw fault("config-type", path, why, "Write true or false there.");
}

function fault(code: ErrorCode, path: string, why: string, hint: string): RegauthError {
  return new RegauthError(code, `Cannot use "${path}": ${why}`, { subject: path, hint });
}
