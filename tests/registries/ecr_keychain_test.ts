import { assertEquals, assertStringIncludes } from "@std/assert";
import { explain, resolve } from "../../lib/resolve.ts";
import { ecrKeychain } from "../../lib/registries/ecr_keychain.ts";
import { tokenStorePath } from "../../lib/token_store.ts";
import { type AwsWorld, awsWorld, type AwsWorldOptions, envKey, HOST } from "../fakes/aws_world.ts";

const USER = "arn:aws:iam::123456789012:user/akidexample";
const HOUR = 3_600_000;

function withKey(options: AwsWorldOptions = {}): AwsWorld {
  const world = awsWorld(options);
  envKey(world);
  return world;
}

Deno.test("ecr answers with the password of whoever has the keys", async () => {
  const world = withKey();
  const found = await world.ask();
  assertEquals(found?.username, "AWS");
  assertEquals(found?.expiresAt, new Date("2026-01-02T15:04:05.123Z"));
  assertEquals(found?.detail, "AWS keys from the environment");
  assertEquals(await world.owner(), USER);
  const [call] = world.aws.log;
  assertEquals([call?.host, call?.region], ["api.ecr.eu-west-1.amazonaws.com", "eu-west-1"]);
  assertEquals(call?.body, "{}");
  assertStringIncludes(call?.agent ?? "", "regauth/");
});

Deno.test("the registry takes the password, until it has expired", async () => {
  const world = withKey();
  const found = await world.ask();
  const authorization = `Basic ${btoa(`AWS:${found?.password?.reveal()}`)}`;
  const ping = async (): Promise<number> =>
    (await world.io.fetch(`https://${HOST}/v2/`, { headers: { authorization } })).status;
  assertEquals(await ping(), 200);
  world.pass(12 * HOUR + 1000);
  assertEquals(await ping(), 403);
});

Deno.test("ecr knows nothing of other hosts, and asks nobody", async () => {
  const world = withKey();
  for (const host of ["reg.example", `${HOST}.evil.example`, "gallery.ecr.aws", "api.ecr.aws"]) {
    assertEquals(await world.ask({}, host), undefined);
  }
  assertEquals(world.aws.log, []);
});

