/**
 * Situations in which regauth and AWS's own SDK must be the same user. `DIR` stands for the home
 * folder, `SERVER` for the address of the fake AWS.
 *
 * @module
 */

import { makeEcKey } from "../fakes/ec_key.ts";

/** One situation. */
export interface AwsScenario {
  readonly name: string;
  /** Variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files by name, below the home folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Profile that the caller names. */
  readonly profile?: string;
  /** ARN of whom both must be; without, both must fail. */
  readonly owner?: string;
}

/** Region of the registry. */
export const REGION = "eu-west-1";
/** Host of the registry. */
export const HOST = `123456789012.dkr.ecr.${REGION}.amazonaws.com`;

const user = (name: string): string => `arn:aws:iam::123456789012:user/${name.toLowerCase()}`;
/** ARN of a role. */
export const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const session = (name: string): string => `arn:aws:sts::123456789012:assumed-role/${name}/me`;

const CONFIG = ".aws/config";
const CREDENTIALS = ".aws/credentials";
/** Start page of Identity Center. */
export const START = "https://d-1234567890.awsapps.com/start";
/** Who logs in at the console. */
export const LOGIN = user("alice");
/** Who logs in to Identity Center. */
export const SSO_OWNER = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev/jane";

const keys = (id: string): string =>
  `aws_access_key_id = ${id}\naws_secret_access_key = secret-of-${id}\n`;
const env = (id: string): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: id,
  AWS_SECRET_ACCESS_KEY: `secret-of-${id}`,
});
const assume = (name: string, source: string, more = ""): string =>
  `role_arn = ${role(name)}\nrole_session_name = me\n${source}\n${more}`;

/** A time some minutes from now, as the files of AWS write it. */
function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+/, "");
}

const LEGACY_SSO =
  `sso_start_url = ${START}\nsso_region = us-east-2\nsso_account_id = 123456789012\n` +
  "sso_role_name = Dev\n";
const SSO = "sso_session = my-sso\nsso_account_id = 123456789012\nsso_role_name = Dev\n" +
  `[sso-session my-sso]\nsso_start_url = ${START}\nsso_region = us-east-2\n` +
  "sso_registration_scopes = sso:account:access\n";
const SESSION_FILE = ".aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const LEGACY_FILE = ".aws/sso/cache/7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json";
const LOGIN_FILE =
  ".aws/login/cache/b7d71d383b9557a9bad4c3346c50365819226484c6824a0fdef66637be339db0.json";

function ssoToken(minutes: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    startUrl: START,
    region: "us-east-2",
    accessToken: "access-token",
    expiresAt: inMinutes(minutes),
    clientId: "client",
    clientSecret: "client-secret",
    registrationExpiresAt: inMinutes(100_000),
    refreshToken: "refresh-token",
    ...more,
  });
}

/** A key as `aws login` writes it. */
const { sec1: DPOP_KEY } = makeEcKey();

function loginFile(minutes: number): string {
  return JSON.stringify({
    accessToken: {
      accessKeyId: "LOGIN",
      secretAccessKey: "secret-of-LOGIN",
      sessionToken: "token",
      accountId: "123456789012",
      expiresAt: inMinutes(minutes),
    },
    tokenType: "aws_sigv4",
    clientId: "arn:aws:signin:::devtools/same-device",
    refreshToken: "refresh-token",
    dpopKey: DPOP_KEY,
  });
}

const process = (command: string): string => `[profile p]\ncredential_process = ${command}\n`;
const printed = (id: string, minutes: number): string =>
  JSON.stringify({
    Version: 1,
    AccessKeyId: id,
    SecretAccessKey: `secret-of-${id}`,
    Expiration: inMinutes(minutes),
  });

const P = { AWS_PROFILE: "p" };

