/**
 * Situations in which regauth and Google's own library must find the same token. `DIR` stands for the
 * folder of the files.
 *
 * @module
 */

import { AWS_AUDIENCE, FEDERATED_FILE, GOOGLE, KEY_FILE, USER_FILE } from "../fakes/google.ts";

/** One situation. */
export interface GoogleScenario {
  readonly name: string;
  /** Variables; `DIR` in them is replaced. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files by name; an object is written as JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly scopes?: readonly string[];
  /** What must come out; without, both must fail. */
  readonly token?: string;
}

/** When all of it happens: the signatures of AWS depend on it. */
export const NOW = "2026-01-01T00:00:00Z";

const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
const DEVSTORAGE = "https://www.googleapis.com/auth/devstorage.read_only";
const URL_ = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" +
  `${GOOGLE.target}:generateAccessToken`;
const DENIED = URL_.replace("target@", "other@");
const CLIENT = { client_id: GOOGLE.clientId, client_secret: GOOGLE.clientSecret };

function withFile(
  name: string,
  file: unknown,
  token: string | undefined,
  more: Partial<GoogleScenario> = {},
): GoogleScenario {
  return {
    name,
    ...(token === undefined ? {} : { token }),
    ...more,
    env: { GOOGLE_APPLICATION_CREDENTIALS: "DIR/cred.json", ...more.env },
    files: { "cred.json": file, token: `${GOOGLE.subjectToken}`, ...more.files },
  };
}

const source = (credential_source: unknown, more: object = {}): unknown => ({
  ...FEDERATED_FILE,
  ...more,
  credential_source,
});
const inFile = { file: "DIR/token" };
const awsSource = {
  environment_id: "aws1",
  region_url: "http://169.254.169.254/latest/meta-data/placement/availability-zone",
  url: "http://169.254.169.254/latest/meta-data/iam/security-credentials",
  regional_cred_verification_url:
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
  imdsv2_session_token_url: "http://169.254.169.254/latest/api/token",
};
const awsFile = source(awsSource, {
  audience: AWS_AUDIENCE,
  subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
});
const AWS_KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  AWS_REGION: "us-east-1",
};
const impersonation = (source_credentials: unknown, url = URL_): unknown => ({
  type: "impersonated_service_account",
  service_account_impersonation_url: url,
  delegates: [],
  source_credentials,
});

/** All situations. */
export const SCENARIOS: readonly GoogleScenario[] = [
  withFile("a key file", KEY_FILE, GOOGLE.saToken),
  withFile("a key file without key id", { ...KEY_FILE, private_key_id: undefined }, GOOGLE.saToken),
  withFile(
    "a key with Windows line ends",
    { ...KEY_FILE, private_key: KEY_FILE.private_key.replaceAll("\n", "\r\n") },
    GOOGLE.saToken,
  ),
  withFile("a key file and two scopes", KEY_FILE, GOOGLE.saToken, {
    scopes: [CLOUD_PLATFORM, DEVSTORAGE],
  }),
  withFile("a key of nobody", { ...KEY_FILE, client_email: "gone@x.example" }, undefined),
  withFile("a key that is damaged", { ...KEY_FILE, private_key: "-----BEGIN" }, undefined),
  withFile("a login", USER_FILE, GOOGLE.userToken),
  {
    name: "the login that gcloud keeps",
    env: { HOME: "DIR" },
    files: { ".config/gcloud/application_default_credentials.json": USER_FILE },
    token: GOOGLE.userToken,
  },
  withFile("a login that was revoked", { ...USER_FILE, refresh_token: "1//x" }, undefined),
  withFile("a login by a client that is gone", { ...USER_FILE, client_id: "x" }, undefined),
  withFile("a federated token in a file", source(inFile), GOOGLE.federatedToken),
  withFile(
    "a federated token in a JSON file",
    source({ file: "DIR/t.json", format: { type: "json", subject_token_field_name: "t" } }),
    GOOGLE.federatedToken,
    { files: { "t.json": { t: GOOGLE.subjectToken } } },
  ),
  withFile(
    "a federated token at a regional service",
    source(inFile, { token_url: "https://sts.us-east1.googleapis.com/v1/token" }),
    undefined,
    { token: GOOGLE.federatedToken },
  ),
  withFile(
    "a federated token in the JSON of a URL",
    source({
      url: "https://pipelines.actions.example/token?api-version=2.0&audience=" +
        encodeURIComponent(`https://iam.googleapis.com/${GOOGLE.provider}`),
      headers: { Authorization: "bearer GITHUB-SECRET" },
      format: { type: "json", subject_token_field_name: "value" },
    }),
    GOOGLE.federatedToken,
  ),
  withFile(
    "a federated token with impersonation",
    source(inFile, { service_account_impersonation_url: URL_ }),
    GOOGLE.impersonatedToken,
  ),
  withFile(
    "a federated token with a short impersonation",
    source(inFile, {
      service_account_impersonation_url: URL_,
      service_account_impersonation: { token_lifetime_seconds: 600 },
    }),
    GOOGLE.impersonatedToken,
  ),
  withFile(
    "a federated token with an impersonation that is denied",
    source(inFile, { service_account_impersonation_url: DENIED }),
    undefined,
  ),
  withFile("a federated token and an OAuth client", source(inFile, CLIENT), GOOGLE.federatedToken),
  withFile(
    "a workforce pool",
    source(inFile, { audience: GOOGLE.workforce, workforce_pool_user_project: "p" }),
    GOOGLE.federatedToken,
  ),
  withFile(
    "a workforce pool and an OAuth client",
    source(inFile, { audience: GOOGLE.workforce, workforce_pool_user_project: "p", ...CLIENT }),
    GOOGLE.federatedToken,
  ),
  withFile(
    "a project of the user without workforce pool",
    source(inFile, { workforce_pool_user_project: "p" }),
    undefined,
  ),
  withFile("a federated token that is refused", source(inFile), undefined, {
    files: { token: "OTHER" },
  }),
  withFile("a federated token that is not there", source({ file: "DIR/none" }), undefined),
  withFile("no source of a federated token", source({}), undefined),
  withFile("AWS keys", awsFile, GOOGLE.federatedToken, { env: AWS_KEYS }),
  withFile("AWS keys with a session", awsFile, GOOGLE.federatedToken, {
    env: { ...AWS_KEYS, AWS_SESSION_TOKEN: "TOKENEXAMPLE" },
  }),
  withFile("the role of an EC2 instance", awsFile, GOOGLE.federatedToken),
  withFile(
    "the log-in of a workforce user",
    {
      ...USER_FILE,
      type: "external_account_authorized_user",
      audience: GOOGLE.workforce,
      token_url: "https://sts.googleapis.com/v1/oauthtoken",
    },
    GOOGLE.workforceToken,
  ),
  withFile("an impersonation by a user", impersonation(USER_FILE), GOOGLE.impersonatedToken),
  withFile("an impersonation by a key", impersonation(KEY_FILE), GOOGLE.impersonatedToken),
  withFile("an impersonation that is denied", impersonation(USER_FILE, DENIED), undefined),
  {
    name: "a variable that names no file",
    env: { GOOGLE_APPLICATION_CREDENTIALS: "DIR/none.json" },
  },
  withFile("a file that is not JSON", "{", undefined),
  {
    name: "the metadata server",
    env: {
      GCE_METADATA_HOST: "metadata.example:8080",
      METADATA_SERVER_DETECTION: "assume-present",
    },
    token: GOOGLE.metadataToken,
  },
];