for (
  const [registry, api, region, env] of [
    [HOST, "api.ecr.eu-west-1.amazonaws.com", "eu-west-1"],
    [
      "123456789012.dkr.ecr-fips.us-east-2.amazonaws.com",
      "api.ecr-fips.us-east-2.amazonaws.com",
      "us-east-2",
    ],
    ["123456789012.dkr-ecr.us-west-2.on.aws", "ecr.us-west-2.api.aws", "us-west-2"],
    [
      "123456789012.dkr-ecr-fips.us-gov-east-1.on.aws",
      "ecr-fips.us-gov-east-1.api.aws",
      "us-gov-east-1",
    ],
    [
      "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
      "api.ecr.cn-north-1.amazonaws.com.cn",
      "cn-north-1",
    ],
    [
      "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
      "ecr.cn-north-1.api.amazonwebservices.com.cn",
      "cn-north-1",
    ],
    [
      "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
      "api.ecr.eusc-de-east-1.amazonaws.eu",
      "eusc-de-east-1",
    ],
    [
      "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
      "api.ecr.us-isob-east-1.sc2s.sgov.gov",
      "us-isob-east-1",
    ],
    ["public.ecr.aws", "api.ecr-public.us-east-1.amazonaws.com", "us-east-1"],
    ["ecr-public.aws.com", "ecr-public.us-east-1.api.aws", "us-east-1"],
    [
      HOST,
      "api.ecr-fips.eu-west-1.amazonaws.com",
      "eu-west-1",
      { AWS_USE_FIPS_ENDPOINT: "TRUE" },
    ],
    [HOST, "ecr.eu-west-1.api.aws", "eu-west-1", { AWS_USE_DUALSTACK_ENDPOINT: "true" }],
    [
      "public.ecr.aws",
      "api.ecr-public-fips.us-east-1.api.aws",
      "us-east-1",
      { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" },
    ],
  ] satisfies [string, string, string, Record<string, string>?][]
) {
  Deno.test(`ecr asks ${api} for ${registry}${env ? ` with ${Object.keys(env)}` : ""}`, async () => {
    const world = withKey({ env: { ...env, AWS_REGION: "ap-south-1" } });
    assertEquals((await world.ask({}, registry))?.username, "AWS");
    assertEquals(world.aws.log.map(({ host, region }) => [host, region]), [[api, region]]);
  });
}

Deno.test("ecr tries the other FIPS name if nobody knows the first one", async () => {
  const world = withKey({ unknown: /^api\.ecr-fips/ });
  await world.ask({}, "123456789012.dkr.ecr-fips.us-east-2.amazonaws.com");
  assertEquals(world.aws.log.map(({ host }) => host), ["ecr-fips.us-east-2.amazonaws.com"]);
});

for (
  const [what, options, env, files, url] of [
    [
      "the option",
      { endpoint: "https://vpce.example/a" },
      {
        AWS_ENDPOINT_URL_ECR: "https://b.example",
      },
      "",
      "https://vpce.example/a",
    ],
    [
      "AWS_ENDPOINT_URL_ECR",
      {},
      {
        AWS_ENDPOINT_URL_ECR: "https://proxy.example/aws/ecr",
        AWS_ENDPOINT_URL: "https://b.example",
      },
      "",
      "https://proxy.example/aws/ecr",
    ],
    [
      "AWS_ENDPOINT_URL",
      {},
      { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" },
      "",
      "http://127.0.0.1:4566/",
    ],
    [
      "services of the profile",
      {},
      {},
      "[default]\nservices = s\nendpoint_url = https://b.example\n[services s]\necr =\n  endpoint_url = https://c.example\n",
      "https://c.example/",
    ],
    [
      "endpoint_url of the profile",
      {},
      {},
      "[default]\nendpoint_url = https://b.example\n",
      "https://b.example/",
    ],
    [
      "nothing, if it is switched off",
      {},
      { AWS_ENDPOINT_URL_ECR: "https://b.example", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "True" },
      "",
      "https://api.ecr.eu-west-1.amazonaws.com/",
    ],
    [
      "nothing, if it is empty",
      {},
      { AWS_ENDPOINT_URL_ECR: "" },
      "",
      "https://api.ecr.eu-west-1.amazonaws.com/",
    ],
  ] satisfies [string, { endpoint?: string }, Record<string, string>, string, string][]
) {
  Deno.test(`ecr asks where ${what} says`, async () => {
    const world = withKey({ env, files: { "/home/me/.aws/config": files } });
    await world.ask(options);
    assertEquals(world.io.requests.map((request) => request.url), [url]);
    assertEquals(world.aws.log[0]?.region, "eu-west-1");
  });
}

Deno.test("ecr sends no keys over plain http, and takes no contradictory endpoints", async () => {
  for (
    const [env, wanted] of [
      [{ AWS_ENDPOINT_URL: "http://localstack:4566" }, "localstack:4566 would see credentials"],
      [{ AWS_ENDPOINT_URL: "ftp://a" }, "it is no URL"],
      [{ AWS_ENDPOINT_URL_ECR: "https://a.example", AWS_USE_FIPS_ENDPOINT: "true" }, "FIPS"],
      [
        { AWS_ENDPOINT_URL_ECR: "https://a.example", AWS_USE_DUALSTACK_ENDPOINT: "true" },
        "dual-stack",
      ],
      [{ AWS_USE_FIPS_ENDPOINT: "yes" }, "neither true nor false"],
    ] satisfies [Record<string, string>, string][]
  ) {
    const world = withKey({ env });
    const { code, message } = await world.fault();
    assertEquals(code, "invalid-environment");
    assertStringIncludes(message, wanted);
    assertEquals(world.aws.log, []);
  }
});

Deno.test("ECR Public without AWS keys is nobody's business", async () => {
  const world = awsWorld();
  assertEquals(await world.ask({}, "public.ecr.aws"), undefined);
  assertEquals(world.aws.log, []);
  assertEquals(world.trace.at(-1), "ECR Public can be read without a login");
});

Deno.test("a private registry without AWS keys fails, and says what was tried", async () => {
  const { code, message, hint } = await awsWorld().fault();
  assertEquals(code, "no-credential");
  for (
    const step of [
      "variables: AWS_ACCESS_KEY_ID is not set",
      "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
      'profile: the AWS files hold no "default"',
      "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set",
      "EC2 instance: ",
    ]
  ) {
    assertStringIncludes(message, step);
  }
  assertStringIncludes(hint, "AWS_PROFILE");
});

Deno.test("a login is remembered for half of its life, across keychains", async () => {
  const world = withKey();
  const first = await world.ask();
  world.pass(6 * HOUR - 1000);
  assertEquals((await world.ask())?.password?.reveal(), first?.password?.reveal());
  assertEquals((await world.ask())?.expiresAt, first?.expiresAt);
  assertEquals(world.aws.log.length, 1);
  world.pass(2000);
  const second = await world.ask();
  assertEquals(second?.password?.reveal() === first?.password?.reveal(), false);
  assertEquals(world.aws.log.length, 2);
  const file = world.io.files.get(tokenStorePath(world.io) ?? "");
  assertEquals(file?.mode, 0o600);
  assertEquals(file?.text.includes("AKIDEXAMPLE"), false);
});

Deno.test("a remembered login is never that of another identity, region, service or endpoint", async () => {
  const world = withKey();
  const hosts = [HOST, HOST.replace("eu-west-1", "eu-west-2"), "public.ecr.aws"];
  for (const host of hosts) await world.ask({}, host);
  await world.ask({ endpoint: "https://vpce.example" });
  envKey(world, "AKIDOTHER");
  for (const host of hosts) {
    assertEquals(await world.owner({}, host), "arn:aws:iam::123456789012:user/akidother");
  }
  assertEquals(world.aws.log.length, 7);
  // All registries of a region take the same one.
  await world.ask({}, HOST.replace("123456789012", "210987654321"));
  await world.ask({}, `${HOST}:8443`);
  assertEquals(world.aws.log.length, 7);
});

Deno.test("AWS_ECR_DISABLE_CACHE keeps logins out of memory and files", async () => {
  const world = withKey({ env: { AWS_ECR_DISABLE_CACHE: "false" } });
  await world.ask();
  await world.ask();
  assertEquals(world.aws.log.length, 2);
  assertEquals([...world.io.files.keys()], []);
});

Deno.test("an older login serves while there is no new one, but not in its last minutes", async () => {
  const world = withKey();
  const first = await world.ask();
  world.pass(7 * HOUR);
  world.aws.faults.push(...Array(3).fill(() => ({ status: 500 })));
  assertEquals((await world.ask())?.password?.reveal(), first?.password?.reveal());
  assertStringIncludes(world.trace.at(-1) ?? "", "An older login serves");
  world.pass(5 * HOUR - 299_000);
  world.aws.faults.push(...Array(3).fill(() => ({ status: 500 })));
  assertEquals((await world.fault()).code, "network");
});

Deno.test("50 questions at once are one call", async () => {
  const world = withKey();
  const keychain = world.keychain();
  const { io } = world;
  const found = await Promise.all(
    Array.from({ length: 50 }, () => keychain.resolve({ registry: HOST }, { io })),
  );
  assertEquals(new Set(found.map((one) => one?.password?.reveal())).size, 1);
  // Keychains of their own share the file.
  await Promise.all(Array.from({ length: 50 }, () => world.ask({}, "public.ecr.aws")));
  assertEquals(world.aws.actions(), [
    "ECR GetAuthorizationToken",
    "ECR Public GetAuthorizationToken",
  ]);
});

Deno.test("a failed question is not remembered", async () => {
  const world = withKey();
  world.aws.faults.push(() => ({ status: 400, body: '{"__type":"InvalidParameterException"}' }));
  const keychain = world.keychain();
  const { io } = world;
  await keychain.resolve({ registry: HOST }, { io }).catch(() => {});
  assertEquals((await keychain.resolve({ registry: HOST }, { io }))?.username, "AWS");
});

for (
  const [what, body, code, wanted] of [
    ["no data", "{}", "ecr-empty-response", "it holds no token"],
    ["an empty list", '{"authorizationData":[]}', "ecr-empty-response", "it holds no token"],
    ["no token", '{"authorizationData":[{"expiresAt":1}]}', "ecr-empty-response", "no token"],
    [
      "no base64",
      '{"authorizationData":[{"authorizationToken":"s3cret%"}]}',
      "network",
      "not base64",
    ],
    [
      "no colon",
      `{"authorizationData":[{"authorizationToken":"${btoa("s3cret")}"}]}`,
      "network",
      "not base64 of a name and a password",
    ],
    ["a web page", "<html>s3cret</html>", "network", "sends no JSON object (text/html)"],
    ["a list", "[]", "network", "sends no JSON object"],
  ] as const
) {
  Deno.test(`an answer with ${what} is an error, which does not repeat it`, async () => {
    const world = withKey();
    world.aws.faults.push(() => ({ status: 200, headers: { "content-type": "text/html" }, body }));
    const fault = await world.fault();
    assertEquals(fault.code, code);
    assertStringIncludes(fault.message, wanted);
    assertStringIncludes(fault.message, "api.ecr.eu-west-1.amazonaws.com");
    assertEquals(/s3cret/.test(fault.message + fault.hint), false);
  });
}

for (
  const [what, entry, warned] of [
    ["without end", {}, 0],
    ["with its end as text", { expiresAt: "2026-01-02T15:04:05Z" }, 0],
    ["that has ended already", { expiresAt: 1_700_000_000 }, 1],
  ] satisfies [string, Record<string, unknown>, number][]
) {
  Deno.test(`a login ${what} is used once`, async () => {
    const world = withKey();
    const token = { authorizationToken: btoa("AWS:a:b"), ...entry };
    world.aws.faults.push(() => ({
      status: 200,
      body: JSON.stringify({ extra: 1, authorizationData: [{}, token] }),
    }));
    assertEquals((await world.ask())?.password?.reveal(), "a:b");
    assertEquals(world.warnings.length, warned);
    await world.ask();
    assertEquals(world.aws.log.length, 2);
  });
}

Deno.test("ecr keeps to its contract without options and home folder", async () => {
  const world = withKey({ env: { HOME: "" } });
  const found = await ecrKeychain().resolve({ registry: HOST }, { io: world.io });
  assertEquals(found?.username, "AWS");
  assertEquals([...world.io.files.keys()], []);
});

Deno.test("ecr is active where regauth is the credential helper of the host", async () => {
  const world = withKey();
  const { io } = world;
  assertEquals((await resolve(HOST, { io, asHelper: "regauth" })).keychain, "ecr");
  assertEquals((await resolve(HOST, { io })).kind, "none");
  assertEquals((await resolve("reg.example", { io, asHelper: "regauth" })).kind, "none");
  world.io.variables.set("IMGPKG_ACTIVE_KEYCHAINS", "ecr");
  assertEquals((await resolve(`${HOST}/team/app:v1`, { io })).keychain, "ecr");
});

Deno.test("an entry of regauth's own file chooses profile, role and endpoint for its hosts", async () => {
  const role = "arn:aws:iam::123456789012:role/pull";
  const config = {
    registries: {
      "*.dkr.ecr.eu-*.amazonaws.com": { keychain: "ecr", profile: "prod" },
      "*.dkr.ecr.us-*.amazonaws.com": {
        keychain: "ecr",
        roleArn: role,
        externalId: "partner-7",
        region: "us-west-2",
        duration: 1800,
        endpoint: "https://vpce-1.ecr.example",
      },
    },
  };
  const world = withKey({
    env: { REGAUTH_CONFIG: "/c.json" },
    files: {
      "/c.json": JSON.stringify(config),
      "/home/me/.aws/credentials": "[prod]\naws_access_key_id = AKIDPROD\n" +
        "aws_secret_access_key = secret-of-AKIDPROD\n",
    },
  });
  const { io, aws } = world;
  aws.add({ accessKeyId: "AKIDPROD" });
  aws.roles.set(role, { trusted: [USER], externalId: "partner-7" });
  const owner = async (host: string): Promise<string | undefined> => {
    const { credential } = await resolve(host, { io });
    return aws.passwords.get(credential?.password?.reveal() ?? "")?.arn;
  };
  assertEquals(await owner(HOST), "arn:aws:iam::123456789012:user/akidprod");
  assertStringIncludes(
    await owner(HOST.replace("eu-west-1", "us-east-1")) ?? "",
    "arn:aws:sts::123456789012:assumed-role/pull/regauth-",
  );
  const [, sts, ecr] = aws.log;
  assertEquals([sts?.host, ecr?.host], ["sts.us-west-2.amazonaws.com", "vpce-1.ecr.example"]);
  assertEquals(new URLSearchParams(sts?.body).get("DurationSeconds"), "1800");
  assertEquals(ecr?.region, "us-east-1");
});

Deno.test("explain tells which source of the chain answered, and why the others did not", async () => {
  const world = withKey({ env: { IMGPKG_ACTIVE_KEYCHAINS: "ecr", AWS_ACCESS_KEY_ID: "" } });
  const { io } = world;
  io.variables.delete("AWS_ACCESS_KEY_ID");
  io.variables.delete("AWS_SECRET_ACCESS_KEY");
  await io.writePrivate(
    "/home/me/.aws/credentials",
    "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n",
  );
  const { steps } = await explain(HOST, { io });
  const step = steps.find(({ keychain }) => keychain === "ecr");
  assertEquals(step?.outcome, "matched");
  assertEquals(step?.reasons.slice(0, 3), [
    "variables: AWS_ACCESS_KEY_ID is not set",
    "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
    'AWS keys come from profile "default"',
  ]);
});

Deno.test("docker-env takes the variables of the registry's own account", async () => {
  const world = awsWorld();
  const { io, aws } = world;
  const { secret } = aws.add({ accessKeyId: "AKIDACCOUNT" });
  aws.roles.set("arn:aws:iam::123456789012:role/pull", {});
  io.variables.set("AWS_ACCESS_KEY_ID_123456789012", "AKIDACCOUNT");
  io.variables.set("AWS_SECRET_ACCESS_KEY_123456789012", secret);
  io.variables.set("AWS_ACCESS_KEY_ID", "AKIDOTHER");
  io.variables.set("AWS_SECRET_ACCESS_KEY", "other");
  const keychains = ["docker-env"];
  const { credential } = await resolve(HOST, { io, keychains });
  const owner = aws.passwords.get(credential?.password?.reveal() ?? "")?.arn;
  assertEquals(owner, "arn:aws:iam::123456789012:user/akidaccount");
  io.variables.set("AWS_ROLE_ARN_123456789012", "arn:aws:iam::123456789012:role/pull");
  await resolve(HOST, { io, keychains });
  assertEquals(aws.actions().includes("STS AssumeRole"), true);
});
