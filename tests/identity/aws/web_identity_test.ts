import { assertEquals, assertStringIncludes } from "@std/assert";
import { type AwsWorld, awsWorld, type AwsWorldOptions, HOST } from "../../fakes/aws_world.ts";

const ROLE = "arn:aws:iam::123456789012:role/pod";
const ENV = { AWS_WEB_IDENTITY_TOKEN_FILE: "/var/token", AWS_ROLE_ARN: ROLE };

function world(options: AwsWorldOptions = {}, token = "web-token\n"): AwsWorld {
  const made = awsWorld({
    ...options,
    env: { ...ENV, ...options.env },
    files: { "/var/token": token, ...options.files },
  });
  made.aws.webTokens.set("web-token", ROLE);
  return made;
}

Deno.test("a web identity gets its role without any keys, by a request that is not signed", async () => {
  const made = world();
  assertEquals(
    await made.owner(),
    "arn:aws:sts::123456789012:assumed-role/pod/regauth-1767323045",
  );
  const [call] = made.aws.log;
  assertEquals([call?.host, call?.by], ["sts.eu-west-1.amazonaws.com", ""]);
  assertEquals(Object.fromEntries(new URLSearchParams(call?.body)), {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: "regauth-1767323045",
    DurationSeconds: "3600",
    WebIdentityToken: "web-token",
  });
});

Deno.test("a web identity is described without a request, so that its login is remembered", async () => {
  const made = world();
  await made.ask();
  made.io.files.set("/var/token", { text: "rotated", mode: 0o600, modified: made.io.now() });
  await made.ask();
  assertEquals(made.aws.log.length, 2);
  made.pass(7 * 3_600_000);
  made.aws.webTokens.set("rotated", ROLE);
  assertStringIncludes(await made.owner() ?? "", "assumed-role/pod");
  assertEquals(new URLSearchParams(made.aws.log[2]?.body).get("WebIdentityToken"), "rotated");
});

Deno.test("a profile may name a web identity", async () => {
  const config = `[profile p]\nrole_arn=${ROLE}\nweb_identity_token_file=/var/token\n` +
    "role_session_name=me\nduration_seconds=900\nregion=us-west-2\n";
  const made = world({
    env: { AWS_WEB_IDENTITY_TOKEN_FILE: "", AWS_PROFILE: "p" },
    files: { "/home/me/.aws/config": config },
  });
  assertEquals(await made.owner(), "arn:aws:sts::123456789012:assumed-role/pod/me");
  const [call] = made.aws.log;
  assertEquals(call?.host, "sts.us-west-2.amazonaws.com");
  assertEquals(new URLSearchParams(call?.body).get("DurationSeconds"), "900");
});

for (
  const [what, options, token, code, message, hint] of [
    [
      "no role",
      { env: { AWS_ROLE_ARN: "" } },
      "t",
      "incomplete-credential",
      "AWS_ROLE_ARN is not set",
      "Set AWS_ROLE_ARN",
    ],
    [
      "an empty file",
      {},
      "\n",
      "config-io",
      'token file "/var/token": it is empty',
      "Check the path",
    ],
    [
      "a huge file",
      {},
      "x".repeat(20_001),
      "config-io",
      "it is too long for a token",
      "Check the path",
    ],
    [
      "no file",
      { env: { AWS_WEB_IDENTITY_TOKEN_FILE: "/missing" } },
      "t",
      "config-io",
      'token file "/missing": it does not exist',
      "Check the path",
    ],
    [
      "a role that is none",
      { env: { AWS_ROLE_ARN: "pod" } },
      "t",
      "config-type",
      "role_arn is none that AWS accepts",
      "Copy it again",
    ],
    [
      "a token that the role does not trust",
      { env: { AWS_ROLE_ARN: `${ROLE}-other` } },
      "web-token",
      "refused",
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      `The role ${ROLE}-other must trust the issuer, audience and subject of the token.`,
    ],
    [
      "a token of an unknown issuer",
      {},
      "unknown-token",
      "refused",
      "InvalidIdentityToken: No OpenIDConnect provider found",
      "See what AWS says",
    ],
  ] satisfies [string, AwsWorldOptions, string, string, string, string][]
) {
  Deno.test(`a web identity with ${what} fails`, async () => {
    const made = world(options, token);
    const fault = await made.fault();
    assertEquals(fault.code, code);
    assertStringIncludes(fault.message, message);
    assertStringIncludes(fault.hint, hint);
    assertEquals(/web-token|unknown-token/.test(made.trace.join() + fault.message), false);
  });
}

