import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type AwsWorld, awsWorld, type AwsWorldOptions } from "../../fakes/aws_world.ts";

const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const user = (name: string): string => `arn:aws:iam::123456789012:user/${name}`;
const session = (name: string, by = "regauth-1767323045"): string =>
  `arn:aws:sts::123456789012:assumed-role/${name}/${by}`;

/** Keys of a profile, whose owner has its name. */
const keys = (name: string): string =>
  `aws_access_key_id=${name.toUpperCase()}\naws_secret_access_key=secret-of-${name.toUpperCase()}\n`;

function world(config: string, options: AwsWorldOptions = {}): AwsWorld {
  const made = awsWorld({
    ...options,
    env: { AWS_PROFILE: "p", AWS_EC2_METADATA_DISABLED: "true", ...options.env },
    files: { "/home/me/.aws/config": config, ...options.files },
  });
  for (const accessKeyId of ["P", "A", "B", "ENV"]) made.aws.add({ accessKeyId });
  for (const name of ["p", "a", "b"]) made.aws.roles.set(role(name), {});
  return made;
}

for (
  const [what, config, owner, calls] of [
    ["its keys", `[profile p]\n${keys("p")}`, user("p"), 0],
    [
      "a role with the keys of another one",
      `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\n[profile a]\n${keys("a")}`,
      session("p"),
      1,
    ],
    [
      "a role with its own keys",
      `[profile p]\nrole_arn=${role("p")}\nsource_profile=p\n${keys("p")}`,
      session("p"),
      1,
    ],
    [
      "a role on top of its keys",
      `[profile p]\nrole_arn=${role("p")}\n${keys("p")}`,
      session("p"),
      1,
    ],
    [
      "a role by way of other roles",
      `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\n` +
      `[profile a]\nrole_arn=${role("a")}\nsource_profile=b\nrole_session_name=me\n` +
      `[profile b]\n${keys("b")}`,
      session("p"),
      2,
    ],
    [
      "keys and role of a source",
      `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\n[profile a]\nrole_arn=${role("a")}\n${
        keys("a")
      }`,
      session("p"),
      2,
    ],
    [
      "the parameters of a role",
      `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\nrole_session_name=me\n[profile a]\n${
        keys("a")
      }`,
      session("p", "me"),
      1,
    ],
  ] satisfies [string, string, string, number][]
) {
  Deno.test(`a profile has ${what}`, async () => {
    const made = world(config);
    assertEquals(await made.owner(), owner);
    assertEquals(made.aws.log.length - 1, calls);
  });
}

Deno.test("a role is told what its owner wants to know, in the region of its profile", async () => {
  const made = world(
    `[profile p]\nrole_arn=${
      role("p")
    }\nsource_profile=a\nexternal_id=x/7\nduration_seconds=1200\n` +
      `region=us-west-2\n[profile a]\nregion=us-east-2\n${keys("a")}`,
    { env: { AWS_REGION: "ap-south-1" } },
  );
  made.aws.roles.set(role("p"), { externalId: "x/7", trusted: [user("a")] });
  assertEquals(await made.owner(), session("p"));
  const [call] = made.aws.log;
  assertEquals([call?.host, call?.by], ["sts.us-west-2.amazonaws.com", user("a")]);
  const form = new URLSearchParams(call?.body);
  assertEquals([form.get("ExternalId"), form.get("DurationSeconds")], ["x/7", "1200"]);
});

Deno.test("a role whose sessions are shorter than an hour gets a quarter of one", async () => {
  const config = `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\n[profile a]\n${keys("a")}`;
  const made = world(config);
  made.aws.roles.set(role("p"), { longest: 900 });
  assertEquals(await made.owner(), session("p"));
  const wanted = world(`${config}[profile p]\nduration_seconds=3600\n`);
  wanted.aws.roles.set(role("p"), { longest: 900 });
  const { code, message } = await wanted.fault();
  assertEquals(code, "refused");
  assertStringIncludes(message, "DurationSeconds exceeds the MaxSessionDuration");
});

