/**
 * Changes Docker's `config.json` and Podman's `auth.json`: one entry, and not a byte beside it.
 *
 * @example
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { eraseEntries, storeEntry } from "./docker_config_write.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = "/home/me/.docker/config.json";
 * const before = '{"auths": {}, "experimental": "enabled"}\n';
 * const io = memoryIo({ files: { [path]: before } });
 * const credential = { username: "robot", password: new Secret("x") };
 * const change = await storeEntry(io, path, "reg.example", credential);
 * assertEquals(change, { path, changed: true, plaintext: true });
 * assertEquals(
 *   await io.readText(path),
 *   '{"auths": {"reg.example": {"auth": "cm9ib3Q6eA=="}}, "experimental": "enabled"}\n',
 * );
 * await eraseEntries(io, path, ["reg.example"]);
 * assertEquals(await io.readText(path), before);
 * ```
 *
 * @module
 */

import { encodeEntry } from "./auth_entry.ts";
import { type Credential, encodeBasic, IDENTITY_TOKEN_USER, Secret } from "./credential.ts";
import { isKeyOfHost } from "./docker_keys.ts";
import { editFile } from "./edit_file.ts";
import { RegauthError } from "./errors.ts";
import type { Io, Trace } from "./io.ts";
import { removeMember, setMember } from "./json_edit.ts";
import { type JsonMember, type JsonNode, parseJson } from "./json_tree.ts";
import { printable } from "./printable.ts";
import { HUB_HOST, normalizeHost } from "./reference.ts";

/** What was done to a config file. */
export interface ConfigChange {
  /** The file. */
  readonly path: string;
  /** Whether it was written. */
  readonly changed: boolean;
  /** Whether the secret now stands in it, where everybody who reads the file can decode it. */
  readonly plaintext: boolean;
  /** What to say if others may read the file. */
  readonly modeWarning?: string;
}

/** How a config file is changed. */
export interface ConfigWriteOptions {
  /** Whose file it is. @default {"docker"} */
  readonly style?: "docker" | "containers";
  /** Hears of the mode warning. */
  readonly trace?: Trace;
}

/** What a new credential replaces; other fields of an entry stay. */
const CREDENTIAL_FIELDS = ["auth", "username", "password", "identitytoken", "registrytoken"];

/**
 * The key under which Podman, Skopeo and Buildah keep the credential of a host.
 *
 * @param host A host in any spelling.
 * @returns The host; `docker.io` for Docker Hub.
 */
export function authFileKey(host: string): string {
  const normal = normalizeHost(host);
  return normal === HUB_HOST ? "docker.io" : normal;
}

/**
 * Stores a credential in the file itself.
 *
 * @param io The outside world.
 * @param path The file; it is made if it is missing.
 * @param key Key in `auths`.
 * @param credential What replaces the credential that is there.
 * @param options Whose file it is, and who hears.
 * @returns What was done.
 * @throws {RegauthError} `invalid-credential` if it could not be read back, `config-type` if the
 * file holds something else where the entry belongs, and what {@linkcode editFile} throws.
 */
export async function storeEntry(
  io: Io,
  path: string,
  key: string,
  credential: Credential,
  options: ConfigWriteOptions = {},
): Promise<ConfigChange> {
  const entry = encodeEntry(credential);
  // Podman drops an identity token without a user (containers/image `decodeDockerAuth`).
  const nameless = options.style === "containers" && entry.identitytoken && !entry.auth;
  const fields = nameless
    ? { auth: encodeBasic(IDENTITY_TOKEN_USER, new Secret("")), ...entry }
    : entry;
  const plaintext = Object.keys(fields).length > 0;
  return await change(io, path, (text) => putEntry(text, path, key, fields), plaintext, options);
}

/**
 * Marks that a helper keeps the secret, as Docker does, by an entry without credential. Other
 * spellings of the same host lose theirs too.
 *
 * @param io The outside world.
 * @param path The file.
 * @param key Key in `auths`.
 * @param options Who hears.
 * @returns What was done.
 * @throws {RegauthError} As {@linkcode storeEntry}.
 */
export async function markEntry(
  io: Io,
  path: string,
  key: string,
  options: ConfigWriteOptions = {},
): Promise<ConfigChange> {
  const host = normalizeHost(key);
  return await change(
    io,
    path,
    (text) => {
      const keys = membersIn(lastField(text, path, "auths")?.value, path, '"auths"')
        .map((member) => member.key).filter((other) => isKeyOfHost(other, host));
      return [...new Set([...keys, key])]
        .reduce((edited, each) => putEntry(edited, path, each, {}), text);
    },
    false,
    options,
  );
}

