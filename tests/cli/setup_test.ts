import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../../lib/errors.ts";
import { RECIPES } from "../../lib/registries/index.ts";
import { setup } from "../../lib/cli/setup.ts";
import { SHARED_OPTIONS } from "../../lib/cli/shared_options.ts";
import type { MemoryIoOptions } from "../../lib/memory_io.ts";
import {
  basicRegistry,
  DOCKER,
  OWN,
  type Ran,
  regauth,
  saved,
  type SetupWorld,
} from "../fakes/setup_world.ts";

/** All that the registry in memory needs to be told. */
const GIVEN = ["setup", "reg.example", "--kind", "generic", "--username", "robot"] as const;
const SECRET = ["--secret-env", "PW"] as const;
const CONSENT = ["--yes", "--allow-plaintext"] as const;
const PW = { PW: "robot-secret" } as const;

/** Calls `setup` with everything, and what the test adds. */
function complete(more: readonly string[] = [], world: SetupWorld = {}): Promise<Ran> {
  return regauth([...GIVEN, ...SECRET, ...CONSENT, ...more], {
    ...world,
    env: { ...PW, ...world.env },
  });
}

function entryIn(text: string | undefined): unknown {
  return JSON.parse(text ?? "{}").auths?.["reg.example"];
}

const ENTRY = { auth: btoa("robot:robot-secret") };

Deno.test("setup tries the login, saves it, and says how to undo it", async () => {
  const { code, stdout, io } = await complete();
  assertEquals(code, 0);
  assertEquals(entryIn(await io.readText(DOCKER)), ENTRY);
  const lines = stdout.split("\n");
  assertEquals(lines[0], "✓ reg.example is set up for robot: login accepted.");
  assertStringIncludes(stdout, "regauth undo");
  assertEquals(lines.at(-2), "           docker pull reg.example/NAME");
});

Deno.test("10: setup with every answer given asks nothing, and gives the same file", async () => {
  const typed = await regauth(["setup", "reg.example"], {
    script: [
      ["Kind of registry", "6\r"],
      ["What for", "\r"],
      ["How it is reached", "\r"],
      ["CA file", "\r"],
      ["User name", "robot\r"],
      ["hidden", "robot-secret\r"],
      ["Repository", "team/hello\r"],
      ["Keep it in", "\r"],
      ["Save it", "1\r"],
    ],
  });
  assertEquals([typed.code, typed.terminal.remaining], [0, 0]);
  const given = await complete(["--repo", "team/hello"], { script: [] });
  assertEquals([given.code, given.stderr.includes("?")], [0, false]);
  assertEquals(await given.io.readText(DOCKER), await typed.io.readText(DOCKER));
  assertStringIncludes(typed.stdout, "pull granted on team/hello");
});

Deno.test("3: setup without anybody to ask names all that is missing, and a whole example", async () => {
  const { code, stdout, stderr } = await regauth(["setup", "reg.example"]);
  assertEquals([code, stdout], [2, ""]);
  assert(stderr.length < 1024);
  for (const flag of ["--username", "--secret-stdin", "--yes", "--allow-plaintext"]) {
    assertStringIncludes(stderr, flag);
  }
  assertMatch(stderr, /Example: regauth setup reg\.example .*--username VALUE --secret-env NAME/);
});

const MISSING: readonly (readonly [args: readonly string[], missing: string])[] = [
  [[], "REGISTRY (and what it asks for), --yes"],
  [["ecr", "--yes"], "REGISTRY (the host, or --account and --region)"],
  [["harbor", "--yes"], "REGISTRY (the host)"],
  [["google", "--method", "key-file", "--yes"], "--key-file (or --secret-stdin)"],
  [["quay", ...SECRET, ...CONSENT], "--username"],
];

for (const [args, missing] of MISSING) {
  Deno.test(`3: setup ${args.join(" ")} misses ${missing}`, async () => {
    const { code, stderr } = await regauth(["setup", ...args], { env: PW });
    assertEquals(code, 2);
    assertStringIncludes(stderr, missing);
  });
}

