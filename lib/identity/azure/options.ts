/**
 * What a caller may say about its Azure identity; all of it is optional.
 *
 * @module
 */

import type { Secret } from "../../credential.ts";
import type { JwtAlgorithm } from "../rsa_key.ts";

/** Where an identity is looked for if only one place counts. */
export type AzureSource =
  | "secret"
  | "certificate"
  | "workload"
  | "github"
  | "password"
  | "managed"
  | "az";

/** Which identity, in which cloud. */
export interface AzureOptions {
  /** The only place to look. @default {all of them, in their order} */
  readonly source?: AzureSource | undefined;
  /** Tenant: a GUID or domain. @default {$AZURE_TENANT_ID} */
  readonly tenantId?: string | undefined;
  /** Application, or managed identity. @default {$AZURE_CLIENT_ID} */
  readonly clientId?: string | undefined;
  /** Secret of the application. @default {$AZURE_CLIENT_SECRET} */
  readonly clientSecret?: Secret | undefined;
  /** PEM file with certificate and key. @default {$AZURE_CLIENT_CERTIFICATE_PATH} */
  readonly certificate?: string | undefined;
  /** File with a token of another provider. @default {$AZURE_FEDERATED_TOKEN_FILE} */
  readonly federatedTokenFile?: string | undefined;
  /** For whom the token of a job of GitHub Actions is. @default {that of the cloud} */
  readonly audience?: string | undefined;
  /** Managed identity, by its object id. */
  readonly objectId?: string | undefined;
  /** Managed identity, by its resource id. */
  readonly resourceId?: string | undefined;
  /** Subscription whose account az uses. */
  readonly subscription?: string | undefined;
  /** Name of the cloud. @default {$AZURE_ENVIRONMENT, else that of the registry's host} */
  readonly cloud?: string | undefined;
  /** Authority that the user trusts, though it is none of Microsoft's. */
  readonly authorityHost?: string | undefined;
  /** Whether user name and password may be sent. */
  readonly allowPassword?: boolean | undefined;
  /** How assertions are signed. @default {"PS256"} */
  readonly assertionAlgorithm?: JwtAlgorithm | undefined;
}
