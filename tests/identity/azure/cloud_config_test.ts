import { assertEquals, assertThrows } from "@std/assert";
import { RegauthError } from "../../../lib/errors.ts";
import { cloudConfig } from "../../../lib/identity/azure/cloud_config.ts";
import { readFlatYaml } from "../../../lib/identity/azure/flat_yaml.ts";

/** Options without what is not set, the secret in clear. */
function read(text: string, trace: string[] = []): Record<string, unknown> {
  const { options } = cloudConfig(text, "/azure.json", (message) => void trace.push(message));
  const { clientSecret, ...others } = options;
  return JSON.parse(JSON.stringify({
    ...others,
    ...(clientSecret ? { clientSecret: clientSecret.reveal() } : {}),
  }));
}

const CASES: readonly (readonly [name: string, text: string, options: unknown])[] = [
  ["an empty file", "", {}],
  ["an empty object", "{}", {}],
  ["comments alone", "# nothing\n\n", {}],
  ["a secret", '{"aadClientId":"id","aadClientSecret":"s3"}', {
    source: "secret",
    clientId: "id",
    clientSecret: "s3",
  }],
  ["names in any case", '{"AADCLIENTID":"id","aadclientsecret":"s3"}', {
    source: "secret",
    clientId: "id",
    clientSecret: "s3",
  }],
  ["a certificate", '{"aadClientId":"id","aadClientCertPath":"/c.pem"}', {
    source: "certificate",
    clientId: "id",
    certificate: "/c.pem",
  }],
  [
    "a secret before a certificate",
    '{"aadClientId":"i","aadClientSecret":"s","aadClientCertPath":"c"}',
    {
      source: "secret",
      clientId: "i",
      clientSecret: "s",
    },
  ],
  [
    "a managed identity before a secret",
    '{"useManagedIdentityExtension":true,"aadClientId":"i","aadClientSecret":"s"}',
    {
      source: "managed",
    },
  ],
  [
    "a managed identity by its client id",
    "useManagedIdentityExtension: true\nuserAssignedIdentityID: abc",
    {
      source: "managed",
      clientId: "abc",
    },
  ],
  [
    "a managed identity by its resource id",
    "useManagedIdentityExtension: true\nuserAssignedIdentityID: /Subscriptions/s/x",
    {
      source: "managed",
      resourceId: "/Subscriptions/s/x",
    },
  ],
  [
    "a federated token",
    "useFederatedWorkloadIdentityExtension: true\naadClientId: i\naadFederatedTokenFile: /t",
    {
      source: "workload",
      clientId: "i",
      federatedTokenFile: "/t",
    },
  ],
  ["no application where AKS writes msi", '{"aadClientId":"msi","aadClientSecret":"msi"}', {}],
  ["cloud and tenant alone", "cloud: AzureChinaCloud\ntenantId: t\n", {
    cloud: "AzureChinaCloud",
    tenantId: "t",
  }],
];

for (const [name, text, options] of CASES) {
  Deno.test(`cloudConfig() reads ${name}`, () => assertEquals(read(text), options));
}

Deno.test("cloudConfig() takes a switch in quotes, and says so", () => {
  const trace: string[] = [];
  assertEquals(read('{"useManagedIdentityExtension":"true"}', trace), { source: "managed" });
  assertEquals(read('{"useManagedIdentityExtension":"false"}', trace), {});
  assertEquals(trace.length, 2);
});

const VALUES: readonly (readonly [name: string, text: string, values: Record<string, string>])[] = [
  ["JSON with comments and a comma too many", '# a\n{ # b\n "a": "x", # c\n "b": true,\n}\n# d', {
    a: "x",
    b: "true",
  }],
  ["braces without quotes", "{a: x y, b: 'it''s', c: http://h:1/p#q}", {
    a: "x y",
    b: "it's",
    c: "http://h:1/p#q",
  }],
  ["nested values, which it passes over", '{"a": {"b": [1, {"c": "}"}]}, "d": "x", e: [a, b]}', {
    d: "x",
  }],
  ["escapes", '{"a": "\\u0041\\"\\n"}', { a: 'A"\n' }],
  ["null", '{"a": null, "b": ~, "c": ""}', { a: "", b: "", c: "" }],
  ["tabs in braces", '{\n\t"a":\t"x"\n}', { a: "x" }],
  ["a byte-order mark", '\uFEFF{"a": 1}', { a: "1" }],
  ["lines", "---\na: x # comment\n'b c': 'y: z'\n\"d\": \"#\"\nurl: http://h:1/#x\n", {
    a: "x",
    "b c": "y: z",
    d: "#",
    url: "http://h:1/#x",
  }],
  ["lines with nested values", "a: x\nb:\n  c: y\n- z\nd: [1]\ne: |\n  text\nf: z", {
    a: "x",
    f: "z",
  }],
  ["lines with Windows ends", "a: x\r\nb: y\r\n", { a: "x", b: "y" }],
];

for (const [name, text, values] of VALUES) {
  Deno.test(`readFlatYaml() reads ${name}`, () => {
    const read = readFlatYaml(text, "/azure.json");
    const found = Object.fromEntries([...read].map(([key, { text }]) => [key, text]));
    assertEquals(found, values);
  });
}

Deno.test("readFlatYaml() lets the last of equal names count, and says so", () => {
  const trace: string[] = [];
  const values = readFlatYaml("a: x\nA: y", "/azure.json", (message) => void trace.push(message));
  assertEquals(values.get("a")?.text, "y");
  assertEquals(trace, ["/azure.json: A comes twice; the last one counts"]);
});

const FAULTS: readonly (readonly [text: string, message: string])[] = [
  ["a: x\n\tb: y", "line 2: a tab"],
  ["just a text", 'line 1: a name and ":" expected'],
  ['{"a": "SECRET"', "line 1: the text ends too early"],
  ['{\n"a" "b"}', 'line 2: ":" expected'],
  ['{"a": 1\n"b": 2}', 'line 2: "," or "}" expected'],
  ['{"a": }', "line 1: a value expected"],
  ['{"a": 1} x', "line 1: the end of the text expected"],
  [`{"a": ${"[".repeat(200)}`, "line 1: deeper than 100 levels"],
  ["x".repeat(10 * 1024 * 1024 + 1), "larger than 10 MiB"],
];

for (const [text, message] of FAULTS) {
  Deno.test(`readFlatYaml() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    const error = assertThrows(() => readFlatYaml(text, "/azure.json"), RegauthError, message);
    assertEquals(error instanceof RegauthError && error.code, "config-syntax");
  });
}
