/**
 * Traps among the sources: variables and files that hide one another, regauth's own file, and
 * certificates.
 *
 * @module
 */

import { certificateFiles, certificateRoots } from "./certs_d.ts";
import { loadConfig, type RegauthConfig } from "./config_file.ts";
import { AUTH_CONFIG, parseAuthConfig } from "./docker_auth_env.ts";
import { findHelper } from "./docker_lookup.ts";
import { hostOfKey } from "./docker_keys.ts";
import type { ExaminedFile } from "./doctor_files.ts";
import { readEnvSets } from "./env_keychain.ts";
import { messageOf, RegauthError } from "./errors.ts";
import { type Finding, shellWord } from "./finding.ts";
import { type Context, type Io, joinPath } from "./io.ts";
import { patternIndex } from "./match.ts";
import { printable } from "./printable.ts";
import { normalizeHost } from "./reference.ts";

/**
 * Looks which credential hides which.
 *
 * @param context The outside world.
 * @param files The files of Docker and Podman.
 * @returns What is wrong.
 */
export function examineSources(
  { io }: Context,
  files: readonly ExaminedFile[],
): readonly Finding[] {
  const findings: Finding[] = [];
  const hidden = (host: string, where: string, by: string): void =>
    void findings.push({
      name: "shadowed",
      severity: "note",
      subject: host,
      message: `The credential of "${host}" in ${where} is not used: ${by} comes first`,
      command: `regauth explain ${shellWord(host)}`,
    });
  const first = variables(io, findings);
  const docker = files.find(({ isDocker }) => isDocker);
  for (const { path, isDocker, credentials } of files) {
    for (const key of credentials.keys()) {
      const host = printable(normalizeHost(hostOfKey(key)));
      const by = first(host, key);
      if (by !== undefined) hidden(host, path, by);
      else if (!isDocker && docker && !knows(docker, host)) {
        findings.push({
          name: "podman-only",
          severity: "note",
          subject: printable(key),
          message: `Podman knows "${printable(key)}" by ${path}; Docker and what follows it do not`,
          command: `regauth login ${shellWord(host)}`,
        });
      }
    }
  }
  return findings;
}

/** Which variable answers for a host before any file does. */
function variables(
  io: Io,
  findings: Finding[],
): (host: string, key: string) => string | undefined {
  const broken = (variable: string, error: unknown): void =>
    void findings.push({
      name: "environment",
      severity: "error",
      subject: variable,
      message: messageOf(error),
      command: `unset ${shellWord(variable)}`,
    });
  let sets: ReturnType<typeof readEnvSets>["sets"] = [];
  try {
    ({ sets } = readEnvSets(io));
  } catch (error) {
    broken(error instanceof RegauthError ? error.subject ?? "" : "", error);
  }
  let entries: ReadonlyMap<string, unknown> = new Map();
  try {
    entries = parseAuthConfig(io.env(AUTH_CONFIG) || "{}");
  } catch (error) {
    broken(AUTH_CONFIG, error);
  }
  const index = patternIndex(sets.map(({ pattern, variable }) => [pattern, variable]));
  return (host, key) => index.first(host) ?? (entries.has(key) ? AUTH_CONFIG : undefined);
}

function knows({ config, credentials }: ExaminedFile, host: string): boolean {
  return findHelper(config, { registry: host }) !== undefined ||
    [...credentials.keys()].some((key) => normalizeHost(hostOfKey(key)) === host);
}

/**
 * Looks at regauth's own file: whether it is right, and what it leaves unchecked.
 *
 * @param context The outside world.
 * @returns What is wrong.
 */
export async function examineOwnFile({ io }: Context): Promise<readonly Finding[]> {
  let config: RegauthConfig;
  try {
    config = await loadConfig(io);
  } catch (error) {
    const subject = error instanceof RegauthError ? error.subject ?? "" : "";
    const message = `${messageOf(error)}; until it is right, nothing of it counts`;
    const command = "regauth config edit";
    return [{ name: "own-file", severity: "error", subject, message, command }];
  }
  const findings: Finding[] = [];
  for (const { pattern, insecure, skipVerify, ca, clientCert, clientKey } of config.settings) {
    const subject = printable(pattern);
    if (insecure || skipVerify) {
      const names = [...(insecure ? ["insecure"] : []), ...(skipVerify ? ["skipVerify"] : [])];
      const how = skipVerify ? "any certificate is accepted" : "plain HTTP is allowed";
      findings.push({
        name: "insecure",
        severity: "warning",
        subject,
        message: `For "${subject}" ${how}: whoever is on the way can take the credential`,
        command: `regauth config unset ${shellWord(pattern)} ${names.join(" ")}`,
      });
    }
    for (const [name, path] of Object.entries({ ca, clientCert, clientKey })) {
      if (path === undefined || await io.stat(path).catch(() => undefined)) continue;
      findings.push({
        name: "certificate",
        severity: "error",
        subject: path,
        message: `"${path}" does not exist, which is the ${name} of "${subject}"`,
        command: `regauth config set ${shellWord(pattern)} ${name}=FILE`,
      });
    }
  }
  return findings;
}

/**
 * Looks at the folders of certificates: for names that no tool reads, and keys without certificate.
 *
 * @param context The outside world.
 * @returns What is wrong.
 */
export async function examineCertificates({ io }: Context): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { path: root, tool } of certificateRoots(io)) {
    if (tool === "containerd") continue;
    for (const host of await io.list(root).catch(() => [])) {
      const folder = joinPath(io, root, host, "");
      const names = await io.list(folder).catch(() => []);
      const pem = names.find((name) => name.endsWith(".pem"));
      if (pem !== undefined && !names.some((name) => name.endsWith(".crt"))) {
        const [from, to] = [pem, pem.replace(/pem$/, "crt")].map((name) =>
          shellWord(`${folder}${name}`)
        );
        const message = `"${folder}${pem}" is not read: a certificate to trust must end in .crt`;
        const command = `mv ${from} ${to}`;
        findings.push({ name: "certificate", severity: "error", subject: host, message, command });
      }
      try {
        certificateFiles(folder, names, tool);
      } catch (error) {
        findings.push({
          name: "certificate",
          severity: "error",
          subject: host,
          message: messageOf(error),
          command: `ls -l ${shellWord(folder)}`,
        });
      }
    }
  }
  return findings;
}
