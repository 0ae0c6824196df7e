/**
 * A token server on loopback for a registry of others: it signs with RSA, and names its key as the
 * distribution project's registry 2.8 wants it (`registry/auth/token/token.go`).
 *
 * @module
 */

import { encodeBase32 } from "@std/encoding/base32";
import { encodeBase64 } from "@std/encoding/base64";
import { type Account, accounts, basicOf } from "./accounts.ts";
import { issue } from "./tls.ts";
import { ISSUER, tokenServer } from "./token_server.ts";

/** What can be chosen. */
export interface RsaTokenServerOptions {
  /** Accounts by user name. */
  readonly users: Readonly<Record<string, Account>>;
  /** The `aud` claim; {@linkcode SERVICE} if absent. */
  readonly audience?: string;
  /** Seconds for which a token is good; 300 if absent. */
  readonly lifetime?: number;
  /** How a token names its key: by a certificate that an authority signed, or by its fingerprint. */
  readonly names?: "x5c" | "kid";
}

/** A request for a token; the password is not kept. */
export interface TokenRequest {
  /** The account name that was sent. */
  readonly user?: string;
  readonly scopes: readonly string[];
}

/** The running token server; disposing of it stops it. */
export interface RsaTokenServer extends AsyncDisposable {
  /** Address and port. */
  readonly host: string;
  /** Certificates that the registry must trust (PEM). */
  readonly bundle: string;
  /** Options of the registry's `auth: token` beside `rootcertbundle`. */
  readonly auth: Readonly<Record<"realm" | "service" | "issuer", string>>;
  /** All requests so far. */
  readonly requests: readonly TokenRequest[];
}

/** Name of the registry. */
export const SERVICE = "real registry";

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
};

/**
 * Starts a token server.
 *
 * @param options Who may do what, and how tokens are made.
 * @returns The server, to be disposed of.
 */
export async function rsaTokenServer(options: RsaTokenServerOptions): Promise<RsaTokenServer> {
  const { users, audience = SERVICE, lifetime = 300, names = "x5c" } = options;
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const authority = await issue({ name: "token authority", authority: true });
  const signing = await issue({ name: "token server", issuer: authority, keys });
  const key = names === "x5c"
    ? { x5c: [encodeBase64(signing.der)] }
    : { kid: await fingerprint(keys.publicKey) };
  const tokens = await tokenServer({
    accounts: accounts(users, {}),
    service: audience,
    lifetime,
    signer: {
      header: { alg: "RS256", ...key },
      sign: (text) => crypto.subtle.sign(ALGORITHM, keys.privateKey, text),
    },
  });
  const requests: TokenRequest[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const [user] = basicOf(request.headers.get("authorization") ?? "") ?? [];
    const scopes = new URL(request.url).searchParams.getAll("scope");
    requests.push({ scopes, ...(user === undefined ? {} : { user }) });
    return tokens.answer(request);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    bundle: names === "x5c" ? authority.certificate : signing.certificate,
    auth: { realm: `http://${host}/token`, service: SERVICE, issuer: ISSUER },
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The name of a key in Docker's libtrust: 240 bits of a hash, in groups of four letters. */
async function fingerprint(key: CryptoKey): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await crypto.subtle.exportKey("spki", key));
  return encodeBase32(hash.slice(0, 30)).match(/.{4}/g)?.join(":") ?? "";
}
