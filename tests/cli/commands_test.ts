import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { run } from "../../cli.ts";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { stripStyles } from "../../lib/cli/width.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { scriptedTerminal, type ScriptedTerminalOptions } from "../fakes/terminal.ts";

const DOCKER = "/home/me/.docker/config.json";
const SAVED = {
  [DOCKER]: JSON.stringify({ auths: { "reg.example": { auth: btoa("robot:FAKE-1") } } }),
};

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly io: MemoryIo;
}

/** Runs the program as a script would, unless the terminal says otherwise. */
async function regauth(
  args: readonly string[],
  world: MemoryIoOptions & { readonly stdin?: string } = {},
  screen: ScriptedTerminalOptions = { streams: { stdin: false, stdout: false, stderr: false } },
): Promise<Ran> {
  const { stdin = "", ...options } = world;
  const io = memoryIo({ ...options, env: { HOME: "/home/me", LANG: "C.UTF-8", ...options.env } });
  const terminal = scriptedTerminal({ ...screen, args });
  const code = await run({ ...terminal, readAll: () => Promise.resolve(stdin) }, io);
  return { code, ...terminal.written, io };
}

Deno.test("regauth without arguments prints help on stderr and ends with 2", async () => {
  const { code, stdout, stderr } = await regauth([]);
  assertEquals([code, stdout], [2, ""]);
  for (const { name } of COMMANDS) assertStringIncludes(stderr, `\n  ${name}`);
});

for (const columns of [30, 40, 80, 200]) {
  Deno.test(`help fits ${columns} columns`, async () => {
    for (const args of [["--help"], ...COMMANDS.map(({ name }) => [name, "--help"])]) {
      const { code, stdout } = await regauth(args, {}, { columns, streams: { stdin: false } });
      const plain = stripStyles(stdout);
      assertEquals(code, 0);
      // Examples are for copying: they are not broken.
      const prose = plain.split(/^Examples$/m)[0] ?? "";
      const long = prose.split("\n").filter((line) => line.length > Math.max(columns, 40));
      assertEquals(long, []);
    }
  });
}

Deno.test("every command has an example that starts with its name, and help without colours", async () => {
  for (const { name, load } of COMMANDS) {
    const { examples } = await load();
    assertEquals(examples.some(([_, how]) => how.includes(`regauth ${name}`)), true, name);
    const { stdout } = await regauth([name, "--help"], { env: { NO_COLOR: "1" } }, {});
    assertEquals(stdout, stripStyles(stdout));
  }
});

const USAGE: readonly (readonly [args: readonly string[], says: string])[] = [
  [["frob"], 'Unknown command "frob"'],
  [["resolve"], "Missing argument(s): image"],
  [["resolve", "x", "--frob"], 'Unknown option "--frob"'],
  [["resolve", "x", "--format", "xml"], 'format "xml"'],
  [["resolve", "x", "--order", "oci"], 'order "oci"'],
  [["resolve", "x", "--keychains", "env,nope"], 'keychain "nope" of --keychains'],
  [["resolve", "x", "--timeout", "0"], "Cannot wait for 0 seconds"],
  [["resolve", "x", "--timeout", "-1"], "Cannot wait for -1 seconds"],
  [["check", "x", "--timeout", "9999999"], "at most 86400"],
  [["resolve", "x", "--registry-password=", "reg.example"], '"--registry-password"'],
  [["login", "-u", "me", "--password=", "reg.example"], '"--password"'],
  [["resolve", "--", "-x"], "starts with a dash"],
  [["resolve", "UPPER"], "must be lower case"],
  [["completions", "powershell"], '"powershell"'],
  [["login", "--password-stdin", "reg.example"], "without --username"],
  [["login", "-u", "a", "-p", "b", "--password-stdin", "reg.example"], "both"],
  [["login", "-u", "a:b", "-p", "c", "reg.example"], "colon"],
  [["login", "-u", "a", "-p", " ", "reg.example"], "empty"],
  [["login", "ftp://reg.example", "-u", "a", "-p", "b"], "only http and https"],
];