Deno.test("a token file that only root may read names the cure for pods", async () => {
  const made = world();
  made.io.files.set("/var/token", { text: "web-token", mode: 0o200, modified: made.io.now() });
  const { code, message, hint } = await made.fault();
  assertEquals(code, "config-io");
  assertStringIncludes(message, "permission denied");
  assertStringIncludes(hint, "fsGroup");
});

Deno.test("two refusals of an identity provider that is not there yet are waited for", async () => {
  const made = world();
  const refuse = () => ({
    status: 400,
    body: "<ErrorResponse><Error><Code>IDPCommunicationError</Code></Error></ErrorResponse>",
  });
  made.aws.faults.push(refuse, refuse);
  assertStringIncludes(await made.owner() ?? "", "assumed-role/pod");
  assertEquals(made.io.sleeps.length, 2);
});

for (
  const [what, env, host, wanted] of [
    ["AWS_REGION", { AWS_REGION: "us-east-2" }, HOST, "sts.us-east-2.amazonaws.com"],
    [
      "AWS_DEFAULT_REGION",
      { AWS_DEFAULT_REGION: "us-east-2" },
      HOST,
      "sts.us-east-2.amazonaws.com",
    ],
    ["the registry, if nothing else says", {}, HOST, "sts.eu-west-1.amazonaws.com"],
    [
      "the registry, if the other one is in another partition",
      { AWS_REGION: "us-east-2" },
      "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
      "sts.cn-north-1.amazonaws.com.cn",
    ],
    ["the old global service", { AWS_REGION: "aws-global" }, HOST, "sts.amazonaws.com"],
    [
      "the old global service, if it is wanted",
      { AWS_STS_REGIONAL_ENDPOINTS: "legacy" },
      HOST,
      "sts.amazonaws.com",
    ],
    [
      "its own region, which the old service never had",
      { AWS_STS_REGIONAL_ENDPOINTS: "legacy", AWS_REGION: "eu-south-2" },
      HOST,
      "sts.eu-south-2.amazonaws.com",
    ],
    [
      "FIPS",
      { AWS_USE_FIPS_ENDPOINT: "true", AWS_REGION: "us-east-2" },
      HOST,
      "sts-fips.us-east-2.amazonaws.com",
    ],
    [
      "FIPS of GovCloud",
      { AWS_USE_FIPS_ENDPOINT: "true" },
      "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
      "sts.us-gov-west-1.amazonaws.com",
    ],
    ["dual-stack", { AWS_USE_DUALSTACK_ENDPOINT: "true" }, HOST, "sts.eu-west-1.api.aws"],
    ["AWS_ENDPOINT_URL_STS", { AWS_ENDPOINT_URL_STS: "https://sts.example" }, HOST, "sts.example"],
  ] satisfies [string, Record<string, string>, string, string][]
) {
  Deno.test(`the token service is that of ${what}`, async () => {
    const made = world({ env });
    await made.ask({}, host);
    assertEquals(made.aws.log[0]?.host, wanted);
  });
}

Deno.test("an unknown kind of token service is a warning, and a region that is none an error", async () => {
  const made = world({ env: { AWS_STS_REGIONAL_ENDPOINTS: "s3cret" } });
  await made.ask();
  assertEquals(made.warnings.length, 1);
  assertEquals(made.aws.log[0]?.host, "sts.eu-west-1.amazonaws.com");
  const { code, message } = await world({ env: { AWS_REGION: "evil.example/" } }).fault();
  assertEquals([code, message], [
    "config-type",
    'Cannot use the region "evil.example/": it is none of AWS',
  ]);
});
