/**
 * What a plan would change, before it does: the difference in each file, with every secret hidden,
 * and the world as it would be.
 *
 * @example
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { previewPlan } from "./plan_preview.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo();
 * const credential = { username: "robot", password: new Secret("s3cret") };
 * const { files } = await previewPlan({ io }, [
 *   { kind: "entry", path: "/c.json", key: "reg.example", credential, style: "docker" },
 * ]);
 * assertEquals(files[0]?.lines.map(({ mark, text }) => mark + text), [
 *   '+"auths": {',
 *   '+  "reg.example": { "auth": "robot:‹secret, 6 characters›" }',
 *   "+}",
 * ]);
 * assertEquals(io.writes, []);
 * ```
 *
 * @module
 */

import { decodeEntry } from "./auth_entry.ts";
import { configPath } from "./config_path.ts";
import { type Credential, IDENTITY_TOKEN_USER, type Secret } from "./credential.ts";
import { readDockerConfig } from "./docker_config.ts";
import type { DockerStoreOptions } from "./docker_store.ts";
import type { Context, Io } from "./io.ts";
import { type DiffLine, type JsonChange, jsonChanges, jsonDiff } from "./json_diff.ts";
import { type JsonValue, parseJson, valueOf } from "./json_tree.ts";
import { type HelperWrite, overlayIo } from "./overlay_io.ts";
import { applyPlan, type Change } from "./plan.ts";
import { credentialStore } from "./store.ts";

/** What would change in a file. */
export interface FilePreview {
  /** The file. */
  readonly path: string;
  /** Whether it does not exist yet. */
  readonly isNew: boolean;
  /** The lines that differ, with some around them. */
  readonly lines: readonly DiffLine[];
  /** The members that differ. */
  readonly changes: readonly JsonChange[];
}

/** What would change in a credential helper. */
export interface HelperPreview {
  /** Name of the program. */
  readonly program: string;
  /** What the secret is for. */
  readonly server: string;
  /** What happens to it. */
  readonly action: JsonChange["action"];
  /** The account that it is for, or was. */
  readonly username: string;
  /** Characters of the new secret. */
  readonly length: number;
}

/** What a plan would change. */
export interface Preview {
  /** The files that would differ. */
  readonly files: readonly FilePreview[];
  /** The helpers that would differ. */
  readonly helpers: readonly HelperPreview[];
  /** Users whose credentials would be replaced. */
  readonly replaced: readonly string[];
  /** The world as it would be. */
  readonly world: Io;
}

/** Fields whose values nobody may see, wherever they stand. */
const SECRETS: readonly string[] = ["password", "identitytoken", "registrytoken"];
/** Members of the root whose texts are no secrets; of others only the place is shown. */
const OPEN: readonly string[] = ["credsStore", "credHelpers", "keychains", "registries", "store"];

/**
 * Finds out what a plan would change.
 *
 * @param context The outside world, which stays as it is.
 * @param plan What is to be changed.
 * @param options Where Docker's config is.
 * @returns The differences; none if all is there already.
 * @throws {RegauthError} What the writers throw if the plan cannot be carried out.
 */
export async function previewPlan(
  context: Context,
  plan: readonly Change[],
  options: DockerStoreOptions = {},
): Promise<Preview> {
  const world = overlayIo(context.io);
  await applyPlan({ ...context, io: world }, plan, options);
  const files: FilePreview[] = [];
  for (const [path, text] of world.written) {
    const file = fileDifference(path, await context.io.readText(path), text);
    if (file) files.push(file);
  }
  const replaced = [
    ...await replacedInFiles(context, plan),
    ...world.helpers.flatMap(({ before, after }) => before && after ? [before.username] : []),
  ];
  return { files, helpers: world.helpers.flatMap(helperPreview), replaced, world };
}

