import { assertEquals } from "@std/assert";
import { acr } from "../../lib/registries/acr.ts";
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

const HOST = "contoso.azurecr.io";
const HERE = { host: HOST } as const;
const GUID = "01234567-89ab-cdef-0123-456789abcdef";
const NOBODY = "00000000-0000-0000-0000-000000000000";
const SECRET = "a".repeat(40);

function jwt(payload: unknown): string {
  return `eyJhbGciOiJub25lIn0.${btoa(JSON.stringify(payload)).replace(/=+$/, "")}.c2ln`;
}

const TOKEN = jwt({ aud: HOST, exp: 1_767_225_600 });

testHosts(acr, [
  HOST,
  "contoso.azurecr.us",
  "contoso-e7ggejfuhzhgedc8.azurecr.io",
  "contoso.eastus.geo.azurecr.io",
  "contoso.eastus.data.azurecr.io",
  "mcr.microsoft.com",
], [
  "azurecr.io",
  "contoso.azurecr.io.evil.example",
  "evilazurecr.io",
  "contoso.azurecr.io:8443",
  "a.b.azurecr.io",
  "microsoft.com",
  "dev.azure.com",
  "ghcr.io",
  "gcr.io",
]);

const JUDGED: readonly (readonly [host: string, verdict: unknown])[] = [
  [HOST, {}],
  ["contoso-e7ggejfuhzhgedc8.azurecr.io", {}],
  ["abc.azurecr.io", {
    warning: "The name of a registry usually has 5 letters and digits or more.",
  }],
  ["contoso.azurecr.de", { warning: "The German cloud of Azure was closed." }],
  ["contoso.eastus.data.azurecr.io", {
    error: "This host only hands out data. The registry is NAME.azurecr.io.",
  }],
  ["mcr.microsoft.com", { error: "This registry is open to everybody: no login is needed." }],
];

for (const [host, verdict] of JUDGED) {
  Deno.test(`acr judges the host ${host}`, () => assertEquals(acr.checkHost?.(host), verdict));
}

testHostSuggestions(acr, [
  ["an empty machine", {}, []],
  ["a machine that is logged in", {
    saved: [
      { host: HOST, username: NOBODY, where: "a file" },
      { host: "mcr.microsoft.com", where: "a file" },
    ],
  }, [`${HOST} from a file`]],
]);

Deno.test("acr makes the host out of name and cloud", () => {
  assertEquals(
    acr.hostForm?.host({ "registry-name": "contoso", cloud: "azurecr.cn" }),
    "contoso.azurecr.cn",
  );
  assertEquals(acr.hostForm?.host({ "registry-name": "contoso" }), HOST);
});

function hostQuestion(id: string) {
  const question = acr.hostForm?.questions.find((question) => question.id === id);
  if (question === undefined) throw new Error(`the host is made without ${id}`);
  return question;
}

testVerdicts("acr name of the registry", hostQuestion("registry-name"), [
  ["contoso", "fine"],
  ["Contoso", "fine"],
  ["https://contoso.azurecr.io/", "fine"],
  ["contoso-e7ggejfuhzhgedc8", "fine"],
  ["abc", "warning", "5 letters"],
  ["", "error", "letters and digits"],
  ["con_toso", "error", "letters and digits"],
]);

testVerdicts("acr cloud", hostQuestion("cloud"), [
  ["azurecr.io", "fine"],
  ["azurecr.us", "fine"],
  ["azurecr.example", "error", "Choose one of"],
]);

Deno.test("acr knows the cloud of a machine", () => {
  const suggested = (name?: string): string | undefined => {
    const facts = machine({ env: name === undefined ? {} : { AZURE_ENVIRONMENT: name } });
    const found = hostQuestion("cloud").suggest?.(facts, answersOf({ host: "" }));
    return found && `${found.value} ${found.from}`;
  };
  assertEquals(suggested(), "azurecr.io Azure");
  assertEquals(suggested("AzurePublicCloud"), "azurecr.io Azure");
  assertEquals(suggested("AzureUSGovernment"), "azurecr.us from AZURE_ENVIRONMENT");
  assertEquals(suggested("AZURECHINACLOUD"), "azurecr.cn from AZURE_ENVIRONMENT");
  assertEquals(
    hostQuestion("cloud").choices?.(machine({}), answersOf({})).map(({ value }) => value),
    ["azurecr.io", "azurecr.us", "azurecr.cn"],
  );
});

Deno.test("acr offers the helpers that are installed", () => {
  const others = ["token", "service-principal", "az", "admin"];
  assertEquals(offered(acr, {}), others);
  assertEquals(offered(acr, { programs: ["docker-credential-acr-env"] }), ["acr-env", ...others]);
  assertEquals(offered(acr, { programs: ["docker-credential-acr-login"] }), [
    "acr-login",
    ...others,
  ]);
});

testOutcomes(acr, [
  ["acr-env", HERE, { kind: "helper", helper: "acr-env", hosts: [HOST] }],
  ["acr-login", HERE, { kind: "helper", helper: "acr-login", hosts: [HOST] }],
  ["token", { ...HERE, texts: { username: "ci-pull" }, secret: SECRET }, {
    kind: "basic",
    username: "ci-pull",
    secret: SECRET,
  }],
  ["service-principal", { ...HERE, texts: { username: GUID }, secret: SECRET }, {
    kind: "basic",
    username: GUID,
    secret: SECRET,
  }],
  ["az", { ...HERE, secret: TOKEN }, { kind: "basic", username: NOBODY, secret: TOKEN }],
  ["admin", { ...HERE, texts: { username: "contoso" }, secret: SECRET }, {
    kind: "basic",
    username: "contoso",
    secret: SECRET,
  }],
]);