for (const [args, says] of USAGE) {
  Deno.test(`regauth ${args.join(" ")} ends with 2 and says why`, async () => {
    const { code, stdout, stderr, io } = await regauth(args);
    assertEquals([code, stdout, io.writes], [2, "", []]);
    assertStringIncludes(stderr, says);
  });
}

const NAMES: readonly (readonly string[])[] = [
  ["resolve", "check"],
  ["resolve", "login", "logout"],
  ["--config", "login", "resolve", "token"],
  ["resolve", "--config", "ls", "x"],
  ["resolve", "--", "help"],
];

for (const args of NAMES) {
  Deno.test(`regauth ${args.join(" ")} takes names of commands for what they stand for`, async () => {
    const { code, stderr } = await regauth(args);
    assertEquals(code, 3);
    assertStringIncludes(stderr, `no credential for ${args.at(-1)}\n`);
  });
}

Deno.test("what follows -- is an argument", async () => {
  const { code, stdout } = await regauth(["resolve", "--", "reg.example/a"], { files: SAVED });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "robot");
});

const FAILURES: readonly (readonly [args: readonly string[], failure: object])[] = [
  [["resolve"], { code: "usage", exit: 2 }],
  [["resolve", "UPPER"], { code: "invalid-reference", exit: 2 }],
  [["resolve", "x", "--format", "basic"], { code: "usage", exit: 2 }],
  [["explain", "x", "UPPER"], { code: "invalid-reference", exit: 2 }],
  [["frob"], { code: "usage", exit: 2 }],
  [["login", "reg.example"], { code: "usage", exit: 2 }],
  [["token", "reg.example/a"], { code: "D-02", exit: 5 }],
];

for (const [args, failure] of FAILURES) {
  Deno.test(`regauth ${args.join(" ")} --json tells the failure as a document`, async () => {
    const fetch = () => Promise.reject(new TypeError("connection refused"));
    const { code, stdout, stderr } = await regauth([...args, "--json"], { fetch });
    const { ok, error: { code: id, exit, message } } = JSON.parse(stdout);
    assertEquals({ ok, code: id, exit }, { ok: false, ...failure });
    assertEquals(code, exit);
    assertStringIncludes(stderr, message);
  });
}

for (const json of [[], ["--json"]]) {
  Deno.test(`check ${json}tells no password that was pasted into an image`, async () => {
    const args = ["check", "me:hunter2@reg.example/a", "https://me:hunter2@reg.example"];
    const { code, stdout, stderr } = await regauth([...args, ...json]);
    assertEquals(code, 2);
    assertNotMatch(stdout + stderr, /hunter2/);
  });
}

Deno.test("completions --json is a document", async () => {
  const { stdout } = await regauth(["completions", "bash", "--json"]);
  assertEquals(JSON.parse(stdout).shell, "bash");
});

for (const command of ["resolve", "explain"]) {
  Deno.test(`${command} sends nothing to the terminal that a file made up`, async () => {
    const auths = { "reg.example": { username: "me\x1b[2J\x1b]0;x\x07", password: "FAKE-1" } };
    const files = { [DOCKER]: JSON.stringify({ auths }) };
    const { code, stdout } = await regauth([command, "reg.example"], { files });
    assertEquals(code, 0);
    assertStringIncludes(stdout, "me");
    // deno-lint-ignore no-control-regex
    assertNotMatch(stdout, /[\x1b\x07]/);
  });
}

Deno.test("resolve --format docker writes no config that has one credential for two", async () => {
  const env = {
    REGAUTH_REGISTRY_HOSTNAME_A: "r.example/a",
    REGAUTH_REGISTRY_USERNAME_A: "a",
    REGAUTH_REGISTRY_PASSWORD_A: "FAKE-1",
    REGAUTH_REGISTRY_HOSTNAME_B: "r.example/b",
    REGAUTH_REGISTRY_USERNAME_B: "b",
    REGAUTH_REGISTRY_PASSWORD_B: "FAKE-2",
  };
  const args = ["resolve", "r.example/a", "r.example/b", "--format", "docker"];
  const { code, stdout, stderr } = await regauth(args, { env });
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "several credentials");
});

