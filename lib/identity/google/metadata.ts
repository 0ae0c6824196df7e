/**
 * The metadata server of Google's machines, which knows the service account that a machine, pod or
 * function runs as.
 *
 * @module
 */

import type { Context } from "../../io.ts";
import { later } from "../../later.ts";
import type { Identity } from "../access_token.ts";
import { isRuledOut, metadataBase } from "./metadata_place.ts";
import { CLOUD_PLATFORM, type GoogleOptions } from "./options.ts";

/** The server itself renews a token only four minutes before its end. */
const MARGIN = 225;

/**
 * The identity of the machine. Whether there is a metadata server at all is found out when its
 * token is wanted.
 *
 * @param context The outside world.
 * @param options Which account, and what its token shall allow.
 * @returns The identity, or `undefined` if the environment says that there is none. Its token throws
 * `google-metadata-…`, `google-no-service-account`.
 * @throws {RegauthError} `invalid-environment` if a variable has a wrong value.
 */
export function metadataServer(context: Context, options: GoogleOptions): Identity | undefined {
  const { serviceAccount = "default", scopes = [CLOUD_PLATFORM] } = options;
  const base = metadataBase(context.io);
  if (isRuledOut(context)) return undefined;
  const path = `instance/service-accounts/${encodeURIComponent(serviceAccount)}/token`;
  const url = new URL(`computeMetadata/v1/${path}`, base);
  url.searchParams.set("scopes", scopes.join(","));
  const name = `service account ${serviceAccount} of the metadata server`;
  return {
    name,
    key: ["metadata", url.href],
    margin: MARGIN,
    token: async () => {
      const { metadataToken } = await later<typeof import("./metadata_token.ts")>(
        "./metadata_token.ts",
        import.meta.url,
      );
      return await metadataToken(context, url, name);
    },
  };
}
