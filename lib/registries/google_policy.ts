/**
 * The least that Google identities need to use Artifact Registry, as a command of gcloud.
 *
 * @example
 * ```ts
 * import { googlePolicy } from "./google_policy.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { text } = googlePolicy("pull", {
 *   registry: "europe-west1-docker.pkg.dev",
 *   repository: "my-project/team/app",
 * });
 * assertStringIncludes(text, "add-iam-policy-binding team");
 * assertStringIncludes(text, "--role=roles/artifactregistry.reader");
 * ```
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import { parseGoogleHost } from "../google_host.ts";
import type { Policy } from "../policy.ts";
import type { Access } from "../recipe.ts";
import type { Target } from "../reference.ts";

const ROLES: Readonly<Record<Access, string>> = {
  pull: "roles/artifactregistry.reader",
  push: "roles/artifactregistry.writer",
};

/**
 * Makes the command. The role is given on the repository alone, not on the project.
 *
 * @param access What the identity is to do.
 * @param target The registry, or an image in it.
 * @returns The command.
 * @throws {RegauthError} `usage` if the registry is not one of Google.
 */
export function googlePolicy(access: Access, target?: Target): Policy {
  const { registry = "LOCATION-docker.pkg.dev", repository } = target ?? {};
  const host = target === undefined ? { kind: "artifact-registry" } : parseGoogleHost(registry);
  if (host === undefined) {
    throw new RegauthError("usage", `Cannot make a policy for "${registry}": it is not Google's`, {
      subject: registry,
      hint: "Name an image of LOCATION-docker.pkg.dev or gcr.io, or none.",
    });
  }
  const isGcr = host.kind === "gcr";
  const { project, rest } = projectOf(repository);
  const name = isGcr ? registry : rest[0] ?? "REPOSITORY";
  const location = "location" in host ? host.location : undefined;
  return {
    text: [
      `gcloud artifacts repositories add-iam-policy-binding ${name}`,
      `  --project=${project}`,
      `  --location=${location ?? "LOCATION"}`,
      "  --member=MEMBER",
      `  --role=${ROLES[access]}`,
    ].join(" \\\n"),
    notes: [
      "MEMBER is serviceAccount:NAME@PROJECT.iam.gserviceaccount.com, user:ADDRESS, or the " +
      "principal:// or principalSet:// of a workload identity pool.",
      ...access === "push"
        ? ["The role cannot delete; that takes roles/artifactregistry.repoAdmin."]
        : [],
      ...isGcr
        ? ["The repository must exist; roles on the buckets of Container Registry count no more."]
        : [],
      "Whoever acts as a service account needs roles/iam.serviceAccountTokenCreator on that account.",
    ],
  };
}

/** A project that belongs to a domain is written in two parts: `example.com/project`. */
function projectOf(
  repository: string | undefined,
): { readonly project: string; readonly rest: readonly string[] } {
  const [first = "PROJECT", ...rest] = repository?.split("/") ?? [];
  const [second, ...others] = rest;
  return first.includes(".") && second !== undefined
    ? { project: `${first}:${second}`, rest: others }
    : { project: first, rest };
}
