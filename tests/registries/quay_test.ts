import { assertEquals } from "@std/assert";
import { quay } from "../../lib/registries/quay.ts";
import {
  answersOf,
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

const OF_ROBOT = "A1".repeat(32);
const OF_APP = "A1".repeat(60);
const HERE = { host: "quay.io" } as const;

testHosts(quay, ["quay.io"], [
  "quay.io.evil.example",
  "xquay.io",
  "evil.quay.io",
  "quay.io:8443",
  "quay.example.com",
  "ghcr.io",
]);

testHostSuggestions(quay, [["any machine", {}, ["quay.io the default"]]]);

Deno.test("quay offers the robot first", () => {
  assertEquals(offered(quay, {}, HERE), [
    "robot",
    "app-token",
    "encrypted-password",
    "oauth-token",
    "password",
  ]);
});

testOutcomes(quay, [
  ["robot", { ...HERE, texts: { username: "acme+ci" }, secret: OF_ROBOT }, {
    kind: "basic",
    username: "acme+ci",
    secret: OF_ROBOT,
  }],
  ["app-token", { ...HERE, secret: OF_APP }, { kind: "basic", username: "$app", secret: OF_APP }],
  ["oauth-token", { ...HERE, secret: "hunter2" }, {
    kind: "basic",
    username: "$oauthtoken",
    secret: "hunter2",
  }],
  ["encrypted-password", { ...HERE, texts: { username: "jane" }, secret: "hunter2" }, {
    kind: "basic",
    username: "jane",
    secret: "hunter2",
  }],
  [
    "password",
    { texts: { username: "jane", "ca-file": "/etc/ca.pem" }, secret: "hunter2" },
    { kind: "basic", username: "jane", secret: "hunter2", connection: { ca: "/etc/ca.pem" } },
  ],
]);

Deno.test("quay asks for a CA file on other hosts only", () => {
  const { when } = questionOf(quay, "robot", "ca-file");
  assertEquals(when?.(answersOf(HERE)), false);
  assertEquals(when?.(answersOf({ host: "quay.example.com" })), true);
});

testPages(quay, [
  ["robot", HERE, "https://quay.io/organization/ORG?tab=robots", "Read on the repository."],
  [
    "robot",
    { host: "quay.example.com", access: "push", texts: { username: "acme+ci" } },
    "https://quay.example.com/organization/acme?tab=robots",
    "Write on the repository; to create one by a push, usually the team role Creator.",
  ],
  [
    "app-token",
    HERE,
    "https://quay.io/user/USER?tab=settings",
    "It has all the rights of the account, which must be able to pull.",
  ],
  [
    "encrypted-password",
    { ...HERE, texts: { username: "jane" } },
    "https://quay.io/user/jane?tab=settings",
    "It has all the rights of the account, which must be able to pull.",
  ],
  [
    "oauth-token",
    HERE,
    "https://quay.io/organization/ORG?tab=applications",
    "Scope repo:read.",
  ],
  [
    "oauth-token",
    { ...HERE, access: "push" },
    "https://quay.io/organization/ORG?tab=applications",
    "Scope repo:write, and repo:create for new repositories.",
  ],
  ["password", HERE, undefined, "A password has all the rights of the account."],
]);

testVerdicts("quay robot", questionOf(quay, "robot", "username"), [
  ["acme+ci", "fine"],
  ["acme.team+ci_bot-1", "fine"],
  ["acme+ci__bot", "warning", "lower-case"],
  ["Acme+ci", "warning", "lower-case"],
  ["a+ci", "warning", "lower-case"],
  ["ci", "error", "NAMESPACE+NAME"],
  ["acme+ci+x", "error", "NAMESPACE+NAME"],
  ["+ci", "error", "NAMESPACE+NAME"],
  ["acme+", "error", "NAMESPACE+NAME"],
  ["", "error", "needed"],
]);

testVerdicts("quay robot token", questionOf(quay, "robot", "secret"), [
  [OF_ROBOT, "fine"],
  ["eyJh.eyJz.c2ln", "fine"],
  [OF_ROBOT.slice(1), "warning", "64 capital letters"],
  [OF_ROBOT.toLowerCase(), "warning", "64 capital letters"],
  [`ghp_${"a".repeat(36)}`, "warning", "a classic GitHub token"],
  ["", "error", "empty"],
]);

testVerdicts("quay application token", questionOf(quay, "app-token", "secret"), [
  [OF_APP, "fine"],
  [OF_ROBOT, "warning", "120 characters"],
  ["<token>", "error", "placeholder"],
]);

testVerdicts("quay encrypted password", questionOf(quay, "encrypted-password", "secret"), [
  ["whatever+it/is==", "fine"],
  [`glpat-${"a".repeat(20)}`, "warning", "This looks like a GitLab access token."],
]);

testVerdicts("quay repository", quay.repository, [
  ["", "fine"],
  ["acme/app", "fine"],
  ["quay.io/acme/app:1.0", "fine"],
  ["acme/team/app", "warning", "feature"],
  ["app", "error", "NAMESPACE/REPO"],
  ["Acme/app", "error", "lower case"],
], answersOf(HERE));

testSuggestions(quay, "quay.io", [
  ["nobody on an empty machine", "robot", "username", {}, undefined],
  [
    "the robot of the variable",
    "robot",
    "username",
    { env: { QUAY_USERNAME: "acme+ci" } },
    "acme+ci from QUAY_USERNAME",
  ],
  [
    "the robot that is logged in before a person of the variable",
    "robot",
    "username",
    {
      env: { QUAY_USERNAME: "jane" },
      saved: [{ host: "quay.io", username: "acme+ci", where: "a file" }],
    },
    "acme+ci from a file",
  ],
  [
    "a person for the password",
    "password",
    "username",
    {
      env: { QUAY_USERNAME: "acme+ci" },
      saved: [{ host: "quay.io", username: "jane", where: "a file" }],
    },
    "jane from a file",
  ],
  [
    "no fixed name as person",
    "password",
    "username",
    { saved: [{ host: "quay.io", username: "$app", where: "a file" }] },
    undefined,
  ],
  [
    "the robot's token",
    "robot",
    "secret",
    { env: { QUAY_PASSWORD: OF_ROBOT, QUAY_TOKEN: "hunter2" } },
    `${OF_ROBOT} from QUAY_PASSWORD`,
  ],
  [
    "no token on another host",
    "robot",
    "secret",
    { env: { QUAY_PASSWORD: OF_ROBOT } },
    undefined,
    { host: "quay.example.com" },
  ],
]);

Deno.test("quay tells what to do next", () => {
  const robot = { ...HERE, texts: { username: "acme+ci" } };
  assertEquals(nextSteps(quay, robot), ["Pull an image. $ docker pull quay.io/acme/REPO"]);
  assertEquals(nextSteps(quay, { ...robot, access: "push", repository: "acme/app" }), [
    "Push an image. The first push creates the repository, usually a private one. " +
    "$ docker push quay.io/acme/app",
    "It shows up at https://quay.io/repository/acme/app.",
  ]);
});
