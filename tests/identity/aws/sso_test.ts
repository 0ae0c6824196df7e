import { assertEquals, assertStringIncludes } from "@std/assert";
import { ssoTokenPath } from "../../../lib/identity/aws/sso_token.ts";
import { type AwsWorld, awsWorld, type AwsWorldOptions } from "../../fakes/aws_world.ts";

const START = "https://d-1234567890.awsapps.com/start";
const SESSION_FILE = "/home/me/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const LEGACY_FILE = "/home/me/.aws/sso/cache/7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json";
const OWNER = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev/jane";
const RENEWAL = "Run: aws sso login --profile dev";

const SESSION = `[profile dev]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Dev
[sso-session my-sso]
sso_start_url = ${START}
sso_region = us-east-2
`;
const LEGACY = `[profile dev]
sso_start_url = ${START}
sso_region = us-east-2
sso_account_id = 123456789012
sso_role_name = Dev
`;

/** A world where Jane logged in some time ago. */
function world(
  config: string,
  path: string,
  token: Record<string, unknown> = {},
  options: AwsWorldOptions = {},
): AwsWorld {
  const file = {
    startUrl: START,
    region: "us-east-2",
    accessToken: "access-token",
    expiresAt: "2026-01-02T11:04:05Z",
    clientId: "client",
    clientSecret: "client-secret",
    registrationExpiresAt: "2026-03-01T00:00:00Z",
    refreshToken: "refresh-token",
    unknown: [1],
    ...token,
  };
  const made = awsWorld({
    ...options,
    env: { AWS_PROFILE: "dev", ...options.env },
    files: { "/home/me/.aws/config": config, [path]: JSON.stringify(file) },
  });
  const { aws } = made;
  aws.sso.set("access-token", new Date(file.expiresAt.replace("UTC", "Z")));
  aws.ssoRoles.set("123456789012/Dev", {
    accessKeyId: "ASIASSO",
    secret: "sso-secret",
    arn: OWNER,
    account: "123456789012",
  });
  aws.refreshTokens.set("refresh-token", {
    clientId: "client",
    clientSecret: "client-secret",
    registrationExpiresAt: new Date("2026-03-01"),
    startUrl: START,
  });
  return made;
}

for (
  const [form, config, path] of [["session", SESSION, SESSION_FILE], [
    "older",
    LEGACY,
    LEGACY_FILE,
  ]] as const
) {
  Deno.test(`Identity Center gives keys of a role to who is logged in: ${form} form`, async () => {
    const made = world(config, path);
    const found = await made.ask();
    assertEquals(made.aws.passwords.get(found?.password?.reveal() ?? "")?.arn, OWNER);
    assertEquals(found?.detail, 'AWS keys from profile "dev" (IAM Identity Center)');
    const [call] = made.aws.log;
    assertEquals([call?.host, call?.by], ["portal.sso.us-east-2.amazonaws.com", ""]);
    assertEquals(
      made.io.requests[0]?.url.replace(/.*\?/, ""),
      "role_name=Dev&account_id=123456789012",
    );
  });

  Deno.test(`a login of Identity Center is remembered by its role, even when the log-in is over: ${form} form`, async () => {
    const made = world(config, path);
    const first = await made.ask();
    made.io.files.delete(path);
    assertEquals((await made.ask())?.password?.reveal(), first?.password?.reveal());
    assertEquals(made.aws.log.length, 2);
  });

  Deno.test(`nobody is logged in: ${form} form`, async () => {
    const made = world(config, path);
    made.io.files.delete(path);
    const { code, message, hint } = await made.fault();
    assertEquals([code, hint], ["aws-sso-login", RENEWAL]);
    assertStringIncludes(message, "nobody is logged in");
  });
}

Deno.test("ssoTokenPath() hashes the session, or the start page exactly as it is written", async () => {
  const { io } = awsWorld();
  assertEquals(await ssoTokenPath(io, "my-sso"), SESSION_FILE);
  assertEquals(await ssoTokenPath(io, START), LEGACY_FILE);
});

Deno.test("a log-in in its last five minutes is renewed, and written back with all that it held", async () => {
  const made = world(SESSION, SESSION_FILE, { expiresAt: "2026-01-02T03:09:00Z" });
  assertEquals(await made.owner(), OWNER);
  assertEquals(made.aws.log[0]?.host, "oidc.us-east-2.amazonaws.com");
  const file = made.io.files.get(SESSION_FILE);
  const { accessToken, refreshToken, ...rest } = JSON.parse(file?.text ?? "{}");
  assertEquals(rest, {
    startUrl: START,
    region: "us-east-2",
    expiresAt: "2026-01-02T11:04:05Z",
    clientId: "client",
    clientSecret: "client-secret",
    registrationExpiresAt: "2026-03-01T00:00:00Z",
    unknown: [1],
  });
  assertEquals(made.aws.sso.has(accessToken), true);
  assertEquals(made.aws.refreshTokens.has(refreshToken), true);
  assertEquals(file?.mode, 0o600);
});

Deno.test("a log-in that is still good serves, if it cannot be renewed", async () => {
  const made = world(SESSION, SESSION_FILE, {
    expiresAt: "2026-01-02T03:09:00Z",
    refreshToken: "x",
  });
  assertEquals(await made.owner(), OWNER);
  assertStringIncludes(made.trace.join("\n"), "The log-in cannot be renewed yet");
});

