import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { fromSource, runProcess, sandbox } from "../../scripts/sandbox.ts";
import { peerTest } from "./peers.ts";
import { openTmux, type Tmux, type TmuxOptions } from "./tmux.ts";

/** Opens a terminal in which the questions are asked. `wait` waits for the file `go` in it. */
function ask(questions: readonly string[], options: Partial<TmuxOptions> = {}): Promise<Tmux> {
  const [deno = "", run = "", ...args] = fromSource("tests/e2e/prompts_program.ts");
  // Deno would draw the progress of loading.
  const command = [deno, run, "--quiet", ...args, "go", ...questions];
  return openTmux({ columns: 80, rows: 24, command, ...options });
}

function test(name: string, fn: () => Promise<void>): void {
  peerTest(`prompts: ${name}`, ["tmux", "stty"], fn);
}

const ALL = ["registry", "method", "user", "token", "write"];

/** Answers all questions. */
async function converse(terminal: Tmux): Promise<void> {
  await terminal.see("type to filter");
  await terminal.type("docker");
  await terminal.see("❯ docker.io");
  await terminal.press("Enter");
  await terminal.see("Sign in with");
  await terminal.press("Down", "Enter");
  await terminal.see("User name");
  await terminal.press("Enter");
  await terminal.see("Token");
  await terminal.type("ghp_日本€😀");
  await terminal.press("Enter");
  await terminal.see("Write this file?");
  await terminal.type("y");
  await terminal.press("Enter");
  await terminal.see('["docker.io"');
}

const transcripts: [columns: number, rows: number, screen: string][] = [
  [
    100,
    30,
    `
? Registry (ghcr.io — from git remote "origin") › docker.io
? Sign in with › credential helper
? User name (octocat — from GITHUB_ACTOR) › octocat
? Token (hidden) › received 8 characters
? Write this file? [y/N] › y
["docker.io","helper","octocat","ghp_日本€😀",true]`,
  ],
  [
    80,
    24,
    `
? Registry (ghcr.io — from git remote "origin") › docker.io
? Sign in with › credential helper
? User name (octocat — from GITHUB_ACTOR) › octocat
? Token (hidden) › received 8 characters
? Write this file? [y/N] › y
["docker.io","helper","octocat","ghp_日本€😀",true]`,
  ],
  [
    40,
    20,
    `
? Registry › docker.io
? Sign in with › credential helper
? User name › octocat
? Token (hidden) › received 8 characters
? Write this file? [y/N] › y
["docker.io","helper","octocat","ghp_日
本€😀",true]`,
  ],
];

for (const [columns, rows, screen] of transcripts) {
  test(`a conversation at ${columns}x${rows} leaves one line for each answer`, async () => {
    await using terminal = await ask(ALL, { columns, rows });
    await converse(terminal);
    const { code, echo, lines, cursorShown } = await terminal.end();
    assertEquals(await terminal.screen(), screen);
    assertEquals([code, echo, lines, cursorShown], [0, true, true, true]);
  });
}

