import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import {
  credentialKey,
  isLoopbackHost,
  normalizeHost,
  parseHost,
  parseReference,
  parseTarget,
  targetText,
} from "../lib/reference.ts";
import rows from "./data/reference.json" with { type: "json" };

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** The error of a call, with its texts. */
function failure(call: () => unknown): RegauthError {
  return assertThrows(call, RegauthError);
}

for (const row of rows) {
  const name = row.input.length > 60 ? `${row.input.slice(0, 60)}…` : row.input;
  Deno.test(`parseReference() row ${JSON.stringify(name)}: ${row.note}`, () => {
    if (row.error) {
      assertEquals(failure(() => parseReference(row.input)).code, "invalid-reference");
      return;
    }
    const { registry, repository, tag = null, digest = null } = parseReference(row.input);
    assertEquals(
      { registry, repository, tag, digest },
      {
        registry: row.registry,
        repository: row.repository,
        tag: row.tag,
        digest: row.digest,
      },
    );
  });
}

Deno.test("parseReference() leaves out the part that is absent", () => {
  assertEquals(Object.keys(parseReference("nginx")), ["registry", "repository", "tag"]);
  assertEquals(Object.keys(parseReference(`nginx:1@${DIGEST}`)), [
    "registry",
    "repository",
    "digest",
  ]);
});

const FAULTS: readonly (readonly [text: string, reason: string])[] = [
  ["", "it is empty"],
  ["https://gcr.io/app", 'remove the "https://" prefix'],
  ["docker://nginx", 'remove the "docker://" prefix'],
  [" nginx", "it contains whitespace"],
  ["nginx\0", "it contains a control character"],
  [`a@${DIGEST}@${DIGEST}`, 'it has more than one "@"'],
  [`a@sha512:${"0".repeat(128)}`, 'unsupported digest algorithm "sha512", expected sha256'],
  ["a@", 'unsupported digest algorithm "", expected sha256'],
  ["a@sha256:abc", "a sha256 digest has 64 lower-case hex digits"],
  ["a@sha256", "a sha256 digest has 64 lower-case hex digits"],
  ["nginx:", 'the tag after ":" is empty'],
  [`nginx:${"a".repeat(129)}`, "the tag is longer than 128 characters"],
  ["nginx:a+b", 'the tag may contain only letters, digits, "_", "-", "."'],
  ["nginx:-a", 'the tag must start with a letter, a digit or "_"'],
  ["gcr.io/Team/App", 'the repository must be lower case; did you mean "team/app"?'],
  [`gcr.io/${"a".repeat(256)}`, "the repository is longer than 255 characters"],
  ["a".repeat(248), "the repository is longer than 255 characters"],
  ["gcr.io/", 'the repository is missing after "/"'],
  [":tag", "the name is missing"],
  [
    "gcr.io/a//b",
    'the repository part "" is not made of lower-case letters and digits, separated by ".", "_", ' +
    '"__" or "-"',
  ],
  ["gcr.io:abc/app", '"gcr.io:abc" is not a valid registry host'],
  ["[::1::2]/app", '"[::1::2]" is not a valid registry host'],
  ["a".repeat(64), "64 hex digits are the ID of an image, not its name"],
];

for (const [text, reason] of FAULTS) {
  Deno.test(`parseReference() says of ${JSON.stringify(text.slice(0, 40))}: ${reason}`, () => {
    const { message } = failure(() => parseReference(text));
    assertEquals(message.slice(0, 25), 'invalid image reference "');
    assertEquals(message.slice(-reason.length - 3), `": ${reason}`);
  });
}

