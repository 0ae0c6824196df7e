/**
 * The token half of an embedded registry: issues JWTs by the distribution project's token and
 * OAuth2 specifications (`docs/content/spec/auth/{token,oauth}.md`), and verifies them.
 *
 * @module
 */

import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import type { Accounts, Action } from "./accounts.ts";

/** One entry of a token's `access` claim. */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** What a verified token says. */
export interface Claims {
  /** User name; empty for an anonymous token. */
  readonly sub: string;
  readonly access: readonly Access[];
}

/** Issues and verifies the tokens of one registry. */
export interface TokenServer {
  /**
   * Answers a request to the token endpoint.
   *
   * @param request GET with Basic or no authorization, or POST with a form.
   * @returns The token, or an error as JSON.
   */
  answer(request: Request): Promise<Response>;

  /**
   * @param token A bearer token.
   * @returns Its claims, or `undefined` if it is forged, expired or meant for another service.
   */
  verify(token: string): Promise<Claims | undefined>;
}

/** How tokens are issued. */
export interface TokenServerOptions {
  readonly accounts: Accounts;
  /** Name of the registry, in the challenge and the `aud` claim. */
  readonly service: string;
  /** Seconds for which a token is good. */
  readonly lifetime: number;
  /** Who signs instead, for a registry of others; {@linkcode TokenServer.verify} then says no. */
  readonly signer?: TokenSigner;
}

/** Signs tokens. */
export interface TokenSigner {
  /** Algorithm, and what names the key. */
  readonly header: Readonly<Record<string, unknown>>;
  /** Signs the text. */
  sign(text: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

/** The `iss` claim. */
export const ISSUER = "embedded token server";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * Starts issuing tokens, signed (ES256) by a key of its own.
 *
 * @param options Who may do what, and for how long.
 * @returns The token server; it holds no resources.
 */
export async function tokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { accounts, service, lifetime } = options;
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, false, [
    "sign",
    "verify",
  ]);
  const signer: TokenSigner = options.signer ?? {
    header: { alg: "ES256" },
    sign: (text) => crypto.subtle.sign(ALGORITHM, privateKey, text),
  };

  async function sign(user: string, access: readonly Access[]): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      sub: user,
      aud: service,
      iat: now,
      nbf: now - 5,
      exp: now + lifetime,
      jti: crypto.randomUUID(),
      access,
    };
    const text = `${json64({ typ: "JWT", ...signer.header })}.${json64(claims)}`;
    const signature = await signer.sign(utf8(text));
    return `${text}.${encodeBase64Url(signature)}`;
  }

  async function grant(user: string, scopes: readonly string[]): Promise<Record<string, unknown>> {
    const access = scopes.map((scope) => allowed(accounts, user, scope));
    const token = await sign(user, access.filter((entry) => entry !== undefined));
    return {
      token,
      access_token: token,
      expires_in: lifetime,
      issued_at: new Date().toISOString(),
    };
  }

  return {
    async answer(request): Promise<Response> {
      if (request.method === "GET") {
        const { searchParams } = new URL(request.url);
        const header = request.headers.get("authorization");
        const user = header === null ? "" : accounts.basic(header);
        if (user === undefined) return unauthorized();
        // Repeated parameters are the rule; some clients put several scopes into one.
        const scopes = searchParams.getAll("scope").flatMap((text) => text.split(" "));
        const refresh = user !== "" && searchParams.get("offline_token") === "true"
          ? { refresh_token: accounts.identityToken(user) }
          : {};
        return Response.json({ ...await grant(user, scopes), ...refresh });
      }
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const form = new URLSearchParams(await request.text());
      if (!form.get("service") || !form.get("client_id")) {
        return Response.json({ error: "invalid_request" }, { status: 400 });
      }
      const user = formUser(accounts, form);
      if (user === undefined) return unauthorized();
      const scope = form.get("scope") ?? "";
      const refresh = form.get("access_type") === "offline" || form.has("refresh_token")
        ? { refresh_token: accounts.identityToken(user) }
        : {};
      return Response.json({ ...await grant(user, scope.split(" ")), ...refresh, scope });
    },

    async verify(token): Promise<Claims | undefined> {
      const [header = "", payload = "", signature = "", ...rest] = token.split(".");
      try {
        const valid = rest.length === 0 && parse64(header).alg === "ES256" &&
          await crypto.subtle.verify(
            ALGORITHM,
            publicKey,
            new Uint8Array(decodeBase64Url(signature)),
            utf8(`${header}.${payload}`),
          );
        if (!valid) return undefined;
        const { iss, aud, exp, sub, access } = parse64(payload);
        const current = iss === ISSUER && aud === service && exp > Date.now() / 1000;
        return current ? { sub, access } : undefined;
      } catch {
        return undefined; // Not a JWT at all.
      }
    },
  };
}

/** The user that a form of the OAuth2 flow proves to be. */
function formUser(accounts: Accounts, form: URLSearchParams): string | undefined {
  switch (form.get("grant_type")) {
    case "refresh_token":
      return accounts.byIdentityToken(form.get("refresh_token") ?? "");
    case "password":
      return accounts.byPassword(form.get("username") ?? "", form.get("password") ?? "");
    default:
      return undefined;
  }
}

/** A scope, cut down to what the user may do; granting less than was asked is no error. */
function allowed(accounts: Accounts, user: string, scope: string): Access | undefined {
  const first = scope.indexOf(":");
  const last = scope.lastIndexOf(":");
  if (first === last || scope.slice(0, first) !== "repository") return undefined;
  const name = scope.slice(first + 1, last);
  const asked = scope.slice(last + 1).split(",");
  const actions = (["pull", "push", "delete"] satisfies Action[]).filter((action) =>
    (asked.includes(action) || asked.includes("*")) && accounts.may(user, action, name)
  );
  return { type: "repository", name, actions };
}

function unauthorized(): Response {
  const body = { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] };
  return Response.json(body, { status: 401 });
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function json64(value: unknown): string {
  return encodeBase64Url(JSON.stringify(value));
}

/** Header or payload; the signature tells that we wrote it ourselves. */
function parse64(text: string): Claims & { alg: string; iss: string; aud: string; exp: number } {
  return JSON.parse(new TextDecoder().decode(decodeBase64Url(text)));
}
