import { assertEquals, assertNotMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../../lib/errors.ts";
import {
  googleKeychain,
  type GoogleKeychainOptions,
  googleOptions,
} from "../../lib/registries/google_keychain.ts";
import { AWS_AUDIENCE, FEDERATED_FILE, GOOGLE, KEY_FILE, USER_FILE } from "../fakes/google.ts";
import {
  type GoogleWorld,
  googleWorld,
  type GoogleWorldOptions,
  sharedMemory,
} from "../fakes/google_world.ts";

const WELL_KNOWN = "/home/me/.config/gcloud/application_default_credentials.json";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
const IMPERSONATION_URL =
  `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${GOOGLE.target}:generateAccessToken`;
const ENV = { GOOGLE_APPLICATION_CREDENTIALS: "/cred.json" };
const GCLOUD = {
  "/bin/gcloud": () => ({
    stdout: JSON.stringify({
      credential: {
        access_token: "ya29.GCLOUD-SECRET",
        id_token: "e30.e30.x",
        token_expiry: "2026-01-01T01:00:00Z",
      },
    }),
  }),
};

function withFile(file: unknown, more: GoogleWorldOptions = {}): GoogleWorldOptions {
  return {
    ...more,
    env: { ...ENV, ...more.env },
    files: { "/cred.json": file, "/token": `${GOOGLE.subjectToken}\n`, ...more.files },
  };
}

/** Does what a test says, then looks for secrets where none may be. */
function assertNoSecret(world: GoogleWorld, ...texts: readonly unknown[]): void {
  const all = [...world.trace, ...texts.map(String)].join("\n");
  assertNotMatch(all, /SECRET|ya29\.[^\[]|MII[A-Za-z0-9]|eyJ/);
}

interface Source {
  readonly name: string;
  readonly world: GoogleWorldOptions;
  readonly options?: GoogleKeychainOptions;
  readonly token: string;
  readonly detail: string;
  readonly calls: readonly string[];
}

const TOKEN_CALL = "POST oauth2.googleapis.com/token";
const STS_CALL = "POST sts.googleapis.com/v1/token";
const IMPERSONATE_CALL = "POST " + IMPERSONATION_URL.slice("https://".length);
const METADATA_CALL =
  "GET 169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token";

const awsSource = {
  environment_id: "aws1",
  region_url: "http://169.254.169.254/latest/meta-data/placement/availability-zone",
  url: "http://169.254.169.254/latest/meta-data/iam/security-credentials",
  regional_cred_verification_url:
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
  imdsv2_session_token_url: "http://169.254.169.254/latest/api/token",
};
const awsFile = {
  ...FEDERATED_FILE,
  audience: AWS_AUDIENCE,
  subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
  credential_source: awsSource,
};
const AWS_KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const executableFile = {
  ...FEDERATED_FILE,
  service_account_impersonation_url: IMPERSONATION_URL,
  credential_source: { executable: { command: 'issue-token --for "two words"' } },
};
const executableAnswer = {
  version: 1,
  success: true,
  token_type: "urn:ietf:params:oauth:token-type:id_token",
  id_token: GOOGLE.subjectToken,
  expiration_time: 1767229200,
};

const SOURCES: readonly Source[] = [
  {
    name: "a key file that the variable names",
    world: withFile(KEY_FILE),
    token: GOOGLE.saToken,
    detail: `service account ${GOOGLE.email} of /cred.json`,
    calls: [TOKEN_CALL],
  },
  {
    name: "a key file with a byte-order mark, without key id and token_uri",
    world: withFile(
      "\uFEFF" + JSON.stringify({ ...KEY_FILE, private_key_id: "", token_uri: undefined }),
    ),
    token: GOOGLE.saToken,
    detail: `service account ${GOOGLE.email} of /cred.json`,
    calls: [TOKEN_CALL],
  },
  {
    name: "a key file with the oldest token_uri",
    world: withFile({ ...KEY_FILE, token_uri: "https://accounts.google.com/o/oauth2/token" }),
    token: GOOGLE.saToken,
    detail: `service account ${GOOGLE.email} of /cred.json`,
    calls: ["POST accounts.google.com/o/oauth2/token"],
  },
  {
    name: "the file of gcloud",
    world: { files: { [WELL_KNOWN]: { ...USER_FILE, account: "me@example.com" } } },
    token: GOOGLE.userToken,
    detail: `user me@example.com of ${WELL_KNOWN}`,
    calls: [TOKEN_CALL],
  },
  {
    name: "the file of gcloud in the folder that CLOUDSDK_CONFIG names",
    world: {
      env: { CLOUDSDK_CONFIG: "/g" },
      files: { "/g/application_default_credentials.json": USER_FILE },
    },
    token: GOOGLE.userToken,
    detail: "user of /g/application_default_credentials.json",
    calls: [TOKEN_CALL],
  },
  {
    name: "the file of gcloud on Windows",
    world: {
      platform: "windows",
      env: { APPDATA: "C:\\A" },
      files: { "C:\\A\\gcloud\\application_default_credentials.json": USER_FILE },
    },
    token: GOOGLE.userToken,
    detail: "user of C:\\A\\gcloud\\application_default_credentials.json",
    calls: [TOKEN_CALL],
  },
  {
    name: "a federated token in a text file",
    world: withFile(FEDERATED_FILE),
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: [STS_CALL],
  },
  {
    name: "a federated token in a JSON file, at a regional endpoint",
    world: withFile({
      ...FEDERATED_FILE,
      token_url: "https://us-east1.sts.googleapis.com/v1/token",
      credential_source: {
        file: "/token.json",
        format: { type: "json", subject_token_field_name: "jwt" },
      },
    }, { files: { "/token.json": { jwt: GOOGLE.subjectToken } } }),
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: ["POST us-east1.sts.googleapis.com/v1/token"],
  },
  {
    name: "a federated token at a URL, with impersonation",
    world: withFile({
      ...FEDERATED_FILE,
      token_url: undefined,
      service_account_impersonation_url: IMPERSONATION_URL,
      service_account_impersonation: { token_lifetime_seconds: 1200 },
      credential_source: {
        url: "https://ci.example/subject",
        headers: { "X-CI": "HEADER-SECRET" },
      },
    }),
    token: GOOGLE.impersonatedToken,
    detail: `${GOOGLE.target}, by federated identity of /cred.json`,
    calls: ["GET ci.example/subject", STS_CALL, IMPERSONATE_CALL],
  },
  {
    name: "AWS keys in variables",
    world: withFile(awsFile, { env: { ...AWS_KEYS, AWS_REGION: "us-east-1" } }),
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: [STS_CALL],
  },
  {
    name: "the role of an EC2 instance",
    world: withFile(awsFile),
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: [
      "PUT 169.254.169.254/latest/api/token",
      "GET 169.254.169.254/latest/meta-data/placement/availability-zone",
      "GET 169.254.169.254/latest/meta-data/iam/security-credentials",
      "GET 169.254.169.254/latest/meta-data/iam/security-credentials/role",
      STS_CALL,
    ],
  },
  {
    name: "a program, if regauth's own file allows it",
    world: withFile(executableFile, {
      programs: { "/bin/issue-token": () => ({ stdout: JSON.stringify(executableAnswer) }) },
    }),
    options: { allowExecutables: true },
    token: GOOGLE.impersonatedToken,
    detail: `${GOOGLE.target}, by federated identity of /cred.json`,
    calls: [STS_CALL, IMPERSONATE_CALL],
  },
  {
    name: "what a program wrote into its output file before",
    world: withFile({
      ...FEDERATED_FILE,
      credential_source: { executable: { command: "/none", output_file: "/out.json" } },
    }, { files: { "/out.json": executableAnswer } }),
    options: { allowExecutables: true },
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: [STS_CALL],
  },
  {
    name: "a workforce pool with a project of the user",
    world: withFile({
      ...FEDERATED_FILE,
      audience: GOOGLE.workforce,
      workforce_pool_user_project: "p",
    }),
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: [STS_CALL],
  },
  {
    name: "a workforce pool with an OAuth client",
    world: withFile({
      ...FEDERATED_FILE,
      audience: GOOGLE.workforce,
      workforce_pool_user_project: "p",
      client_id: GOOGLE.clientId,
      client_secret: GOOGLE.clientSecret,
    }),
    token: GOOGLE.federatedToken,
    detail: "federated identity of /cred.json",
    calls: [STS_CALL],
  },
  {
    name: "the log-in of a workforce user",
    world: withFile({ ...USER_FILE, type: "external_account_authorized_user" }),
    token: GOOGLE.workforceToken,
    detail: "workforce user of /cred.json",
    calls: ["POST sts.googleapis.com/v1/oauthtoken"],
  },
  {
    name: "an impersonation by a user",
    world: withFile({
      type: "impersonated_service_account",
      service_account_impersonation_url: IMPERSONATION_URL,
      delegates: [],
      source_credentials: USER_FILE,
    }),
    token: GOOGLE.impersonatedToken,
    detail: `${GOOGLE.target}, by user of /cred.json`,
    calls: [TOKEN_CALL, IMPERSONATE_CALL],
  },
  {
    name: "an impersonation by a key",
    world: withFile({
      type: "impersonated_service_account",
      service_account_impersonation_url: IMPERSONATION_URL,
      source_credentials: KEY_FILE,
    }),
    token: GOOGLE.impersonatedToken,
    detail: `${GOOGLE.target}, by service account ${GOOGLE.email} of /cred.json`,
    calls: [TOKEN_CALL, IMPERSONATE_CALL],
  },
  {
    name: "an impersonation that regauth's own file wants",
    world: withFile(KEY_FILE),
    options: { impersonate: GOOGLE.target, selfSigned: true },
    token: GOOGLE.impersonatedToken,
    detail: `${GOOGLE.target}, by service account ${GOOGLE.email} of /cred.json`,
    calls: [TOKEN_CALL, IMPERSONATE_CALL],
  },
  {
    name: "a file that regauth's own file names",
    world: { ...withFile("broken"), files: { "/other.json": USER_FILE } },
    options: { credentialFile: "/other.json" },
    token: GOOGLE.userToken,
    detail: "user of /other.json",
    calls: [TOKEN_CALL],
  },
  {
    name: "a job of GitHub Actions",
    world: {
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: "https://pipelines.actions.example/token?api-version=2.0",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "GITHUB-SECRET",
      },
    },
    options: { audience: GOOGLE.provider, impersonate: GOOGLE.target },
    token: GOOGLE.impersonatedToken,
    detail: `${GOOGLE.target}, by federated identity of this job of GitHub Actions`,
    calls: ["GET pipelines.actions.example/token", STS_CALL, IMPERSONATE_CALL],
  },
  {
    name: "the metadata server",
    world: { onGoogle: true },
    token: GOOGLE.metadataToken,
    detail: "service account default of the metadata server",
    calls: ["GET 169.254.169.254/", METADATA_CALL],
  },
  {
    name: "the metadata server, named by a variable and not probed",
    world: { env: { GCE_METADATA_HOST: "metadata.example:8080" } },
    token: GOOGLE.metadataToken,
    detail: "service account default of the metadata server",
    calls: [
      "GET metadata.example:8080/computeMetadata/v1/instance/service-accounts/default/token",
    ],
  },
  {
    name: "another account of the metadata server",
    world: { onGoogle: true, env: { METADATA_SERVER_DETECTION: " Assume-Present " } },
    options: { serviceAccount: GOOGLE.email, scopes: [CLOUD_PLATFORM, "scope-2"] },
    token: GOOGLE.metadataToken,
    detail: `service account ${GOOGLE.email} of the metadata server`,
    calls: [
      "GET 169.254.169.254/computeMetadata/v1/instance/service-accounts/" +
      `${encodeURIComponent(GOOGLE.email)}/token`,
    ],
  },
  {
    name: "a metadata server that needs three attempts",
    world: {
      onGoogle: true,
      replies: {
        metadata: (request, call) => {
          const flavor = { headers: { "metadata-flavor": "Google" } };
          if (new URL(request.url).pathname === "/" || call > 4) return undefined;
          return call < 4
            ? new Response("", { status: 429, ...flavor })
            : Response.json({ access_token: "", expires_in: 0 }, flavor);
        },
      },
    },
    token: GOOGLE.metadataToken,
    detail: "service account default of the metadata server",
    calls: ["GET 169.254.169.254/", METADATA_CALL, METADATA_CALL, METADATA_CALL, METADATA_CALL],
  },
  {
    name: "gcloud",
    world: { programs: GCLOUD },
    token: "ya29.GCLOUD-SECRET",
    detail: "the account of gcloud",
    calls: [],
  },
  {
    name: "gcloud with an account, and warnings before its answer",
    world: {
      env: { NO_GCE_CHECK: "true" },
      files: {
        "/home/me/.config/gcloud/active_config": "work\n",
        "/home/me/.config/gcloud/configurations/config_work": "[core]\naccount = me@example.com\n",
      },
      programs: {
        "/bin/gcloud": () => ({
          stdout: "Python 3.8 is deprecated\n" + GCLOUD["/bin/gcloud"]().stdout,
        }),
      },
    },
    token: "ya29.GCLOUD-SECRET",
    detail: "the account me@example.com of gcloud",
    calls: [],
  },
  {
    name: "gcloud on Windows",
    world: {
      platform: "windows",
      env: { PATH: "C:\\sdk\\bin", APPDATA: "C:\\A", METADATA_SERVER_DETECTION: "none" },
      programs: { "C:\\sdk\\bin\\gcloud.cmd": GCLOUD["/bin/gcloud"] },
    },
    token: "ya29.GCLOUD-SECRET",
    detail: "the account of gcloud",
    calls: [],
  },
];

for (const { name, world: options, options: keychain, token, detail, calls } of SOURCES) {
  Deno.test(`googleKeychain() takes ${name}`, async () => {
    const world = googleWorld(options);
    const credential = await world.ask(keychain);
    assertEquals(credential?.username, "oauth2accesstoken");
    assertEquals(credential?.password?.reveal(), token);
    assertEquals(credential?.detail, detail);
    assertEquals(world.google.calls, calls);
    assertEquals(world.google.faults, []);
    assertNoSecret(world, credential?.detail);
  });
}

Deno.test("googleKeychain() signs a token itself if it is told to", async () => {
  const world = googleWorld(withFile(KEY_FILE));
  const credential = await world.ask({ selfSigned: true });
  const [, claims = ""] = credential?.password?.reveal().split(".") ?? [];
  assertEquals(JSON.parse(atob(claims)), {
    iss: GOOGLE.email,
    scope: "https://www.googleapis.com/auth/devstorage.read_write",
    exp: 1767229200,
    iat: 1767225600,
    sub: GOOGLE.email,
  });
  assertEquals(world.google.calls, []);
});

Deno.test("googleKeychain() gives gcloud exactly these arguments", async () => {
  const world = googleWorld({ programs: GCLOUD });
  await world.ask();
  assertEquals(world.io.runs.map(({ program, args }) => [program, ...args]), [
    ["/bin/gcloud", "config", "config-helper", "--force-auth-refresh", "--format=json(credential)"],
  ]);
});

Deno.test("googleKeychain() signs for AWS as others do", async () => {
  // Computed independently, and confirmed against golang.org/x/oauth2.
  const signatures = {
    "": "5926608f96f88da3ef9bac2dea6743124f749a8bc3815dede092d6764554aa9f",
    "TOKENEXAMPLE": "525fff5071d0c2e8120b2ab2fab2492676a31305a1159c8d327382bac79d5446",
  };
  for (const [session, signature] of Object.entries(signatures)) {
    const env = { ...AWS_KEYS, AWS_DEFAULT_REGION: "us-east-1", AWS_SESSION_TOKEN: session };
    const world = googleWorld(withFile(awsFile, { env }));
    await world.ask();
    const form = new URLSearchParams(await world.io.requests[0]?.text());
    const subject = decodeURIComponent(form.get("subject_token") ?? "");
    assertStringIncludes(subject, `Signature=${signature}`);
  }
});

Deno.test("googleKeychain() tells a program what it is for", async () => {
  const world = googleWorld(SOURCES.find(({ name }) => name.startsWith("a program"))?.world);
  await world.ask({ allowExecutables: true });
  const [run] = world.io.runs;
  assertEquals(run?.args, ["--for", "two words"]);
  assertEquals(run?.options.env, {
    GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: FEDERATED_FILE.audience,
    GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: FEDERATED_FILE.subject_token_type,
    GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: "0",
    GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL: GOOGLE.target,
  });
});

Deno.test("googleKeychain() gives a key file as it is", async () => {
  const world = googleWorld({ files: { "/key.json": KEY_FILE } });
  const text = JSON.stringify(KEY_FILE);
  const old = await world.ask({ jsonKey: "/key.json" }, "eu.gcr.io");
  assertEquals([old?.username, old?.password?.reveal()], ["_json_key", text]);
  const present = await world.ask({ jsonKey: "/key.json" });
  assertEquals([present?.username, atob(present?.password?.reveal() ?? "")], [
    "_json_key_base64",
    text,
  ]);
  assertEquals(world.google.calls, []);
});

Deno.test("googleKeychain() knows nothing where no identity is configured", async () => {
  const loggedOut = () => ({
    code: 1,
    stderr: "ERROR: (gcloud) You do not currently have an active account selected.",
  });
  const cases: readonly GoogleWorldOptions[] = [
    {},
    { env: { GOOGLE_APPLICATION_CREDENTIALS: "" } },
    { programs: { "/bin/gcloud": loggedOut } },
    { env: { CLOUDSDK_CONFIG: "/empty" }, files: { [WELL_KNOWN]: USER_FILE } },
    { env: { METADATA_SERVER_DETECTION: "bios-only" }, onGoogle: true },
    { onGoogle: true, replies: { metadata: () => new Response("<html>") } },
  ];
  for (const options of cases) {
    const world = googleWorld(options);
    assertEquals(await world.ask(), undefined);
    assertStringIncludes(world.trace.join("\n"), "GOOGLE_APPLICATION_CREDENTIALS is not set");
    assertStringIncludes(world.trace.join("\n"), "metadata server: ");
  }
});

Deno.test("googleKeychain() believes the firmware if it is told to", async () => {
  const world = googleWorld({
    env: { METADATA_SERVER_DETECTION: "bios-only" },
    files: { "/sys/class/dmi/id/product_name": "Google Compute Engine\n" },
    onGoogle: true,
  });
  assertEquals((await world.ask())?.password?.reveal(), GOOGLE.metadataToken);
  assertEquals(world.google.calls, [METADATA_CALL]);
});

Deno.test("googleKeychain() asks for a metadata server again where there should be one", async () => {
  const reset = (_: Request, call: number): undefined => {
    if (call < 3) throw new TypeError("x", { cause: new Error("connection reset") });
  };
  const cases: readonly (readonly [GoogleWorldOptions, number])[] = [
    [{}, 1],
    [{ files: { "/sys/class/dmi/id/product_name": "Google\n" } }, 2],
    [{ env: { GCE_METADATA_DETECT_RETRIES: "3", GCE_METADATA_TIMEOUT: "1" } }, 4],
  ];
  for (const [options, requests] of cases) {
    const world = googleWorld({ onGoogle: true, replies: { metadata: reset }, ...options });
    const credential = await world.ask();
    assertEquals([world.io.requests.length, credential !== undefined], [requests, requests === 4]);
  }
});

Deno.test("googleKeychain() asks metadata servers without a proxy", async () => {
  const env = { http_proxy: "http://proxy.example:3128" };
  const world = googleWorld({ onGoogle: true, env });
  await world.ask();
  assertEquals(world.io.clients, [{ direct: true }, { direct: true }]);
});

Deno.test("googleKeychain() remembers a token until five minutes before its end", async () => {
  const world = googleWorld(withFile(KEY_FILE));
  const { io, google } = world;
  const keychain = googleKeychain();
  const ask = () => keychain.resolve({ registry: "gcr.io" }, { io });
  await Promise.all(Array.from({ length: 20 }, ask));
  assertEquals(google.calls, [TOKEN_CALL]);
  io.setNow(new Date("2026-01-01T00:54:58Z"));
  await ask();
  assertEquals(google.calls.length, 1);
  io.setNow(new Date("2026-01-01T00:55:00Z"));
  await ask();
  assertEquals(google.calls.length, 2);
});

Deno.test("googleKeychain() shares tokens by way of a memory, by identity and scopes", async () => {
  const world = googleWorld(withFile(KEY_FILE));
  const memory = sharedMemory(world.io);
  await world.ask({ memory });
  await world.ask({ memory }, "eu.gcr.io");
  assertEquals(world.google.calls, [TOKEN_CALL]);
  await world.ask({ memory, scopes: ["other"] });
  assertEquals(world.google.calls.length, 2);
  await world.io.writePrivate("/cred.json", JSON.stringify({ ...KEY_FILE, project_id: "other" }));
  await world.ask({ memory });
  assertEquals(world.google.calls.length, 3);
  for (const text of memory.texts.values()) assertEquals(text, GOOGLE.saToken);
});

Deno.test("googleKeychain() asks no metadata server whose token it remembers", async () => {
  const world = googleWorld({ onGoogle: true });
  const memory = sharedMemory(world.io);
  await world.ask({ memory });
  await world.ask({ memory });
  assertEquals(world.google.calls, ["GET 169.254.169.254/", METADATA_CALL]);
});

Deno.test("googleKeychain() remembers for a minute that there is no metadata server", async () => {
  const world = googleWorld();
  const memory = sharedMemory(world.io);
  assertEquals(await world.ask({ memory }), undefined);
  assertEquals(await world.ask({ memory }), undefined);
  assertEquals(world.io.requests.length, 1);
  assertStringIncludes(
    world.trace.at(-2) ?? "",
    "metadata server: there was none less than a minute ago",
  );
  world.io.setNow(new Date("2026-01-01T00:01:01Z"));
  await world.ask({ memory });
  assertEquals(world.io.requests.length, 2);
});

Deno.test("googleKeychain() does not repeat a refused login for half a minute", async () => {
  const world = googleWorld(withFile({ ...USER_FILE, refresh_token: "1//OLD-SECRET" }));
  const memory = sharedMemory(world.io);
  for (const time of ["00:00:00", "00:00:29", "00:00:31"]) {
    world.io.setNow(new Date(`2026-01-01T${time}Z`));
    const error = await assertRejects(() => world.ask({ memory }), RegauthError);
    assertEquals(error.code, "google-invalid-grant");
    assertStringIncludes(error.hint ?? "", "gcloud auth application-default login");
  }
  assertEquals(world.google.calls.length, 2);
});

Deno.test("googleKeychain() uses a token of the metadata server that soon ends, and forgets it", async () => {
  const flavor = { headers: { "metadata-flavor": "Google" } };
  const world = googleWorld({
    env: { GCE_METADATA_HOST: "metadata.example:8080" },
    replies: { metadata: () => Response.json({ access_token: "T", expires_in: 100 }, flavor) },
  });
  const memory = sharedMemory(world.io);
  assertEquals((await world.ask({ memory }))?.expiresAt, new Date("2026-01-01T00:01:40Z"));
  assertEquals(memory.texts.size, 0);
});

Deno.test("googleKeychain() uses a token without an end once", async () => {
  const world = googleWorld(
    withFile(KEY_FILE, { replies: { token: () => Response.json({ access_token: "T" }) } }),
  );
  const memory = sharedMemory(world.io);
  const credential = await world.ask({ memory });
  assertEquals([credential?.password?.reveal(), credential?.expiresAt], ["T", undefined]);
  assertEquals(memory.texts.size, 0);
});

Deno.test("googleKeychain() reads seconds that are a text", async () => {
  const answer = { access_token: "T", expires_in: "3599", token_type: "bearer" };
  const world = googleWorld(
    withFile(KEY_FILE, { replies: { token: () => Response.json(answer) } }),
  );
  assertEquals((await world.ask())?.expiresAt, new Date("2026-01-01T00:59:59Z"));
});

Deno.test("googleKeychain() lets one process at a time ask gcloud", async () => {
  const world = googleWorld({ programs: GCLOUD });
  const names: string[] = [];
  const memory = {
    ...sharedMemory(world.io),
    exclusively: async <T>(name: string, action: () => Promise<T>): Promise<T> => {
      names.push(name);
      return await action();
    },
  };
  await world.ask({ memory });
  assertEquals(names, ["gcloud"]);
});

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  google: [
    "gcr.io",
    "us.gcr.io",
    "eu.gcr.io",
    "asia.gcr.io",
    "global.gcr.io",
    "staging-k8s.gcr.io",
    "k8s.gcr.io",
    "mirror.gcr.io",
    "marketplace.gcr.io",
    "us-docker.pkg.dev",
    "asia-docker.pkg.dev",
    "europe-docker.pkg.dev",
    "us-central1-docker.pkg.dev",
    "docker.us-east1.rep.pkg.dev",
    "us-npm.pkg.dev",
    "container.cloud.google.com",
    "GCR.IO",
    "Us-Docker.Pkg.Dev",
    "gcr.io:443",
    "gcr.io.",
    "https://gcr.io/v2/",
    " gcr.io ",
  ],
  nobody: [
    "gcr.io:5000",
    "us-docker.pkg.dev:8443",
    "notgcr.io",
    "fake-gcr.io",
    "alsonot.gcr.iot",
    "us-docker-pkg.dev",
    "someotherpkg.dev",
    "looks-like-pkg.dev",
    "closeto.pkg.devops",
    "index.docker.io",
    "gcr.io.evil.example",
    "us-docker.pkg.dev.evil.example",
    "evil.example/gcr.io",
    "gcr.io@evil.example",
    "evil.example#.gcr.io",
    "evil.example?.gcr.io",
    ".gcr.io",
    "a..gcr.io",
    "-docker.pkg.dev",
    "pkg.dev",
    "gcr.io..",
    "g\u0441r.io",
    "gcr\u3002io",
    "xn--gr-omc.io",
    "a.b.gcr.io",
    "127.0.0.1",
    "[::1]",
    "",
    "/",
    "https://",
    "www.google.com",
    "docker.us-east1.goog",
    "registry.s3ns.example",
  ],
};

