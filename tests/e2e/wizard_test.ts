import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fromSource, sandbox } from "../../scripts/sandbox.ts";
import { peerTest } from "./peers.ts";
import { type Run, RUNS, SCREENS, TROUBLES } from "./wizard_runs.ts";
import { openWizard, openWorld, play, playToTheEnd, seeQuestion } from "./wizard_terminal.ts";

const FOLDER = new URL("../data/screens/", import.meta.url);

function test(name: string, fn: () => Promise<void>): void {
  peerTest(`wizard: ${name}`, ["tmux", "stty"], fn);
}

function runOf(name: string): Run {
  const run = [...RUNS, ...TROUBLES].find((run) => run.name === name);
  if (!run) throw new Error(`there is no run ${name}`);
  return run;
}

for (const { run, size, file } of SCREENS) {
  test(`the screen of ${file}`, async () => {
    const { history, end, registry } = await playToTheEnd(run, size);
    assertEquals(history, await Deno.readTextFile(new URL(file, FOLDER)));
    assertEquals([end.code, end.echo, end.lines, end.cursorShown], [
      run.code ?? 0,
      true,
      true,
      true,
    ]);
    assertStringIncludes(history.replaceAll(/\s+/g, " "), run.last);
    const proof = run.registry?.auth === "basic" ? "Basic" : "Bearer";
    const users = new Set(
      registry?.requests.flatMap(({ user, scheme }) => user && scheme === proof ? [user] : []),
    );
    assertEquals([...users], run.user === undefined ? [] : [run.user]);
  });
}

/** What is in a folder, with the texts. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isFile) found[path] = await Deno.readTextFile(path);
    if (isDirectory && name !== "bin") Object.assign(found, await filesIn(path));
  }
  return found;
}

const GHCR = runOf("ghcr");
const ENDS = [["C-c", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

for (const [index, [question]] of GHCR.steps.entries()) {
  for (const [how, code] of index === 3 ? ENDS : ENDS.slice(0, 1)) {
    test(`5: ${how} at "${question}" restores the terminal and changes no file`, async () => {
      await using home = await sandbox();
      await using wizard = await openWizard(GHCR, [80, 24], home);
      const { terminal } = wizard;
      await play(terminal, GHCR.steps.slice(0, index));
      await seeQuestion(terminal, question);
      const before = await filesIn(home.home);
      if (how === "C-c") await terminal.press(how);
      else await terminal.signal(how);
      const end = await terminal.end();
      assertEquals([end.code, end.echo, end.lines, end.cursorShown], [code, true, true, true]);
      assertStringIncludes(await terminal.screen(), "Cancelled. Nothing was changed.");
      assertEquals(await filesIn(home.home), before);
    });
  }
}

test("11, 12: the command that is printed at the end gives the same file, and writes it once", async () => {
  const secret = GHCR.steps[3]?.[1]?.slice(1) ?? "";
  const files: string[] = [];
  let command: string[] = [];
  for (const isFirst of [true, false]) {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await sandbox(fromSource()));
    const config = join(home.home, ".docker", "config.json");
    if (isFirst) {
      const wizard = stack.use(await openWizard(GHCR, [80, 24], home));
      await play(wizard.terminal, GHCR.steps);
      assertEquals((await wizard.terminal.end()).code, 0);
      const shown = await wizard.terminal.history();
      const again = /^ {2}Again +((?:.*\\\n)*.*)$/m.exec(shown)?.[1] ?? "";
      command = again.replaceAll(/\s*\\\n\s*/g, " ").split(" ").slice(1);
      files.push(await Deno.readTextFile(config));
      await Deno.remove(join(home.home, "bin"), { recursive: true });
    }
    const { env } = await openWorld(GHCR, home, stack);
    if (!isFirst) {
      const { code } = await home.run(command, { env, stdin: secret });
      assertEquals(code, 0);
      files.push(await Deno.readTextFile(config));
    }
    const { mtime } = await Deno.stat(config);
    const { code, stdout } = await home.run(command, { env, stdin: secret });
    assertEquals(code, 0);
    assertMatch(stdout, /already up to date/);
    assertEquals((await Deno.stat(config)).mtime, mtime);
  }
  assertEquals(files[0], files[1]);
});

test("16: the secret is nowhere but in the file that it was saved in", async () => {
  const secret = GHCR.steps[3]?.[1]?.slice(1) ?? "";
  await using home = await sandbox();
  await using wizard = await openWizard(GHCR, [80, 24], home);
  const { terminal } = wizard;
  await play(terminal, GHCR.steps);
  const { output } = await terminal.end();
  const forms = [secret, encodeURIComponent(secret), btoa(`octocat:${secret}`)];
  const config = join(home.home, ".docker", "config.json");
  for (const [path, text] of Object.entries({ ...await filesIn(home.home), screen: output })) {
    assertEquals([path, forms.some((form) => text.includes(form))], [path, path === config]);
  }
});

test("8, 20: nothing is drawn over in plain lines, and no colour with NO_COLOR", async () => {
  const plain = await playToTheEnd(runOf("plain"), [80, 24]);
  // deno-lint-ignore no-control-regex
  assertEquals(/\x1b/.test(plain.end.output), false);
  const colourless = { ...GHCR, env: { ...GHCR.env, NO_COLOR: "1" } };
  const { end, history } = await playToTheEnd(colourless, [80, 24]);
  // deno-lint-ignore no-control-regex
  assertEquals(/\x1b\[[\d;]*m/.test(end.output), false);
  assertEquals(history, await Deno.readTextFile(new URL("ghcr-80x24.txt", FOLDER)));
});

test("14: going back from each question, and forward with Enter, gives the same screen", async () => {
  for (const [index, [question]] of GHCR.steps.entries()) {
    // From the first one there is no way back, and a secret is not typed again.
    if (index === 0) continue;
    await using wizard = await openWizard(GHCR, [80, 24]);
    const { terminal } = wizard;
    await play(terminal, GHCR.steps.slice(0, index));
    await seeQuestion(terminal, question);
    await terminal.press("Escape");
    const [before = ""] = GHCR.steps[index - 1] ?? [];
    await play(terminal, [[before === "type to filter" ? "Registry" : before, "Enter"]]);
    await play(terminal, GHCR.steps.slice(index));
    const { code } = await terminal.end();
    const history = (await terminal.history()).trim();
    const end = (text: string): string => text.slice(text.lastIndexOf("Save it")).trim();
    const golden = await Deno.readTextFile(new URL("ghcr-80x24.txt", FOLDER));
    assertEquals([code, end(history)], [0, end(golden)]);
  }
});
