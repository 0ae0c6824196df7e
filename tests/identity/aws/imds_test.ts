import { assertEquals, assertStringIncludes } from "@std/assert";
import { type AwsWorld, awsWorld, type AwsWorldOptions } from "../../fakes/aws_world.ts";

const OWNER = "arn:aws:iam::123456789012:user/asiainstance";

function world(options: AwsWorldOptions = {}): AwsWorld {
  const made = awsWorld({ instance: true, ...options });
  const principal = made.aws.add({
    accessKeyId: "ASIAINSTANCE",
    sessionToken: "t",
    expiry: new Date("2026-01-02T09:00:00Z"),
  });
  made.aws.instance = { role: "node-role", principal };
  return made;
}

Deno.test("an instance gives the keys of its role, by tokens of IMDSv2", async () => {
  const made = world();
  const found = await made.ask();
  assertEquals(made.aws.passwords.get(found?.password?.reveal() ?? "")?.arn, OWNER);
  assertEquals(found?.detail, "AWS keys from role node-role of the EC2 instance");
  assertEquals(made.aws.actions(), [
    "PUT /latest/api/token",
    "GET /latest/meta-data/iam/security-credentials/",
    "GET /latest/meta-data/iam/security-credentials/node-role",
    "ECR GetAuthorizationToken",
  ]);
  assertEquals(
    made.io.requests[0]?.headers.get("x-aws-ec2-metadata-token-ttl-seconds"),
    "300",
  );
});

for (
  const [what, env, config, origin] of [
    ["its IPv4 address", {}, "", "http://169.254.169.254"],
    [
      "its IPv6 address",
      { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "ipv6" },
      "",
      "http://[fd00:ec2::254]",
    ],
    [
      "that of the variable",
      {
        AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1338",
        AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6",
      },
      "",
      "http://127.0.0.1:1338",
    ],
    [
      "that of the profile",
      {},
      "[default]\nec2_metadata_service_endpoint=http://127.0.0.1:1\n",
      "http://127.0.0.1:1",
    ],
    [
      "the mode of the profile",
      {},
      "[default]\nec2_metadata_service_endpoint_mode=IPv6\n",
      "http://[fd00:ec2::254]",
    ],
  ] satisfies [string, Record<string, string>, string, string][]
) {
  Deno.test(`the metadata service is at ${what}`, async () => {
    const made = world({ env, files: { "/home/me/.aws/config": config } });
    assertEquals(await made.owner(), OWNER);
    assertEquals(new URL(made.io.requests[0]?.url ?? "").origin, origin);
  });
}

for (const value of ["true", "TRUE", "1", "yes"]) {
  Deno.test(`AWS_EC2_METADATA_DISABLED=${value} skips it without a request`, async () => {
    const made = world({ env: { AWS_EC2_METADATA_DISABLED: value } });
    const { code, message } = await made.fault();
    assertEquals(code, "no-credential");
    assertStringIncludes(message, "EC2 instance: AWS_EC2_METADATA_DISABLED is set");
    assertEquals(made.io.requests, []);
  });
}

Deno.test("a service that does not answer is given up, with the cure for containers", async () => {
  const made = world({ silent: /^169/ });
  const { code, message } = await made.fault();
  assertEquals(code, "no-credential");
  assertStringIncludes(message, "EC2 instance: no answer in time. In a container on EC2");
  assertStringIncludes(message, "--http-put-response-hop-limit 2");
  assertEquals(made.io.requests.length, 2);
});

Deno.test("a machine that is no instance is asked once", async () => {
  const made = awsWorld();
  const keychain = made.keychain();
  const { io } = made;
  for (const region of ["eu-west-1", "eu-west-2"]) {
    const registry = `123456789012.dkr.ecr.${region}.amazonaws.com`;
    await keychain.resolve({ registry }, { io }).catch(() => {});
  }
  assertEquals(io.requests.length, 1);
});

for (
  const [what, change, reason] of [
    ["no role", (made) => void (made.aws.instance = undefined), "the instance has no role"],
    [
      "no IMDSv2",
      (made) => void made.aws.faults.push(() => ({ status: 403 })),
      "status 403 for a session token",
    ],
    [
      "no service at all",
      (made) => void made.aws.faults.push(() => ({ status: 404 })),
      "status 404 for a session token",
    ],
    [
      "a broken list of roles",
      (made) =>
        void made.aws.faults.push(
          () => undefined,
          () => ({ status: 500 }),
          () => ({ status: 500 }),
        ),
      "status 500",
    ],
  ] satisfies [string, (made: AwsWorld) => void, string][]
) {
  Deno.test(`an instance with ${what} is passed over`, async () => {
    const made = world();
    change(made);
    const { code, message } = await made.fault();
    assertEquals(code, "no-credential");
    assertStringIncludes(message, reason);
  });
}

Deno.test("a token that has expired is fetched anew", async () => {
  const made = world();
  made.aws.faults.push(() => undefined, () => ({ status: 401 }));
  assertEquals(await made.owner(), OWNER);
});

Deno.test("a role that EC2 may not take on is an error, in its own words", async () => {
  const made = world();
  const { instance } = made.aws;
  if (instance) made.aws.instance = { ...instance, code: "AssumeRoleUnauthorizedAccess" };
  const { code, message, hint } = await made.fault();
  assertEquals(code, "refused");
  assertStringIncludes(message, "role node-role of the EC2 instance: AssumeRoleUnauthorizedAccess");
  assertStringIncludes(hint, "EC2 may take it on");
});

Deno.test("a wrong request for a token is an error", async () => {
  const made = world();
  made.aws.faults.push(() => ({ status: 400 }));
  assertEquals((await made.fault()).code, "refused");
});

Deno.test("an endpoint that is none of AWS is an error", async () => {
  for (
    const env of [
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: "169.254" },
      { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv5" },
    ]
  ) {
    const { code, message } = await world({ env }).fault();
    assertEquals(code, "invalid-environment");
    assertStringIncludes(message, Object.keys(env)[0] ?? "");
  }
});

Deno.test("no proxy is asked for the metadata service", async () => {
  const made = world({ env: { ALL_PROXY: "http://proxy.example:3128" } });
  await made.ask();
  assertEquals(made.io.clients[0], { direct: true });
});
