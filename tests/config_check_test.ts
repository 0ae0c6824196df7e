import { assertEquals } from "@std/assert";
import { checkConfig, nameOf } from "../lib/config_check.ts";
import { schemaText } from "../scripts/schema.ts";

const good: readonly [name: string, value: unknown][] = [
  ["an empty object", {}],
  ["the reference of an editor to the schema", { $schema: "./regauth.schema.json" }],
  ["a list of keychains", { keychains: ["env", "config", "flags", "docker", "store"] }],
  ["an entry without anything", { registries: { "reg.example": {} } }],
  ["an entry with connection settings alone", { registries: { "reg.example": { ca: "/a.pem" } } }],
  ["an option of the keychain that the entry names", {
    registries: { "reg.example/team": { keychain: "store", scope: "team" } },
  }],
  ["a certificate with its key", {
    registries: { "*.reg.example:5000": { clientCert: "a.pem", clientKey: "b.pem" } },
  }],
  ["plain HTTP and any certificate", {
    registries: { "reg.example": { keychain: "env", insecure: true, skipVerify: false } },
  }],
  ["a role for the registries of an account", {
    registries: { "*.dkr.ecr.*.amazonaws.com": { keychain: "ecr", roleArn: "r", duration: 900 } },
  }],
  ["each of the stores", { store: "secretservice" }],
];

for (const [name, value] of good) {
  Deno.test(`checkConfig() accepts ${name}`, () => assertEquals(checkConfig(value), undefined));
}

const entry = (value: unknown, pattern = "reg.example"): unknown => ({
  registries: { [pattern]: value },
});
const ENTRY_KEYS = "keychain, ca, clientCert, clientKey, insecure, skipVerify, realm";

const bad: readonly [value: unknown, part: "key" | "value", why: string, hint: string][] = [
  [[], "value", "the file must be an object, not a list", "Write an object there."],
  [null, "value", "the file must be an object, not null", "Write an object there."],
  [
    { registires: {} },
    "key",
    "registires is not a known key",
    'Did you mean "registries"? Allowed here: $schema, keychains, registries, store.',
  ],
  [{ constructor: 1 }, "key", "constructor is not a known key", "Allowed here: $schema, keych…"],
  [{ $schema: 7 }, "value", "$schema must be a string, not a number", "Write a string there."],
  [{ keychains: "env" }, "value", "keychains must be a list, not a string", "Write a list there."],
  [{ keychains: ["env", 1] }, "value", "keychains[1] must be a string, not a number", "Write a…"],
  [
    { keychains: ["dokcer"] },
    "value",
    "keychains[0] is none of the known names",
    'Did you mean "docker"? Allowed here: config, flags, env, docker, store…',
  ],
  [{ registries: [] }, "value", "registries must be an object, not a list", "Write an object…"],
  [entry("store"), "value", 'registries["reg.example"] must be an object, not a string', "Write…"],
  [
    entry({ keychain: "config" }),
    "value",
    'registries["reg.example"].keychain is none of the known names',
    "Allowed here: env, docker, store…",
  ],
  [
    entry({ keychain: "ecr", duration: "900" }),
    "value",
    'registries["reg.example"].duration must be a number, not a string',
    "Write a number there.",
  ],
  [
    entry({ keychain: "ecr", duration: 43_201 }),
    "value",
    'registries["reg.example"].duration is out of range',
    "Write a whole number from 900 to 43200.",
  ],
  [
    entry({ keychain: "ecr", duration: 900.5 }),
    "value",
    'registries["reg.example"].duration is out of range',
    "Write a whole number from 900 to 43200.",
  ],
  [
    entry({ keychain: "__proto__" }),
    "value",
    'registries["reg.example"].keychain is none of the known names',
    "Allowed here: env, docker, store…",
  ],
  [
    entry({ scope: "team" }),
    "key",
    'registries["reg.example"].scope is not a known key',
    `Allowed here: ${ENTRY_KEYS}.`,
  ],
  [
    entry({ keychain: "store", scpoe: "team" }),
    "key",
    'registries["reg.example"].scpoe is not a known key',
    `Did you mean "scope"? Allowed here: ${ENTRY_KEYS}, scope.`,
  ],
  [entry({ ca: "" }), "value", 'registries["reg.example"].ca is empty', "Fill it in, or remove…"],
  [
    entry({ insecure: "true" }),
    "value",
    'registries["reg.example"].insecure must be true or false, not a string',
    "Write true or false there.",
  ],
  [
    entry({ clientCert: "a.pem" }),
    "key",
    'registries["reg.example"].clientCert needs clientKey beside it',
    "Add clientKey, or remove clientCert.",
  ],
  [
    entry({ clientKey: "a.pem" }),
    "key",
    'registries["reg.example"].clientKey needs clientCert beside it',
    "Add clientCert, or remove clientKey.",
  ],
  [
    entry({ keychain: "env", insecure: true }, "reg.example:5000/team"),
    "key",
    'registries["reg.example:5000/team"].insecure counts for a whole host, but the pattern has a path',
    'Put it under "reg.example:5000".',
  ],
  [
    entry({}, "reg.example:port"),
    "key",
    'registries["reg.example:port"] is not a pattern: the port is not a number',
    "Write it as host[:port][/path], for example *.gcr.io/team.",
  ],
  [
    entry({}, "https://reg.example"),
    "key",
    'registries["https://reg.example"] is not a pattern: it contains "://"',
    "Write it as…",
  ],
  [
    entry({}, "reg-?.example"),
    "key",
    'registries["reg-?.example"] is not a pattern: it contains "?"',
    "Write it as…",
  ],
  [
    entry({}, "/team"),
    "key",
    'registries["/team"] is not a pattern: it has no host',
    "Write it as…",
  ],
  [entry({}, ""), "key", 'registries[""] is not a pattern: it has no host', "Write it as…"],
  [
    { registries: { "docker.io": {}, "index.docker.io/": {} } },
    "key",
    'registries["index.docker.io/"] means the same as registries["docker.io"]',
    "Make one entry of the two.",
  ],
  [{ store: "keyring" }, "value", "store is none of the known names", "Allowed here: osxkeyc…"],
];

for (const [value, part, why, hint] of bad) {
  Deno.test(`checkConfig() complains: ${why} (${JSON.stringify(value)})`, () => {
    const complaint = checkConfig(value);
    assertEquals([complaint?.part, complaint?.why], [part, why]);
    const told = complaint?.hint ?? "";
    assertEquals(hint.endsWith("…") ? `${told.slice(0, hint.length - 1)}…` : told, hint);
  });
}

Deno.test("checkConfig() repeats neither a value nor a password in a pattern", () => {
  for (
    const value of [
      { store: "s3cret" },
      entry({ password: "s3cret" }),
      entry({ ca: 5 }, "me:s3cret@reg.example"),
    ]
  ) {
    assertEquals(JSON.stringify({ ...checkConfig(value), path: [] }).includes("s3cret"), false);
  }
});

Deno.test("nameOf() writes keys that are no names in brackets", () => {
  assertEquals(nameOf([]), "the file");
  assertEquals(nameOf(["a", 0, "b-c", "$d"]), 'a[0]["b-c"].$d');
});

Deno.test("regauth.schema.json is what the tables say (deno task schema writes it)", async () => {
  const file = new URL("../regauth.schema.json", import.meta.url);
  assertEquals(await Deno.readTextFile(file), schemaText());
});
