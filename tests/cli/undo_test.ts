import { assertEquals, assertStringIncludes } from "@std/assert";
import { DOCKER, regauth, saved } from "../fakes/setup_world.ts";

const BEFORE = saved("other.example", "me", "x");

async function loggedIn(stdin = "robot-secret") {
  return await regauth(["login", "reg.example", "-u", "robot", "--password-stdin"], {
    stdin,
    files: { [DOCKER]: BEFORE },
  });
}

Deno.test("34: undo puts back what login changed, and says what that was", async () => {
  const { io } = await loggedIn();
  const dry = await regauth(["undo", "--dry-run"], { io });
  assertEquals((await io.readText(DOCKER)) === BEFORE, false);
  assertStringIncludes(dry.stdout, "nothing was written".replace("n", "N"));
  const { code, stdout, stderr } = await regauth(["undo"], { io });
  assertEquals([code, await io.readText(DOCKER)], [0, BEFORE]);
  assertEquals(stdout, "Undone: login reg.example.\n");
  assertStringIncludes(stderr, '-   "reg.example": { "auth": "robot:‹secret›" }');
});

Deno.test("undo puts back what logout removed", async () => {
  const { io } = await loggedIn();
  const after = await io.readText(DOCKER);
  await regauth(["logout", "other.example"], { io });
  await regauth(["undo"], { io });
  assertEquals(await io.readText(DOCKER), after);
});

Deno.test("34: undo refuses where somebody changed the file since, and shows the difference", async () => {
  const { io } = await loggedIn();
  await io.writePrivate(DOCKER, "{}");
  const { code, stderr } = await regauth(["undo"], { io });
  assertEquals([code, await io.readText(DOCKER)], [1, "{}"]);
  assertStringIncludes(stderr, "was changed since");
  assertStringIncludes(stderr, '"other.example"');
});

Deno.test("undo has nothing to do on a fresh machine", async () => {
  const { code, stdout } = await regauth(["undo"]);
  assertEquals([code, stdout], [0, "There is nothing to undo.\n"]);
  const json = await regauth(["undo", "--json"]);
  assertEquals(JSON.parse(json.stdout), { undone: "", files: [], dryRun: false });
});

Deno.test("undo --json names the files", async () => {
  const { io } = await loggedIn();
  const { stdout, stderr } = await regauth(["undo", "--json"], { io });
  assertEquals(JSON.parse(stdout), {
    undone: "login reg.example",
    files: ["~/.docker/config.json"],
    dryRun: false,
  });
  assertEquals(stderr, "");
});

Deno.test("undo says that helpers keep no old secrets", async () => {
  const { io } = await regauth(["login", "reg.example", "-u", "robot", "--password-stdin"], {
    stdin: "robot-secret",
    env: { PATH: "/usr/bin" },
    files: { [DOCKER]: '{"credsStore":"x"}' },
    programs: { "/usr/bin/docker-credential-x": () => ({}) },
  });
  const { stderr } = await regauth(["undo"], { io });
  assertStringIncludes(stderr, "docker-credential-x keeps no old secrets");
});
