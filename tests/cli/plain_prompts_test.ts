import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Cancelled, GoBack, openPrompts, type Prompts } from "../../lib/cli/prompts.ts";
import { Secret } from "../../lib/credential.ts";
import { RegauthError } from "../../lib/errors.ts";
import {
  idleIo,
  type ScriptedTerminal,
  scriptedTerminal,
  type ScriptedTerminalOptions,
} from "../fakes/terminal.ts";

function open(options: ScriptedTerminalOptions): [ScriptedTerminal, Prompts] {
  const terminal = scriptedTerminal(options);
  const env = { TERM: "xterm", LANG: "C.UTF-8", CLICOLOR_FORCE: "1", ACCESSIBLE: "1" };
  return [terminal, openPrompts(terminal, idleIo({ env }))];
}

const REGISTRIES = [
  { value: "ghcr.io", label: "ghcr.io", hint: "GitHub" },
  { value: "docker.io", label: "Docker Hub" },
  { value: "quay.io", label: "Quay", disabled: "it is not reachable" },
  { value: "", label: "something else…" },
];

Deno.test("20: ACCESSIBLE=1 golden transcript, without an ESC byte", async () => {
  const [terminal, prompts] = open({
    script: [
      ["ghcr.io: ", "3\r"],
      ["ghcr.io: ", "hub\r"],
      ["GITHUB_ACTOR: ", "?\r"],
      ["GITHUB_ACTOR: ", "\r"],
      ["paste it: ", "ghp_1\r"],
      ["for no: ", "perhaps\r"],
      ["for no: ", "y\r"],
    ],
  });
  prompts.note(prompts.style.bold("regauth sets up one registry."));
  prompts.note("\x1b[31mNothing is written before you say yes.\x1b[0m");
  const answers = [
    await prompts.select({ message: "Registry", choices: REGISTRIES }),
    await prompts.input({
      message: "User name",
      default: "octocat",
      from: "from GITHUB_ACTOR",
      help: "The name that you sign in with.",
      back: true,
    }),
    (await prompts.secret({ message: "Token", back: true })).reveal(),
    await prompts.confirm({ message: "Write this file?", default: false }),
  ];
  prompts.close();
  assertEquals(answers, ["docker.io", "octocat", "ghp_1", true]);
  assertEquals(
    terminal.screen,
    `regauth sets up one registry.
Nothing is written before you say yes.
Registry:
  1: ghcr.io, GitHub.
  2: Docker Hub.
  3: Quay, not available: it is not reachable.
  4: something else…
Type a number or a name, or press Enter for 1, ghcr.io: 3
Not accepted: Quay: it is not reachable.
Type a number or a name, or press Enter for 1, ghcr.io: hub
You chose Docker Hub.
Type < to go back. Type ? for help.
User name, or press Enter for octocat, from GITHUB_ACTOR: ?
The name that you sign in with.
User name, or press Enter for octocat, from GITHUB_ACTOR: 
You entered octocat.
Token. Your typing is hidden. Type < to go back.
Type or paste it: 
Token: received 5 characters.
Write this file? Type y or n, or press Enter for no: perhaps
Not accepted: Type y for yes or n for no.
Write this file? Type y or n, or press Enter for no: y
You chose yes.
`,
  );
});

Deno.test("secret() hides what is typed, and only that", async () => {
  const seen: boolean[] = [];
  const [terminal, prompts] = open({
    script: [
      ["User", (terminal) => {
        seen.push(terminal.raw);
        terminal.type("me\r");
      }],
      ["paste it", (terminal) => {
        seen.push(terminal.raw);
        terminal.type("s€cret\r");
      }],
    ],
  });
  await prompts.input({ message: "User" });
  assertEquals((await prompts.secret({ message: "Token" })).reveal(), "s€cret");
  assertEquals([...seen, terminal.raw], [false, true, false]);
  prompts.close();
});