Deno.test("a login by a role is remembered by role and source, not by its temporary keys", async () => {
  const config = `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\n[profile a]\n${keys("a")}`;
  const made = world(config);
  await made.ask();
  await made.ask();
  assertEquals(made.aws.log.length, 2);
  made.io.files.set("/home/me/.aws/config", {
    text: config.replaceAll(role("p"), role("b")),
    mode: 0o600,
    modified: made.io.now(),
  });
  assertEquals(await made.owner(), session("b"));
});

for (
  const [source, env, owner] of [
    [
      "Environment",
      { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "secret-of-ENV" },
      user("env"),
    ],
    ["EcsContainer", { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost/v1" }, user("a")],
    ["Ec2InstanceMetadata", { AWS_EC2_METADATA_DISABLED: "" }, user("b")],
    [
      "nothing, in a container",
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost/v1" },
      user("a"),
    ],
    ["nothing, on an instance", { AWS_EC2_METADATA_DISABLED: "" }, user("b")],
  ] satisfies [string, Record<string, string>, string][]
) {
  Deno.test(`a role takes its keys from ${source}`, async () => {
    const place = source.startsWith("nothing") ? "" : `credential_source=${source}\n`;
    const made = world(`[profile p]\nrole_arn=${role("p")}\n${place}`, { env, instance: true });
    const { principals, containers } = made.aws;
    const [a, b] = [principals.get("A"), principals.get("B")];
    if (a && b) {
      containers.set("/v1", { principal: a });
      made.aws.instance = { role: "b", principal: b };
    }
    // As a profile that is configured, so that variables do not come first.
    assertEquals(await made.owner({ profile: "p" }), session("p"));
    assertEquals(made.aws.log.find(({ action }) => action === "STS AssumeRole")?.by, owner);
  });
}

for (
  const [what, config, message, hint] of [
    [
      "two sources",
      "source_profile=a\ncredential_source=Environment\nrole_arn=r\n",
      "it has source_profile and credential_source",
      "Remove one of them",
    ],
    [
      "a source without a role",
      "source_profile=a\n",
      "source_profile needs role_arn",
      "Add role_arn",
    ],
    [
      "a place without a role",
      "credential_source=Environment\n",
      "credential_source needs role_arn",
      "Add role_arn",
    ],
    [
      "a token without a role",
      "web_identity_token_file=/t\n",
      "web_identity_token_file needs role_arn",
      "Add role_arn",
    ],
    [
      "an unknown place",
      `role_arn=${role("p")}\ncredential_source=environment\n`,
      "its credential_source is unknown",
      "Write Environment,",
    ],
    [
      "no keys in variables",
      `role_arn=${role("p")}\ncredential_source=Environment\n`,
      "AWS_ACCESS_KEY_ID is not set",
      "Correct credential_source",
    ],
    [
      "no container",
      `role_arn=${role("p")}\ncredential_source=EcsContainer\n`,
      "AWS_CONTAINER_CREDENTIALS_",
      "Correct credential_source",
    ],
    [
      "no instance",
      `role_arn=${role("p")}\ncredential_source=Ec2InstanceMetadata\n`,
      "AWS_EC2_METADATA_DISABLED is set",
      "Correct credential_source",
    ],
    [
      "a source that does not exist",
      `role_arn=${role("p")}\nsource_profile=x\n`,
      'profile "x" of source_profile of profile "p"',
      "Name one of p",
    ],
    [
      "itself as source",
      `role_arn=${role("p")}\nsource_profile=p\n`,
      "its source_profile leads back to it: p -> p",
      "hold keys",
    ],
    [
      "half a key",
      "aws_access_key_id=A\n",
      "aws_secret_access_key is missing",
      "aws configure --profile p",
    ],
    [
      "half a key, the other",
      "aws_secret_access_key=s\n",
      "aws_access_key_id is missing",
      "aws configure --profile p",
    ],
    [
      "a strange name of the session",
      `role_arn=${role("p")}\nrole_session_name=a b\n${keys("a")}`,
      "role_session_name is none that AWS accepts",
      "Copy it again",
    ],
    [
      "a strange external id",
      `role_arn=${role("p")}\nexternal_id=a b\n${keys("a")}`,
      "external_id is none",
      "Copy it again",
    ],
    [
      "a strange duration",
      `role_arn=${role("p")}\nduration_seconds=1h\n${keys("a")}`,
      "duration_seconds is none",
      "from 900 to 43200",
    ],
  ]
) {
  Deno.test(`a profile with ${what} is an error`, async () => {
    const fault = await world(`[profile p]\n${config}`).fault();
    assertMatch(fault.code, /^(?:config-type|incomplete-credential)$/);
    assertStringIncludes(fault.message, message ?? "");
    assertStringIncludes(fault.hint, hint ?? "");
  });
}

Deno.test("profiles that lead to one another are an error that lists them", async () => {
  const link = (name: string, to: string) =>
    `[profile ${name}]\nrole_arn=${role(name)}\nsource_profile=${to}\n`;
  const circle = await world(link("p", "a") + link("a", "b") + link("b", "p")).fault();
  assertStringIncludes(
    circle.message,
    'Cannot use profile "b": its source_profile leads back to it: p -> a -> b -> p',
  );
  const long = Array.from({ length: 9 }, (_, index) => link(`p${index}`, `p${index + 1}`)).join("");
  const far = await world(link("p", "p0") + long).fault();
  assertStringIncludes(far.message, "more than 8 profiles lead to one another");
});

Deno.test("a profile without keys leaves it to the machine", async () => {
  const { code, message } = await world("[profile p]\nregion=eu-west-1\n").fault();
  assertEquals(code, "no-credential");
  assertStringIncludes(message, 'profile: "p" has neither keys nor a way to them');
});

const MFA = { serial: "arn:aws:iam::123456789012:mfa/me", code: "123456" };
const MFA_PROFILE =
  `[profile p]\nrole_arn=${role("p")}\nsource_profile=a\nmfa_serial=${MFA.serial}\n` +
  `[profile a]\n${keys("a")}`;

Deno.test("a profile with an MFA device asks for its code once, and remembers the keys", async () => {
  const made = world(MFA_PROFILE);
  made.aws.roles.set(role("p"), { mfa: MFA });
  const asked: string[] = [];
  const askMfa = (device: string): Promise<string> => {
    asked.push(device);
    return Promise.resolve(MFA.code);
  };
  assertEquals(await made.owner({ askMfa }), session("p"));
  assertEquals(asked, [MFA.serial]);
  // Another region, so that there is no login yet; and nobody can be asked.
  const other = "123456789012.dkr.ecr.eu-west-2.amazonaws.com";
  assertEquals(await made.owner({}, other), session("p"));
  made.pass(56 * 60_000);
  const { message } = await made.fault({}, "public.ecr.aws");
  assertStringIncludes(message, "it needs an MFA code");
  const text = [...made.io.files].filter(([path]) => path.includes("regauth")).map((
    [_, { mode }],
  ) => mode);
  assertEquals(text, [0o600]);
});

Deno.test("a profile with an MFA device fails where nobody can be asked, and says what to do", async () => {
  for (const askMfa of [undefined, () => Promise.resolve(undefined)]) {
    const made = world(MFA_PROFILE);
    const { code, message, hint } = await made.fault(askMfa ? { askMfa } : {});
    assertEquals(code, "refused");
    assertEquals(
      message,
      'Cannot use profile "p": it needs an MFA code, and nobody can be asked here',
    );
    assertStringIncludes(hint, "regauth resolve");
    assertEquals(made.aws.log, []);
  }
});

Deno.test("a wrong MFA code is refused, and not remembered", async () => {
  const made = world(MFA_PROFILE);
  made.aws.roles.set(role("p"), { mfa: MFA });
  const { code } = await made.fault({ askMfa: () => Promise.resolve("000000") });
  assertEquals(code, "refused");
  assertEquals(await made.owner({ askMfa: () => Promise.resolve(MFA.code) }), session("p"));
});
