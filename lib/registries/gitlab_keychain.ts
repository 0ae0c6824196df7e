/**
 * The keychain named `gitlab`: what a job of GitLab is given for the registry of its project and for
 * the dependency proxy of its group.
 *
 * @example
 * ```ts
 * import { gitlabKeychain } from "./gitlab_keychain.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = { CI_REGISTRY: "gitlab.corp.example:5050", CI_JOB_TOKEN: "glcbt-FAKE" };
 * const target = { registry: "gitlab.corp.example:5050" };
 * const found = await gitlabKeychain().resolve(target, { io: memoryIo({ env }) });
 * assertEquals(found?.username, "gitlab-ci-token");
 * ```
 *
 * @module
 */

import { Secret } from "../credential.ts";
import type { Io } from "../io.ts";
import type { Keychain } from "../keychain.ts";
import { normalizeHost } from "../reference.ts";

/** The variables of one login. */
interface Login {
  /** Holds the host that the login is for. */
  readonly host: string;
  /** Holds the user name. */
  readonly user?: string;
  /** Holds the password. */
  readonly password: string;
}

/** The best first (docs.gitlab.com, "Predefined CI/CD variables"). */
const LOGINS: readonly Login[] = [
  { host: "CI_REGISTRY", user: "CI_REGISTRY_USER", password: "CI_REGISTRY_PASSWORD" },
  { host: "CI_REGISTRY", user: "CI_DEPLOY_USER", password: "CI_DEPLOY_PASSWORD" },
  { host: "CI_REGISTRY", password: "CI_JOB_TOKEN" },
  {
    host: "CI_DEPENDENCY_PROXY_SERVER",
    user: "CI_DEPENDENCY_PROXY_USER",
    password: "CI_DEPENDENCY_PROXY_PASSWORD",
  },
];

/** Who the token of a job is for. */
const JOB_USER = "gitlab-ci-token";

/**
 * Makes the keychain. A login counts for the host that GitLab names beside it and for no other port
 * of it; 443 is the same as none.
 *
 * @returns A keychain named `gitlab`.
 */
export function gitlabKeychain(): Keychain {
  return {
    name: "gitlab",
    resolve({ registry }, { io, trace }) {
      const server = serverOf(registry);
      const own = LOGINS.filter(({ host }) =>
        io.env(host) && serverOf(io.env(host) ?? "") === server
      );
      if (own.length === 0) trace?.(whyNone(io, registry));
      for (const { user, password } of own) {
        const username = user === undefined ? JOB_USER : io.env(user);
        const secret = io.env(password);
        if (username && secret) {
          return Promise.resolve({ username, password: new Secret(secret), detail: password });
        }
        trace?.(`${[user, password].filter(Boolean).join(" or ")} is not set`);
      }
      return Promise.resolve(undefined);
    },
  };
}

/** The variables hold the default port, which images may leave out. */
function serverOf(host: string): string {
  return normalizeHost(/^[a-z]+:\/\//i.test(host) ? host : `https://${host}`);
}

function whyNone(io: Io, registry: string): string {
  const named = [...new Set(LOGINS.map(({ host }) => host))].filter((name) => io.env(name));
  return named.length === 0
    ? "neither CI_REGISTRY nor CI_DEPENDENCY_PROXY_SERVER is set"
    : named.map((name) => `${name} is ${io.env(name)}, not ${registry}`).join("; ");
}
