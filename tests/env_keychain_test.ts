import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { credentialKind } from "../lib/credential.ts";
import { envKeychain, readEnvSets } from "../lib/env_keychain.ts";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { parseReference, type Target } from "../lib/reference.ts";
import rows from "./data/env_keychain.json" with { type: "json" };

type Env = Readonly<Record<string, string>>;

interface Expectation {
  readonly kind: string;
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  readonly registryToken: string;
}

/** What the keychain answers, in the form of the data file, and what it tells. */
async function ask(
  env: Env,
  target: Target,
): Promise<{ answer: Expectation | null; detail?: string | undefined; trace: readonly string[] }> {
  const trace: string[] = [];
  const credential = await envKeychain().resolve(target, {
    io: memoryIo({ env }),
    trace: (message) => trace.push(message),
  });
  if (!credential) return { answer: null, trace };
  const { username = "", password, identityToken, registryToken, detail } = credential;
  return {
    answer: {
      kind: credentialKind(credential),
      username,
      password: password?.reveal() ?? "",
      identityToken: identityToken?.reveal() ?? "",
      registryToken: registryToken?.reveal() ?? "",
    },
    detail,
    trace,
  };
}

async function askUser(env: Env, image: string): Promise<string | undefined> {
  return (await ask(env, parseReference(image))).answer?.username;
}

/** A set with a password, under any prefix. */
function set(name: string, suffix: string, hostname: string, username: string): Env {
  return {
    [`${name}_REGISTRY_HOSTNAME${suffix}`]: hostname,
    [`${name}_REGISTRY_USERNAME${suffix}`]: username,
    [`${name}_REGISTRY_PASSWORD${suffix}`]: "hunter2",
  };
}

