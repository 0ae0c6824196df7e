import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type FakeAws, fakeAws } from "../fakes/aws.ts";
import { DOCKER, OWN, type Ran, regauth, type SetupWorld } from "../fakes/setup_world.ts";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const HELPER = { "/usr/bin/docker-credential-regauth": () => ({ code: 1 }) };
const KEYS = `[prod]
aws_access_key_id = AKIDPROD
aws_secret_access_key = secret-of-AKIDPROD
`;
const SSO = `[profile dev]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Dev
region = eu-west-1
[sso-session my-sso]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-2
`;
const SSO_FILE = "/home/me/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";

/** AWS at the time of the world in memory. */
function cloud(): FakeAws {
  const aws = fakeAws(() => new Date("2026-01-01T00:00:00Z"));
  aws.add({ accessKeyId: "AKIDPROD" });
  aws.ssoRoles.set("123456789012/Dev", {
    accessKeyId: "ASIASSO",
    secret: "sso-secret",
    arn: "arn:aws:sts::123456789012:assumed-role/Dev/jane",
    account: "123456789012",
  });
  return aws;
}

function setup(aws: FakeAws, args: readonly string[], world: SetupWorld = {}): Promise<Ran> {
  return regauth(["setup", HOST, ...args], {
    env: { PATH: "/usr/bin", AWS_EC2_METADATA_DISABLED: "true" },
    programs: HELPER,
    fetch: (request) => aws.fetch(request),
    ...world,
  });
}

const CREDENTIALS = { "/home/me/.aws/credentials": KEYS };

Deno.test("setup makes regauth the helper of an ECR registry, with a profile that was tried", async () => {
  const aws = cloud();
  const args = ["--aws-profile", "prod", "--yes"];
  const { code, io, stdout, stderr } = await setup(aws, args, { files: CREDENTIALS });
  assertEquals(code, 0, stderr);
  assertEquals(JSON.parse(await io.readText(DOCKER) ?? ""), { credHelpers: { [HOST]: "regauth" } });
  assertEquals(JSON.parse(await io.readText(`${OWN}/config.json`) ?? ""), {
    registries: { [HOST]: { keychain: "ecr", profile: "prod" } },
  });
  assertEquals(aws.actions(), ["GET /v2/", "ECR GetAuthorizationToken", "GET /v2/"]);
  assertStringIncludes(stdout, "login accepted");
  const undone = await regauth(["undo"], { io });
  assertEquals(undone.code, 0);
});

Deno.test("setup covers all registries of the account, with a role", async () => {
  const aws = cloud();
  const role = "arn:aws:iam::123456789012:role/pull";
  aws.roles.set(role, {});
  const args = ["--aws-profile", "prod", "--role-arn", role, "--covers", "account", "--yes"];
  const { code, io } = await setup(aws, args, { files: CREDENTIALS });
  assertEquals(code, 0);
  assertEquals(JSON.parse(await io.readText(`${OWN}/config.json`) ?? ""), {
    registries: {
      "123456789012.dkr.ecr.*.amazonaws.com": { keychain: "ecr", profile: "prod", roleArn: role },
    },
  });
  assert(aws.actions().includes("STS AssumeRole"));
});

Deno.test("setup saves nothing for ECR if the login is refused", async () => {
  const aws = cloud();
  aws.principals.clear();
  const { code, io, stderr } = await setup(aws, ["--aws-profile", "prod", "--yes"], {
    files: CREDENTIALS,
  });
  assertEquals(code, 4);
  assertStringIncludes(stderr, 'AWS does not know the key AKID… from profile "prod"');
  assertEquals(await io.readText(DOCKER), undefined);
});

Deno.test("setup refuses a profile that does not exist", async () => {
  const { code, stderr } = await setup(cloud(), ["--aws-profile", "x", "--yes"], {
    files: CREDENTIALS,
  });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "It is one of prod, none.");
});

Deno.test("setup logs in to IAM Identity Center by a code, tries again, and saves", async () => {
  const aws = cloud();
  const { code, io, terminal } = await setup(aws, [], {
    files: { "/home/me/.aws/config": SSO },
    script: [
      ["What for", "\r"],
      ["Sign in with", "\r"],
      ["AWS profile", "\r"],
      ["Role to take on", "\r"],
      ["For which registries", "\r"],
      ["Repository", "\r"],
      ["nobody is logged in", () => {}],
      ["Log in with the browser (dev)", "\r"],
      ["Open https://device.sso.us-east-2.amazonaws.com/?user_code=ABCD-EFGH", () => {}],
      ["confirm the code ABCD-EFGH", () => {}],
      ["login accepted", () => {}],
      ["Keep it in", "\r"],
      ["Save it", "1\r"],
    ],
  });
  assertEquals([code, terminal.remaining], [0, 0], terminal.screen);
  const { registries } = JSON.parse(await io.readText(`${OWN}/config.json`) ?? "");
  assertEquals(registries, { [HOST]: { keychain: "ecr", profile: "dev" } });
  assert(aws.sso.has(JSON.parse(await io.readText(SSO_FILE) ?? "").accessToken));
});

Deno.test("a log-in that is renewed while setup tries it stays renewed", async () => {
  const aws = cloud();
  const client = { clientId: "c", clientSecret: "s", startUrl: "" };
  aws.refreshTokens.set("old", { ...client, registrationExpiresAt: new Date("2027-01-01") });
  const token = {
    accessToken: "expired",
    expiresAt: "2025-12-31T23:00:00Z",
    clientId: "c",
    clientSecret: "s",
    refreshToken: "old",
  };
  const files = { "/home/me/.aws/config": SSO, [SSO_FILE]: JSON.stringify(token) };
  const { code, io } = await setup(aws, ["--aws-profile", "dev", "--dry-run"], { files });
  assertEquals(code, 0);
  assert(aws.refreshTokens.has(JSON.parse(await io.readText(SSO_FILE) ?? "").refreshToken));
  assertEquals(await io.readText(DOCKER), undefined);
});
