import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { fakeRegistry } from "../fakes/registry.ts";

const LOGIN = ["login", "reg.example.com", "-u", "robot", "--password-stdin", "--no-verify"];
const RESOLVE = ["resolve", "reg.example.com/team/app"];
const AUTH = btoa("robot:secret");

/** A config file that cannot be used: what is said of it, and that nobody touches it. */
const CONFIGS: readonly (readonly [name: string, text: string, says: RegExp])[] = [
  ["cut off", '{"auths": {', /line 1/],
  ["with a comma too many", '{\n  "auths": {},\n}', /line 2/],
  ["with single quotes", "{'auths': {}}", /line 1/],
  ["that is a list", "[]", /config\.json/],
  ["whose auths is a list", '{"auths": []}', /auths/],
  ["whose entry is a text", '{"auths": {"reg.example.com": "x"}}', /reg\.example\.com/],
  ["whose auth is a number", '{"auths": {"reg.example.com": {"auth": 1}}}', /auth/],
  ["whose auth is not base64", '{"auths": {"reg.example.com": {"auth": "%%%"}}}', /base64/],
  [
    "whose auth has no colon",
    `{"auths": {"reg.example.com": {"auth": "${btoa("robot")}"}}}`,
    /reg\.example\.com/,
  ],
  [
    "whose helper is not installed",
    '{"credHelpers": {"reg.example.com": "no-such-helper"}}',
    /docker-credential-no-such-helper/,
  ],
  [
    "whose helper is a path",
    '{"credHelpers": {"reg.example.com": "../../bin/sh"}}',
    /\.\.\/\.\.\/bin\/sh/,
  ],
];

for (const [name, text, says] of CONFIGS) {
  Deno.test(`regauth resolve tells of a config file ${name}, and ends with 1`, async () => {
    await using regauth = await sandbox();
    await writeConfig(regauth, text);
    const { code, stdout, stderr } = await regauth.run(RESOLVE);
    assertEquals([code, stdout], [1, ""], stderr);
    assertMatch(stderr, says);
    assertMatch(stderr, /config\.json/);
  });
}

for (const [name, text] of CONFIGS.slice(0, 5)) {
  Deno.test(`regauth login leaves a config file ${name} as it is`, async () => {
    await using regauth = await sandbox();
    await writeConfig(regauth, text);
    const { code, stderr } = await regauth.run(LOGIN, { stdin: "secret" });
    assertEquals(code, 1, stderr);
    assertEquals(await Deno.readTextFile(join(regauth.home, ".docker", "config.json")), text);
  });
}

/** Config files that look odd and are fine. */
const FINE: readonly (readonly [name: string, text: string])[] = [
  ["with a byte-order mark", `\ufeff{"auths": {"reg.example.com": {"auth": "${AUTH}"}}}`],
  ["with names in other case", `{"Auths": {"reg.example.com": {"AUTH": "${AUTH}"}}}`],
  ["with a URL as key", `{"auths": {"https://reg.example.com/v1/": {"auth": "${AUTH}"}}}`],
];

for (const [name, text] of FINE) {
  Deno.test(`regauth resolve reads a config file ${name}`, async () => {
    await using regauth = await sandbox();
    await writeConfig(regauth, text);
    const { code, stdout, stderr } = await regauth.run([...RESOLVE, "--json"]);
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout).password, "secret");
  });
}

