import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../cli.ts";
import { cloudOf } from "../lib/identity/azure/clouds.ts";
import { type KeychainOptions, selectKeychains } from "../lib/keychains.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { openResolver } from "../lib/resolve.ts";
import { scriptedTerminal } from "./fakes/terminal.ts";

/*
 * What the documents of imgpkg, kaniko and nerdctl tell users to type and to write, done with regauth.
 */

const DOCKER = "/home/me/.docker/config.json";
const HUB = "https://index.docker.io/v1/";
const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const KEY = '{\n  "type": "service_account",\n  "private_key": "FAKE"\n}\n';

function world(options: MemoryIoOptions = {}): MemoryIo {
  return memoryIo({ ...options, env: { HOME: "/home/me", PATH: "/usr/bin", ...options.env } });
}

const LOGINS: readonly (readonly [
  command: string,
  stdin: string,
  key: string,
  login: string,
])[] = [
  ["-u _json_key --password-stdin https://gcr.io", KEY, "gcr.io", `_json_key:${KEY.trimEnd()}`],
  [
    "-u _json_key --password-stdin https://asia-northeast1-docker.pkg.dev",
    KEY,
    "asia-northeast1-docker.pkg.dev",
    `_json_key:${KEY.trimEnd()}`,
  ],
  [
    "-u _json_key --password-stdin https://asia.gcr.io",
    KEY,
    "asia.gcr.io",
    `_json_key:${KEY.trimEnd()}`,
  ],
  [`--username AWS --password-stdin ${ECR}`, "pw\n", ECR, "AWS:pw"],
  ["-u contoso --password-stdin contoso.azurecr.io", "pw\n", "contoso.azurecr.io", "contoso:pw"],
  ["-u octocat --password-stdin", "pw\n", HUB, "octocat:pw"],
  ["ghcr.io -u octocat --password-stdin", "pw\n", "ghcr.io", "octocat:pw"],
  ["registry.gitlab.com -u jane --password-stdin", "pw\n", "registry.gitlab.com", "jane:pw"],
  ["acme.jfrog.io -u jane --password-stdin", "pw\n", "acme.jfrog.io", "jane:pw"],
  ["quay.io -u acme+robot --password-stdin", "pw\n", "quay.io", "acme+robot:pw"],
];

for (const [command, stdin, key, login] of LOGINS) {
  Deno.test(`regauth login ${command} stores what the documents want, with a warning`, async () => {
    const io = world();
    const args = ["login", ...command.split(" "), "--no-verify"];
    const terminal = scriptedTerminal({ args, streams: { stdin: false, stdout: false } });
    assertEquals(await run({ ...terminal, readAll: () => Promise.resolve(stdin) }, io), 0);
    const { auths } = JSON.parse(io.files.get(DOCKER)?.text ?? "");
    assertEquals(auths, { [key]: { auth: btoa(login) } });
    assertStringIncludes(terminal.written.stderr, `unencrypted in ${DOCKER}`);
  });
}

Deno.test("regauth login asks for the password without showing it, and one Enter is enough", async () => {
  const io = world();
  const terminal = scriptedTerminal({
    args: ["login", "-u", "octocat", "ghcr.io", "--no-verify"],
    script: [["Password or token", "pw\r"]],
  });
  assertEquals([await run(terminal, io), terminal.remaining], [0, 0]);
  assertEquals(terminal.screen.includes("pw\r"), false);
  assertStringIncludes(io.files.get(DOCKER)?.text ?? "", btoa("octocat:pw"));
});

const auth = (login: string): unknown => ({ auth: btoa(login) });
/** Answers with its name and what it was asked for. */
const helper = (name: string) => ({
  [`/usr/bin/docker-credential-${name}`]: (
    _args: readonly string[],
    { stdin }: { readonly stdin?: string },
  ) => ({ stdout: JSON.stringify({ Username: name, Secret: stdin }) }),
});

const FILES: readonly (readonly [
  what: string,
  config: unknown,
  programs: Record<string, ReturnType<typeof helper>[string]>,
  image: string,
  login: string,
])[] = [
  ["an entry of Docker Hub", { auths: { [HUB]: auth("user:pw") } }, {}, "me/app", "user:pw"],
  [
    "an entry of Artifactory",
    { auths: { "artprod.company.com": auth("user:pw") } },
    {},
    "artprod.company.com/repo/app",
    "user:pw",
  ],
  [
    "acr as the store of all registries",
    { credsStore: "acr" },
    helper("acr"),
    "me/app",
    `acr:${HUB}`,
  ],
  [
    "acr-env as the helper of one registry",
    { credHelpers: { "mycr.azurecr.io": "acr-env" } },
    helper("acr-env"),
    "mycr.azurecr.io/app",
    "acr-env:mycr.azurecr.io",
  ],
  [
    "acr-env as the helper of one registry, and another registry",
    { credHelpers: { "mycr.azurecr.io": "acr-env" } },
    helper("acr-env"),
    "me/app",
    "none",
  ],
  [
    "ecr-login as the helper of an account",
    { credHelpers: { "public.ecr.aws": "ecr-login", [ECR]: "ecr-login" } },
    helper("ecr-login"),
    `${ECR}/app`,
    `ecr-login:${ECR}`,
  ],
  [
    "ecr-login as the helper of the public gallery",
    { credHelpers: { "public.ecr.aws": "ecr-login", [ECR]: "ecr-login" } },
    helper("ecr-login"),
    "public.ecr.aws/acme/app",
    "ecr-login:public.ecr.aws",
  ],
  [
    "gcloud as the helper of a region",
    { credHelpers: { "asia-northeast1-docker.pkg.dev": "gcloud" } },
    helper("gcloud"),
    "asia-northeast1-docker.pkg.dev/p/r/app",
    "gcloud:asia-northeast1-docker.pkg.dev",
  ],
  [
    "gcloud as the helper of the old registries",
    {
      credHelpers: Object.fromEntries(
        ["", "us.", "eu.", "asia.", "staging-k8s.", "marketplace."]
          .map((name) => [`${name}gcr.io`, "gcloud"]),
      ),
    },
    helper("gcloud"),
    "marketplace.gcr.io/p/app",
    "gcloud:marketplace.gcr.io",
  ],
];