Deno.test("2: secret() takes none of several lines", async () => {
  const [terminal, prompts] = open({
    script: [["paste it", "one\r\ntwo\r\n"], ["Several lines", "right\r"]],
    piece: 1,
  });
  assertEquals((await prompts.secret({ message: "Token" })).reveal(), "right");
  assertStringIncludes(terminal.screen, "\nNot accepted: Several lines were pasted");
  prompts.close();
});

Deno.test("secret() is not asked for where it would be shown", async () => {
  const [terminal, prompts] = open({ noRaw: true });
  const { code, hint } = await assertRejects(
    () => prompts.secret({ message: "Token" }),
    RegauthError,
    "the terminal cannot hide it",
  );
  assertEquals(code, "usage");
  assertStringIncludes(hint ?? "", "Pipe it in");
  assertEquals(terminal.raw, false);
  prompts.close();
});

Deno.test("secret() keeps at Enter what was entered before", async () => {
  const [, prompts] = open({ script: [["Enter to keep", "\r"]] });
  const kept = new Secret("before");
  assertEquals(await prompts.secret({ message: "Token", kept }), kept);
  prompts.close();
});

const answers: [line: string, value: string | undefined, said: string][] = [
  ["2", "docker.io", "You chose Docker Hub."],
  ["GHCR.IO", "ghcr.io", "You chose ghcr.io."],
  ["hub", "docker.io", "You chose Docker Hub."],
  ["github", "ghcr.io", "You chose ghcr.io."],
  ["else", "", "You chose something else…"],
  ["5", undefined, "There is no 5 in the list."],
  ["quay", undefined, "Quay: it is not reachable."],
  ["o", undefined, "o can be ghcr.io, Docker Hub, something else…"],
];

for (const [line, value, said] of answers) {
  Deno.test(`select() takes ${line} for ${value ?? "no answer"}`, async () => {
    const [terminal, prompts] = open({ script: [[": ", `${line}\r`], ["Not accepted", "<\r"]] });
    const question = { message: "Registry", choices: REGISTRIES, back: true };
    if (value === undefined) await assertRejects(() => prompts.select(question), GoBack);
    else assertEquals(await prompts.select(question), value);
    assertStringIncludes(terminal.screen, said);
    prompts.close();
  });
}

for (const [name, line] of [["<", "<\r"], ["Ctrl-B", "\x02\r"]] as const) {
  Deno.test(`14: every question goes back at ${name}`, async () => {
    const [, prompts] = open({
      script: [["One: ", line], ["paste it: ", line], ["one: ", line], ["for no: ", line]],
    });
    const choices = [{ value: 1, label: "one" }];
    await assertRejects(() => prompts.input({ message: "One", back: true }), GoBack);
    await assertRejects(() => prompts.secret({ message: "Two", back: true }), GoBack);
    await assertRejects(() => prompts.select({ message: "Three", choices, back: true }), GoBack);
    await assertRejects(
      () => prompts.confirm({ message: "Four?", default: false, back: true }),
      GoBack,
    );
    prompts.close();
  });
}

Deno.test("15: confirm() is not answered by what was typed ahead", async () => {
  const [terminal, prompts] = open({ script: [["for no: ", "n\r"]] });
  terminal.type("y\r");
  assertEquals(await prompts.confirm({ message: "Write?", default: false }), false);
  prompts.close();
});

Deno.test("5: a signal ends a question, and what is said next has its own line", async () => {
  const [terminal, prompts] = open({ script: [["Name: ", (it) => it.send("SIGTERM")]] });
  await assertRejects(() => prompts.input({ message: "Name" }), Cancelled);
  prompts.note("Cancelled.");
  assertEquals(terminal.screen, "Name: \nCancelled.\n");
  prompts.close();
});

Deno.test("3: the end of input ends a question", async () => {
  const [terminal, prompts] = open({ script: [["Name: ", null]] });
  const { code } = await assertRejects(() => prompts.input({ message: "Name" }), RegauthError);
  assertEquals([code, terminal.screen], ["usage", "Name: \n"]);
  prompts.close();
});
