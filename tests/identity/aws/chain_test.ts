import { assertEquals, assertStringIncludes } from "@std/assert";
import { type AwsWorld, awsWorld, envKey } from "../../fakes/aws_world.ts";

const user = (id: string): string => `arn:aws:iam::123456789012:user/${id}`;

/** Adds one source of keys to the world, whose owner has its name. */
const SOURCES: Readonly<Record<string, (world: AwsWorld) => void>> = {
  "environment": (world) => envKey(world, "ENVIRONMENT"),
  "web-identity": ({ io, aws }) => {
    const role = "arn:aws:iam::123456789012:role/web-identity";
    aws.webTokens.set("web-token", role);
    io.variables.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token");
    io.variables.set("AWS_ROLE_ARN", role);
    io.variables.set("AWS_ROLE_SESSION_NAME", "session");
    put(io, "/var/token", "web-token\n");
  },
  "profile": ({ io, aws }) => {
    const { secret } = aws.add({ accessKeyId: "PROFILE" });
    put(
      io,
      "/home/me/.aws/credentials",
      `[default]\naws_access_key_id=PROFILE\naws_secret_access_key=${secret}\n`,
    );
  },
  "container": ({ io, aws }) => {
    const principal = aws.add({ accessKeyId: "CONTAINER", sessionToken: "t" });
    aws.containers.set("/v2/credentials/1", { principal });
    io.variables.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1");
  },
  "instance": ({ aws }) => {
    const principal = aws.add({ accessKeyId: "INSTANCE", sessionToken: "t" });
    aws.instance = { role: "node-role", principal };
  },
};

const OWNERS: Readonly<Record<string, string>> = {
  "environment": user("environment"),
  "web-identity": "arn:aws:sts::123456789012:assumed-role/web-identity/session",
  "profile": user("profile"),
  "container": user("container"),
  "instance": user("instance"),
};

function put(io: AwsWorld["io"], path: string, text: string): void {
  io.files.set(path, { text, mode: 0o600, modified: io.now() });
}

const NAMES = Object.keys(SOURCES);

for (const [index, name] of NAMES.entries()) {
  Deno.test(`${name} alone is asked`, async () => {
    const world = awsWorld({ instance: true });
    SOURCES[name]?.(world);
    assertEquals(await world.owner(), OWNERS[name]);
  });

  for (const later of NAMES.slice(index + 1)) {
    Deno.test(`${name} is asked before ${later}`, async () => {
      const world = awsWorld({ instance: true });
      SOURCES[later]?.(world);
      SOURCES[name]?.(world);
      assertEquals(await world.owner(), OWNERS[name]);
    });
  }
}

Deno.test("a profile that is configured is asked before variables", async () => {
  const world = awsWorld();
  for (const name of ["environment", "web-identity", "profile"]) SOURCES[name]?.(world);
  assertEquals(await world.owner({ profile: "default" }), user("profile"));
  assertStringIncludes(
    world.trace.join("\n"),
    'variables: not asked, the profile "default" is configured',
  );
});

Deno.test("a source that fails ends the search: no other identity takes its place", async () => {
  const world = awsWorld({ instance: true });
  SOURCES.profile?.(world);
  SOURCES.instance?.(world);
  SOURCES["web-identity"]?.(world);
  world.aws.webTokens.clear();
  const { code, message } = await world.fault();
  assertEquals(code, "refused");
  assertStringIncludes(message, "InvalidIdentityToken");
  assertEquals(new Set(world.aws.actions()), new Set(["STS AssumeRoleWithWebIdentity"]));
});

Deno.test("AWS_PROFILE chooses the profile, and AWS_DEFAULT_PROFILE after it", async () => {
  const keys = (id: string) => `[${id}]\naws_access_key_id=${id}\naws_secret_access_key=s\n`;
  const files = {
    "/home/me/.aws/credentials": ["DEFAULT", "ONE", "TWO"].map(keys).join("").replace(
      "[DEFAULT]",
      "[default]",
    ),
  };
  for (
    const [env, owner] of [
      [{}, "default"],
      [{ AWS_DEFAULT_PROFILE: "TWO" }, "two"],
      [{ AWS_PROFILE: "ONE", AWS_DEFAULT_PROFILE: "TWO" }, "one"],
      [{ AWS_PROFILE: "", AWS_DEFAULT_PROFILE: "missing" }, "default"],
    ] satisfies [Record<string, string>, string][]
  ) {
    const world = awsWorld({ env, files });
    for (const accessKeyId of ["DEFAULT", "ONE", "TWO"]) {
      world.aws.add({ accessKeyId, secret: "s" });
    }
    assertEquals(await world.owner(), user(owner));
    const missing = Object.values(env).includes("missing");
    assertEquals(
      world.warnings,
      missing
        ? ['AWS_DEFAULT_PROFILE names the profile "missing", which the AWS files do not hold']
        : [],
    );
  }
});

Deno.test("a profile that does not exist is an error that names those that do", async () => {
  const files = { "/home/me/.aws/config": "[profile a]\n[b]\n[default]\n" };
  for (
    const [env, options, message, hint] of [
      [{ AWS_PROFILE: "b" }, {}, "AWS_PROFILE", "its section must be called [profile b], not [b]"],
      [{ AWS_PROFILE: "c" }, {}, "AWS_PROFILE", "Name one of a, default."],
      [{}, { profile: "c" }, "the configuration", "Name one of a, default."],
    ] satisfies [Record<string, string>, { profile?: string }, string, string][]
  ) {
    const world = awsWorld({ env, files });
    const fault = await world.fault(options);
    assertEquals(fault.code, "config-type");
    assertStringIncludes(fault.message, `of ${message}: the AWS files do not hold it`);
    assertStringIncludes(fault.hint, hint);
  }
});
