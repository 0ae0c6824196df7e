import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run } from "../cli.ts";
import { speakHelperProtocol } from "../lib/cli/helper_protocol.ts";
import { type Credential, credentialKind, Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { saveCredential } from "../lib/docker_store.ts";
import { examine } from "../lib/doctor.ts";
import { RegauthError } from "../lib/errors.ts";
import type { FindingName } from "../lib/finding.ts";
import { type MemoryIo, memoryIo, type MemoryProgram } from "../lib/memory_io.ts";
import { openResolver } from "../lib/resolve.ts";
import { scriptedTerminal } from "./fakes/terminal.ts";

/*
 * What users of other tools run into, one test for each number: what the tools do was measured, and
 * what regauth does is decided. A row with `instead` once had another wish, and says what overrules it.
 */

const DOCKER = "/home/me/.docker/config.json";
const A = { auth: btoa("robot-a:pw-a") };
const B = { auth: btoa("robot-b:pw-b") };
const H = JSON.stringify({ ServerURL: "x", Username: "robot-h", Secret: "pw-h" });

const HUB = "https://index.docker.io/v1/";
/** A row of `docker_config.json`, which was made by running the tools. */
const vector = (name: string): string => `the vector ${name}`;

interface Row {
  readonly id: string;
  readonly what: string;
  /** Docker's config: fields, or the text itself. */
  readonly config?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly helpers?: Readonly<Record<string, MemoryProgram>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly ask: string;
  /** Login as `user:password`, kind and token, `none`, or the code of an error. */
  readonly expect: string;
  /** What the helpers were asked for. */
  readonly asked?: readonly string[];
  /** What `explain` says, in part. */
  readonly says?: string;
  /** What doctor finds. */
  readonly finding?: FindingName;
  readonly instead?: string;
}

const h = { h: () => ({ stdout: H }) };
const says = (stdout: string, code = 1) => ({ h: () => ({ stdout, code }) });
const forHost = { credHelpers: { "reg.example": "h" }, auths: { "reg.example": A } };
const reg = (auth: unknown): unknown => ({ auths: { "reg.example": auth } });
const paths = { "reg.example/org-a": A, "reg.example/org-b": B };

const ROWS: readonly Row[] = [
  {
    id: "V1",
    what: "the entry of a path covers what is below it",
    config: { auths: paths },
    ask: "reg.example/org-a/x/img",
    expect: "robot-a:pw-a",
  },
  {
    id: "V2",
    what: "no entry of a path leaks to another one",
    config: { auths: paths },
    ask: "reg.example/org-c/img",
    expect: "none",
    says: "has no credential for reg.example/org-c/img",
    finding: "path-leak",
  },
  {
    id: "V3",
    what: "a path is compared by whole segments",
    config: { auths: { "reg.example/org-a": A } },
    ask: "reg.example/org-a-team/img",
    expect: "none",
  },
  {
    id: "V4",
    what: "a URL is an entry of the host",
    config: { auths: { "https://reg.example/v1/": A } },
    ask: "reg.example/any",
    expect: "robot-a:pw-a",
  },
  {
    id: "V5",
    what: "the longer path wins",
    config: { auths: { "reg.example": A, "reg.example/org-a": B } },
    ask: "reg.example/org-a/img",
    expect: "robot-b:pw-b",
  },
  {
    id: "V6",
    what: "the helper of the host has the last word, before entries of its paths",
    config: { credHelpers: { "reg.example": "h" }, auths: { "reg.example/org-a": A } },
    helpers: h,
    ask: "reg.example/org-a/img",
    expect: "robot-h:pw-h",
    says: "asking docker-credential-h for reg.example",
    instead: "the order of Docker's and Podman's own lookup: helpers, then entries",
  },
  {
    id: "V7",
    what: "the helper of all hosts has the last word, before entries of paths",
    config: { credsStore: "h", auths: { "reg.example/org-a": A } },
    helpers: h,
    ask: "reg.example/org-a/img",
    expect: "robot-h:pw-h",
    says: "asking docker-credential-h for reg.example",
    instead: "the order of Docker's own lookup: helpers, then entries",
  },
  {
    id: "V8",
    what: "an entry with the default port is no entry of the host",
    config: { auths: { "reg.example:443": A } },
    ask: "reg.example/img",
    expect: "none",
    finding: "dead-key",
    instead: vector("key-443-target-none"),
  },
  {
    id: "V9",
    what: "an entry of the host is none of the default port",
    config: reg(A),
    ask: "reg.example:443/img",
    expect: "none",
    instead: vector("key-none-target-443"),
  },
  ...["docker.io", "index.docker.io", "registry-1.docker.io", HUB.slice(0, -1)].map((key): Row => ({
    id: "V10",
    what: `Docker Hub is found under ${key}`,
    config: { auths: { [key]: A } },
    ask: "alpine",
    expect: "robot-a:pw-a",
    says: `key "${key}"`,
    finding: "hub-key",
  })),
  ...["docker.io", "index.docker.io"].map((key): Row => ({
    id: "V11",
    what: `the helper of Docker Hub is found under ${key}`,
    config: { credHelpers: { [key]: "h" } },
    helpers: h,
    ask: "alpine",
    expect: "robot-h:pw-h",
    asked: [key],
    finding: "hub-key",
  })),
  {
    id: "V12",
    what: "the helper of Docker Hub is asked for its URL",
    config: { credHelpers: { [HUB]: "h" } },
    helpers: h,
    ask: "alpine",
    expect: "robot-h:pw-h",
    asked: [HUB],
  },
  {
    id: "V13",
    what: "a key with capitals is another host",
    config: { auths: { "REG.example": A } },
    ask: "reg.example/img",
    expect: "none",
    finding: "dead-key",
    instead: vector("key-upper-case-host"),
  },
  {
    id: "V14",
    what: "a slash at the end makes a path of a host",
    config: { auths: { "reg.example/": A } },
    ask: "reg.example/img",
    expect: "none",
    instead: vector("key-noscheme-slash-strict"),
  },
  {
    id: "V15",
    what: "an IPv6 address with a port is a host",
    config: { auths: { "[::1]:5000": A } },
    ask: "[::1]:5000/img",
    expect: "robot-a:pw-a",
  },
  {
    id: "V16",
    what: "a pattern in Docker's config is a name",
    config: { credHelpers: { "*.example": "h" } },
    helpers: h,
    ask: "reg.example/img",
    expect: "none",
    asked: [],
    finding: "glob-key",
  },
  {
    id: "V16",
    what: "a pattern in regauth's own file is one",
    config: {},
    helpers: { pass: () => ({ stdout: H }) },
    files: {
      "/home/me/.config/regauth/config.json":
        '{"store":"pass","registries":{"*.example":{"keychain":"store"}}}',
    },
    ask: "reg.example/img",
    expect: "robot-h:pw-h",
  },
  {
    id: "V17",
    what: "a helper is asked for host and port",
    config: { credHelpers: { "reg.example:5000": "h" } },
    helpers: h,
    ask: "reg.example:5000/img",
    expect: "robot-h:pw-h",
    asked: ["reg.example:5000"],
  },
  {
    id: "V18",
    what: "an empty helper of the host switches the one of all hosts off",
    config: { credsStore: "h", credHelpers: { "reg.example": "" }, auths: { "reg.example": A } },
    helpers: h,
    ask: "reg.example/img",
    expect: "robot-a:pw-a",
    asked: [],
  },
  {
    id: "V19",
    what: "an entry without fields is none",
    config: reg({}),
    ask: "reg.example/img",
    expect: "none",
    says: "has no credential for reg.example",
  },
  {
    id: "V20",
    what: "a broken entry of another host does no harm",
    config: { auths: { "other.example": { auth: btoa("nocolon") }, "reg.example": A } },
    ask: "reg.example/img",
    expect: "robot-a:pw-a",
    finding: "broken-entry",
  },
  {
    id: "V21",
    what: "a password may hold a colon",
    config: reg({ auth: btoa("u:p:q") }),
    ask: "reg.example/img",
    expect: "u:p:q",
  },
  {
    id: "V22",
    what: "NUL bytes at the end of a password are padding",
    config: reg({ auth: btoa("u:p\0\0") }),
    ask: "reg.example/img",
    expect: "u:p",
  },
  {
    id: "V23",
    what: "an empty user name is an error of the host that it is for",
    config: reg({ auth: btoa(":p") }),
    ask: "reg.example/img",
    expect: "auth-format",
    finding: "broken-entry",
    instead: vector("empty-username"),
  },
  {
    id: "V24",
    what: "an empty password is accepted",
    config: reg({ auth: btoa("u:") }),
    ask: "reg.example/img",
    expect: "u:",
  },
  ...[["@@@", "unpadded-base64"], ["dTpwcA", "unpadded-base64"], ["dTp-fn4_", "url-safe-base64"]]
    .map(([auth = "", name = ""]): Row => ({
      id: "V25",
      what: `${auth} is not the base64 that Docker writes`,
      config: reg({ auth }),
      ask: "reg.example/img",
      expect: "auth-base64",
      finding: "broken-entry",
      instead: vector(name),
    })),
  {
    id: "V26",
    what: "user name and password as fields are used",
    config: reg({ username: "u", password: "p" }),
    ask: "reg.example/img",
    expect: "u:p",
  },
  {
    id: "V27",
    what: "an identity token beside a user name is used",
    config: reg({ auth: btoa("u:"), identitytoken: "idtok-EXAMPLE" }),
    ask: "reg.example/img",
    expect: "identityToken idtok-EXAMPLE",
  },
  {
    id: "V28",
    what: "a registry token is used as it is",
    config: reg({ registrytoken: "regtok-EXAMPLE" }),
    ask: "reg.example/img",
    expect: "registryToken regtok-EXAMPLE",
  },
  {
    id: "V29",
    what: "a byte-order mark does no harm, and is told of",
    config: `\uFEFF${JSON.stringify(reg(A))}`,
    ask: "reg.example/img",
    expect: "robot-a:pw-a",
    says: "byte-order mark",
  },
  ...["", "null"].map((config): Row => ({
    id: "V30",
    what: `${JSON.stringify(config)} is an empty config`,
    config,
    ask: "reg.example/img",
    expect: "none",
  })),
  {
    id: "V31",
    what: "a file that is cut off is an error",
    config: '{"auths":{"reg.example":{"auth":"',
    ask: "reg.example/img",
    expect: "config-syntax",
    finding: "broken-file",
  },
  {
    id: "V32",
    what: "the last of equal keys wins",
    config: `{"auths":{"reg.example":${JSON.stringify(A)},"reg.example":${JSON.stringify(B)}}}`,
    ask: "reg.example/img",
    expect: "robot-b:pw-b",
  },
  {
    id: "V33",
    what: "the case of field names does not matter",
    config: { Auths: { "reg.example": { AUTH: A.auth } } },
    ask: "reg.example/img",
    expect: "robot-a:pw-a",
  },
  {
    id: "V34",
    what: "text behind the closing brace is an error",
    config: `${JSON.stringify(reg(A))} {}`,
    ask: "reg.example/img",
    expect: "config-syntax",
    finding: "broken-file",
    instead: "the rule that such a file is not guessed at, as Podman has it",
  },
  ...["", "\n", " \r\n"].map((end): Row => ({
    id: "V35",
    what: `"not found" with ${JSON.stringify(end)} behind it is the helper's last word`,
    config: forHost,
    helpers: says(`credentials not found in native keychain${end}`),
    ask: "reg.example/img",
    expect: "none",
    says: "docker-credential-h knows nothing of reg.example",
  })),
  {
    id: "V36",
    what: "a helper that fails ends the search",
    config: forHost,
    helpers: says("boom"),
    ask: "reg.example/img",
    expect: "helper-failed",
    finding: "helper-broken",
  },
  {
    id: "V36",
    what: "a helper that prints no JSON ends the search",
    config: forHost,
    helpers: says("hello", 0),
    ask: "reg.example/img",
    expect: "helper-output",
    finding: "helper-broken",
  },
  {
    id: "V36",
    what: "a helper that is not there ends the search",
    config: forHost,
    ask: "reg.example/img",
    expect: "helper-missing",
    finding: "helper-missing",
  },
  {
    id: "V36",
    what: "a helper that may not be run ends the search",
    config: forHost,
    files: { "/usr/bin/docker-credential-h": "#!/bin/sh\n" },
    ask: "reg.example/img",
    expect: "helper-missing",
  },
  {
    id: "V37",
    what: "an empty answer of a helper is none",
    config: forHost,
    helpers: says('{"ServerURL":"","Username":"","Secret":""}', 0),
    ask: "reg.example/img",
    expect: "none",
    says: "docker-credential-h",
  },
  {
    id: "V38",
    what: "the user name <token> marks an identity token",
    config: forHost,
    helpers: says('{"ServerURL":"reg.example","Username":"<token>","Secret":"idtok-EXAMPLE"}', 0),
    ask: "reg.example/img",
    expect: "identityToken idtok-EXAMPLE",
  },
  {
    id: "V39",
    what: "only the helper of the host is started, once",
    config: { credHelpers: { "a.example": "x", "reg.example": "h", "c.example": "y" } },
    helpers: h,
    ask: "reg.example/img",
    expect: "robot-h:pw-h",
    asked: ["reg.example"],
  },
  {
    id: "V41",
    what: "DOCKER_AUTH_CONFIG comes before the file",
    config: reg(A),
    env: { DOCKER_AUTH_CONFIG: JSON.stringify(reg(B)) },
    ask: "reg.example/img",
    expect: "robot-b:pw-b",
    says: "env:DOCKER_AUTH_CONFIG",
    finding: "shadowed",
  },
  ...[
    '{"auths":{"reg.example":{"auth":""}}}',
    `{"auths":{"reg.example":{"auth":"${B.auth}","email":"x"}}}`,
    `${JSON.stringify(reg(B))}${JSON.stringify(reg(B))}`,
  ].map((text): Row => ({
    id: "V42",
    what: `DOCKER_AUTH_CONFIG with ${text.replaceAll(B.auth, "B")} is ignored as a whole`,
    config: reg(A),
    env: { DOCKER_AUTH_CONFIG: text },
    ask: "reg.example/img",
    expect: "robot-a:pw-a",
    says: "DOCKER_AUTH_CONFIG is ignored",
    finding: "environment",
  })),
  {
    id: "V43",
    what: "a variable of kaniko for the domain counts for its hosts",
    env: {
      REGAUTH_ACTIVE_KEYCHAINS: "docker-env",
      KANIKO_EXAMPLE_COM_USER: "u",
      KANIKO_EXAMPLE_COM_PASSWORD: "p",
    },
    ask: "sub.example.com/img",
    expect: "u:p",
  },
  {
    id: "V44",
    what: "half a pair of kaniko's is told of, and the shorter name tried",
    env: {
      REGAUTH_ACTIVE_KEYCHAINS: "docker-env",
      KANIKO_SUB_EXAMPLE_COM_USER: "half",
      KANIKO_EXAMPLE_COM_USER: "u",
      KANIKO_EXAMPLE_COM_PASSWORD: "p",
    },
    ask: "sub.example.com/img",
    expect: "u:p",
    says: "KANIKO_SUB_EXAMPLE_COM_PASSWORD is missing",
  },
  {
    id: "V45",
    what: "a variable of docker-credential-env is not for another port",
    env: {
      REGAUTH_ACTIVE_KEYCHAINS: "docker-env",
      DOCKER_repo_example_com_USR: "u",
      DOCKER_repo_example_com_PSW: "p",
    },
    ask: "repo.example.com:8443/img",
    expect: "none",
  },
  {
    id: "V45",
    what: "variables with a host in their name count only where that is asked for",
    env: { DOCKER_repo_example_com_USR: "u", DOCKER_repo_example_com_PSW: "p" },
    ask: "repo.example.com/img",
    expect: "none",
  },
];

for (const row of ROWS) {
  const overruled = row.instead ? ` (by ${row.instead})` : "";
  Deno.test(`${row.id}: ${row.what}${overruled}`, async () => {
    const io = worldOf(row);
    const trace: string[] = [];
    const resolver = await openResolver({ io, trace: (message) => trace.push(message) });
    if (/^(?:auth|config|helper)-/.test(row.expect)) {
      const error = await assertRejects(() => resolver.resolve(row.ask), RegauthError);
      assertEquals(error.code, row.expect);
      assertEquals(/pw-|boom:|nocolon/.test(error.message), false);
    } else {
      const { credential } = await resolver.resolve(row.ask);
      trace.push(credential?.detail ?? "");
      assertEquals(loginOf(credential), row.expect);
    }
    if (row.says !== undefined) assertStringIncludes(trace.join("\n"), row.says);
    if (row.asked !== undefined) {
      const asked = io.runs.map(({ options }) => options.stdin ?? "");
      assertEquals(asked, [...row.asked]);
    }
    for (const { options } of io.runs) assertEquals(options.timeout > 0, true);
    if (row.finding !== undefined) {
      const findings = (await examine({ io })).map(({ name }) => name);
      assertEquals(findings.includes(row.finding), true, findings.join());
    }
  });
}

function worldOf({ config, env, helpers = {}, files }: Row): MemoryIo {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin", ...env },
    files: {
      ...(config === undefined ? {} : { [DOCKER]: text }),
      ...Object.fromEntries(
        Object.entries(files ?? {}).map(([path, text]) => [path, { text, mode: 0o600 }]),
      ),
    },
    programs: Object.fromEntries(
      Object.entries(helpers).map((
        [name, program],
      ) => [`/usr/bin/docker-credential-${name}`, program]),
    ),
  });
}

