import { assertEquals, assertStringIncludes } from "@std/assert";
import { memoryIo } from "../../lib/memory_io.ts";
import { runCommand } from "../fakes/command.ts";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

const LOGIN = { action: ["ecr:GetAuthorizationToken"], resource: "*" };
const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const PUSH = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:CompleteLayerUpload",
  "ecr:GetDownloadUrlForLayer",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];
const PUBLIC_LOGIN = {
  action: ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"],
  resource: "*",
};

/** What imgpkg's documentation allows for read and write (docs "Authentication", AWS ECR). */
const IMGPKG = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:GetRepositoryPolicy",
  "ecr:DescribeRepositories",
  "ecr:ListImages",
  "ecr:DescribeImages",
  "ecr:BatchGetImage",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
];

interface Allowed {
  readonly action: readonly string[];
  readonly resource: string;
}

async function policy(...args: string[]): Promise<readonly Allowed[]> {
  const { code, stdout } = await runCommand(["policy", ...args], memoryIo());
  assertEquals(code, 0);
  const { Version, Statement } = JSON.parse(stdout);
  assertEquals(Version, "2012-10-17");
  return Statement.map((
    { Sid, Effect, Action, Resource }: Record<string, unknown>,
  ) => {
    assertEquals([Effect, /^[A-Za-z0-9]+$/.test(String(Sid))], ["Allow", true]);
    return { action: [Action].flat().sort(), resource: Resource };
  });
}

for (
  const [args, wanted] of [
    [["ecr"], [LOGIN, {
      action: PULL,
      resource: "arn:aws:ecr:REGION:ACCOUNT:repository/REPOSITORY",
    }]],
    [["ecr", "--push"], [LOGIN, {
      action: PUSH,
      resource: "arn:aws:ecr:REGION:ACCOUNT:repository/REPOSITORY",
    }]],
    [["ecr", "--push", `${HOST}/team/app:v1`], [LOGIN, {
      action: PUSH,
      resource: "arn:aws:ecr:eu-west-1:123456789012:repository/team/app",
    }]],
    [["ecr", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"], [LOGIN, {
      action: PULL,
      resource: "arn:aws-cn:ecr:cn-north-1:123456789012:repository/REPOSITORY",
    }]],
    [["ecr", "public.ecr.aws"], [PUBLIC_LOGIN]],
    [["ecr", "--push", "public.ecr.aws/alias/team/app"], [PUBLIC_LOGIN, {
      action: [
        "ecr-public:BatchCheckLayerAvailability",
        "ecr-public:CompleteLayerUpload",
        "ecr-public:InitiateLayerUpload",
        "ecr-public:PutImage",
        "ecr-public:UploadLayerPart",
      ],
      resource: "arn:aws:ecr-public::ACCOUNT:repository/team/app",
    }]],
  ] satisfies [string[], Allowed[]][]
) {
  Deno.test(`policy ${args.join(" ")}`, async () => {
    assertEquals(await policy(...args), wanted);
  });
}

Deno.test("policy ecr --push allows no more than imgpkg's documentation does", async () => {
  const actions = (await policy("ecr", "--push")).flatMap(({ action }) => action);
  assertEquals(actions.filter((action) => !IMGPKG.includes(action)), []);
});

Deno.test("policy tells on stderr what to do with it, and everything as JSON", async () => {
  const { stderr } = await runCommand(["policy", "ecr"], memoryIo());
  assertStringIncludes(stderr, "Attach it to the user or role");
  const { stdout } = await runCommand(["policy", "ecr", "--json"], memoryIo());
  const { cloud, access, policy, notes } = JSON.parse(stdout);
  assertEquals([cloud, access, notes.length], ["ecr", "pull", 3]);
  assertEquals(JSON.parse(policy).Statement.length, 2);
});

for (
  const [args, message] of [
    [["policy", "ecs"], 'Cannot make a policy for "ecs": it is not known'],
    [["policy", "ecr", "reg.example/app"], 'Cannot make a policy for "reg.example": it is not ECR'],
    [["policy", "ecr", `${HOST}.evil.example`], "it is not ECR"],
    [["policy"], "Missing argument"],
  ] as const
) {
  Deno.test(`${args.join(" ")} is wrong usage`, async () => {
    const { code, stdout, stderr } = await runCommand([...args], memoryIo());
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  });
}
