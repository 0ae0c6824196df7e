/**
 * The identity that a profile describes, in the order of the SDK for Go (aws-sdk-go-v2
 * `config/resolve_credentials.go`): another profile, keys, the machine, a web identity, Identity
 * Center, `aws login`, a program; and then a role on top.
 *
 * @example
 * ```ts
 * import { profileIdentity } from "./profile.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me" },
 *   files: {
 *     "/home/me/.aws/config": "[profile pull]\nrole_arn = arn:aws:iam::123456789012:role/pull\n" +
 *       "source_profile = me\n",
 *     "/home/me/.aws/credentials": "[me]\naws_access_key_id = A\naws_secret_access_key = s\n",
 *   },
 * });
 * const nobody = () => Promise.resolve(undefined);
 * const identity = await profileIdentity(await openAws({ io }), "eu-west-1", "pull", nobody);
 * assertEquals(identity?.source, 'role arn:aws:iam::123456789012:role/pull by profile "me"');
 * ```
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { RegauthError } from "../../errors.ts";
import type { IniSection } from "../../ini.ts";
import { later } from "../../later.ts";
import type { AwsIdentity } from "./keys.ts";
import { type Aws, missingProfile } from "./settings.ts";
import { isSso, ssoIdentity } from "./sso.ts";

const HERE = import.meta.url;

/** How many profiles may lead to one another. */
const MOST_HOPS = 8;

/** Kinds of sources that need a role. */
const ROLE_SOURCES = ["source_profile", "credential_source", "web_identity_token_file"];

/** Finds who the machine is: container or instance. */
export type FindMachine = () => Promise<AwsIdentity | undefined>;

/**
 * Finds whom a profile describes.
 *
 * @param aws The settings.
 * @param region Region that the keys are for.
 * @param name Name of the profile.
 * @param findMachine Finds who the machine is, for profiles that say nothing else.
 * @returns Who it is, or `undefined` if neither profile nor machine tell.
 * @throws {RegauthError} `config-type` or `incomplete-credential` if the profile contradicts itself.
 */
export async function profileIdentity(
  aws: Aws,
  region: string,
  name: string,
  findMachine: FindMachine,
): Promise<AwsIdentity | undefined> {
  return await identityOf({ aws, region, findMachine }, name, []);
}

interface Search {
  readonly aws: Aws;
  readonly region: string;
  readonly findMachine: FindMachine;
}

async function identityOf(
  search: Search,
  name: string,
  visited: readonly string[],
): Promise<AwsIdentity | undefined> {
  const { aws, region, findMachine } = search;
  const section = aws.files.profiles.get(name);
  if (section === undefined) {
    const by = visited.at(-1);
    if (by === undefined) return await findMachine();
    throw missingProfile(aws.files, name, `source_profile of profile "${by}"`);
  }
  check(name, section);
  const base = await baseOf(search, name, section, visited);
  const roleArn = section.values.get("role_arn");
  if (roleArn === undefined || section.values.has("web_identity_token_file")) return base;
  if (base === undefined) return undefined;
  const { roleIdentity } = await later<typeof import("./role.ts")>("./role.ts", HERE);
  return roleIdentity(aws, region, base, {
    ...roleOf(aws, section),
    roleArn,
    externalId: section.values.get("external_id"),
    mfaSerial: section.values.get("mfa_serial"),
    profile: { name, section },
  });
}

