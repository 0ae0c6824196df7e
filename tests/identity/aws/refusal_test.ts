import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RawAnswer } from "../../fakes/aws.ts";
import { type AwsWorld, awsWorld, type AwsWorldOptions, envKey } from "../../fakes/aws_world.ts";

const KEY = "AKIDEXAMPLE000001234";
const SHOWN = "AKID…1234";

function world(options: AwsWorldOptions = {}): AwsWorld {
  const made = awsWorld(options);
  envKey(made, KEY);
  return made;
}

function refused(code: string, message = "", status = 400): () => RawAnswer {
  return () => ({ status, body: JSON.stringify({ __type: `com.amazon#${code}`, message }) });
}

const WHERE = "Cannot ask ECR in eu-west-1: ";

type Row = readonly [code: string, message: string, hint: string, error: string, calls?: number];

const ROWS: readonly Row[] = [
  [
    "ExpiredTokenException",
    "the keys from the environment have expired",
    "Renew AWS_ACCESS_KEY_ID in the environment.",
    "refused",
  ],
  [
    "ExpiredToken",
    "the keys from the environment have expired",
    "Renew AWS_ACCESS_KEY_ID in the environment.",
    "refused",
  ],
  ...["UnrecognizedClientException", "InvalidClientTokenId"].map((code): Row => [
    code,
    `AWS does not know the key ${SHOWN} from the environment`,
    "Check that the key exists and is active, and that eu-west-1 is enabled for its account.",
    "refused",
  ]),
  ...["InvalidSignatureException", "SignatureDoesNotMatch"].map((code): Row => [
    code,
    `the secret does not belong to the key ${SHOWN} from the environment`,
    "Copy both parts of the key again; if they are right, a proxy on the way changes requests.",
    "refused",
  ]),
  ...["RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"].map((code): Row => [
    code,
    "it does not accept the time of this machine",
    "Set the clock; AWS accepts signatures for five minutes.",
    "refused",
    2,
  ]),
  ...["MissingAuthenticationTokenException", "MissingAuthenticationToken", "IncompleteSignature"]
    .map((code): Row => [
      code,
      "the request arrived without its signature",
      "A proxy on the way removes the header Authorization; pass it by for AWS.",
      "refused",
    ]),
  ...["OptInRequired", "SubscriptionRequiredException"].map((code): Row => [
    code,
    "the service or region is not enabled for the account",
    "Enable eu-west-1 in the account settings of AWS, or use another region.",
    "refused",
  ]),
  ...[
    "ThrottlingException",
    "ThrottleException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
  ].map((code): Row => [
    code,
    "it is throttling this account",
    "Try again in a minute.",
    "network",
    3,
  ]),
  ...["ServerException", "InternalFailure", "ServiceUnavailable", "RequestTimeout"].map((
    code,
  ): Row => [
    code,
    `it fails (${code}, status 400)`,
    "Try again later; health.aws.amazon.com tells of disruptions.",
    "network",
    3,
  ]),
  [
    "InvalidParameterException",
    "the words of AWS",
    "Check the settings that it speaks of.",
    "refused",
  ],
  [
    "UnsupportedCommandException",
    "UnsupportedCommandException: the words of AWS",
    "See what AWS says of this error.",
    "refused",
  ],
];

for (const [code, message, hint, error, calls = 1] of ROWS) {
  Deno.test(`${code} is explained`, async () => {
    const made = world();
    made.aws.faults.push(...Array(3).fill(refused(code, "the words of AWS")));
    assertEquals(await made.fault(), { code: error, message: WHERE + message, hint });
    assertEquals(made.aws.log.length, calls);
  });
}

for (const status of [500, 502, 503, 504, 429]) {
  Deno.test(`status ${status} without a name is tried again`, async () => {
    const made = world();
    made.aws.faults.push(() => ({ status }), () => ({ status, body: "<html>" }));
    assertEquals((await made.ask())?.username, "AWS");
    assertEquals(made.aws.log.length, 3);
    made.aws.faults.push(...Array(3).fill(() => ({ status })));
    assertEquals((await made.fault({}, "public.ecr.aws")).code, "network");
  });
}

Deno.test("temporary keys that have expired name their source and how to renew it", async () => {
  const made = world({ env: { AWS_SESSION_TOKEN: "t0ken" } });
  for (const code of ["ExpiredTokenException", "RequestExpired"]) {
    made.aws.faults.push(refused(code));
    const { message, hint } = await made.fault();
    assertEquals(message, `${WHERE}the keys from the environment have expired`);
    assertEquals(hint, "AWS_SESSION_TOKEN in the environment has expired: unset it or renew it.");
  }
});