/**
 * Removes entries; those that are not there are passed over.
 *
 * @param io The outside world.
 * @param path The file.
 * @param keys Keys in `auths`.
 * @param options Who hears.
 * @returns What was done.
 * @throws {RegauthError} As {@linkcode storeEntry}.
 */
export async function eraseEntries(
  io: Io,
  path: string,
  keys: readonly string[],
  options: ConfigWriteOptions = {},
): Promise<ConfigChange> {
  return await change(
    io,
    path,
    (text) => {
      const paths = fieldsNamed(text, path, "auths").flatMap(({ key, value }) => {
        membersIn(value, path, '"auths"');
        return keys.map((entry) => [key, entry]);
      });
      return paths.reduce(removeMember, text);
    },
    false,
    options,
  );
}

/**
 * Names the helper of one host, or none.
 *
 * @param io The outside world.
 * @param path The file.
 * @param host Key in `credHelpers`.
 * @param suffix What follows `docker-credential-`; `undefined` removes the entry.
 * @param options Who hears.
 * @returns What was done.
 * @throws {RegauthError} As {@linkcode storeEntry}.
 */
export async function setCredHelper(
  io: Io,
  path: string,
  host: string,
  suffix: string | undefined,
  options: ConfigWriteOptions = {},
): Promise<ConfigChange> {
  return await change(
    io,
    path,
    (text) => {
      const field = lastField(text, path, "credHelpers");
      membersIn(field?.value, path, '"credHelpers"');
      return set(text, [field?.key ?? "credHelpers", host], suffix);
    },
    false,
    options,
  );
}

/**
 * Names the helper of all hosts that `credHelpers` does not name, or none.
 *
 * @param io The outside world.
 * @param path The file.
 * @param suffix What follows `docker-credential-`; `undefined` removes the field.
 * @param options Who hears.
 * @returns What was done.
 * @throws {RegauthError} As {@linkcode storeEntry}.
 */
export async function setCredsStore(
  io: Io,
  path: string,
  suffix: string | undefined,
  options: ConfigWriteOptions = {},
): Promise<ConfigChange> {
  return await change(
    io,
    path,
    (text) => set(text, [lastField(text, path, "credsStore")?.key ?? "credsStore"], suffix),
    false,
    options,
  );
}

async function change(
  io: Io,
  path: string,
  edit: (text: string) => string,
  plaintext: boolean,
  { trace }: ConfigWriteOptions,
): Promise<ConfigChange> {
  const changed = await editFile(io, path, (text = "") => edit(text));
  const mode = (await io.stat(path))?.mode ?? 0;
  if ((mode & 0o077) === 0) return { path, changed, plaintext };
  const modeWarning = `"${path}" is open to other users (mode ${mode.toString(8)}); ` +
    "close it with chmod 600";
  trace?.(modeWarning);
  return { path, changed, plaintext, modeWarning };
}

function set(text: string, path: readonly string[], value: string | undefined): string {
  return value === undefined ? removeMember(text, path) : setMember(text, path, value);
}

/** Gives an entry these credential fields and no others. */
function putEntry(
  text: string,
  path: string,
  key: string,
  fields: Readonly<Record<string, string>>,
): string {
  const auths = lastField(text, path, "auths");
  const entry = membersIn(auths?.value, path, '"auths"').findLast((member) => member.key === key);
  const place = [auths?.key ?? "auths", key];
  const members = membersIn(entry?.value, path, `the entry "${printable(key)}"`);
  if (members.length === 0) return setMember(text, place, fields);
  const stale = members.map(({ key }) => key).filter((name) =>
    CREDENTIAL_FIELDS.includes(name.toLowerCase()) && !Object.hasOwn(fields, name)
  );
  const cleaned = stale.reduce((edited, name) => removeMember(edited, [...place, name]), text);
  return Object.entries(fields)
    .reduce((edited, [name, value]) => setMember(edited, [...place, name], value), cleaned);
}

/** The field that counts, in any case, as Go reads it. */
function lastField(text: string, path: string, name: string): JsonMember | undefined {
  return fieldsNamed(text, path, name).at(-1);
}

function fieldsNamed(text: string, path: string, name: string): readonly JsonMember[] {
  const body = text.replace(/^\uFEFF/, "");
  const root = body.trim() === "" ? undefined : parseJson(body, path);
  return membersIn(root, path, "it")
    .filter(({ key }) => key.toLowerCase() === name.toLowerCase());
}

function membersIn(
  node: JsonNode | undefined,
  path: string,
  name: string,
): readonly JsonMember[] {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return [];
  if (node.kind === "object") return node.members;
  throw new RegauthError("config-type", `Cannot edit "${path}": ${name} is not an object`, {
    subject: path,
    hint: "Correct the file, or move it away and log in again.",
  });
}
