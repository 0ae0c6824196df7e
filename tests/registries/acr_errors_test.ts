import { assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { type ErrorCode, RegauthError } from "../../lib/errors.ts";
import type { MemoryProgram } from "../../lib/memory_io.ts";
import type { AcrKeychainOptions } from "../../lib/registries/acr_keychain.ts";
import { AZURE, federatedToken } from "../fakes/azure.ts";
import { APPLICATION, azureWorld, type AzureWorldOptions } from "../fakes/azure_world.ts";
import { issue } from "../fakes/tls.ts";

interface Failure {
  readonly name: string;
  readonly world: AzureWorldOptions;
  readonly options?: AcrKeychainOptions;
  readonly host?: string;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const rsa = await crypto.subtle.generateKey(
  {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
  true,
  ["sign", "verify"],
);
const authority = await issue({ name: "authority", authority: true });
const leaf = await issue({ name: "application", issuer: authority, keys: rsa });

const SECRET = { ...APPLICATION, AZURE_CLIENT_SECRET: AZURE.secret };
const CUSTOM = { options: { hosts: ["acr.contoso.example"] }, host: "acr.contoso.example" };
const ARC = {
  IDENTITY_ENDPOINT: "http://127.0.0.1:40342/metadata/identity/oauth2/token",
  IMDS_ENDPOINT: "http://127.0.0.1:40342",
};

/** An answer of Entra with this number. */
function aadsts(number: number, error = "invalid_client"): AzureWorldOptions {
  const body = {
    error,
    error_description: `AADSTS${number}: Something about eyJhbGci.eyJpc3M.SECRET. Trace ID: x`,
    error_codes: [number],
    trace_id: "t-1",
    correlation_id: "c-1",
  };
  return { env: SECRET, replies: { entra: () => Response.json(body, { status: 400 }) } };
}

function withCertificate(text: string, path = "/pair.pem"): AzureWorldOptions {
  return {
    env: { ...APPLICATION, AZURE_CLIENT_CERTIFICATE_PATH: path },
    files: { [path]: text },
  };
}

function withFederated(text: string): AzureWorldOptions {
  return {
    env: { ...APPLICATION, AZURE_FEDERATED_TOKEN_FILE: "/federated" },
    files: { "/federated": text },
  };
}

const entra = (reply: () => Response): AzureWorldOptions => ({
  env: SECRET,
  replies: { entra: reply },
});
const registry = (reply: () => Response): AzureWorldOptions => ({
  env: SECRET,
  replies: { registry: reply },
});
const challenge = (header: string | undefined, status = 401): AzureWorldOptions =>
  registry(() =>
    new Response("", { status, headers: header ? { "www-authenticate": header } : {} })
  );
const arc = (realm: string, file: Record<string, string> = {}): AzureWorldOptions => ({
  env: ARC,
  files: { "/var/opt/azcmagent/tokens/abc.key": AZURE.arcKey, ...file },
  replies: {
    arc: (request) =>
      request.headers.has("authorization") ? undefined : new Response("", {
        status: 401,
        headers: realm ? { "www-authenticate": realm } : {},
      }),
  },
});
const az = (program: MemoryProgram): AzureWorldOptions => ({ programs: { "/bin/az": program } });
const config = (text: string): AzureWorldOptions => ({
  env: { IMGPKG_REGISTRY_AZURE_CR_CONFIG: "/azure.json" },
  files: { "/azure.json": text },
});

const FAILURES: readonly Failure[] = [
  {
    name: "a wrong secret",
    world: { env: { ...SECRET, AZURE_CLIENT_SECRET: "OTHER-SECRET" } },
    code: "azure-bad-secret",
    message:
      /login.microsoftonline.com: AADSTS7000215: Invalid client secret .*\(trace t-1, correlation c-1\)/,
    hint: /secret's value; its id/,
  },
  {
    name: "an old secret",
    world: aadsts(7000222),
    code: "azure-secret-expired",
    message: /AADSTS7000222: Something about \[redacted\]/,
    hint: /new secret/,
  },
  {
    name: "an unknown application",
    world: { env: { ...SECRET, AZURE_CLIENT_ID: "99999999-0000-0000-0000-000000000000" } },
    code: "azure-app-not-found",
    message: /AADSTS700016/,
    hint: /client id/,
  },
  {
    name: "an unknown tenant",
    world: { env: { ...SECRET, AZURE_TENANT_ID: "other.example" } },
    code: "azure-bad-tenant",
    message: /AADSTS90002: Tenant 'other.example' not found/,
    hint: /tenant id/,
  },
  {
    name: "an unknown tenant, by another number",
    world: aadsts(900023),
    code: "azure-bad-tenant",
    message: /AADSTS900023/,
    hint: /tenant id/,
  },
  {
    name: "a certificate that is not registered",
    world: aadsts(700027),
    code: "azure-cert-rejected",
    message: /AADSTS700027/,
    hint: /Register this certificate/,
  },
  {
    name: "an assertion that is too old",
    world: aadsts(700024),
    code: "azure-assertion-time",
    message: /AADSTS700024/,
    hint: /clock/,
  },
  {
    name: "a federated token for somebody else, and what it says",
    world: withFederated(federatedToken(1767229200)),
    code: "azure-federation-mismatch",
    message:
      /AADSTS700213.*; the token says iss https:\/\/issuer.example, sub system:serviceaccount:ns:sa, aud api:/,
    hint: /issuer, subject and audience/,
  },
  {
    name: "a federated token for somebody else, by another number",
    world: aadsts(70021),
    code: "azure-federation-mismatch",
    message: /AADSTS70021/,
    hint: /issuer, subject and audience/,
  },
  {
    name: "a tenant that knows neither registries nor the resource manager",
    world: aadsts(500011, "invalid_resource"),
    code: "azure-resource-unknown",
    message: /AADSTS500011/,
    hint: /administrator/,
  },
  {
    name: "a user who needs a second factor",
    world: aadsts(50076, "interaction_required"),
    code: "azure-mfa",
    message: /AADSTS50076/,
    hint: /az login/,
  },
  {
    name: "an error that is not in the table",
    world: aadsts(53003),
    code: "refused",
    message: /AADSTS53003/,
    hint: /error reference/,
  },
  {
    name: "an error without a number",
    world: entra(() => Response.json({ error: "invalid_request" }, { status: 400 })),
    code: "refused",
    message: /login.microsoftonline.com: invalid_request$/,
    hint: /error reference/,
  },
  {
    name: "an authority in trouble",
    world: entra(() => new Response("<html>", { status: 502 })),
    code: "network",
    message: /it has trouble \(502\)/,
    hint: /later/,
  },
  {
    name: "an authority that sends us elsewhere",
    world: entra(() =>
      new Response(null, { status: 302, headers: { location: "https://evil.example/" } })
    ),
    code: "network",
    message: /sends us elsewhere \(302\)/,
    hint: /proxy/,
  },
  {
    name: "an authority that gives no token",
    world: entra(() => Response.json({ id_token: "SECRET" })),
    code: "network",
    message: /answered but gave no token/,
    hint: /proxy/,
  },
  {
    name: "an authority that refuses without words",
    world: entra(() => new Response("", { status: 403 })),
    code: "refused",
    message: /it refused \(403\)/,
    hint: /proxy/,
  },
  {
    name: "an authority that cannot be reached",
    world: entra(() => {
      throw new TypeError("fetch failed", { cause: new Error("dns error: x") });
    }),
    code: "network",
    message: /No server is known under login.microsoftonline.com/,
    hint: /VPN/,
  },
  {
    name: "a secret without tenant",
    world: { env: { AZURE_CLIENT_ID: "x", AZURE_CLIENT_SECRET: "SECRET" } },
    code: "invalid-environment",
    message: /Cannot use AZURE_CLIENT_SECRET: AZURE_TENANT_ID is missing/,
    hint: /Set AZURE_TENANT_ID, or unset AZURE_CLIENT_SECRET/,
  },
  {
    name: "a certificate without tenant and application",
    world: { env: { AZURE_CLIENT_CERTIFICATE_PATH: "/pair.pem" } },
    code: "invalid-environment",
    message: /AZURE_TENANT_ID and AZURE_CLIENT_ID are missing/,
    hint: /unset AZURE_CLIENT_CERTIFICATE_PATH/,
  },
  {
    name: "a federated token without application",
    world: { env: { AZURE_TENANT_ID: AZURE.tenant, AZURE_FEDERATED_TOKEN_FILE: "/federated" } },
    code: "invalid-environment",
    message: /AZURE_CLIENT_ID is missing/,
    hint: /unset AZURE_FEDERATED_TOKEN_FILE/,
  },
  {
    name: "a user without password",
    world: { env: { ...APPLICATION, AZURE_USERNAME: "jane" } },
    options: { allowPassword: true },
    code: "invalid-environment",
    message: /AZURE_PASSWORD is missing/,
    hint: /unset AZURE_USERNAME/,
  },
  {
    name: "a variable of an entry that is not set",
    world: {},
    options: { secretVariable: "ACR_PASS" },
    code: "invalid-environment",
    message: /Cannot use ACR_PASS: it is not set/,
    hint: /secret of the application/,
  },
  {
    name: "a secret to be sent, and none there",
    world: { env: APPLICATION },
    options: { sendsSecret: true },
    code: "invalid-environment",
    message: /AZURE_CLIENT_SECRET is missing/,
    hint: /Set AZURE_CLIENT_SECRET/,
  },
  ...["common", "organizations", "Consumers"].map((tenant): Failure => ({
    name: `the tenant ${tenant}`,
    world: { env: { ...SECRET, AZURE_TENANT_ID: tenant } },
    code: "azure-tenant-generic",
    message: /stands for many/,
    hint: /id or domain/,
  })),
  ...["../common", "a/b", "a b", "..", "t?x"].map((tenant): Failure => ({
    name: `the tenant ${tenant}`,
    world: { env: { ...SECRET, AZURE_TENANT_ID: tenant } },
    code: "invalid-environment",
    message: /neither a GUID nor a domain/,
    hint: /AZURE_TENANT_ID/,
  })),
  {
    name: "two certificates in variables",
    world: {
      env: {
        ...APPLICATION,
        AZURE_CLIENT_CERTIFICATE_PATH: "/a.pem",
        AZURE_CERTIFICATE_PATH: "/b.pem",
      },
    },
    code: "invalid-environment",
    message: /they name different files/,
    hint: /Unset AZURE_CERTIFICATE_PATH/,
  },
  {
    name: "a certificate file that is not there",
    world: { env: { ...APPLICATION, AZURE_CLIENT_CERTIFICATE_PATH: "/none.pem" } },
    code: "azure-bad-certificate",
    message: /"\/none.pem": it does not exist/,
    hint: /path/,
  },
  {
    name: "a certificate file by its ending",
    world: withCertificate("x", "/pair.pfx"),
    code: "azure-pkcs12-unsupported",
    message: /PKCS#12, not PEM/,
    hint: /openssl pkcs12 -in "\/pair.pfx" -nodes -out NEW.pem/,
  },
  {
    name: "a certificate file by its first byte",
    world: withCertificate("0\uFFFD\u0010"),
    code: "azure-pkcs12-unsupported",
    message: /PKCS#12, not PEM/,
    hint: /openssl pkcs12/,
  },
  {
    name: "a certificate without key",
    world: withCertificate(leaf.certificate),
    code: "azure-bad-certificate",
    message: /it holds no private key/,
    hint: /exactly one key/,
  },
  {
    name: "a certificate with two keys",
    world: withCertificate(leaf.certificate + leaf.key + leaf.key),
    code: "azure-bad-certificate",
    message: /it holds several private keys/,
    hint: /exactly one key/,
  },
  {
    name: "a key without certificate",
    world: withCertificate(leaf.key),
    code: "azure-bad-certificate",
    message: /it holds a "PRIVATE KEY"/,
    hint: /one PEM file/,
  },
  {
    name: "a key of another certificate",
    world: withCertificate(authority.certificate + leaf.key),
    code: "azure-bad-certificate",
    message: /its key does not fit the certificate/,
    hint: /one pair/,
  },
  {
    name: "a key that is no RSA key",
    world: withCertificate(authority.certificate + authority.key),
    code: "key-not-rsa",
    message: /no RSA key/,
    hint: /RSA/,
  },
  {
    name: "an empty federated token",
    world: withFederated(" \n"),
    code: "azure-federated-empty",
    message: /"\/federated": it is empty/,
    hint: /mounted/,
  },
  {
    name: "a federated token that is not there",
    world: { env: { ...APPLICATION, AZURE_FEDERATED_TOKEN_FILE: "/none" } },
    code: "azure-federated-empty",
    message: /"\/none": it does not exist/,
    hint: /mounted/,
  },
  {
    name: "a federated token that is no JWT",
    world: withFederated("OTHER-SECRET"),
    code: "azure-federated-not-jwt",
    message: /holds no JWT/,
    hint: /mounted/,
  },
  {
    name: "a federated token whose time is over",
    world: withFederated(federatedToken(1767225599)),
    code: "azure-federated-expired",
    message: /ended at 2025-12-31T23:59:59.000Z/,
    hint: /renews/,
  },
  {
    name: "an identity that the machine does not have",
    world: { onAzure: true, env: { AZURE_CLIENT_ID: "99999999-0000-0000-0000-000000000000" } },
    code: "azure-mi-not-assigned",
    message:
      /managed identity 99999999-.* of IMDS: status 400, invalid_request: Identity not found/,
    hint: /Assign the identity/,
  },
  {
    name: "a metadata service that refuses",
    world: {
      env: { IDENTITY_ENDPOINT: "http://service.example/app-service", IDENTITY_HEADER: "X-SECRET" },
    },
    code: "azure-mi-failed",
    message: /managed identity of App Service: status 401/,
    hint: /portal/,
  },
  {
    name: "a metadata service that is gone for too long",
    world: {
      onAzure: true,
      replies: {
        imds: (request) =>
          request.headers.has("metadata") ? new Response("", { status: 410 }) : undefined,
      },
    },
    code: "azure-mi-failed",
    message: /status 410/,
    hint: /later/,
  },
  {
    name: "a metadata service that is wanted and answers with HTML",
    world: { onAzure: true, replies: { imds: () => new Response("<html>") } },
    options: { source: "managed" },
    code: "azure-mi-failed",
    message: /status 200/,
    hint: /portal/,
  },
  {
    name: "a metadata service that is wanted and missing",
    world: {},
    options: { source: "managed" },
    code: "network",
    message: /169.254.169.254 did not answer on port 80/,
    hint: /firewall/,
  },
  {
    name: "two identities",
    world: {},
    options: { clientId: "a", objectId: "b" },
    code: "invalid-environment",
    message: /more than one identity/,
    hint: /Keep one/,
  },
  {
    name: "a choice where there is none",
    world: { env: { MSI_ENDPOINT: "http://localhost:42356/cloud-shell" } },
    options: { clientId: AZURE.identity },
    code: "invalid-environment",
    message: /Cloud Shell has only one/,
    hint: /Remove/,
  },
  {
    name: "an id that Azure ML does not know",
    world: { env: { MSI_ENDPOINT: "http://service.example/azure-ml", MSI_SECRET: AZURE.header } },
    options: { resourceId: AZURE.resource },
    code: "invalid-environment",
    message: /Azure ML does not know it/,
    hint: /client id/,
  },
  {
    name: "an address of a token service that is none",
    world: { env: { MSI_ENDPOINT: "file:///etc/passwd" } },
    code: "invalid-environment",
    message: /not a URL/,
    hint: /environment/,
  },
  {
    name: "a server in the place of Service Fabric's",
    world: {
      env: {
        IDENTITY_ENDPOINT: "https://service.example/service-fabric",
        IDENTITY_HEADER: AZURE.header,
        IDENTITY_SERVER_THUMBPRINT: "00".repeat(20),
      },
      certificates: [leaf.der],
    },
    code: "azure-mi-failed",
    message: /not the server of IDENTITY_SERVER_THUMBPRINT/,
    hint: /IDENTITY_ENDPOINT/,
  },
  {
    name: "Service Fabric without TLS",
    world: {
      env: {
        IDENTITY_ENDPOINT: "http://service.example/service-fabric",
        IDENTITY_HEADER: AZURE.header,
        IDENTITY_SERVER_THUMBPRINT: "00".repeat(20),
      },
    },
    code: "azure-mi-failed",
    message: /not the server of IDENTITY_SERVER_THUMBPRINT/,
    hint: /IDENTITY_ENDPOINT/,
  },
  {
    name: "Azure Arc that asks for no proof",
    world: { env: ARC, replies: { arc: () => Response.json({ access_token: "T-SECRET" }) } },
    code: "azure-arc-no-challenge",
    message: /asked for no proof \(status 200\)/,
    hint: /listens/,
  },
  ...[
    "",
    "Basic",
    "Bearer realm=/var/opt/azcmagent/tokens/abc.key",
    "Basic realm=/etc/passwd",
    "Basic realm=/etc/abc.key",
    "Basic realm=/var/opt/azcmagent/tokens/../../../../etc/abc.key",
    "Basic realm=/var/opt/azcmagent/tokens/abc.txt",
    "Basic realm=/var/opt/azcmagent/tokens/.key",
    "Basic realm=/var/opt/azcmagent/tokens/sub/abc.key",
    "Basic realm=abc.key",
  ].map((header): Failure => ({
    name: `Azure Arc with the challenge "${header}"`,
    world: arc(header),
    code: "azure-arc-bad-challenge",
    message: /it names no file|it asks for a file that is not in \/var\/opt\/azcmagent\/tokens/,
    hint: /Something else may listen/,
  })),
  {
    name: "Azure Arc with a large key",
    world: arc("Basic realm=/var/opt/azcmagent/tokens/abc.key", {
      "/var/opt/azcmagent/tokens/abc.key": "x".repeat(4097),
    }),
    code: "azure-arc-bad-challenge",
    message: /larger than 4096 bytes/,
    hint: /IDENTITY_ENDPOINT/,
  },
  {
    name: "Azure Arc with a key that may not be read",
    world: {
      env: ARC,
      files: { [AZURE.arcPath]: { text: "x", mode: 0o200 } },
    },
    code: "azure-arc-unreadable",
    message: /abc.key may not be read/,
    hint: /himds/,
  },
  {
    name: "Azure Arc elsewhere",
    world: { env: { IDENTITY_ENDPOINT: "http://evil.example/", IMDS_ENDPOINT: "x" } },
    code: "azure-arc-bad-challenge",
    message: /not on this machine/,
    hint: /IDENTITY_ENDPOINT/,
  },
  {
    name: "az that is wanted and missing",
    world: {},
    options: { source: "az" },
    code: "azure-cli-missing",
    message: /not on the PATH/,
    hint: /Install/,
  },
  {
    name: "az that is wanted and logged out",
    world: az(() => ({ code: 1, stderr: "ERROR: Please run 'az login' to setup account." })),
    options: { source: "az" },
    code: "azure-cli-not-logged-in",
    message: /nobody is logged in/,
    hint: /az login/,
  },
  {
    name: "az that needs a second factor",
    world: az(() => ({ code: 1, stderr: "AADSTS50076: multi-factor. Please run az login" })),
    code: "azure-mfa",
    message: /AADSTS50076/,
    hint: /az login/,
  },
  {
    name: "az that fails",
    world: az(() => ({ code: 1, stderr: "connection broke eyJhbGci.eyJpc3M.SECRET" })),
    code: "azure-cli-failed",
    message: /connection broke \[redacted\]/,
    hint: /az login/,
  },
  {
    name: "az that hangs",
    world: az(() => ({ code: 143, ended: "timeout" })),
    code: "azure-cli-failed",
    message: /within 15 s/,
    hint: /by hand/,
  },
  {
    name: "az without a token",
    world: az(() => ({ stdout: "{}" })),
    code: "azure-cli-failed",
    message: /gave no token/,
    hint: /Update/,
  },
  {
    name: "a subscription with a quote in it",
    world: az(() => ({ stdout: "{}" })),
    options: { subscription: 'x" & calc' },
    code: "invalid-environment",
    message: /illegal characters/,
    hint: /subscription/,
  },
  {
    name: "a choice of credentials that is not known",
    world: { env: { AZURE_TOKEN_CREDENTIALS: "VisualStudioCredential" } },
    code: "invalid-environment",
    message: /AZURE_TOKEN_CREDENTIALS: "VisualStudioCredential" is not known/,
    hint: /dev, prod/,
  },
  {
    name: "a source that is named and not set up",
    world: {},
    options: { source: "secret" },
    code: "no-credential",
    message: /"secret" is not set up/,
    hint: /variables/,
  },
  {
    name: "a cloud that does not exist",
    world: { env: { ...SECRET, AZURE_ENVIRONMENT: "AzureMoonCloud" } },
    code: "invalid-environment",
    message: /AZURE_ENVIRONMENT: there is no cloud "AzureMoonCloud"/,
    hint: /AzureUSGovernment/,
  },
  {
    name: "an Azure Stack without its file",
    world: { env: { ...SECRET, AZURE_ENVIRONMENT: "AzureStackCloud" } },
    code: "invalid-environment",
    message: /AZURE_ENVIRONMENT_FILEPATH names no file/,
    hint: /JSON file of your Azure Stack/,
  },
  {
    name: "an Azure Stack with an authority that nobody trusts",
    world: {
      env: {
        ...SECRET,
        AZURE_ENVIRONMENT: "AzureStackCloud",
        AZURE_ENVIRONMENT_FILEPATH: "/s.json",
      },
      files: {
        "/s.json": JSON.stringify({
          resourceManagerEndpoint: "https://management.stack.example/",
          activeDirectoryEndpoint: "https://login.stack.example/",
        }),
      },
    },
    code: "azure-untrusted-authority",
    message: /"login.stack.example" is none of Microsoft's/,
    hint: /authorityHost/,
  },
  {
    name: "a registry of another cloud than the one that is named",
    world: { env: { ...SECRET, AZURE_ENVIRONMENT: "AZUREPUBLICCLOUD" } },
    host: "contoso.azurecr.us",
    code: "azure-cloud-mismatch",
    message: /the registry is one of AzureUSGovernment, but AzureCloud is set/,
    hint: /AZURE_ENVIRONMENT=AzureUSGovernment/,
  },
  {
    name: "a registry of another cloud than the one of the authority",
    world: { env: { ...SECRET, AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/" } },
    host: "contoso.azurecr.cn",
    code: "azure-cloud-mismatch",
    message: /the registry is one of AzureChinaCloud, but AzureCloud is set/,
    hint: /unset AZURE_AUTHORITY_HOST/,
  },
  {
    name: "an identity without rights",
    world: registry(() =>
      Response.json({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }, {
        status: 401,
      })
    ),
    code: "acr-exchange-401",
    message: /contoso.azurecr.io: it does not accept the identity: authentication required/,
    hint: /AcrPull/,
  },
  {
    name: "a firewall",
    world: registry(() =>
      Response.json({ errors: [{ code: "DENIED", message: "client with IP is not allowed" }] }, {
        status: 403,
      })
    ),
    code: "acr-firewall",
    message: /its firewall refuses: client with IP/,
    hint: /public address/,
  },
  {
    name: "a name without registry",
    world: { env: SECRET },
    host: "missing.azurecr.io",
    code: "acr-no-such-registry",
    message: /no server is known under that name/,
    hint: /private endpoint/,
  },
  {
    name: "a host that is no registry",
    world: registry(() => new Response("<html>", { status: 404 })),
    code: "acr-not-acr",
    message: /exchanges no tokens/,
    hint: /no registry of Azure/,
  },
  {
    name: "an exchange without result",
    world: registry(() => Response.json({})),
    code: "acr-exchange-empty",
    message: /holds no refresh token/,
    hint: /no registry of Azure/,
  },
  {
    name: "an exchange in trouble",
    world: registry(() => new Response("", { status: 500 })),
    code: "network",
    message: /status 500/,
    hint: /later/,
  },
  {
    name: "an exchange that sends us elsewhere",
    world: registry(() =>
      new Response(null, { status: 307, headers: { location: "https://evil.example/" } })
    ),
    code: "network",
    message: /status 307/,
    hint: /later/,
  },
  {
    name: "a custom host without challenge",
    world: challenge(undefined),
    ...CUSTOM,
    code: "acr-no-challenge",
    message: /gave no challenge \(status 401\)/,
    hint: /host/,
  },
  {
    name: "a custom host that is something else",
    world: challenge(undefined, 404),
    ...CUSTOM,
    code: "acr-no-challenge",
    message: /gave no challenge \(status 404\)/,
    hint: /host/,
  },
  {
    name: "a custom host behind a firewall",
    world: challenge(undefined, 403),
    ...CUSTOM,
    code: "acr-firewall",
    message: /firewall/,
    hint: /public address/,
  },
  {
    name: "a custom host with another scheme",
    world: challenge('Basic realm="x"'),
    ...CUSTOM,
    code: "acr-challenge-scheme",
    message: /not Bearer/,
    hint: /host/,
  },
  {
    name: "a custom host with half a challenge",
    world: challenge("Bearer"),
    ...CUSTOM,
    code: "acr-challenge-incomplete",
    message: /challenge/,
    hint: /host/,
  },
  {
    name: "a custom host without service",
    world: challenge('Bearer realm="https://acr.contoso.example/oauth2/token"'),
    ...CUSTOM,
    code: "acr-challenge-incomplete",
    message: /no realm or service/,
    hint: /host/,
  },
  {
    name: "a custom host with a foreign realm",
    world: challenge('Bearer realm="https://evil.example/oauth2/token",service="x"'),
    ...CUSTOM,
    code: "acr-realm-mismatch",
    message: /evil.example/,
    hint: /login server/,
  },
  {
    name: "a cloud configuration that is not there",
    world: { env: { IMGPKG_REGISTRY_AZURE_CR_CONFIG: "/none.json" } },
    code: "config-io",
    message: /"\/none.json": it does not exist/,
    hint: /Unset IMGPKG_REGISTRY_AZURE_CR_CONFIG/,
  },
  {
    name: "a cloud configuration for AD FS",
    world: config('{"identitySystem": "adfs"}'),
    code: "azure-adfs-unsupported",
    message: /identitySystem is adfs/,
    hint: /Entra/,
  },
  {
    name: "a cloud configuration with a wrong switch",
    world: config('{\n"useManagedIdentityExtension": "yes"}'),
    code: "config-type",
    message: /line 2: useManagedIdentityExtension is neither true nor false/,
    hint: /true or false/,
  },
  {
    name: "a cloud configuration with a tab",
    world: config("cloud: AzureCloud\n\ttenantId: x"),
    code: "config-syntax",
    message: /line 2: a tab/,
    hint: /Correct/,
  },
  {
    name: "a cloud configuration with a certificate in PKCS#12",
    world: config(
      `{"tenantId":"${AZURE.tenant}","aadClientId":"${AZURE.client}","aadClientCertPath":"/x.pfx"}`,
    ),
    code: "azure-bad-certificate",
    message: /"\/x.pfx": it does not exist/,
    hint: /path/,
  },
];

for (const { name, world: options, options: keychain, host, code, message, hint } of FAILURES) {
  Deno.test(`acrKeychain() fails with ${code}: ${name}`, async () => {
    const world = azureWorld(options);
    const error = await assertRejects(() => world.ask(keychain, host), RegauthError);
    assertEquals([error.code, error.message], [code, error.message]);
    assertMatch(error.message, message);
    assertMatch(error.hint ?? "", hint);
    const all = [error.message, error.hint, error.subject, ...world.trace].join("\n");
    assertNotMatch(all, /(?<!_)SECRET|eyJ|BEGIN [A-Z]/);
  });
}

Deno.test("acrKeychain() sends nothing to an authority that is none of Microsoft's", async () => {
  for (
    const authority of [
      "https://evil.example/",
      "https://login.microsoftonline.com.evil.example/",
      "https://login.microsoftonline.com@evil.example/",
      "https://login.microsoftonline.com:8443/",
      "http://login.microsoftonline.com/",
      "https://login.microsoftonline.com/tenant",
      "https://login.microsoftonline.com/?x",
      "http://127.0.0.1:8080/",
      "not a host",
    ]
  ) {
    const world = azureWorld({ env: { ...SECRET, AZURE_AUTHORITY_HOST: authority } });
    const error = await assertRejects(() => world.ask(), RegauthError);
    assertEquals([authority, error.code], [authority, "azure-untrusted-authority"]);
    assertEquals(world.io.requests.length, 0);
  }
});

Deno.test("acrKeychain() does not repeat a wrong secret for half a minute", async () => {
  const { sharedMemory } = await import("../fakes/google_world.ts");
  const world = azureWorld({ env: { ...SECRET, AZURE_CLIENT_SECRET: "OTHER-SECRET" } });
  const memory = sharedMemory(world.io);
  for (const time of ["00:00:00", "00:00:29", "00:00:31"]) {
    world.io.setNow(new Date(`2026-01-01T${time}Z`));
    const error = await assertRejects(() => world.ask({ memory }), RegauthError);
    assertEquals(error.code, "azure-bad-secret");
  }
  assertEquals(world.azure.calls.length, 2);
  assertNotMatch([...memory.texts.values()].join(), /SECRET/);
});