Deno.test("acr knows when a token of az stops working", () => {
  const outcome = acr.ways.find(({ id }) => id === "az")?.outcome(
    answersOf({ ...HERE, secret: TOKEN }),
  );
  const end = outcome?.kind === "credential" ? outcome.credential.expiresAt : undefined;
  assertEquals(end, new Date("2026-01-01T00:00:00Z"));
});

testPages(acr, [
  ["acr-env", HERE, undefined, "Role AcrPull on the registry."],
  ["acr-login", { ...HERE, access: "push" }, undefined, "Role AcrPush on the registry."],
  ["token", HERE, "https://portal.azure.com", "content/read on the repository."],
  [
    "token",
    { host: "contoso.azurecr.us", access: "push" },
    "https://portal.azure.us",
    "content/read and content/write on the repository.",
  ],
  ["service-principal", HERE, "https://portal.azure.com", "Role AcrPull on the registry."],
  [
    "service-principal",
    { host: "contoso.azurecr.cn", access: "push" },
    "https://portal.azure.cn",
    "Role AcrPush on the registry.",
  ],
  ["az", HERE, undefined, "Role AcrPull on the registry."],
  ["admin", HERE, "https://portal.azure.com", "It has all rights, which cannot be limited."],
]);

const COMMANDS: readonly (readonly [way: string, host: string, part: string])[] = [
  [
    "token",
    HOST,
    "az acr token create --registry contoso --name TOKEN --repository team/app " +
    "content/read content/write.",
  ],
  ["service-principal", HOST, "az ad sp create-for-rbac --name APP --role AcrPush"],
  ["az", HOST, "az acr login --name contoso --expose-token --query accessToken --output tsv."],
  ["az", "contoso-e7ggejfu.azurecr.io", "az acr login --name contoso "],
  ["admin", HOST, "az acr credential show --name contoso."],
];

for (const [id, host, part] of COMMANDS) {
  Deno.test(`acr ${id} tells the command for ${host}`, () => {
    const way = acr.ways.find((way) => way.id === id);
    const remark = way?.page?.(answersOf({ host, access: "push", repository: "team/app" })).remark;
    assertEquals(remark?.includes(part), true, remark);
  });
}

testVerdicts("acr name of a token", questionOf(acr, "token", "username"), [
  ["ci-pull", "fine"],
  [GUID, "warning", "id of an application"],
  ["", "error", "needed"],
  ["a:b", "error", "colon"],
]);

testVerdicts("acr application", questionOf(acr, "service-principal", "username"), [
  [GUID, "fine"],
  [GUID.toUpperCase(), "fine"],
  [`export AZURE_CLIENT_ID="${GUID}"`, "fine"],
  ["http://my-app", "warning", "GUID"],
  ["", "error", "needed"],
]);

testVerdicts("acr client secret", questionOf(acr, "service-principal", "secret"), [
  [SECRET, "fine"],
  [GUID, "warning", "id of the secret"],
  ["", "error", "empty"],
  ["<secret>", "error", "placeholder"],
]);

testVerdicts("acr token of az", questionOf(acr, "az", "secret"), [
  [TOKEN, "fine"],
  [jwt({ aud: "fabrikam.azurecr.io" }), "warning", "another registry"],
  [jwt({ aud: "https://management.azure.com/" }), "warning", "not made by az acr login"],
  [jwt({}), "fine"],
  [SECRET, "warning", "JSON web token"],
  ["", "error", "empty"],
], answersOf(HERE));

testVerdicts("acr admin user", questionOf(acr, "admin", "username"), [
  ["contoso", "fine"],
  ["jane", "warning", "named like the registry: contoso"],
  ["", "error", "needed"],
], answersOf(HERE));

testVerdicts("acr admin password", questionOf(acr, "admin", "secret"), [
  [SECRET, "fine"],
  ["YOUR_PASSWORD", "error", "placeholder"],
], answersOf(HERE));

const asSaved = (username: string) => ({ saved: [{ host: HOST, username, where: "a file" }] });

testSuggestions(acr, HOST, [
  ["the name of the registry", "admin", "username", {}, "contoso the name of the registry"],
  ["the saved token", "token", "username", asSaved("ci-pull"), "ci-pull from a file"],
  ["no saved application as a token", "token", "username", asSaved(GUID), undefined],
  [
    "the application",
    "service-principal",
    "username",
    { env: { AZURE_CLIENT_ID: GUID } },
    `${GUID} from AZURE_CLIENT_ID`,
  ],
  [
    "the saved application",
    "service-principal",
    "username",
    asSaved(GUID),
    `${GUID} from a file`,
  ],
  ["no saved token as application", "service-principal", "username", asSaved(NOBODY), undefined],
  [
    "the client secret",
    "service-principal",
    "secret",
    { env: { AZURE_CLIENT_SECRET: SECRET } },
    `${SECRET} from AZURE_CLIENT_SECRET`,
  ],
]);

testVerdicts("acr repository", acr.repository, [
  ["", "fine"],
  ["app", "fine"],
  ["contoso.azurecr.io/team/app@sha256:abc", "fine"],
  ["Team", "error", 'did you mean "team"'],
], answersOf(HERE));

Deno.test("acr tells what to do next", () => {
  assertEquals(nextSteps(acr, HERE), [`Pull an image. $ docker pull ${HOST}/REPO`]);
  assertEquals(nextSteps(acr, { ...HERE, access: "push", repository: "team/app" }), [
    "Push an image. The first push creates the repository, which is private. " +
    `$ docker push ${HOST}/team/app`,
    "It shows up at https://portal.azure.com, in the registry under Repositories.",
  ]);
});
