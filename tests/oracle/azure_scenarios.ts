/**
 * Situations in which regauth and Microsoft's own library must come to the same end. `DIR` stands for
 * the folder of the files.
 *
 * @module
 */

import { AZURE } from "../fakes/azure.ts";

/** The parts of the library. */
export type AzureCredential = "environment" | "workload" | "managed" | "az";

/** One situation. */
export interface AzureScenario {
  readonly name: string;
  /** Which part of the library is asked, and which source of regauth. */
  readonly by: AzureCredential;
  /** Variables; `DIR` in them is replaced. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files by name; `CERTIFICATE` is one that the application has, `KEY` its key, `FEDERATED` a
   * token of the provider. */
  readonly files?: Readonly<Record<string, string>>;
  /** Which managed identity. */
  readonly id?: Readonly<Partial<Record<"clientId" | "objectId" | "resourceId", string>>>;
  /** What the token is for. */
  readonly resource?: string;
  readonly authority?: string;
  /** Whether both must fail. */
  readonly fails?: true;
}

const APPLICATION = { AZURE_TENANT_ID: AZURE.tenant, AZURE_CLIENT_ID: AZURE.client };
const SECRET = { ...APPLICATION, AZURE_CLIENT_SECRET: AZURE.secret };
const CERTIFICATE = { ...APPLICATION, AZURE_CLIENT_CERTIFICATE_PATH: "DIR/pair.pem" };
const FEDERATED = { ...APPLICATION, AZURE_FEDERATED_TOKEN_FILE: "DIR/token" };
const APP_SERVICE = {
  IDENTITY_ENDPOINT: "http://service.example/app-service",
  IDENTITY_HEADER: AZURE.header,
};
const MACHINE_LEARNING = {
  MSI_ENDPOINT: "http://service.example/azure-ml",
  MSI_SECRET: AZURE.header,
};
const CLOUD_SHELL = { MSI_ENDPOINT: "http://service.example/cloud-shell" };
const OTHER = "99999999-0000-0000-0000-000000000000";

/** All situations. */
export const SCENARIOS: readonly AzureScenario[] = [
  { name: "a secret", by: "environment", env: SECRET },
  {
    name: "a secret, for the resource manager",
    by: "environment",
    env: SECRET,
    resource: "https://management.azure.com",
  },
  {
    name: "a secret in the cloud of the US Government",
    by: "environment",
    env: SECRET,
    authority: "https://login.microsoftonline.us",
  },
  {
    name: "a secret in China",
    by: "environment",
    env: SECRET,
    authority: "https://login.chinacloudapi.cn",
  },
  {
    name: "a wrong secret",
    by: "environment",
    env: { ...SECRET, AZURE_CLIENT_SECRET: "x" },
    fails: true,
  },
  {
    name: "an unknown application",
    by: "environment",
    env: { ...SECRET, AZURE_CLIENT_ID: OTHER },
    fails: true,
  },
  {
    name: "an unknown tenant",
    by: "environment",
    env: { ...SECRET, AZURE_TENANT_ID: OTHER },
    fails: true,
  },
  {
    name: "a tenant with a slash in it",
    by: "environment",
    env: { ...SECRET, AZURE_TENANT_ID: "a/b" },
    fails: true,
  },
  {
    name: "a secret without tenant",
    by: "environment",
    env: { AZURE_CLIENT_ID: AZURE.client, AZURE_CLIENT_SECRET: AZURE.secret },
    fails: true,
  },
  {
    name: "a certificate and its key",
    by: "environment",
    env: CERTIFICATE,
    files: { "pair.pem": "CERTIFICATEKEY" },
  },
  {
    name: "a key and its certificate",
    by: "environment",
    env: CERTIFICATE,
    files: { "pair.pem": "KEYCERTIFICATE" },
  },
  {
    name: "a certificate with its chain",
    by: "environment",
    env: { ...CERTIFICATE, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: "true" },
    files: { "pair.pem": "KEYCERTIFICATE" },
  },
  {
    name: "a certificate without key",
    by: "environment",
    env: CERTIFICATE,
    files: { "pair.pem": "CERTIFICATE" },
    fails: true,
  },
  { name: "a certificate that is not there", by: "environment", env: CERTIFICATE, fails: true },
  { name: "a federated token", by: "workload", env: FEDERATED, files: { token: "FEDERATED" } },
  {
    name: "a federated token, for the resource manager",
    by: "workload",
    env: FEDERATED,
    files: { token: "FEDERATED" },
    resource: "https://management.azure.com",
  },
  {
    name: "a federated token for somebody else",
    by: "workload",
    env: FEDERATED,
    files: { token: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln" },
    fails: true,
  },
  { name: "a federated token that is not there", by: "workload", env: FEDERATED, fails: true },
  {
    name: "an empty federated token",
    by: "workload",
    env: FEDERATED,
    files: { token: "" },
    fails: true,
  },
  { name: "the identity of a machine", by: "managed" },
  {
    name: "an identity of a machine, by its client id",
    by: "managed",
    id: { clientId: AZURE.identity },
  },
  {
    name: "an identity of a machine, by its object id",
    by: "managed",
    id: { objectId: AZURE.identity },
  },
  {
    name: "an identity of a machine, by its resource id",
    by: "managed",
    id: { resourceId: AZURE.resource },
  },
  {
    name: "an identity that the machine does not have",
    by: "managed",
    id: { clientId: OTHER },
    fails: true,
  },
  { name: "the identity of a function", by: "managed", env: APP_SERVICE },
  {
    name: "an identity of a function, by its client id",
    by: "managed",
    env: APP_SERVICE,
    id: { clientId: AZURE.identity },
  },
  {
    name: "an identity of a function, by its resource id",
    by: "managed",
    env: APP_SERVICE,
    id: { resourceId: AZURE.resource },
  },
  {
    name: "a function that refuses",
    by: "managed",
    env: { ...APP_SERVICE, IDENTITY_HEADER: "x" },
    fails: true,
  },
  {
    name: "an identity of Azure ML, by its client id",
    by: "managed",
    env: MACHINE_LEARNING,
    id: { clientId: AZURE.identity },
  },
  { name: "the identity of Cloud Shell", by: "managed", env: CLOUD_SHELL },
  {
    name: "a choice that Cloud Shell does not offer",
    by: "managed",
    env: CLOUD_SHELL,
    id: { clientId: AZURE.identity },
    fails: true,
  },
  {
    name: "the account of az",
    by: "az",
    files: {
      az: '#!/bin/sh\necho \'{"accessToken":"AZ","expires_on":1893456000,"tokenType":"Bearer"}\'\n',
    },
  },
  {
    name: "az, and nobody logged in",
    by: "az",
    files: {
      az: "#!/bin/sh\necho \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1\n",
    },
    fails: true,
  },
];