for (const [owner, hosts] of Object.entries(HOSTS)) {
  Deno.test(`googleKeychain() and the hosts of ${owner}`, async () => {
    for (const host of hosts) {
      const world = googleWorld(withFile(KEY_FILE));
      const credential = await world.ask({}, host);
      assertEquals([host, credential?.password?.reveal()], [
        host,
        owner === "google" ? GOOGLE.saToken : undefined,
      ]);
      assertEquals(world.io.requests.length, owner === "google" ? 1 : 0);
    }
  });
}

Deno.test("googleKeychain() takes broad names only from somebody who names the host", async () => {
  const options = googleOptions({ hosts: "registry.s3ns.example" }, (path) => path);
  for (
    const [host, token] of [
      ["www.google.com", GOOGLE.saToken],
      ["docker.us-east1.goog", GOOGLE.saToken],
      ["registry.s3ns.example", GOOGLE.saToken],
      ["evilgoogle.com", undefined],
      ["docker.a.b.goog", undefined],
      ["other.s3ns.example", undefined],
    ] as const
  ) {
    const credential = await googleWorld(withFile(KEY_FILE)).ask(options, host);
    assertEquals([host, credential?.password?.reveal()], [host, token]);
  }
});

Deno.test("googleOptions() reads an entry of regauth's own file", () => {
  const options = googleOptions({
    source: "metadata",
    credentialFile: "key.json",
    scopes: "one two,three",
    selfSigned: true,
    trustedEndpoints: "127.0.0.1:8080",
  }, (path) => `/config/${path}`);
  assertEquals(JSON.parse(JSON.stringify(options)), {
    isNamed: true,
    source: "metadata",
    credentialFile: "/config/key.json",
    scopes: ["one", "two", "three"],
    selfSigned: true,
    allowExecutables: false,
    trustedEndpoints: ["127.0.0.1:8080"],
  });
});