Deno.test("resolve --format basic refuses a token", async () => {
  const env = {
    REGAUTH_REGISTRY_HOSTNAME: "r.example",
    REGAUTH_REGISTRY_REGISTRY_TOKEN: "hunter2",
  };
  const { code, stdout, stderr } = await regauth(["resolve", "r.example", "--format", "basic"], {
    env,
  });
  assertEquals([code, stdout], [2, ""]);
  assertNotMatch(stderr, /hunter2/);
});

Deno.test("resolve hides secrets from people", async () => {
  const { code, stdout } = await regauth(["resolve", "reg.example/a"], { files: SAVED });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "robot");
  assertStringIncludes(stdout, "[redacted]");
  assertNotMatch(stdout, /FAKE-1/);
});

Deno.test("resolve --json prints one object a line, in the fixed order of fields", async () => {
  const { code, stdout } = await regauth(["resolve", "--json", "reg.example/a:1", "b"], {
    files: SAVED,
  });
  assertEquals(code, 3);
  const [first = "", second = ""] = stdout.split("\n");
  assertEquals(JSON.parse(first), {
    target: "reg.example/a:1",
    registry: "reg.example",
    repository: "a",
    kind: "basic",
    username: "robot",
    password: "FAKE-1",
    identityToken: "",
    registryToken: "",
    keychain: "docker",
    detail: `${DOCKER}, key "reg.example"`,
    expiresAt: null,
  });
  assertEquals(JSON.parse(second).kind, "none");
});

const FORMATS: readonly (readonly [format: string, env: Record<string, string>, stdout: string])[] =
  [
    ["header", { USERNAME: "u", PASSWORD: "p" }, `Authorization: Basic ${btoa("u:p")}\n`],
    ["header", { REGISTRY_TOKEN: "t" }, "Authorization: Bearer t\n"],
    ["header", { USERNAME: "u" }, ""],
    ["basic", { USERNAME: "u", PASSWORD: "p:q" }, "u:p:q\n"],
    [
      "env",
      { USERNAME: "u", PASSWORD: "it's" },
      "export REGAUTH_REGISTRY_HOSTNAME='r.example/a'\nexport REGAUTH_REGISTRY_USERNAME='u'\n" +
      "export REGAUTH_REGISTRY_PASSWORD='it'\\''s'\n",
    ],
    [
      "docker",
      { USERNAME: "u", PASSWORD: "p" },
      `{\n\t"auths": {\n\t\t"r.example": {\n\t\t\t"auth": "${btoa("u:p")}"\n\t\t}\n\t}\n}\n`,
    ],
    [
      "docker",
      { IDENTITY_TOKEN: "i", REGISTRY_TOKEN: "t" },
      '{\n\t"auths": {\n\t\t"r.example": {\n\t\t\t"identitytoken": "i",\n' +
      '\t\t\t"registrytoken": "t"\n\t\t}\n\t}\n}\n',
    ],
    ["docker", {}, '{\n\t"auths": {}\n}\n'],
  ];

for (const [format, fields, expected] of FORMATS) {
  Deno.test(`resolve --format ${format} with ${Object.keys(fields).join(", ") || "nothing"}`, async () => {
    const env = Object.fromEntries(
      Object.entries({ HOSTNAME: "r.example", ...fields }).map(([name, value]) => [
        `REGAUTH_REGISTRY_${name}`,
        value,
      ]),
    );
    const { stdout } = await regauth(["resolve", "r.example/a", "--format", format], { env });
    assertEquals(stdout, expected);
  });
}

