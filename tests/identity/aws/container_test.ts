import { assertEquals, assertStringIncludes } from "@std/assert";
import { type AwsWorld, awsWorld } from "../../fakes/aws_world.ts";

const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

function world(env: Record<string, string>, authorization?: string): AwsWorld {
  const made = awsWorld({ env, files: { "/var/token": "pod-token\n" } });
  const principal = made.aws.add({
    accessKeyId: "ASIACONTAINER",
    sessionToken: "t",
    expiry: new Date("2026-01-02T09:00:00Z"),
  });
  const container = { principal, ...(authorization === undefined ? {} : { authorization }) };
  made.aws.containers.set("/v2/credentials/1", container);
  made.aws.containers.set("/v1/credentials", container);
  return made;
}

const OWNER = "arn:aws:iam::123456789012:user/asiacontainer";

for (
  const [what, env, authorization, url] of [
    [
      "a path",
      { [RELATIVE]: "/v2/credentials/1" },
      undefined,
      "http://169.254.170.2/v2/credentials/1",
    ],
    [
      "a path before a URL",
      { [RELATIVE]: "/v2/credentials/1", [FULL]: "http://localhost/v1/credentials" },
      undefined,
      "http://169.254.170.2/v2/credentials/1",
    ],
    [
      "the agent of EKS, with the token of a file",
      {
        [FULL]: "http://169.254.170.23/v1/credentials",
        [TOKEN_FILE]: "/var/token",
        [TOKEN]: "other",
      },
      "pod-token",
      "http://169.254.170.23/v1/credentials",
    ],
    [
      "its IPv6 address",
      { [FULL]: "http://[fd00:ec2::23]/v1/credentials", [TOKEN]: "pod-token" },
      "pod-token",
      "http://[fd00:ec2::23]/v1/credentials",
    ],
    [
      "this machine",
      { [FULL]: "http://127.0.0.1:81/v1/credentials" },
      undefined,
      "http://127.0.0.1:81/v1/credentials",
    ],
    [
      "any host with https",
      { [FULL]: "https://agent.example/v1/credentials" },
      undefined,
      "https://agent.example/v1/credentials",
    ],
  ] satisfies [string, Record<string, string>, string | undefined, string][]
) {
  Deno.test(`the container's agent is ${what}`, async () => {
    const made = world(env, authorization);
    assertEquals(await made.owner(), OWNER);
    assertEquals(made.io.requests[0]?.url, url);
    assertEquals(made.io.requests[0]?.headers.get("accept"), "application/json");
    assertEquals(made.trace.join().includes("pod-token"), false);
  });
}

for (
  const [what, env, message] of [
    [
      "an address in a network",
      { [FULL]: "http://10.0.0.1/v1/credentials" },
      "10.0.0.1 would send keys unencrypted",
    ],
    [
      "a name in a network",
      { [FULL]: "http://agent.example/v1" },
      "agent.example would send keys unencrypted",
    ],
    ["a lookalike", { [FULL]: "http://localhost.evil.example/" }, "would send keys unencrypted"],
    ["another scheme", { [FULL]: "ftp://localhost/" }, "it is no http URL"],
    ["no path", { [RELATIVE]: "@evil.example/" }, "it is no path"],
    ["a name below the address", { [RELATIVE]: ".evil.example/" }, "it is no path"],
    [
      "a token of two lines",
      { [FULL]: "http://localhost/", [TOKEN]: "s3cret\r\nb" },
      "its token has several lines",
    ],
  ] satisfies [string, Record<string, string>, string][]
) {
  Deno.test(`the container's agent must not be ${what}; nothing is sent`, async () => {
    const made = world(env);
    const fault = await made.fault();
    assertEquals(fault.code, "invalid-environment");
    assertStringIncludes(fault.message, message);
    assertStringIncludes(fault.hint, "container service");
    assertEquals(made.io.requests, []);
    assertEquals(fault.message.includes("s3cret"), false);
  });
}

for (
  const [file, text, why] of [["/missing", "", "does not exist"], [
    "/empty",
    "\n",
    "is empty",
  ]] as const
) {
  Deno.test(`a token file that ${why} is an error`, async () => {
    const made = world({ [FULL]: "http://localhost/v1/credentials", [TOKEN_FILE]: file });
    if (text) made.io.files.set(file, { text, mode: 0o600, modified: made.io.now() });
    const { code, message } = await made.fault();
    assertEquals([code, message], [
      "config-io",
      `Cannot use "${file}" of ${TOKEN_FILE}: it ${why}`,
    ]);
  });
}

Deno.test("an agent that refuses ends the search, in its own words", async () => {
  const made = world({ [RELATIVE]: "/v2/credentials/1" }, "wanted");
  const { code, message, hint } = await made.fault();
  assertEquals(code, "refused");
  assertEquals(
    message,
    "Cannot get keys from the container's agent at 169.254.170.2: NotAuthorized: the token is wrong",
  );
  assertStringIncludes(hint, "role of the task or pod");
});

Deno.test("an agent is asked three times, a second apart", async () => {
  const made = world({ [RELATIVE]: "/v2/credentials/1" });
  made.aws.faults.push(() => ({ status: 500 }), () => ({ status: 429 }));
  assertEquals(await made.owner(), OWNER);
  assertEquals(made.io.sleeps, [1000, 1000]);
  const broken = world({ [RELATIVE]: "/v2/credentials/1" });
  broken.aws.faults.push(...Array(3).fill(() => ({ status: 500, body: "broken" })));
  assertStringIncludes((await broken.fault()).message, "169.254.170.2: broken");
});

Deno.test("an answer without keys is an error", async () => {
  for (
    const body of ["", "<html>", "{}", '{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":7}']
  ) {
    const made = world({ [RELATIVE]: "/v2/credentials/1" });
    made.aws.faults.push(() => ({ status: 200, body }));
    const { code, message } = await made.fault();
    assertEquals(code, "network");
    assertStringIncludes(message, "it sends no keys");
  }
});

Deno.test("the login of a pod is not that of another pod with the same agent", async () => {
  const token = (sub: string): string =>
    `e30.${btoa(JSON.stringify({ sub })).replace(/=+$/, "")}.c2ln`;
  const made = world({
    [FULL]: "http://169.254.170.23/v1/credentials",
    [TOKEN_FILE]: "/var/token",
  });
  for (const sub of ["pod-a", "pod-a", "pod-b"]) {
    const authorization = token(sub);
    made.io.files.set("/var/token", { text: authorization, mode: 0o600, modified: made.io.now() });
    const principal = made.aws.add({ accessKeyId: `ASIA-${sub}`, sessionToken: "t" });
    made.aws.containers.set("/v1/credentials", { principal, authorization });
    assertEquals(await made.owner(), `arn:aws:iam::123456789012:user/asia-${sub}`);
  }
  const logins = made.aws.actions().filter((action) => action.startsWith("ECR"));
  assertEquals(logins.length, 2);
});

Deno.test("no proxy is asked for the agent", async () => {
  const made = world({ [RELATIVE]: "/v2/credentials/1", HTTP_PROXY: "http://proxy.example:3128" });
  await made.ask();
  assertEquals(made.io.clients[0], { direct: true });
});
