import { assertEquals, assertStringIncludes } from "@std/assert";
import { awsWorld, type AwsWorldOptions } from "../../fakes/aws_world.ts";

const USER = "arn:aws:iam::123456789012:user/akidexample";

function world(
  env: Record<string, string>,
  options: AwsWorldOptions = {},
): ReturnType<typeof awsWorld> {
  const made = awsWorld({ ...options, env: { AWS_EC2_METADATA_DISABLED: "true", ...env } });
  made.aws.add({ accessKeyId: "AKIDEXAMPLE", secret: "s3cret" });
  made.aws.add({ accessKeyId: "ASIAEXAMPLE", secret: "s3cret", sessionToken: "t0ken==" });
  return made;
}

const PAIR = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" };
const TEMPORARY = { AWS_ACCESS_KEY_ID: "ASIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" };

for (
  const [what, env] of [
    ["the usual names", PAIR],
    ["the older names", { AWS_ACCESS_KEY: "AKIDEXAMPLE", AWS_SECRET_KEY: "s3cret" }],
    ["an older name beside an empty one", {
      ...PAIR,
      AWS_SECRET_ACCESS_KEY: "",
      AWS_SECRET_KEY: "s3cret",
    }],
    ["empty tokens", { ...PAIR, AWS_SESSION_TOKEN: "", AWS_SECURITY_TOKEN: "" }],
    ["an end in the future", { ...PAIR, AWS_CREDENTIAL_EXPIRATION: "2026-01-02T04:00:00Z" }],
  ] satisfies [string, Record<string, string>][]
) {
  Deno.test(`keys in variables count: ${what}`, async () => {
    assertEquals(await world(env).owner(), USER);
  });
}

Deno.test("the session token counts, and its older name if that is all there is", async () => {
  for (
    const env of [
      { AWS_SESSION_TOKEN: "t0ken==", AWS_SECURITY_TOKEN: "other" },
      { AWS_SECURITY_TOKEN: "t0ken==" },
    ]
  ) {
    assertEquals(await world({ ...TEMPORARY, ...env }).owner(), USER.replace("akid", "asia"));
  }
});

Deno.test("white space around keys is left out, with a warning", async () => {
  const made = world({ AWS_ACCESS_KEY_ID: " AKIDEXAMPLE\n", AWS_SECRET_ACCESS_KEY: "s3cret\r\n" });
  assertEquals(await made.owner(), USER);
  assertEquals(made.warnings, [
    "AWS_ACCESS_KEY_ID has white space around its value, which is left out",
    "AWS_SECRET_ACCESS_KEY has white space around its value, which is left out",
  ]);
});

Deno.test("keys count before AWS_PROFILE, with a warning", async () => {
  const made = world({ ...PAIR, AWS_PROFILE: "missing" });
  assertEquals(await made.owner(), USER);
  assertEquals(made.warnings, [
    "AWS_PROFILE (missing) does not count: AWS_ACCESS_KEY_ID is set too",
  ]);
});

for (
  const [env, missing] of [
    [{ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE" }, "AWS_SECRET_ACCESS_KEY"],
    [{ AWS_SECRET_ACCESS_KEY: "s3cret" }, "AWS_ACCESS_KEY_ID"],
  ] satisfies [Record<string, string>, string][]
) {
  Deno.test(`half a key is an error that names ${missing}`, async () => {
    const { code, message, hint } = await world(env).fault();
    assertEquals(code, "incomplete-credential");
    assertEquals(message, `Cannot use "${Object.keys(env)[0]}": ${missing} is not set`);
    assertStringIncludes(hint, `Set ${missing} too`);
  });
}

Deno.test("keys whose end has passed are an error that says what to do", async () => {
  const { code, message, hint } = await world({
    ...TEMPORARY,
    AWS_SESSION_TOKEN: "t0ken==",
    AWS_CREDENTIAL_EXPIRATION: "2026-01-02T03:00:00Z",
  }).fault();
  assertEquals(code, "refused");
  assertEquals(
    message,
    'Cannot use "AWS_ACCESS_KEY_ID": it has expired, as AWS_CREDENTIAL_EXPIRATION says',
  );
  assertEquals(hint, "AWS_SESSION_TOKEN in the environment has expired: unset it or renew it.");
});

Deno.test("a login that is still good serves after its keys have expired", async () => {
  const made = world({ ...PAIR, AWS_CREDENTIAL_EXPIRATION: "2026-01-02T04:00:00Z" });
  const first = await made.ask();
  made.pass(7 * 3_600_000);
  assertEquals((await made.ask())?.password?.reveal(), first?.password?.reveal());
});