Deno.test("resolve --format env numbers several targets, and each set finds its own target", async () => {
  const args = ["resolve", "reg.example/a", "reg.example/b", "--format", "env"];
  const { stdout } = await regauth(args, { files: SAVED });
  const env = Object.fromEntries(
    Array.from(stdout.matchAll(/^export (\w+)='(.*)'$/gm), ([_, name, value]) => [name, value]),
  );
  const again = await regauth(["resolve", "--json", "reg.example/b"], { env });
  assertStringIncludes(again.stdout, '"detail":"REGAUTH_REGISTRY_HOSTNAME_1');
});

Deno.test("resolve --format header refuses an identity token and names the other command", async () => {
  const env = {
    REGAUTH_REGISTRY_HOSTNAME: "r.example",
    REGAUTH_REGISTRY_IDENTITY_TOKEN: "hunter2",
  };
  const { code, stderr } = await regauth(["resolve", "r.example", "--format", "header"], { env });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "regauth token r.example");
  assertNotMatch(stderr, /hunter2/);
});

Deno.test("explain shows every keychain with its reason, and no secret", async () => {
  const env = { REGAUTH_REGISTRY_HOSTNAME: "other.example", REGAUTH_REGISTRY_PASSWORD: "hunter2" };
  const { code, stdout, stderr } = await regauth(["explain", "-v", "reg.example/a"], {
    env,
    files: SAVED,
  });
  assertEquals(code, 0);
  for (const text of ["env", "config", "flags", "docker", "matched", "nothing", "robot"]) {
    assertStringIncludes(stdout, text);
  }
  assertNotMatch(stdout + stderr, /hunter2|FAKE-1/);
});

Deno.test("explain tells a failure with its exit code, and that nobody was asked after it", async () => {
  const files = { [DOCKER]: '{"auths":\n]' };
  const { code, stdout } = await regauth(["explain", "--json", "reg.example/a"], { files });
  assertEquals(code, 1);
  const { steps } = JSON.parse(stdout);
  const last = steps.find(({ keychain }: { keychain: string }) => keychain === "docker");
  assertEquals([last.outcome, last.error.code], ["failed", "config-syntax"]);
  const human = await regauth(["explain", "reg.example/a"], { files });
  assertStringIncludes(human.stdout, 'ended at "docker"');
});

Deno.test("explain of a target that nobody knows ends with 3", async () => {
  const { code, stdout } = await regauth(["explain", "reg.example/a"]);
  assertEquals(code, 3);
  assertStringIncludes(stdout, "No keychain knows this target");
});

Deno.test("ls lists variables, files and helpers, with what is wrong", async () => {
  const config = {
    auths: { "bad.example": { auth: "!" }, "reg.example": { auth: btoa("robot:FAKE-1") } },
    credHelpers: { "x.example": "x", "gone.example": "gone" },
  };
  const world: MemoryIoOptions = {
    env: { PATH: "/usr/bin", REGAUTH_REGISTRY_HOSTNAME: "*.io", REGAUTH_REGISTRY_USERNAME: "me" },
    files: { [DOCKER]: JSON.stringify(config) },
    programs: { "/usr/bin/docker-credential-x": () => ({ stdout: '{"x.example":"<token>"}' }) },
  };
  const { code, stdout } = await regauth(["ls", "--json"], world);
  assertEquals(code, 0);
  const rows = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.map(({ registry, stored }) => [registry, stored]), [
    ["*.io", "environment"],
    ["bad.example", "plain text"],
    ["reg.example", "plain text"],
    ["x.example", "helper"],
    ["", "helper"],
  ]);
  assertStringIncludes(rows[1].problem, "base64");
  assertStringIncludes(rows[4].problem, "docker-credential-gone");
  const human = await regauth(["ls"], world);
  assertStringIncludes(human.stdout, "reg.example as robot");
  assertNotMatch(human.stdout, /FAKE-1/);
});

Deno.test("ls says what to do where nothing is known", async () => {
  assertStringIncludes((await regauth(["ls"])).stderr, "regauth login");
});

