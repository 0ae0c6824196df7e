/**
 * Hosts of GitHub's container registries, and the website that each of them belongs to. A token of
 * one website must not reach the registry of another.
 *
 * @example
 * ```ts
 * import { githubOf } from "./github_host.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { GITHUB_SERVER_URL: "https://github.corp.example" } });
 * assertEquals(githubOf("ghcr.io", io), "github.com");
 * assertEquals(githubOf("containers.octo.ghe.com", io), "octo.ghe.com");
 * assertEquals(githubOf("containers.github.corp.example", io), "github.corp.example");
 * assertEquals(githubOf("ghcr.io.evil.example", io), undefined);
 * ```
 *
 * @module
 */

import type { Io } from "./io.ts";

/** The website to which ghcr.io belongs. */
export const GITHUB = "github.com";

/**
 * The website of a registry: by its name, or because a variable names the website.
 *
 * @param registry The registry, as `normalizeHost()` gives it.
 * @param io The outside world.
 * @returns The website, or `undefined` if the registry is not known to be one of GitHub.
 */
export function githubOf(registry: string, io: Pick<Io, "env">): string | undefined {
  if (registry === "ghcr.io") return GITHUB;
  const company = /^containers\.([a-z0-9][a-z0-9-]*\.ghe\.com)$/.exec(registry)?.[1];
  return company ??
    [jobServer(io), io.env("GH_HOST")?.toLowerCase()].find((server) =>
      server && server !== GITHUB && !isCompanySite(server) &&
      [`containers.${server}`, `docker.${server}`, server].includes(registry)
    );
}

/**
 * The website to which this job of GitHub Actions belongs.
 *
 * @param io The outside world.
 * @returns Its host, or `undefined` outside of jobs.
 */
export function jobServer(io: Pick<Io, "env">): string | undefined {
  return URL.parse(io.env("GITHUB_SERVER_URL") ?? "")?.hostname;
}

/**
 * Whether a website is that of a company on GitHub's own machines.
 *
 * @param server Host of a website.
 * @returns Whether it is one of ghe.com.
 */
export function isCompanySite(server: string): boolean {
  return server.endsWith(".ghe.com");
}
