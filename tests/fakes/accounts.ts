/**
 * Who may do what at an embedded registry.
 *
 * @module
 */

import { decodeBase64 } from "@std/encoding/base64";

/** What can be done with a repository. */
export type Action = "pull" | "push" | "delete";

/** Rights by prefix of the repository name; the empty prefix is every repository. `push` includes
 * `pull` and `delete`, `add` only `pull`. */
export type Rights = Readonly<Record<string, "pull" | "push" | "add">>;

/** An account. */
export interface Account {
  readonly password: string;
  /** Refresh token of the OAuth2 flow; one is made up if it is absent. */
  readonly identityToken?: string;
  /** Every repository may be pushed if it is absent. */
  readonly rights?: Rights;
}

/** The account table, with the ways to prove who one is. The anonymous user is the empty text. */
export interface Accounts {
  /** @returns The user of an `Authorization: Basic` header, if name and password are right. */
  basic(header: string): string | undefined;
  /** @returns The user, if the password is right. */
  byPassword(user: string, password: string): string | undefined;
  /** @returns The user to whom an identity token belongs. */
  byIdentityToken(token: string): string | undefined;
  /** @returns The identity token of a user. */
  identityToken(user: string): string;
  /** @returns Whether the user has the right. */
  may(user: string, action: Action, repository: string): boolean;
}

/**
 * @param users Accounts by user name.
 * @param anonymous Rights without an account.
 * @returns The account table.
 */
export function accounts(users: Readonly<Record<string, Account>>, anonymous: Rights): Accounts {
  const table = new Map(Object.entries(users));
  const tokens = new Map(
    Object.entries(users).map(([user, { identityToken = crypto.randomUUID() }]) =>
      [user, identityToken] as const
    ),
  );

  function byPassword(user: string, password: string): string | undefined {
    return table.get(user)?.password === password ? user : undefined;
  }

  return {
    byPassword,
    basic(header): string | undefined {
      const [user, password] = basicOf(header) ?? [];
      return user === undefined || password === undefined ? undefined : byPassword(user, password);
    },
    byIdentityToken: (token) => [...tokens].find(([, value]) => value === token)?.[0],
    identityToken: (user) => tokens.get(user) ?? "",
    may(user, action, repository): boolean {
      const rights = user === "" ? anonymous : table.get(user)?.rights ?? { "": "push" };
      return Object.entries(rights).some(([prefix, right]) =>
        repository.startsWith(prefix) &&
        (right === "push" || action === "pull" || (right === "add" && action === "push"))
      );
    },
  };
}

/**
 * Name and password of an `Authorization: Basic` header.
 *
 * @param header The header.
 * @returns Both, or `undefined` if it is something else.
 */
export function basicOf(header: string): [user: string, password: string] | undefined {
  const token = /^Basic (\S+)$/i.exec(header)?.[1];
  if (token === undefined) return undefined;
  try {
    const text = new TextDecoder().decode(decodeBase64(token));
    const colon = text.indexOf(":");
    return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
  } catch {
    return undefined; // Not base64.
  }
}
