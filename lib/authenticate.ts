/**
 * Lets another program use its own `fetch` with a registry: says which `Authorization` header to
 * send, and gets a better one after a 401.
 *
 * @example The only change to a program's requests is one header
 * ```ts
 * import { authenticate } from "./authenticate.ts";
 * import { Secret } from "./credential.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { registryClient } from "./registry_client.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = { "www-authenticate": 'Basic realm="registry"' };
 * const io = memoryIo({ fetch: () => new Response("{}", { status: 401, headers }) });
 * const credential = { username: "jane", password: new Secret("hunter2") };
 *
 * const auth = await authenticate("reg.example/team/app:1", {
 *   client: registryClient({ context: { io } }),
 *   keychain: { name: "mine", resolve: () => Promise.resolve(credential) },
 * });
 * const url = new URL("/v2/team/app/manifests/1", auth.origin);
 * assertEquals(await auth.header(url), `Basic ${btoa("jane:hunter2")}`);
 * assertEquals(await auth.header("https://elsewhere.example/"), undefined);
 * ```
 *
 * @module
 */

import { type Authorization, authorize, type Purpose, reauthorize } from "./authorize.ts";
import type { Keychain } from "./keychain.ts";
import { parseTarget, type Target } from "./reference.ts";
import type { RegistryClient } from "./registry_client.ts";
import type { Action } from "./scope.ts";

/** Who asks, and for what. */
export interface AuthenticateOptions {
  /** How servers are reached, and what is known of them; share it between calls. */
  readonly client: RegistryClient;
  /** Where the credential comes from. It is asked again when a registry refuses the last one. */
  readonly keychain: Keychain;
  /** What is to be done; `pull` if absent. */
  readonly actions?: readonly Action[];
}

/** Says what to send to one repository or registry. */
export interface Authenticator {
  /** Scheme, host and port for the requests. */
  readonly origin: string;

  /**
   * The header for a request.
   *
   * @param url Where the request goes.
   * @returns Value of `Authorization`, or `undefined` if nothing is to be sent: always so for
   * another origin.
   * @throws {RegistryError} As `authorize()`, when a token must be renewed.
   */
  header(url: URL | string): Promise<string | undefined>;

  /**
   * Tries to do better after an answer of 401. Callers who come meanwhile share the attempt.
   *
   * @param response The answer; its body is not read.
   * @returns Whether to repeat the request, once, with a new header.
   * @throws {RegistryError} As `authorize()`.
   */
  refresh(response: Response): Promise<boolean>;
}

/**
 * Gets ready for requests to a registry: finds the credential, asks the registry how it wants to be
 * shown it, and gets a token if need be.
 *
 * @param reference Image, repository or registry, as text or parsed.
 * @param options Who asks, and for what.
 * @returns What says the headers.
 * @throws {RegauthError} What the keychain throws; `invalid-reference`; a {@linkcode RegistryError}.
 */
export async function authenticate(
  reference: string | Target,
  options: AuthenticateOptions,
): Promise<Authenticator> {
  const { client, keychain, actions = ["pull"] } = options;
  const { context } = client.options;
  const target = typeof reference === "string" ? parseTarget(reference) : reference;

  async function purposeNow(): Promise<Purpose> {
    return { target, actions, credential: await keychain.resolve(target, context) };
  }

  let purpose = await purposeNow();
  let current = await authorize(client, target, purpose.credential, actions);
  let refreshing: Promise<boolean> | undefined;

  function take(next: Authorization): boolean {
    const isNew = next.header !== undefined && next.header.reveal() !== current.header?.reveal();
    current = next;
    return isNew;
  }

  async function refresh(challenge: string | null): Promise<boolean> {
    const better = await reauthorize(client, purpose, current, challenge);
    if (better) return take(better);
    purpose = await purposeNow();
    return take(await authorize(client, target, purpose.credential, actions));
  }

  return {
    origin: current.origin,
    async header(url): Promise<string | undefined> {
      if (new URL(url).origin !== current.origin) return undefined;
      if (current.token && current.token.expiresAt <= context.io.now()) {
        purpose = await purposeNow();
        take(await authorize(client, target, purpose.credential, actions));
      }
      return current.header?.reveal();
    },
    async refresh({ status, url, headers }): Promise<boolean> {
      if (status !== 401 || (url !== "" && new URL(url).origin !== current.origin)) return false;
      refreshing ??= refresh(headers.get("www-authenticate"))
        .finally(() => refreshing = undefined);
      return await refreshing;
    },
  };
}
