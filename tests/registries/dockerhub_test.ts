import { assertEquals } from "@std/assert";
import { dockerhub } from "../../lib/registries/dockerhub.ts";
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

const PERSONAL = `dckr_pat_${"a".repeat(27)}`;
const OF_ORGANIZATION = `dckr_oat_${"a".repeat(32)}`;
const OLD = "01234567-89ab-cdef-0123-456789abcdef";
const HERE = { host: "index.docker.io" } as const;
const LOGIN = { ...HERE, texts: { username: "jane" }, secret: PERSONAL };

testHosts(dockerhub, [
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
  "hub.docker.com",
], [
  "docker.io.evil.example",
  "xdocker.io",
  "auth.docker.io",
  "docker.com",
  "index.docker.io:5000",
  "evil.docker.io",
  "ghcr.io",
  "quay.io",
]);

Deno.test("dockerhub corrects the names of its website", () => {
  const error = "This is the website of Docker Hub. The registry is docker.io.";
  assertEquals(dockerhub.checkHost?.("hub.docker.com"), { error });
  assertEquals(dockerhub.checkHost?.("registry.hub.docker.com"), { error });
  assertEquals(dockerhub.checkHost?.("index.docker.io"), {});
});

testHostSuggestions(dockerhub, [["any machine", {}, ["docker.io the default"]]]);

Deno.test("dockerhub offers the personal token first", () => {
  assertEquals(offered(dockerhub, {}, HERE), ["token", "organization-token", "password"]);
});

testOutcomes(dockerhub, [
  ["token", LOGIN, { kind: "basic", username: "jane", secret: PERSONAL }],
  [
    "organization-token",
    { ...HERE, texts: { username: "acme" }, secret: OF_ORGANIZATION },
    { kind: "basic", username: "acme", secret: OF_ORGANIZATION },
  ],
  ["password", { ...LOGIN, secret: "hunter2" }, {
    kind: "basic",
    username: "jane",
    secret: "hunter2",
  }],
]);

testPages(dockerhub, [
  ["token", HERE, "https://app.docker.com/settings/personal-access-tokens", "Repo Read-only."],
  [
    "token",
    { ...HERE, access: "push" },
    "https://app.docker.com/settings/personal-access-tokens",
    "Repo Read & Write.",
  ],
  [
    "organization-token",
    HERE,
    "https://app.docker.com",
    "Scope scope-image-pull on the repository.",
  ],
  [
    "organization-token",
    { ...HERE, access: "push" },
    "https://app.docker.com",
    "Scope scope-image-push on the repository, and scope-repository-create if it is new.",
  ],
  ["password", HERE, undefined, "A password has all the rights of the account."],
]);

testVerdicts("Docker ID", questionOf(dockerhub, "token", "username"), [
  ["jane", "fine"],
  ["Jane", "fine"],
  ["export DOCKER_USERNAME=jane", "fine"],
  ["jane@example.com", "warning", "Docker ID is wanted"],
  ["jd", "warning", "4 to 30"],
  ["jane-doe", "warning", "4 to 30"],
  ["", "error", "needed"],
  ["jane:doe", "error", "colon"],
]);

testVerdicts("Docker organization", questionOf(dockerhub, "organization-token", "username"), [
  ["acme", "fine"],
  ["", "error", "needed"],
]);

testVerdicts("Docker token", questionOf(dockerhub, "token", "secret"), [
  [PERSONAL, "fine"],
  [OLD, "fine"],
  [`'${PERSONAL}'`, "fine"],
  [PERSONAL.slice(0, -2), "warning", "Was all of it pasted?"],
  [OF_ORGANIZATION, "warning", "belongs to an organization"],
  ["hunter2", "warning", "usually begins with dckr_pat_"],
  ["dckr_pat_xxxx", "error", "placeholder"],
  ["", "error", "empty"],
]);

testVerdicts("Docker organization token", questionOf(dockerhub, "organization-token", "secret"), [
  [OF_ORGANIZATION, "fine"],
  [`dckr_oat_${"a".repeat(50)}`, "fine"],
  [PERSONAL, "warning", "personal token"],
]);

testVerdicts("Docker password", questionOf(dockerhub, "password", "secret"), [
  ["hunter2", "fine"],
  ["hunter2 ", "error", "blank"],
]);

testVerdicts("Docker repository to pull", dockerhub.repository, [
  ["", "fine"],
  ["ubuntu", "fine"],
  ["jane/app", "fine"],
  ["docker.io/jane/app:1.0", "fine"],
  ["jane/team/app", "warning", "two parts"],
  ["Jane/app", "error", "lower case"],
], answersOf(HERE));

testVerdicts("Docker repository to push", dockerhub.repository, [
  ["jane/app", "fine"],
  ["app", "error", "USER/REPO"],
], answersOf({ ...HERE, access: "push" }));

testSuggestions(dockerhub, "index.docker.io", [
  ["nobody on an empty machine", "token", "username", {}, undefined],
  [
    "the name of the variable",
    "token",
    "username",
    { env: { DOCKER_USERNAME: "jane", DOCKERHUB_USERNAME: "joe" } },
    "joe from DOCKERHUB_USERNAME",
  ],
  [
    "who is logged in",
    "token",
    "username",
    { saved: [{ host: "index.docker.io", username: "jane", where: "a file" }] },
    "jane from a file",
  ],
  [
    "a token of the right kind",
    "token",
    "secret",
    { env: { DOCKERHUB_TOKEN: OF_ORGANIZATION, DOCKER_PASSWORD: PERSONAL } },
    `${PERSONAL} from DOCKER_PASSWORD`,
  ],
  ["no password", "token", "secret", { env: { DOCKER_PASSWORD: "hunter2" } }, undefined],
  [
    "a token of an organization",
    "organization-token",
    "secret",
    { env: { DOCKERHUB_TOKEN: OF_ORGANIZATION } },
    `${OF_ORGANIZATION} from DOCKERHUB_TOKEN`,
  ],
]);

Deno.test("dockerhub warns of the public repository before the first push", () => {
  assertEquals(nextSteps(dockerhub, LOGIN), ["Pull an image. $ docker pull jane/REPO"]);
  assertEquals(nextSteps(dockerhub, { ...LOGIN, access: "push", repository: "jane/app" }), [
    "The first push makes jane/app visible to everybody.",
    "To keep it private, create it as a private one first: https://hub.docker.com/repositories.",
    "Push an image. $ docker push jane/app",
    "It shows up at https://hub.docker.com/r/jane/app.",
  ]);
});
