/**
 * `regauth doctor`: what is wrong with the set-up, and how to mend it.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { examine } from "../doctor.ts";
import type { Finding } from "../finding.ts";
import type { Call, CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { cleanText, type Style } from "./style.ts";
import { wrapText } from "./width.ts";

export const doctor: CommandSpec = {
  description: "Looks for known traps in the files of Docker, Podman and regauth, in variables, " +
    "helpers and certificates. No registry is asked. It ends with 1 if something does not work " +
    "or is unsafe.",
  options: [
    { flags: "--fix", description: "Mend what can be mended safely: modes, and Docker Hub's key." },
  ],
  examples: [
    ["What is wrong", "regauth doctor"],
    ["Mend it", "regauth doctor --fix"],
  ],
  async run(call) {
    const { io, signal, output, values, trace, keychains: { configDir } } = call;
    const options = configDir === undefined ? {} : { configDir };
    const found = await examine({ io, signal }, options);
    const fixed = new Set<Finding>();
    if (values.flag("fix")) {
      const recording = recordChanges(io, "doctor --fix", trace);
      for (const finding of found) {
        if (!finding.fix) continue;
        await finding.fix(recording.io);
        fixed.add(finding);
      }
    }
    if (output.json) {
      for (const finding of found) output.document(documentOf(finding, fixed.has(finding)));
    } else show(call, found, fixed);
    const left = found.filter((finding) => !fixed.has(finding));
    return left.some(({ severity }) => severity !== "note") ? Exit.failed : Exit.done;
  },
};

function documentOf(
  { name, severity, subject, message, command }: Finding,
  fixed: boolean,
): unknown {
  return { name, severity, subject, message, command, fixed };
}

function show(
  { output: { result, style }, terminal }: Call,
  found: readonly Finding[],
  fixed: ReadonlySet<Finding>,
): void {
  if (found.length === 0) return result(`${style.green(style.symbols.ok)} Nothing is wrong.`);
  const columns = Math.min(terminal.columns() ?? 100, 100);
  for (const finding of found) {
    const { name, message, command } = finding;
    const isFixed = fixed.has(finding);
    result(`${markOf(finding, isFixed, style)} ${style.bold(name)}`);
    for (const line of wrapText(`${cleanText(message, 1_000)}.`, columns - 4)) {
      result(`    ${line}`);
    }
    result(isFixed ? "    Mended." : `    ${style.dim("Run:")} ${cleanText(command, 500)}`);
  }
}

function markOf({ severity }: Finding, isFixed: boolean, style: Style): string {
  if (isFixed) return style.green(style.symbols.ok);
  if (severity === "error") return style.red(style.symbols.fail);
  return severity === "warning" ? style.yellow(style.symbols.warn) : style.dim(style.symbols.dot);
}
