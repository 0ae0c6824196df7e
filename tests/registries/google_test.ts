import { assertEquals } from "@std/assert";
import { google } from "../../lib/registries/google.ts";
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

const HOST = "europe-west1-docker.pkg.dev";
const KEY = JSON.stringify({
  type: "service_account",
  client_email: "reader@acme.iam.gserviceaccount.com",
  private_key: "-----BEGIN PRIVATE KEY-----\nMIIFAKE\n-----END PRIVATE KEY-----\n",
});
const TOKEN = `ya29.${"a".repeat(100)}`;
const READER = "Role Artifact Registry Reader on the repository.";
const WRITER = "Role Artifact Registry Writer on the repository, which includes pulling.";

testHosts(google, [HOST, "us-docker.pkg.dev", "gcr.io", "eu.gcr.io", "us-npm.pkg.dev"], [
  "pkg.dev",
  "evilpkg.dev",
  "gcr.io.evil.example",
  "us-docker.pkg.dev.evil.example",
  "gcr.io:5000",
  "ghcr.io",
  "quay.io",
  "public.ecr.aws",
]);

Deno.test("google doubts hosts of other packages", () => {
  assertEquals(google.checkHost?.(HOST), {});
  assertEquals(google.checkHost?.("gcr.io"), {});
  assertEquals(google.checkHost?.("us-npm.pkg.dev"), {
    warning: "A repository for images is usually at LOCATION-docker.pkg.dev.",
  });
});

const USUAL = [
  "us-docker.pkg.dev the United States",
  "europe-docker.pkg.dev Europe",
  "asia-docker.pkg.dev Asia",
  "gcr.io the older name in the United States",
];

testHostSuggestions(google, [
  ["an empty machine", {}, USUAL],
  ["a machine with a location", { env: { CLOUDSDK_ARTIFACTS_LOCATION: "europe-west1" } }, [
    `${HOST} from CLOUDSDK_ARTIFACTS_LOCATION`,
    ...USUAL,
  ]],
  ["a machine that is logged in", {
    saved: [
      { host: "gcr.io", where: "a file" },
      { host: "index.docker.io", where: "a file" },
    ],
  }, ["gcr.io from a file", ...USUAL.slice(0, 3)]],
]);

Deno.test("google makes the host out of a location", () => {
  assertEquals(google.hostForm?.host({ location: "europe-west1" }), HOST);
});

const [location] = google.hostForm?.questions ?? [];
if (location === undefined) throw new Error("the host is made without a location");

testVerdicts("google location", location, [
  ["europe-west1", "fine"],
  ["US", "fine"],
  ["northamerica-northeast1", "fine"],
  ["europe-west1-b", "error", "like europe-west1"],
  ["Belgium, Europe", "error", "like europe-west1"],
  ["", "error", "like europe-west1"],
]);

Deno.test("google knows the location of a machine", () => {
  const facts = machine({ env: { CLOUDSDK_ARTIFACTS_LOCATION: "asia" } });
  assertEquals(location.suggest?.(facts, answersOf({ host: "" }))?.value, "asia");
});

Deno.test("google offers the helpers that are installed", () => {
  const others = ["key-file", "access-token"];
  assertEquals(offered(google, { programs: ["gcloud"] }), others);
  assertEquals(offered(google, { programs: ["docker-credential-gcloud"] }), ["gcloud", ...others]);
  assertEquals(offered(google, { programs: ["docker-credential-gcr"] }), ["gcr", ...others]);
});

testOutcomes(google, [
  ["gcloud", { host: HOST }, { kind: "helper", helper: "gcloud", hosts: [HOST] }],
  ["gcr", { host: HOST }, { kind: "helper", helper: "gcr", hosts: [HOST] }],
  ["key-file", { host: HOST, secret: KEY }, {
    kind: "basic",
    username: "_json_key_base64",
    secret: btoa(KEY),
  }],
  ["key-file", { host: "eu.gcr.io", secret: KEY }, {
    kind: "basic",
    username: "_json_key",
    secret: KEY,
  }],
  ["key-file", { host: "gcr.io", secret: btoa(KEY) }, {
    kind: "basic",
    username: "_json_key",
    secret: KEY,
  }],
  ["access-token", { host: HOST, secret: TOKEN }, {
    kind: "basic",
    username: "oauth2accesstoken",
    secret: TOKEN,
  }],
]);

testPages(google, [
  ["gcloud", { host: HOST }, undefined, READER],
  ["gcr", { host: HOST, access: "push" }, undefined, WRITER],
  [
    "key-file",
    { host: HOST },
    "https://console.cloud.google.com/iam-admin/serviceaccounts",
    READER,
  ],
  ["access-token", { host: HOST, access: "push" }, undefined, WRITER],
]);

testVerdicts("google key file", questionOf(google, "key-file", "key-file"), [
  [KEY, "fine"],
  ['{"type":"authorized_user"}', "error", "login of a person"],
  ["", "error", "empty"],
]);

testVerdicts("google access token", questionOf(google, "access-token", "secret"), [
  [TOKEN, "fine"],
  [`"${TOKEN}"`, "fine"],
  ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "warning", "identity token"],
  ["hunter2", "warning", "begins with ya29."],
  ["", "error", "empty"],
  ["$(gcloud auth print-access-token)", "error", "placeholder"],
]);

testSuggestions(google, HOST, [
  [
    "the key file of a variable",
    "key-file",
    "key-file",
    { env: { GOOGLE_APPLICATION_CREDENTIALS: "/run/key.json" } },
    "/run/key.json from GOOGLE_APPLICATION_CREDENTIALS",
  ],
  ["no token on an empty machine", "access-token", "secret", {}, undefined],
  [
    "the token of a variable",
    "access-token",
    "secret",
    { env: { CLOUDSDK_AUTH_ACCESS_TOKEN: "odd", GOOGLE_OAUTH_ACCESS_TOKEN: TOKEN } },
    `${TOKEN} from GOOGLE_OAUTH_ACCESS_TOKEN`,
  ],
]);

testVerdicts("google repository", google.repository, [
  ["", "fine"],
  ["acme/images/app", "fine"],
  [`${HOST}/acme/images/app:1.0`, "fine"],
  ["acme/app", "error", "PROJECT/REPO/IMAGE"],
], answersOf({ host: HOST }));

testVerdicts("google repository under an older name", google.repository, [
  ["acme/app", "fine"],
  ["app", "error", "PROJECT/IMAGE"],
], answersOf({ host: "gcr.io" }));

Deno.test("google tells what to do next", () => {
  assertEquals(nextSteps(google, { host: HOST }), [
    `Pull an image. $ docker pull ${HOST}/PROJECT/REPO/IMAGE`,
  ]);
  const push = { access: "push" } as const;
  const page = "It shows up at https://console.cloud.google.com/artifacts.";
  assertEquals(nextSteps(google, { ...push, host: HOST, repository: "acme/images/app" }), [
    "Create the repository first, if it does not exist. $ gcloud artifacts repositories create " +
    "images --repository-format=docker --location=europe-west1 --project=acme",
    `Push an image. $ docker push ${HOST}/acme/images/app`,
    page,
  ]);
  assertEquals(nextSteps(google, { ...push, host: "gcr.io" }), [
    "Push an image. $ docker push gcr.io/PROJECT/IMAGE",
    page,
  ]);
});
