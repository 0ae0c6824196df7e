import { assertEquals } from "@std/assert";
import { memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";
import { applyPlan } from "../lib/plan.ts";
import { planRemoval } from "../lib/removal.ts";

const DOCKER = "/home/me/.docker/config.json";
const PODMAN = "/home/me/.config/containers/auth.json";
const OWN = "/home/me/.config/regauth/config.json";
const AUTH = { auth: btoa("u:p") };

const CASES: readonly (readonly [
  name: string,
  files: Record<string, unknown>,
  kinds: string,
  after: Record<string, unknown>,
])[] = [
  ["nothing at all", {}, "", {}],
  [
    "an entry of Docker's file; the others stay",
    { [DOCKER]: { auths: { "reg.example": AUTH, "reg.example/team": AUTH, "b.example": AUTH } } },
    "logout",
    { [DOCKER]: { auths: { "reg.example/team": AUTH, "b.example": AUTH } } },
  ],
  [
    "a helper that stores, and its name",
    { [DOCKER]: { credHelpers: { "reg.example": "x" }, auths: { "reg.example": {} } } },
    "logout unname",
    { [DOCKER]: { credHelpers: {}, auths: {} } },
  ],
  [
    "the name of a helper that makes credentials, and what stands beside it",
    { [DOCKER]: { credHelpers: { "reg.example": "maker" }, auths: { "reg.example": AUTH } } },
    "unname erase",
    { [DOCKER]: { credHelpers: {}, auths: {} } },
  ],
  [
    "an entry of Podman's file",
    { [PODMAN]: { auths: { "reg.example": AUTH, "reg.example/ns": AUTH } } },
    "erase",
    { [PODMAN]: { auths: { "reg.example/ns": AUTH } } },
  ],
  [
    "a helper of Podman's file",
    { [PODMAN]: { credHelpers: { "reg.example": "x" } } },
    "forget unname",
    { [PODMAN]: { credHelpers: {} } },
  ],
  [
    "an entry of regauth's own store; how to connect stays",
    { [OWN]: { store: "file", registries: { "reg.example": { keychain: "store", ca: "/c" } } } },
    "unstore unset",
    { [OWN]: { store: "file", registries: { "reg.example": { ca: "/c" } } } },
  ],
  [
    "not what counts for other registries too",
    { [OWN]: { store: "file", registries: { "*.example": { keychain: "store" } } } },
    "",
    { [OWN]: { store: "file", registries: { "*.example": { keychain: "store" } } } },
  ],
];

for (const [name, files, kinds, after] of CASES) {
  Deno.test(`planRemoval() removes ${name}`, async () => {
    const texts = Object.entries(files).map(([path, value]) => [path, JSON.stringify(value)]);
    const options: MemoryIoOptions = {
      env: { HOME: "/home/me", PATH: "/usr/bin" },
      files: Object.fromEntries(texts),
      programs: { "/usr/bin/docker-credential-x": () => ({}) },
    };
    const io = memoryIo(options);
    const plan = await planRemoval({ io }, "reg.example", (helper) => helper === "maker");
    assertEquals(plan.map(({ kind }) => kind).join(" "), kinds);
    await applyPlan({ io }, plan);
    for (const [path, value] of Object.entries(after)) {
      assertEquals(JSON.parse(await io.readText(path) ?? ""), value);
    }
  });
}
