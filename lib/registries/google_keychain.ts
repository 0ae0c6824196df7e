/**
 * The keychain of Google's registries: whoever we are to Google, the registry takes an access token
 * for a password.
 *
 * @example A user who logged in with gcloud
 * ```ts
 * import { googleKeychain } from "./google_keychain.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const login = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
 * const io = memoryIo({
 *   env: { GOOGLE_APPLICATION_CREDENTIALS: "/user.json" },
 *   files: { "/user.json": JSON.stringify(login) },
 *   fetch: () => Response.json({ access_token: "ya29.T", expires_in: 3599 }),
 * });
 * const keychain = googleKeychain();
 * const credential = await keychain.resolve({ registry: "us-docker.pkg.dev" }, { io });
 * assertEquals(credential?.username, "oauth2accesstoken");
 * assertEquals(credential?.password?.reveal(), "ya29.T");
 * assertEquals(await keychain.resolve({ registry: "pkg.dev.evil.example" }, { io }), undefined);
 * ```
 *
 * @module
 */

import type { RegistryOptions } from "../config_schema.ts";
import type { Credential } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import { parseGoogleHost } from "../google_host.ts";
import { type TokenKeeper, tokenKeeper } from "../identity/cached_token.ts";
import { googleIdentities } from "../identity/google/identities.ts";
import type { GoogleOptions, GoogleSource } from "../identity/google/options.ts";
import { type Memory, processMemory } from "../identity/memory.ts";
import type { Context } from "../io.ts";
import type { Keychain } from "../keychain.ts";
import { later } from "../later.ts";
import { optionReader } from "../option_reader.ts";
import { normalizeHost } from "../reference.ts";

/** Which identity, and for which hosts. */
export interface GoogleKeychainOptions extends GoogleOptions {
  /** Key file of a service account that is the password itself. */
  readonly jsonKey?: string | undefined;
  /** Hosts that are Google's in spite of their names. */
  readonly hosts?: readonly string[] | undefined;
  /** Whether the user named the host, so that names count that are too broad for everybody else. */
  readonly isNamed?: boolean | undefined;
  /** Where tokens are remembered from one run to the next; in memory only if absent. */
  readonly memory?: Memory | undefined;
}

/** The user name that says that the password is an access token. */
const TOKEN_USER = "oauth2accesstoken";

const SOURCES: readonly GoogleSource[] = ["adc", "metadata", "gcloud"];

/** Names under which Google has registries among much else. */
const BROAD = /^(?:[a-z0-9-]+\.)+google\.com$|^docker\.[a-z0-9-]+\.goog$/;

/**
 * The keychain of Google's registries. It knows nothing if no identity is configured anywhere, so
 * that public images can still be pulled.
 *
 * @param options Which identity, and for which hosts.
 * @returns A keychain named `google`. It throws what {@linkcode googleIdentities} and their tokens
 * throw, and `google-json-key-unparsable`.
 */
export function googleKeychain(options: GoogleKeychainOptions = {}): Keychain {
  let keeper: TokenKeeper | undefined;
  return {
    name: "google",
    async resolve(target, context): Promise<Credential | undefined> {
      const host = normalizeHost(target.registry);
      if (!isGoogle(host, options)) {
        context.trace?.(`${host} is not a registry of Google`);
        return undefined;
      }
      if (options.jsonKey !== undefined) return await staticKey(context, options.jsonKey, host);
      const { now } = context.io;
      keeper ??= tokenKeeper(options.memory ?? processMemory(now), now);
      const purpose = [...options.scopes ?? []].sort();
      for await (const identity of googleIdentities(context, options)) {
        const token = await keeper.get(identity, purpose, context.trace);
        if (token === undefined) continue;
        const { value: password, expiresAt } = token;
        return {
          username: TOKEN_USER,
          password,
          ...(expiresAt ? { expiresAt } : {}),
          detail: identity.name,
        };
      }
      return undefined;
    },
  };
}

/**
 * Reads what an entry of regauth's own file tells the keychain.
 *
 * @param entry The options of the entry.
 * @param pathOf Makes a path absolute that counts from the folder of that file.
 * @returns The options.
 */
export function googleOptions(
  entry: RegistryOptions,
  pathOf: (path: string) => string,
): GoogleKeychainOptions {
  const { text, flag, list } = optionReader(entry);
  const path = (name: string): string | undefined => {
    const value = text(name);
    return value === undefined ? undefined : pathOf(value);
  };
  return {
    isNamed: true,
    source: SOURCES.find((source) => source === text("source")),
    credentialFile: path("credentialFile"),
    jsonKey: path("jsonKey"),
    serviceAccount: text("serviceAccount"),
    impersonate: text("impersonate"),
    audience: text("audience"),
    scopes: list("scopes"),
    selfSigned: flag("selfSigned"),
    allowExecutables: flag("allowExecutables"),
    trustedEndpoints: list("trustedEndpoints"),
    universeDomain: text("universeDomain"),
    hosts: list("hosts")?.map(normalizeHost),
  };
}

function isGoogle(host: string, { hosts = [], isNamed = false }: GoogleKeychainOptions): boolean {
  return parseGoogleHost(host) !== undefined || hosts.includes(host) ||
    (isNamed && BROAD.test(host.replace(/:443$/, "")));
}

async function staticKey({ io }: Context, path: string, host: string): Promise<Credential> {
  const { checkKeyFile, keyCredential } = await later<typeof import("../google_key.ts")>(
    "../google_key.ts",
    import.meta.url,
  );
  const text = await io.readText(path);
  const error = text === undefined ? "It does not exist." : checkKeyFile(text).error;
  if (text === undefined || error !== undefined) {
    throw new RegauthError("google-json-key-unparsable", `Cannot use "${path}": ${error}`, {
      subject: path,
      hint: "Name the JSON key file of a service account, as it was downloaded.",
    });
  }
  const isOld = parseGoogleHost(host)?.kind === "gcr";
  const credential = keyCredential(text, isOld ? "json" : "base64");
  return { ...credential, detail: `key file ${path}` };
}
