import { assertEquals } from "@std/assert";
import { generic } from "../../lib/registries/generic.ts";
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

const LOGIN = { texts: { username: "jane" }, secret: "hunter2" };

testHosts(generic, [], ["reg.example", "localhost:5000", "ghcr.io", "nvcr.io"]);

testHostSuggestions(generic, [["any machine", { env: { HOME: "/home/jane" } }, []]]);

const JUDGED: readonly (readonly [host: string, verdict: string])[] = [
  ["reg.example:5000", ""],
  ["dev.azure.com", "Azure DevOps has no container registry. Use one of Azure: NAME.azurecr.io."],
  [
    "acme.visualstudio.com",
    "Azure DevOps has no container registry. Use one of Azure: NAME.azurecr.io.",
  ],
  ["dev.azure.com.example", ""],
  ["registry.access.redhat.com", "This registry needs no login; registry.redhat.io does."],
];

for (const [host, expected] of JUDGED) {
  Deno.test(`generic judges the host ${host}`, () => {
    const { error, warning } = generic.checkHost?.(host) ?? {};
    assertEquals(error ?? warning ?? "", expected);
  });
}

Deno.test("generic always offers a password", () =>
  assertEquals(offered(generic, {}), ["password"]));

testOutcomes(generic, [
  ["password", LOGIN, { kind: "basic", username: "jane", secret: "hunter2" }],
  [
    "password",
    { ...LOGIN, texts: { username: "jane", scheme: "https", "ca-file": "/etc/ca.pem" } },
    { kind: "basic", username: "jane", secret: "hunter2", connection: { ca: "/etc/ca.pem" } },
  ],
  [
    "password",
    { ...LOGIN, texts: { username: "jane", scheme: "https", "ca-file": "" } },
    { kind: "basic", username: "jane", secret: "hunter2" },
  ],
  [
    "password",
    { ...LOGIN, texts: { username: "jane", scheme: "http", "ca-file": "/etc/ca.pem" } },
    { kind: "basic", username: "jane", secret: "hunter2", connection: { insecure: true } },
  ],
]);

const ASKED: readonly (readonly [host: string, scheme: string | undefined, ids: string])[] = [
  ["reg.example", undefined, "scheme ca-file username secret"],
  ["reg.example", "https", "scheme ca-file username secret"],
  ["reg.example", "http", "scheme username secret"],
  ["localhost:5000", undefined, "username secret"],
  ["127.0.0.1:5000", undefined, "username secret"],
  ["nvcr.io", undefined, "username secret"],
];

for (const [host, scheme, ids] of ASKED) {
  Deno.test(`generic asks on ${host} with ${scheme ?? "no scheme"}`, () => {
    const answers = answersOf({ host, texts: scheme === undefined ? {} : { scheme } });
    const asked = generic.ways.flatMap(({ questions }) => questions)
      .filter(({ when }) => when?.(answers) ?? true);
    assertEquals(asked.map(({ id }) => id).join(" "), ids);
  });
}

testPages(generic, [
  ["password", {}, undefined, "An account that may pull."],
  ["password", { access: "push" }, undefined, "An account that may push."],
  [
    "password",
    { host: "icr.io", access: "push" },
    "https://cloud.ibm.com/iam/apikeys",
    "IAM role Writer; the namespace must exist.",
  ],
  ["password", { host: "registry.heroku.com" }, undefined, "Collaborator of the app."],
]);

testVerdicts("generic scheme", questionOf(generic, "password", "scheme"), [
  ["https", "fine"],
  ["http", "warning", "read the password"],
  ["ftp", "error", "https or http"],
]);

testVerdicts("generic CA file", questionOf(generic, "password", "ca-file"), [
  ["", "fine"],
  ["/etc/ssl/ca.pem", "fine"],
]);

testVerdicts("generic user name", questionOf(generic, "password", "username"), [
  ["jane", "fine"],
  ["jane@example.com", "fine"],
  ["robot$app", "fine"],
  ["", "error", "needed"],
  ["jane:doe", "error", "colon"],
]);

testVerdicts("user name on NGC", questionOf(generic, "password", "username"), [
  ["$oauthtoken", "fine"],
  ["jane", "warning", "The user name on NVIDIA NGC is usually $oauthtoken."],
  ["", "error", "needed"],
], answersOf({ host: "nvcr.io" }));

testVerdicts("generic password", questionOf(generic, "password", "secret"), [
  ["hunter2", "fine"],
  ['"quoted"', "fine"],
  ["with blank", "fine"],
  ["pässwörd€😀", "fine"],
  [" hunter2", "error", "blank"],
  ["hunter2 ", "error", "blank"],
  ["", "error", "empty"],
  ["hunter\n2", "error", "one line"],
  ["hunter\0", "error", "control character"],
  ["hunter\x7f", "error", "control character"],
  ["<password>", "error", "placeholder"],
  ["YOUR_PASSWORD", "error", "placeholder"],
  ["xxxxxxxx", "error", "placeholder"],
  ["****", "error", "placeholder"],
  ["${REGISTRY_PASSWORD}", "error", "placeholder"],
]);

testVerdicts("generic repository", generic.repository, [
  ["", "fine"],
  ["app", "fine"],
  ["team/part/app:1.0", "fine"],
  ["Team/app", "error", "lower case"],
]);

testSuggestions(generic, "reg.example", [
  ["nobody on an empty machine", "password", "username", {}, undefined],
  [
    "who is logged in",
    "password",
    "username",
    { saved: [{ host: "reg.example", username: "jane", where: "a file" }] },
    "jane from a file",
  ],
  [
    "nobody of another port",
    "password",
    "username",
    { saved: [{ host: "reg.example:5000", username: "jane", where: "a file" }] },
    undefined,
  ],
  [
    "the name that everybody has",
    "password",
    "username",
    {},
    "iamapikey the same for everybody on IBM Cloud",
    { host: "us.icr.io" },
  ],
  ["https", "password", "scheme", {}, "https encrypted"],
]);

Deno.test("generic lets choose between https and http", () => {
  const { choices } = questionOf(generic, "password", "scheme");
  assertEquals(choices?.(machine({}), answersOf({})).map(({ value }) => value), ["https", "http"]);
});

Deno.test("generic tells what to do next", () => {
  assertEquals(nextSteps(generic, { ...LOGIN, repository: "team/app" }), [
    "Pull an image. $ docker pull reg.example/team/app",
  ]);
  assertEquals(nextSteps(generic, { ...LOGIN, access: "push" }), [
    "Push an image, which creates its repository. $ docker push reg.example/NAME",
  ]);
});