const OPEN = { fetch: () => new Response("{}") };
const CLOSED: MemoryIoOptions = {
  fetch: ({ headers }) =>
    headers.get("authorization") === `Basic ${btoa("robot:FAKE-1")}`
      ? new Response("{}")
      : new Response("{}", { status: 401, headers: { "www-authenticate": "Basic" } }),
};

Deno.test("login saves what the registry accepted, and warns of plain text", async () => {
  const args = ["login", "https://Reg.Example/v2/", "-u", "robot", "--password-stdin"];
  const { code, stdout, stderr, io } = await regauth(args, { ...CLOSED, stdin: "FAKE-1\r\n" });
  assertEquals([code, stdout], [0, "Logged in to reg.example as robot.\n"]);
  assertStringIncludes(stderr, `unencrypted in ${DOCKER}`);
  const { auths } = JSON.parse(io.files.get(DOCKER)?.text ?? "");
  assertEquals(auths, { "reg.example": { auth: btoa("robot:FAKE-1") } });
});

Deno.test("login does not save what the registry refuses", async () => {
  const args = ["login", "reg.example", "-u", "robot", "--password-stdin"];
  const { code, io } = await regauth(args, { ...CLOSED, stdin: "wrong" });
  assertEquals([code, io.writes], [4, []]);
});

Deno.test("login says that a registry which asks for nothing proves nothing", async () => {
  const args = ["login", "reg.example", "-u", "robot", "--password-stdin"];
  const { code, stdout, stderr } = await regauth(args, { ...OPEN, stdin: "x" });
  assertEquals([code, stdout], [0, "Saved for reg.example as robot, not verified.\n"]);
  assertStringIncludes(stderr, "did not ask for a credential");
});

Deno.test("login --no-verify --json asks nobody", async () => {
  const args = ["login", "-u", "me", "--password-stdin", "--no-verify", "--json"];
  const { stdout, io } = await regauth(args, { stdin: "x" });
  assertEquals(io.requests.length, 0);
  assertEquals(JSON.parse(stdout), {
    registry: "index.docker.io",
    username: "me",
    verified: null,
    where: DOCKER,
    key: "https://index.docker.io/v1/",
  });
});

Deno.test("login gives the secret to the helper of the host, and leaves a mark", async () => {
  const stored: string[] = [];
  const { stderr, io } = await regauth(
    ["login", "reg.example", "-u", "robot", "--password-stdin"],
    {
      ...CLOSED,
      stdin: "FAKE-1",
      env: { PATH: "/usr/bin" },
      files: { [DOCKER]: '{"credsStore":"x"}' },
      programs: {
        "/usr/bin/docker-credential-x": ([action], { stdin = "" }) => {
          if (action !== "store") {
            return {
              code: 1,
              stdout: "credentials not found in native keychain",
            };
          }
          stored.push(stdin);
          return {};
        },
      },
    },
  );
  assertStringIncludes(stderr, "Stored with docker-credential-x");
  assertEquals(JSON.parse(stored[0] ?? "").Secret, "FAKE-1");
  assertEquals(JSON.parse(io.files.get(DOCKER)?.text ?? "").auths, { "reg.example": {} });
});

Deno.test("login without a terminal names all that is missing, with an example", async () => {
  const { code, stderr } = await regauth(["login", "reg.example"], CLOSED);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Missing: --username, --password-stdin");
  assertStringIncludes(stderr, "Example:");
});

Deno.test("login asks for what is missing, without showing the password", async () => {
  const screen: ScriptedTerminalOptions = {
    script: [["User name", "robot\r"], ["Password", "FAKE-1\r"]],
  };
  const { code, stdout, stderr } = await regauth(
    ["login", "reg.example"],
    { ...CLOSED, env: { TERM: "xterm" } },
    screen,
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout, "as robot");
  assertNotMatch(stdout + stderr, /FAKE-1/);
});

Deno.test("login tries a saved credential first", async () => {
  const { code, stdout, io } = await regauth(["login", "reg.example"], { ...CLOSED, files: SAVED });
  assertEquals([code, io.writes], [0, []]);
  assertStringIncludes(stdout, "Already logged in to reg.example as robot");
});

