/**
 * `regauth explain`: what every keychain says, and why. Never a secret.
 *
 * @module
 */

import type { Step } from "../chain.ts";
import { credentialKind } from "../credential.ts";
import { messageOf, RegauthError } from "../errors.ts";
import { type Explanation, openResolver } from "../resolve.ts";
import type { CommandSpec } from "./command.ts";
import { Exit, exitCodeOf } from "./exit.ts";
import type { Output } from "./output.ts";
import { cleanText } from "./style.ts";

export const explainCommand: CommandSpec = {
  description: "Keychains are shown in the order in which they are asked; secrets are not shown.",
  arguments: "<image...:string>",
  examples: [
    ["Why this credential?", "regauth explain ghcr.io/acme/app"],
    ["As imgpkg or kaniko would ask", "regauth explain --order kaniko reg.example/app"],
  ],
  async run({ args, io, signal, trace, keychains, output }) {
    const resolver = await openResolver({ ...keychains, io, signal, ...(trace ? { trace } : {}) });
    const all: Explanation[] = [];
    for (const image of args) {
      all.push(await resolver.explain(image));
      signal.throwIfAborted();
    }
    for (const explanation of all) {
      if (output.json) output.document(documentOf(explanation));
      else show(output, explanation);
    }
    return all.map(exitCodeFor).find((code) => code !== Exit.done) ?? Exit.done;
  },
};

function exitCodeFor({ kind, steps }: Explanation): number {
  const failed = steps.find(({ outcome }) => outcome === "failed");
  if (failed) return exitCodeOf(failed.error);
  return kind === "none" ? Exit.noCredential : Exit.done;
}

function documentOf({ target, registry, repository, kind, steps }: Explanation): unknown {
  return {
    target,
    registry,
    repository: repository ?? "",
    kind,
    steps: steps.map(({ credential, error, milliseconds, ...step }) => ({
      ...step,
      milliseconds: Math.round(milliseconds * 10) / 10,
      kind: credentialKind(credential),
      username: credential?.username ?? "",
      detail: credential?.detail ?? "",
      error: error === undefined ? null : {
        code: error instanceof RegauthError ? error.code : "",
        message: messageOf(error),
        hint: error instanceof RegauthError ? error.hint ?? "" : "",
      },
    })),
  };
}

function show({ result, style }: Output, explanation: Explanation): void {
  const { target, registry, repository, steps } = explanation;
  const asked = steps.filter(({ outcome }) => outcome !== "skipped");
  result(style.bold(cleanText(target)));
  result(style.dim(`  asked for ${registry}${repository === undefined ? "" : `/${repository}`}`));
  const width = Math.max(...asked.map(({ keychain }) => keychain.length));
  for (const [index, step] of asked.entries()) {
    const number = `${index + 1}`.padStart(`${asked.length}`.length);
    const time = style.dim(`  ${step.milliseconds.toFixed(1)} ms`);
    result(`  ${number}  ${step.keychain.padEnd(width)}  ${outcomeOf(step, style)}${time}`);
    const indent = " ".repeat(number.length + width + 6);
    for (const line of linesOf(step)) result(`${indent}${style.dim(line)}`);
  }
  const skipped = steps.filter(({ outcome }) => outcome === "skipped");
  for (const [reason, alike] of Map.groupBy(skipped, ({ reasons }) => reasons.join("; "))) {
    const names = alike.map(({ keychain }) => keychain).join(", ");
    result(`  ${style.dim(`${names}: skipped, ${cleanText(reason)}`)}`);
  }
  result(`  ${style.bold(verdictOf(explanation))}`);
}

function outcomeOf({ outcome }: Step, { green, red, dim }: Output["style"]): string {
  const text = outcome.padEnd(7);
  if (outcome === "matched") return green(text);
  return outcome === "failed" ? red(text) : dim(text);
}

function linesOf({ reasons, credential, error }: Step): readonly string[] {
  const lines = reasons.map((reason) => cleanText(reason, 500));
  if (credential) {
    lines.push(
      [
        credentialKind(credential),
        credential.username && `user ${cleanText(credential.username, 80)}`,
        (credential.password ?? credential.identityToken ?? credential.registryToken) &&
        "secret [redacted]",
      ].filter(Boolean).join(", "),
    );
    if (credential.detail) lines.push(`from ${cleanText(credential.detail)}`);
  }
  if (error !== undefined) lines.push(cleanText(messageOf(error), 500));
  if (error instanceof RegauthError && error.hint) lines.push(cleanText(error.hint, 500));
  return lines;
}

function verdictOf({ kind, steps }: Explanation): string {
  const failed = steps.find(({ outcome }) => outcome === "failed");
  if (failed) return `The search ended at "${failed.keychain}", which failed.`;
  const matched = steps.find(({ outcome }) => outcome === "matched");
  if (!matched) return "No keychain knows this target; requests go without a credential.";
  if (kind === "anonymous") return `"${matched.keychain}" says: go without a credential.`;
  return `The credential of "${matched.keychain}" is used.`;
}