Deno.test("the example of what is missing names the variable that holds a secret", async () => {
  const env = { GITHUB_TOKEN: `ghp_${"a".repeat(36)}` };
  const { stderr } = await regauth(["setup", "ghcr.io"], { env });
  assertStringIncludes(stderr, "--secret-env GITHUB_TOKEN");
});

for (const value of ["1", "true", "TRUE", "false", "0", ""]) {
  const asks = ["false", "0", ""].includes(value);
  Deno.test(`4: CI=${value} in a terminal: ${asks ? "questions" : "none"}`, async () => {
    const { code, stderr } = await regauth(["setup"], {
      env: { CI: value },
      script: asks ? [["Registry", "\x03"]] : [],
    });
    assertEquals(code, asks ? 130 : 2);
    assertEquals(stderr.includes("CI is set"), !asks);
  });
}

Deno.test("7: setup --json in a terminal asks on stderr and answers in one document", async () => {
  const { code, stdout, stderr } = await regauth([...GIVEN, "--json"], {
    script: [
      ["What for", "2\r"],
      ["How it is reached", "\r"],
      ["CA file", "\r"],
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Save it", "1\r"],
    ],
  });
  assertEquals(code, 0);
  const document = JSON.parse(stdout);
  assertEquals(stdout.trim().split("\n").length, 1);
  assertStringIncludes(stderr, "Keep it in");
  const { schema, ok, registry, username, method, verified, changes, applied, command } = document;
  assertEquals({ schema, ok, registry, username, method, verified, changes, applied, command }, {
    schema: "regauth.setup/1",
    ok: true,
    registry: "reg.example",
    username: "robot",
    method: "password",
    verified: { login: true, pull: null, push: null, repository: "" },
    changes: [{ file: "~/.docker/config.json", pointer: "/auths/reg.example", action: "add" }],
    applied: true,
    command: "regauth setup reg.example --kind generic --access push --method password " +
      "--scheme https --username robot --secret-stdin --target docker --yes --allow-plaintext",
  });
});

Deno.test("setup --json tells failures in one document, too", async () => {
  const { code, stdout } = await regauth([...GIVEN, ...SECRET, ...CONSENT, "--json"], {
    env: { PW: "wrong" },
  });
  const { ok, error } = JSON.parse(stdout);
  assertEquals([code, ok, error.code, error.exit], [4, false, "D-14", 4]);
  assert(error.fix !== "");
});

Deno.test("setup --dry-run shows the plan and writes nothing", async () => {
  const { code, stdout, stderr, io } = await regauth([...GIVEN, ...SECRET, "--dry-run"], {
    env: PW,
  });
  assertEquals([code, io.writes], [0, []]);
  assertStringIncludes(
    stdout + stderr,
    '"reg.example": { "auth": "robot:‹secret, 12 characters›" }',
  );
  assertStringIncludes(stdout, "nothing was written");
});

Deno.test("8: --yes does not stand in for what makes things worse", async () => {
  const plaintext = await regauth([...GIVEN, ...SECRET, "--yes"], { env: PW });
  assertStringIncludes(plaintext.stderr, "Missing: --allow-plaintext");
  const other = { [DOCKER]: saved("reg.example", "jane", "x") };
  const refused = await complete([], { files: other });
  assertStringIncludes(refused.stderr, "Missing: --replace");
  const replaced = await complete(["--replace"], { files: other });
  assertEquals(entryIn(await replaced.io.readText(DOCKER)), ENTRY);
  assertStringIncludes(replaced.stdout.replaceAll(/\s*\\\n\s*/g, " "), "--replace");
});

Deno.test("12: setup a second time writes nothing", async () => {
  const first = await complete();
  const { writes } = first.io;
  const before = writes.length;
  const again = await complete([], { io: first.io });
  assertEquals([again.code, writes.length], [0, before]);
  assertMatch(again.stdout, /already up to date/);
});

