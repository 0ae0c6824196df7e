/**
 * Who am I to this registry? regauth finds the credential for a container registry as the tools
 * around it do: in the environment, in Docker's and podman's files, with credential helpers and
 * from the clouds.
 *
 * As a program (`deno run -A`) this module is the command line; as a library it loads nothing of it.
 *
 * @example The credential of an image
 * ```ts
 * import { memoryIo, resolve } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { REGAUTH_USERNAME: "robot", REGAUTH_PASSWORD: "s3cret" } });
 * const { credential, kind } = await resolve("reg.example/team/app:v1", { io });
 * assertEquals(kind, "basic");
 * assertEquals(credential?.username, "robot");
 * assertEquals(credential?.password?.reveal(), "s3cret");
 * ```
 *
 * @module
 */

export { authenticate, type AuthenticateOptions, type Authenticator } from "./lib/authenticate.ts";
export { type Answer, chain, type Step } from "./lib/chain.ts";
export { type Credential, type CredentialKind, credentialKind, Secret } from "./lib/credential.ts";
export { denoIo } from "./lib/deno_io.ts";
export { type ErrorCode, RegauthError, type RegauthErrorOptions } from "./lib/errors.ts";
export type { Context, Io, Trace } from "./lib/io.ts";
export type { Keychain } from "./lib/keychain.ts";
export type { Flags, KeychainOptions, Order } from "./lib/keychains.ts";
export { type MemoryIo, memoryIo, type MemoryIoOptions } from "./lib/memory_io.ts";
export { parseReference, type Reference, type Target } from "./lib/reference.ts";
export {
  type RegistryClient,
  registryClient,
  type RegistryClientOptions,
} from "./lib/registry_client.ts";
export {
  defaultKeychain,
  explain,
  type Explanation,
  openResolver,
  resolve,
  type Resolved,
  type ResolveOptions,
  type Resolver,
} from "./lib/resolve.ts";

if (import.meta.main) {
  const { main } = await import("./cli.ts");
  await main();
}