Deno.test("parseReference() and parseTarget() never show user name and password", () => {
  const texts = [
    "me:hunter2@host/app",
    "me:hunter2@host:5000",
    "me:hunter2@host:5000/app:1",
    "me:hun/ter2@host/app",
    "me:ter@hunter2@host/app",
    "https://me:hunter2@host/app",
    "https://me:hunter2@host/v2/",
    "https://me:hun/ter2@reg.example/v2/",
    "me:hunter2@reg.example",
    "me:hunter2@reg.example/",
    `me:hunter2@host/app@${DIGEST}`,
    "me:hunter2 @host/app",
  ];
  for (const text of texts) {
    for (const parse of [parseReference, parseTarget]) {
      const error = failure(() => parse(text));
      const shown = `${error.message} ${error.subject} ${error.hint}`;
      assertEquals(/hunter2|ter2|me:/.test(shown), false, shown);
    }
  }
  const { message } = failure(() => parseReference("me:hunter2@host/app"));
  assertEquals(message.slice(0, 40), 'invalid image reference "***@host/app": ');
});

Deno.test("parseReference() shows what a terminal would obey as an escape", () => {
  const { message, subject } = failure(() => parseReference("gcr.io/\u202eppa"));
  assertEquals(subject, "gcr.io/\\u{202e}ppa");
  assertEquals(message.includes("\u202e"), false);
});

const HOSTS: readonly (readonly [text: string, registry: string])[] = [
  ["gcr.io", "gcr.io"],
  ["gcr.io/", "gcr.io"],
  ["GCR.io", "gcr.io"],
  ["gcr.io:443", "gcr.io:443"],
  ["localhost", "localhost"],
  ["localhost:5000", "localhost:5000"],
  ["localhost/", "localhost"],
  ["10.0.0.5", "10.0.0.5"],
  ["[::1]", "[::1]"],
  ["[::1]:5000", "[::1]:5000"],
  ["docker.io", "index.docker.io"],
  ["index.docker.io/v1/", "index.docker.io"],
  ["reg.example/v2/", "reg.example"],
  ["https://index.docker.io/v1", "index.docker.io"],
  ["https://registry", "registry"],
  ["HTTPS://Reg.example:443/v2/", "reg.example"],
  ["http://localhost:80", "localhost"],
  ["http://localhost:443/", "localhost:443"],
];

for (const [text, registry] of HOSTS) {
  Deno.test(`parseTarget() takes ${text} for the host ${registry}`, () => {
    assertEquals(parseTarget(text), { registry });
  });
}

Deno.test("parseTarget() takes everything else for an image", () => {
  const texts = ["nginx", "nginx:1.27", "registry:5000", "my.app:v1", "gcr.io/app", "localhosts"];
  for (const text of texts) assertEquals(parseTarget(text), parseReference(text));
});

Deno.test("parseTarget() refuses what is neither", () => {
  const cases: readonly (readonly [text: string, message: string])[] = [
    [
      "https://gcr.io/team/app",
      'invalid image reference "https://gcr.io/team/app": remove the "https://" prefix',
    ],
    ["https://", 'invalid registry host "https://": "" is not a valid registry host'],
    ["http://a_b/", 'invalid registry host "http://a_b/": "a_b" is not a valid registry host'],
    ["https://gcr.io?x", 'invalid registry host "https://gcr.io?x": "gcr.io?x" is not a valid'],
    ["registry:5000/", 'invalid image reference "registry:5000/": the repository is missing'],
    ["a..b", 'invalid image reference "a..b": the repository part "a..b" is not made of'],
    ["[::1", 'invalid image reference "[::1": '],
  ];
  for (const [text, message] of cases) {
    assertEquals(failure(() => parseTarget(text)).message.slice(0, message.length), message);
  }
});

Deno.test("parseHost() takes every text for a host, and keeps a port without scheme", () => {
  const cases: readonly (readonly [text: string, host: string])[] = [
    ["user", "user"],
    ["REG.example:443", "reg.example:443"],
    ["https://reg.example:443/v2/", "reg.example"],
    ["docker.io", "index.docker.io"],
    ["[::1]:5000", "[::1]:5000"],
  ];
  for (const [text, host] of cases) assertEquals(parseHost(text), host);
});

