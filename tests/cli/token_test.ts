import { assert, assertEquals, assertMatch } from "@std/assert";
import { runCommand } from "../fakes/command.ts";
import { failure, type Host, internet, unauthorized } from "../fakes/internet.ts";

const LOGIN = ["--registry-username", "jane", "--registry-password", "hunter2"];
const REALM = 'Bearer realm="https://reg.example/token",service="reg"';

/** Gives a token to jane, and none to others. */
const registry: Host = ({ url, authorization }) => {
  if (url.pathname !== "/token") return unauthorized(REALM);
  return authorization === `Basic ${btoa("jane:hunter2")}`
    ? Response.json({ token: "TOKEN", expires_in: 300 })
    : failure(401, "UNAUTHORIZED");
};

/** Arguments, registry, and what comes of it. */
const CALLS: readonly (readonly [
  name: string,
  args: readonly string[],
  host: Host,
  code: number,
  stdout: string,
  stderr: RegExp,
])[] = [
  ["the token alone", [...LOGIN, "reg.example/team/app"], registry, 0, "TOKEN\n", /^$/],
  [
    "the token and its end as JSON",
    [...LOGIN, "--json", "reg.example/team/app"],
    registry,
    0,
    '{"target":"reg.example/team/app","token":"TOKEN","expiresAt":"2026-01-01T00:04:55.000Z"}\n',
    /^$/,
  ],
  [
    "a ready-made token",
    ["--registry-token", "READY", "--json", "reg.example/team/app"],
    registry,
    0,
    '{"target":"reg.example/team/app","token":"READY","expiresAt":null}\n',
    /^$/,
  ],
  [
    "none where name and password are wanted",
    [...LOGIN, "reg.example/team/app"],
    () => unauthorized("Basic"),
    3,
    "",
    /^error: Cannot get a token for "reg\.example\/team\/app": reg\.example gives none\n.*--format header\n$/,
  ],
  [
    "none where nothing is wanted",
    [...LOGIN, "reg.example/team/app"],
    () => new Response("{}"),
    3,
    "",
    /gives none/,
  ],
  [
    "a refusal",
    ["--registry-username", "jane", "--registry-password", "wrong", "reg.example/team/app"],
    registry,
    4,
    "",
    /^error: reg\.example does not accept this user name and password or token\.\n/,
  ],
  [
    "that somebody must log in",
    ["reg.example/team/app"],
    registry,
    3,
    "",
    /^error: Not logged in, and reg\.example\/team\/app is not public\.\n.*regauth login reg\.example\n/,
  ],
  ["a wrong name", ["reg.example/Team/App"], registry, 2, "", /^error: .*Team\/App/],
];

for (const [name, args, host, code, stdout, stderr] of CALLS) {
  Deno.test(`regauth token prints ${name}, and ends with ${code}`, async () => {
    const { io } = internet({ "https://reg.example": host });
    const result = await runCommand(["token", ...args], io);
    assertEquals([result.code, result.stdout], [code, stdout]);
    assertMatch(result.stderr, stderr);
  });
}

for (
  const [flags, scope] of [
    [[], "repository:team/app:pull"],
    [["--push"], "repository:team/app:pull,push"],
  ] as const
) {
  Deno.test(`regauth token ${flags.join("")} asks for ${scope}, once`, async () => {
    const { io, sent } = internet({ "https://reg.example": registry });
    await runCommand(["token", ...LOGIN, ...flags, "reg.example/team/app:1"], io);
    assertEquals(sent.map(({ url }) => url.pathname), ["/v2/", "/token"]);
    assertEquals(sent[1]?.url.searchParams.getAll("scope"), [scope]);
  });
}

Deno.test("regauth token asks for no scope where no image is named", async () => {
  const { io, sent } = internet({ "https://reg.example": registry });
  const { code } = await runCommand(["token", ...LOGIN, "reg.example"], io);
  assertEquals([code, sent[1]?.url.searchParams.has("scope")], [0, false]);
});

Deno.test("regauth token has the token on stdout only, and the password nowhere", async () => {
  const { io } = internet({ "https://reg.example": registry });
  const args = ["token", "--verbose", ...LOGIN, "reg.example/team/app"];
  const { stdout, stderr } = await runCommand(args, io);
  assertEquals(stdout, "TOKEN\n");
  assertMatch(stderr, /GET https:\/\/reg\.example\/token: 200/);
  for (const secret of ["TOKEN", "hunter2", btoa("jane:hunter2")]) assert(!stderr.includes(secret));
});
