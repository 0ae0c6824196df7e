/**
 * Keys that `aws login` leaves behind: those of a person at the console, in a file, renewed with a
 * key that proves who renews them.
 *
 * @example
 * ```ts
 * import { loginPath } from "./login_session.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { HOME: "/home/me" } });
 * assertEquals(
 *   await loginPath(io, "arn:aws:iam::123456789012:user/alice"),
 *   "/home/me/.aws/login/cache/b7d71d383b9557a9bad4c3346c50365819226484c6824a0fdef66637be339db0.json",
 * );
 * ```
 *
 * @module
 */

import { isAwsRegion, partitionOf } from "../../aws_partition.ts";
import { Secret } from "../../credential.ts";
import { messageOf, RegauthError } from "../../errors.ts";
import { type Io, joinPath } from "../../io.ts";
import { isJsonObject, type JsonObject, parseObject } from "../../json_object.ts";
import { later } from "../../later.ts";
import { areFresh, type AwsIdentity, type AwsKeys, rememberKeys } from "./keys.ts";
import { type Aws, variable } from "./settings.ts";
import { hashedName, pathOf } from "./shared_files.ts";

const HERE = import.meta.url;

/** A log-in as a profile names it. */
interface Login {
  /** Name of the profile. */
  readonly profile: string;
  /** Who is logged in, as an ARN. */
  readonly session: string;
  /** Region where it is renewed, unless the file says another one. */
  readonly region: string;
  /** What to do when it is over. */
  readonly renewal: string;
}

/** Domains of the website to log in at, by partition. */
const DOMAINS: Readonly<Record<string, string>> = {
  "aws": "aws.amazon.com",
  "aws-cn": "amazonaws.cn",
  "aws-us-gov": "amazonaws-us-gov.com",
};

/** What the service says in the member `error` of a refusal. */
const REFUSALS: Readonly<Record<string, string>> = {
  TOKEN_EXPIRED: "the log-in has expired",
  USER_CREDENTIALS_CHANGED: "the password was changed since",
  INSUFFICIENT_PERMISSIONS:
    "the user may not renew it; the policy SignInLocalDevelopmentAccess does",
};

/**
 * The log-in that a profile names.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @param profile Name of the profile.
 * @param session Value of its `login_session`.
 * @returns Who is logged in.
 */
export function loginIdentity(
  aws: Aws,
  region: string,
  profile: string,
  session: string,
): AwsIdentity {
  const { io } = aws.context;
  const own = aws.files.profiles.get(profile)?.values.get("region");
  const login: Login = {
    profile,
    session: session.trim(),
    region: own ?? variable(io, "AWS_REGION", "AWS_DEFAULT_REGION") ?? region,
    renewal: `Run: aws login --profile ${profile}`,
  };
  const id = ["login", login.session];
  return {
    source: `profile "${profile}" (aws login)`,
    id,
    renewal: login.renewal,
    keys: rememberKeys(aws.notes, id, io.now, () => fetchKeys(aws, login)),
  };
}

/**
 * Where the keys of a log-in are.
 *
 * @param io The outside world.
 * @param session The log-in, as an ARN.
 * @returns The path, or `undefined` without a home folder.
 */
export async function loginPath(io: Io, session: string): Promise<string | undefined> {
  const folder = variable(io, "AWS_LOGIN_CACHE_DIRECTORY")
    ? pathOf(io, "AWS_LOGIN_CACHE_DIRECTORY")
    : pathOf(io, undefined, "login", "cache");
  return folder === undefined
    ? undefined
    : joinPath(io, folder, `${await hashedName("SHA-256", session)}.json`);
}

interface Known {
  readonly file: JsonObject;
  readonly token: JsonObject;
  readonly keys: AwsKeys;
}

async function fetchKeys(aws: Aws, login: Login): Promise<AwsKeys> {
  const { io, trace } = aws.context;
  const path = await loginPath(io, login.session);
  const { keys } = await readLogin(io, path, login);
  const now = io.now();
  if (areFresh(keys, now)) return keys;
  try {
    return await renew(aws, path, login);
  } catch (error) {
    if (!keys.expiresAt || keys.expiresAt <= now) throw error;
    trace?.(`The log-in cannot be renewed yet: ${messageOf(error)}`);
    return keys;
  }
}

