/**
 * The keychain named `docker-env`: variables that hold the host in their name. It reads those of
 * kaniko (`KANIKO_<HOST>_USER`, `KANIKO_<HOST>_PASSWORD`; kaniko `pkg/creds/env_keychain.go`) and
 * those of docker-credential-env (`DOCKER_<host>_USR`, `DOCKER_<host>_PSW`).
 *
 * @example A name of the domain counts for the hosts below it
 * ```ts
 * import { dockerEnvKeychain } from "./docker_env_keychain.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { KANIKO_EXAMPLE_COM_USER: "robot", KANIKO_EXAMPLE_COM_PASSWORD: "FAKE" },
 * });
 * const found = await dockerEnvKeychain().resolve({ registry: "my-reg.example.com" }, { io });
 * assertEquals(found?.username, "robot");
 * assertEquals(found?.detail, "KANIKO_EXAMPLE_COM_USER");
 * ```
 *
 * @module
 */

import type { RegistryOptions } from "./config_schema.ts";
import { type Credential, Secret } from "./credential.ts";
import type { Context, Io, Trace } from "./io.ts";
import type { Keychain } from "./keychain.ts";
import { normalizeHost, type Target } from "./reference.ts";

/** How far names of variables reach, and who knows passwords for Amazon ECR. */
export interface DockerEnvOptions {
  /** Whether the name of a top-level domain, such as `KANIKO_COM_USER`, counts for all of it. */
  readonly allowTld?: boolean;

  /**
   * Makes the keychain that knows passwords for Amazon ECR.
   *
   * @param options Profile and role of the account.
   * @returns The keychain.
   */
  readonly ecr?: (options: RegistryOptions) => Promise<Keychain>;
}

/** Names of the two variables of a login. */
interface Pair {
  readonly user: string;
  readonly password: string;
}

/**
 * Makes the keychain. The name of the whole host is tried first, then those of its parent domains,
 * by default down to two labels: whoever owns a name below a top-level domain must not get the
 * secret of all of it.
 *
 * Where no such variable is set it takes `GITHUB_TOKEN` for ghcr.io, and variables such as
 * `AWS_PROFILE_123456789012` for the registries of that account, as docker-credential-env does.
 *
 * @param options How far names reach.
 * @returns A keychain named `docker-env`.
 */
export function dockerEnvKeychain(options: DockerEnvOptions = {}): Keychain {
  return {
    name: "docker-env",
    async resolve(target, context) {
      const { io, trace } = context;
      const host = normalizeHost(target.registry);
      const pairs = pairsOf(host, options);
      const found = fromPairs(pairs, io, trace) ?? fromGithub(host, io);
      if (found) return found;
      trace?.(`${pairs.map(({ user }) => user).join(", ")}: not set`);
      return await fromAws(target, host, options, context);
    },
  };
}

/** The names for a host, the longest first. */
function pairsOf(host: string, { allowTld = false }: DockerEnvOptions): readonly Pair[] {
  const labels = host.replaceAll("-", "_").split(".");
  // A part of an address is no domain.
  const isAddress = /^\[|^\d+(?:\.\d+){3}(?::|$)/.test(host);
  const names = labels.map((_, start) => labels.slice(start))
    .filter(({ length }, start) => start === 0 || (!isAddress && (length > 1 || allowTld)))
    .map((rest) => rest.join("_"));
  // Names of docker-credential-env have no place for a port, so they are not for this one.
  const portless = host.includes(":") ? [] : allowTld ? [...names, ""] : names;
  return [...new Set([...names, ...portless])].flatMap((name) => [
    ...(names.includes(name) ? [pairOf("KANIKO", name.toUpperCase(), "USER", "PASSWORD")] : []),
    ...(portless.includes(name) ? [pairOf("DOCKER", name, "USR", "PSW")] : []),
  ]);
}

function pairOf(prefix: string, name: string, user: string, password: string): Pair {
  return { user: `${prefix}_${name}_${user}`, password: `${prefix}_${name}_${password}` };
}

/** A variable that is set and empty counts, as it does upstream: nothing is sent then. */
function fromPairs(
  pairs: readonly Pair[],
  io: Io,
  trace: Trace | undefined,
): Credential | undefined {
  for (const { user, password } of pairs) {
    const [username, secret] = [io.env(user), io.env(password)];
    if (username !== undefined && secret !== undefined) {
      return {
        ...(username ? { username } : {}),
        ...(secret ? { password: new Secret(secret) } : {}),
        detail: user,
      };
    }
    if (username !== undefined || secret !== undefined) {
      trace?.(`${username === undefined ? user : password} is missing, so its pair does not count`);
    }
  }
  return undefined;
}

function fromGithub(host: string, io: Io): Credential | undefined {
  const token = host === "ghcr.io" ? io.env("GITHUB_TOKEN") : undefined;
  return token
    ? { username: "x-access-token", password: new Secret(token), detail: "GITHUB_TOKEN" }
    : undefined;
}

/**
 * Variables with the number of an account at their end stand for those without (isometry
 * docker-credential-env `env.go`). Those without are the business of the keychain `ecr` itself.
 */
async function fromAws(
  target: Target,
  host: string,
  { ecr }: DockerEnvOptions,
  context: Context,
): Promise<Credential | undefined> {
  const account = /^(\d{12})\.dkr[.-]ecr/.exec(host)?.[1];
  if (account === undefined || ecr === undefined) return undefined;
  const { io, trace } = context;
  const own = (name: string): string | undefined => io.env(`${name}_${account}`) || undefined;
  const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
  const hasKey = keys.slice(0, 2).every((name) => own(name) !== undefined);
  const profile = hasKey ? undefined : own("AWS_PROFILE");
  const roleArn = own("AWS_ROLE_ARN");
  if (!hasKey && profile === undefined && roleArn === undefined) {
    trace?.(`no variable AWS_…_${account} is set`);
    return undefined;
  }
  const env = (name: string): string | undefined =>
    // A key is whole: the session of another one does not go with it.
    hasKey && keys.includes(name) ? own(name) : io.env(name);
  const keychain = await ecr({
    ...(profile === undefined ? {} : { profile }),
    ...(roleArn === undefined ? {} : { roleArn }),
  });
  return await keychain.resolve(target, { ...context, io: { ...io, env } });
}
