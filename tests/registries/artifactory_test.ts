import { assertEquals } from "@std/assert";
import { parseChallenges } from "../../lib/challenge.ts";
import { artifactory } from "../../lib/registries/artifactory.ts";
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

const HOST = "acme.jfrog.io";
const OWN = "art.example.com";
const REFERENCE = `cmVmd${"a".repeat(59)}`;
const API_KEY = `AKCp${"a".repeat(69)}`;

function jwt(sub: string): string {
  return `eyJhbGciOiJub25lIn0.${btoa(JSON.stringify({ sub })).replace(/=+$/, "")}.c2ln`;
}

const OF_JANE = jwt("jfac@01abc/users/jane");

testHosts(artifactory, [HOST, "acme-docker-local.jfrog.io"], [
  "jfrog.io",
  "jfrog.com",
  "www.jfrog.com",
  "acme.jfrog.io.evil.example",
  "evil.acme.jfrog.io",
  "acme.jfrog.io:5001",
  "xjfrog.io",
  OWN,
  "ghcr.io",
]);

const RECOGNISED: readonly (readonly [header: string, known: boolean])[] = [
  [`Bearer realm="https://${OWN}/artifactory/api/docker/local/v2/token",service="${OWN}"`, true],
  [`Bearer realm="https://${OWN}/api/docker/docker-local/v2/token"`, true],
  ['Basic realm="Artifactory Realm"', true],
  [`Bearer realm="https://${OWN}/v2/token"`, false],
  [`Bearer realm="https://${OWN}/service/token"`, false],
  ['Basic realm="Registry"', false],
];

for (const [header, known] of RECOGNISED) {
  Deno.test(`artifactory is ${known ? "" : "not "}behind ${header}`, () => {
    assertEquals(artifactory.recognises?.(parseChallenges(header)), known);
  });
}

testHostSuggestions(artifactory, [
  ["an empty machine", {}, []],
  ["a machine with a variable", { env: { JF_URL: "https://acme.jfrog.io/" } }, [
    `${HOST} from JF_URL`,
  ]],
  ["a machine that is logged in", {
    env: { JFROG_URL: "https://art.example.com/artifactory" },
    saved: [
      { host: HOST, username: "jane", where: "a file" },
      { host: "ghcr.io", where: "a file" },
    ],
  }, [`${OWN} from JFROG_URL`, `${HOST} from a file`]],
]);

Deno.test("artifactory makes the host out of a name", () => {
  const host = (server: string): string | undefined => artifactory.hostForm?.host({ server });
  assertEquals(host("acme"), HOST);
  assertEquals(host(OWN), OWN);
  assertEquals(host("art:5001"), "art:5001");
});

const [server] = artifactory.hostForm?.questions ?? [];
if (server === undefined) throw new Error("the host is made without a server");

testVerdicts("artifactory server", server, [
  ["acme", "fine"],
  ["https://acme.jfrog.io/ui/", "fine"],
  ["art.example.com:5001", "fine"],
  ["", "error", "art.example.com"],
  ["my server", "error", "art.example.com"],
]);

Deno.test("artifactory always offers all its ways", () => {
  assertEquals(offered(artifactory, {}), ["identity-token", "access-token", "password"]);
});

const LOGIN = { host: HOST, texts: { username: "jane" }, secret: REFERENCE };
const BASIC = { kind: "basic", username: "jane", secret: REFERENCE };

testOutcomes(artifactory, [
  ["identity-token", LOGIN, BASIC],
  ["access-token", LOGIN, BASIC],
  ["password", LOGIN, BASIC],
  [
    "password",
    { ...LOGIN, host: OWN, texts: { username: "jane", layout: "path", "ca-file": "/ca.pem" } },
    { ...BASIC, connection: { ca: "/ca.pem" } },
  ],
]);

const READ = "Usually the permission Read on the repository.";
const ALL = "It has all the rights of your account, which must be able to";

testPages(artifactory, [
  ["identity-token", { host: HOST }, "https://acme.jfrog.io/ui/user_profile", `${ALL} pull.`],
  [
    "identity-token",
    { host: "art.example.com:5001", access: "push" },
    "https://art.example.com:5001/ui/user_profile",
    `${ALL} push.`,
  ],
  [
    "access-token",
    { host: HOST },
    "https://acme.jfrog.io/ui/admin/configuration/security/access_tokens",
    READ,
  ],
  ["password", { host: HOST }, undefined, `${ALL} pull.`],
]);

const WEBSITES: readonly (readonly [host: string, layout: string, web: string])[] = [
  [OWN, "path", OWN],
  ["docker-local.art.example.com", "subdomain", OWN],
  ["art.example.com:5001", "port", OWN],
];

for (const [host, layout, web] of WEBSITES) {
  Deno.test(`artifactory knows the website of ${host} by ${layout}`, () => {
    const page = artifactory.ways[0]?.page?.(answersOf({ host, texts: { layout } }));
    assertEquals(page?.url, `https://${web}/ui/user_profile`);
  });
}

Deno.test("artifactory asks servers of one's own how images are named", () => {
  const asked = (host: string): readonly string[] =>
    (artifactory.ways[0]?.questions ?? [])
      .filter(({ when }) => when?.(answersOf({ host })) ?? true).map(({ id }) => id);
  assertEquals(asked(HOST), ["secret", "username"]);
  assertEquals(asked(OWN), ["layout", "ca-file", "secret", "username"]);
});