Deno.test("13: setup leaves a broken file alone, and says where the fault is", async () => {
  const text = '{\n\t"auths": {,}\n}';
  const { code, stderr, io } = await complete([], { files: { [DOCKER]: text } });
  assertEquals([code, await io.readText(DOCKER), io.writes], [1, text, []]);
  assertStringIncludes(stderr, "line 2, column");
});

Deno.test("13: setup keeps what it does not understand, indentation and the missing final newline", async () => {
  const text = '{\n\t"experimental": "on",\n\t"auths": {}\n}';
  const { io } = await complete([], { files: { [DOCKER]: text } });
  assertEquals(
    await io.readText(DOCKER),
    `{\n\t"experimental": "on",\n\t"auths": {\n\t\t"reg.example": {\n\t\t\t"auth": "${ENTRY.auth}"\n\t\t}\n\t}\n}`,
  );
});

Deno.test("15: what is typed while the registry is asked does not answer the next question", async () => {
  const slow = basicRegistry({ robot: "robot-secret" });
  let waiting = true;
  const { code, terminal, io } = await regauth([...GIVEN, "--access", "pull", ...SECRET], {
    env: PW,
    fetch: async (request) => {
      if (waiting) terminalTypes("\r\r\r");
      waiting = false;
      await new Promise((resolve) => setTimeout(resolve, 0));
      return slow(request);
    },
    script: [
      ["How it is reached", (terminal) => {
        terminalTypes = (keys) => terminal.type(keys);
        terminal.type("\r");
      }],
      ["CA file", "\r"],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Save it", "\x03"],
    ],
  });
  assertEquals([code, terminal.remaining, io.writes], [130, 0, []]);
});

let terminalTypes: (keys: string) => void = () => {};

Deno.test("17: setup prints no control characters of a server", async () => {
  const { code, stderr } = await complete([], {
    fetch: () =>
      new Response(
        JSON.stringify({
          errors: [{ code: "DENIED", message: `\x1b[2Jnope\x07\u202e${"x".repeat(10_000)}` }],
        }),
        { status: 403, headers: { "www-authenticate": 'Basic realm="x"' } },
      ),
  });
  assert(code !== 0);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x1b\x07\u202e]/.test(stderr), false);
  assert(stderr.length < 3_000);
});

Deno.test("18: setup starts no browser", async () => {
  const { io } = await regauth(["setup", "ghcr.io"], {
    env: { SSH_CONNECTION: "x" },
    programs: { "/usr/bin/xdg-open": () => ({}) },
    script: [["What for", "\r"], ["User name", "me\r"], ["hidden", "\x03"]],
  });
  assertEquals(io.runs, []);
});

Deno.test("19: setup warns of a variable that wins, before and in the result", async () => {
  const env = { DOCKER_AUTH_CONFIG: saved("reg.example", "ci", "x") };
  const { stdout, stderr } = await complete(["--json"], { env });
  const { warnings } = JSON.parse(stdout);
  const codes = warnings.map(({ code }: { code: string }) => code);
  assertEquals(codes, ["plaintext-store", "shadowed"]);
  assertStringIncludes(stderr, "DOCKER_AUTH_CONFIG");
  const strict = await complete(["--strict"], { env });
  assertEquals([strict.code, strict.io.writes], [2, []]);
});

const SECRETS: readonly (readonly [
  name: string,
  args: readonly string[],
  world: MemoryIoOptions & { readonly stdin?: string },
])[] = [
  ["standard input, without its line end", ["--secret-stdin"], { stdin: "robot-secret\r\n" }],
  ["a file", ["--secret-file", "/s"], { files: { "/s": "robot-secret\n" } }],
  ["a file in the home folder", ["--secret-file", "~/s"], {
    files: { "/home/me/s": "robot-secret" },
  }],
  ["a variable", ["--secret-env", "PW"], { env: PW }],
];

