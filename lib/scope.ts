/**
 * Scopes: what a bearer token is asked to allow (distribution `docs/content/spec/auth/scope.md`).
 *
 * @example The scope for a push, and the form that two spellings share
 * ```ts
 * import { normalScopes, repositoryScope } from "./scope.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repositoryScope("team/app", ["pull", "push"]), "repository:team/app:pull,push");
 * assertEquals(
 *   normalScopes(["repository:a:push", "repository:a:pull", "registry:catalog:*", "x"]),
 *   ["registry:catalog:*", "repository:a:pull,push", "x"],
 * );
 * ```
 *
 * @module
 */

/** What can be done with a repository. */
export type Action = "pull" | "push" | "delete";

/**
 * The scope of one repository.
 *
 * @param repository Its name, without host and tag.
 * @param actions What is to be done with it.
 * @returns `repository:NAME:ACTIONS`
 */
export function repositoryScope(repository: string, actions: readonly Action[]): string {
  return `repository:${repository}:${actions.join(",")}`;
}

/**
 * The form that all spellings of the same scopes share, for cache keys: one scope per resource with
 * the union of its actions, all sorted; `*` swallows the other actions. What does not look like a
 * scope is kept as it is (oras-go `registry/remote/auth/scope.go`).
 *
 * @param scopes Scopes in any order and spelling.
 * @returns The normal form.
 */
export function normalScopes(scopes: readonly string[]): string[] {
  return [...united(scopes).values()].sort();
}

/**
 * The scopes to ask for after a refusal: the union of both lists, what is wanted first, because some
 * servers read only the first scope (go-containerregistry `transport/bearer.go`).
 *
 * @param wanted Scopes of the request that failed.
 * @param known Scopes that were asked for before.
 * @returns Normal forms, without duplicates.
 */
export function widenScopes(wanted: readonly string[], known: readonly string[]): string[] {
  return [...united([...wanted, ...known]).values()];
}

/** A name may hold a colon (`host:port/name`): only the first and the last one separate. */
function split(scope: string): readonly [resource: string, actions?: readonly string[]] {
  const last = scope.lastIndexOf(":") + 1;
  if (scope.indexOf(":") === last - 1) return [scope];
  return [scope.slice(0, last), scope.slice(last).split(",").filter(Boolean)];
}

/** One scope per resource, in the order of their first mention. */
function united(scopes: readonly string[]): Map<string, string> {
  const known = new Map<string, Set<string>>();
  for (const scope of scopes.filter(Boolean)) {
    const [resource, actions] = split(scope);
    if (actions?.length === 0) continue;
    known.set(resource, new Set([...known.get(resource) ?? [], ...actions ?? []]));
  }
  return new Map(
    [...known].map(([resource, actions]) =>
      [resource, resource + (actions.has("*") ? "*" : [...actions].sort().join(","))] as const
    ),
  );
}