function loginOf(credential: Credential | undefined): string {
  const kind = credentialKind(credential);
  if (kind === "none" || kind === "basic") {
    return credential
      ? `${credential.username ?? ""}:${credential.password?.reveal() ?? ""}`
      : "none";
  }
  return `${kind} ${(credential?.registryToken ?? credential?.identityToken)?.reveal()}`;
}

Deno.test("V31: a file that is cut off is not written to", async () => {
  const text = '{"auths":{"reg.example":{"auth":"';
  const io = worldOf({ id: "", what: "", ask: "", expect: "", config: text });
  const credential = { username: "u", password: new Secret("p") };
  const error = await assertRejects(
    () => saveCredential({ io }, "reg.example", credential),
    RegauthError,
  );
  assertEquals([error.code, io.files.get(DOCKER)?.text], ["config-syntax", text]);
});

Deno.test("V40: the list of a helper needs neither network nor other helpers", async () => {
  const hosts = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [`${name}.io`, "gone"]));
  const io = memoryIo({
    env: { HOME: "/home/me" },
    files: {
      [DOCKER]: JSON.stringify({ credsStore: "regauth", credHelpers: hosts }),
      "/home/me/.config/regauth/config.json": '{"store":"file","keychains":["ecr"]}',
    },
  });
  const terminal = scriptedTerminal({ args: ["list"] });
  const code = await speakHelperProtocol(
    { ...terminal, readAll: () => Promise.resolve("unused") },
    io,
  );
  assertEquals([code, terminal.written.stdout], [0, "{}\n"]);
  assertEquals([io.runs.length, io.requests.length], [0, 0]);
});

