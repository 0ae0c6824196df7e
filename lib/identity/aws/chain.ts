/**
 * Who am I to AWS? The places that are asked, in the order of the SDK for Go (aws-sdk-go-v2
 * `config/resolve_credentials.go`), so that tools built on it and regauth are the same user: keys in
 * variables, a web identity in variables, the profile, the container, the instance. Whoever is found
 * first counts, even if that one fails.
 *
 * @example
 * ```ts
 * import { findIdentity } from "./chain.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me", AWS_EC2_METADATA_DISABLED: "true" },
 *   files: {
 *     "/home/me/.aws/credentials":
 *       "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s3cret\n",
 *   },
 * });
 * const identity = await findIdentity(await openAws({ io }), "eu-west-1");
 * assertEquals(identity.source, 'profile "default"');
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import { later } from "../../later.ts";
import { environmentIdentity } from "./environment.ts";
import type { AwsIdentity } from "./keys.ts";
import { profileIdentity } from "./profile.ts";
import { type Aws, variable } from "./settings.ts";

const HERE = import.meta.url;

/**
 * Finds who the user is, with the role on top that the caller wants.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @returns Who it is. Only sources that cannot say it otherwise have been asked for keys.
 * @throws {RegauthError} `no-credential` if nobody tells, with all that was tried; what the first
 * source that is configured throws.
 */
export async function findIdentity(aws: Aws, region: string): Promise<AwsIdentity> {
  const { options: { roleArn, externalId, duration } } = aws;
  const found = await firstIdentity(aws, region);
  aws.context.trace?.(`AWS keys come from ${found.source}`);
  if (roleArn === undefined) return found;
  const { roleIdentity } = await later<typeof import("./role.ts")>("./role.ts", HERE);
  return roleIdentity(aws, region, found, { roleArn, externalId, duration });
}

async function firstIdentity(aws: Aws, region: string): Promise<AwsIdentity> {
  const { context: { io, trace }, options, profileName } = aws;
  const tried: string[] = [];
  const skip = (what: string, why: string): void => {
    tried.push(`${what}: ${why}`);
    trace?.(`${what}: ${why}`);
  };

  if (options.profile !== undefined) {
    skip("variables", `not asked, the profile "${options.profile}" is configured`);
  } else {
    const environment = environmentIdentity(aws);
    if (environment) {
      const ignored = variable(io, "AWS_PROFILE");
      if (ignored) {
        aws.warn(`AWS_PROFILE (${ignored}) does not count: AWS_ACCESS_KEY_ID is set too`);
      }
      return environment;
    }
    skip("variables", "AWS_ACCESS_KEY_ID is not set");
    const what = "web identity";
    if (variable(io, "AWS_WEB_IDENTITY_TOKEN_FILE") !== undefined) {
      const { webIdentityOfEnvironment } = await later<typeof import("./web_identity.ts")>(
        "./web_identity.ts",
        HERE,
      );
      const identity = webIdentityOfEnvironment(aws, region);
      if (identity) return identity;
    }
    skip(what, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  }

  const findMachine = async (): Promise<AwsIdentity | undefined> => {
    if (aws.profile === undefined) skip("profile", `the AWS files hold no "${profileName}"`);
    else skip("profile", `"${profileName}" has neither keys nor a way to them`);
    const set = variable(
      io,
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    );
    if (set !== undefined) {
      return await (await later<typeof import("./container.ts")>("./container.ts", HERE))
        .containerIdentity(aws);
    }
    skip("container", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set");
    const { imdsIdentity } = await later<typeof import("./imds.ts")>("./imds.ts", HERE);
    return await imdsIdentity(aws, (why) => skip("EC2 instance", why));
  };
  const identity = aws.profile === undefined
    ? await findMachine()
    : await profileIdentity(aws, region, profileName, findMachine);
  if (identity) return identity;
  throw new RegauthError("no-credential", `Cannot find AWS keys: ${tried.join("; ")}`, {
    subject: "AWS",
    hint: "Set AWS_PROFILE, or log in: aws configure sso, aws login or aws configure.",
  });
}