export const SCENARIOS: readonly AwsScenario[] = [
  { name: "keys in variables", env: env("A"), owner: user("A") },
  {
    name: "temporary keys in variables",
    env: { ...env("TEMPORARY"), AWS_SESSION_TOKEN: "token" },
    owner: user("TEMPORARY"),
  },
  {
    name: "keys in variables that end later",
    env: { ...env("A"), AWS_CREDENTIAL_EXPIRATION: inMinutes(60) },
    owner: user("A"),
  },
  { name: "a wrong secret in variables", env: { ...env("A"), AWS_SECRET_ACCESS_KEY: "other" } },
  { name: "an unknown key in variables", env: env("UNKNOWN") },
  {
    name: "a temporary key without its token",
    env: env("TEMPORARY"),
  },
  {
    name: "the default profile of the credentials file",
    files: { [CREDENTIALS]: `[default]\n${keys("A")}` },
    owner: user("A"),
  },
  {
    name: "the default profile of the config file",
    files: { [CONFIG]: `[default]\n${keys("A")}region = us-east-1\n` },
    owner: user("A"),
  },
  {
    name: "[profile default] in place of [default]",
    files: { [CONFIG]: `[profile default]\n${keys("A")}[default]\n${keys("B")}` },
    owner: user("A"),
  },
  {
    name: "temporary keys of a profile",
    files: { [CREDENTIALS]: `[default]\n${keys("TEMPORARY")}aws_session_token = token\n` },
    owner: user("TEMPORARY"),
  },
  {
    name: "a profile by AWS_PROFILE",
    env: P,
    files: { [CONFIG]: `[profile p]\n${keys("A")}` },
    owner: user("A"),
  },
  {
    name: "a profile that the caller names",
    profile: "p",
    files: { [CREDENTIALS]: `[p]\n${keys("A")}` },
    owner: user("A"),
  },
  {
    name: "a profile that the caller names, beside keys in variables",
    profile: "p",
    env: env("B"),
    files: { [CREDENTIALS]: `[p]\n${keys("A")}` },
    owner: user("A"),
  },
  {
    name: "a profile in both files",
    env: P,
    files: { [CONFIG]: `[profile p]\n${keys("A")}`, [CREDENTIALS]: `[p]\n${keys("B")}` },
    owner: user("B"),
  },
  {
    name: "a profile with quotes, comments and Windows line ends",
    env: P,
    files: {
      [CONFIG]: `# one\r\n[profile 'p'] ; two\r\n${keys("A").replaceAll("\n", " # three\r\n")}`,
    },
    owner: user("A"),
  },
  {
    name: "files in other places",
    env: { ...P, AWS_CONFIG_FILE: "DIR/c", AWS_SHARED_CREDENTIALS_FILE: "~/s" },
    files: { c: `[profile p]\n${assume("p", "source_profile = q")}`, s: `[q]\n${keys("A")}` },
    owner: session("p"),
  },
  {
    name: "a role with the keys of another profile",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${assume("p", "source_profile = q")}[profile q]\n${keys("A")}`,
    },
    owner: session("p"),
  },
  {
    name: "a role that wants an external id",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${assume("external", "source_profile = q", "external_id = x/7\n")}` +
        `[profile q]\n${keys("A")}`,
    },
    owner: session("external"),
  },
  {
    name: "a role that wants another external id",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${assume("external", "source_profile = q", "external_id = x/8\n")}` +
        `[profile q]\n${keys("A")}`,
    },
  },
  {
    name: "a role by way of another role",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${assume("p", "source_profile = q")}` +
        `[profile q]\n${assume("q", "source_profile = r")}[profile r]\n${keys("A")}`,
    },
    owner: session("p"),
  },
  {
    name: "profiles that lead to one another",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${assume("p", "source_profile = q")}` +
        `[profile q]\n${assume("q", "source_profile = p")}`,
    },
  },
  {
    name: "a role whose source does not exist",
    env: P,
    files: { [CONFIG]: `[profile p]\n${assume("p", "source_profile = q")}` },
  },
  {
    name: "a role with the keys of variables",
    profile: "p",
    env: env("A"),
    files: { [CONFIG]: `[profile p]\n${assume("p", "credential_source = Environment")}` },
    owner: session("p"),
  },
  {
    name: "a role with the keys of the container",
    env: { ...P, AWS_CONTAINER_CREDENTIALS_FULL_URI: "SERVER/v1/credentials" },
    files: { [CONFIG]: `[profile p]\n${assume("p", "credential_source = EcsContainer")}` },
    owner: session("p"),
  },
  {
    name: "a role with the keys of the instance",
    env: { ...P, AWS_EC2_METADATA_DISABLED: "" },
    files: { [CONFIG]: `[profile p]\n${assume("p", "credential_source = Ec2InstanceMetadata")}` },
    owner: session("p"),
  },
  {
    name: "a web identity in variables",
    env: {
      AWS_WEB_IDENTITY_TOKEN_FILE: "DIR/token",
      AWS_ROLE_ARN: role("web"),
      AWS_ROLE_SESSION_NAME: "me",
    },
    files: { token: "web-token" },
    owner: session("web"),
  },
  {
    name: "a web identity that the role does not trust",
    env: {
      AWS_WEB_IDENTITY_TOKEN_FILE: "DIR/token",
      AWS_ROLE_ARN: role("p"),
      AWS_ROLE_SESSION_NAME: "me",
    },
    files: { token: "web-token" },
  },
  {
    name: "a web identity of a profile",
    env: P,
    files: {
      token: "web-token",
      [CONFIG]: `[profile p]\n${assume("web", "web_identity_token_file = DIR/token")}`,
    },
    owner: session("web"),
  },
  {
    name: "Identity Center, with a session",
    env: P,
    files: { [CONFIG]: `[profile p]\n${SSO}`, [SESSION_FILE]: ssoToken(60) },
    owner: SSO_OWNER,
  },
  {
    name: "Identity Center, in the older form",
    env: P,
    files: { [CONFIG]: `[profile p]\n${LEGACY_SSO}`, [LEGACY_FILE]: ssoToken(60) },
    owner: SSO_OWNER,
  },
  {
    name: "Identity Center, with a log-in that is renewed",
    env: P,
    files: { [CONFIG]: `[profile p]\n${SSO}`, [SESSION_FILE]: ssoToken(-1) },
    owner: SSO_OWNER,
  },
  {
    name: "Identity Center, with a log-in that is over",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${SSO}`,
      [SESSION_FILE]: ssoToken(-1, { refreshToken: undefined }),
    },
  },
  {
    name: "Identity Center, with nobody logged in",
    env: P,
    files: { [CONFIG]: `[profile p]\n${SSO}` },
  },
  {
    name: "a role with the keys of Identity Center",
    env: P,
    files: {
      [CONFIG]: `[profile p]\n${assume("p", "source_profile = q")}[profile q]\n${SSO}`,
      [SESSION_FILE]: ssoToken(60),
    },
    owner: session("p"),
  },
  {
    name: "a log-in at the console",
    env: P,
    files: { [CONFIG]: `[profile p]\nlogin_session = ${LOGIN}\n`, [LOGIN_FILE]: loginFile(14) },
    owner: LOGIN,
  },
  {
    name: "a log-in at the console that is renewed",
    env: P,
    files: { [CONFIG]: `[profile p]\nlogin_session = ${LOGIN}\n`, [LOGIN_FILE]: loginFile(-1) },
    owner: LOGIN,
  },
  {
    name: "a program",
    env: P,
    files: { [CONFIG]: process("cat DIR/keys"), keys: printed("A", 60) },
    owner: user("A"),
  },
  {
    name: "a program whose keys have expired",
    env: P,
    files: { [CONFIG]: process("cat DIR/keys"), keys: printed("A", -1) },
  },
  { name: "a program that fails", env: P, files: { [CONFIG]: process("exit 3") } },
  {
    name: "a container with a token",
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "SERVER/v1/credentials/token",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "pod-token",
    },
    owner: user("CONTAINER"),
  },
  {
    name: "a container with the token of a file",
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "SERVER/v1/credentials/token",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "DIR/token",
    },
    files: { token: "pod-token" },
    owner: user("CONTAINER"),
  },
  { name: "an instance", env: { AWS_EC2_METADATA_DISABLED: "" }, owner: user("INSTANCE") },
  {
    name: "variables before the default profile",
    env: env("A"),
    files: { [CREDENTIALS]: `[default]\n${keys("B")}` },
    owner: user("A"),
  },
  {
    name: "variables before container and instance",
    env: {
      ...env("A"),
      AWS_EC2_METADATA_DISABLED: "",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "SERVER/v1/credentials",
    },
    owner: user("A"),
  },
  {
    name: "the default profile before the container",
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "SERVER/v1/credentials" },
    files: { [CREDENTIALS]: `[default]\n${keys("A")}` },
    owner: user("A"),
  },
  {
    name: "a container before the instance",
    env: {
      AWS_EC2_METADATA_DISABLED: "",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "SERVER/v1/credentials",
    },
    owner: user("CONTAINER"),
  },
  { name: "nothing at all" },
];
