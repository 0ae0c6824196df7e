import { assertEquals, assertStringIncludes } from "@std/assert";
import { loginPath } from "../../../lib/identity/aws/login_session.ts";
import { makeEcKey } from "../../fakes/ec_key.ts";
import { type AwsWorld, awsWorld, type AwsWorldOptions } from "../../fakes/aws_world.ts";

const SESSION = "arn:aws:iam::123456789012:user/alice";
const FILE = "b7d71d383b9557a9bad4c3346c50365819226484c6824a0fdef66637be339db0.json";
const PATH = `/home/me/.aws/login/cache/${FILE}`;
const RENEWAL = "Run: aws login --profile dev";

const { sec1: SEC1, pkcs8: PKCS8 } = makeEcKey();

function world(
  expiresAt: string,
  more: Record<string, unknown> = {},
  options: AwsWorldOptions = {},
): AwsWorld {
  const file = {
    accessToken: {
      accessKeyId: "ASIALOGIN",
      secretAccessKey: "login-secret",
      sessionToken: "login-token",
      accountId: "123456789012",
      expiresAt,
    },
    tokenType: "aws_sigv4",
    clientId: "arn:aws:signin:::devtools/same-device",
    refreshToken: "refresh-token",
    dpopKey: SEC1,
    unknown: 1,
    ...more,
  };
  const made = awsWorld({
    ...options,
    env: { AWS_PROFILE: "dev", ...options.env },
    files: {
      "/home/me/.aws/config": `[profile dev]\nlogin_session = ${SESSION}\n`,
      [PATH]: JSON.stringify(file),
      ...options.files,
    },
  });
  made.aws.add({
    accessKeyId: "ASIALOGIN",
    secret: "login-secret",
    sessionToken: "login-token",
    arn: SESSION,
    expiry: new Date(expiresAt),
  });
  made.aws.logins.set("refresh-token", {
    refreshToken: "refresh-token",
    clientId: "arn:aws:signin:::devtools/same-device",
    arn: SESSION,
    account: "123456789012",
  });
  return made;
}

const GOOD = "2026-01-02T03:15:00Z";
const SOON = "2026-01-02T03:09:00Z";
const OVER = "2026-01-02T03:04:00Z";

Deno.test("keys of a log-in at the console are used while they are good", async () => {
  const made = world(GOOD);
  const found = await made.ask();
  assertEquals(made.aws.passwords.get(found?.password?.reveal() ?? "")?.arn, SESSION);
  assertEquals(found?.detail, 'AWS keys from profile "dev" (aws login)');
  assertEquals(made.aws.actions(), ["ECR GetAuthorizationToken"]);
});

for (const [form, dpopKey] of [["SEC 1", SEC1], ["PKCS#8", PKCS8]] as const) {
  for (const expiresAt of [SOON, OVER]) {
    Deno.test(`keys that end at ${expiresAt} are renewed with a proof by a ${form} key`, async () => {
      const made = world(expiresAt, { dpopKey });
      assertEquals(await made.owner(), SESSION);
      const [call] = made.aws.log;
      assertEquals([call?.action, call?.host], [
        "POST /v1/token",
        "eu-west-1.signin.aws.amazon.com",
      ]);
      const file = made.io.files.get(PATH);
      const { accessToken, refreshToken, unknown } = JSON.parse(file?.text ?? "{}");
      assertEquals(accessToken.expiresAt, "2026-01-02T03:19:05Z");
      assertEquals(accessToken.accountId, "123456789012");
      assertEquals([made.aws.logins.has(refreshToken), unknown, file?.mode], [true, 1, 0o600]);
    });
  }
}

for (
  const [where, more, env, config, host] of [
    [
      "the file",
      { signInRegion: "us-west-2" },
      { AWS_REGION: "eu-north-1" },
      "",
      "us-west-2.signin.aws.amazon.com",
    ],
    ["AWS_REGION", {}, { AWS_REGION: "eu-north-1" }, "", "eu-north-1.signin.aws.amazon.com"],
    [
      "the profile",
      {},
      { AWS_REGION: "eu-north-1" },
      "region = cn-north-1\n",
      "cn-north-1.signin.amazonaws.cn",
    ],
    [
      "AWS_ENDPOINT_URL_SIGNIN",
      {},
      { AWS_ENDPOINT_URL_SIGNIN: "https://signin.example" },
      "",
      "signin.example",
    ],
  ] satisfies [string, Record<string, unknown>, Record<string, string>, string, string][]
) {
  Deno.test(`a log-in is renewed where ${where} says`, async () => {
    const files = {
      "/home/me/.aws/config": `[profile dev]\nlogin_session = ${SESSION}\n${config}`,
    };
    const made = world(OVER, more, { env, files });
    assertEquals(await made.owner(), SESSION);
    assertEquals(made.aws.log[0]?.host, host);
  });
}

for (
  const [error, message] of [
    ["TOKEN_EXPIRED", "the log-in has expired"],
    ["USER_CREDENTIALS_CHANGED", "the password was changed since"],
    ["INSUFFICIENT_PERMISSIONS", "the user may not renew it"],
  ] as const
) {
  Deno.test(`a log-in that is refused with ${error} is over`, async () => {
    const made = world(OVER);
    const login = made.aws.logins.get("refresh-token");
    if (login) made.aws.logins.set("refresh-token", { ...login, error });
    const fault = await made.fault();
    assertEquals([fault.code, fault.hint], ["refused", RENEWAL]);
    assertStringIncludes(fault.message, `Cannot use profile "dev": ${message}`);
  });
}

Deno.test("a log-in that is still good serves, if it cannot be renewed", async () => {
  const made = world(SOON);
  made.aws.logins.clear();
  assertEquals(await made.owner(), SESSION);
});

for (
  const [what, more, code, message] of [
    [
      "without anything to renew it",
      { refreshToken: undefined },
      "refused",
      "the log-in has expired, and cannot be renewed",
    ],
    ["with a broken key", { dpopKey: "s3cret" }, "config-type", "it is no key on P-256"],
    ["without keys", { accessToken: "s3cret" }, "config-type", "it holds no keys with their end"],
  ] satisfies [string, Record<string, unknown>, string, string][]
) {
  Deno.test(`a log-in ${what} is an error`, async () => {
    const fault = await world(OVER, more).fault();
    assertEquals(fault.code, code);
    assertStringIncludes(fault.message, message);
    assertStringIncludes(fault.hint, "aws login");
    assertEquals(fault.message.includes("s3cret"), false);
  });
}

Deno.test("nobody has logged in", async () => {
  const made = world(OVER);
  made.io.files.delete(PATH);
  const { message, hint } = await made.fault();
  assertEquals([message, hint], ['Cannot use profile "dev": nobody is logged in', RENEWAL]);
});

Deno.test("loginPath() follows AWS_LOGIN_CACHE_DIRECTORY", async () => {
  const { io } = awsWorld();
  assertEquals(await loginPath(io, SESSION), PATH);
  io.variables.set("AWS_LOGIN_CACHE_DIRECTORY", "~/logins");
  assertEquals(await loginPath(io, SESSION), `/home/me/logins/${FILE}`);
});

Deno.test("an answer without keys is an error", async () => {
  const made = world(OVER);
  made.aws.faults.push(() => ({ status: 200, body: '{"accessToken":{}}' }));
  assertEquals((await made.fault()).message, "Cannot renew the log-in: the answer holds no keys");
});
