import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Io } from "../../lib/io.ts";
import { type CommandResult, runCommand } from "../fakes/command.ts";
import {
  failure,
  type Host,
  type Internet,
  internet,
  jwt,
  unauthorized,
} from "../fakes/internet.ts";

const LOGIN = ["--registry-username", "jane", "--registry-password", "hunter2"];
const REALM = 'Bearer realm="https://reg.example/token",service="reg"';

/** A registry with a token server that grants what is asked, and has every image. */
const generous: Host = ({ url, authorization }) => {
  if (url.pathname === "/token") {
    const scopes = url.searchParams.getAll("scope").map((scope) => scope.split(":"));
    const access = scopes.map(([type, name, actions = ""]) => ({
      type,
      name,
      actions: actions.split(","),
    }));
    return Response.json({ token: jwt({ sub: "jane", access }) });
  }
  return authorization ? new Response("{}") : unauthorized(REALM);
};

/** A registry that lets nobody but jane in, and has the repository `team/app` with the tag 1. */
const basic: Host = ({ method, url, authorization }) => {
  if (authorization !== `Basic ${btoa("jane:hunter2")}`) return unauthorized("Basic");
  const upload = "/v2/team/app/blobs/uploads/";
  if (method === "POST" && url.pathname === upload) {
    return new Response(null, { status: 202, headers: { location: `${upload}1` } });
  }
  if (method === "DELETE") return new Response(null, { status: 204 });
  const known = ["/v2/", "/v2/team/app/manifests/1", "/v2/team/app/tags/list"];
  return known.includes(url.pathname) ? new Response("{}") : failure(404, "NAME_UNKNOWN");
};

function check(io: Io, ...args: string[]): Promise<CommandResult> {
  const login = args.includes("--registry-anon") ? [] : LOGIN;
  return runCommand(["check", ...login, ...args], io);
}

/** What it says to people: arguments, registry, exit code, and the whole text. */
const VIEWS: readonly (readonly [
  name: string,
  args: readonly string[],
  host: Host | string,
  code: number,
  text: string,
])[] = [
  [
    "an image that may be pushed",
    ["--push", "--delete", "reg.example/team/app:1"],
    basic,
    0,
    `reg.example/team/app:1
  [ok] credential  jane, from flags
  [ok] registry    https://reg.example, asks for name and password
  [ok] pull        allowed
  [ok] push        allowed
  | delete      cannot be told
`,
  ],
  [
    "what a token claims",
    ["--delete", "reg.example/team/app:1"],
    generous,
    0,
    `reg.example/team/app:1
  [ok] credential  jane, from flags
  [ok] registry    https://reg.example, asks for a bearer token
  [ok] pull        allowed
  [ok] delete      allowed, says the token
`,
  ],
  [
    "a login",
    ["reg.example"],
    basic,
    0,
    `reg.example
  [ok] credential  jane, from flags
  [ok] registry    https://reg.example, asks for name and password
  [ok] login       accepted
`,
  ],
  [
    "a registry for everybody",
    ["reg.example"],
    () => new Response("{}"),
    0,
    `reg.example
  [ok] credential  jane, from flags
  [ok] registry    https://reg.example, asks for nothing
  [fail] login       not tested
  | note        reg.example lets everybody in, so the login could not be tested.
`,
  ],
  [
    "nobody",
    ["--registry-anon", "reg.example/team/app:1"],
    basic,
    3,
    `reg.example/team/app:1
  [ok] credential  anonymous, from flags
  [ok] registry    https://reg.example, asks for name and password
  [fail] pull        not allowed
  [fail] problem     Not logged in, and reg.example/team/app is not public.
                Log in: regauth login reg.example
`,
  ],
  [
    "a missing repository",
    ["--push", "reg.example/team/none:1"],
    basic,
    4,
    `reg.example/team/none:1
  [ok] credential  jane, from flags
  [ok] registry    https://reg.example, asks for name and password
  [fail] pull        not allowed
  | push        cannot be told
  | note        Asking for a push may create reg.example/team/none: not asked.
  [fail] problem     reg.example/team/none does not exist, or "jane" may not know that it exists.
                Check the spelling, create it, or ask for access.
`,
  ],
  [
    "a repository that is made by asking",
    ["--try-upload", "reg.example/team/none:1"],
    ({ method, ...request }, earlier) =>
      method === "POST"
        ? new Response(null, { status: 202, headers: { location: "/v2/team/none/u" } })
        : basic({ method, ...request }, earlier),
    4,
    `reg.example/team/none:1
  [ok] credential  jane, from flags
  [ok] registry    https://reg.example, asks for name and password
  [fail] pull        not allowed
  [ok] push        allowed
  [fail] problem     reg.example/team/none does not exist, or "jane" may not know that it exists.
                Check the spelling, create it, or ask for access.
`,
  ],
  [
    "a name that the resolver does not know",
    ["reg.example/team/app:1"],
    "dns error: failed to lookup address information: Name or service not known",
    5,
    `reg.example/team/app:1
  [ok] credential  jane, from flags
  [fail] problem     No server is known under reg.example.
                Check the spelling, and the VPN if the name is an internal one.
`,
  ],
  [
    "an answer with terminal commands in it",
    ["reg.example"],
    () => new Response('{"message":"\\u001b[2Jgone\\u0007"}', { status: 418 }),
    5,
    `reg.example
  [ok] credential  jane, from flags
  [fail] problem     reg.example answered in an unexpected way (418: �[2Jgone�).
                Repeat with --verbose, and report it if it stays.
`,
  ],
];