testVerdicts("artifactory layout", questionOf(artifactory, "password", "layout"), [
  ["path", "fine"],
  ["subdomain", "fine"],
  ["port", "fine"],
  ["virtual", "error", "Choose one of"],
]);

testVerdicts("artifactory token", questionOf(artifactory, "identity-token", "secret"), [
  [REFERENCE, "fine"],
  [OF_JANE, "fine"],
  [REFERENCE.slice(0, -1), "warning", "Was all of it pasted?"],
  [API_KEY, "warning", "being withdrawn"],
  ["hunter2", "warning", "usually begins with cmVmd or eyJ"],
  ["", "error", "empty"],
  ["<token>", "error", "placeholder"],
]);

testVerdicts(
  "artifactory user of a token",
  questionOf(artifactory, "access-token", "username"),
  [
    ["jane", "fine"],
    ["joe", "warning", "made for jane"],
    ["", "error", "needed"],
    ["a:b", "error", "colon"],
  ],
  answersOf({ host: HOST, secret: OF_JANE }),
);

testVerdicts(
  "artifactory user of an opaque token",
  questionOf(artifactory, "access-token", "username"),
  [["anybody", "fine"]],
  answersOf({ host: HOST, secret: REFERENCE }),
);

const SUBJECTS: readonly (readonly [subject: string, username: string | undefined])[] = [
  ["jfac@01abc/users/jane", "jane"],
  ["jfrt@01abc/users/jane", "jane"],
  ["jane", "jane"],
  ["acme-oidc/ci-mapping", "acme-oidc/ci-mapping"],
  ["", undefined],
  ["a:b", undefined],
];

for (const [subject, username] of SUBJECTS) {
  Deno.test(`artifactory reads the user out of the subject "${subject}"`, () => {
    const { suggest } = questionOf(artifactory, "identity-token", "username");
    const facts = { env: {}, programs: new Set(""), gitHosts: [], awsProfiles: [], saved: [] };
    const answers = answersOf({ host: HOST, secret: jwt(subject) });
    assertEquals(suggest?.(facts, answers)?.value, username);
  });
}

const ENV = {
  JF_URL: `https://${HOST}/`,
  JF_USER: "joe",
  JF_ACCESS_TOKEN: REFERENCE,
  JF_PASSWORD: "hunter2",
} as const;

testSuggestions(artifactory, HOST, [
  [
    "the user in the token",
    "identity-token",
    "username",
    { env: ENV },
    "jane from the token",
    { secret: OF_JANE },
  ],
  ["the user of a variable", "identity-token", "username", { env: ENV }, "joe from JF_USER"],
  [
    "the user who is logged in",
    "password",
    "username",
    { saved: [{ host: HOST, username: "jane", where: "a file" }] },
    "jane from a file",
  ],
  [
    "the token of a variable",
    "access-token",
    "secret",
    { env: ENV },
    `${REFERENCE} from JF_ACCESS_TOKEN`,
  ],
  [
    "the token of another variable",
    "access-token",
    "secret",
    { env: { JFROG_ACCESS_TOKEN: REFERENCE } },
    `${REFERENCE} from JFROG_ACCESS_TOKEN`,
  ],
  ["the password of a variable", "password", "secret", { env: ENV }, "hunter2 from JF_PASSWORD"],
  [
    "no token of another server",
    "access-token",
    "secret",
    { env: { ...ENV, JF_URL: "https://other.jfrog.io" } },
    undefined,
  ],
  [
    "no user of another server",
    "password",
    "username",
    { env: { ...ENV, JF_URL: "https://other.jfrog.io" } },
    undefined,
  ],
]);

testSuggestions(artifactory, "docker-local.art.example.com", [
  [
    "the token of the server above",
    "identity-token",
    "secret",
    { env: { JF_URL: `https://${OWN}`, JF_ACCESS_TOKEN: REFERENCE } },
    `${REFERENCE} from JF_ACCESS_TOKEN`,
    { texts: { layout: "subdomain" } },
  ],
  ["names by path", "password", "layout", {}, "path HOST/REPO/IMAGE"],
]);

testSuggestions(artifactory, "art.example.com:5001", [
  ["names by port", "password", "layout", {}, "port HOST:PORT/IMAGE"],
]);

testVerdicts("artifactory repository", artifactory.repository, [
  ["", "fine"],
  ["docker-local/app", "fine"],
  [`${HOST}/docker-local/team/app:1.0`, "fine"],
  ["app", "error", "REPO/IMAGE"],
], answersOf({ host: HOST }));

testVerdicts("artifactory repository by port", artifactory.repository, [
  ["app", "fine"],
], answersOf({ host: "art.example.com:5001", texts: { layout: "port" } }));

Deno.test("artifactory tells what to do next", () => {
  assertEquals(nextSteps(artifactory, { host: HOST }), [
    `Pull an image. $ docker pull ${HOST}/REPO/IMAGE`,
  ]);
  const push = { access: "push", host: "art.example.com:5001", texts: { layout: "port" } } as const;
  assertEquals(nextSteps(artifactory, push), [
    "Create the repository first, if it does not exist: " +
    "https://art.example.com/ui/admin/repositories/local/new.",
    "Push an image. $ docker push art.example.com:5001/IMAGE",
    "It usually shows up at https://art.example.com/ui/repos/tree/General.",
  ]);
});
