import { assertEquals, assertStringIncludes } from "@std/assert";
import { stripStyles } from "../../lib/cli/width.ts";
import { DOCKER, regauth, saved } from "../fakes/setup_world.ts";

const MENU = "What would you like to do";
const FILES = {
  [DOCKER]: JSON.stringify({
    auths: {
      "reg.example": { auth: btoa("robot:robot-secret") },
      "old.example": { auth: btoa("robot:old") },
      "broken.example": { auth: "!" },
    },
  }),
};

Deno.test("regauth alone in a terminal opens a menu, and Escape leads back to it", async () => {
  const { code, terminal } = await regauth([], {
    script: [
      [MENU, "1\r"],
      ["Registry", "\x1b"],
      [MENU, "3\r"],
      ["Image", "\x1b"],
      [MENU, "\x1b[F\r"],
    ],
  });
  assertEquals([code, terminal.remaining], [0, 0]);
});

Deno.test("the menu offers only what there is to do", async () => {
  const { stderr } = await regauth([], { script: [[MENU, "\x03"]] });
  assertEquals(stderr.includes("Undo the last change"), false);
});

Deno.test("the menu ends at Ctrl-C with 130 and one line", async () => {
  const { code, stderr } = await regauth([], { script: [[MENU, "\x03"]] });
  assertEquals(code, 130);
  assertStringIncludes(stderr, "Cancelled. Nothing was changed.");
});

Deno.test("the menu shows every credential beside what its registry says of it", async () => {
  const { stdout, terminal } = await regauth([], {
    files: FILES,
    env: { REGAUTH_REGISTRY_HOSTNAME: "*.glob.example", REGAUTH_REGISTRY_USERNAME: "me" },
    script: [[MENU, "2\r"], ["› Check", () => {}], [MENU, "\x1b[F\r"]],
  });
  assertEquals(terminal.remaining, 0);
  const text = stripStyles(stdout);
  assertStringIncludes(text, "  ✓ reg.example  robot\n    accepted\n");
  assertStringIncludes(text, "  ✗ old.example  robot\n    old.example does not accept");
  assertStringIncludes(text, "  · *.glob.example  me\n    for many registries, so not tried");
  assertStringIncludes(text, "  ✗ broken.example\n");
});

Deno.test("the menu says so where nothing is known", async () => {
  const { stdout } = await regauth([], {
    script: [[MENU, "2\r"], ["› Check", () => {}], [MENU, "\x1b[F\r"]],
  });
  assertEquals(stdout, "No credentials are known on this machine.\n");
});

Deno.test("the menu explains an image and checks it", async () => {
  const { stdout, terminal } = await regauth([], {
    files: FILES,
    script: [
      [MENU, "3\r"],
      ["Image", "reg.example/team/hello:1\r"],
      ["What fails", "\r"],
      [MENU, "\x1b[F\r"],
    ],
  });
  assertEquals(terminal.remaining, 0);
  const text = stripStyles(stdout);
  assertStringIncludes(text, 'The credential of "docker" is used.');
  assertStringIncludes(text, "pull        allowed");
});

Deno.test("the menu undoes the last change, after showing it", async () => {
  const before = saved("other.example", "me", "x");
  const { io } = await regauth(["login", "reg.example", "-u", "robot", "--password-stdin"], {
    stdin: "robot-secret",
    files: { [DOCKER]: before },
  });
  const no = await regauth([], {
    io,
    script: [[MENU, "5\r"], ["Undo it?", "n\r"], [MENU, "\x1b[F\r"]],
  });
  assertEquals(no.terminal.remaining, 0);
  const yes = await regauth([], { io, script: [[MENU, "5\r"], ["Undo it?", "\r"]] });
  assertEquals([yes.code, await io.readText(DOCKER)], [0, before]);
});

Deno.test("the menu shows what is wrong, and mends what can be mended safely", async () => {
  const { terminal, io } = await regauth([], {
    files: { [DOCKER]: saved("docker.io", "me", "x") },
    script: [[MENU, "4\r"], ["Mend what", "\r"], ["› y", () => {}], [MENU, "\x1b[F\r"]],
  });
  assertEquals(terminal.remaining, 0);
  assertStringIncludes(await io.readText(DOCKER) ?? "", "https://index.docker.io/v1/");
});

Deno.test("the menu has nothing to mend where nothing is wrong", async () => {
  const { stdout, terminal } = await regauth([], {
    script: [[MENU, "4\r"], ["› Repair", () => {}], [MENU, "\x1b[F\r"]],
  });
  assertEquals([stripStyles(stdout), terminal.remaining], ["✓ Nothing is wrong.\n", 0]);
});

Deno.test("the menu removes a credential, after showing it", async () => {
  const { code, io, stderr } = await regauth([], {
    files: { [DOCKER]: saved("reg.example", "robot", "x") },
    script: [[MENU, "5\r"], ["Which one", "\r"], ["Remove it?", "y\r"]],
  });
  assertEquals([code, await io.readText(DOCKER)], [0, '{"auths":{}}']);
  assertStringIncludes(stripStyles(stderr), '-   "reg.example": { "auth": "robot:‹secret›" }');
});

Deno.test("the menu has nothing to remove where nothing is saved", async () => {
  const { terminal } = await regauth([], {
    script: [[MENU, "5\r"], ["No credentials are saved", () => {}], [MENU, "\x1b[F\r"]],
  });
  assertEquals(terminal.remaining, 0);
});

Deno.test("the menu sets up a registry, and ends", async () => {
  const { code, stdout } = await regauth([], {
    script: [
      [MENU, "1\r"],
      ["Registry", "another\r"],
      ["Host", "reg.example\r"],
      ["Kind of registry", "\r"],
      ["What for", "\r"],
      ["How it is reached", "\r"],
      ["CA file", "\r"],
      ["User name", "robot\r"],
      ["hidden", "robot-secret\r"],
      ["Repository", "\r"],
      ["Keep it in", "\r"],
      ["Save it", "1\r"],
    ],
  });
  assertEquals(code, 0);
  assertStringIncludes(stripStyles(stdout), "reg.example is set up for robot");
});
