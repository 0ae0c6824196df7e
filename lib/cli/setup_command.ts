/**
 * Commands that do the same as a set-up: regauth's own, that of the tool, and the lines for a shell.
 *
 * @module
 */

import type { Credential } from "../credential.ts";
import { HUB_HOST } from "../reference.ts";
import { shellWord } from "./given.ts";
import { answersOf, nameOf, questionsOf, type SetupState } from "./setup_state.ts";

/**
 * The one-line command that gives the same files.
 *
 * @param state The answers.
 * @param options Options that were given and change what is written.
 * @returns The command; what is not answered stands in capitals.
 */
export function setupCommand(state: SetupState, options: readonly string[] = []): string {
  const { recipe, host, way, access, texts, repository, secretOption, target, realm } = state;
  const words = ["regauth", "setup", host === undefined ? "REGISTRY" : shellWord(nameOf(host))];
  const add = (id: string, value: string | undefined): void => {
    if (value) words.push(`--${id}`, shellWord(value));
  };
  if (recipe && host !== undefined && !recipe.owns(host)) add("kind", recipe.id);
  if (access === "push") add("access", access);
  add("method", way?.id);
  for (const question of questionsOf(state)) {
    const { id, kind, check } = question;
    if (kind === "secret") words.push(secretOption || "--secret-env NAME");
    else if (texts[id]) add(id, texts[id]);
    else if (kind === "file") words.push(secretOption || `--${id} FILE`);
    else if (check?.("", answersOf(state)).error !== undefined) words.push(`--${id} VALUE`);
  }
  add("repo", repository);
  add("trust-realm", realm);
  add("target", target?.id);
  words.push(...options, "--yes");
  if (target?.plaintext !== undefined) words.push("--allow-plaintext");
  return words.join(" ");
}

/**
 * The command of the container tool that saves the same login.
 *
 * @param state The answers.
 * @param credential What they led to.
 * @returns The command, or `undefined` if the tool has none.
 */
export function twinCommand(
  { host = "", target }: SetupState,
  { username, password }: Credential,
): string | undefined {
  if (username === undefined || !password) return undefined;
  const tool = { docker: "docker", helper: "docker", podman: "podman", store: "", env: "" };
  const name = target ? tool[target.id] : "";
  if (name === "") return undefined;
  const place = host !== HUB_HOST ? ` ${host}` : name === "podman" ? " docker.io" : "";
  const user = `'${username.replaceAll("'", "'\\''")}'`;
  return `printf %s "$SECRET" | ${name} login${place} -u ${user} --password-stdin`;
}

/**
 * Folds a command so that it fits a width, and can still be copied into a shell.
 *
 * @param command The command.
 * @param columns Columns of a line.
 * @returns Its lines; what is longer than a line stays whole.
 */
export function foldCommand(command: string, columns: number): readonly string[] {
  // An option and its value stay together.
  const parts = command.match(/(?:-\S+ (?![-|]))?(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line === undefined) lines.push(part);
    else if (`${line} ${part} \\`.length <= columns) lines[lines.length - 1] = `${line} ${part}`;
    else lines.push(`  ${part}`);
  }
  return lines.map((line, index) => index === lines.length - 1 ? line : `${line} \\`);
}

/**
 * The lines for a shell that set the variables of the environment keychain. The secret is not in
 * them: they read it from another variable.
 *
 * @param state The answers.
 * @param credential What they led to.
 * @returns The lines.
 */
export function environmentLines(
  { host = "", secretOption = "" }: SetupState,
  { username, identityToken, registryToken }: Credential,
): readonly string[] {
  const suffix = host.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
  const line = (name: string, value: string): string =>
    `export REGAUTH_REGISTRY_${name}_${suffix}=${value}`;
  const secret = `"$${/^--secret-env (\w+)$/.exec(secretOption)?.[1] ?? "SECRET"}"`;
  const kind = identityToken ? "IDENTITY_TOKEN" : registryToken ? "REGISTRY_TOKEN" : "PASSWORD";
  return [
    line("HOSTNAME", shellWord(nameOf(host))),
    ...(username === undefined ? [] : [line("USERNAME", shellWord(username))]),
    line(kind, secret),
  ];
}
