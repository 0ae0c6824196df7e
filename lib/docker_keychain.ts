/**
 * The keychain named `docker`: what Docker, Podman and their credential helpers know.
 *
 * @example A credential of Docker's config file
 * ```ts
 * import { dockerKeychain } from "./docker_keychain.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: {
 *     "/home/me/.docker/config.json": `{"auths":{"reg.example":{"auth":"${btoa("me:FAKE-1")}"}}}`,
 *   },
 * });
 * const found = await dockerKeychain().resolve({ registry: "reg.example" }, { io });
 * assertEquals(found?.username, "me");
 * assertEquals(found?.detail, '/home/me/.docker/config.json, key "reg.example"');
 * ```
 *
 * @module
 */

import { authFiles, dockercfgPath, dockerConfigPath } from "./auth_files.ts";
import type { Credential } from "./credential.ts";
import {
  type DockerConfig,
  type DockerConfigOptions,
  type LookupStyle,
  readDockerConfig,
} from "./docker_config.ts";
import {
  findCredential,
  findHelper,
  findRegistryToken,
  type HelperChoice,
} from "./docker_lookup.ts";
import { messageOf } from "./errors.ts";
import { type Context, homeOf, type Io, joinPath } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import { printable } from "./printable.ts";
import { type Target, targetText } from "./reference.ts";

/** How the `docker` keychain looks for credentials. */
export interface DockerKeychainOptions {
  /** Folder of `config.json`; it then counts before `REGISTRY_AUTH_FILE`. @default {$DOCKER_CONFIG, else ~/.docker} */
  readonly configDir?: string;
  /** An `auth.json` of Podman, or a `.dockercfg`; no other file is read then. */
  readonly authFile?: string;
  /**
   * How keys of `config.json` are matched. `containers` also takes the files of Podman instead of
   * Docker's, in Podman's order. @default {"pathScoped"}
   */
  readonly style?: LookupStyle;
  /** Refuses all that Docker refuses: a broken entry of another host, a byte-order mark, Hub aliases. */
  readonly strict?: boolean;
  /** Whether `DOCKER_AUTH_CONFIG` is read. @default {true} */
  readonly envAuth?: boolean;
  /** Whether Podman's files are read although there is a file of Docker. @default {false} */
  readonly merge?: boolean;
  /** Milliseconds until a credential helper is ended; 0 is no limit. @default {30_000} */
  readonly helperTimeout?: number;
  /**
   * Name under which this program is a credential helper itself: what it displaced in a config counts
   * in its place.
   */
  readonly asHelper?: string;
  /** Which credential helpers to pass over. */
  readonly skipHelpers?: (suffix: string) => boolean;
}

/**
 * Makes the `docker` keychain. It asks `DOCKER_AUTH_CONFIG`, then the file that
 * `REGISTRY_AUTH_FILE` names and no other, else Docker's `config.json`, else Podman's files. A
 * credential helper that is configured for a host has the last word in its file.
 *
 * It reads each file once, and asks each helper once for each server.
 *
 * @param options How to look.
 * @returns The keychain.
 */
export function dockerKeychain(options: DockerKeychainOptions = {}): Keychain {
  const session: Session = {
    options,
    variable: new Map(),
    configs: new Map(),
    answers: new Map(),
  };
  return {
    name: "docker",
    async resolve(target, context): Promise<Credential | undefined> {
      return await fromVariable(session, target, context) ??
        await fromFiles(session, target, context);
    },
  };
}

/** Named here, so that what reads it is loaded only where it is set. */
const AUTH_CONFIG = "DOCKER_AUTH_CONFIG";

/** What was read and answered so far. */
interface Session {
  readonly options: DockerKeychainOptions;
  readonly variable: Map<string, Promise<ReadonlyMap<string, Credential>>>;
  readonly configs: Map<string, Promise<DockerConfig | undefined>>;
  readonly answers: Map<string, Promise<Credential | undefined>>;
}

/** A file to read, and how. */
interface Source extends DockerConfigOptions {
  readonly path: string | undefined;
  /** The variable that names it. */
  readonly variable?: string;
  /** The files after it are not read if it exists, or one of these. */
  readonly endedBy?: readonly (string | undefined)[];
}

async function fromVariable(
  { options, variable }: Session,
  target: Target,
  { io, trace }: Context,
): Promise<Credential | undefined> {
  // Podman does not know the variable.
  const { envAuth, style, authFile } = options;
  if (envAuth === false || style === "containers" || authFile !== undefined) return undefined;
  const text = io.env(AUTH_CONFIG);
  if (!text) {
    trace?.(`${AUTH_CONFIG} is not set`);
    return undefined;
  }
  try {
    const { findAuthConfig, parseAuthConfig } = await import("./docker_auth_env.ts");
    const entries = await once(variable, AUTH_CONFIG, () => Promise.try(parseAuthConfig, text));
    const credential = findAuthConfig(entries, target);
    if (!credential) trace?.(`${AUTH_CONFIG} has no entry for ${targetText(target)}`);
    return credential;
  } catch (error) {
    trace?.(`${AUTH_CONFIG} is ignored: ${messageOf(error)}`);
    return undefined;
  }
}

