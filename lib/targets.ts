/**
 * The places on this machine where a set-up can be kept, the best first, each with the plan that
 * keeps it there.
 *
 * @example
 * ```ts
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { findTargets } from "./targets.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" } });
 * const credential = { username: "robot", password: new Secret("x") };
 * const targets = await findTargets({ io }, "reg.example", { kind: "credential", credential });
 * assertEquals(targets[0]?.id, "docker");
 * assertEquals(targets[0]?.plaintext, "/home/me/.docker/config.json");
 * assertEquals(targets[0]?.plan.map(({ kind }) => kind), ["entry"]);
 * ```
 *
 * @module
 */

import { authFiles, dockerConfigPath } from "./auth_files.ts";
import { loadConfig } from "./config_file.ts";
import { type Credential, Secret } from "./credential.ts";
import { readDockerConfig } from "./docker_config.ts";
import { authFileKey } from "./docker_config_write.ts";
import { findHelper } from "./docker_lookup.ts";
import type { DockerStoreOptions } from "./docker_store.ts";
import { RegauthError } from "./errors.ts";
import { detectDefaultStore, helperErase, helperStore } from "./helper.ts";
import type { Context, Io } from "./io.ts";
import type { Change } from "./plan.ts";
import { findProgram } from "./program.ts";
import type { Connection, Outcome } from "./recipe.ts";
import { credentialKey } from "./reference.ts";
import { shortPath } from "./short_path.ts";
import { defaultStore, storeKey } from "./store.ts";

/** The kinds of places, as `--target` names them. */
export const TARGETS = ["docker", "helper", "podman", "store", "env"] as const;

/** A kind of place. */
export type TargetId = typeof TARGETS[number];

/** A place where a set-up can be kept. */
export interface Target {
  /** Name for `--target`. */
  readonly id: TargetId;
  /** Name for the list. */
  readonly label: string;
  /** Where the secret will be, in a few words. */
  readonly hint: string;
  /** The file in which the secret can be read by whoever may open the file. */
  readonly plaintext?: string;
  /** Why it cannot be chosen. */
  readonly unavailable?: string;
  /** Whether it is offered only to those who name it. */
  readonly unlikely?: boolean;
  /** What keeps the set-up there. */
  readonly plan: readonly Change[];
}

/** Milliseconds that a helper may take to say that it works. */
const PATIENCE = 5000;
/** A name that nobody has (RFC 6761). */
const PROBE = "https://regauth.invalid/";
/** The name by which other tools ask regauth. */
const REGAUTH = "regauth";
const NO_HELPER = "docker-credential-regauth is not installed; run regauth helper install first";
const PODMAN_TOOLS = ["podman", "skopeo", "buildah"] as const;

/**
 * Finds the places for an outcome.
 *
 * @param context The outside world.
 * @param host Registry host.
 * @param outcome What the answers led to.
 * @param options Where Docker's config is.
 * @returns The places, the best first; such as cannot be chosen say why.
 * @throws {RegauthError} `config-…` if a file that would be changed cannot be read.
 */
export async function findTargets(
  context: Context,
  host: string,
  outcome: Outcome,
  options: DockerStoreOptions = {},
): Promise<readonly Target[]> {
  switch (outcome.kind) {
    case "credential": {
      const { credential, connection } = outcome;
      const all = await credentialTargets(context, host, credential, options);
      const settings = connectionChanges(host, connection);
      return all.map((target) => ({ ...target, plan: [...target.plan, ...settings] }));
    }
    case "helper":
      return await helperTargets(context, outcome.helper, outcome.hosts, options);
    case "keychain": {
      const plan = Object.entries(outcome.settings).map(([name, value]): Change => ({
        kind: "setting",
        key: ["registries", outcome.pattern, name],
        value,
      }));
      const own: Target = {
        id: "store",
        label: "regauth's own file",
        hint: `the keychain "${outcome.settings.keychain ?? ""}" makes the credential`,
        plan,
      };
      if (outcome.hosts === undefined) return [own];
      const others = await helperTargets(context, REGAUTH, outcome.hosts, options);
      const isThere = await findProgram(context.io, `docker-credential-${REGAUTH}`) !== undefined;
      return [
        ...others.map((target) => ({
          ...target,
          plan: [...plan, ...target.plan],
          ...(isThere ? {} : { unavailable: NO_HELPER }),
        })),
        { ...own, hint: `${own.hint}, for regauth alone` },
      ];
    }
  }
}

