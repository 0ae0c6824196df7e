import { assertEquals } from "@std/assert";
import { ecr } from "../../lib/registries/ecr.ts";
import {
  answersOf,
  machine,
  nextSteps,
  offered,
  questionOf,
  testHosts,
  testHostSuggestions,
  testOutcomes,
  testPages,
  testSuggestions,
  testVerdicts,
} from "../fakes/recipe.ts";

const HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const CHINA = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn";
const PUBLIC = "public.ecr.aws";
const PASSWORD = "eyJ" + "a".repeat(1_000);
const SAVED = [{ host: HOST, username: "AWS", where: "a file" }] as const;

testHosts(ecr, [
  HOST,
  CHINA,
  PUBLIC,
  `${HOST}:443`,
  "123456789012.dkr-ecr.eu-central-1.on.aws",
  "ecr-public.aws.com",
  "gallery.ecr.aws",
  "api.ecr.eu-central-1.amazonaws.com",
  "ecr.eu-central-1.api.aws",
  "12345.dkr.ecr.eu-central-1.amazonaws.com",
  "aws_account_id.dkr.ecr.region.amazonaws.com",
  "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
], [
  `${HOST}.evil.example`,
  `x.${HOST}`,
  "xpublic.ecr.aws",
  "public.ecr.aws.evil.example",
  "evil.example",
  "s3.eu-central-1.amazonaws.com",
  "ghcr.io",
  "contoso.azurecr.io",
]);

