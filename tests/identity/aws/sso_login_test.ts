import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../../../lib/errors.ts";
import { openAws } from "../../../lib/identity/aws/settings.ts";
import { ssoLoginOf } from "../../../lib/identity/aws/sso.ts";
import { type DeviceCode, ssoLogin } from "../../../lib/identity/aws/sso_login.ts";
import { type AwsWorld, awsWorld } from "../../fakes/aws_world.ts";

const FILE = "/home/me/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const CONFIG = `[profile dev]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Dev
[sso-session my-sso]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-2
`;

function world(): AwsWorld {
  const made = awsWorld({
    env: { AWS_PROFILE: "dev" },
    files: { "/home/me/.aws/config": CONFIG },
  });
  made.aws.ssoRoles.set("123456789012/Dev", {
    accessKeyId: "ASIASSO",
    secret: "sso-secret",
    arn: "arn:aws:sts::123456789012:assumed-role/Dev/jane",
    account: "123456789012",
  });
  return made;
}

async function logIn({ io }: AwsWorld, signal?: AbortSignal): Promise<readonly DeviceCode[]> {
  const aws = await openAws({ io, ...(signal ? { signal } : {}) });
  const told: DeviceCode[] = [];
  await ssoLogin(aws, ssoLoginOf(aws, "dev"), (device) => told.push(device));
  return told;
}

Deno.test("ssoLogin() logs in by a code, as all tools of AWS can use it", async () => {
  const made = world();
  assertEquals(await logIn(made), [{
    url: "https://device.sso.us-east-2.amazonaws.com/?user_code=ABCD-EFGH",
    code: "ABCD-EFGH",
  }]);
  assertEquals(made.aws.actions(), [
    "POST /client/register",
    "POST /device_authorization",
    "POST /token",
    "POST /token",
    "POST /token",
  ]);
  assertEquals(made.aws.log[0]?.host, "oidc.us-east-2.amazonaws.com");
  assertEquals(made.io.sleeps, [1000, 1000, 1000]);
  const file = made.io.files.get(FILE);
  const { accessToken, refreshToken, ...rest } = JSON.parse(file?.text ?? "{}");
  assertEquals(rest, {
    startUrl: "https://d-1234567890.awsapps.com/start",
    region: "us-east-2",
    expiresAt: "2026-01-02T11:04:08Z",
    clientId: "device-client",
    clientSecret: "device-secret",
    registrationExpiresAt: "2026-04-02T03:04:05Z",
  });
  assertEquals([made.aws.sso.has(accessToken), made.aws.refreshTokens.has(refreshToken)], [
    true,
    true,
  ]);
  assertEquals(file?.mode, 0o600);
  assertStringIncludes(await made.owner() ?? "", "assumed-role/Dev/jane");
});

Deno.test("ssoLogin() asks less often where it is told to", async () => {
  const made = world();
  const client = {
    clientId: "",
    clientSecret: "",
    registrationExpiresAt: new Date(),
    startUrl: "",
  };
  made.aws.devices.set("device-code", { waits: 1, error: "SlowDownException", client });
  await logIn(made);
  assertEquals(made.io.sleeps, [1000, 6000, 6000]);
});

Deno.test("ssoLogin() ends when nobody confirms the code, or somebody refuses it", async () => {
  const made = world();
  const client = {
    clientId: "",
    clientSecret: "",
    registrationExpiresAt: new Date(),
    startUrl: "",
  };
  made.aws.devices.set("device-code", { waits: Infinity, client });
  const late = await assertRejects(() => logIn(made), RegauthError);
  assertEquals([late.code, late.subject], ["aws-sso-login", "dev"]);
  assertStringIncludes(late.message, "nobody confirmed the code in time");
  assertEquals(made.io.files.has(FILE), false);
  made.aws.devices.set("device-code", { waits: 9, error: "AccessDeniedException", client });
  const refused = await assertRejects(() => logIn(made), RegauthError);
  assertEquals(refused.code, "refused");
});

Deno.test("ssoLogin() can be interrupted", async () => {
  const error = await assertRejects(() => logIn(world(), AbortSignal.abort()), RegauthError);
  assertEquals(error.code, "aborted");
});

Deno.test("ssoLogin() takes no page that is none, and no answer without a part", async () => {
  for (
    const body of [
      "{}",
      '{"deviceCode":"d","userCode":"u","verificationUriComplete":"javascript:alert(1)"}',
      '{"deviceCode":"d","userCode":"u","verificationUriComplete":"http://device.example"}',
    ]
  ) {
    const made = world();
    made.aws.faults.push(() => undefined, () => ({ status: 200, body }));
    const error = await assertRejects(() => logIn(made), RegauthError);
    assertEquals(error.code, "network");
  }
});