/** Calls that cannot work: exit code, and what is said. */
const CALLS: readonly {
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}[] = [
  { args: [], code: 2, says: /^Usage/m },
  { args: ["bogus"], code: 2, says: /bogus/ },
  { args: ["resolve"], code: 2, says: /image/i },
  { args: ["resolve", "--bogus", "reg.example.com"], code: 2, says: /--bogus/ },
  { args: ["resolve", "UPPER.example.com/Team/App"], code: 2, says: /Team\/App/ },
  { args: ["resolve", "reg.example.com/a b"], code: 2, says: /a b/ },
  { args: ["resolve", ""], code: 2, says: /./ },
  { args: ["resolve", "--format", "bogus", "reg.example.com"], code: 2, says: /bogus/ },
  { args: ["resolve", "--order", "bogus", "reg.example.com"], code: 2, says: /--?order|bogus/ },
  { args: ["resolve", "--keychains", "bogus", "reg.example.com"], code: 2, says: /bogus/ },
  {
    args: RESOLVE,
    env: { REGAUTH_ACTIVE_KEYCHAINS: "bogus" },
    code: 2,
    says: /REGAUTH_ACTIVE_KEYCHAINS/,
  },
  { args: RESOLVE, env: { REGAUTH_REGISTRY_TOKEN: "x" }, code: 2, says: /REGAUTH_REGISTRY_TOKEN/ },
  { args: RESOLVE, code: 3, says: /reg\.example\.com/ },
  { args: ["login", "reg.example.com", "--password-stdin"], code: 2, says: /username/i },
  {
    args: ["login", "reg.example.com", "-u", "a:b", "--password-stdin"],
    stdin: "x",
    code: 2,
    says: /colon|":"/,
  },
  { args: ["login", "reg.example.com", "-u", "a", "--password-stdin"], code: 2, says: /empty/i },
  {
    args: ["login", "reg.example.com", "-u", "a", "-p", "b", "--password-stdin"],
    code: 2,
    says: /--password-stdin/,
  },
  { args: ["login", "reg.example.com"], code: 2, says: /--username|-u\b/ },
];

for (const { args, code, says, env = {}, stdin = "" } of CALLS) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
  Deno.test(`${variables}regauth ${args.join(" ")} ends with ${code}`, async () => {
    await using regauth = await sandbox();
    const result = await regauth.run(args, { env, stdin });
    assertEquals([result.code, result.stdout], [code, ""], result.stderr);
    assertMatch(result.stderr, says);
    assertEquals(/\bat \S+\.ts:\d+/.test(result.stderr), false, result.stderr);
  });
}

Deno.test("regauth login ends with 5 where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using regauth = await sandbox();
  const args = ["login", `127.0.0.1:${port}`, "-u", "robot", "--password-stdin"];
  const { code, stderr } = await regauth.run(args, { stdin: "secret" });
  assertEquals(code, 5, stderr);
  assertMatch(stderr, new RegExp(`127\\.0\\.0\\.1.*\\b${port}\\b`));
  assertEquals(await Array.fromAsync(Deno.readDir(regauth.home)), []);
});

Deno.test("regauth login with a wrong password ends with 4 and saves nothing", async () => {
  await using registry = await fakeRegistry();
  await using regauth = await sandbox();
  const args = ["login", registry.host, "-u", "robot", "--password-stdin"];
  const { code, stderr } = await regauth.run(args, { stdin: "wrong" });
  assertEquals(code, 4, stderr);
  assertEquals(await Array.fromAsync(Deno.readDir(regauth.home)), []);
});

/** What the helper protocol says to bad input: one line on standard output, exit code 1. */
const HELPER: readonly (readonly [verb: string, stdin: string, stdout: string])[] = [
  ["get", "", "no credentials server URL\n"],
  ["get", "unknown.example.com", "credentials not found in native keychain\n"],
  ["store", '{"ServerURL":"","Username":"u","Secret":"s"}', "no credentials server URL\n"],
  ["store", '{"ServerURL":"x.example","Username":"","Secret":"s"}', "no credentials username\n"],
  ["erase", "", "no credentials server URL\n"],
];

for (const [verb, stdin, expected] of HELPER) {
  Deno.test(`regauth ${verb} answers ${JSON.stringify(stdin)} as the protocol says`, async () => {
    await using regauth = await sandbox();
    const { code, stdout, stderr } = await regauth.run([verb], { stdin });
    assertEquals([code, stdout, stderr], [1, expected, ""]);
  });
}

async function writeConfig({ home }: Sandbox, text: string): Promise<void> {
  await Deno.mkdir(join(home, ".docker"));
  await Deno.writeTextFile(join(home, ".docker", "config.json"), text);
}