const JUDGED: readonly (readonly [host: string, said: string])[] = [
  [HOST, ""],
  [PUBLIC, ""],
  ["gallery.ecr.aws", "The registry is public.ecr.aws."],
  ["api.ecr.eu-central-1.amazonaws.com", "One is named ACCOUNT.dkr.ecr.REGION.amazonaws.com"],
  ["12345.dkr.ecr.eu-central-1.amazonaws.com", "with 12 digits for the account"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com", "differently in regions such as cn-north-1"],
];

for (const [host, said] of JUDGED) {
  Deno.test(`ecr judges the host ${host}`, () => {
    const { error = "" } = ecr.checkHost?.(host) ?? {};
    assertEquals([error === "", error.includes(said)], [said === "", true]);
  });
}

const ENV = { AWS_ACCOUNT_ID: "123456789012", AWS_REGION: "eu-central-1" } as const;

testHostSuggestions(ecr, [
  ["an empty machine", {}, [`${PUBLIC} images for everybody`]],
  ["a machine with variables", { env: ENV }, [
    `${HOST} from AWS_ACCOUNT_ID, region from AWS_REGION`,
    `${PUBLIC} images for everybody`,
  ]],
  ["a machine that is logged in", { env: ENV, saved: SAVED }, [
    `${HOST} from AWS_ACCOUNT_ID, region from AWS_REGION`,
    `${PUBLIC} images for everybody`,
  ]],
  ["a machine that is logged in elsewhere", {
    saved: [...SAVED, { host: "ghcr.io", username: "jane", where: "a file" }],
  }, [`${HOST} from a file`, `${PUBLIC} images for everybody`]],
  ["a machine in China", {
    env: { AWS_ACCOUNT_ID: "123456789012" },
    awsProfiles: [{ name: "cn", region: "cn-north-1" }],
  }, [
    `${CHINA} from AWS_ACCOUNT_ID, region from AWS profile "cn"`,
    `${PUBLIC} images for everybody`,
  ]],
  ["a machine with odd variables", { env: { ...ENV, AWS_ACCOUNT_ID: "acme" } }, [
    `${PUBLIC} images for everybody`,
  ]],
]);

Deno.test("ecr makes the host out of account and region", () => {
  const texts = { account: "123456789012", region: "cn-north-1" };
  assertEquals(ecr.hostForm?.host(texts), CHINA);
});

function hostQuestion(id: string) {
  const question = ecr.hostForm?.questions.find((question) => question.id === id);
  if (question === undefined) throw new Error(`the host is made without ${id}`);
  return question;
}

testVerdicts("ecr account", hostQuestion("account"), [
  ["123456789012", "fine"],
  [" 1234-5678-9012 ", "fine"],
  ["export AWS_ACCOUNT_ID=123456789012", "fine"],
  ["12345678901", "error", "12 digits"],
  ["acme", "error", "12 digits"],
  ["", "error", "12 digits"],
]);

testVerdicts("ecr region", hostQuestion("region"), [
  ["eu-central-1", "fine"],
  ["EU-CENTRAL-1", "fine"],
  ["us-gov-west-1", "fine"],
  ["eu-central-1a", "error", "like eu-central-1"],
  ["Frankfurt", "error", "like eu-central-1"],
  ["", "error", "like eu-central-1"],
]);

Deno.test("ecr knows account and region of a machine", () => {
  const profiles = [{ name: "a" }, { name: "b", region: "eu-west-1" }, {
    name: "default",
    region: "eu-west-3",
  }];
  const suggested = (id: string, facts: Parameters<typeof machine>[0]): string | undefined => {
    const found = hostQuestion(id).suggest?.(machine(facts), answersOf({ host: "" }));
    return found && `${found.value} ${found.from}`;
  };
  assertEquals(suggested("account", {}), undefined);
  assertEquals(suggested("account", { env: ENV }), "123456789012 from AWS_ACCOUNT_ID");
  assertEquals(suggested("account", { saved: SAVED }), "123456789012 from a file");
  assertEquals(suggested("region", {}), undefined);
  assertEquals(suggested("region", { env: ENV }), "eu-central-1 from AWS_REGION");
  assertEquals(
    suggested("region", { env: { AWS_DEFAULT_REGION: "eu-west-2" } }),
    "eu-west-2 from AWS_DEFAULT_REGION",
  );
  assertEquals(
    suggested("region", { awsProfiles: profiles }),
    'eu-west-3 from AWS profile "default"',
  );
  assertEquals(
    suggested("region", { awsProfiles: profiles, env: { AWS_PROFILE: "b" } }),
    'eu-west-1 from AWS profile "b"',
  );
  assertEquals(
    suggested("region", { awsProfiles: profiles.slice(0, 2) }),
    'eu-west-1 from AWS profile "b"',
  );
});

Deno.test("ecr offers the helper where it is installed", () => {
  assertEquals(offered(ecr, { programs: ["aws"] }), ["password"]);
  assertEquals(offered(ecr, { programs: ["docker-credential-regauth"] }), ["regauth", "password"]);
  assertEquals(offered(ecr, { programs: ["docker-credential-ecr-login"] }), [
    "ecr-login",
    "password",
  ]);
});

testOutcomes(ecr, [
  ["regauth", { host: HOST, texts: { "aws-profile": "prod", covers: "host" } }, {
    kind: "keychain",
    pattern: HOST,
    settings: { keychain: "ecr", profile: "prod" },
    hosts: [HOST],
  }],
  ["regauth", { host: CHINA, texts: { "aws-profile": "none", covers: "account" } }, {
    kind: "keychain",
    pattern: "123456789012.dkr.ecr.*.amazonaws.com.cn",
    settings: { keychain: "ecr" },
    hosts: [CHINA],
  }],
  ["regauth", { host: PUBLIC, texts: { "role-arn": "arn:aws:iam::123456789012:role/pull" } }, {
    kind: "keychain",
    pattern: PUBLIC,
    settings: { keychain: "ecr", roleArn: "arn:aws:iam::123456789012:role/pull" },
    hosts: [PUBLIC],
  }],
  ["ecr-login", { host: HOST }, { kind: "helper", helper: "ecr-login", hosts: [HOST] }],
  ["password", { host: HOST, texts: { profile: "prod" }, secret: PASSWORD }, {
    kind: "basic",
    username: "AWS",
    secret: PASSWORD,
  }],
]);

const PULL_RIGHTS = "ecr:GetAuthorizationToken on *, and on the repository ecr:BatchGetImage and " +
  "ecr:GetDownloadUrlForLayer.";

testPages(ecr, [
  ["regauth", { host: HOST }, undefined, PULL_RIGHTS],
  ["ecr-login", { host: HOST }, undefined, PULL_RIGHTS],
  ["password", { host: HOST }, undefined, PULL_RIGHTS],
  ["password", { host: HOST, access: "push" }, undefined, ecr.guide.rights.push],
  [
    "password",
    { host: PUBLIC },
    undefined,
    "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *; " +
    "without a login, fewer pulls are allowed.",
  ],
  [
    "password",
    { host: PUBLIC, access: "push" },
    undefined,
    "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *; on the repository " +
    "ecr-public:BatchCheckLayerAvailability, ecr-public:InitiateLayerUpload, " +
    "ecr-public:UploadLayerPart, ecr-public:CompleteLayerUpload and ecr-public:PutImage.",
  ],
]);

const COMMANDS: readonly (readonly [host: string, profile: string | undefined, command: string])[] =
  [
    [HOST, undefined, "aws ecr get-login-password --region eu-central-1."],
    [HOST, "prod", "aws ecr get-login-password --region eu-central-1 --profile prod."],
    [HOST, "my team", 'aws ecr get-login-password --region eu-central-1 --profile "my team".'],
    [CHINA, "", "aws ecr get-login-password --region cn-north-1."],
    [PUBLIC, undefined, "aws ecr-public get-login-password --region us-east-1."],
  ];

for (const [host, profile, command] of COMMANDS) {
  Deno.test(`ecr tells the command for ${host} with the profile ${profile}`, () => {
    const texts = profile === undefined ? {} : { profile };
    const way = ecr.ways.find(({ id }) => id === "password");
    const remark = way?.page?.(answersOf({ host, texts })).remark ?? "";
    assertEquals(remark.slice(0, `Run: ${command}`.length), `Run: ${command}`);
  });
}

testVerdicts("ecr password", questionOf(ecr, "password", "secret"), [
  [PASSWORD, "fine"],
  ["QVdTO" + "a".repeat(1_000), "warning", "user name and password in one"],
  ["AKIA" + "A".repeat(16), "warning", "access key"],
  ["ASIA" + "A".repeat(16), "warning", "access key"],
  ["hunter2", "warning", "Was all of it pasted?"],
  ["", "error", "empty"],
  ["$(aws ecr get-login-password)", "error", "placeholder"],
  [`${PASSWORD}\n${PASSWORD}`, "error", "one line"],
]);

testVerdicts("ecr profile", questionOf(ecr, "password", "profile"), [
  ["", "fine"],
  ["prod", "fine"],
  ["acme/AdministratorAccess", "fine"],
  ["my team", "fine"],
  ["a$(b)", "error", "no quotes, dollars"],
  ["a`b`", "error", "no quotes, dollars"],
]);

testVerdicts("ecr role", questionOf(ecr, "regauth", "role-arn"), [
  ["", "fine"],
  ["arn:aws:iam::123456789012:role/team/pull", "fine"],
  ["arn:aws-cn:iam::123456789012:role/pull", "fine"],
  ["pull", "error", "like arn:aws:iam"],
  ["arn:aws:iam::123456789012:user/pull", "error", "like arn:aws:iam"],
]);

Deno.test("ecr lets choose among the profiles of the AWS files, or none", () => {
  const { choices } = questionOf(ecr, "regauth", "aws-profile");
  const awsProfiles = [{ name: "a" }, { name: "b", region: "eu-west-1" }];
  const found = choices?.(machine({ awsProfiles }), answersOf({ host: HOST })) ?? [];
  assertEquals(found.map(({ value }) => value), ["a", "b", "none"]);
});

Deno.test("ecr lets choose between one registry and those of the account", () => {
  const { choices, when } = questionOf(ecr, "regauth", "covers");
  const hosts = choices?.(machine({}), answersOf({ host: HOST })).map(({ from }) => from);
  assertEquals(hosts, [HOST, "123456789012.dkr.ecr.*.amazonaws.com"]);
  assertEquals(when?.(answersOf({ host: HOST })), true);
  assertEquals(when?.(answersOf({ host: PUBLIC })), false);
});

testSuggestions(ecr, HOST, [
  [
    "no profile where there is none",
    "regauth",
    "aws-profile",
    {},
    "none the AWS files hold no default profile",
  ],
  [
    "the default profile",
    "regauth",
    "aws-profile",
    { awsProfiles: [{ name: "default" }, { name: "b" }] },
    "default from the AWS files",
  ],
  [
    "the profile of AWS_PROFILE",
    "regauth",
    "aws-profile",
    { env: { AWS_PROFILE: "b" }, awsProfiles: [{ name: "default" }, { name: "b" }] },
    "b from AWS_PROFILE",
  ],
  [
    "no profile that does not exist",
    "regauth",
    "aws-profile",
    { env: { AWS_PROFILE: "x" }, awsProfiles: [{ name: "default" }] },
    "default from the AWS files",
  ],
  [
    "the profile of the region",
    "regauth",
    "aws-profile",
    { awsProfiles: [{ name: "eu", region: "eu-central-1" }] },
    "eu its region is eu-central-1",
  ],
  ["no profile on an empty machine", "password", "profile", {}, undefined],
  [
    "the chosen profile",
    "password",
    "profile",
    { env: { AWS_PROFILE: "prod" }, awsProfiles: [{ name: "eu", region: "eu-central-1" }] },
    "prod from AWS_PROFILE",
  ],
  [
    "the profile of the host's region",
    "password",
    "profile",
    {
      awsProfiles: [{ name: "us", region: "us-east-1" }, { name: "eu", region: "eu-central-1" }],
    },
    "eu its region is eu-central-1",
  ],
  [
    "no profile where the default one fits",
    "password",
    "profile",
    {
      awsProfiles: [{ name: "eu", region: "eu-central-1" }, {
        name: "default",
        region: "eu-central-1",
      }],
    },
    undefined,
  ],
]);

testVerdicts("ecr repository", ecr.repository, [
  ["", "fine"],
  ["app", "fine"],
  ["team/app", "fine"],
  [`${HOST}/team/app:1.0`, "fine"],
  ["Team/app", "error", 'did you mean "team/app"'],
], answersOf({ host: HOST }));

testVerdicts("ecr public repository", ecr.repository, [
  ["acme/app", "fine"],
  ["app", "error", "ALIAS/NAME"],
], answersOf({ host: PUBLIC }));

Deno.test("ecr tells what to do next", () => {
  assertEquals(nextSteps(ecr, { host: HOST }), [`Pull an image. $ docker pull ${HOST}/NAME`]);
  const push = { host: HOST, access: "push", repository: "team/app" } as const;
  const create = "Create the repository first, if it does not exist. $ aws";
  assertEquals(nextSteps(ecr, { ...push, texts: { profile: "prod" } }), [
    `${create} ecr create-repository --repository-name team/app ` +
    "--region eu-central-1 --profile prod",
    `Push an image. $ docker push ${HOST}/team/app`,
    "It shows up at https://console.aws.amazon.com/ecr/home?region=eu-central-1.",
  ]);
  assertEquals(
    nextSteps(ecr, { ...push, host: PUBLIC, repository: "acme/team/app" })[0],
    `${create} ecr-public create-repository --repository-name team/app --region us-east-1`,
  );
  const isolated = "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov";
  assertEquals(nextSteps(ecr, { ...push, host: isolated }).length, 2);
});
