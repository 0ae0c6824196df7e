import { assertEquals, assertRejects } from "@std/assert";
import type { Credential } from "../lib/credential.ts";
import type { LookupStyle } from "../lib/docker_config.ts";
import { dockerKeychain, type DockerKeychainOptions } from "../lib/docker_keychain.ts";
import { RegauthError } from "../lib/errors.ts";
import { type MemoryIo, memoryIo, type MemoryProgram } from "../lib/memory_io.ts";
import { parseReference, type Target } from "../lib/reference.ts";

type Answer =
  | string
  | { readonly Username: string; readonly Secret: string }
  | { readonly stdout: string; readonly exit?: number };

interface Row {
  readonly name: string;
  readonly config: unknown;
  readonly env: Readonly<Record<string, string | null>>;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly helpers: Readonly<Record<string, Readonly<Record<string, Answer>>>>;
  readonly target: string;
  readonly targetKind?: string;
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

const STYLES: readonly LookupStyle[] = ["docker", "pathScoped", "containers"];

const rows: readonly Row[] = JSON.parse(
  Deno.readTextFileSync(new URL("data/docker_config.json", import.meta.url)),
);

for (const row of rows) {
  for (const style of row.lookup ?? STYLES) {
    Deno.test(`dockerKeychain() as ${style}: ${row.name}`, () =>
      checkRow(row, { style, strict: true }, row.helperCalls?.[style]));
  }
  if (row.lookup === undefined) {
    Deno.test(`dockerKeychain() by default: ${row.name}`, () =>
      checkRow(row, {}, row.helperCalls?.docker));
  }
}

async function checkRow(
  row: Row,
  options: DockerKeychainOptions,
  calls: readonly (readonly string[])[] | undefined,
): Promise<void> {
  const io = worldOf(row);
  const resolve = (): Promise<Credential | undefined> =>
    dockerKeychain(options).resolve(targetOf(row), { io });
  const { anonymous, error, passwordHex, ...fields } = row.expect;
  if (error !== undefined) {
    assertEquals((await assertRejects(resolve, RegauthError)).code, error);
  } else {
    const credential = await resolve();
    assertEquals(credential === undefined, anonymous ?? false);
    const password = credential?.password;
    assertEquals({
      username: credential?.username ?? "",
      password: passwordHex === undefined ? password?.reveal() ?? "" : hex(password?.bytes()),
      identityToken: credential?.identityToken?.reveal() ?? "",
      registryToken: credential?.registryToken?.reveal() ?? "",
    }, {
      username: "",
      password: passwordHex ?? "",
      identityToken: "",
      registryToken: "",
      ...fields,
    });
  }
  if (calls) {
    const made: readonly (readonly (string | undefined)[])[] = io.runs.map((run) => [
      run.program.replace("/bin/docker-credential-", ""),
      run.options.stdin,
    ]);
    assertEquals(made, calls);
  }
}

function worldOf(row: Row): MemoryIo {
  const env = { HOME: "/home/me", DOCKER_CONFIG: "/docker", PATH: "/bin", ...row.env };
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === null ? [] : [[name, value.replace(/\$\{(\w+)\}/g, (_, name) => FOLDERS[name] ?? "")]]
  );
  const files: Record<string, string> = {};
  if (row.config !== null) files["/docker/config.json"] = textOf(row.config);
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

function programOf(answers: Readonly<Record<string, Answer>>): MemoryProgram {
  return ([action], { stdin }) => {
    assertEquals(action, "get");
    const answer = answers[stdin ?? ""] ?? "credentials not found in native keychain";
    if (typeof answer === "string") return { code: 1, stdout: `${answer}\n` };
    if ("stdout" in answer) return { code: answer.exit ?? 0, stdout: answer.stdout };
    return { stdout: `${JSON.stringify({ ServerURL: stdin, ...answer })}\n` };
  };
}

function targetOf({ target, targetKind }: Row): Target {
  return targetKind === "registry" ? { registry: target } : parseReference(target);
}

function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

function hex(bytes: Uint8Array | undefined): string {
  return Array.from(bytes ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("");
}