for (const [name, args, world] of SECRETS) {
  Deno.test(`20: setup takes the secret from ${name}`, async () => {
    const { code, io } = await regauth([...GIVEN, ...args, ...CONSENT], world);
    assertEquals([code, entryIn(await io.readText(DOCKER))], [0, ENTRY]);
  });
}

const REFUSED: readonly (readonly [args: readonly string[], says: string, world?: SetupWorld])[] = [
  [["--secret-stdin", ...SECRET], "--secret-stdin and --secret-env"],
  [["--secret-env", "NOPE"], "the variable is not set"],
  [["--secret-file", "/nope"], "there is no such file"],
  [["--secret-file", "/open"], "others on this machine may open it", {
    files: { "/open": { text: "x", mode: 0o644 } },
  }],
  [[...SECRET, "--target", "moon"], "there is no such place"],
  [[...SECRET, "--method", "frob"], "has no such way"],
  [[...SECRET, "--access", "delete"], "It is pull or push"],
  [[...SECRET, "--existing", "burn"], "It is one of test, keep, replace, remove"],
  [[...SECRET, "--existing", "test"], "none is saved"],
  [[...SECRET, "--scheme", "gopher"], "Answer https or http"],
  [[...SECRET, "--from-file", "/nope"], "there is no such file"],
  [[...SECRET, "--from-file", "/f"], "it is not a JSON object", { files: { "/f": "[]" } }],
  [[...SECRET, "--from-file", "/f"], 'Did you mean "username"?', {
    files: { "/f": '{"usrname":"x"}' },
  }],
  [[...SECRET, "--from-file", "/f"], "neither a text nor true or false", {
    files: { "/f": '{"username":1}' },
  }],
];

for (const [args, says, world = {}] of REFUSED) {
  Deno.test(`setup ${args.join(" ")} is refused: ${says}`, async () => {
    const { code, stderr, io } = await regauth([...GIVEN, ...args, "--yes"], {
      ...world,
      env: PW,
    });
    assert(code === 2 || code === 3, `exit code ${code}`);
    assertStringIncludes(stderr, says);
    assertEquals(io.writes, []);
  });
}

Deno.test("setup --kind frob names the kinds", async () => {
  const { code, stderr } = await regauth(["setup", "reg.example", "--kind", "frob", "--yes"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "harbor");
});

Deno.test("setup --from-file takes the answers of a file; flags win, and variables lose", async () => {
  const answers = {
    registry: "reg.example",
    kind: "generic",
    username: "robot",
    "secret-env": "PW",
    target: "docker",
    yes: true,
    "allow-plaintext": true,
  };
  const world = {
    files: { "/a.json": JSON.stringify(answers) },
    env: { ...PW, REGAUTH_USERNAME: "nobody" },
  };
  const { code, stdout } = await regauth(["setup", "--from-file", "/a.json"], world);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "set up for robot");
  const other = await regauth(["setup", "--from-file", "/a.json", "--username", "jane"], world);
  assertEquals(other.code, 4);
});

Deno.test("setup takes answers from variables", async () => {
  const env = {
    ...PW,
    REGAUTH_REGISTRY: "reg.example",
    REGAUTH_KIND: "generic",
    REGAUTH_SCHEME: "https",
    REGAUTH_TARGET: "docker",
  };
  const { code } = await regauth(["setup", "--username", "robot", ...SECRET, ...CONSENT], { env });
  assertEquals(code, 0);
});

Deno.test("setup --target env prints lines that read the secret from a variable", async () => {
  const { code, stdout, io } = await regauth(
    [...GIVEN, ...SECRET, "--yes", "--target", "env"],
    { env: PW },
  );
  assertEquals([code, io.writes], [0, []]);
  assertEquals(
    stdout,
    [
      "export REGAUTH_REGISTRY_HOSTNAME_REG_EXAMPLE=reg.example",
      "export REGAUTH_REGISTRY_USERNAME_REG_EXAMPLE=robot",
      'export REGAUTH_REGISTRY_PASSWORD_REG_EXAMPLE="$PW"',
      "",
    ].join("\n"),
  );
});