for (const row of rows) {
  // Rows differ in which variables they set, so their type has all of them as optional.
  const env = Object.fromEntries(
    Object.entries(row.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const target = row.targetType === "registry"
    ? { registry: row.target }
    : parseReference(row.target);

  Deno.test(`envKeychain() row ${row.name}: ${row.note}`, async () => {
    if (row.expect && "error" in row.expect) {
      const error = await assertRejects(() => ask(env, target), RegauthError);
      assertEquals(error.code, "invalid-environment");
      return;
    }
    assertEquals((await ask(env, target)).answer, row.expect);
  });

  Deno.test(`envKeychain() row ${row.name}, as REGAUTH_REGISTRY_*`, async () => {
    const renamed = Object.fromEntries(
      Object.entries(env)
        .filter(([name]) => name !== "IMGPKG_REGISTRY_AZURE_CR_CONFIG")
        .map(([name, value]) => [name.replace("IMGPKG_REGISTRY_", "REGAUTH_REGISTRY_"), value]),
    );
    if (row.expect && "error" in row.expect) {
      await assertRejects(() => ask(renamed, target), RegauthError);
    } else {
      assertEquals((await ask(renamed, target)).answer, row.expect);
    }
  });
}

Deno.test("envKeychain() takes the lower of two suffixes for one host, and warns", async () => {
  const env = {
    ...set("IMGPKG", "_b", "reg.example", "b"),
    ...set("IMGPKG", "_a", "reg.example", "a"),
  };
  const { answer, trace } = await ask(env, parseReference("reg.example/x"));
  assertEquals(answer?.username, "a");
  assertEquals(trace, [
    "IMGPKG_REGISTRY_HOSTNAME_b is never used: IMGPKG_REGISTRY_HOSTNAME_a is for reg.example, too",
  ]);
});

Deno.test("envKeychain() takes the set without suffix for one host", async () => {
  const env = {
    ...set("IMGPKG", "_0", "reg.example", "suffixed"),
    ...set("IMGPKG", "", "https://reg.example/v2/", "plain"),
  };
  assertEquals(await askUser(env, "reg.example/x"), "plain");
});

Deno.test("envKeychain() refuses a character class when the variable is read", async () => {
  const env = { ...set("IMGPKG", "", "g[a-d]r.io", "u"), ...set("IMGPKG", "_0", "quay.io", "q") };
  const error = await assertRejects(() => askUser(env, "quay.io/x"), RegauthError);
  assertEquals(error.code, "invalid-environment");
  assertEquals(error.subject, "IMGPKG_REGISTRY_HOSTNAME");
});

Deno.test("envKeychain() takes REGAUTH_ before IMGPKG_ for one pattern, else the more specific", async () => {
  const equal = {
    ...set("IMGPKG", "", "*.gcr.io", "imgpkg"),
    ...set("REGAUTH", "_9", "*.gcr.io", "regauth"),
  };
  assertEquals(await askUser(equal, "eu.gcr.io/x"), "regauth");
  const unequal = {
    ...set("IMGPKG", "", "eu.gcr.io", "imgpkg"),
    ...set("REGAUTH", "", "*.gcr.io", "regauth"),
  };
  assertEquals(await askUser(unequal, "eu.gcr.io/x"), "imgpkg");
});

Deno.test("envKeychain() does not join variables of the two prefixes", async () => {
  const env = { REGAUTH_REGISTRY_HOSTNAME: "reg.example", IMGPKG_REGISTRY_USERNAME: "u" };
  const { answer } = await ask(env, parseReference("reg.example/x"));
  assertEquals(answer?.kind, "anonymous");
});

Deno.test("envKeychain() says which variable an answer comes from", async () => {
  const { detail } = await ask(
    set("IMGPKG", "_0", "https://me:pw@*.GCR.io/v2/", "u"),
    parseReference("eu.gcr.io/x"),
  );
  assertEquals(detail, "IMGPKG_REGISTRY_HOSTNAME_0 (*.gcr.io)");
});

Deno.test("envKeychain() says why it has no answer", async () => {
  const { answer, trace } = await ask(set("IMGPKG", "", "gcr.io", "u"), parseReference("nginx"));
  assertEquals(answer, null);
  assertEquals(trace, ["none of 1 sets of variables is for index.docker.io/library/nginx"]);
});

Deno.test("envKeychain() looks up hosts in lower case and Docker Hub under one name", async () => {
  assertEquals(await askUser(set("IMGPKG", "", "reg.example", "u"), "REG.example/x"), "u");
  const hub = set("IMGPKG", "", "docker.io/acme", "u");
  assertEquals(await askUser(hub, "registry-1.docker.io/acme/app"), "u");
});

Deno.test("envKeychain() reads the environment once per outside world", async () => {
  const io = memoryIo({ env: set("IMGPKG", "_0", "reg.example", "first") });
  let reads = 0;
  const counting = { ...io, envNames: () => (reads++, io.envNames()) };
  const keychain = envKeychain();
  const target = { registry: "reg.example" };
  await keychain.resolve(target, { io: counting });
  const before = reads;
  assertEquals((await keychain.resolve(target, { io: counting }))?.username, "first");
  assertStrictEquals(reads, before);
  const other = memoryIo({ env: set("IMGPKG", "", "reg.example", "second") });
  assertEquals((await keychain.resolve(target, { io: other }))?.username, "second");
});

const WARNINGS: readonly (readonly [name: string, env: Env, warnings: readonly string[]])[] = [
  ["a whole set", set("IMGPKG", "_0", "reg.example", "u"), []],
  [
    "a credential without hostname",
    { IMGPKG_REGISTRY_USERNAME_0: "u", IMGPKG_REGISTRY_PASSWORD_0: "hunter2" },
    ["IMGPKG_REGISTRY_HOSTNAME_0 is missing: the credential of its set is never used"],
  ],
  [
    "a name without password",
    { IMGPKG_REGISTRY_HOSTNAME: "reg.example", IMGPKG_REGISTRY_USERNAME: "u" },
    ["IMGPKG_REGISTRY_PASSWORD is missing: without it nothing is sent"],
  ],
  [
    "a password without name",
    { REGAUTH_REGISTRY_HOSTNAME_a: "reg.example", REGAUTH_REGISTRY_PASSWORD_a: "hunter2" },
    ["REGAUTH_REGISTRY_USERNAME_a is missing: without it nothing is sent"],
  ],
  [
    "a hostname alone",
    { IMGPKG_REGISTRY_HOSTNAME: "reg.example" },
    ["IMGPKG_REGISTRY_HOSTNAME has no credential beside it: nothing is sent"],
  ],
  [
    "a name beside a token",
    {
      IMGPKG_REGISTRY_HOSTNAME: "reg.example",
      IMGPKG_REGISTRY_USERNAME: "u",
      IMGPKG_REGISTRY_REGISTRY_TOKEN: "t",
    },
    [],
  ],
  [
    "one host twice with the same credential",
    { ...set("IMGPKG", "_0", "reg.example", "u"), ...set("IMGPKG", "_1", "reg.example/", "u") },
    [],
  ],
  [
    "one host under both prefixes",
    { ...set("IMGPKG", "", "reg.example", "u"), ...set("REGAUTH", "", "reg.example", "v") },
    [
      "IMGPKG_REGISTRY_HOSTNAME is never used: REGAUTH_REGISTRY_HOSTNAME is for reg.example, too",
    ],
  ],
  ["an empty hostname", set("IMGPKG", "_0", "", ""), [
    "IMGPKG_REGISTRY_HOSTNAME_0 is missing: the credential of its set is never used",
  ]],
  ["nothing but empty values", { IMGPKG_REGISTRY_HOSTNAME: "" }, []],
];

for (const [name, env, warnings] of WARNINGS) {
  Deno.test(`readEnvSets() warns of ${name}: ${warnings.length}`, () => {
    assertEquals(readEnvSets(memoryIo({ env })).warnings, warnings);
  });
}

Deno.test("readEnvSets() lists sets in the order that decides between equal patterns", () => {
  const { sets } = readEnvSets(memoryIo({
    env: {
      ...set("IMGPKG", "_1", "b.example", "u"),
      ...set("IMGPKG", "_", "c.example", "u"),
      ...set("IMGPKG", "", "d.example", "u"),
      ...set("REGAUTH", "_2", "a.example", "u"),
    },
  }));
  assertEquals(sets.map(({ variable, pattern }) => `${variable} ${pattern.text}`), [
    "REGAUTH_REGISTRY_HOSTNAME_2 a.example",
    "IMGPKG_REGISTRY_HOSTNAME d.example",
    "IMGPKG_REGISTRY_HOSTNAME_ c.example",
    "IMGPKG_REGISTRY_HOSTNAME_1 b.example",
  ]);
});

Deno.test("readEnvSets() names the variable and never its value", () => {
  const cases: readonly (readonly [env: Env, message: string])[] = [
    [
      { IMGPKG_REGISTRY_TOKEN: "hunter2" },
      'Cannot use "IMGPKG_REGISTRY_TOKEN": unknown name',
    ],
    [
      { REGAUTH_REGISTRY_HOSTNAME_0: "hunter2 hunter2" },
      'Cannot use "REGAUTH_REGISTRY_HOSTNAME_0": the host contains a character that no host has',
    ],
    [
      { IMGPKG_REGISTRY_HOSTNAME: "https://me:hunter2@reg.example:x" },
      'Cannot use "IMGPKG_REGISTRY_HOSTNAME": the port is not a number',
    ],
  ];
  for (const [env, message] of cases) {
    const error = assertThrows(() => readEnvSets(memoryIo({ env })), RegauthError);
    assertEquals(error.code, "invalid-environment");
    assertEquals(error.message, message);
    assertEquals(`${error.subject} ${error.hint} ${error.cause}`.includes("hunter2"), false);
  }
});
