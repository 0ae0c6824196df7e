import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { type FakeAws, fakeAws } from "../fakes/aws.ts";
import { type AwsServer, serveAws } from "../fakes/aws_server.ts";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const SECRET = "secret-of-AKIDEXAMPLE";

/** A home folder with keys, and AWS beside it. */
interface World extends AsyncDisposable {
  readonly aws: FakeAws;
  readonly server: AwsServer;
  readonly home: Sandbox;
}

async function world(): Promise<World> {
  const aws = fakeAws(() => new Date());
  aws.add({ accessKeyId: "AKIDEXAMPLE" });
  const stack = new AsyncDisposableStack();
  const server = stack.use(await serveAws(aws));
  const home = stack.use(await sandbox());
  await Deno.mkdir(join(home.home, ".aws"));
  await Deno.writeTextFile(
    join(home.home, ".aws", "credentials"),
    `[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = ${SECRET}\n`,
  );
  return { aws, server, home, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("get answers for an ECR host as a credential helper does, and remembers it", async () => {
  await using made = await world();
  const { aws, server, home } = made;
  const answers: string[] = [];
  for (let call = 0; call < 2; call++) {
    const { code, stdout, stderr } = await home.run(["get"], {
      stdin: `${HOST}\n`,
      env: server.env,
    });
    assertEquals([code, stderr], [0, ""]);
    answers.push(stdout);
  }
  const { ServerURL, Username, Secret, ...rest } = JSON.parse(answers[0] ?? "");
  assertEquals([ServerURL, Username, rest], [HOST, "AWS", {}]);
  assert(aws.passwords.has(Secret));
  assertEquals(answers[1], answers[0]);
  assertEquals(aws.actions(), ["ECR GetAuthorizationToken"]);
});

Deno.test("processes that ask at once make one call", async () => {
  await using made = await world();
  const { aws, server, home } = made;
  const runs = Array.from({ length: 6 }, () => home.run(["get"], { stdin: HOST, env: server.env }));
  const results = await Promise.all(runs);
  assertEquals(new Set(results.map(({ code }) => code)), new Set([0]));
  assertEquals(new Set(results.map(({ stdout }) => stdout)).size, 1);
  assertEquals(aws.actions(), ["ECR GetAuthorizationToken"]);
});

Deno.test("a failure is one line that says what to do, and holds no secret", async () => {
  await using made = await world();
  const { aws, server, home } = made;
  aws.principals.clear();
  const { code, stdout, stderr } = await home.run(["get"], { stdin: HOST, env: server.env });
  assertEquals([code, stderr], [1, ""]);
  assertStringIncludes(stdout, 'AWS does not know the key AKID… from profile "default"');
  assertEquals(stdout.trim().split("\n").length, 1);
  for (const command of [["resolve"], ["explain"], ["check"]]) {
    const env = { ...server.env, REGAUTH_ACTIVE_KEYCHAINS: "ecr" };
    const run = await home.run([...command, "--verbose", HOST], { env });
    assertEquals(run.code, 4);
    assertEquals(`${run.stdout}${run.stderr}`.includes(SECRET), false);
  }
});

Deno.test("explain and verbose show the way through the chain, and no secret", async () => {
  await using made = await world();
  const { aws, server, home } = made;
  const env = { ...server.env, REGAUTH_ACTIVE_KEYCHAINS: "ecr" };
  const { code, stdout, stderr } = await home.run(["explain", "--verbose", HOST], { env });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "variables: AWS_ACCESS_KEY_ID is not set");
  assertStringIncludes(stdout, 'AWS keys come from profile "default"');
  assertStringIncludes(stderr, "request 0f0f0f0f-1");
  const [password = ""] = aws.passwords.keys();
  for (const secret of [SECRET, password.slice(0, 40), btoa(`AWS:${password}`).slice(0, 40)]) {
    assertEquals(`${stdout}${stderr}`.includes(secret), false);
  }
});

Deno.test("a metadata service that accepts and never answers is given up after two tries", async () => {
  await using made = await world();
  const { home } = made;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  const env = {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}`,
    AWS_SHARED_CREDENTIALS_FILE: "/missing",
  };
  const { code, stdout } = await home.run(["get"], { stdin: HOST, env });
  listener.close();
  await accepting;
  for (const connection of connections) connection.close();
  assertEquals(code, 1);
  assertStringIncludes(stdout, "EC2 instance: no answer in time");
  assertEquals(connections.length, 2);
  const disabled = await home.run(["get"], {
    stdin: HOST,
    env: { ...env, AWS_EC2_METADATA_DISABLED: "true" },
  });
  assertStringIncludes(disabled.stdout, "AWS_EC2_METADATA_DISABLED is set");
});

Deno.test("policy prints a policy from the command line", async () => {
  await using home = await sandbox();
  const { code, stdout } = await home.run(["policy", "ecr", "--push", `${HOST}/team/app`]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).Version, "2012-10-17");
});
