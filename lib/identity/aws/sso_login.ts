/**
 * Logs in to IAM Identity Center as `aws sso login` does, by a code that is confirmed in a browser on
 * any machine (device authorization, RFC 8628), and leaves the same file behind.
 *
 * @example
 * ```ts
 * import { ssoLogin } from "./sso_login.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const answers = [
 *   { clientId: "c", clientSecret: "s", clientSecretExpiresAt: 1_800_000_000 },
 *   { deviceCode: "d", userCode: "AB-CD", verificationUriComplete: "https://device.example/?AB-CD" },
 *   { accessToken: "t", expiresIn: 28_800 },
 * ];
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   fetch: () => Response.json(answers.shift()),
 * });
 * const login = { profile: "dev", startUrl: "https://corp.example", region: "eu-west-1", renewal: "" };
 * let code = "";
 * await ssoLogin(await openAws({ io }), login, (device) => code = device.code);
 * assertEquals([code, io.writes.length], ["AB-CD", 1]);
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { JsonObject } from "../../json_object.ts";
import { plain } from "../../server_message.ts";
import { type AwsCall, callAws, jsonOf } from "./call.ts";
import { below, serviceUrl } from "./endpoint.ts";
import { AwsError } from "./refusal.ts";
import type { Aws } from "./settings.ts";
import { type SsoLogin, ssoTokenPath } from "./sso_token.ts";

/** What the user has to do. */
export interface DeviceCode {
  /** The page to open; the code is in it. */
  readonly url: string;
  /** The code, to be compared with that of the page. */
  readonly code: string;
}

/** What a client may ask for. */
const SCOPES = ["sso:account:access"];
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Seconds between two questions whether the user is done, and how many more if that is too often. */
const INTERVAL = 5;
const SLOWER = 5;
const LONGEST_INTERVAL = 60;
/** Seconds in which the user must be done, whatever the answer says. */
const LONGEST = 900;
/** Milliseconds that each question may take. */
const PATIENCE = 15_000;

const PENDING = /^(?:AuthorizationPendingException|authorization_pending)$/;
const SLOW_DOWN = /^(?:SlowDownException|slow_down)$/;

/**
 * Logs in.
 *
 * @param aws The settings.
 * @param login The log-in that a profile describes.
 * @param tell Hears what the user has to do.
 * @throws {AwsError} `refused` or `network`
 * @throws {RegauthError} `aws-sso-login` if the user does not confirm it in time; `network`,
 * `aborted`, `write-io`
 */
export async function ssoLogin(
  aws: Aws,
  login: SsoLogin,
  tell: (device: DeviceCode) => void,
): Promise<void> {
  const { io, signal } = aws.context;
  const ask = (path: string, body: JsonObject): Promise<JsonObject> => send(aws, login, path, body);
  const client = await ask("/client/register", {
    clientName: "regauth",
    clientType: "public",
    scopes: SCOPES,
  });
  const clientId = text(client, "clientId");
  const clientSecret = text(client, "clientSecret");
  const { startUrl } = login;
  const device = await ask("/device_authorization", { clientId, clientSecret, startUrl });
  const deviceCode = text(device, "deviceCode");
  tell({
    url: pageOf(text(device, "verificationUriComplete")),
    code: plain(text(device, "userCode")),
  });

  const end = io.now().getTime() + Math.min(number(device, "expiresIn", LONGEST), LONGEST) * 1000;
  let interval = Math.min(number(device, "interval", INTERVAL), LONGEST_INTERVAL);
  while (io.now().getTime() < end) {
    await io.sleep(interval * 1000, signal).catch((cause) => {
      throw new RegauthError("aborted", "Cannot log in: it was interrupted", { cause });
    });
    const sentAt = io.now().getTime();
    try {
      const grant = { clientId, clientSecret, deviceCode, grantType: DEVICE_GRANT };
      return await keep(aws, login, client, await ask("/token", grant), sentAt);
    } catch (error) {
      const names = error instanceof AwsError ? [error.awsCode, error.reason] : [];
      if (names.some((name) => SLOW_DOWN.test(name))) interval += SLOWER;
      else if (!names.some((name) => PENDING.test(name))) throw error;
    }
  }
  throw new RegauthError("aws-sso-login", "Cannot log in: nobody confirmed the code in time", {
    subject: login.profile,
    hint: "Try again, and confirm the code in the browser.",
  });
}

async function send(
  aws: Aws,
  { region, renewal }: SsoLogin,
  path: string,
  body: JsonObject,
): Promise<JsonObject> {
  const call: AwsCall = {
    service: "IAM Identity Center",
    region,
    url: below(serviceUrl(aws, "SSO OIDC", "oidc", region), path),
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    secrets: [body.clientSecret, body.deviceCode]
      .flatMap((secret) => typeof secret === "string" ? [new Secret(secret)] : []),
    rights: renewal,
  };
  return jsonOf(await callAws({ ...aws, patience: { left: PATIENCE } }, call), call);
}

/** The file that all tools of AWS read. */
async function keep(
  { context: { io } }: Aws,
  { session, startUrl, region }: SsoLogin,
  client: JsonObject,
  token: JsonObject,
  sentAt: number,
): Promise<void> {
  const path = await ssoTokenPath(io, session ?? startUrl);
  if (path === undefined) {
    throw new RegauthError(
      "write-io",
      "Cannot keep the log-in: no variable tells the home folder",
      {
        subject: "HOME",
        hint: "Set HOME.",
      },
    );
  }
  const { clientId, clientSecret } = client;
  const { refreshToken } = token;
  const file = {
    startUrl,
    region,
    accessToken: text(token, "accessToken"),
    expiresAt: timeAt(sentAt + number(token, "expiresIn", 0) * 1000),
    clientId,
    clientSecret,
    registrationExpiresAt: timeAt(number(client, "clientSecretExpiresAt", 0) * 1000),
    ...(typeof refreshToken === "string" ? { refreshToken } : {}),
  };
  await io.writePrivate(path, JSON.stringify(file));
}

function timeAt(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** It is printed for people to open: anything else than a page could be a trick. */
function pageOf(url: string): string {
  if (URL.parse(url)?.protocol === "https:") return plain(url);
  throw missing("verificationUriComplete");
}

function text(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === "string" && value !== "") return value;
  throw missing(name);
}

function number(object: JsonObject, name: string, otherwise: number): number {
  const value = object[name];
  return typeof value === "number" && value > 0 ? value : otherwise;
}

function missing(name: string): RegauthError {
  return new RegauthError("network", `Cannot log in: the answer has no ${name}`, {
    subject: "IAM Identity Center",
    hint: "Check the endpoint; a portal or proxy may have answered.",
  });
}
