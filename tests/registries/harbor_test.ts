import { assertEquals } from "@std/assert";
import { parseChallenges } from "../../lib/challenge.ts";
import { harbor } from "../../lib/registries/harbor.ts";
import {
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

const HOST = "harbor.example";
const SECRET = "a".repeat(32);

testHosts(harbor, [], [HOST, "goharbor.io", "ghcr.io", "quay.io"]);

const RECOGNISED: readonly (readonly [header: string, known: boolean])[] = [
  [`Bearer realm="https://${HOST}/service/token",service="harbor-registry"`, true],
  ['Basic realm="harbor"', true],
  [`Bearer realm="https://${HOST}/v2/auth"`, false],
  [`Bearer realm="https://${HOST}/evil/service/token"`, false],
  ['Basic realm="Registry"', false],
];

for (const [header, known] of RECOGNISED) {
  Deno.test(`harbor is ${known ? "" : "not "}behind ${header}`, () => {
    assertEquals(harbor.recognises?.(parseChallenges(header)), known);
  });
}

testHostSuggestions(harbor, [
  ["an empty machine", {}, []],
  ["a machine with a variable", { env: { HARBOR_URL: `https://${HOST}/` } }, [
    `${HOST} from HARBOR_URL`,
  ]],
  ["a machine with a robot", {
    saved: [
      { host: HOST, username: "robot$team+ci", where: "a file" },
      { host: "reg.example", username: "jane", where: "a file" },
    ],
  }, [`${HOST} from a file`]],
]);

Deno.test("harbor always offers all its ways", () => {
  assertEquals(offered(harbor, {}), ["robot", "system-robot", "cli-secret", "password"]);
});

const ROBOT = { host: HOST, texts: { username: "robot$team+ci" }, secret: SECRET };
const LOGIN = { host: HOST, texts: { username: "jane" }, secret: "hunter2" };

testOutcomes(harbor, [
  ["robot", ROBOT, { kind: "basic", username: "robot$team+ci", secret: SECRET }],
  ["system-robot", { ...ROBOT, texts: { username: "robot$ci", "ca-file": "/ca.pem" } }, {
    kind: "basic",
    username: "robot$ci",
    secret: SECRET,
    connection: { ca: "/ca.pem" },
  }],
  ["cli-secret", { ...LOGIN, secret: SECRET }, {
    kind: "basic",
    username: "jane",
    secret: SECRET,
  }],
  ["password", LOGIN, { kind: "basic", username: "jane", secret: "hunter2" }],
]);

const PUSH_RIGHTS = "Push Repository and Pull Repository; the first cannot be given alone.";

testPages(harbor, [
  ["robot", { host: HOST }, `https://${HOST}/harbor/projects`, "Pull Repository."],
  ["robot", { host: HOST, access: "push" }, `https://${HOST}/harbor/projects`, PUSH_RIGHTS],
  ["system-robot", { host: HOST }, `https://${HOST}/harbor/robot-accounts`, "Pull Repository."],
  [
    "cli-secret",
    { host: HOST, access: "push" },
    `https://${HOST}/harbor/projects`,
    "Usually the role Developer in the project.",
  ],
  [
    "password",
    { host: HOST },
    undefined,
    "A role in the project, usually Limited Guest or more; none if it is public.",
  ],
]);

testVerdicts("harbor robot of a project", questionOf(harbor, "robot", "username"), [
  ["robot$team+ci", "fine"],
  [" 'robot$team+ci' ", "fine"],
  ["bot-team+ci", "warning", "begins with robot$"],
  ["robot$ci", "warning", "robot$PROJECT+NAME"],
  ["jane", "warning", "robot$PROJECT+NAME"],
  ["robot+ci", "warning", "A shell may have replaced"],
  ["robot", "warning", "A shell may have replaced"],
  ["", "error", "needed"],
  ["robot$a:b+c", "error", "colon"],
]);

testVerdicts("harbor robot of the system", questionOf(harbor, "system-robot", "username"), [
  ["robot$ci", "fine"],
  ["robot$team+ci", "warning", "robot of a project"],
  ["bot-ci", "warning", "begins with robot$"],
  ["robot$", "warning", "begins with robot$"],
  ["robot", "warning", "A shell may have replaced"],
  ["", "error", "needed"],
]);

testVerdicts("harbor secret of a robot", questionOf(harbor, "robot", "secret"), [
  [SECRET, "fine"],
  ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "fine"],
  ["", "error", "empty"],
  ["****", "error", "placeholder"],
]);

testVerdicts("harbor user name", questionOf(harbor, "cli-secret", "username"), [
  ["jane", "fine"],
  ["jane@example.com", "warning", "e-mail"],
  ["", "error", "needed"],
]);

testVerdicts("harbor password", questionOf(harbor, "password", "secret"), [
  ['"hunter2"', "fine"],
  ["", "error", "empty"],
]);

const ENV = {
  HARBOR_URL: `https://${HOST}`,
  HARBOR_USERNAME: "robot$team+ci",
  HARBOR_PASSWORD: SECRET,
} as const;
const OF_JANE = { ...ENV, HARBOR_USERNAME: "jane" } as const;
const ELSEWHERE = { ...ENV, HARBOR_URL: "https://other.example" } as const;

testSuggestions(harbor, HOST, [
  ["no robot on an empty machine", "robot", "username", {}, undefined],
  ["a robot", "robot", "username", { env: ENV }, "robot$team+ci from HARBOR_USERNAME"],
  ["its secret", "robot", "secret", { env: ENV }, `${SECRET} from HARBOR_PASSWORD`],
  ["no robot of a project for the system", "system-robot", "username", { env: ENV }, undefined],
  [
    "a robot that is logged in",
    "system-robot",
    "username",
    { saved: [{ host: HOST, username: "robot$ci", where: "a file" }] },
    "robot$ci from a file",
  ],
  ["no robot as a person", "password", "username", { env: ENV }, undefined],
  ["no secret of a robot as a password", "password", "secret", { env: ENV }, undefined],
  ["a person", "cli-secret", "username", { env: OF_JANE }, "jane from HARBOR_USERNAME"],
  ["a person's password", "password", "secret", { env: OF_JANE }, `${SECRET} from HARBOR_PASSWORD`],
  ["no person as a robot", "robot", "username", { env: OF_JANE }, undefined],
  ["no password as a robot's secret", "robot", "secret", { env: OF_JANE }, undefined],
  ["no robot of another server", "robot", "username", { env: ELSEWHERE }, undefined],
  ["no secret of another server", "robot", "secret", { env: ELSEWHERE }, undefined],
]);

testVerdicts("harbor repository", harbor.repository, [
  ["", "fine"],
  ["team/app", "fine"],
  [`${HOST}/team/app/part:1.0`, "fine"],
  ["app", "error", "PROJECT/REPO"],
]);

Deno.test("harbor tells what to do next", () => {
  assertEquals(nextSteps(harbor, ROBOT), [`Pull an image. $ docker pull ${HOST}/team/REPO`]);
  assertEquals(nextSteps(harbor, LOGIN), [`Pull an image. $ docker pull ${HOST}/PROJECT/REPO`]);
  assertEquals(nextSteps(harbor, { ...ROBOT, access: "push", repository: "team/app" }), [
    "Push an image. The project must exist; the push creates the repository in it. " +
    `$ docker push ${HOST}/team/app`,
    `It shows up at https://${HOST}/harbor/projects.`,
  ]);
});
