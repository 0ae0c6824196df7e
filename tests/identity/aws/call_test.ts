import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RawAnswer } from "../../fakes/aws.ts";
import {
  type AwsWorld,
  awsWorld,
  type AwsWorldOptions,
  envKey,
  HOST,
} from "../../fakes/aws_world.ts";

const MINUTE = 60_000;

function world(options: AwsWorldOptions = {}): AwsWorld {
  const made = awsWorld(options);
  envKey(made);
  return made;
}

function refused(code: string, headers: Record<string, string> = {}): () => RawAnswer {
  return () => ({ status: 400, headers, body: JSON.stringify({ __type: code }) });
}

Deno.test("a throttled call is repeated after up to one second, then two", async () => {
  const made = world();
  made.aws.faults.push(refused("ThrottlingException"), refused("ThrottlingException"));
  assertEquals((await made.ask())?.username, "AWS");
  const [first = 0, second = 0, ...rest] = made.io.sleeps;
  assert(first <= 1000 && second <= 2000 && rest.length === 0);
});

Deno.test("a call that fails is repeated after up to 100 ms, then 200", async () => {
  const made = world();
  made.aws.faults.push(() => ({ status: 500 }), () => ({ status: 500 }));
  assertEquals((await made.ask())?.username, "AWS");
  const [first = 0, second = 0, ...rest] = made.io.sleeps;
  assert(first <= 100 && second <= 200 && rest.length === 0);
});

Deno.test("the wait that AWS asks for counts, up to five seconds", async () => {
  for (
    const [asked, least, most] of [["1500", 1500, 1500], ["60000", 5000, 5000], [
      "x",
      0,
      1000,
    ]] as const
  ) {
    const made = world();
    made.aws.faults.push(refused("ThrottlingException", { "x-amz-retry-after": asked }));
    await made.ask();
    const [wait = 0] = made.io.sleeps;
    assert(wait >= least && wait <= most);
  }
});

for (const [value, calls] of [["1", 1], ["5", 5]] as const) {
  Deno.test(`AWS_MAX_ATTEMPTS=${value} means what it says`, async () => {
    const made = world({ env: { AWS_MAX_ATTEMPTS: value } });
    made.aws.faults.push(...Array(9).fill(() => ({ status: 500 })));
    await made.fault();
    assertEquals(made.aws.log.length, calls);
  });
}

Deno.test("max_attempts of the profile counts too, and a strange number is an error", async () => {
  const files = { "/home/me/.aws/config": "[default]\nmax_attempts = 2\n" };
  const made = world({ files });
  made.aws.faults.push(...Array(9).fill(() => ({ status: 500 })));
  await made.fault();
  assertEquals(made.aws.log.length, 2);
  for (const value of ["0", "-1", "many", "1.5"]) {
    const { code, message } = await world({ env: { AWS_MAX_ATTEMPTS: value } }).fault();
    assertEquals(code, "invalid-environment");
    assertStringIncludes(message, "AWS_MAX_ATTEMPTS");
  }
});

for (const [what, skew] of [["behind", 20 * MINUTE], ["ahead", -20 * MINUTE]] as const) {
  Deno.test(`a clock that is 20 minutes ${what} is corrected once, with one warning`, async () => {
    const made = world({ skew });
    const keychain = made.keychain();
    const { io } = made;
    assertEquals((await keychain.resolve({ registry: HOST }, { io }))?.username, "AWS");
    assertEquals(made.aws.log.length, 2);
    assertEquals(made.warnings, [
      `The clock of this machine is 20 minutes ${what}; requests are signed with AWS's own time`,
    ]);
    // What was found out serves the next call of the process.
    await keychain.resolve({ registry: "public.ecr.aws" }, { io });
    assertEquals([made.aws.log.length, made.warnings.length], [3, 1]);
  });
}

Deno.test("a wrong secret is not taken for a wrong clock", async () => {
  const made = world({ skew: 3 * MINUTE });
  made.io.variables.set("AWS_SECRET_ACCESS_KEY", "other");
  const { message } = await made.fault();
  assertStringIncludes(message, "the secret does not belong to the key");
  assertEquals(made.aws.log.length, 1);
});

