import { assertEquals, assertStringIncludes } from "@std/assert";
import { memoryIo } from "../../lib/memory_io.ts";
import { runCommand } from "../fakes/command.ts";

async function policy(...args: string[]): Promise<string> {
  const { code, stdout } = await runCommand(["policy", ...args], memoryIo());
  assertEquals(code, 0);
  // A command over several lines is one line to the shell.
  return stdout.replaceAll(/ \\\n +/g, " ").trim();
}

const GCLOUD = "gcloud artifacts repositories add-iam-policy-binding";
const READER = "--member=MEMBER --role=roles/artifactregistry.reader";
const WRITER = "--member=MEMBER --role=roles/artifactregistry.writer";

const GOOGLE: readonly (readonly [args: readonly string[], command: string])[] = [
  [[], `${GCLOUD} REPOSITORY --project=PROJECT --location=LOCATION ${READER}`],
  [
    ["--push", "us-docker.pkg.dev/proj/repo/img:v1"],
    `${GCLOUD} repo --project=proj --location=us ${WRITER}`,
  ],
  [
    ["europe-west1-docker.pkg.dev/example.com/proj/repo/img"],
    `${GCLOUD} repo --project=example.com:proj --location=europe-west1 ${READER}`,
  ],
  [
    ["docker.us-east1.rep.pkg.dev/proj/repo/img"],
    `${GCLOUD} repo --project=proj --location=us-east1 ${READER}`,
  ],
  [["eu.gcr.io/proj/img"], `${GCLOUD} eu.gcr.io --project=proj --location=europe ${READER}`],
  [["us-docker.pkg.dev"], `${GCLOUD} REPOSITORY --project=PROJECT --location=us ${READER}`],
];

for (const [args, command] of GOOGLE) {
  Deno.test(`regauth policy google ${args.join(" ")}`, async () => {
    assertEquals(await policy("google", ...args), command);
  });
}

const assignment = (role: string, name: string): string =>
  `az role assignment create --assignee PRINCIPAL --role ${role} ` +
  `--scope "$(az acr show --name ${name} --query id --output tsv)"`;

const AZURE: readonly (readonly [args: readonly string[], name: string, roles: string[]])[] = [
  [[], "NAME", ["AcrPull", '"Container Registry Repository Reader"']],
  [["--push", "contoso.azurecr.io/team/app:v1"], "contoso", [
    "AcrPush",
    '"Container Registry Repository Writer"',
  ]],
  [["contoso-e7ggejfuhzhgedc8.azurecr.us/app"], "contoso", [
    "AcrPull",
    '"Container Registry Repository Reader"',
  ]],
];

for (const [args, name, roles] of AZURE) {
  Deno.test(`regauth policy acr ${args.join(" ")}`, async () => {
    const commands = (await policy("acr", ...args)).split("\n").filter((line) =>
      !line.startsWith("#")
    );
    assertEquals(commands, roles.map((role) => assignment(role, name)));
  });
}

Deno.test("regauth policy refuses registries of others", async () => {
  for (const [cloud, host] of [["google", "contoso.azurecr.io"], ["acr", "gcr.io"]] as const) {
    const { code, stderr } = await runCommand(["policy", cloud, `${host}/x/y/z`], memoryIo());
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot make a policy for "${host}"`);
  }
});
