/**
 * Keys as programs and local services hand them out, in JSON: metadata services, container agents,
 * `credential_process`.
 *
 * @example
 * ```ts
 * import { servedKeys } from "./served_keys.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const keys = servedKeys({ AccessKeyId: "ASIAEXAMPLE000000002", SecretAccessKey: "s", Token: "t" });
 * assertEquals(keys?.accessKeyId, "ASIAEXAMPLE000000002");
 * assertEquals(servedKeys({ AccessKeyId: "ASIAEXAMPLE000000002" }), undefined);
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import type { JsonObject } from "../../json_object.ts";
import type { AwsKeys } from "./keys.ts";

/**
 * Reads keys.
 *
 * @param object What was handed out.
 * @returns The keys, or `undefined` if a part is missing or of the wrong kind.
 */
export function servedKeys(object: JsonObject): AwsKeys | undefined {
  const { AccessKeyId: id, SecretAccessKey: secret, Expiration: expiration } = object;
  const token = object.Token ?? object.SessionToken ?? "";
  if (typeof id !== "string" || typeof secret !== "string" || typeof token !== "string") {
    return undefined;
  }
  if (id === "" || secret === "") return undefined;
  if (expiration === undefined || expiration === null) return keysOf(id, secret, token);
  const expiresAt = new Date(typeof expiration === "string" ? expiration : NaN);
  return Number.isNaN(expiresAt.getTime())
    ? undefined
    : { ...keysOf(id, secret, token), expiresAt };
}

function keysOf(id: string, secret: string, token: string): AwsKeys {
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(token === "" ? {} : { sessionToken: new Secret(token) }),
  };
}
