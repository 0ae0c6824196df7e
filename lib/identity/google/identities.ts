/**
 * Who are we to Google? The sources in the order in which they are asked: a credential file that a
 * variable names, the one that gcloud writes, GitHub's word for its job, the metadata server, gcloud.
 *
 * @example A key file ends the search
 * ```ts
 * import { googleIdentities } from "./identities.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { GOOGLE_APPLICATION_CREDENTIALS: "/user.json" },
 *   files: {
 *     "/user.json": JSON.stringify({
 *       type: "authorized_user",
 *       client_id: "c",
 *       client_secret: "s",
 *       refresh_token: "r",
 *     }),
 *   },
 * });
 * const found = await Array.fromAsync(googleIdentities({ io }, {}));
 * assertEquals(found.map(({ name }) => name), ["user of /user.json"]);
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { later } from "../../later.ts";
import type { Identity } from "../access_token.ts";
import { namedFile, variableFile, wellKnownFile } from "./adc.ts";
import type { GoogleOptions } from "./options.ts";

const HERE = import.meta.url;

/**
 * Looks for identities. One that is configured ends the search; behind the metadata server others
 * follow, because only its token tells whether it is there.
 *
 * @param context The outside world.
 * @param options Where to look, and what the tokens shall allow.
 * @returns The identities, best first; each is looked for when the ones before it gave no token.
 * @throws {RegauthError} If an identity is configured, and broken; if the only source that was named
 * has none.
 */
export async function* googleIdentities(
  context: Context,
  options: GoogleOptions,
): AsyncGenerator<Identity> {
  const { impersonate, scopes, selfSigned: _, ...rest } = options;
  if (impersonate === undefined) return yield* sources(context, options);
  const { impersonated, impersonationUrl } = await later<typeof import("./impersonation.ts")>(
    "./impersonation.ts",
    HERE,
  );
  const url = impersonationUrl(impersonate, options);
  for await (const source of sources(context, rest)) {
    yield impersonated(context, source, { url, ...(scopes === undefined ? {} : { scopes }) });
  }
}

async function* sources(
  context: Context,
  options: GoogleOptions,
): AsyncGenerator<Identity> {
  const { source, credentialFile, audience } = options;
  if (credentialFile !== undefined) {
    return yield await namedFile(context, credentialFile, "credentialFile", options);
  }
  if (audience !== undefined) {
    const { githubJob } = await later<typeof import("./github_job.ts")>("./github_job.ts", HERE);
    return yield githubJob(context, audience, options);
  }
  if (source === undefined || source === "adc") {
    const file = await variableFile(context, options) ?? await wellKnownFile(context, options);
    if (file !== undefined) return yield file;
    if (source === "adc") {
      throw nothing("no credential file", "gcloud auth application-default login");
    }
  }
  if (source === undefined || source === "metadata") {
    const { metadataServer } = await later<typeof import("./metadata.ts")>("./metadata.ts", HERE);
    const machine = metadataServer(context, options);
    if (machine !== undefined) yield machine;
    if (source === "metadata") throw nothing("no metadata server", "curl metadata.google.internal");
  }
  const { gcloud, gcloudMissing } = await later<typeof import("./gcloud.ts")>("./gcloud.ts", HERE);
  const account = await gcloud(context, source === "gcloud");
  if (account !== undefined) yield account;
  else if (source === "gcloud") throw gcloudMissing();
}

function nothing(what: string, command: string): RegauthError {
  return new RegauthError(
    "no-credential",
    `Cannot find the Google identity that regauth's own file wants: there is ${what}`,
    { hint: `Try: ${command}; or name another source.` },
  );
}