test("8: NO_COLOR=1 leaves no colour in a conversation", async () => {
  await using terminal = await ask(ALL, { env: { NO_COLOR: "1" } });
  await converse(terminal);
  // deno-lint-ignore no-control-regex
  assertNotMatch((await terminal.end()).output, /\x1b\[[\d;]*m/);
});

test("8: without NO_COLOR there are colours", async () => {
  await using terminal = await ask(["write"]);
  await terminal.see("Write");
  await terminal.press("Enter");
  assertStringIncludes((await terminal.end()).output, "\x1b[1mWrite this file?\x1b[22m");
});

// None of these letters is on the screen otherwise.
const LETTERS = "ZQXVUY";

for (const [piece, runs] of [[1, 8], [7, 6], [16, 6]] as const) {
  test(`1: a secret in pieces of ${piece} is not echoed, ${runs} times`, async () => {
    const questions = Array.from({ length: runs }, () => "token");
    await using terminal = await ask(questions, { columns: 200, rows: 40 });
    const secrets = Array.from(
      { length: runs },
      (_, run) =>
        Array.from({ length: 200 }, (_, at) => LETTERS[(at * at + run) % LETTERS.length]).join(""),
    );
    for (const [run, secret] of secrets.entries()) {
      await terminal.see("Token (hidden) ›", run + 1);
      await terminal.type(secret, piece);
      await terminal.press("Enter");
      await terminal.see("received 200 characters", run + 1);
    }
    const { output } = await terminal.end();
    const [before = "", answers = ""] = output.split('["');
    assertNotMatch(before, new RegExp(`[${LETTERS}]`));
    assertEquals(JSON.parse(`["${answers}`), secrets);
  });
}

test("2: several pasted lines are no secret, and answer nothing", async () => {
  await using terminal = await ask(["token", "write"]);
  await terminal.see("Token");
  await terminal.paste("-----BEGIN KEY-----\nabc\ny\n");
  await terminal.see("Several lines were pasted");
  await terminal.paste("s€cret\n");
  await terminal.see("Write this file?");
  await terminal.press("Enter");
  await terminal.see('["s€cret",false]');
  assertNotMatch(await terminal.screen(), /BEGIN|abc/);
});

for (const [name, stdin] of [["/dev/null", "/dev/null"], ["a closed pipe", undefined]] as const) {
  test(`3: nothing is asked where standard input is ${name}`, async () => {
    await using home = await sandbox();
    const program = [...fromSource("tests/e2e/prompts_program.ts"), "go", "token"];
    const command = stdin ? ["sh", "-c", `exec "$@" < ${stdin}`, "sh", ...program] : program;
    const { code, stdout, stderr } = await runProcess(command, { env: home.env });
    assertEquals([code, stdout], [2, ""]);
    assertEquals(stderr, "cannot ask questions here (standard input is not a terminal)\n");
  });
}

test("3: Ctrl-D ends a question with exit code 2", async () => {
  await using terminal = await ask(["token"]);
  await terminal.see("Token");
  await terminal.press("C-d");
  const { code, echo, output } = await terminal.end();
  assertEquals([code, echo], [2, true]);
  assert(output.length < 1024, output);
});

for (const [CI, asks] of [["1", false], ["TRUE", false], ["false", true], ["", true]] as const) {
  test(`4: CI=${CI} ${asks ? "asks" : "does not ask"}`, async () => {
    await using terminal = await ask(["write"], { env: { CI } });
    await terminal.see(asks ? "Write" : "(CI is set)");
    if (asks) await terminal.press("Enter");
    assertEquals((await terminal.end()).code, asks ? 0 : 2);
  });
}

const PLAIN = { ACCESSIBLE: "1" };
const endings: {
  at: string;
  seen: string;
  by: Deno.Signal | "Ctrl-C";
  env?: Record<string, string>;
}[] = [
  { at: "registry", seen: "Registry", by: "Ctrl-C" },
  { at: "user", seen: "User name", by: "Ctrl-C" },
  { at: "token", seen: "Token", by: "Ctrl-C" },
  { at: "write", seen: "Write", by: "Ctrl-C" },
  { at: "wait", seen: "checking", by: "Ctrl-C" },
  { at: "registry", seen: "Registry", by: "SIGTERM" },
  { at: "token", seen: "Token", by: "SIGINT" },
  { at: "token", seen: "Token", by: "SIGTERM" },
  { at: "token", seen: "Token", by: "SIGHUP" },
  { at: "wait", seen: "checking", by: "SIGTERM" },
  { at: "user", seen: "User name", by: "Ctrl-C", env: PLAIN },
  { at: "token", seen: "paste it", by: "Ctrl-C", env: PLAIN },
  { at: "token", seen: "paste it", by: "SIGTERM", env: PLAIN },
  { at: "wait", seen: "checking", by: "Ctrl-C", env: PLAIN },
];
const EXIT_CODES: Record<string, number> = { SIGTERM: 143, SIGHUP: 129 };

for (const { at, seen, by, env = {} } of endings) {
  test(`5: ${by} at ${at}${env === PLAIN ? " (plain)" : ""} restores the terminal`, async () => {
    await using terminal = await ask([at], { env });
    await terminal.see(seen);
    if (by === "Ctrl-C") await terminal.press("C-c");
    else await terminal.signal(by);
    const { code, echo, lines, cursorShown } = await terminal.end();
    assertEquals([echo, lines, cursorShown], [true, true, true]);
    assertEquals(code, EXIT_CODES[by] ?? 130);
    assertMatch(await terminal.screen(), /\nCancelled\. Nothing was changed\.$/);
  });
}

test("5: a closed window ends the program", async () => {
  await using terminal = await ask(["wait"]);
  await terminal.see("checking");
  await terminal.close();
  assertEquals(await terminal.readOnceThere("exit"), "129");
});

for (const columns of [40, 80, 200]) {
  test(`9: ten arrows at ${columns} columns leave each row once`, async () => {
    await using terminal = await ask(["registry"], { columns });
    await terminal.see("❯ ghcr.io");
    for (let time = 0; time < 10; time++) await terminal.press("Down");
    await terminal.see("❯ 登録簿.example");
    const screen = await terminal.history();
    for (
      const label of ["? Registry", "docker.io", "public.ecr.aws", "登録簿.example", "12 of 12"]
    ) {
      // The first rows may be out of sight.
      assert(screen.split(label).length <= 2, screen);
    }
    assertEquals(screen.split("❯").length, 2, screen);
  });
}

test("9: a window that becomes narrower and wider leaves each row once", async () => {
  await using terminal = await ask(["registry"]);
  await terminal.see("❯ ghcr.io");
  await terminal.resize(45, 24);
  await terminal.press("Down");
  await terminal.see("❯ docker.io");
  await terminal.resize(120, 24);
  await terminal.press("Down");
  await terminal.see("❯ *.dkr");
  const screen = await terminal.screen();
  for (const label of ["? Registry", "docker.io", "harbor"]) {
    assertEquals(screen.split(label).length, 2, screen);
  }
});

for (const columns of [20, 39]) {
  test(`9: at ${columns} columns nothing is redrawn`, async () => {
    await using terminal = await ask(["user"], { columns });
    await terminal.see("Type");
    await terminal.press("Enter");
    const { output } = await terminal.end();
    assert(!output.includes("\x1b"), JSON.stringify(output));
  });
}

test("14: back from each step and forward with Enter gives the same answers", async () => {
  await using terminal = await ask(["method", "user", "token", "write"]);
  await terminal.see("Sign in");
  await terminal.press("Up", "Up", "Enter");
  await terminal.see("User name (");
  await terminal.type("hubot");
  await terminal.press("Enter");
  await terminal.see("Token (hidden)");
  await terminal.type("s3cret");
  await terminal.press("Enter");
  await terminal.see("Write");
  await terminal.press("Escape");
  await terminal.see("Enter keeps");
  await terminal.type("<");
  await terminal.press("Enter");
  await terminal.see("User name (hubot");
  await terminal.press("C-b");
  await terminal.see("❯ web login");
  await terminal.press("Enter");
  await terminal.see("User name (hubot", 2);
  await terminal.press("Enter");
  await terminal.see("Enter keeps", 2);
  await terminal.press("Enter");
  await terminal.see("Write", 2);
  await terminal.press("Enter");
  await terminal.see(`["web","hubot","s3cret",false]`);
});

for (const [name, env] of [["redrawn", {}], ["plain", PLAIN]] as const) {
  test(`15: what is typed during a check confirms nothing (${name})`, async () => {
    await using terminal = await ask(["wait", "write"], { env });
    await terminal.see("checking");
    await terminal.type("y");
    await terminal.press("Enter");
    await Deno.writeTextFile(join(terminal.folder, "go"), "");
    await terminal.see("Write");
    await terminal.press("Enter");
    await terminal.see(",false]");
  });
}

test("20: ACCESSIBLE=1 golden transcript, without an ESC byte", async () => {
  await using terminal = await ask(["method", "user", "token", "write"], { env: PLAIN });
  await terminal.see("personal access token:");
  await terminal.type("helper");
  await terminal.press("Enter");
  await terminal.see("GITHUB_ACTOR:");
  await terminal.press("Enter");
  await terminal.see("paste it:");
  await terminal.type("ghp_日本€😀", 1);
  await terminal.press("Enter");
  await terminal.see("for no:");
  await terminal.type("y");
  await terminal.press("Enter");
  const { code, echo, output } = await terminal.end();
  assertEquals([code, echo], [0, true]);
  assert(!output.includes("\x1b"));
  assertEquals(
    await terminal.screen(),
    `
Sign in with:
  1: personal access token, classic.
  2: robot account, not available: GitHub has none.
  3: credential helper.
  4: web login, opens a browser.
Type < to go back.
Type a number or a name, or press Enter for 1, personal access token: helper
You chose credential helper.
Type < to go back. Type ? for help.
User name, or press Enter for octocat, from GITHUB_ACTOR:
You entered octocat.
Token. Your typing is hidden. Type < to go back.
Type or paste it:
Token: received 8 characters.
Type < to go back.
Write this file? Type y or n, or press Enter for no: y
You chose yes.
["helper","octocat","ghp_日本€😀",true]`,
  );
});