Deno.test("a clock that is wrong and a secret that is wrong: the correction is tried once", async () => {
  const made = world({ skew: 20 * MINUTE });
  made.io.variables.set("AWS_SECRET_ACCESS_KEY", "other");
  const { message } = await made.fault();
  assertStringIncludes(message, "the clock of this machine is 20 minutes behind");
  assertEquals(made.aws.log.length, 2);
});

Deno.test("keys that expire between two calls are renewed once", async () => {
  const made = awsWorld({ instance: true });
  const old = made.aws.add({
    accessKeyId: "ASIAOLD",
    sessionToken: "t",
    expiry: new Date("2026-01-02T03:00:00Z"),
  });
  const next = made.aws.add({ accessKeyId: "ASIANEXT", sessionToken: "t" });
  made.aws.instance = { role: "r", principal: old };
  const answer = made.aws.answer;
  made.aws.answer = async (request) => {
    const result = await answer(request);
    if (result.status === 400) made.aws.instance = { role: "r", principal: next };
    return result;
  };
  assertEquals(await made.owner(), "arn:aws:iam::123456789012:user/asianext");
});

Deno.test("keys that cannot be renewed are not tried twice", async () => {
  const made = awsWorld();
  const { secret } = made.aws.add({
    accessKeyId: "ASIAOLD",
    sessionToken: "t",
    expiry: new Date("2026-01-02T03:00:00Z"),
  });
  made.io.variables.set("AWS_ACCESS_KEY_ID", "ASIAOLD");
  made.io.variables.set("AWS_SECRET_ACCESS_KEY", secret);
  made.io.variables.set("AWS_SESSION_TOKEN", "t");
  assertStringIncludes((await made.fault()).message, "have expired");
  assertEquals(made.aws.log.length, 1);
});

for (
  const [what, options, message, hint, requests] of [
    [
      "a name that nobody knows",
      { unknown: /^api\.ecr/ },
      "Cannot ask ECR in eu-west-1: no server is known under api.ecr.eu-west-1.amazonaws.com",
      "private DNS",
      2,
    ],
    ["no answer in time", { silent: /^api\.ecr/ }, "no answer in time", "", 3],
  ] satisfies [string, AwsWorldOptions, string, string, number][]
) {
  Deno.test(`${what} is a network error that names the host`, async () => {
    const made = world(options);
    const fault = await made.fault();
    assertEquals(fault.code, "network");
    assertStringIncludes(fault.message, message);
    assertStringIncludes(fault.hint, hint);
    assertEquals(made.io.requests.length, requests);
  });
}

Deno.test("a certificate that is not trusted names AWS_CA_BUNDLE, which adds to the usual ones", async () => {
  const made = world();
  const failing = {
    ...made.io,
    fetch: () => Promise.reject(new TypeError("invalid peer certificate: UnknownIssuer")),
  };
  const error = await made.keychain().resolve({ registry: HOST }, { io: failing }).catch((thrown) =>
    thrown
  );
  assertStringIncludes(error.hint, "name its certificate in AWS_CA_BUNDLE");

  made.io.variables.set("AWS_CA_BUNDLE", "/ca.pem");
  const { code, message } = await made.fault();
  assertEquals([code, message], [
    "config-io",
    'Cannot read "/ca.pem" of AWS_CA_BUNDLE: it does not exist',
  ]);
  made.io.files.set("/ca.pem", { text: "PEM", mode: 0o600, modified: made.io.now() });
  assertEquals((await made.ask())?.username, "AWS");
  assertEquals(made.io.clients.at(-1)?.ca, ["PEM"]);
});

Deno.test("the caller's signal ends the call", async () => {
  const made = world();
  const controller = new AbortController();
  made.aws.faults.push(() => {
    controller.abort(new Error("enough"));
    return { status: 500 };
  });
  const error = await made.keychain()
    .resolve({ registry: HOST }, { io: made.io, signal: controller.signal })
    .catch((thrown) => thrown);
  assertEquals(error.code, "aborted");
});

Deno.test("all calls together take no more than 25 seconds", async () => {
  const made = world({ env: { AWS_MAX_ATTEMPTS: "99" } });
  made.aws.faults.push(
    ...Array(99).fill(refused("ThrottlingException", { "x-amz-retry-after": "5000" })),
  );
  const start = made.io.now().getTime();
  await made.fault();
  assert(made.io.now().getTime() - start < 25_000);
});
