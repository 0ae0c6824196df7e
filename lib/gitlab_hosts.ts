/**
 * GitLab's registry has another host than GitLab itself: which hosts belong together, and which of
 * them a job of GitLab may log in to.
 *
 * @example From one host to the other
 * ```ts
 * import { gitlabOf, registriesOf } from "./gitlab_hosts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(gitlabOf("registry.gitlab.com"), "gitlab.com");
 * assertEquals(gitlabOf("gitlab.example.com:5050"), "gitlab.example.com");
 * assertEquals(registriesOf("gitlab.com"), ["registry.gitlab.com"]);
 * ```
 *
 * @module
 */

import { normalizeHost } from "./reference.ts";

/** The registry of gitlab.com. */
export const GITLAB_REGISTRY = "registry.gitlab.com";

/** The website and, for those who use its dependency proxy, a registry. */
export const GITLAB_WEB = "gitlab.com";

/** Ports of GitLab's host at which self-managed registries are found, the automatic one first. */
const PORTS = [5050, 5005, 4567] as const;

/** Names of the variables that hold a login. */
export interface LoginVariables {
  /** Those of the user name, best first. */
  readonly username: readonly string[];
  /** Those of the password, best first. */
  readonly password: readonly string[];
}

/**
 * Whether a host is one of gitlab.com.
 *
 * @param host The host.
 * @returns Whether it is.
 */
export function isGitlabCom(host: string): boolean {
  return host === GITLAB_REGISTRY || host === GITLAB_WEB;
}

/**
 * GitLab's own host, where the registry's name leaves no doubt.
 *
 * @param registry Host of the registry.
 * @returns The host, or `undefined` if it can be any.
 */
export function gitlabOf(registry: string): string | undefined {
  if (isGitlabCom(registry)) return GITLAB_WEB;
  return /^registry\.(git[a-z0-9-]*\..+)$/.exec(registry)?.[1] ?? /^(.+):\d+$/.exec(registry)?.[1];
}

/**
 * The hosts at which the registry of a GitLab may be, likeliest first.
 *
 * @param gitlab GitLab's own host.
 * @returns The hosts.
 */
export function registriesOf(gitlab: string): readonly string[] {
  return gitlab === GITLAB_WEB
    ? [GITLAB_REGISTRY]
    : [`registry.${gitlab}`, ...PORTS.map((port) => `${gitlab}:${port}`)];
}

/**
 * The variables that hold a job's login to a registry. A job has no login to another GitLab than its
 * own, and must not show its own there.
 *
 * @param env The job's variables.
 * @param registry Host of the registry.
 * @returns Their names, or `undefined` if the registry is not one of this job.
 */
export function jobVariables(
  env: Readonly<Record<string, string>>,
  registry: string,
): LoginVariables | undefined {
  if (normalizeHost(env.CI_REGISTRY ?? "") === registry) {
    return { username: ["CI_REGISTRY_USER"], password: ["CI_REGISTRY_PASSWORD", "CI_JOB_TOKEN"] };
  }
  // It holds the port, even the default one.
  return normalizeHost(env.CI_DEPENDENCY_PROXY_SERVER ?? "") === registry
    ? { username: ["CI_DEPENDENCY_PROXY_USER"], password: ["CI_DEPENDENCY_PROXY_PASSWORD"] }
    : undefined;
}