for (const [name, args, host, code, text] of VIEWS) {
  Deno.test(`regauth check shows ${name}`, async () => {
    const { io } = internet({ "https://reg.example": host });
    assertEquals(await check(io, ...args), { code, stdout: text, stderr: "" });
  });
}

Deno.test("regauth check --json says all there is, in one line for each target", async () => {
  const { io } = internet({ "https://reg.example": basic });
  const targets = ["reg.example/team/app:1", "reg.example", "Reg.example/Team", "none.example/a/b"];
  const { code, stdout } = await check(io, "--json", "--push", ...targets);
  const common = {
    registry: "reg.example",
    origin: "https://reg.example",
    challenge: "basic",
    kind: "basic",
    keychain: "flags",
    username: "jane",
    login: null,
    pull: null,
    push: null,
    delete: null,
    notes: [],
    error: null,
  };
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines, [
    { ...common, target: targets[0], repository: "team/app", pull: "yes", push: "yes" },
    { ...common, target: targets[1], repository: "", login: true },
    {
      ...common,
      target: targets[2],
      registry: "",
      repository: "",
      origin: "",
      challenge: "",
      kind: "none",
      keychain: "",
      username: "",
      error: lines[2].error,
    },
    {
      ...common,
      target: targets[3],
      registry: "none.example",
      repository: "a/b",
      origin: "",
      challenge: "",
      error: {
        code: "D-01",
        exit: 5,
        message: "No server is known under none.example.",
        fix: "Check the spelling, and the VPN if the name is an internal one.",
      },
    },
  ]);
  assertEquals([lines[2].error.code, lines[2].error.exit], ["invalid-reference", 2]);
  assertEquals(code, 2, "That of the first target that failed.");
});

Deno.test("regauth check tells on stderr how far it is, but not with --quiet", async () => {
  const { io } = internet({ "https://reg.example": generous });
  const targets = ["reg.example/a:1", "reg.example/b:1", "reg.example/c:1"];
  const { code, stdout, stderr } = await check(io, ...targets);
  assertEquals(code, 0);
  assertEquals(stdout.split("\n").filter((line) => line.startsWith("reg.")), targets);
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.map((line) => line.replace(/: .*/, "")), ["1 of 3", "2 of 3", "3 of 3"]);
  assertEquals((await check(io, "--quiet", ...targets)).stderr, "");
});

Deno.test("regauth check has no secret in what it says, with --verbose neither", async () => {
  const { io } = internet({ "https://reg.example": generous });
  const { stdout, stderr } = await check(io, "-v", "--push", "reg.example/team/app:1");
  assertMatch(stderr, /GET https:\/\/reg\.example\/token: 200/);
  for (const secret of ["hunter2", btoa("jane:hunter2"), jwt({}).split(".")[0] ?? ""]) {
    assert(!(stdout + stderr).includes(secret), secret);
  }
});

Deno.test("regauth check ends at once when the user interrupts", async () => {
  const asked = Promise.withResolvers<void>();
  const { io, sent } = internet({
    "https://reg.example": () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const targets = Array.from({ length: 100 }, (_, index) => `reg.example/app-${index}`);
  const { code, stdout, stderr } = await runCommand(["check", ...targets], io, (terminal) => {
    asked.promise.then(() => terminal.send("SIGINT"));
  });
  assertEquals([code, stdout, sent.length], [130, "", 1]);
  assertMatch(stderr, /^error: /);
});

/** How often something was asked. */
function count({ sent }: Internet, path: string, host?: string): number {
  return sent.filter(({ url }) => url.pathname === path && (!host || url.host === host)).length;
}

Deno.test("regauth check of 100 images asks a registry once, and once for each scope", async () => {
  const net = internet({ "https://reg.example": generous });
  const images = Array.from({ length: 100 }, (_, i) => `reg.example/app-${i % 10}:${i}`);
  const { code } = await check(net.io, "--quiet", ...images);
  assertEquals(code, 0);
  const scopes = net.sent.flatMap(({ url }) => url.searchParams.getAll("scope"));
  assertEquals(scopes.sort(), Array.from({ length: 10 }, (_, i) => `repository:app-${i}:pull`));
  assertEquals([count(net, "/v2/"), count(net, "/token"), net.sent.length], [1, 10, 111]);
});

Deno.test("regauth check of 1,000 images at 50 registries has a few requests under way", async () => {
  const hosts = Array.from({ length: 50 }, (_, index) => `reg-${index}.example`);
  let [now, most] = [0, 0];
  const counted: Host = async (request, earlier) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 0));
    now--;
    const answer = await generous(request, earlier);
    const realm = answer.headers.get("www-authenticate")?.replace("reg.example", request.url.host);
    return realm === undefined ? answer : unauthorized(realm);
  };
  const net = internet(Object.fromEntries(hosts.map((host) => [`https://${host}`, counted])));
  const images = Array.from({ length: 1_000 }, (_, i) => `${hosts[i % 50]}/app-${i % 100}:${i}`);
  const { code, stdout } = await check(net.io, "--json", "--quiet", ...images);
  const found = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(code, 0);
  assertEquals(found.map(({ target, pull }) => `${target} ${pull}`), images.map((i) => `${i} yes`));
  assertEquals(most, 8);
  for (const host of hosts) {
    assertEquals([count(net, "/v2/", host), count(net, "/token", host)], [1, 2]);
  }
  assertEquals(net.sent.length, 50 + 100 + 1_000);
});