Deno.test("setup --target podman writes Podman's file, and says podman's command", async () => {
  const { io, stdout } = await complete(["--target", "podman"]);
  const path = "/home/me/.config/containers/auth.json";
  assertEquals(entryIn(await io.readText(path)), ENTRY);
  assertStringIncludes(stdout, "podman login reg.example");
});

Deno.test("setup --target store writes regauth's own files", async () => {
  const { io, stdout } = await complete(["--target", "store"]);
  assertEquals(JSON.parse(await io.readText(`${OWN}/config.json`) ?? ""), {
    registries: { "reg.example": { keychain: "store" } },
  });
  assertEquals(entryIn(await io.readText(`${OWN}/regauth-credentials.json`)), ENTRY);
  assertEquals(stdout.includes("docker login"), false);
});

Deno.test("setup prefers a helper that works, which needs no consent to plain text", async () => {
  const stored = new Map<string, string>();
  const { code, io } = await regauth([...GIVEN, ...SECRET, "--yes"], {
    env: { ...PW, PATH: "/usr/bin" },
    programs: {
      "/usr/bin/docker-credential-secretservice": ([action], { stdin = "" }) => {
        if (action === "store") stored.set(JSON.parse(stdin).ServerURL, stdin);
        if (action === "erase") stored.delete(stdin);
        const found = stored.get(stdin);
        if (action !== "get") return {};
        return found === undefined
          ? { code: 1, stdout: "credentials not found in native keychain" }
          : { stdout: found };
      },
    },
  });
  assertEquals(code, 0);
  assertEquals([...stored.keys()], ["reg.example"]);
  assertEquals(JSON.parse(await io.readText(DOCKER) ?? ""), {
    credHelpers: { "reg.example": "secretservice" },
    auths: { "reg.example": {} },
  });
});

Deno.test("setup puts everything back if one of its files cannot be written", async () => {
  const config = `${OWN}/config.json`;
  const { code, stderr, io } = await complete(["--target", "store"], {
    wrap: (io) => ({
      ...io,
      writePrivate: (path, text) =>
        path === config
          ? Promise.reject(new RegauthError("write-io", "disk full"))
          : io.writePrivate(path, text),
    }),
  });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "disk full");
  assertEquals([...io.files.keys()].filter((path) => !path.endsWith("regauth-undo.json")), []);
});

Deno.test("setup names an installed helper that makes credentials", async () => {
  const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
  const { code, io, stdout } = await regauth(["setup", host, "--yes", "--repo", "team/hello"], {
    env: { PATH: "/usr/bin" },
    fetch: basicRegistry({ AWS: "made" }),
    programs: {
      "/usr/bin/docker-credential-ecr-login": ([action]) =>
        action === "get" ? { stdout: '{"Username":"AWS","Secret":"made"}' } : { code: 1 },
    },
  });
  assertEquals(code, 0);
  assertEquals(JSON.parse(await io.readText(DOCKER) ?? ""), {
    credHelpers: { [host]: "ecr-login" },
  });
  assertStringIncludes(stdout.replaceAll(/\s+/g, " "), "pull granted on team/hello");
  const removed = await regauth(["setup", host, "--existing", "remove", "--yes"], { io });
  assertEquals([removed.code, JSON.parse(await io.readText(DOCKER) ?? "")], [0, {
    credHelpers: {},
  }]);
});

Deno.test("setup says so if the helper has no credential", async () => {
  const { code, stderr } = await regauth(
    ["setup", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "--yes", "--method", "ecr-login"],
    {
      env: { PATH: "/usr/bin" },
      programs: {
        "/usr/bin/docker-credential-ecr-login": () => ({
          code: 1,
          stdout: "credentials not found in native keychain",
        }),
      },
    },
  );
  assertEquals(code, 3);
  assertStringIncludes(stderr, "has no credential");
});