/** Whose keys a profile uses, before it takes on a role. */
async function baseOf(
  search: Search,
  name: string,
  section: IniSection,
  visited: readonly string[],
): Promise<AwsIdentity | undefined> {
  const { aws, region, findMachine } = search;
  const value = (key: string): string | undefined => section.values.get(key);
  const source = value("source_profile");
  const keys = staticIdentity(name, section);
  if (source === name && keys) return keys;
  if (source !== undefined) {
    const path = [...visited, name];
    if (path.includes(source) || path.length > MOST_HOPS) {
      throw fault(
        name,
        path.includes(source)
          ? `its source_profile leads back to it: ${[...path, source].join(" -> ")}`
          : `more than ${MOST_HOPS} profiles lead to one another`,
        "Let one of them hold keys in place of source_profile.",
      );
    }
    return await identityOf(search, source, path);
  }
  if (keys) return keys;
  const place = value("credential_source");
  if (place !== undefined) return await machineOf(search, name, place);
  const tokenFile = value("web_identity_token_file");
  if (tokenFile !== undefined) {
    const { webIdentity } = await later<typeof import("./web_identity.ts")>(
      "./web_identity.ts",
      HERE,
    );
    return webIdentity(aws, region, {
      ...roleOf(aws, section),
      source: `the token of profile "${name}"`,
      roleArn: value("role_arn") ?? "",
      tokenFile,
      profile: section,
    });
  }
  if (isSso(section)) return ssoIdentity(aws, name, section);
  const session = value("login_session");
  if (session !== undefined) {
    return (await later<typeof import("./login_session.ts")>("./login_session.ts", HERE))
      .loginIdentity(aws, region, name, session);
  }
  const command = value("credential_process");
  if (command !== undefined) {
    return await (await later<typeof import("./process.ts")>("./process.ts", HERE)).processIdentity(
      aws,
      name,
      command,
    );
  }
  aws.context.trace?.(`Profile "${name}" says nothing of keys`);
  return await findMachine();
}

function check(name: string, { values }: IniSection): void {
  if (values.has("source_profile") && values.has("credential_source")) {
    throw fault(
      name,
      "it has source_profile and credential_source",
      "Remove one of them: keys can come from one place only.",
    );
  }
  const [source] = ROLE_SOURCES.filter((key) => values.has(key));
  if (source !== undefined && !values.has("role_arn")) {
    throw fault(name, `${source} needs role_arn`, `Add role_arn, or remove ${source}.`);
  }
}

function staticIdentity(name: string, { values }: IniSection): AwsIdentity | undefined {
  const id = values.get("aws_access_key_id");
  const secret = values.get("aws_secret_access_key");
  const token = values.get("aws_session_token") ?? values.get("aws_security_token");
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined || secret === undefined) {
    const missing = id === undefined ? "aws_access_key_id" : "aws_secret_access_key";
    throw new RegauthError(
      "incomplete-credential",
      `Cannot use profile "${name}": ${missing} is missing`,
      { subject: name, hint: `Run aws configure --profile ${name}.` },
    );
  }
  return {
    source: `profile "${name}"`,
    id: ["key", id],
    renewal: token === undefined
      ? `Run aws configure --profile ${name}.`
      : `Get new keys for profile "${name}", from where aws_session_token came.`,
    keys: () =>
      Promise.resolve({
        accessKeyId: id,
        secretAccessKey: new Secret(secret),
        ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
      }),
  };
}

/** The places that `credential_source` may name, spelled exactly so. */
async function machineOf(
  { aws }: Search,
  name: string,
  place: string,
): Promise<AwsIdentity | undefined> {
  const missing = (why: string): RegauthError =>
    fault(name, `credential_source is ${place}, but ${why}`, "Correct credential_source.");
  switch (place) {
    case "Environment": {
      const identity = (await later<typeof import("./environment.ts")>("./environment.ts", HERE))
        .environmentIdentity(aws);
      if (identity) return identity;
      throw missing("AWS_ACCESS_KEY_ID is not set");
    }
    case "EcsContainer": {
      const identity = await (await later<typeof import("./container.ts")>("./container.ts", HERE))
        .containerIdentity(aws);
      if (identity) return identity;
      throw missing("no variable AWS_CONTAINER_CREDENTIALS_… is set");
    }
    case "Ec2InstanceMetadata": {
      let reason = "";
      const { imdsIdentity } = await later<typeof import("./imds.ts")>("./imds.ts", HERE);
      const identity = await imdsIdentity(aws, (why) => void (reason = why));
      if (identity) return identity;
      throw missing(`this is no EC2 instance with a role: ${reason}`);
    }
    default:
      throw fault(
        name,
        "its credential_source is unknown",
        "Write Environment, Ec2InstanceMetadata or EcsContainer.",
      );
  }
}

function roleOf(
  { options }: Aws,
  { values }: IniSection,
): { readonly sessionName: string | undefined; readonly duration: number | undefined } {
  const seconds = values.get("duration_seconds");
  return {
    sessionName: values.get("role_session_name"),
    duration: options.duration ?? (seconds === undefined ? undefined : Number(seconds)),
  };
}

function fault(name: string, why: string, hint: string): RegauthError {
  return new RegauthError("config-type", `Cannot use profile "${name}": ${why}`, {
    subject: name,
    hint,
  });
}