Deno.test("logout removes every spelling of the host, and nothing of its paths", async () => {
  const auths = {
    "https://index.docker.io/v1/": { auth: btoa("a:b") },
    "docker.io": { auth: btoa("a:b") },
    "docker.io/team": { auth: btoa("c:d") },
  };
  const files = { [DOCKER]: JSON.stringify({ auths }) };
  const { code, stdout, io } = await regauth(["logout"], { files });
  assertEquals([code, stdout.split("\n").length], [0, 3]);
  const left = Object.keys(JSON.parse(io.files.get(DOCKER)?.text ?? "").auths);
  assertEquals(left, ["docker.io/team"]);
  const again = await regauth(["logout", "--json", "gone.example"], { files });
  assertEquals(JSON.parse(again.stdout), { registry: "gone.example", removed: [] });
});

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test(`completions ${shell} name every command and its options`, async () => {
    const { code, stdout } = await regauth(["completions", shell]);
    assertEquals(code, 0);
    for (const { name } of COMMANDS) assertStringIncludes(stdout, name);
    assertStringIncludes(stdout, "password-stdin");
  });
}

Deno.test("login --json tells that the saved credential still works as a document", async () => {
  const fetch = ({ headers }: Request) =>
    headers.has("authorization")
      ? new Response("{}")
      : new Response("{}", { status: 401, headers: { "www-authenticate": "Basic" } });
  const { code, stdout } = await regauth(["login", "--json", "reg.example"], {
    files: SAVED,
    fetch,
  });
  const { registry, username, verified, key } = JSON.parse(stdout);
  assertEquals([code, registry, username, verified, key], [
    0,
    "reg.example",
    "robot",
    true,
    "reg.example",
  ]);
});

Deno.test("login and logout keep a port that was named without a scheme", async () => {
  const args = ["-u", "me", "-p", "FAKE-1", "--no-verify", "--json"];
  const { stdout, io } = await regauth(["login", "REG.example:443", ...args]);
  assertEquals(JSON.parse(stdout).key, "reg.example:443");
  const files = { [DOCKER]: await io.readText(DOCKER) ?? "" };
  const found = await regauth(["resolve", "reg.example:443/a", "--json"], { files });
  assertEquals(JSON.parse(found.stdout).username, "me");
  const gone = await regauth(["logout", "reg.example:443", "--json"], { files });
  assertEquals(JSON.parse(gone.stdout).removed.length, 1);
});

Deno.test("logout sends nothing to the terminal that a file made up", async () => {
  const auths = { "https://reg.example/\x1b[2J": { auth: btoa("robot:FAKE-1") } };
  const files = { [DOCKER]: JSON.stringify({ auths }) };
  const { stdout } = await regauth(["logout", "reg.example"], { files });
  assertEquals(stdout, `Removed https://reg.example/ from ${DOCKER}.\n`);
});

Deno.test("login ends at once when it is interrupted while it reads the password", async () => {
  const io = memoryIo({ env: { HOME: "/home/me" } });
  const streams = { stdin: false, stdout: false, stderr: false };
  const args = ["login", "-u", "me", "--password-stdin", "reg.example"];
  const terminal = scriptedTerminal({ args, streams });
  const readAll = () => {
    terminal.send("SIGTERM");
    return new Promise<never>(() => {});
  };
  const code = await run({ ...terminal, readAll }, io);
  assertEquals([code, terminal.listeners, io.writes], [143, 0, []]);
});

Deno.test("logout says that the backup still holds the secret", async () => {
  const { stderr, io } = await regauth(["logout", "reg.example"], { files: SAVED });
  assertStringIncludes(stderr, `${DOCKER}.regauth-*, still hold the secret`);
  const holders = io.writes.filter((path) => path.startsWith(`${DOCKER}.regauth-`));
  assertEquals(holders.length, 1);
});