async function readLogin(io: Io, path: string | undefined, login: Login): Promise<Known> {
  const text = path === undefined ? undefined : await io.readText(path);
  if (text === undefined) throw loggedOut(login, "nobody is logged in");
  const file = parseObject(text) ?? {};
  const token = isJsonObject(file.accessToken) ? file.accessToken : {};
  const keys = keysOf(token, new Date(typeof token.expiresAt === "string" ? token.expiresAt : NaN));
  if (keys) return { file, token, keys };
  throw new RegauthError("config-type", `Cannot use "${path}": it holds no keys with their end`, {
    subject: path ?? "",
    hint: login.renewal,
  });
}

function keysOf(token: JsonObject, expiresAt: Date): AwsKeys | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = token;
  return typeof accessKeyId === "string" && typeof secretAccessKey === "string" &&
      typeof sessionToken === "string" && !Number.isNaN(expiresAt.getTime())
    ? {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: new Secret(sessionToken),
      expiresAt,
    }
    : undefined;
}

/** A token to renew with counts once: whoever comes second finds the new keys. */
async function renew(aws: Aws, path: string | undefined, login: Login): Promise<AwsKeys> {
  const { io, trace } = aws.context;
  const lock = path === undefined ? undefined : await io.lock(path).catch(() => undefined);
  try {
    const { file, token, keys } = await readLogin(io, path, login);
    if (areFresh(keys, io.now())) return keys;
    const sentAt = io.now().getTime();
    const answer = await askForKeys(aws, login, file);
    const fresh = isJsonObject(answer.accessToken) ? answer.accessToken : {};
    const { expiresIn } = answer;
    const end = new Date(typeof expiresIn === "number" ? sentAt + expiresIn * 1000 : NaN);
    const renewed = keysOf(fresh, end);
    if (renewed === undefined) {
      throw new RegauthError("network", "Cannot renew the log-in: the answer holds no keys", {
        subject: login.session,
        hint: login.renewal,
      });
    }
    const expiresAt = end.toISOString().replace(/\.\d+Z$/, "Z");
    const text = JSON.stringify({
      ...file,
      accessToken: { ...token, ...fresh, expiresAt },
      ...(typeof answer.refreshToken === "string" ? { refreshToken: answer.refreshToken } : {}),
    });
    if (path !== undefined) {
      await io.writePrivate(path, text)
        .catch((error) => trace?.(`The new log-in is not kept: ${messageOf(error)}`));
    }
    return renewed;
  } finally {
    await lock?.release();
  }
}

async function askForKeys(aws: Aws, login: Login, file: JsonObject): Promise<JsonObject> {
  const { clientId, refreshToken, dpopKey, signInRegion } = file;
  if (
    typeof clientId !== "string" || typeof refreshToken !== "string" || typeof dpopKey !== "string"
  ) {
    throw loggedOut(login, "the log-in has expired, and cannot be renewed");
  }
  const [{ dpopProof }, { callAws, jsonOf }, { below, endpointOverride }, { AwsError }] =
    await Promise.all([
      later<typeof import("./dpop.ts")>("./dpop.ts", HERE),
      later<typeof import("./call.ts")>("./call.ts", HERE),
      later<typeof import("./endpoint.ts")>("./endpoint.ts", HERE),
      later<typeof import("./refusal.ts")>("./refusal.ts", HERE),
    ]);
  const region = typeof signInRegion === "string" && isAwsRegion(signInRegion)
    ? signInRegion
    : login.region;
  const { name, dnsSuffix } = partitionOf(region);
  const endpoint = endpointOverride(aws, "SIGNIN") ??
    new URL(`https://${region}.signin.${DOMAINS[name] ?? dnsSuffix}/`);
  const url = below(endpoint, "/v1/token");
  const key = new Secret(dpopKey);
  const call = {
    service: "AWS Sign-In",
    region,
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ clientId, grantType: "refresh_token", refreshToken }),
    proof: async () => ({ DPoP: await dpopProof(key, url, aws.context.io.now()) }),
    secrets: [key, new Secret(refreshToken)],
    rights: login.renewal,
  };
  const answer = await callAws(aws, call).catch((error) => {
    const why = error instanceof AwsError ? REFUSALS[error.reason] : undefined;
    throw why === undefined ? error : loggedOut(login, why, error);
  });
  return jsonOf(answer, call);
}

function loggedOut({ profile, renewal }: Login, why: string, cause?: unknown): RegauthError {
  return new RegauthError("refused", `Cannot use profile "${profile}": ${why}`, {
    subject: profile,
    hint: renewal,
    ...(cause === undefined ? {} : { cause }),
  });
}
