import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Credential, credentialKind, Secret } from "../lib/credential.ts";
import { type Flags, flagsKeychain } from "../lib/flags_keychain.ts";
import { memoryIo } from "../lib/memory_io.ts";

type Env = Readonly<Record<string, string>>;

async function ask(
  flags: Flags,
  env: Env = {},
): Promise<{ credential: Credential | undefined; trace: readonly string[] }> {
  const trace: string[] = [];
  const credential = await flagsKeychain(flags).resolve({ registry: "reg.example" }, {
    io: memoryIo({ env }),
    trace: (message) => trace.push(message),
  });
  return { credential, trace };
}

/** The answer in one line: kind, name, password, token and where it comes from. */
function summary(credential: Credential | undefined): string {
  if (!credential) return "none";
  const { username, password, registryToken, detail } = credential;
  return [
    credentialKind(credential),
    ...[username, password?.reveal(), registryToken?.reveal()].map((text) => text ?? "-"),
    `by ${detail}`,
  ].join(" ");
}

const password = new Secret("p");
const token = new Secret("t");

const CASES: readonly (readonly [name: string, flags: Flags, env: Env, answer: string])[] = [
  ["nothing", {}, {}, "none"],
  ["name and password", { username: "u", password }, {}, "basic u p - by --registry-username"],
  ["a name alone", { username: "u" }, {}, "basic u - - by --registry-username"],
  ["a password alone", { password }, {}, "none"],
  ["a password and a token", { password, token }, {}, "registryToken - - t by --registry-token"],
  ["a token", { token }, {}, "registryToken - - t by --registry-token"],
  ["a name before a token", { username: "u", token }, {}, "basic u - - by --registry-username"],
  [
    "a token before anon",
    { token, anonymous: true },
    {},
    "registryToken - - t by --registry-token",
  ],
  ["anon", { anonymous: true }, {}, "anonymous - - - by --registry-anon"],
  ["no anon", { anonymous: false }, {}, "none"],
  ["empty flags", { username: "", password: new Secret(""), token: new Secret("") }, {}, "none"],
  [
    "variables of imgpkg",
    {},
    { IMGPKG_USERNAME: "u", IMGPKG_PASSWORD: "p" },
    "basic u p - by IMGPKG_USERNAME",
  ],
  [
    "our variables before those of imgpkg, each on its own",
    {},
    { REGAUTH_USERNAME: "r", IMGPKG_USERNAME: "i", IMGPKG_PASSWORD: "p" },
    "basic r p - by REGAUTH_USERNAME",
  ],
  [
    "a flag before variables, each on its own",
    { username: "u" },
    { REGAUTH_USERNAME: "r", IMGPKG_PASSWORD: "p" },
    "basic u p - by --registry-username",
  ],
  ["an empty flag", { username: "" }, { IMGPKG_USERNAME: "i" }, "basic i - - by IMGPKG_USERNAME"],
  [
    "an empty variable",
    {},
    { REGAUTH_TOKEN: "", IMGPKG_TOKEN: "t" },
    "registryToken - - t by IMGPKG_TOKEN",
  ],
  [
    "a name and a token of variables",
    {},
    { IMGPKG_USERNAME: "ci", IMGPKG_TOKEN: "t" },
    "basic ci - - by IMGPKG_USERNAME",
  ],
  ["anon by variable", {}, { IMGPKG_ANON: "true" }, "anonymous - - - by IMGPKG_ANON"],
  ["anon by our variable", {}, { REGAUTH_ANON: "true" }, "anonymous - - - by REGAUTH_ANON"],
  ["anon in upper case", {}, { IMGPKG_ANON: "TRUE" }, "none"],
  ["anon as a number", {}, { IMGPKG_ANON: "1" }, "none"],
  ["our variable against imgpkg's", {}, { REGAUTH_ANON: "false", IMGPKG_ANON: "true" }, "none"],
  [
    "a flag that cannot unset",
    { anonymous: false },
    { IMGPKG_ANON: "true" },
    "anonymous - - - by IMGPKG_ANON",
  ],
];

for (const [name, flags, env, answer] of CASES) {
  Deno.test(`flagsKeychain() with ${name}: ${answer}`, async () => {
    assertStrictEquals(summary((await ask(flags, env)).credential), answer);
  });
}

const NOTES:
  readonly (readonly [name: string, flags: Flags, env: Env, trace: readonly string[]])[] = [
    ["name and password", { username: "u", password }, {}, []],
    [
      "a password alone",
      {},
      { IMGPKG_PASSWORD: "hunter2" },
      ["IMGPKG_PASSWORD is ignored without a user name"],
    ],
    [
      "a name and a token",
      { username: "u", token },
      {},
      [
        "--registry-token is ignored beside --registry-username",
        "--registry-username has no password beside it: nothing is sent",
      ],
    ],
  ];

for (const [name, flags, env, trace] of NOTES) {
  Deno.test(`flagsKeychain() notes of ${name}: ${trace.length}`, async () => {
    assertEquals((await ask(flags, env)).trace, trace);
  });
}
