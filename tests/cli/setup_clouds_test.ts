import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { AZURE, type FakeAzure, fakeAzure } from "../fakes/azure.ts";
import { fakeGoogle, FEDERATED_FILE, GOOGLE, KEY_FILE, USER_FILE } from "../fakes/google.ts";
import { DOCKER, OWN, type Ran, regauth, type SetupWorld } from "../fakes/setup_world.ts";

const HELPER = { "/usr/bin/docker-credential-regauth": () => ({ code: 1 }) };
const NOW = (): Date => new Date("2026-01-01T00:00:00Z");
const WELL_KNOWN = "/home/me/.config/gcloud/application_default_credentials.json";

/** One set-up: what is there, what is answered, and what is in regauth's own file afterwards. */
interface Case {
  readonly name: string;
  readonly host: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly programs?: SetupWorld["programs"];
  readonly registries: unknown;
}

async function setup(
  fetch: (request: Request) => Promise<Response>,
  { host, args, env, files = {}, programs }: Omit<Case, "name" | "registries">,
): Promise<Ran> {
  return await regauth(["setup", host, "--method", "regauth", ...args], {
    env: { PATH: "/usr/bin", NO_GCE_CHECK: "true", ...env },
    files: Object.fromEntries(
      Object.entries(files).map(([path, content]) => [
        path,
        typeof content === "string" ? content : JSON.stringify(content),
      ]),
    ),
    programs: { ...HELPER, ...programs },
    fetch,
  });
}

async function assertSaved(ran: Ran, { host, registries }: Case): Promise<void> {
  const { code, io, stdout, stderr } = ran;
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "login accepted");
  assertEquals(JSON.parse(await io.readText(DOCKER) ?? ""), { credHelpers: { [host]: "regauth" } });
  const text = await io.readText(`${OWN}/config.json`) ?? "";
  assertEquals(JSON.parse(text), { registries });
  assertNotMatch(`${stdout}${stderr}${text}`, /-SECRET|EXAMPLE~|BEGIN|eyJ/);
}

const US = "us-docker.pkg.dev";

const GOOGLE_CASES: readonly Case[] = [
  {
    name: "whatever this machine has",
    host: US,
    args: ["--yes"],
    files: { [WELL_KNOWN]: USER_FILE },
    registries: { [US]: { keychain: "google" } },
  },
  {
    name: "the file that a variable names, detected",
    host: "eu.gcr.io",
    args: ["--yes"],
    env: { GOOGLE_APPLICATION_CREDENTIALS: "/key.json" },
    files: { "/key.json": KEY_FILE },
    registries: { "eu.gcr.io": { keychain: "google", source: "adc" } },
  },
  {
    name: "a file just for Google's registries, acting as another account",
    host: US,
    args: [
      "--google-identity",
      "file",
      "--credential-file",
      "/wif.json",
      "--impersonate",
      GOOGLE.target,
      "--covers",
      "all",
      "--yes",
    ],
    files: { "/wif.json": FEDERATED_FILE, "/token": GOOGLE.subjectToken },
    registries: {
      "*.pkg.dev": {
        keychain: "google",
        credentialFile: "/wif.json",
        impersonate: GOOGLE.target,
      },
    },
  },
];

for (const one of GOOGLE_CASES) {
  Deno.test(`setup makes regauth the helper of a Google registry, with ${one.name}`, async () => {
    const google = fakeGoogle({ now: NOW });
    await assertSaved(await setup(google.answer, one), one);
    assertEquals(google.faults, []);
  });
}

const HOST = "contoso.azurecr.io";
const SECRET = {
  AZURE_TENANT_ID: AZURE.tenant,
  AZURE_CLIENT_ID: AZURE.client,
  AZURE_CLIENT_SECRET: AZURE.secret,
};

const APPLICATION = { tenantId: AZURE.tenant, clientId: AZURE.client };

