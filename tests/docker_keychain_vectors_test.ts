import { assertEquals, assertRejects } from "@std/assert";
import type { Credential } from "../lib/credential.ts";
import type { LookupStyle } from "../lib/docker_config.ts";
import { dockerKeychain, type DockerKeychainOptions } from "../lib/docker_keychain.ts";
import { RegauthError } from "../lib/errors.ts";
import {
  DOCKER_VECTORS,
  type DockerVector,
  vectorTarget,
  vectorWorld,
} from "./fakes/docker_vectors.ts";

const STYLES: readonly LookupStyle[] = ["docker", "pathScoped", "containers"];

for (const row of DOCKER_VECTORS) {
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
  row: DockerVector,
  options: DockerKeychainOptions,
  calls: readonly (readonly string[])[] | undefined,
): Promise<void> {
  const io = vectorWorld(row);
  const resolve = (): Promise<Credential | undefined> =>
    dockerKeychain(options).resolve(vectorTarget(row), { io });
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

function hex(bytes: Uint8Array | undefined): string {
  return Array.from(bytes ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("");
}