Deno.test("a temporary key without its session token, and a key of another partition, are told", async () => {
  const made = awsWorld();
  envKey(made, "ASIAEXAMPLE000001234");
  made.aws.principals.clear();
  assertStringIncludes((await made.fault()).hint, "which needs its session token too");
  const china = world({ env: { AWS_REGION: "cn-north-1" } });
  china.aws.principals.clear();
  assertEquals(
    (await china.fault()).hint,
    "Keys of one partition are unknown in another: eu-west-1 is in aws, " +
      "the configured region cn-north-1 in aws-cn.",
  );
});

Deno.test("a right that is missing is named, with who misses it and how to get it", async () => {
  const made = world();
  const { principals } = made.aws;
  const principal = principals.get(KEY);
  if (principal) {
    principals.set(KEY, { ...principal, allowed: ["ecr-public:GetAuthorizationToken"] });
  }
  const user = "arn:aws:iam::123456789012:user/akidexample000001234";
  assertEquals(await made.fault(), {
    code: "refused",
    message: `${WHERE}${user} may not ecr:GetAuthorizationToken`,
    hint: 'Ask for ecr:GetAuthorizationToken with "Resource": "*"; see regauth policy ecr.',
  });
  const open = await made.fault({}, "public.ecr.aws");
  assertEquals(
    open.message,
    `Cannot ask ECR Public in us-east-1: ${user} may not sts:GetServiceBearerToken`,
  );
  assertStringIncludes(open.hint, "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken");
  made.aws.faults.push(refused("AccessDeniedException", "explicit deny"));
  assertEquals((await made.fault()).message, `${WHERE}explicit deny`);
});

Deno.test("a role that may not be taken on names the right, and the role", async () => {
  const made = world();
  const roleArn = "arn:aws:iam::123456789012:role/pull";
  const { code, message, hint } = await made.fault({ roleArn });
  assertEquals(code, "refused");
  assertEquals(
    message,
    "Cannot ask STS in eu-west-1: arn:aws:iam::123456789012:user/akidexample000001234 may not sts:AssumeRole",
  );
  assertStringIncludes(hint, `must allow sts:AssumeRole on ${roleArn}`);
});

Deno.test("the token service that is off in a region is told", async () => {
  const made = world();
  made.aws.faults.push(() => ({
    status: 403,
    body: "<ErrorResponse><Error><Code>RegionDisabledException</Code></Error></ErrorResponse>",
  }));
  const { message } = await made.fault({ roleArn: "arn:aws:iam::123456789012:role/pull" });
  assertEquals(
    message,
    "Cannot ask STS in eu-west-1: the service or region is not enabled for the account",
  );
});

for (
  const [what, answer, message] of [
    ["the header", {
      headers: { "x-amzn-errortype": "ThrottlingException:http://x/" },
      body: '{"code":"A","__type":"B"}',
    }, "throttling"],
    ["code before __type", { body: '{"code":"ThrottlingException","__type":"B"}' }, "throttling"],
    ["__type", { body: '{"__type":"a.b#ThrottlingException:x"}' }, "throttling"],
    ["error of the log-in services", { body: '{"error":"SlowDown"}' }, "throttling"],
    ["Message in upper case", { body: '{"__type":"X","Message":"words"}' }, "X: words"],
    ["nothing", { body: "" }, "it answers with status 400"],
    ["a web page", { body: "<html><body>s3cret</body></html>" }, "it answers with status 400"],
    [
      "a redirect",
      { status: 302, headers: { location: "https://portal.example" } },
      "it answers with a redirect (status 302)",
    ],
  ] satisfies [string, Partial<RawAnswer>, string][]
) {
  Deno.test(`the name of an error is read from ${what}`, async () => {
    const made = world();
    made.aws.faults.push(...Array(3).fill(() => ({ status: 400, ...answer })));
    assertStringIncludes((await made.fault()).message, message);
  });
}

Deno.test("an error that repeats keys, or holds control characters, does not reach the screen so", async () => {
  const made = world({ env: { AWS_SESSION_TOKEN: "t0ken-of-session" } });
  made.aws.faults.push(refused("X\u001b[2J", `t0ken-of-session secret-of-${KEY} \u001b[2J`));
  const { message } = await made.fault();
  assertEquals(message, `${WHERE}X\ufffd[2J: [redacted] [redacted] \ufffd[2J`);
  assertStringIncludes(made.trace.join("\n"), "request 0f0f0f0f-1");
});
