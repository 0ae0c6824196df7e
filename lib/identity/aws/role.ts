/**
 * A role that somebody with keys takes on; where an MFA device is wanted, its code is asked for once
 * and the keys are kept for as long as they are good.
 *
 * @example
 * ```ts
 * import { roleIdentity } from "./role.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { Secret } from "../../credential.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const me = {
 *   source: "my keys",
 *   id: ["key", "A"],
 *   renewal: "Make new ones.",
 *   keys: () => Promise.resolve({ accessKeyId: "A", secretAccessKey: new Secret("s") }),
 * };
 * const roleArn = "arn:aws:iam::123456789012:role/pull";
 * const identity = roleIdentity(await openAws({ io: memoryIo() }), "eu-west-1", me, { roleArn });
 * assertEquals(identity.source, `role ${roleArn} by my keys`);
 * assertEquals(identity.id.includes("A"), true);
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { IniSection } from "../../ini.ts";
import { parseObject } from "../../json_object.ts";
import { later } from "../../later.ts";
import { digest } from "../cached_token.ts";
import type { Remembered } from "../memory.ts";
import { areFresh, type AwsIdentity, type AwsKeys, rememberKeys } from "./keys.ts";
import type { Aws } from "./settings.ts";

const HERE = import.meta.url;

/** A role, and what its owner wants to know. */
export interface Role {
  /** The role. */
  readonly roleArn: string;
  /** How the session is called in logs. */
  readonly sessionName?: string | undefined;
  /** What the owner of the role wants to hear. */
  readonly externalId?: string | undefined;
  /** Seconds for which the keys are good. */
  readonly duration?: number | undefined;
  /** The MFA device that the owner of the role wants to see. */
  readonly mfaSerial?: string | undefined;
  /** Name of the profile that names the role, and the profile. */
  readonly profile?: { readonly name: string; readonly section: IniSection };
}

/**
 * Whoever takes on a role.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @param base Who takes it on.
 * @param role The role.
 * @returns Who has the role.
 */
export function roleIdentity(aws: Aws, region: string, base: AwsIdentity, role: Role): AwsIdentity {
  const { roleArn, externalId, mfaSerial } = role;
  const id = ["role", roleArn, externalId ?? "", mfaSerial ?? "", ...base.id];
  const fetchKeys = (): Promise<AwsKeys> =>
    mfaSerial === undefined
      ? assume(aws, region, base, role)
      : withMfa(aws, region, base, role, mfaSerial);
  return {
    source: `role ${roleArn} by ${base.source}`,
    id,
    renewal: base.renewal,
    keys: rememberKeys(aws.notes, id, aws.context.io.now, fetchKeys),
  };
}

async function assume(
  aws: Aws,
  region: string,
  base: AwsIdentity,
  role: Role,
  mfa?: { readonly device: string; readonly code: string },
): Promise<AwsKeys> {
  const { assumeRole, stsRegion } = await later<typeof import("./sts.ts")>("./sts.ts", HERE);
  const place = stsRegion(aws, region, role.profile?.section);
  return await assumeRole(aws, place, base, { ...role, ...(mfa ? { mfa } : {}) });
}

async function withMfa(
  aws: Aws,
  region: string,
  base: AwsIdentity,
  role: Role,
  device: string,
): Promise<AwsKeys> {
  const { context: { io, trace }, options: { askMfa, memory } } = aws;
  const name = role.profile?.name ?? "";
  const key = await digest(["mfa", name, role.roleArn, device, role.externalId ?? "", ...base.id]);
  const known = readKeys(await memory?.get(key));
  if (known && areFresh(known, io.now())) {
    trace?.("Keys of an earlier MFA code are still good");
    return known;
  }
  const code = await askMfa?.(device);
  if (code === undefined) {
    throw new RegauthError(
      "refused",
      `Cannot use profile "${name}": it needs an MFA code, and nobody can be asked here`,
      {
        subject: name,
        hint: "Run regauth resolve HOST in a terminal first, and type the code there.",
      },
    );
  }
  const keys = await assume(aws, region, base, role, { device, code });
  if (keys.expiresAt) {
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = keys;
    const value = JSON.stringify({
      accessKeyId,
      secretAccessKey: secretAccessKey.reveal(),
      sessionToken: sessionToken?.reveal() ?? "",
    });
    await memory?.put(key, value, expiresAt);
  }
  return keys;
}

function readKeys(
  known: Remembered | undefined,
): AwsKeys | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = parseObject(known?.value ?? "") ?? {};
  return known && typeof accessKeyId === "string" && typeof secretAccessKey === "string" &&
      typeof sessionToken === "string"
    ? {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: new Secret(sessionToken),
      expiresAt: known.expiresAt,
    }
    : undefined;
}
