/**
 * The rows of `data/docker_config.json`, each a machine with a question and the answer, as they were
 * found by running Docker, go-containerregistry, kaniko and Skopeo.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { LookupStyle } from "../../lib/docker_config.ts";
import { type MemoryIo, memoryIo, type MemoryProgram } from "../../lib/memory_io.ts";
import { parseReference, type Target } from "../../lib/reference.ts";

type Answer =
  | string
  | { readonly Username: string; readonly Secret: string }
  | { readonly stdout: string; readonly exit?: number };

/** A machine, a question and the answer. */
export interface DockerVector {
  readonly name: string;
  readonly config: unknown;
  readonly env: Readonly<Record<string, string | null>>;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly helpers: Readonly<Record<string, Readonly<Record<string, Answer>>>>;
  readonly target: string;
  readonly targetKind?: string;
  /** The styles for which it holds; all of them if absent. */
  readonly lookup?: readonly LookupStyle[];
  readonly expect: {
    readonly anonymous?: boolean;
    readonly username?: string;
    readonly password?: string;
    readonly passwordHex?: string;
    readonly identityToken?: string;
    readonly registryToken?: string;
    readonly error?: string;
  };
  readonly helperCalls?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** The folders that a row may name. */
const FOLDERS: Readonly<Record<string, string>> = {
  HOME: "/home/me",
  DIR: "/dir",
  XDG_RUNTIME_DIR: "/run/user/1000",
  XDG_CONFIG_HOME: "/config",
  DOCKER_CONFIG: "/docker",
};

/** Where Docker's config of a row is. */
export const VECTOR_CONFIG = "/docker/config.json";

/** All rows. */
export const DOCKER_VECTORS: readonly DockerVector[] = JSON.parse(
  Deno.readTextFileSync(new URL("../data/docker_config.json", import.meta.url)),
);

/** @returns The machine of a row. */
export function vectorWorld(row: DockerVector): MemoryIo {
  const env = { HOME: "/home/me", DOCKER_CONFIG: "/docker", PATH: "/bin", ...row.env };
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === null ? [] : [[name, value.replace(/\$\{(\w+)\}/g, (_, name) => FOLDERS[name] ?? "")]]
  );
  const files: Record<string, string> = {};
  if (row.config !== null) files[VECTOR_CONFIG] = textOf(row.config);
  for (const [path, content] of Object.entries(row.files ?? {})) {
    files[path.replace(/^\w+/, (name) => FOLDERS[name] ?? "")] = textOf(content);
  }
  return memoryIo({
    env: Object.fromEntries(variables),
    files,
    programs: Object.fromEntries(
      Object.entries(row.helpers).map((
        [suffix, answers],
      ) => [`/bin/docker-credential-${suffix}`, programOf(answers)]),
    ),
  });
}

/** @returns What a row asks for. */
export function vectorTarget({ target, targetKind }: DockerVector): Target {
  return targetKind === "registry" ? { registry: target } : parseReference(target);
}

function programOf(answers: Readonly<Record<string, Answer>>): MemoryProgram {
  return ([action], { stdin }) => {
    assertEquals(action, "get");
    const answer = answers[stdin ?? ""] ?? "credentials not found in native keychain";
    if (typeof answer === "string") return { code: 1, stdout: `${answer}\n` };
    if ("stdout" in answer) return { code: answer.exit ?? 0, stdout: answer.stdout };
    return { stdout: `${JSON.stringify({ ServerURL: stdin, ...answer })}\n` };
  };
}

function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}
