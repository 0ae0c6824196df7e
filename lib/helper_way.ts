/**
 * The way of the wizard that leaves a registry to a credential helper of its vendor, if that one is
 * installed.
 *
 * @example A helper that is not installed
 * ```ts
 * import { helperWay } from "./helper_way.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const way = helperWay({
 *   helper: "acme",
 *   meaning: "Asks the command line of Acme.",
 *   install: "https://acme.example",
 *   page: () => ({ rights: "The role Reader." }),
 * });
 * const answers = { host: "reg.example", access: "pull", texts: {} } as const;
 * const facts = {
 *   env: {},
 *   programs: new Set<string>(),
 *   gitHosts: [],
 *   awsProfiles: [],
 *   saved: [],
 * };
 * assertEquals(
 *   way.unavailable?.(facts, answers),
 *   "docker-credential-acme is not installed; see https://acme.example.",
 * );
 * assertEquals(way.outcome(answers), { kind: "helper", helper: "acme", hosts: ["reg.example"] });
 * ```
 *
 * @module
 */

import type { Way } from "./recipe.ts";

/** What is special about a helper. */
export interface HelperPart extends Required<Pick<Way, "meaning" | "page">> {
  /** Its name, without `docker-credential-`. */
  readonly helper: string;
  /** The page that says how to install it. */
  readonly install: string;
}

/** The name by which other tools ask regauth. */
const REGAUTH = "docker-credential-regauth";

/**
 * The way that leaves a registry of a cloud to regauth as the credential helper.
 *
 * @param part What is asked, and what it leads to.
 * @returns The way, which is called `regauth`.
 */
export function regauthWay(part: Omit<Way, "id" | "title" | "unavailable">): Way {
  return {
    id: "regauth",
    title: "regauth itself",
    unavailable: ({ programs }) =>
      programs.has(REGAUTH)
        ? undefined
        : `${REGAUTH} is not installed; run regauth helper install first.`,
    ...part,
  };
}

/**
 * The way that names a helper for the host.
 *
 * @param part What is special about it.
 * @returns The way, which has the name of the helper.
 */
export function helperWay({ helper, install, ...part }: HelperPart): Way {
  const program = `docker-credential-${helper}`;
  return {
    id: helper,
    title: `Installed helper ${program}`,
    unavailable: ({ programs }) =>
      programs.has(program) ? undefined : `${program} is not installed; see ${install}.`,
    questions: [],
    outcome: ({ host }) => ({ kind: "helper", helper, hosts: [host] }),
    ...part,
  };
}
