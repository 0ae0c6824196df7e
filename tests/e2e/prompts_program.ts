/**
 * Asks the questions that its arguments name, prints the answers as JSON on stdout, and leaves its
 * exit code in a file. Run in a real terminal by prompts_test.ts.
 *
 * @module
 */

import { Secret } from "../../lib/credential.ts";
import { denoIo, denoTerminal } from "../../lib/deno_io.ts";
import { messageOf } from "../../lib/errors.ts";
import { canAsk, Cancelled, GoBack, openPrompts, type Prompts } from "../../lib/cli/prompts.ts";

const REGISTRIES = [
  ["ghcr.io", "GitHub"],
  ["docker.io", "Docker Hub"],
  ["*.dkr.ecr.*.amazonaws.com", "Amazon Elastic Container Registry (private)"],
  ["public.ecr.aws", "Amazon ECR Public"],
  ["*.pkg.dev", "Google Artifact Registry"],
  ["*.azurecr.io", "Azure Container Registry"],
  ["registry.gitlab.com", "GitLab"],
  ["quay.io", "Red Hat Quay"],
  ["artifactory", "JFrog Artifactory"],
  ["harbor", "Harbor"],
  [
    "登録簿.example",
    "登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿登録簿",
  ],
  ["something else…", ""],
] as const;

/** Each is given the answer that was given before, if any. */
const QUESTIONS: Record<string, (prompts: Prompts, before: unknown) => unknown> = {
  registry: (prompts) =>
    prompts.select({
      message: "Registry",
      choices: REGISTRIES.map(([label, hint]) => ({ value: label, label, hint })),
      default: "ghcr.io",
      from: 'from git remote "origin"',
    }),
  method: (prompts, before) =>
    prompts.select({
      message: "Sign in with",
      default: before,
      choices: [
        { value: "token", label: "personal access token", hint: "classic" },
        { value: "robot", label: "robot account", disabled: "GitHub has none" },
        { value: "helper", label: "credential helper" },
        { value: "web", label: "web login", hint: "opens a browser" },
      ],
      back: true,
    }),
  user: (prompts, before = "octocat") =>
    prompts.input({
      message: "User name",
      default: String(before),
      from: "from GITHUB_ACTOR",
      help: "The name that you sign in with at https://github.com/settings/profile, " +
        "not your e-mail address. Organisations have no tokens of their own.",
      validate: (text) => text.includes(":") ? "A user name cannot hold a colon." : undefined,
      back: true,
    }),
  token: (prompts, before) =>
    prompts.secret({
      message: "Token",
      back: true,
      ...(before instanceof Secret ? { kept: before } : {}),
    }),
  write: (prompts) => prompts.confirm({ message: "Write this file?", default: false, back: true }),
  /** A check that takes until a line is typed elsewhere: ended by a signal or by a file. */
  wait: async (prompts) => {
    prompts.note("  checking the token");
    while (await io.readText(`${Deno.args[0]}`) === undefined) await io.sleep(20, prompts.signal);
    prompts.note(`  ${prompts.style.green(prompts.style.symbols.ok)} token accepted`);
  },
};

const terminal = denoTerminal();
const io = denoIo();
const able = canAsk(terminal, io, {});
if (!able.ask) {
  terminal.write("stderr", `cannot ask questions here (${able.why})\n`);
  terminal.exit(2);
}
const prompts = openPrompts(terminal, io);
const answers: unknown[] = [];
const steps = terminal.args.slice(1);
let exitCode = 0;
try {
  for (let step = 0; step < steps.length;) {
    try {
      answers[step] = await QUESTIONS[steps[step] ?? ""]?.(prompts, answers[step]);
      step++;
    } catch (thrown) {
      if (!(thrown instanceof GoBack)) throw thrown;
      step = Math.max(0, step - 1);
    }
  }
  const shown = answers.map((value) => value instanceof Secret ? value.reveal() : value);
  terminal.write("stdout", `${JSON.stringify(shown)}\n`);
} catch (thrown) {
  prompts.note(thrown instanceof Cancelled ? "Cancelled. Nothing was changed." : messageOf(thrown));
  exitCode = thrown instanceof Cancelled ? thrown.exitCode : 2;
} finally {
  prompts.close();
}
await io.writePrivate("exit", `${exitCode}`);
terminal.exit(exitCode);