async function fromFiles(
  session: Session,
  target: Target,
  context: Context,
): Promise<Credential | undefined> {
  const { io, trace } = context;
  for (const { path, variable, endedBy, ...how } of sources(io, session.options)) {
    if (path === undefined) continue;
    if (variable !== undefined) trace?.(`${variable} names ${path}`);
    const config = await once(
      session.configs,
      path,
      async () => {
        const config = await readDockerConfig(io, path, { ...how, ...(trace ? { trace } : {}) });
        return config && await withoutSelf(session.options, config, context);
      },
    );
    if (config === undefined) trace?.(`${path} does not exist`);
    const credential = config && await fromConfig(session, config, target, context);
    if (credential) return credential;
    if (endedBy && (config || await anyFile(io, endedBy))) return undefined;
  }
  return undefined;
}

/** The files to read, in order; a later one is not looked for before it is needed. */
function* sources(io: Io, options: DockerKeychainOptions): Generator<Source> {
  const { configDir, authFile, merge = false, strict = false, style = "pathScoped" } = options;
  const podman = (path: string | undefined): Source => ({ path, style: "containers", strict });
  const variable = "REGISTRY_AUTH_FILE";
  if (authFile !== undefined) {
    return yield { ...podman(authFile), legacy: /[.]dockercfg$/.test(authFile) };
  }
  const named = configDir ? undefined : io.env(variable) || undefined;
  const docker = dockerConfigPath(io, configDir);
  if (named !== undefined) yield { ...podman(named), variable, endedBy: [] };
  if (style !== "containers") {
    // go-containerregistry `pkg/authn/keychain.go`: a file in the home folder counts as Docker's
    // even where DOCKER_CONFIG leads away from it.
    yield { path: docker, style, strict, ...(merge ? {} : { endedBy: [homeConfig(io)] }) };
    yield* authFiles(io).map(podman);
  } else if (named === undefined) {
    // A folder that was chosen is the only one for Podman.
    const chosen = configDir || io.env("DOCKER_CONFIG");
    if (!chosen) yield* authFiles(io).map(podman);
    yield podman(docker);
    if (!chosen) yield { ...podman(dockercfgPath(io)), legacy: true };
  }
}

/** Nobody asks himself: entries that name this program stand for what they displaced. */
async function withoutSelf(
  { asHelper }: DockerKeychainOptions,
  config: DockerConfig,
  { io, trace }: Context,
): Promise<DockerConfig> {
  const { credsStore, credHelpers, path } = config;
  if (asHelper === undefined || ![credsStore, ...Object.values(credHelpers)].includes(asHelper)) {
    return config;
  }
  trace?.(`${nameOf(asHelper)} of ${path} is this program`);
  const { beforeRegauth } = await import("./displaced_helpers.ts");
  return await beforeRegauth(io, config, asHelper);
}

async function fromConfig(
  session: Session,
  config: DockerConfig,
  target: Target,
  context: Context,
): Promise<Credential | undefined> {
  const { trace } = context;
  const helper = findHelper(config, target, (suffix) => {
    const skipped = session.options.skipHelpers?.(suffix) ?? false;
    if (skipped) trace?.(`${nameOf(suffix)} of ${config.path} is not asked`);
    return skipped;
  });
  if (helper) return await fromHelper(session, config, helper, target, context);
  const credential = findCredential(config, target);
  if (!credential) trace?.(`${config.path} has no credential for ${targetText(target)}`);
  return credential;
}

async function fromHelper(
  { options, answers }: Session,
  config: DockerConfig,
  { suffix, server, configuredBy }: HelperChoice,
  target: Target,
  { io, signal, trace }: Context,
): Promise<Credential | undefined> {
  const key = `${suffix} ${server}`;
  trace?.(`asking ${nameOf(suffix)} for ${printable(server)}, as ${configuredBy} says`);
  try {
    const { helperGet } = await import("./helper.ts");
    const answer = await once(answers, key, () =>
      helperGet(io, suffix, server, {
        configuredBy,
        ...(options.helperTimeout === undefined ? {} : { timeout: options.helperTimeout }),
        ...(signal ? { signal } : {}),
        ...(trace ? { trace } : {}),
      }));
    if (!answer) trace?.(`${nameOf(suffix)} knows nothing of ${printable(server)}`);
    const token = findRegistryToken(config, target);
    return token ? { ...token, ...answer } : answer;
  } catch (error) {
    // What the caller ended says nothing about the helper.
    if (signal?.aborted) answers.delete(key);
    throw error;
  }
}

/** A helper's name as a trace may show it: nobody has checked it yet. */
function nameOf(suffix: string): string {
  return printable(`docker-credential-${suffix}`);
}

function homeConfig(io: Io): string | undefined {
  const home = homeOf(io);
  return home && joinPath(io, home, ".docker", "config.json");
}

async function anyFile(io: Io, paths: readonly (string | undefined)[]): Promise<boolean> {
  for (const path of paths) if (path && (await io.stat(path))?.isFile) return true;
  return false;
}

function once<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key) ?? make();
  memory.set(key, known);
  return known;
}
