import { assertEquals, assertRejects } from "@std/assert";
import { loadConfig, type RegauthConfig } from "../lib/config_file.ts";
import { configKeychain } from "../lib/config_keychain.ts";
import type { RegistryOptions } from "../lib/config_schema.ts";
import type { Credential } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Keychain } from "../lib/keychain.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { parseTarget } from "../lib/reference.ts";

const io = memoryIo();

async function configOf(registries: Record<string, unknown>): Promise<RegauthConfig> {
  const files = { "/c.json": JSON.stringify({ registries }) };
  return await loadConfig(memoryIo({ files }), { path: "/c.json" });
}

/** Makes keychains that answer with their own name and options, and remembers which. */
function recorder(): {
  readonly made: [name: string, options: RegistryOptions][];
  load(name: string, options: RegistryOptions): Promise<Keychain>;
} {
  const made: [string, RegistryOptions][] = [];
  return {
    made,
    load(name, options) {
      made.push([name, options]);
      const username = [name, ...Object.values(options)].join(" ");
      return Promise.resolve({ name, resolve: () => Promise.resolve({ username }) });
    },
  };
}

async function userOf(registries: Record<string, unknown>, image: string): Promise<unknown> {
  const keychain = configKeychain(await configOf(registries), recorder().load);
  return (await keychain.resolve(parseTarget(image), { io }))?.username;
}

type Case = [
  name: string,
  registries: Record<string, unknown>,
  image: string,
  want: string | undefined,
];

const store = (scope?: string): RegistryOptions => ({ keychain: "store", scope });

for (
  const [name, registries, image, want] of [
    [
      "takes a host before a glob",
      {
        "*.reg.example": store("glob"),
        "eu.reg.example": store("host"),
      },
      "eu.reg.example/app",
      "store host",
    ],
    [
      "takes a longer path before a shorter one",
      {
        "reg.example/team": store("team"),
        "reg.example/team/app": store("app"),
        "reg.example": store("all"),
      },
      "reg.example/team/app/x:v1",
      "store app",
    ],
    [
      "takes a host before a glob with a path",
      {
        "*.reg.example/team": store("glob"),
        "eu.reg.example": store("host"),
      },
      "eu.reg.example/team/app",
      "store host",
    ],
    [
      "does not take a path that only begins alike",
      {
        "reg.example/team": store("team"),
      },
      "reg.example/team-secret/app",
      undefined,
    ],
    [
      "does not take a path for the host alone",
      {
        "reg.example/team": store("team"),
      },
      "reg.example",
      undefined,
    ],
    ["does not take another port", { "reg.example": store() }, "reg.example:5000", undefined],
    [
      "does not take a lookalike host",
      {
        "reg.example": store(),
        "*.reg.example": store(),
      },
      "evilreg.example",
      undefined,
    ],
    [
      "knows Docker Hub by its short name",
      {
        "docker.io/library": store("hub"),
      },
      "nginx",
      "store hub",
    ],
    ["compares hosts without case", { "REG.example": store("it") }, "reg.EXAMPLE", "store it"],
    [
      "passes over an entry with connection settings alone",
      {
        "*.reg.example": store("glob"),
        "eu.reg.example": { ca: "/a.pem" },
      },
      "eu.reg.example",
      "store glob",
    ],
    [
      "gives the keychain its own options alone",
      {
        "reg.example": { ...store("team"), ca: "/a.pem", insecure: true },
      },
      "reg.example",
      "store team",
    ],
  ] satisfies Case[]
) {
  Deno.test(`configKeychain() ${name}`, async () => {
    assertEquals(await userOf(registries, image), want);
  });
}

Deno.test("configKeychain() makes a keychain once for the same name and options", async () => {
  const { made, load } = recorder();
  const config = await configOf({
    "a.example": { keychain: "store", scope: "team", ca: "/a.pem" },
    "b.example": { keychain: "store", scope: "team" },
    "c.example": { keychain: "store" },
    "d.example": { keychain: "env" },
  });
  const keychain = configKeychain(config, load);
  for (const registry of ["a.example", "b.example", "c.example", "d.example", "a.example"]) {
    await keychain.resolve({ registry }, { io });
  }
  assertEquals(made, [["store", { scope: "team" }], ["store", {}], ["env", {}]]);
});

Deno.test("configKeychain() says which pattern of which file led to the credential", async () => {
  const config = await configOf({ "*.reg.example": { keychain: "docker" } });
  const traced: string[] = [];
  const answers: (Credential | undefined)[] = [{ username: "me", detail: "config.json" }, {}];
  const keychain = configKeychain(config, (name) =>
    Promise.resolve({
      name,
      resolve: (target, context) => {
        context.trace?.(`looked for ${target.registry}`);
        return Promise.resolve(answers.shift());
      },
    }));
  const details: unknown[] = [];
  for (const registry of ["a.reg.example", "b.reg.example", "c.reg.example", "other.example"]) {
    const credential = await keychain.resolve({ registry }, {
      io,
      trace: (message) => traced.push(message),
    });
    details.push(credential && credential.detail);
  }
  const source = 'pattern "*.reg.example" of /c.json';
  assertEquals(details, [`config.json, by ${source}`, source, undefined, undefined]);
  assertEquals(traced, [
    `${source} names the keychain "docker"`,
    "docker: looked for a.reg.example",
    `${source} names the keychain "docker"`,
    "docker: looked for b.reg.example",
    `${source} names the keychain "docker"`,
    "docker: looked for c.reg.example",
    "no entry of /c.json covers it",
  ]);
});

Deno.test("configKeychain() passes on what the keychain of the entry throws", async () => {
  const config = await configOf({ "reg.example": { keychain: "env" } });
  const keychain = configKeychain(config, (name) =>
    Promise.resolve({
      name,
      resolve: () => Promise.reject(new RegauthError("invalid-environment", "Cannot")),
    }));
  const error = await assertRejects(
    () => keychain.resolve({ registry: "reg.example" }, { io }),
    RegauthError,
  );
  assertEquals(error.code, "invalid-environment");
});

Deno.test("configKeychain() finds each of 10,000 globs", async () => {
  const teams = Array.from({ length: 10_000 }, (_, index) => `team${index}`);
  const registries = Object.fromEntries(
    teams.map((team) => [`*.${team}.reg.example`, store(team)]),
  );
  const keychain = configKeychain(await configOf(registries), recorder().load);
  for (const team of [teams[0], teams[5_000], teams.at(-1)]) {
    const registry = `eu.${team}.reg.example`;
    const credential = await keychain.resolve({ registry, repository: "app" }, { io });
    assertEquals(credential?.username, `store ${team}`);
  }
  const stranger = { registry: "eu.nobody.reg.example" };
  assertEquals(await keychain.resolve(stranger, { io }), undefined);
});
