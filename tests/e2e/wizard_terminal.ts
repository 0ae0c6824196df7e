/**
 * The wizard in a real terminal, with a registry at the other end that answers under every name.
 *
 * @module
 */

import { join } from "@std/path";
import { fromSource, type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { connectProxy } from "../fakes/connect_proxy.ts";
import { type FakeRegistry, fakeRegistry } from "../fakes/registry.ts";
import { issue } from "../fakes/tls.ts";
import { openTmux, type Tmux, type TmuxEnd } from "./tmux.ts";
import type { Run, Size } from "./wizard_runs.ts";

/** Milliseconds in which a question must come. */
const PATIENCE = 20_000;
/** Milliseconds that are given to an answer which is not taken. */
const REFUSED = 2_000;

/** A wizard in a terminal; disposing of it ends everything. */
export interface WizardTerminal extends AsyncDisposable {
  readonly terminal: Tmux;
  readonly home: string;
  readonly registry?: FakeRegistry;
}

/** Hosts that the registry has a certificate for. */
const NAMES = [
  "ghcr.io",
  "registry-1.docker.io",
  "registry.gitlab.com",
  "quay.io",
  "acmeregistry.azurecr.io",
  "acme.jfrog.io",
  "harbor.internal",
  "reg.example",
  "us-docker.pkg.dev",
  "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
];

/** A world for one run, and the variables that lead there. */
export async function openWorld(
  run: Run,
  home: Sandbox,
  stack: AsyncDisposableStack,
): Promise<{ readonly env: Record<string, string>; readonly registry?: FakeRegistry }> {
  const bin = join(home.home, "bin");
  await Deno.mkdir(bin);
  await Deno.symlink("/bin/sh", join(bin, "sh"));
  for (const [name, script] of Object.entries(run.programs ?? {})) {
    await Deno.writeTextFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  for (const [name, text] of Object.entries(run.files ?? {})) {
    const path = join(home.home, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(path, text, { mode: 0o600 });
  }
  const env = {
    HOME: home.home,
    PATH: bin,
    XDG_RUNTIME_DIR: join(home.home, "run"),
    ...run.env,
  };
  if (run.registry === null) return { env: { ...env, HTTPS_PROXY: "http://127.0.0.1:9" } };
  const authority = await issue({ name: "test authority", authority: true });
  const { certificate, key } = await issue({ name: "registry", issuer: authority, names: NAMES });
  const tls = { cert: certificate, key };
  const registry = stack.use(await fakeRegistry({ ...run.registry, tls }));
  const { address } = stack.use(await connectProxy(undefined, registry.host));
  const ca = join(home.home, "ca.pem");
  await Deno.writeTextFile(ca, authority.certificate);
  return { registry, env: { ...env, HTTPS_PROXY: address.shown, DENO_CERT: ca } };
}

/** Starts a run. */
export async function openWizard(
  run: Run,
  [columns, rows]: Size,
  home?: Sandbox,
): Promise<WizardTerminal> {
  await using stack = new AsyncDisposableStack();
  const own = home ?? stack.use(await sandbox());
  const { env, registry } = await openWorld(run, own, stack);
  const [deno = "", verb = "", ...flags] = fromSource();
  // Deno would draw the progress of loading.
  const command = [deno, verb, "--quiet", ...flags, ...run.args];
  const terminal = stack.use(await openTmux({ columns, rows, command, env }));
  const moved = stack.move();
  return {
    terminal,
    home: own.home,
    ...(registry ? { registry } : {}),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** Does the steps of a run. */
export async function play(terminal: Tmux, steps: Run["steps"]): Promise<void> {
  for (const [seen, ...keys] of steps) {
    await seeQuestion(terminal, seen);
    const before = questionsOn(await terminal.screen());
    for (const key of keys) {
      if (key.startsWith("=")) await terminal.type(key.slice(1));
      else await terminal.press(key);
    }
    await seeAnswer(terminal, seen, before);
  }
}

/**
 * Waits until the question is answered, so that the keys for the next one, which may look the same,
 * do not come too early: what is typed before a question is dropped. An answer that is refused
 * leaves the question open; then a moment has to do.
 */
async function seeAnswer(terminal: Tmux, text: string, before: number): Promise<void> {
  const deadline = performance.now() + REFUSED;
  while (performance.now() < deadline) {
    const screen = await terminal.screen();
    if (!isOpen(screen, text) || questionsOn(screen) > before) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function questionsOn(screen: string): number {
  return screen.split("\n").filter((line) => line.startsWith("? ")).length;
}

/** Waits for a question that nobody has answered yet. */
export async function seeQuestion(terminal: Tmux, text: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const screen = await terminal.screen();
    if (isOpen(screen, text)) return;
    if (performance.now() > deadline) throw new Error(`"${text}" is not asked:\n${screen}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Below an open question there is nothing but its list and its hints. */
function isOpen(screen: string, text: string): boolean {
  const lines = screen.split("\n");
  const start = lines.findLastIndex((line) => /^\? |^\S.*:$|^Type or paste it:/.test(line));
  if (lines[start]?.startsWith("? ")) {
    // The question itself, without the list below it, which may hold the same words.
    const [question] = /^[^›]*›$/m.exec(lines.slice(start).join("\n")) ?? [];
    return question !== undefined &&
      (question.replaceAll("\n", "").includes(text) || (lines.at(-1) ?? "").includes(text));
  }
  // Plain lines: the prompt is the last one, and says what is asked or stands below it.
  const last = lines.slice(-16).join(" ");
  return /: ?$/.test(lines.at(-1) ?? "") && last.includes(text) &&
    !last.includes(`You chose ${text}`);
}

/** How a run ended. */
export interface Played {
  /** All that was on the screen, without what waits for the next program. */
  readonly history: string;
  readonly end: TmuxEnd;
  readonly registry?: FakeRegistry;
}

/** Does a whole run, and looks at the screen. */
export async function playToTheEnd(run: Run, size: Size): Promise<Played> {
  await using wizard = await openWizard(run, size);
  const { terminal, registry } = wizard;
  await play(terminal, run.steps);
  const end = await terminal.end();
  const history = `${(await terminal.history()).trim()}\n`;
  return { history, end, ...(registry ? { registry } : {}) };
}
