import { assertEquals } from "@std/assert";
import { environmentLines, foldCommand, twinCommand } from "../../lib/cli/setup_command.ts";
import { shellWord } from "../../lib/cli/given.ts";
import type { SetupState } from "../../lib/cli/setup_state.ts";
import { type Credential, Secret } from "../../lib/credential.ts";
import type { Target } from "../../lib/targets.ts";

const LOGIN: Credential = { username: "robot$p+x", password: new Secret("s3cret") };

function kept(id: Target["id"], host = "reg.example"): SetupState {
  return { host, texts: {}, target: { id, label: "", hint: "", plan: [] } };
}

const TWINS: readonly (readonly [SetupState, Credential, string | undefined])[] = [
  [
    kept("docker"),
    LOGIN,
    `printf %s "$SECRET" | docker login reg.example -u 'robot$p+x' --password-stdin`,
  ],
  [
    kept("helper", "index.docker.io"),
    LOGIN,
    `printf %s "$SECRET" | docker login -u 'robot$p+x' --password-stdin`,
  ],
  [
    kept("podman", "index.docker.io"),
    { ...LOGIN, username: "o'neil" },
    `printf %s "$SECRET" | podman login docker.io -u 'o'\\''neil' --password-stdin`,
  ],
  [kept("store"), LOGIN, undefined],
  [kept("docker"), { identityToken: new Secret("x") }, undefined],
];

for (const [state, credential, expected] of TWINS) {
  Deno.test(`19, 45: twinCommand() of ${state.target?.id} for ${state.host} never holds a secret`, () => {
    assertEquals(twinCommand(state, credential), expected);
  });
}

Deno.test("environmentLines() knows all kinds of credentials", () => {
  const kinds: [Credential, string][] = [
    [LOGIN, "PASSWORD"],
    [{ identityToken: new Secret("x") }, "IDENTITY_TOKEN"],
    [{ registryToken: new Secret("x") }, "REGISTRY_TOKEN"],
  ];
  for (const [credential, kind] of kinds) {
    assertEquals(
      environmentLines(
        { ...kept("env", "reg.example:5000"), secretOption: "--secret-stdin" },
        credential,
      )
        .at(-1),
      `export REGAUTH_REGISTRY_${kind}_REG_EXAMPLE_5000="$SECRET"`,
    );
  }
});

Deno.test("foldCommand() keeps options with their values, and quotes whole", () => {
  assertEquals(foldCommand("a --user 'x y z' | b -u c --flag --last", 20), [
    "a --user 'x y z' | \\",
    "  b -u c --flag \\",
    "  --last",
  ]);
  assertEquals(foldCommand("short", 20), ["short"]);
});

Deno.test("shellWord() quotes what a shell would read otherwise", () => {
  for (const word of ["a", "a/b:1", "~/k.json", "--x=y", "a@b"]) {
    assertEquals(shellWord(word), word);
  }
  assertEquals(shellWord("a b"), "'a b'");
  assertEquals(shellWord("$x"), "'$x'");
  assertEquals(shellWord("it's"), "'it'\\''s'");
  assertEquals(shellWord(""), "''");
});