/**
 * What has to be written down to reach a registry.
 *
 * @param host Registry host.
 * @param connection What is special about it.
 * @returns The changes of regauth's own file.
 */
export function connectionChanges(
  host: string,
  connection: Connection | undefined,
): readonly Change[] {
  return Object.entries({ ...connection }).map(([name, value]) => ({
    kind: "setting",
    key: ["registries", host, name],
    value,
  }));
}

async function credentialTargets(
  context: Context,
  host: string,
  credential: Credential,
  options: DockerStoreOptions,
): Promise<readonly Target[]> {
  const { io } = context;
  const native = await detectDefaultStore(io);
  const fault = native === undefined ? undefined : await tryHelper(context, native);
  const docker = await dockerTarget(context, host, credential, options);
  const helper = docker?.plaintext === undefined || native === undefined
    ? undefined
    : nativeTarget(native, fault, host, credential, docker.plaintext);
  return [
    ...(helper ? [helper] : []),
    ...(docker ? [docker] : []),
    ...await podmanTarget(context, host, credential),
    await storeTarget(io, host, credential, native, fault),
    {
      id: "env",
      label: "Environment variables",
      hint: "prints the lines; nothing is written",
      plan: [],
    },
  ];
}

/** Docker's file, or the helper that it names for the host. */
async function dockerTarget(
  { io }: Context,
  host: string,
  credential: Credential,
  { configDir }: DockerStoreOptions,
): Promise<Target | undefined> {
  const path = dockerConfigPath(io, configDir);
  if (path === undefined) return undefined;
  const config = await readDockerConfig(io, path);
  const key = credentialKey(host);
  const named = config && findHelper(config, { registry: host });
  if (!named) {
    return {
      id: "docker",
      label: "Docker's config file",
      hint: `${shortPath(io, path)}, unencrypted`,
      plaintext: path,
      plan: [{ kind: "entry", path, key, credential, style: "docker" }],
    };
  }
  const { suffix, server } = named;
  const isThere = await findProgram(io, `docker-credential-${suffix}`) !== undefined;
  return {
    id: "docker",
    label: `docker-credential-${suffix}`,
    hint: `named by ${shortPath(io, path)}`,
    ...(isThere ? {} : { unavailable: `${shortPath(io, path)} names it, but it is not installed` }),
    plan: [
      { kind: "secret", helper: suffix, server, credential },
      { kind: "mark", path, key },
    ],
  };
}

/** The store of the operating system, if it works: those without a desktop often do not. */
function nativeTarget(
  suffix: string,
  fault: string | undefined,
  host: string,
  credential: Credential,
  path: string,
): Target {
  const key = credentialKey(host);
  return {
    id: "helper",
    label: `docker-credential-${suffix}`,
    hint: "encrypted; Docker asks it for this registry",
    ...(fault === undefined ? {} : { unavailable: fault }),
    plan: [
      { kind: "secret", helper: suffix, server: key, credential },
      { kind: "helper", path, host: key, helper: suffix },
      { kind: "mark", path, key },
    ],
  };
}

