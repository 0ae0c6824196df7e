import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { AZURE, fakeAzure } from "../fakes/azure.ts";
import { serveCloud } from "../fakes/cloud_server.ts";
import { fakeGoogle, GOOGLE, KEY_FILE } from "../fakes/google.ts";

const now = (): Date => new Date();
const TOKENS = join(".cache", "regauth", "tokens.json");

async function modeOf(home: Sandbox, name: string): Promise<string> {
  const { mode } = await Deno.stat(join(home.home, name));
  return ((mode ?? 0) & 0o777).toString(8);
}

Deno.test("get finds a service account, and remembers its token on disk", async () => {
  await using home = await sandbox();
  const google = fakeGoogle({ now });
  await using server = await serveCloud(google.answer, ["oauth2.googleapis.com"], home.home);
  const file = join(home.home, "key.json");
  await Deno.writeTextFile(file, JSON.stringify(KEY_FILE));
  const env = { ...server.env, GOOGLE_APPLICATION_CREDENTIALS: file };
  for (let call = 0; call < 2; call++) {
    const { code, stdout, stderr } = await home.run(["get"], { stdin: "eu.gcr.io\n", env });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout), {
      ServerURL: "eu.gcr.io",
      Username: "oauth2accesstoken",
      Secret: GOOGLE.saToken,
    });
  }
  assertEquals(google.calls, ["POST oauth2.googleapis.com/token"]);
  assertEquals(google.faults, []);
  assertEquals([await modeOf(home, TOKENS), await modeOf(home, ".cache/regauth")], ["600", "700"]);
  const kept = await Deno.readTextFile(join(home.home, TOKENS));
  assertNotMatch(kept, /PRIVATE|assertion|eyJ|@/);
});

Deno.test("get reaches a metadata server past the proxy", async () => {
  await using home = await sandbox();
  const google = fakeGoogle({ now });
  const answer = async (request: Request): Promise<Response> =>
    await google.answer(
      new Request(request.url.replace(/127\.0\.0\.1:\d+/, "169.254.169.254"), request),
    );
  await using server = await serveCloud(answer, [], home.home);
  const { code, stdout } = await home.run(["get"], {
    stdin: "us-docker.pkg.dev",
    env: {
      GCE_METADATA_HOST: server.plainHost,
      HTTP_PROXY: "http://127.0.0.1:9",
      http_proxy: "http://127.0.0.1:9",
    },
  });
  assertEquals([code, JSON.parse(stdout).Secret], [0, GOOGLE.metadataToken]);
});

Deno.test("get finds an application of Azure, and remembers the registry's token", async () => {
  await using home = await sandbox();
  const azure = fakeAzure({ now });
  const names = ["login.microsoftonline.com", "contoso.azurecr.io"];
  await using server = await serveCloud(azure.answer, names, home.home);
  const env = {
    ...server.env,
    AZURE_TENANT_ID: AZURE.tenant,
    AZURE_CLIENT_ID: AZURE.client,
    AZURE_CLIENT_SECRET: AZURE.secret,
  };
  const answers = [];
  for (let call = 0; call < 2; call++) {
    const { code, stdout, stderr } = await home.run(["get"], {
      stdin: "https://contoso.azurecr.io",
      env,
    });
    assertEquals([code, stderr], [0, ""]);
    answers.push(JSON.parse(stdout));
  }
  const [first, second] = answers;
  assertEquals(first.Username, AZURE.nullGuid);
  assertEquals(second, first);
  assertEquals(azure.calls, [
    `POST login.microsoftonline.com/${AZURE.tenant}/oauth2/v2.0/token`,
    "POST contoso.azurecr.io/oauth2/exchange",
  ]);
  assertEquals(azure.faults, []);
  assertEquals(await modeOf(home, TOKENS), "600");
});

Deno.test("explain tells why an identity of a cloud was chosen, and no secret", async () => {
  await using home = await sandbox();
  const azure = fakeAzure({ now });
  const names = ["login.microsoftonline.com", "contoso.azurecr.io"];
  await using server = await serveCloud(azure.answer, names, home.home);
  const config = join(home.home, ".config", "regauth");
  await Deno.mkdir(config, { recursive: true });
  await Deno.writeTextFile(
    join(config, "config.json"),
    JSON.stringify({
      registries: {
        "*.azurecr.io": {
          keychain: "acr",
          tenantId: AZURE.tenant,
          clientId: AZURE.client,
          secretVariable: "MY_SECRET",
        },
      },
    }),
  );
  const env = { ...server.env, MY_SECRET: AZURE.secret };
  const { code, stdout, stderr } = await home.run(["explain", "contoso.azurecr.io/app"], { env });
  assertEquals(code, 0);
  assertStringIncludes(stdout, `application ${AZURE.client}, by its secret`);
  assertNotMatch(stdout + stderr, /EXAMPLE~|SECRET(?!_)|eyJ/);
});

Deno.test("get fails with the reason of the cloud on one line, and without the secret", async () => {
  await using home = await sandbox();
  const azure = fakeAzure({ now });
  await using server = await serveCloud(azure.answer, ["login.microsoftonline.com"], home.home);
  const { code, stdout } = await home.run(["get"], {
    stdin: "contoso.azurecr.io",
    env: {
      ...server.env,
      AZURE_TENANT_ID: AZURE.tenant,
      AZURE_CLIENT_ID: AZURE.client,
      AZURE_CLIENT_SECRET: "WRONG-SECRET",
    },
  });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "AADSTS7000215");
  assertEquals(stdout.trimEnd().split("\n").length, 1);
  assertNotMatch(stdout, /WRONG-SECRET/);
  const kept = await Deno.readTextFile(join(home.home, TOKENS));
  assertNotMatch(kept, /WRONG-SECRET/);
});

Deno.test("resolve says by its exit code that a cloud refused", async () => {
  await using home = await sandbox();
  const google = fakeGoogle({ now });
  await using server = await serveCloud(google.answer, ["oauth2.googleapis.com"], home.home);
  const file = join(home.home, "key.json");
  await Deno.writeTextFile(file, JSON.stringify({ ...KEY_FILE, client_email: "gone@x.example" }));
  const { code, stderr } = await home.run(["resolve", "gcr.io/p/i", "--keychains", "google"], {
    env: { ...server.env, GOOGLE_APPLICATION_CREDENTIALS: file },
  });
  assertEquals(code, 4);
  assertStringIncludes(stderr, "account not found");
});
