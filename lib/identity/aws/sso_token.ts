/**
 * The log-in to IAM Identity Center that `aws sso login` leaves behind: a token in a file, renewed
 * when it is about to expire.
 *
 * @example Where the token of a session is
 * ```ts
 * import { ssoTokenPath } from "./sso_token.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" } });
 * assertEquals(
 *   await ssoTokenPath(io, "my-sso"),
 *   "/home/me/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json",
 * );
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { messageOf, RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { type JsonObject, parseObject } from "../../json_object.ts";
import { callAws, jsonOf } from "./call.ts";
import { below, serviceUrl } from "./endpoint.ts";
import type { Aws } from "./settings.ts";
import { hashedName, pathOf } from "./shared_files.ts";

/** A log-in as a profile describes it. */
export interface SsoLogin {
  /** Name of the profile. */
  readonly profile: string;
  /** Name of the section `sso-session`; absent in the older form. */
  readonly session?: string;
  /** The start page, exactly as it is written. */
  readonly startUrl: string;
  /** Region of the log-in. */
  readonly region: string;
  /** What to do when it is over, as a sentence. */
  readonly renewal: string;
}

/** A token is renewed in its last five minutes. */
const MARGIN = 300_000;

/**
 * Where the token of a log-in is.
 *
 * @param io The outside world.
 * @param name Name of the session, or the start page in the older form.
 * @returns The path, or `undefined` without a home folder.
 */
export async function ssoTokenPath(io: Io, name: string): Promise<string | undefined> {
  return pathOf(io, undefined, "sso", "cache", `${await hashedName("SHA-1", name)}.json`);
}

/**
 * The token of a log-in.
 *
 * @param aws The settings.
 * @param login The log-in.
 * @returns A token that has not expired.
 * @throws {RegauthError} `aws-sso-login` if nobody is logged in any more; `config-type` if the file
 * is broken; `network`
 */
export async function ssoToken(aws: Aws, login: SsoLogin): Promise<Secret> {
  const { io, trace } = aws.context;
  const path = await ssoTokenPath(io, login.session ?? login.startUrl);
  const known = await readToken(io, path, login);
  if (known.left > MARGIN) return known.token;
  if (known.left > 0 && !isRenewable(known.file, login)) return known.token;
  try {
    return await renew(aws, path, login);
  } catch (error) {
    if (known.left <= 0) throw error;
    trace?.(`The log-in cannot be renewed yet: ${messageOf(error)}`);
    return known.token;
  }
}

interface Known {
  readonly file: JsonObject;
  readonly token: Secret;
  /** Milliseconds until it expires. */
  readonly left: number;
}

async function readToken(io: Io, path: string | undefined, login: SsoLogin): Promise<Known> {
  const text = path === undefined ? undefined : await io.readText(path);
  if (text === undefined) throw loggedOut(login, "nobody is logged in");
  const file = parseObject(text) ?? {};
  const { accessToken, expiresAt } = file;
  // Old versions of the command line end the time in "UTC".
  const end = typeof expiresAt === "string" ? Date.parse(expiresAt.replace(/UTC$/, "Z")) : NaN;
  if (typeof accessToken !== "string" || accessToken === "" || Number.isNaN(end)) {
    throw new RegauthError("config-type", `Cannot use "${path}": it holds no token with its end`, {
      subject: path ?? "",
      hint: login.renewal,
    });
  }
  return { file, token: new Secret(accessToken), left: end - io.now().getTime() };
}

function isRenewable(file: JsonObject, { session }: SsoLogin): boolean {
  return session !== undefined &&
    ["clientId", "clientSecret", "refreshToken"].every((key) => typeof file[key] === "string");
}

/** A token to renew with counts once: whoever comes second finds the new one. */
async function renew(aws: Aws, path: string | undefined, login: SsoLogin): Promise<Secret> {
  const { context } = aws;
  const { io, trace } = context;
  const lock = path === undefined ? undefined : await io.lock(path).catch(() => undefined);
  try {
    const { file, token, left } = await readToken(io, path, login);
    if (left > MARGIN) return token;
    if (!isRenewable(file, login)) throw loggedOut(login, "the log-in has expired");
    const { clientId, clientSecret, refreshToken } = file;
    const call = {
      service: "IAM Identity Center",
      region: login.region,
      url: below(serviceUrl(aws, "SSO OIDC", "oidc", login.region), "/token"),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ clientId, clientSecret, grantType: "refresh_token", refreshToken }),
      secrets: [clientSecret, refreshToken].map((text) => new Secret(String(text))),
      rights: login.renewal,
    };
    const sentAt = io.now().getTime();
    const answer = jsonOf(
      await callAws(aws, call).catch((error) => {
        if (error instanceof RegauthError && error.code === "refused") {
          throw loggedOut(login, "the log-in has expired and cannot be renewed", error);
        }
        throw error;
      }),
      call,
    );
    const { accessToken, expiresIn } = answer;
    if (typeof accessToken !== "string" || typeof expiresIn !== "number") {
      throw new RegauthError("network", "Cannot renew the log-in: the answer holds no token", {
        subject: call.url.host,
        hint: login.renewal,
      });
    }
    const renewed = {
      ...file,
      accessToken,
      expiresAt: new Date(sentAt + expiresIn * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
      ...(typeof answer.refreshToken === "string" ? { refreshToken: answer.refreshToken } : {}),
    };
    if (path !== undefined) {
      await io.writePrivate(path, JSON.stringify(renewed))
        .catch((error) => trace?.(`The new log-in is not kept: ${messageOf(error)}`));
    }
    return new Secret(accessToken);
  } finally {
    await lock?.release();
  }
}

function loggedOut(
  { profile, session, startUrl, renewal }: SsoLogin,
  why: string,
  cause?: unknown,
): RegauthError {
  const what = session === undefined ? startUrl : `sso-session "${session}"`;
  return new RegauthError("aws-sso-login", `Cannot use ${what}: ${why}`, {
    subject: profile,
    hint: renewal,
    ...(cause === undefined ? {} : { cause }),
  });
}
