import { assertEquals } from "@std/assert";
import type { RegistryOptions } from "../lib/config_schema.ts";
import { dockerEnvKeychain, type DockerEnvOptions } from "../lib/docker_env_keychain.ts";
import type { Keychain } from "../lib/keychain.ts";
import { memoryIo } from "../lib/memory_io.ts";

type Env = Readonly<Record<string, string>>;

async function ask(
  registry: string,
  env: Env,
  options: DockerEnvOptions = {},
): Promise<{ readonly login: string; readonly detail?: string; readonly said: string }> {
  const said: string[] = [];
  const io = memoryIo({ env });
  const found = await dockerEnvKeychain(options).resolve(
    { registry },
    { io, trace: (message) => said.push(message) },
  );
  const login = found ? `${found.username ?? ""}:${found.password?.reveal() ?? ""}` : "nothing";
  return { login, said: said.join("\n"), ...(found?.detail ? { detail: found.detail } : {}) };
}

const kaniko = (name: string, user = "u", password = "p"): Env => ({
  [`KANIKO_${name}_USER`]: user,
  [`KANIKO_${name}_PASSWORD`]: password,
});
const isometry = (name: string, user = "u", password = "p"): Env => ({
  [`DOCKER_${name}_USR`]: user,
  [`DOCKER_${name}_PSW`]: password,
});

const FOUND: readonly (readonly [what: string, host: string, env: Env, login: string])[] = [
  ["kaniko's name of the host", "repo.example.com", kaniko("REPO_EXAMPLE_COM"), "u:p"],
  ["kaniko's name of the domain", "sub.example.com", kaniko("EXAMPLE_COM"), "u:p"],
  ["a hyphen as underscore", "my-reg.example.com", kaniko("MY_REG_EXAMPLE_COM"), "u:p"],
  ["kaniko's name of Docker Hub", "docker.io", kaniko("INDEX_DOCKER_IO"), "u:p"],
  ["kaniko's name with a port", "r.example:5000", kaniko("R_EXAMPLE:5000"), "u:p"],
  ["a host of one label", "localhost", kaniko("LOCALHOST"), "u:p"],
  [
    "docker-credential-env's name of the host",
    "repo.example.com",
    isometry("repo_example_com"),
    "u:p",
  ],
  [
    "docker-credential-env's name of the domain",
    "my-reg.example.com",
    isometry("example_com"),
    "u:p",
  ],
  [
    "docker-credential-env's name of an account",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    isometry("123456789012_dkr_ecr_eu_west_1_amazonaws_com"),
    "u:p",
  ],
  [
    "the longer name before the shorter one",
    "a.example.com",
    { ...kaniko("EXAMPLE_COM", "short"), ...isometry("a_example_com", "long") },
    "long:p",
  ],
  ["GITHUB_TOKEN for ghcr.io", "ghcr.io", { GITHUB_TOKEN: "t" }, "x-access-token:t"],
  [
    "a variable before GITHUB_TOKEN",
    "ghcr.io",
    { GITHUB_TOKEN: "t", ...isometry("ghcr_io") },
    "u:p",
  ],
  [
    "a pair that is set and empty, as nothing to send",
    "r.example",
    kaniko("R_EXAMPLE", "", ""),
    ":",
  ],
];

for (const [what, host, env, login] of FOUND) {
  Deno.test(`docker-env finds ${what}`, async () => {
    assertEquals((await ask(host, env)).login, login);
  });
}

const NOT_FOUND: readonly (readonly [what: string, host: string, env: Env])[] = [
  ["the name of a top-level domain", "repo.example.com", { ...kaniko("COM"), ...isometry("com") }],
  ["the name of everything", "repo.example.com", isometry("")],
  ["docker-credential-env's name for another port", "r.example:8443", isometry("r_example")],
  ["kaniko's name without the port", "r.example:8443", kaniko("R_EXAMPLE")],
  ["part of an address", "10.0.0.5", kaniko("0_0_5")],
  ["a name in the wrong case", "r.example", { ...kaniko("r_example"), ...isometry("R_EXAMPLE") }],
  ["GITHUB_TOKEN for a lookalike", "ghcr.io.evil.example", { GITHUB_TOKEN: "t" }],
  ["GITHUB_TOKEN that is empty", "ghcr.io", { GITHUB_TOKEN: "" }],
];

for (const [what, host, env] of NOT_FOUND) {
  Deno.test(`docker-env does not take ${what}`, async () => {
    assertEquals((await ask(host, env)).login, "nothing");
  });
}

Deno.test("docker-env goes on to the shorter name where half of a pair is missing, and says so", async () => {
  const env = { KANIKO_A_EXAMPLE_COM_USER: "half", ...kaniko("EXAMPLE_COM") };
  const { login, detail, said } = await ask("a.example.com", env);
  assertEquals([login, detail], ["u:p", "KANIKO_EXAMPLE_COM_USER"]);
  assertEquals(said, "KANIKO_A_EXAMPLE_COM_PASSWORD is missing, so its pair does not count");
});

Deno.test("docker-env takes top-level domains and the empty name where that is allowed", async () => {
  const allowTld = true;
  assertEquals((await ask("r.example.com", kaniko("COM"), { allowTld })).login, "u:p");
  assertEquals((await ask("r.example.com", isometry(""), { allowTld })).login, "u:p");
});

Deno.test("docker-env tells which names it tried", async () => {
  const { said } = await ask("r.example.com", {});
  assertEquals(
    said,
    "KANIKO_R_EXAMPLE_COM_USER, DOCKER_r_example_com_USR, KANIKO_EXAMPLE_COM_USER, " +
      "DOCKER_example_com_USR: not set",
  );
});

const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const KEY = {
  AWS_ACCESS_KEY_ID_123456789012: "own-id",
  AWS_SECRET_ACCESS_KEY_123456789012: "own-key",
};
const GENERAL = {
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "key",
  AWS_SESSION_TOKEN: "session",
  AWS_PROFILE: "general",
};
const AWS: readonly (readonly [what: string, env: Env, login: string])[] = [
  ["its own key, without the session of another", { ...GENERAL, ...KEY }, " {} own-id:own-key:"],
  [
    "its own key and session",
    { ...GENERAL, ...KEY, AWS_SESSION_TOKEN_123456789012: "own-session" },
    " {} own-id:own-key:own-session",
  ],
  [
    "its own profile",
    { AWS_PROFILE_123456789012: "prod" },
    ' {"profile":"prod"} ::',
  ],
  [
    "its own key and the role to assume with it",
    { ...KEY, AWS_ROLE_ARN_123456789012: "arn:x", AWS_PROFILE_123456789012: "prod" },
    ' {"roleArn":"arn:x"} own-id:own-key:',
  ],
  ["half a key, which is none", { AWS_ACCESS_KEY_ID_123456789012: "id" }, "nothing"],
  ["no variable of its own", GENERAL, "nothing"],
  ["variables of another account", { AWS_PROFILE_999999999999: "prod" }, "nothing"],
];

/** Answers with what it was told, and with the key that it would use. */
function ecr(options: RegistryOptions): Promise<Keychain> {
  return Promise.resolve({
    name: "ecr",
    resolve: (_target, { io }) => {
      const key = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        .map((name) => io.env(name) ?? "").join(":");
      return Promise.resolve({ username: ` ${JSON.stringify(options)} ${key}` });
    },
  });
}

for (const [what, env, login] of AWS) {
  Deno.test(`docker-env asks ecr for an account with ${what}`, async () => {
    const found = await ask(ECR, env, { ecr });
    assertEquals(found.login.replace(/:$/, ""), login);
  });
}