async function replacedInFiles(context: Context, plan: readonly Change[]): Promise<string[]> {
  const users: string[] = [];
  for (const change of plan) {
    const before = change.kind === "entry"
      ? await entryOf(context.io, change)
      : change.kind === "store" && change.store === "file"
      ? await credentialStore("file", configPath(context.io)).get(change.server, context)
      : undefined;
    if (before?.username !== undefined) users.push(before.username);
  }
  return users;
}

async function entryOf(
  io: Io,
  { path, key, style }: Extract<Change, { readonly kind: "entry" }>,
): Promise<Credential | undefined> {
  const config = await readDockerConfig(io, path, style === "containers" ? { style } : {});
  return config && Object.hasOwn(config.auths, key) && isLogin(config.auths[key])
    ? decodeEntry(config.auths[key], { path, key })
    : undefined;
}

/**
 * The difference between two texts of a file.
 *
 * @param path The file.
 * @param old Its text; absent if there is no such file.
 * @param text What it would be; absent if it would be removed.
 * @returns The difference, or `undefined` if both say the same.
 * @throws {RegauthError} `config-syntax`
 */
export function fileDifference(
  path: string,
  old: string | undefined,
  text: string | undefined,
): FilePreview | undefined {
  const [before, after] = [parse(old, path), parse(text, path)];
  const changes = jsonChanges(before, after);
  if (changes.length === 0) return undefined;
  return { path, isNew: old === undefined, lines: jsonDiff(before, after, show), changes };
}

/**
 * Whether a plan would change nothing.
 *
 * @param preview What it would change.
 * @returns Whether that is nothing.
 */
export function isUnchanged({ files, helpers }: Preview): boolean {
  return files.length === 0 && helpers.length === 0;
}

/**
 * What is shown instead of a new secret.
 *
 * @param length Its length in characters.
 * @returns `‹secret, 40 characters›`
 */
export function maskedSecret(length: number): string {
  return `‹secret, ${length} character${length === 1 ? "" : "s"}›`;
}

function parse(text: string | undefined, path: string): JsonValue {
  const body = (text ?? "").replace(/^\uFEFF/, "");
  return body.trim() === "" ? {} : valueOf(parseJson(body, path));
}

function show(text: string, path: readonly string[], isNew: boolean): string {
  const name = path.at(-1)?.toLowerCase() ?? "";
  if (text === "") return "";
  if (name === "auth") return maskedLogin(text, isNew);
  if (SECRETS.includes(name)) return isNew ? maskedSecret(characters(text)) : "‹secret›";
  return OPEN.includes(path[0] ?? "") || name === "username" ? text : "…";
}

/** The name is no secret: it tells whose login comes and goes. */
function maskedLogin(auth: string, isNew: boolean): string {
  if (!isNew && !isLogin({ auth })) return "‹secret›";
  const { username = "", password } = decodeEntry({ auth }, { path: "", key: "" }) ?? {};
  const secret = isNew && password ? maskedSecret(charactersOf(password)) : "‹secret›";
  return `${username}:${secret}`;
}

/** What others wrote may be anything. */
function isLogin(entry: unknown): boolean {
  try {
    return decodeEntry(entry, { path: "", key: "" }) !== undefined;
  } catch {
    return false;
  }
}

function helperPreview({ program, server, before, after }: HelperWrite): HelperPreview[] {
  const isSame = before?.username === after?.username &&
    before?.secret.reveal() === after?.secret.reveal();
  if (isSame) return [];
  const name = (after ?? before)?.username ?? "";
  return [{
    program: program.replace(/^.*[\\/]/, "").replace(/\.(?:exe|com)$/i, ""),
    server,
    action: before === undefined ? "add" : after === undefined ? "remove" : "replace",
    username: name === IDENTITY_TOKEN_USER ? "" : name,
    length: after ? charactersOf(after.secret) : 0,
  }];
}

function charactersOf(secret: Secret): number {
  return characters(secret.reveal());
}

function characters(text: string): number {
  return Array.from(text).length;
}