for (const [what, config, programs, image, login] of FILES) {
  Deno.test(`a config.json with ${what}: ${image}`, async () => {
    const io = world({ files: { [DOCKER]: JSON.stringify(config) }, programs });
    const { credential } = await (await openResolver({ io })).resolve(image);
    const { username, password } = credential ?? {};
    assertEquals(credential ? `${username}:${password?.reveal()}` : "none", login);
  });
}

Deno.test("a config.json in the folder of kaniko, and DOCKER_AUTH_CONFIG before it until it is unset", async () => {
  const files = {
    "/kaniko/.docker/config.json": JSON.stringify({ auths: { "reg.example": auth("file:pw") } }),
  };
  const variable = JSON.stringify({ auths: { "reg.example": auth("variable:pw") } });
  for (
    const [env, username] of [[{ DOCKER_AUTH_CONFIG: variable }, "variable"], [{}, "file"]] as const
  ) {
    const io = world({ env: { DOCKER_CONFIG: "/kaniko/.docker", ...env }, files });
    const resolver = await openResolver({ io, order: "kaniko" });
    assertEquals((await resolver.resolve("reg.example/app")).credential?.username, username);
  }
});

async function asked(
  env: Readonly<Record<string, string>>,
  options: KeychainOptions = {},
): Promise<string> {
  const { asked } = await selectKeychains(options, { io: memoryIo({ env }) });
  return asked.map(({ name }) => name).join(" ");
}

const ACTIVE: readonly (readonly [env: Record<string, string>, names: string])[] = [
  [{}, "env config flags docker"],
  [{ IMGPKG_ACTIVE_KEYCHAINS: "gke" }, "env config google flags docker"],
  [{ IMGPKG_ACTIVE_KEYCHAINS: "ecr" }, "env config ecr flags docker"],
  [{ IMGPKG_ACTIVE_KEYCHAINS: "aks" }, "env config acr flags docker"],
  [{ IMGPKG_ACTIVE_KEYCHAINS: "github" }, "env config github flags docker"],
  [{ IMGPKG_ACTIVE_KEYCHAINS: "gke,aks,ecr" }, "env config google acr ecr flags docker"],
  [{ IMGPKG_ENABLE_IAAS_AUTH: "true" }, "env config google ecr acr github flags docker"],
  [{ IMGPKG_ENABLE_IAAS_AUTH: "false" }, "env config flags docker"],
  [
    { IMGPKG_ENABLE_IAAS_AUTH: "true", IMGPKG_ACTIVE_KEYCHAINS: "ecr" },
    "env config ecr flags docker",
  ],
];

for (const [env, names] of ACTIVE) {
  const said = Object.entries(env).map(([name, value]) => `${name}=${value}`).join(" ");
  Deno.test(`with ${said || "no variable"} these are asked: ${names}`, async () => {
    assertEquals(await asked(env), names);
  });
}

Deno.test("kaniko's providers in kaniko's order, or those that are named, or none", async () => {
  const order = "kaniko";
  assertEquals(await asked({}, { order }), "docker docker-env google ecr acr gitlab");
  assertEquals(await asked({}, { order, keychains: ["ecr"] }), "docker ecr");
  assertEquals(await asked({}, { order, keychains: [] }), "docker");
});

Deno.test("variables of imgpkg for a registry come before flags for all, and Docker's config last", async () => {
  const set = {
    IMGPKG_REGISTRY_HOSTNAME: "reg.example",
    IMGPKG_REGISTRY_USERNAME: "env",
    IMGPKG_REGISTRY_PASSWORD: "pw",
  };
  const files = { [DOCKER]: JSON.stringify({ auths: { "reg.example": auth("docker:pw") } }) };
  const flags = { username: "flags" };
  const who = async (env: Record<string, string>, options: KeychainOptions): Promise<unknown> => {
    const resolver = await openResolver({ ...options, io: world({ env, files }) });
    return (await resolver.resolve("reg.example/app")).credential?.username;
  };
  assertEquals(await who(set, { flags }), "env");
  assertEquals(await who({}, { flags }), "flags");
  assertEquals(await who({}, {}), "docker");
});

Deno.test("the values of AZURE_ENVIRONMENT in kaniko's documents choose a cloud", async () => {
  const authorities = {
    AZUREPUBLICCLOUD: "https://login.microsoftonline.com",
    AZURECHINACLOUD: "https://login.chinacloudapi.cn",
    AZUREGERMANCLOUD: "https://login.microsoftonline.de",
    AZUREUSGOVERNMENT: "https://login.microsoftonline.us",
  };
  for (const [name, authority] of Object.entries(authorities)) {
    const io = memoryIo({ env: { AZURE_ENVIRONMENT: name } });
    assertEquals((await cloudOf(io, {}, undefined)).authority, authority);
  }
});