Deno.test("setup takes a key file, and names it in the command", async () => {
  const key = JSON.stringify({
    type: "service_account",
    client_email: "ci@acme.iam.gserviceaccount.com",
    private_key: "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
  });
  const { code, stdout } = await regauth(
    [
      "setup",
      "us-docker.pkg.dev",
      "--method",
      "key-file",
      "--key-file",
      "~/k.json",
      ...CONSENT,
      "--offline",
    ],
    { files: { "/home/me/k.json": key } },
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout.replaceAll(/\s*\\\n\s*/g, " "), "--key-file ~/k.json");
});

Deno.test("setup --offline and --no-verify ask nobody, and claim nothing", async () => {
  for (const flag of ["--offline", "--no-verify"]) {
    const { code, stdout, io } = await complete([flag]);
    assertEquals([code, io.requests.length], [0, 0]);
    assertStringIncludes(stdout, "not tried");
  }
});

Deno.test("setup makes a host of account and region", async () => {
  const { code, stdout } = await regauth([
    ...[
      "setup",
      "ecr",
      "--account",
      "123456789012",
      "--region",
      "eu-central-1",
      "--method",
      "password",
    ],
    ...[...SECRET, ...CONSENT, "--offline", "--json"],
  ], { env: PW });
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).registry, "123456789012.dkr.ecr.eu-central-1.amazonaws.com");
});

Deno.test("setup reads images, addresses and names of registries", async () => {
  const cases: [string, string][] = [
    ["https://me:pw@reg.example/v2/", "reg.example"],
    ["reg.example/team/hello:1", "reg.example"],
    ["docker.io", "docker.io"],
    ["nginx", "docker.io"],
    ["quay", "quay.io"],
  ];
  for (const [text, host] of cases) {
    const { stdout, stderr } = await regauth([
      ...["setup", text, "--username", "robot+x", ...SECRET, ...CONSENT, "--offline", "--json"],
    ], { env: PW });
    assertEquals(JSON.parse(stdout).registry, host, stderr);
  }
});