const AZURE_CASES: readonly (Case & { readonly onAzure?: boolean })[] = [
  {
    name: "a secret in variables, detected",
    host: HOST,
    args: ["--yes"],
    env: SECRET,
    registries: {
      [HOST]: {
        keychain: "acr",
        source: "secret",
        ...APPLICATION,
        secretVariable: "AZURE_CLIENT_SECRET",
      },
    },
  },
  {
    name: "a federated token, detected",
    host: HOST,
    args: ["--yes"],
    env: {
      AZURE_TENANT_ID: AZURE.tenant,
      AZURE_CLIENT_ID: AZURE.client,
      AZURE_FEDERATED_TOKEN_FILE: "/federated",
    },
    registries: {
      [HOST]: {
        keychain: "acr",
        source: "workload",
        ...APPLICATION,
        federatedTokenFile: "/federated",
      },
    },
  },
  {
    name: "the managed identity of this machine",
    host: HOST,
    args: ["--azure-identity", "managed", "--yes"],
    registries: { [HOST]: { keychain: "acr", source: "managed" } },
  },
  {
    name: "the cloud configuration of a node, detected",
    host: HOST,
    args: ["--yes"],
    env: { IMGPKG_REGISTRY_AZURE_CR_CONFIG: "/azure.json" },
    files: {
      "/azure.json": {
        tenantId: AZURE.tenant,
        aadClientId: AZURE.client,
        aadClientSecret: AZURE.secret,
      },
    },
    registries: { [HOST]: { keychain: "acr", cloudConfig: "/azure.json" } },
  },
];

function withFederated(azure: FakeAzure, one: Case): Case {
  return { ...one, files: { "/federated": azure.federated, ...one.files } };
}

for (const one of AZURE_CASES) {
  Deno.test(`setup makes regauth the helper of an Azure registry, with ${one.name}`, async () => {
    const azure = fakeAzure({ now: NOW });
    await assertSaved(await setup(azure.answer, withFederated(azure, one)), one);
    assertEquals(azure.faults, []);
  });
}

Deno.test("setup saves nothing for a cloud if its login is refused", async () => {
  const azure = fakeAzure({ now: NOW });
  const { code, io, stderr } = await setup(azure.answer, {
    host: HOST,
    args: ["--yes"],
    env: { ...SECRET, AZURE_CLIENT_SECRET: "WRONG-SECRET" },
  });
  assertEquals(code, 4);
  assertStringIncludes(stderr, "AADSTS7000215");
  assertNotMatch(stderr, /WRONG-SECRET/);
  assertEquals(await io.readText(DOCKER), undefined);
  assertEquals(await io.readText(`${OWN}/config.json`), undefined);
});

const REFUSED: readonly (readonly [args: readonly string[], why: string])[] = [
  [["--azure-identity", "secret", "--tenant-id", "common"], "many tenants"],
  [["--azure-identity", "secret", "--tenant-id", "a b"], "a GUID or a domain"],
  [["--azure-identity", "managed", "--client-id", "x"], "the form of a GUID"],
  [
    ["--azure-identity", "certificate", "--tenant-id", "c.example", "--client-id", AZURE.client]
      .concat("--identity-file", "/x.pfx"),
    "openssl pkcs12",
  ],
  [
    ["--azure-identity", "secret", "--tenant-id", "c.example", "--client-id", AZURE.client]
      .concat("--secret-variable", AZURE.client),
    "not the secret",
  ],
];

for (const [args, why] of REFUSED) {
  Deno.test(`setup refuses ${args.slice(-2).join(" ")}`, async () => {
    const azure = fakeAzure({ now: NOW });
    const { code, stderr } = await setup(azure.answer, { host: HOST, args: [...args, "--yes"] });
    assertEquals(code, 2);
    assertStringIncludes(stderr.replace(/\s+/g, " "), why);
  });
}

Deno.test("setup refuses the address of a service account that is none", async () => {
  const { code, stderr } = await setup(fakeGoogle({ now: NOW }).answer, {
    host: US,
    args: ["--impersonate", "me@example.com", "--yes"],
  });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "NAME@PROJECT.iam.gserviceaccount.com");
});