Deno.test("a log-in of the older form is used to its end, and not renewed", async () => {
  const made = world(LEGACY, LEGACY_FILE, { expiresAt: "2026-01-02T03:05:00UTC" });
  assertEquals(await made.owner(), OWNER);
  assertEquals(made.aws.actions()[0], "GET /federation/credentials");
});

for (
  const [what, config, path, token, message] of [
    [
      "without anything to renew it",
      SESSION,
      SESSION_FILE,
      { refreshToken: undefined },
      "the log-in has expired",
    ],
    [
      "that nobody renews",
      SESSION,
      SESSION_FILE,
      { refreshToken: "stolen-token" },
      "the log-in has expired and cannot be renewed",
    ],
    ["of the older form", LEGACY, LEGACY_FILE, {}, "the log-in has expired"],
  ] satisfies [string, string, string, Record<string, unknown>, string][]
) {
  Deno.test(`a log-in ${what} is over, and the command to log in again is named`, async () => {
    const made = world(config, path, { expiresAt: "2026-01-02T03:00:00Z", ...token });
    const fault = await made.fault();
    assertEquals([fault.code, fault.hint], ["aws-sso-login", RENEWAL]);
    assertStringIncludes(fault.message, message);
    assertEquals(/token/.test(fault.message.replace("log-in", "")), false);
  });
}

Deno.test("a log-in that the portal does not know any more is over", async () => {
  const made = world(SESSION, SESSION_FILE);
  made.aws.sso.clear();
  const { code, message, hint } = await made.fault();
  assertEquals([code, hint], ["aws-sso-login", RENEWAL]);
  assertEquals(message, "Cannot use role Dev of account 123456789012: the log-in has expired");
});

Deno.test("a role that is not assigned is an error", async () => {
  const made = world(SESSION, SESSION_FILE);
  made.aws.ssoRoles.clear();
  const { code, message, hint } = await made.fault();
  assertEquals(code, "refused");
  assertEquals(
    message,
    "Cannot use role Dev of account 123456789012: it is not assigned to this user",
  );
  assertStringIncludes(hint, "permission set");
});

for (
  const [what, config, message, hint] of [
    [
      "names a session that does not exist",
      "[profile dev]\nsso_session=x\n",
      'it names the sso-session "x", which does not exist',
      "aws configure sso",
    ],
    [
      "contradicts its session",
      `${SESSION}[profile dev]\nsso_region=eu-west-1\n`,
      "sso_region is another one than in its sso-session",
      "Remove sso_region",
    ],
    [
      "lacks a key",
      `[profile dev]\nsso_start_url=${START}\nsso_region=r\n`,
      "sso_account_id is missing",
      "aws configure sso --profile dev",
    ],
  ] satisfies [string, string, string, string][]
) {
  Deno.test(`a profile that ${what} is an error`, async () => {
    const fault = await world(config, SESSION_FILE).fault();
    assertEquals(fault.code, "config-type");
    assertStringIncludes(fault.message, message);
    assertStringIncludes(fault.hint, hint);
  });
}

for (const text of ["{", '{"accessToken":"t"}', '{"accessToken":"t","expiresAt":"soon"}']) {
  Deno.test(`a broken file of a log-in is an error: ${text}`, async () => {
    const made = world(SESSION, SESSION_FILE);
    made.io.files.set(SESSION_FILE, { text, mode: 0o600, modified: made.io.now() });
    const { code, message, hint } = await made.fault();
    assertEquals([code, hint], ["config-type", RENEWAL]);
    assertStringIncludes(message, SESSION_FILE);
  });
}

Deno.test("answers without keys or token are errors", async () => {
  for (const body of ["{}", '{"roleCredentials":{"accessKeyId":1}}', "<html>"]) {
    const made = world(SESSION, SESSION_FILE);
    made.aws.faults.push(() => ({ status: 200, body }));
    assertEquals((await made.fault()).code, "network");
  }
  const made = world(SESSION, SESSION_FILE, { expiresAt: "2026-01-02T03:00:00Z" });
  made.aws.faults.push(() => ({ status: 200, body: "{}" }));
  assertEquals((await made.fault()).message, "Cannot renew the log-in: the answer holds no token");
});

Deno.test("two programs at once renew a log-in once", async () => {
  const made = world(SESSION, SESSION_FILE, { expiresAt: "2026-01-02T03:00:00Z" });
  const owners = await Promise.all(
    ["eu-west-1", "eu-west-2"].map((region) =>
      made.owner({}, `123456789012.dkr.ecr.${region}.amazonaws.com`)
    ),
  );
  assertEquals(owners, [OWNER, OWNER]);
  assertEquals(made.aws.actions().filter((action) => action === "POST /token").length, 1);
});

Deno.test("the services of Identity Center are where the user says", async () => {
  const env = {
    AWS_ENDPOINT_URL_SSO: "https://proxy.example/sso",
    AWS_ENDPOINT_URL_SSO_OIDC: "https://proxy.example/oidc/",
  };
  const made = world(SESSION, SESSION_FILE, { expiresAt: "2026-01-02T03:00:00Z" }, { env });
  await made.fault();
  assertEquals(made.io.requests[0]?.url, "https://proxy.example/oidc/token");
  const fresh = world(SESSION, SESSION_FILE, {}, { env });
  await fresh.fault();
  assertStringIncludes(
    fresh.io.requests[0]?.url ?? "",
    "https://proxy.example/sso/federation/credentials?role_name=Dev",
  );
});