Deno.test("setup refuses websites of registries", async () => {
  const { code, stderr } = await regauth(["setup", "hub.docker.com", "--yes"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "website");
});

Deno.test("setup tries the repository of an image that was named", async () => {
  const { stdout } = await regauth([
    ...["setup", "reg.example/team/hello:1", "--kind", "generic", "--username", "robot"],
    ...[...SECRET, ...CONSENT, "--access", "push", "--json"],
  ], { env: PW });
  const { verified } = JSON.parse(stdout);
  assertEquals([verified.pull, verified.repository], [true, "team/hello"]);
});

Deno.test("setup fails where a right is missing, and does not where a repository is to be made", async () => {
  const missing = await complete(["--repo", "team/new"]);
  assertEquals(missing.io.writes, []);
  assert(missing.code !== 0);
  const fresh = await complete(["--repo", "team/new", "--access", "push"]);
  assertEquals(fresh.code, 0);
  assertStringIncludes(fresh.stderr, "team/new is not there yet");
});

Deno.test("setup says less with --quiet, and gives no hints with REGAUTH_HINTS=0", async () => {
  const quiet = await complete(["--quiet"]);
  assertEquals(quiet.stderr.split("\n").filter((line) => !line.startsWith("warning:")), [""]);
  const hintless = await complete([], { env: { REGAUTH_HINTS: "0" } });
  assertEquals(/Again|Next/.test(hintless.stdout), false);
});

Deno.test("setup does not warn of plain text in a job, whose files end with it", async () => {
  const { stderr } = await complete([], { env: { CI: "true" } });
  assertEquals(stderr.includes("unencrypted"), false);
});

const EXISTING: readonly (readonly [
  action: string,
  code: number,
  says: string,
  password?: string,
])[] = [
  ["keep", 0, "Nothing was changed."],
  ["test", 0, "It works."],
  ["test", 4, "does not accept", "old"],
  ["remove", 0, "Removed. Undo: regauth undo"],
];

for (const [action, code, says, password = "robot-secret"] of EXISTING) {
  Deno.test(`setup --existing ${action} ends with ${code}: ${says}`, async () => {
    const files = { [DOCKER]: saved("reg.example", "robot", password) };
    const args = ["setup", "reg.example", "--kind", "generic", "--existing", action, "--yes"];
    const ran = await regauth(args, { files });
    assertEquals(ran.code, code);
    assertStringIncludes(ran.stdout + ran.stderr, says);
    const entry = entryIn(await ran.io.readText(DOCKER));
    assertEquals(entry === undefined, action === "remove");
    if (code === 0) {
      const { stdout } = await regauth([...args, "--json"], { files });
      assertEquals(JSON.parse(stdout).action, action);
    }
  });
}

Deno.test("setup --existing remove shows what goes, and needs a yes", async () => {
  const files = { [DOCKER]: saved("reg.example", "robot", "x") };
  const args = ["setup", "reg.example", "--kind", "generic", "--existing", "remove"];
  const unsure = await regauth(args, { files });
  assertEquals([unsure.code, unsure.io.writes], [2, []]);
  assertStringIncludes(unsure.stderr, '-   "reg.example": { "auth": "robot:‹secret›" }');
  const dry = await regauth([...args, "--dry-run"], { files });
  assertEquals([dry.code, dry.io.writes], [0, []]);
  const no = await regauth(args, { files, script: [["Remove it?", "n\r"]] });
  assertEquals([no.code, no.io.writes], [130, []]);
});

Deno.test("11: setup offers to test, keep, replace or remove what is there", async () => {
  const files = { [DOCKER]: saved("reg.example", "robot", "robot-secret") };
  const { code, terminal, io } = await regauth(["setup", "reg.example", "--kind", "generic"], {
    files,
    script: [
      ["What to do with it", "1\r"],
      ["login accepted for robot", () => {}],
      ["What to do with it", "2\r"],
    ],
  });
  assertEquals([code, terminal.remaining, io.writes], [0, 0, []]);
});

Deno.test("setup goes on where the helper of the saved credential fails", async () => {
  const { code, stderr } = await complete(["--target", "podman"], {
    files: { [DOCKER]: '{"credsStore":"gone"}' },
  });
  assertEquals(code, 0);
  assertStringIncludes(stderr, "docker-credential-gone");
});

Deno.test("no answer has the name of a shared option, and each has one option", () => {
  const name = (flags: string): string => /--(?:no-)?([\w-]+)/.exec(flags)?.[1] ?? "";
  const shared = SHARED_OPTIONS.map(({ flags }) => name(flags));
  const own = (setup.options ?? []).map(({ flags }) => name(flags));
  assertEquals(own.filter((option, index) => own.indexOf(option) !== index), []);
  assertEquals(own.filter((option) => shared.includes(option)), []);
  const questions = RECIPES.flatMap(({ ways, hostForm }) => [
    ...ways.flatMap((way) => way.questions),
    ...hostForm?.questions ?? [],
  ]);
  const asked = questions.filter(({ kind }) => kind !== "secret").map(({ id }) => id);
  assertEquals(asked.filter((id) => !own.includes(id)), []);
});

for (const { id, title } of RECIPES) {
  Deno.test(`setup ${id} --explain prints its guide`, async () => {
    const { code, stdout } = await regauth(["setup", id, "--explain"]);
    assertEquals([code, stdout.split("\n")[0]], [0, title]);
    const json = await regauth(["setup", id, "--explain", "--json"]);
    assertEquals(JSON.parse(json.stdout).recipe, id);
  });
}

Deno.test("setup --explain wants a registry", async () => {
  const { code, stderr } = await regauth(["setup", "--explain"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "no registry is named");
});