/** A home folder on disk, and a login in it. */
async function onDisk(
  test: (folder: string, login: (host: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder, (host) =>
      saveCredential(
        { io: denoIo() },
        host,
        { username: "u", password: new Secret(host) },
        { configDir: folder },
      ));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("V46: twenty logins at the same time keep twenty entries", () =>
  onDisk(async (folder, login) => {
    const hosts = Array.from({ length: 20 }, (_, index) => `host-${index}.example`);
    await Promise.all(hosts.map(login));
    const { auths } = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
    assertEquals(Object.keys(auths).sort(), hosts.toSorted());
  }));

Deno.test({
  name: "V47: a symbolic link stays one, and its target keeps its mode, with a warning",
  ignore: Deno.build.os === "windows",
  fn: () =>
    onDisk(async (folder, login) => {
      const [target, link] = [join(folder, "target.json"), join(folder, "config.json")];
      await Deno.writeTextFile(target, "{}");
      await Deno.chmod(target, 0o640);
      await Deno.symlink(target, link);
      const saved = await login("reg.example");
      assertEquals((await Deno.lstat(link)).isSymlink, true);
      assertEquals(((await Deno.stat(target)).mode ?? 0) & 0o777, 0o640);
      assertStringIncludes(JSON.stringify(saved), "open to other users (mode 640)");
      assertStringIncludes(await Deno.readTextFile(target), "reg.example");
    }),
});

Deno.test("V48: members that nobody knows are kept, in their order and layout", () =>
  onDisk(async (folder, login) => {
    const path = join(folder, "config.json");
    const before = '{\n    "x-mine": 1e400,\n    "auths": {\n        "reg.example": {\n' +
      '            "x-note": "mine",\n            "auth": "dTpw"\n        }\n    },\n' +
      '    "plugins": {}\n}\n';
    await Deno.writeTextFile(path, before);
    await login("reg.example");
    const after = before.replace("dTpw", btoa("u:reg.example"));
    assertEquals(await Deno.readTextFile(path), after);
  }));

async function regauth(
  io: MemoryIo,
  args: readonly string[],
  stdin: string,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const terminal = scriptedTerminal({ args, streams: { stdin: false, stdout: false } });
  const code = await run({ ...terminal, readAll: () => Promise.resolve(stdin) }, io);
  return { code, stderr: terminal.written.stderr };
}

const LOGIN = ["-u", "u", "--password-stdin", "--no-verify"];

Deno.test("V49: a host is stored in lower case and without path", async () => {
  const io = memoryIo({ env: { HOME: "/home/me" } });
  await regauth(io, ["login", "https://REG.example/v2/", ...LOGIN], "pw");
  assertStringIncludes(io.files.get(DOCKER)?.text ?? "", '"reg.example"');
});

Deno.test("V50: exactly one line end of a password from standard input is removed", async () => {
  const io = memoryIo({ env: { HOME: "/home/me" } });
  await regauth(io, ["login", "reg.example", ...LOGIN], "pw\r\n\n");
  const { auths } = JSON.parse(io.files.get(DOCKER)?.text ?? "");
  assertEquals(auths["reg.example"], { auth: btoa("u:pw\r\n") });
});

Deno.test("V51: a secret service that nobody can start is found", async () => {
  const io = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin" },
    files: { [DOCKER]: "{}" },
    programs: {
      "/usr/bin/docker-credential-secretservice": () => ({
        code: 1,
        stdout: "Cannot autolaunch D-Bus without X11 $DISPLAY",
      }),
    },
  });
  assertEquals((await examine({ io })).map(({ name }) => name), ["helper-broken"]);
});

Deno.test("V52: login looks for the helper before it asks anybody for anything", async () => {
  const io = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin" },
    files: { [DOCKER]: '{"credHelpers":{"reg.example":"gone"}}' },
  });
  for (const args of [["login", "reg.example"], ["login", "reg.example", ...LOGIN.slice(0, 3)]]) {
    const { code, stderr } = await regauth(io, args, "pw");
    assertEquals([code, io.requests.length, io.writes], [1, 0, []]);
    assertStringIncludes(stderr, "docker-credential-gone");
  }
});

Deno.test("the numbers from V1 to V52 each have a test", async () => {
  const text = await Deno.readTextFile(new URL(import.meta.url));
  const missing = Array.from({ length: 52 }, (_, index) => `V${index + 1}`)
    .filter((id) => !text.includes(`"${id}"`) && !text.includes(`"${id}:`));
  assertEquals(missing, []);
});