/** Only storing proves it: a store without session or key lists nothing, and finds that right. */
async function tryHelper(
  { io, signal }: Context,
  suffix: string,
): Promise<string | undefined> {
  const options = { timeout: PATIENCE, ...(signal ? { signal } : {}) };
  const credential = { username: "regauth", password: new Secret("test") };
  try {
    await helperStore(io, suffix, PROBE, credential, options);
    await helperErase(io, suffix, PROBE, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof RegauthError)) throw error;
    const why = error.message.replace(/^[^"]*"[^"]*": (?:exit code \d+: )?/, "");
    return `does not work here: ${why.length > 60 ? `${why.slice(0, 60)}…` : why}`;
  }
}

async function podmanTarget(
  { io }: Context,
  host: string,
  credential: Credential,
): Promise<Target[]> {
  const { path, isLikely } = await podmanFile(io);
  if (path === undefined) return [];
  const key = authFileKey(host);
  const config = await readDockerConfig(io, path, { style: "containers" });
  const named = config && findHelper(config, { registry: host });
  const base = { id: "podman", ...(isLikely ? {} : { unlikely: true }) } as const;
  if (named) {
    const { suffix, server } = named;
    return [{
      ...base,
      label: `docker-credential-${suffix} for Podman`,
      hint: `named by ${shortPath(io, path)}`,
      plan: [{ kind: "secret", helper: suffix, server, credential }],
    }];
  }
  const runtime = io.env("XDG_RUNTIME_DIR");
  const isShort = path.startsWith("/run/") || (runtime && path.startsWith(runtime));
  return [{
    ...base,
    label: "Podman's auth file",
    hint: `${shortPath(io, path)}, unencrypted${isShort ? ", gone after a restart" : ""}`,
    plaintext: path,
    plan: [{ kind: "entry", path, key, credential, style: "containers" }],
  }];
}

/** The file that Podman would write, and whether anybody here uses it. */
async function podmanFile(io: Io): Promise<{ readonly path?: string; readonly isLikely: boolean }> {
  const named = io.env("REGISTRY_AUTH_FILE");
  if (named) return { path: named, isLikely: true };
  const [first, ...others] = authFiles(io);
  for (const path of [first, ...others]) {
    if (path !== undefined && await io.stat(path)) return { path, isLikely: true };
  }
  const tools = await Promise.all(PODMAN_TOOLS.map((name) => findProgram(io, name)));
  const isLikely = tools.some((tool) => tool !== undefined);
  return { ...(first === undefined ? {} : { path: first }), isLikely };
}

async function storeTarget(
  io: Io,
  host: string,
  credential: Credential,
  native: string | undefined,
  fault: string | undefined,
): Promise<Target> {
  const config = await loadConfig(io);
  const store = config.store ?? await defaultStore(io);
  const unavailable = config.path === undefined
    ? "no variable tells the home folder"
    : store === native
    ? fault
    : undefined;
  const file = config.path?.replace(/[^\\/]*$/, "regauth-credentials.json");
  const isFile = store === "file";
  return {
    id: "store",
    label: "regauth's own store",
    hint: isFile
      ? `${shortPath(io, file ?? "")}, unencrypted`
      : `docker-credential-${store}; read by regauth alone`,
    ...(isFile && file !== undefined ? { plaintext: file } : {}),
    ...(unavailable === undefined ? {} : { unavailable }),
    plan: [
      { kind: "store", store, server: storeKey(host), credential },
      { kind: "setting", key: ["registries", host, "keychain"], value: "store" },
    ],
  };
}

/** A helper that makes short-lived credentials is named for each host. */
async function helperTargets(
  { io }: Context,
  helper: string,
  hosts: readonly string[],
  { configDir }: DockerStoreOptions,
): Promise<readonly Target[]> {
  const docker = dockerConfigPath(io, configDir);
  const { path: podman, isLikely } = await podmanFile(io);
  const plan = (path: string, keyOf: (host: string) => string): readonly Change[] =>
    hosts.map((host) => ({ kind: "helper", path, host: keyOf(host), helper }));
  return [
    ...(docker === undefined ? [] : [{
      id: "docker" as const,
      label: "Docker's config file",
      hint: `${shortPath(io, docker)}, no secret in it`,
      plan: plan(docker, credentialKey),
    }]),
    ...(podman === undefined ? [] : [{
      id: "podman" as const,
      label: "Podman's auth file",
      hint: `${shortPath(io, podman)}, no secret in it`,
      ...(isLikely ? {} : { unlikely: true }),
      plan: plan(podman, authFileKey),
    }]),
  ];
}
