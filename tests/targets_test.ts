import { assertEquals } from "@std/assert";
import { type Credential, Secret } from "../lib/credential.ts";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { applyPlan } from "../lib/plan.ts";
import type { Outcome } from "../lib/recipe.ts";
import { findTargets, type Target } from "../lib/targets.ts";

const CREDENTIAL: Credential = { username: "robot", password: new Secret("x") };
const OUTCOME: Outcome = { kind: "credential", credential: CREDENTIAL };
const DOCKER = "/home/me/.docker/config.json";

async function targets(
  options: MemoryIoOptions = {},
  outcome = OUTCOME,
  host = "reg.example",
): Promise<readonly Target[]> {
  const env = { HOME: "/home/me", PATH: "/usr/bin", ...options.env };
  return await findTargets({ io: memoryIo({ ...options, env }) }, host, outcome);
}

/** Name, kinds of changes, and the file with a readable secret. */
function row({ id, plan, plaintext }: Target): string {
  return [id, plan.map(({ kind }) => kind).join("+"), plaintext ?? "-"].join(" ");
}

Deno.test("findTargets() of a bare machine: files, unencrypted", async () => {
  const store = "/home/me/.config/regauth/regauth-credentials.json";
  assertEquals((await targets()).map(row), [
    `docker entry ${DOCKER}`,
    "podman entry /home/me/.config/containers/auth.json",
    `store store+setting ${store}`,
    "env  -",
  ]);
});

Deno.test("42: findTargets() puts a native store first, if it works", async () => {
  const programs = {
    "/usr/bin/docker-credential-secretservice": () => ({ stdout: "{}" }),
  };
  const [first, second] = await targets({ programs });
  assertEquals([first && row(first), second?.id], ["helper secret+helper+mark -", "docker"]);
  assertEquals(first?.unavailable, undefined);
});

Deno.test("findTargets() says why a native store does not work", async () => {
  const programs = {
    "/usr/bin/docker-credential-secretservice": () => ({ code: 1, stdout: "no session bus" }),
  };
  const [first] = await targets({ programs });
  assertEquals(first?.unavailable?.includes("no session bus"), true);
});

Deno.test("findTargets() takes the helper that Docker's file names", async () => {
  const files = { [DOCKER]: '{"credHelpers":{"reg.example":"x"}}' };
  const programs = { "/usr/bin/docker-credential-x": () => ({}) };
  const [first] = await targets({ files, programs });
  assertEquals(first && row(first), "docker secret+mark -");
  const [missing] = await targets({ files });
  assertEquals(
    missing?.unavailable,
    "~/.docker/config.json names it, but it is not installed",
  );
});

Deno.test("findTargets() names Docker Hub by its key", async () => {
  const [docker] = await targets({}, OUTCOME, "index.docker.io");
  const [change] = docker?.plan ?? [];
  assertEquals(change?.kind === "entry" && change.key, "https://index.docker.io/v1/");
});

const PODMAN: readonly [name: string, options: MemoryIoOptions, path: string, likely: boolean][] = [
  ["nobody uses it", {}, "/home/me/.config/containers/auth.json", false],
  [
    "REGISTRY_AUTH_FILE names one",
    { env: { REGISTRY_AUTH_FILE: "/x/auth.json" } },
    "/x/auth.json",
    true,
  ],
  [
    "the second file exists",
    {
      env: { XDG_RUNTIME_DIR: "/run/user/1" },
      files: { "/home/me/.config/containers/auth.json": "{}" },
    },
    "/home/me/.config/containers/auth.json",
    true,
  ],
  [
    "skopeo is installed",
    { env: { XDG_RUNTIME_DIR: "/run/user/1" }, programs: { "/usr/bin/skopeo": () => ({}) } },
    "/run/user/1/containers/auth.json",
    true,
  ],
];

for (const [name, options, path, likely] of PODMAN) {
  Deno.test(`findTargets() of Podman where ${name}`, async () => {
    const podman = (await targets(options)).find(({ id }) => id === "podman");
    assertEquals([podman?.plaintext, !podman?.unlikely], [path, likely]);
    assertEquals(podman?.hint.includes("gone after a restart"), path.startsWith("/run/"));
  });
}

Deno.test("findTargets() follows the helper of Podman's file", async () => {
  const files = { "/home/me/.config/containers/auth.json": '{"credHelpers":{"reg.example":"x"}}' };
  const podman = (await targets({ files })).find(({ id }) => id === "podman");
  assertEquals(podman && row(podman), "podman secret -");
});

Deno.test("findTargets() of a helper that makes credentials: named for each host", async () => {
  const hosts = ["a.example", "b.example"];
  const found = await targets({}, { kind: "helper", helper: "ecr-login", hosts });
  assertEquals(found.map(row), ["docker helper+helper -", "podman helper+helper -"]);
  const io = memoryIo();
  await applyPlan({ io }, found[0]?.plan ?? []);
  assertEquals(JSON.parse(await io.readText(DOCKER) ?? ""), {
    credHelpers: { "a.example": "ecr-login", "b.example": "ecr-login" },
  });
});

Deno.test("findTargets() of a keychain: an entry of regauth's own file", async () => {
  const settings = { keychain: "env" };
  const [only, ...others] = await targets({}, { kind: "keychain", pattern: "*.x", settings });
  assertEquals([only && row(only), others], ["store setting -", []]);
});

Deno.test("findTargets() writes down how the registry is reached", async () => {
  const connection = { ca: "/ca.pem", realm: "auth.example" };
  const found = await targets({}, { ...OUTCOME, connection });
  const [docker] = found;
  const io = memoryIo({ env: { HOME: "/home/me" } });
  await applyPlan({ io }, docker?.plan ?? []);
  assertEquals(JSON.parse(await io.readText("/home/me/.config/regauth/config.json") ?? ""), {
    registries: { "reg.example": { ca: "/ca.pem", realm: "auth.example" } },
  });
});

Deno.test("findTargets() without a home folder: nothing but the environment can be chosen", async () => {
  const found = await targets({ env: { HOME: "" } });
  assertEquals(found.map(({ id, unavailable }) => [id, unavailable === undefined]), [
    ["store", false],
    ["env", true],
  ]);
});

Deno.test("findTargets() makes regauth the helper of hosts, if it is installed as one", async () => {
  const outcome: Outcome = {
    kind: "keychain",
    pattern: "*.reg.example",
    settings: { keychain: "ecr", profile: "p" },
    hosts: ["eu.reg.example"],
  };
  const programs = { "/usr/bin/docker-credential-regauth": () => ({}) };
  const there = await targets({ programs }, outcome);
  assertEquals(there.map(row), [
    "docker setting+setting+helper -",
    "podman setting+setting+helper -",
    "store setting+setting -",
  ]);
  const missing = await targets({}, outcome);
  assertEquals(missing.map(({ unavailable }) => unavailable?.includes("helper install")), [
    true,
    true,
    undefined,
  ]);
});
