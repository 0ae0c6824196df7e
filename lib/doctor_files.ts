/**
 * Traps in the files of Docker and Podman.
 *
 * @module
 */

import { authFiles, dockercfgPath, dockerConfigPath } from "./auth_files.ts";
import { decodeEntry } from "./auth_entry.ts";
import { beside } from "./config_file.ts";
import type { Credential } from "./credential.ts";
import { type DockerConfig, parseDockerConfig } from "./docker_config.ts";
import { hostOfKey, isBrowserLoginKey } from "./docker_keys.ts";
import { messageOf } from "./errors.ts";
import { type Finding, shellWord } from "./finding.ts";
import type { Context } from "./io.ts";
import { isJsonObject } from "./json_object.ts";
import { printable } from "./printable.ts";
import { normalizeHost } from "./reference.ts";
import { shortPath } from "./short_path.ts";

/** Which files are looked at. */
export interface DoctorOptions {
  /** Folder of Docker's `config.json`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
}

/** A file of Docker or Podman that can be read. */
export interface ExaminedFile {
  /** Its path. */
  readonly path: string;
  /** Whether it is Docker's `config.json`. */
  readonly isDocker: boolean;
  /** What it says. */
  readonly config: DockerConfig;
  /** The credentials in it, by key. */
  readonly credentials: ReadonlyMap<string, Credential>;
}

/** The files, and what is wrong with them as files. */
export interface ExaminedFiles {
  /** Those that can be read, Docker's first. */
  readonly files: readonly ExaminedFile[];
  /** What is wrong. */
  readonly findings: readonly Finding[];
}

/**
 * Reads the files of Docker and Podman.
 *
 * @param context The outside world.
 * @param options Which files.
 * @returns The files, and those that cannot be read as findings.
 */
export async function examineFiles(
  context: Context,
  options: DoctorOptions,
): Promise<ExaminedFiles> {
  const { io } = context;
  const docker = dockerConfigPath(io, options.configDir);
  const named = io.env("REGISTRY_AUTH_FILE") || undefined;
  const paths = new Set([docker, named, ...authFiles(io), dockercfgPath(io)]);
  const files: ExaminedFile[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    if (path === undefined) continue;
    const found = await examineFile(context, path, path === docker);
    if (found.file) files.push(found.file);
    findings.push(...found.findings);
  }
  if (docker !== undefined) findings.push(...await leftovers(context, docker));
  return { files, findings };
}

interface Found {
  readonly file?: ExaminedFile;
  readonly findings: readonly Finding[];
}

async function examineFile({ io }: Context, path: string, isDocker: boolean): Promise<Found> {
  const word = shellWord(shortPath(io, path));
  const place = { severity: "error", subject: path } as const;
  let text: string | undefined;
  try {
    text = await io.readText(path);
  } catch (error) {
    const command = `sudo chown "$USER" ${word}`;
    const message = messageOf(error);
    return { findings: [{ ...place, name: "unreadable-file", message, command }] };
  }
  if (text === undefined) return { findings: [] };
  const foreign = isDocker ? foreignServer(text) : undefined;
  if (foreign !== undefined) {
    const command = foreign === "" ? `mv ${word} ${word}.other` : `regauth login ${foreign}`;
    const message = `"${path}" holds the answer of another program, not the config of Docker: ` +
      "whoever wrote it there overwrote all logins";
    return { findings: [{ ...place, name: "foreign-file", message, command }] };
  }
  const legacy = /[.]dockercfg$/.test(path);
  const style = isDocker ? "pathScoped" : "containers";
  let config: DockerConfig;
  try {
    config = await parseDockerConfig(text, path, { style, legacy });
  } catch (error) {
    const command = `mv ${word} ${word}.broken`;
    const message = `${messageOf(error)}; Docker would overwrite it at the next login`;
    return { findings: [{ ...place, name: "broken-file", message, command }] };
  }
  return await examineEntries({ io }, { path, isDocker, config });
}

async function examineEntries(
  { io }: Context,
  { path, isDocker, config }: Omit<ExaminedFile, "credentials">,
): Promise<Found> {
  const credentials = new Map<string, Credential>();
  const findings: Finding[] = [];
  for (const [key, value] of Object.entries(config.auths)) {
    if (isBrowserLoginKey(key)) continue;
    try {
      const credential = decodeEntry(value, { path, key }, isDocker ? "docker" : "containers");
      if (credential) credentials.set(key, credential);
    } catch (error) {
      const harm = isDocker ? "; Docker rejects the whole file for it" : "";
      findings.push({
        name: "broken-entry",
        severity: "error",
        subject: printable(key),
        message: messageOf(error) + harm,
        command: `regauth login ${shellWord(normalizeHost(hostOfKey(key)))}`,
      });
    }
  }
  const mode = (await io.stat(path))?.mode ?? 0;
  if (credentials.size > 0 && (mode & 0o077) !== 0) {
    findings.push({
      name: "open-file",
      severity: "warning",
      subject: path,
      message: `"${path}" holds secrets, and other users may open it (mode ${
        (mode & 0o777).toString(8)
      })`,
      command: `chmod 600 ${shellWord(shortPath(io, path))}`,
      fix: (io) => io.restrict(path),
    });
  }
  return { file: { path, isDocker, config, credentials }, findings };
}

/** The registry of an answer of `az acr login --expose-token` and its like; empty if it names none. */
function foreignServer(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const names = Object.keys(value).map((name) => name.toLowerCase());
  const isConfig = ["auths", "credsstore", "credhelpers"].some((name) => names.includes(name));
  const isToken = ["accesstoken", "access_token", "refreshtoken", "refresh_token", "token"]
    .some((name) => names.includes(name));
  if (isConfig || !isToken) return undefined;
  const { loginServer } = value;
  return typeof loginServer === "string" ? shellWord(normalizeHost(loginServer)) : "";
}

/** Docker writes beside its config and renames; a killed one leaves a file with all secrets. */
async function leftovers({ io }: Context, docker: string): Promise<readonly Finding[]> {
  const folder = beside(io, docker, "");
  const names = await io.list(folder || ".").catch(() => []);
  return names.filter((name) => /^(?:\.tmp-)?config\.json\d+$/.test(name)).map((name) => {
    const path = `${folder}${name}`;
    return {
      name: "leftover",
      severity: "warning",
      subject: path,
      message: `A login that was killed left "${path}", with the secrets of that time`,
      command: `rm ${shellWord(shortPath(io, path))}`,
    };
  });
}