Deno.test("parseHost() refuses what is no host, without the password in it", () => {
  const texts = ["", "..", "reg.example.", "reg.example:", "reg.example?x", "r\u00eb.example"];
  for (const text of [...texts, "reg．example", "me:hunter2@reg.example", "https://"]) {
    const { code, message, hint = "" } = failure(() => parseHost(text));
    assertEquals(code, "invalid-reference");
    assertEquals([message.includes("hunter2"), hint.includes("host and port")], [false, true]);
  }
});

const KEYS: readonly (readonly [text: string, host: string, key: string])[] = [
  ["docker.io", "index.docker.io", "https://index.docker.io/v1/"],
  ["index.docker.io", "index.docker.io", "https://index.docker.io/v1/"],
  ["registry-1.docker.io", "index.docker.io", "https://index.docker.io/v1/"],
  ["https://index.docker.io/v1/", "index.docker.io", "https://index.docker.io/v1/"],
  ["https://index.docker.io/v1", "index.docker.io", "https://index.docker.io/v1/"],
  ["index.docker.io/v1/", "index.docker.io", "https://index.docker.io/v1/"],
  ["Docker.IO", "index.docker.io", "https://index.docker.io/v1/"],
  ["hub.docker.com", "hub.docker.com", "hub.docker.com"],
  ["registry.hub.docker.com", "registry.hub.docker.com", "registry.hub.docker.com"],
  ["https://reg.example", "reg.example", "reg.example"],
  ["http://reg.example/", "reg.example", "reg.example"],
  ["reg.example/v2/", "reg.example", "reg.example"],
  ["reg.example/v1/", "reg.example", "reg.example"],
  ["reg.example:5000", "reg.example:5000", "reg.example:5000"],
  ["reg.example:443", "reg.example:443", "reg.example:443"],
  ["https://reg.example:443/v2/", "reg.example", "reg.example"],
  ["https://reg.example:80", "reg.example:80", "reg.example:80"],
  ["http://reg.example:80", "reg.example", "reg.example"],
  ["https://reg.example:4430", "reg.example:4430", "reg.example:4430"],
  ["[2001:db8::1]:5000", "[2001:db8::1]:5000", "[2001:db8::1]:5000"],
  ["https://[2001:DB8::443]", "[2001:db8::443]", "[2001:db8::443]"],
  ["REG.Example", "reg.example", "reg.example"],
  ["reg.example/team/app", "reg.example", "reg.example"],
  [" reg.example\n", "reg.example", "reg.example"],
  ["ftp://reg.example", "reg.example", "reg.example"],
  ["\u212aube.example", "\u212aube.example", "\u212aube.example"],
];

for (const [text, host, key] of KEYS) {
  Deno.test(`normalizeHost() and credentialKey() of ${JSON.stringify(text)}`, () => {
    assertStrictEquals(normalizeHost(text), host);
    assertStrictEquals(credentialKey(text), key);
  });
}

Deno.test("targetText() is the normal host and the repository", () => {
  assertStrictEquals(targetText(parseReference("nginx:1")), "index.docker.io/library/nginx");
  assertStrictEquals(targetText(parseReference("GCR.io/team/app")), "gcr.io/team/app");
  assertStrictEquals(targetText({ registry: "docker.io" }), "index.docker.io");
});

Deno.test("isLoopbackHost() knows this machine and no other", () => {
  const here = ["localhost", "LOCALHOST:5000", "a.b.localhost:80", "127.0.0.1", "127.9.8.7:5000"];
  for (const host of [...here, "::1", "[::1]", "[::1]:5000", "[0:0:0:0:0:0:0:1]"]) {
    assertStrictEquals(isLoopbackHost(host), true, host);
  }
  const elsewhere = ["127.0.0.1.example", "localhost.example", "evil-localhost", "10.0.0.1", ""];
  for (
    const host of [
      ...elsewhere,
      "127.example",
      "localhost@evil.example",
      "[::2]",
      "[::ffff:127.0.0.1]",
      "0.0.0.0",
      "a b",
    ]
  ) {
    assertStrictEquals(isLoopbackHost(host), false, host);
  }
});
