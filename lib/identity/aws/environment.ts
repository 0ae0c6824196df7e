/**
 * Keys of AWS in environment variables.
 *
 * @example
 * ```ts
 * import { environmentIdentity } from "./environment.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" };
 * const identity = environmentIdentity(await openAws({ io: memoryIo({ env }) }));
 * assertEquals((await identity?.keys())?.accessKeyId, "AKIDEXAMPLE");
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { AwsIdentity } from "./keys.ts";
import type { Aws } from "./settings.ts";

/** The variables, and older names that the SDK for Go knows (`config/env_config.go`). */
const NAMES = {
  id: ["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"],
  secret: ["AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"],
  token: ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
} as const;

const EXPIRATION = "AWS_CREDENTIAL_EXPIRATION";

/**
 * Finds keys in variables.
 *
 * @param aws The settings.
 * @returns Who has them, or `undefined` if none is set.
 * @throws {RegauthError} `incomplete-credential` if one of two is set.
 */
export function environmentIdentity(aws: Aws): AwsIdentity | undefined {
  const { io } = aws.context;
  const id = read(aws, NAMES.id);
  const secret = read(aws, NAMES.secret);
  if (!id && !secret) return undefined;
  if (!id || !secret) {
    const [there, missing] = id ? [id.name, NAMES.secret[0]] : [secret?.name, NAMES.id[0]];
    throw new RegauthError(
      "incomplete-credential",
      `Cannot use "${there}": ${missing} is not set`,
      { subject: missing, hint: `Set ${missing} too, or remove ${there}.` },
    );
  }
  const token = read(aws, NAMES.token);
  const expiresAt = new Date(io.env(EXPIRATION) || NaN);
  const renewal = token
    ? `${token.name} in the environment has expired: unset it or renew it.`
    : `Renew ${id.name} in the environment.`;
  return {
    source: "the environment",
    id: ["key", id.value],
    renewal,
    keys: () =>
      Promise.try(() => {
        if (expiresAt <= io.now()) {
          throw new RegauthError(
            "refused",
            `Cannot use "${id.name}": it has expired, as ${EXPIRATION} says`,
            { subject: id.name, hint: renewal },
          );
        }
        return {
          accessKeyId: id.value,
          secretAccessKey: new Secret(secret.value),
          ...(token ? { sessionToken: new Secret(token.value) } : {}),
          ...(Number.isNaN(expiresAt.getTime()) ? {} : { expiresAt }),
        };
      }),
  };
}

/** The first variable that is set, without the white space that a paste left around its value. */
function read(
  { context: { io }, warn }: Aws,
  names: readonly string[],
): { readonly name: string; readonly value: string } | undefined {
  for (const name of names) {
    const text = io.env(name);
    if (!text) continue;
    const value = text.trim();
    if (value !== text) warn(`${name} has white space around its value, which is left out`);
    if (value !== "") return { name, value };
  }
  return undefined;
}
