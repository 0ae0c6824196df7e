import { assertEquals, assertNotMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../../lib/errors.ts";
import {
  acrKeychain,
  type AcrKeychainOptions,
  acrOptions,
} from "../../lib/registries/acr_keychain.ts";
import { readPayload } from "../../lib/token_claims.ts";
import { AZURE, federatedToken } from "../fakes/azure.ts";
import {
  APPLICATION,
  type AzureWorld,
  azureWorld,
  type AzureWorldOptions,
} from "../fakes/azure_world.ts";
import { sharedMemory } from "../fakes/google_world.ts";
import { issue } from "../fakes/tls.ts";

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
const certificate = { der: leaf.der, publicKey: rsa.publicKey };
const pair = authority.certificate + leaf.certificate + leaf.key;

const SECRET = { ...APPLICATION, AZURE_CLIENT_SECRET: AZURE.secret };
const ENTRA_CALL = `POST login.microsoftonline.com/${AZURE.tenant}/oauth2/v2.0/token`;
const EXCHANGE_CALL = "POST contoso.azurecr.io/oauth2/exchange";
const IMDS_CALL = "GET 169.254.169.254/metadata/identity/oauth2/token";

function assertNoSecret(world: AzureWorld, ...texts: readonly unknown[]): void {
  assertNotMatch([...world.trace, ...texts.map(String)].join("\n"), /(?<!_)SECRET|eyJ|BEGIN/);
}

const azAnswer = (more: Record<string, unknown>): string => {
  return JSON.stringify({ accessToken: "AZ", tenant: AZURE.tenant, tokenType: "Bearer", ...more });
};

interface Source {
  readonly name: string;
  readonly world: AzureWorldOptions;
  readonly options?: AcrKeychainOptions;
  readonly host?: string;
  readonly detail: string;
  readonly calls: readonly string[];
}

const SOURCES: readonly Source[] = [
  {
    name: "a secret in variables",
    world: { env: SECRET },
    detail: `application ${AZURE.client}, by its secret`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a secret in another variable, for the application of an entry",
    world: { env: { ACR_SECRET: AZURE.secret } },
    options: { tenantId: AZURE.tenant, clientId: AZURE.client, secretVariable: "ACR_SECRET" },
    detail: `application ${AZURE.client}, by its secret`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a certificate, signed with PS256",
    world: {
      env: { ...APPLICATION, AZURE_CLIENT_CERTIFICATE_PATH: "/pair.pem" },
      files: { "/pair.pem": pair },
      certificate,
    },
    detail: `application ${AZURE.client}, by the certificate /pair.pem`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a certificate by the older variable, signed with RS256, with its chain",
    world: {
      env: {
        ...APPLICATION,
        AZURE_CERTIFICATE_PATH: "/pair.pem",
        AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: "true",
      },
      files: { "/pair.pem": pair },
      certificate,
      algorithm: "RS256",
    },
    options: { assertionAlgorithm: "RS256" },
    detail: `application ${AZURE.client}, by the certificate /pair.pem`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a federated token in a file",
    world: {
      env: {
        ...APPLICATION,
        AZURE_FEDERATED_TOKEN_FILE: "/federated",
        AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
      },
    },
    detail: `application ${AZURE.client}, by the federated token of /federated`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a job of GitHub Actions",
    world: {
      env: {
        ...APPLICATION,
        ACTIONS_ID_TOKEN_REQUEST_URL: "https://pipelines.actions.example/token?api-version=2.0",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "GITHUB-SECRET",
      },
    },
    detail: `application ${AZURE.client}, by this job of GitHub Actions`,
    calls: ["GET pipelines.actions.example/token", ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "user name and password, if regauth's own file allows it",
    world: { env: { ...APPLICATION, AZURE_USERNAME: AZURE.user, AZURE_PASSWORD: AZURE.password } },
    options: { allowPassword: true },
    detail: `user ${AZURE.user}`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "the identity of a virtual machine",
    world: { onAzure: true },
    detail: "managed identity of IMDS",
    calls: [IMDS_CALL, IMDS_CALL, EXCHANGE_CALL],
  },
  {
    name: "one of several identities, by the variable of its client id",
    world: { onAzure: true, env: { AZURE_CLIENT_ID: AZURE.identity } },
    detail: `managed identity ${AZURE.identity} of IMDS`,
    calls: [IMDS_CALL, IMDS_CALL, EXCHANGE_CALL],
  },
  {
    name: "one of several identities, by its resource id and without a probe",
    world: { onAzure: true },
    options: { source: "managed", resourceId: AZURE.resource },
    detail: `managed identity ${AZURE.resource} of IMDS`,
    calls: [IMDS_CALL, EXCHANGE_CALL],
  },
  {
    name: "one of several identities, by its object id",
    world: { onAzure: true },
    options: { source: "managed", objectId: AZURE.identity },
    detail: `managed identity ${AZURE.identity} of IMDS`,
    calls: [IMDS_CALL, EXCHANGE_CALL],
  },
  {
    name: "an identity of App Service",
    world: {
      env: {
        IDENTITY_ENDPOINT: "http://service.example/app-service",
        IDENTITY_HEADER: AZURE.header,
      },
    },
    options: { resourceId: AZURE.resource },
    detail: `managed identity ${AZURE.resource} of App Service`,
    calls: ["GET service.example/app-service", EXCHANGE_CALL],
  },
  {
    name: "an identity of Azure ML",
    world: {
      env: {
        MSI_ENDPOINT: "http://service.example/azure-ml",
        MSI_SECRET: AZURE.header,
        DEFAULT_IDENTITY_CLIENT_ID: AZURE.identity,
      },
    },
    detail: `managed identity ${AZURE.identity} of Azure ML`,
    calls: ["GET service.example/azure-ml", EXCHANGE_CALL],
  },
  {
    name: "the identity of Cloud Shell",
    world: { env: { MSI_ENDPOINT: "http://localhost:42356/cloud-shell" } },
    detail: "managed identity of Cloud Shell",
    calls: ["POST localhost:42356/cloud-shell", EXCHANGE_CALL],
  },
  {
    name: "the identity of Service Fabric",
    world: {
      env: {
        IDENTITY_ENDPOINT: "https://service.example/service-fabric",
        IDENTITY_HEADER: AZURE.header,
        IDENTITY_SERVER_THUMBPRINT: (await thumbprint(leaf.der)).toUpperCase(),
      },
      certificates: [leaf.der],
    },
    detail: "managed identity of Service Fabric",
    calls: ["GET service.example/service-fabric", EXCHANGE_CALL],
  },
  {
    name: "the identity of Azure Arc, by its variables",
    world: {
      env: {
        IDENTITY_ENDPOINT: "http://127.0.0.1:40342/metadata/identity/oauth2/token",
        IMDS_ENDPOINT: "http://127.0.0.1:40342",
      },
      files: { [AZURE.arcPath]: AZURE.arcKey },
    },
    detail: "managed identity of Azure Arc",
    calls: [
      "GET 127.0.0.1:40342/metadata/identity/oauth2/token",
      "GET 127.0.0.1:40342/metadata/identity/oauth2/token",
      EXCHANGE_CALL,
    ],
  },
  {
    name: "the identity of Azure Arc, by its program",
    world: {
      files: { [AZURE.arcPath]: AZURE.arcKey },
      programs: { "/opt/azcmagent/bin/himds": () => ({}) },
    },
    detail: "managed identity of Azure Arc",
    calls: [
      "GET 127.0.0.1:40342/metadata/identity/oauth2/token",
      "GET 127.0.0.1:40342/metadata/identity/oauth2/token",
      EXCHANGE_CALL,
    ],
  },
  {
    name: "a machine whose tenant knows no tokens for registries",
    world: { onAzure: true, onlyArm: true },
    detail: "managed identity of IMDS",
    calls: [IMDS_CALL, IMDS_CALL, IMDS_CALL, IMDS_CALL, EXCHANGE_CALL],
  },
  {
    name: "an application whose tenant knows no tokens for registries",
    world: { env: SECRET, onlyArm: true },
    detail: `application ${AZURE.client}, by its secret`,
    calls: [ENTRA_CALL, ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a registry of the US Government, by its host alone",
    world: { env: SECRET },
    host: "contoso.azurecr.us",
    detail: `application ${AZURE.client}, by its secret`,
    calls: [
      `POST login.microsoftonline.us/${AZURE.tenant}/oauth2/v2.0/token`,
      "POST contoso.azurecr.us/oauth2/exchange",
    ],
  },
  {
    name: "a registry in China, by the name of the cloud",
    world: { env: { ...SECRET, AZURE_ENVIRONMENT: "AzureChinaCloud" } },
    host: "contoso.azurecr.cn",
    detail: `application ${AZURE.client}, by its secret`,
    calls: [
      `POST login.chinacloudapi.cn/${AZURE.tenant}/oauth2/v2.0/token`,
      "POST contoso.azurecr.cn/oauth2/exchange",
    ],
  },
  {
    name: "an Azure Stack that regauth's own file trusts",
    world: {
      env: {
        ...SECRET,
        AZURE_ENVIRONMENT: "AZURESTACKCLOUD",
        AZURE_ENVIRONMENT_FILEPATH: "/stack.json",
      },
      files: {
        "/stack.json": JSON.stringify({
          resourceManagerEndpoint: "https://management.stack.example/",
          containerRegistryDNSSuffix: "azurecr.stack.example",
        }),
      },
    },
    options: { authorityHost: "https://login.stack.example/", suffix: "azurecr.stack.example" },
    host: "contoso.azurecr.stack.example",
    detail: `application ${AZURE.client}, by its secret`,
    calls: [
      `POST login.stack.example/${AZURE.tenant}/oauth2/v2.0/token`,
      "POST contoso.azurecr.stack.example/oauth2/exchange",
    ],
  },
  {
    name: "a host of another name that regauth's own file lists",
    world: { env: SECRET },
    options: { hosts: ["acr.contoso.example"] },
    host: "acr.contoso.example",
    detail: `application ${AZURE.client}, by its secret`,
    calls: [
      "GET acr.contoso.example/v2/",
      ENTRA_CALL,
      "POST acr.contoso.example/oauth2/exchange",
    ],
  },
  {
    name: "the cloud configuration of a node, as imgpkg took it",
    world: {
      env: { IMGPKG_REGISTRY_AZURE_CR_CONFIG: "/azure.json" },
      files: {
        "/azure.json": `{
  # comment lines are legal here
  "cloud": "AzurePublicCloud",
  "tenantId": "${AZURE.tenant}",
  "aadClientId": "${AZURE.client}",
  "aadClientSecret": "${AZURE.secret}",
  "useManagedIdentityExtension": false
}`,
      },
    },
    detail: `application ${AZURE.client}, by its secret`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
  {
    name: "a cloud configuration that prefers the machine to its secret",
    world: {
      onAzure: true,
      files: {
        "/azure.json":
          `{"useManagedIdentityExtension": true, "userAssignedIdentityID": "${AZURE.resource}",` +
          `"aadClientId": "x", "aadClientSecret": "y"}`,
      },
    },
    options: { cloudConfig: "/azure.json" },
    detail: `managed identity ${AZURE.resource} of IMDS`,
    calls: [IMDS_CALL, EXCHANGE_CALL],
  },
  {
    name: "a cloud configuration without credentials, and what comes next",
    world: {
      env: { ...SECRET, IMGPKG_REGISTRY_AZURE_CR_CONFIG: "/azure.json" },
      files: { "/azure.json": "{}" },
    },
    detail: `application ${AZURE.client}, by its secret`,
    calls: [ENTRA_CALL, EXCHANGE_CALL],
  },
];

for (const { name, world: options, options: keychain, host, detail, calls } of SOURCES) {
  Deno.test(`acrKeychain() takes ${name}`, async () => {
    const world = azureWorld(options);
    const credential = await world.ask(keychain, host);
    assertEquals(credential?.username, AZURE.nullGuid);
    const { aud, exp } = readPayload(credential?.password?.reveal() ?? "") ?? {};
    assertEquals(aud, host ?? "contoso.azurecr.io");
    assertEquals(credential?.expiresAt, new Date(Number(exp) * 1000));
    assertEquals(credential?.detail, detail);
    assertEquals(world.azure.calls, calls);
    assertEquals(world.azure.faults.filter((text) => !/tenant|only ARM/.test(text)), []);
    assertNoSecret(world, credential?.detail);
  });
}

Deno.test("acrKeychain() takes the account of az, and tells it what the token is for", async () => {
  const world = azureWorld({
    programs: { "/bin/az": () => ({ stdout: azAnswer({ expires_on: 1767232800 }) }) },
    replies: { registry: () => Response.json({ refresh_token: "R" }) },
  });
  const credential = await world.ask({ tenantId: "contoso.example", subscription: "My Sub_1" });
  assertEquals(credential?.password?.reveal(), "R");
  assertEquals(world.io.runs.map(({ args }) => args.join(" ")), [
    `account get-access-token -o json --resource ${AZURE.acr} ` +
    "--tenant contoso.example --subscription My Sub_1",
  ]);
});

Deno.test("acrKeychain() reads the time of an old az, which is local", async () => {
  const expiresOn = "2026-01-01 02:00:00.000000";
  const world = azureWorld({
    platform: "windows",
    env: { PATH: "C:\\az" },
    programs: { "C:\\az\\az.cmd": () => ({ stdout: `Warning\n${azAnswer({ expiresOn })}` }) },
    replies: { registry: () => Response.json({ refresh_token: "R" }) },
    now: new Date("2025-12-31T00:00:00Z"),
  });
  const memory = sharedMemory(world.io);
  await world.ask({ memory });
  const kept = await Promise.all([...memory.texts.keys()].map((key) => memory.get(key)));
  const token = kept.find((entry) => entry?.value === "AZ");
  assertEquals(token?.expiresAt, new Date("2026-01-01T02:00:00"));
});

Deno.test("acrKeychain() gives an identity token to tools that want one", async () => {
  const credential = await azureWorld({ env: SECRET }).ask({ identityToken: true });
  assertEquals([credential?.username, credential?.password], [undefined, undefined]);
  assertEquals(credential?.identityToken?.reveal().includes("SECRET"), true);
});

Deno.test("acrKeychain() sends id and secret as they are if it is told to", async () => {
  const world = azureWorld({ env: SECRET });
  const credential = await world.ask({ sendsSecret: true });
  assertEquals([credential?.username, credential?.password?.reveal()], [
    AZURE.client,
    AZURE.secret,
  ]);
  assertEquals(world.azure.calls, []);
});

Deno.test("acrKeychain() knows nothing where no identity is configured", async () => {
  const loggedOut = () => ({ code: 1, stderr: "ERROR: Please run 'az login' to setup account." });
  const cases: readonly AzureWorldOptions[] = [
    {},
    { env: { AZURE_CLIENT_ID: AZURE.client, AZURE_CLIENT_SECRET: "" } },
    { env: { ...APPLICATION, AZURE_USERNAME: "me", AZURE_PASSWORD: "x" } },
    { programs: { "/bin/az": loggedOut } },
    { programs: { "/bin/az": () => ({ code: 127 }) } },
    { onAzure: true, replies: { imds: () => new Response("host unreachable", { status: 403 }) } },
    { onAzure: true, replies: { imds: () => new Response("<html>") } },
    { env: { AZURE_TOKEN_CREDENTIALS: "prod" } },
  ];
  for (const options of cases) {
    const world = azureWorld(options);
    assertEquals(await world.ask(), undefined);
    assertStringIncludes(world.trace.join("\n"), "AZURE_CLIENT_SECRET is not set");
    assertNoSecret(world);
  }
});

Deno.test("acrKeychain() sends nothing to a custom host that lets everybody in", async () => {
  const world = azureWorld({ env: SECRET, replies: { registry: () => new Response("{}") } });
  const host = "acr.contoso.example";
  assertEquals(await world.ask({ hosts: [host] }, host), undefined);
  assertEquals(world.azure.calls, ["GET acr.contoso.example/v2/"]);
});

Deno.test("acrKeychain() asks only what AZURE_TOKEN_CREDENTIALS names", async () => {
  const world = azureWorld({
    onAzure: true,
    env: {
      ...SECRET,
      AZURE_CLIENT_ID: AZURE.identity,
      AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
    },
  });
  await world.ask();
  assertEquals(world.azure.calls, [IMDS_CALL, EXCHANGE_CALL]);
});

Deno.test("acrKeychain() reads a federated token anew, and a literal one first", async () => {
  const world = azureWorld({ env: { ...APPLICATION, AZURE_FEDERATED_TOKEN_FILE: "/federated" } });
  const keychain = acrKeychain();
  const ask = () => keychain.resolve({ registry: "contoso.azurecr.io" }, { io: world.io });
  await ask();
  world.io.setNow(new Date("2026-01-01T04:00:00Z"));
  world.azure.federated = federatedToken(1767240000 + 3600);
  await world.io.writePrivate("/federated", world.azure.federated);
  await ask();
  assertEquals(world.azure.calls.length, 4);
  assertEquals(world.azure.faults, []);
  world.io.variables.set("AZURE_FEDERATED_TOKEN", world.azure.federated);
  const credential = await ask();
  assertStringIncludes(credential?.detail ?? "", "the federated token of AZURE_FEDERATED_TOKEN");
});

Deno.test("acrKeychain() makes a new assertion for each attempt", async () => {
  const busy = (_: Request, call: number) =>
    call === 1 ? new Response("", { status: 429, headers: { "retry-after": "2" } }) : undefined;
  const world = azureWorld({
    env: { ...APPLICATION, AZURE_CLIENT_CERTIFICATE_PATH: "/pair.pem" },
    files: { "/pair.pem": pair },
    certificate,
    replies: { entra: busy },
  });
  await world.ask();
  assertEquals(world.io.sleeps, [2000]);
  const bodies = await Promise.all(world.io.requests.slice(0, 2).map((request) => request.text()));
  const [one, other] = bodies.map((body) => new URLSearchParams(body).get("client_assertion"));
  assertEquals(one === other, false);
});

Deno.test("acrKeychain() asks Entra once for 20 registries, and each registry once", async () => {
  const world = azureWorld({ env: SECRET });
  const keychain = acrKeychain();
  const hosts = Array.from({ length: 20 }, (_, index) => `contoso${index % 2}.azurecr.io`);
  await Promise.all(hosts.map((registry) => keychain.resolve({ registry }, { io: world.io })));
  assertEquals(world.azure.calls.toSorted(), [
    "POST contoso0.azurecr.io/oauth2/exchange",
    "POST contoso1.azurecr.io/oauth2/exchange",
    ENTRA_CALL,
  ]);
});

Deno.test("acrKeychain() remembers the registry's token until five minutes before its end", async () => {
  const world = azureWorld({ env: SECRET });
  const memory = sharedMemory(world.io);
  for (
    const [time, calls] of [
      ["00:00:00", 2],
      ["02:54:59", 2],
      ["02:55:00", 4],
    ] as const
  ) {
    world.io.setNow(new Date(`2026-01-01T${time}Z`));
    await world.ask({ memory });
    assertEquals([time, world.azure.calls.length], [time, calls]);
  }
  for (const text of memory.texts.values()) assertEquals(text.startsWith("eyJ"), true);
  assertEquals([...memory.texts.values()].some((text) => text.includes(AZURE.secret)), false);
});

Deno.test("acrKeychain() remembers for a minute that there is no managed identity", async () => {
  const world = azureWorld();
  const memory = sharedMemory(world.io);
  for (let count = 0; count < 3; count++) assertEquals(await world.ask({ memory }), undefined);
  assertEquals(world.io.requests.length, 1);
  world.io.setNow(new Date("2026-01-01T00:01:01Z"));
  await world.ask({ memory });
  assertEquals(world.io.requests.length, 2);
});

Deno.test("acrKeychain() uses a token without an end once", async () => {
  const world = azureWorld({
    env: SECRET,
    replies: { registry: () => Response.json({ refresh_token: "R" }) },
  });
  const memory = sharedMemory(world.io);
  assertEquals((await world.ask({ memory }))?.expiresAt, undefined);
  await world.ask({ memory });
  assertEquals(world.azure.calls, [ENTRA_CALL, EXCHANGE_CALL, EXCHANGE_CALL]);
});

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  azure: [
    "contoso.azurecr.io",
    "Contoso.AzureCR.io",
    "contoso.azurecr.io:443",
    "contoso.azurecr.io.",
    "https://contoso.azurecr.io/v2/",
    "contoso-e7ggejfuhzhgedc8.azurecr.io",
    "contoso.eastus.geo.azurecr.io",
    "demo-abc123.eastus2.geo.azurecr.io",
    "contoso.azurecr.io/mirror/other.azurecr.io/x",
    "abc.azurecr.io",
  ],
  nobody: [
    "azurecr.io",
    ".azurecr.io",
    "a..azurecr.io",
    "-a.azurecr.io",
    "foo.azurecr.io.evil.example",
    "foo.azurecr.iot",
    "fooazurecr.io",
    "evilazurecr.io",
    "foo.azurecr.me",
    "127.0.0.1:12345",
    "[::1]:443",
    "foo.azurecr.io@evil.example",
    "evil.example/foo.azurecr.io",
    "evil.example#.azurecr.io",
    "foo.azurecr.io:8443",
    "a.b.azurecr.io",
    "a.b.geo.c.azurecr.io",
    "mcr.microsoft.com",
    "\u0441\u043entoso.azurecr.io",
    "contoso.blob.core.windows.net",
    "",
  ],
};

for (const [owner, hosts] of Object.entries(HOSTS)) {
  Deno.test(`acrKeychain() and the hosts of ${owner}`, async () => {
    for (const host of hosts) {
      const world = azureWorld({ env: SECRET });
      const credential = await world.ask({}, host);
      assertEquals([host, credential !== undefined], [host, owner === "azure"]);
      assertEquals(world.io.requests.length, owner === "azure" ? 2 : 0);
    }
  });
}

Deno.test("acrKeychain() refuses a host that only hands out data", async () => {
  const world = azureWorld({ env: SECRET });
  const error = await assertRejects(
    () => world.ask({}, "contoso.eastus.data.azurecr.io"),
    RegauthError,
  );
  assertEquals(error.code, "acr-data-endpoint");
  assertEquals(world.io.requests.length, 0);
});

Deno.test("acrOptions() reads an entry of regauth's own file", () => {
  const options = acrOptions({
    source: "certificate",
    tenantId: "t",
    certificate: "pair.pem",
    assertionAlgorithm: "RS256",
    hosts: "acr.example, ACR2.example",
    suffix: ".azurecr.stack.example",
  }, (path) => `/config/${path}`);
  assertEquals(JSON.parse(JSON.stringify(options)), {
    source: "certificate",
    tenantId: "t",
    certificate: "/config/pair.pem",
    allowPassword: false,
    sendsSecret: false,
    identityToken: false,
    assertionAlgorithm: "RS256",
    hosts: ["acr.example", "acr2.example"],
    suffix: "azurecr.stack.example",
  });
});

async function thumbprint(der: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", Uint8Array.from(der)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
