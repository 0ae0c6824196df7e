/**
 * A role of AWS for who holds a token of somebody else: pods (IRSA) and CI jobs.
 *
 * @example
 * ```ts
 * import { openAws } from "./settings.ts";
 * import { webIdentityOfEnvironment } from "./web_identity.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = {
 *   AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/token",
 *   AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pod",
 * };
 * const identity = webIdentityOfEnvironment(await openAws({ io: memoryIo({ env }) }), "eu-west-1");
 * assertEquals(identity?.source, "the token of AWS_WEB_IDENTITY_TOKEN_FILE");
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { IniSection } from "../../ini.ts";
import { later } from "../../later.ts";
import { type AwsIdentity, rememberKeys } from "./keys.ts";
import { type Aws, variable } from "./settings.ts";

const HERE = import.meta.url;

/** The role, and where the token is. */
export interface WebIdentity {
  /** Where it is configured, to follow "from". */
  readonly source: string;
  /** The role. */
  readonly roleArn: string;
  /** Path of the file that holds the token. */
  readonly tokenFile: string;
  /** How the session is called in logs. */
  readonly sessionName?: string | undefined;
  /** Seconds for which the keys are good. */
  readonly duration?: number | undefined;
  /** The profile that names the role. */
  readonly profile?: IniSection;
}

/** Longest token that AWS takes. */
const LONGEST_TOKEN = 20_000;

/**
 * Finds the role and the token file in variables.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @returns Who has the role, or `undefined` if no token file is named.
 * @throws {RegauthError} `incomplete-credential` if there is no role for the token.
 */
export function webIdentityOfEnvironment(aws: Aws, region: string): AwsIdentity | undefined {
  const { io } = aws.context;
  const tokenFile = variable(io, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (tokenFile === undefined) return undefined;
  const roleArn = variable(io, "AWS_ROLE_ARN");
  if (roleArn === undefined) {
    throw new RegauthError(
      "incomplete-credential",
      'Cannot use "AWS_WEB_IDENTITY_TOKEN_FILE": AWS_ROLE_ARN is not set',
      { subject: "AWS_ROLE_ARN", hint: "Set AWS_ROLE_ARN to the role that trusts the token." },
    );
  }
  return webIdentity(aws, region, {
    source: "the token of AWS_WEB_IDENTITY_TOKEN_FILE",
    roleArn,
    tokenFile,
    sessionName: variable(io, "AWS_ROLE_SESSION_NAME"),
  });
}

/**
 * Whoever has the role by the token. The file is read whenever keys are needed: its token changes.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @param given The role and the file.
 * @returns Who has the role.
 */
export function webIdentity(aws: Aws, region: string, given: WebIdentity): AwsIdentity {
  const { source, roleArn, tokenFile, sessionName, duration, profile } = given;
  const { io } = aws.context;
  const id = ["web identity", roleArn, tokenFile];
  return {
    source,
    id,
    renewal: `The token in ${tokenFile} must be renewed.`,
    keys: rememberKeys(aws.notes, id, io.now, async () => {
      const token = await readToken(aws, tokenFile);
      const { assumeRoleWithWebIdentity, stsRegion } = await later<typeof import("./sts.ts")>(
        "./sts.ts",
        HERE,
      );
      return await assumeRoleWithWebIdentity(aws, stsRegion(aws, region, profile), {
        roleArn,
        token,
        sessionName,
        duration,
      });
    }),
  };
}

async function readToken({ context: { io } }: Aws, path: string): Promise<Secret> {
  let text: string | undefined;
  try {
    text = await io.readText(path);
  } catch (error) {
    if (!(error instanceof RegauthError)) throw error;
    const hint =
      "In a pod whose containers do not run as root set fsGroup in its security context.";
    throw new RegauthError(error.code, error.message, { subject: path, hint, cause: error });
  }
  const token = (text ?? "").trimEnd();
  if (token !== "" && token.length <= LONGEST_TOKEN) return new Secret(token);
  const why = text === undefined
    ? "it does not exist"
    : token === ""
    ? "it is empty"
    : "it is too long for a token";
  throw new RegauthError("config-io", `Cannot use the token file "${path}": ${why}`, {
    subject: path,
    hint: "Check the path, and whether whoever writes the file does so.",
  });
}
