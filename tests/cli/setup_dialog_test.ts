import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { stripStyles } from "../../lib/cli/width.ts";
import type { ScriptStep } from "../fakes/terminal.ts";
import { jwt, unauthorized } from "../fakes/internet.ts";
import { basicRegistry, DOCKER, OWN, regauth, saved } from "../fakes/setup_world.ts";

const TOKEN = `ghp_${"Ab1".repeat(12)}`;
const GHCR = basicRegistry({ octocat: TOKEN });
/** On this machine there is neither scheme nor certificate to ask for. */
const HOST = "localhost:5000";
const GENERIC = ["setup", HOST, "--kind", "generic"];

/** Answers of a person who wants to pull, up to the password. */
const TO_PASSWORD = [["What for", "\r"], ["? User name", "robot\r"]] as const;
const TO_THE_END = [["Keep it in", "\r"], ["Save it", "1\r"]] as const;

Deno.test("10: a secret of the environment is offered by its name, and not shown", async () => {
  const { code, stdout, stderr } = await regauth(["setup", "ghcr.io"], {
    env: { GH_TOKEN: TOKEN, GITHUB_ACTOR: "octocat" },
    fetch: GHCR,
    script: [
      ["What for", "\r"],
      ["User name", "\r"],
      ["Use the secret in $GH_TOKEN (ghp_…)?", "\r"],
      ["Repository", "\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "--secret-env GH_TOKEN");
  assert(!(stdout + stderr).includes(TOKEN.slice(4)));
});

Deno.test("a secret of the environment need not be taken", async () => {
  const { code } = await regauth(["setup", "ghcr.io", "--username", "octocat"], {
    env: { GH_TOKEN: `ghp_${"Zz9".repeat(12)}` },
    fetch: GHCR,
    script: [
      ["What for", "\r"],
      ["Use the secret", "n\r"],
      ["hidden", `${TOKEN}\r`],
      ["Repository", "\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals(code, 0);
});

Deno.test("22: a doubtful answer can be kept or corrected; a wrong one cannot be kept", async () => {
  const { code, stderr } = await regauth(["setup", "ghcr.io"], {
    fetch: GHCR,
    script: [
      ["What for", "\r"],
      ["User name", "a:b\r"],
      ["must not hold a colon", "\x15me@mail.example\r"],
      ["Use it all the same?", "n\r"],
      ["User name", "octocat\r"],
      ["hidden", `YOUR_TOKEN\r`],
      ["This is a placeholder", `"${TOKEN}"\r`],
      ["was taken off", () => {}],
      ["Repository", "\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals(code, 0);
  assertStringIncludes(stderr, "e-mail address");
});

Deno.test("23: what was taken off an answer is told", async () => {
  const { stderr } = await regauth(["setup", "ghcr.io"], {
    script: [
      ["What for", "\r"],
      ["User name", "export GITHUB_ACTOR=Octocat\r"],
      ["hidden", "\x03"],
    ],
  });
  assertStringIncludes(stripStyles(stderr), "taken as octocat");
});

Deno.test("a refused login can be corrected, and everything else stays", async () => {
  const { code, terminal } = await regauth(GENERIC, {
    script: [
      ...TO_PASSWORD,
      ["hidden", "wrong\r"],
      ["Repository", "team/hello\r"],
      ["What now", "1\r"],
      ["hidden", "robot-secret\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals([code, terminal.remaining], [0, 0]);
});

Deno.test("where the login works, the repository is what to correct", async () => {
  const { code, stdout } = await regauth(GENERIC, {
    script: [
      ...TO_PASSWORD,
      ["hidden", "robot-secret\r"],
      ["Repository", "team/nope\r"],
      ["What now", "1\r"],
      ["Repository", "team/hello\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals(code, 0);
  assertStringIncludes(stripStyles(stdout), "pull granted on team/hello");
});

Deno.test("a network that comes back can be tried again", async () => {
  let down = true;
  const answer = basicRegistry({ robot: "robot-secret" });
  const { code, terminal } = await regauth(GENERIC, {
    fetch: (request) => {
      if (down) throw new TypeError("fetch failed", { cause: new Error("connection refused") });
      return answer(request);
    },
    script: [
      ...TO_PASSWORD,
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["What now", (terminal) => {
        down = false;
        terminal.type("\r");
      }],
      ["answers and asks for name and password", () => {}],
      ...TO_THE_END,
    ],
  });
  assertEquals([code, terminal.remaining], [0, 0]);
});

Deno.test("what does not work can be saved all the same, and nothing is claimed of it", async () => {
  const { code, stdout, io } = await regauth(GENERIC, {
    script: [
      ...TO_PASSWORD,
      ["hidden", "later\r"],
      ["Repository", "\r"],
      ["What now", "3\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals(code, 0);
  assertStringIncludes(stripStyles(stdout), "although it did not work");
  assertStringIncludes(stdout, "--no-verify");
  assertStringIncludes(await io.readText(DOCKER) ?? "", btoa("robot:later"));
});

Deno.test("who leaves after a failure has changed nothing", async () => {
  for (const json of [[], ["--json"]]) {
    const { code, stdout, io } = await regauth([...GENERIC, ...json], {
      script: [
        ...TO_PASSWORD,
        ["hidden", "wrong\r"],
        ["Repository", "\r"],
        ["What now", "4\r"],
      ],
    });
    assertEquals([code, io.writes], [4, []]);
    if (json.length > 0) assertEquals(JSON.parse(stdout).error.code, "D-14");
  }
});

Deno.test("a foreign token server is shown before it gets the password, and written down", async () => {
  const { code, io } = await regauth(["setup", "reg.example", "--kind", "generic"], {
    fetch: ({ url, headers }) => {
      const { host } = new URL(url);
      const token = jwt({ sub: "robot", access: [] });
      if (host === "auth.other.example") return Response.json({ token });
      return headers.get("authorization") === `Bearer ${token}`
        ? new Response("{}")
        : unauthorized('Bearer realm="https://auth.other.example/token",service="x"');
    },
    script: [
      ["What for", "\r"],
      ["How it is reached", "\r"],
      ["CA file", "\r"],
      ["? User name", "robot\r"],
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["Trust auth.other.example with this login", "3\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals(code, 0);
  const config = JSON.parse(await io.readText(`${OWN}/config.json`) ?? "{}");
  assertEquals(config.registries["reg.example"].realm, "auth.other.example");
  const sent = io.requests.filter(({ headers }) => headers.has("authorization"));
  assertEquals(new URL(sent[0]?.url ?? "").host, "auth.other.example");
});

const CHANGES: readonly (readonly [row: string, then: readonly ScriptStep[]])[] = [
  ["User name", [["? User name", "\r"]]],
  ["Password", [["? Password", "\r"]]],
  ["Repository", [["? Repository", "team/hello\r"]]],
  ["Keep it in", [["? Keep it in", "\r"]]],
];

for (const [index, [row, then]] of CHANGES.entries()) {
  Deno.test(`29: the answer to ${row} can be changed at the end, without the others`, async () => {
    const { code, terminal } = await regauth(GENERIC, {
      script: [
        ...TO_PASSWORD,
        ["hidden", "robot-secret\r"],
        ["Repository", "\r"],
        ["Keep it in", "\r"],
        ["Save it", "2\r"],
        ["Which one", `${index + 3}\r`],
        ...then,
        ["Save it", "1\r"],
      ],
    });
    assertEquals([code, terminal.remaining], [0, 0]);
  });
}

Deno.test("changing the way asks what the other way needs", async () => {
  const { code, terminal } = await regauth(["setup", "dockerhub", "--offline"], {
    script: [
      ["What for", "\r"],
      ["? Sign in with", "1\r"],
      ["? Docker ID", "jane\r"],
      ["hidden", `dckr_pat_${"Ab1".repeat(9)}\r`],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Save it", "2\r"],
      ["Which one", "2\r"],
      ["? Sign in with", "3\r"],
      ["? Docker ID", "\r"],
      ["hidden", "secret\r"],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Save it", "1\r"],
    ],
  });
  assertEquals([code, terminal.remaining], [0, 0]);
});

Deno.test("25: nothing is saved by Enter alone where another user's credential goes away", async () => {
  const { code, stderr, io } = await regauth(GENERIC, {
    files: { [DOCKER]: saved(HOST, "jane", "x") },
    script: [
      ["What to do with it", "3\r"],
      ["What for", "\r"],
      ["? User name", "\x15robot\r"],
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Replace the credential of jane", "\r"],
    ],
  });
  assertEquals([code, io.writes], [130, []]);
  assertStringIncludes(stderr, "Cancelled. Nothing was changed.");
});

Deno.test("a key file is asked for by its path, until it can be used", async () => {
  const key = JSON.stringify({
    type: "service_account",
    client_email: "ci@acme.iam.gserviceaccount.com",
    private_key: "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
  });
  const { code, terminal } = await regauth(["setup", "us-docker.pkg.dev", "--offline"], {
    files: { "/home/me/k.json": key, "/home/me/open.json": { text: key, mode: 0o644 } },
    script: [
      ["What for", "\r"],
      ["Sign in with", "\r"],
      ["? Key file", "~/nope.json\r"],
      ["there is no such file", () => {}],
      ["? Key file", "~/open.json\r"],
      ["others on this machine may open it", () => {}],
      ["? Key file", "~/k.json\r"],
      ["Repository", "\r"],
      ...TO_THE_END,
    ],
  });
  assertEquals([code, terminal.remaining], [0, 0]);
});

Deno.test("16: the list of registries begins with what this machine speaks of", async () => {
  const { stderr } = await regauth(["setup"], {
    env: { PATH: "/usr/bin" },
    programs: {
      "/usr/bin/git": () => ({ stdout: "origin\tgit@github.com:acme/app.git (fetch)\n" }),
    },
    script: [["Registry", "\x03"]],
  });
  assertStringIncludes(
    stripStyles(stderr),
    '❯ GitHub Container Registry  ghcr.io, from git remote "origin"',
  );
});

Deno.test("a host is looked at as it is typed, and belongs to its own vendor", async () => {
  const { terminal, stderr } = await regauth(["setup"], {
    script: [
      ["Registry", "another\r"],
      ["Host", "hub.docker.com\r"],
      ["website", "\x15ghcr\r"],
      ["a name, not a host", "\x15https://ghcr.io/acme/app:1\r"],
      ["What for", "\r"],
      ["User name", "\x03"],
    ],
  });
  assertEquals(terminal.remaining, 0);
  assertStringIncludes(stripStyles(stderr), "Personal access token (classic)");
});

Deno.test("28: every question leads back to the one before", async () => {
  const back = "\x1b";
  const { code, terminal } = await regauth(["setup"], {
    script: [
      ["Registry", "amazon\r"],
      ["Host", "\r"],
      ["AWS account", "123456789012\r"],
      ["AWS region", back],
      ["AWS account", back],
      ["Host", back],
      ["Registry", "harbor\r"],
      ["Host", "reg.example\r"],
      ["What for", back],
      ["Host", "\r"],
      ["What for", "\r"],
      ["Sign in with", back],
      ["What for", "\x03"],
    ],
  });
  assertEquals([code, terminal.remaining], [130, 0]);
});

Deno.test("49: long waits are counted, and the line goes away", async () => {
  const answer = basicRegistry({ robot: "robot-secret" });
  const { stderr } = await regauth(GENERIC, {
    fetch: async (request) => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
      return answer(request);
    },
    script: [
      ...TO_PASSWORD,
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["Keep it in", "\x03"],
    ],
  });
  assertStringIncludes(stripStyles(stderr), "asking localhost:5000, 3 s");
});

Deno.test("65: where nothing can be drawn over, nothing is", async () => {
  const { code, stderr, stdout } = await regauth(GENERIC, {
    env: { TERM: "dumb" },
    script: [
      ["What for", "\r"],
      ["User name: ", "robot\r"],
      ["Type or paste it", "robot-secret\r"],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Save it", "1\r"],
    ],
  });
  assertEquals([code, (stderr + stdout).includes("\x1b")], [0, false]);
});

Deno.test("5: Ctrl-C ends a wait for the registry", async () => {
  const { code, stderr, io } = await regauth(GENERIC, {
    fetch: () => new Promise(() => {}),
    script: [
      ...TO_PASSWORD,
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["asking localhost:5000", "\x03"],
    ],
  });
  assertEquals([code, io.writes], [130, []]);
  assertStringIncludes(stderr, "Cancelled. Nothing was changed.");
});
