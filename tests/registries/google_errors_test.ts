import { assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { type ErrorCode, RegauthError } from "../../lib/errors.ts";
import type { MemoryProgram } from "../../lib/memory_io.ts";
import type { GoogleKeychainOptions } from "../../lib/registries/google_keychain.ts";
import vectors from "../data/gcp_jwt.json" with { type: "json" };
import { FEDERATED_FILE, GOOGLE, KEY_FILE, USER_FILE } from "../fakes/google.ts";
import { googleWorld, type GoogleWorldOptions } from "../fakes/google_world.ts";

interface Failure {
  readonly name: string;
  readonly world: GoogleWorldOptions;
  readonly options?: GoogleKeychainOptions;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const ENV = { GOOGLE_APPLICATION_CREDENTIALS: "/cred.json" };
const WELL_KNOWN = "/home/me/.config/gcloud/application_default_credentials.json";
const IMPERSONATION_URL =
  `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${GOOGLE.target}:generateAccessToken`;
const FLAVOR = { headers: { "metadata-flavor": "Google" } };

function withFile(file: unknown, more: GoogleWorldOptions = {}): GoogleWorldOptions {
  return {
    ...more,
    env: { ...ENV, ...more.env },
    files: { "/cred.json": file, "/token": GOOGLE.subjectToken, ...more.files },
  };
}

const source = (credential_source: unknown): unknown => ({ ...FEDERATED_FILE, credential_source });
const executable = (executable: unknown): unknown => source({ executable });
const printing = (answer: unknown): Record<string, MemoryProgram> => ({
  "/bin/issue": () => ({ stdout: JSON.stringify(answer) }),
});
const gcloud = (program: MemoryProgram): GoogleWorldOptions => ({
  env: { NO_GCE_CHECK: "true" },
  programs: { "/bin/gcloud": program },
});
const onGoogle = (reply: (path: string) => Response | undefined): GoogleWorldOptions => ({
  onGoogle: true,
  replies: { metadata: (request) => reply(new URL(request.url).pathname) },
});
const tokenReply = (reply: () => Response): GoogleWorldOptions =>
  withFile(KEY_FILE, { replies: { token: reply } });
const grantError = (description: string, error = "invalid_grant"): GoogleWorldOptions =>
  tokenReply(() => Response.json({ error, error_description: description }, { status: 400 }));

const FAILURES: readonly Failure[] = [
  {
    name: "a variable that names no file",
    world: { env: ENV, files: { [WELL_KNOWN]: USER_FILE } },
    code: "google-adc-missing-file",
    message: /"\/cred.json": GOOGLE_APPLICATION_CREDENTIALS points at a file that does not exist/,
    hint: /Unset GOOGLE_APPLICATION_CREDENTIALS/,
  },
  {
    name: "a variable with a tilde",
    world: { env: { GOOGLE_APPLICATION_CREDENTIALS: "~/cred.json" } },
    code: "google-adc-missing-file",
    message: /"~" is not expanded/,
    hint: /whole path/,
  },
  {
    name: "a file that may not be read",
    world: { env: ENV, files: { "/cred.json": { text: "{}", mode: 0o200 } } },
    code: "google-adc-unreadable",
    message: /"\/cred.json": permission denied/,
    hint: /owner and mode/,
  },
  {
    name: "a file of gcloud that may not be read",
    world: { files: { [WELL_KNOWN]: { text: "{}", mode: 0o200 } } },
    code: "google-adc-unreadable",
    message: /permission denied/,
    hint: /ran as root/,
  },
  {
    name: "a variable that names a folder",
    world: { env: ENV, files: { "/cred.json/x": "" } },
    code: "google-adc-unreadable",
    message: /"\/cred.json": it is a directory/,
    hint: /owner and mode/,
  },
  {
    name: "a relative path, shown whole",
    world: {
      env: { GOOGLE_APPLICATION_CREDENTIALS: "cred.json", PWD: "/work" },
      files: { "cred.json": "" },
    },
    code: "google-adc-not-json",
    message: /"\/work\/cred.json": it is empty/,
    hint: /again/,
  },
  {
    name: "a file that is too large",
    world: withFile(" ".repeat(1024 * 1024 + 1)),
    code: "google-adc-too-large",
    message: /larger than 1 MiB/,
    hint: /Google credential/,
  },
  {
    name: "a file of white space",
    world: withFile(" \n"),
    code: "google-adc-not-json",
    message: /it is empty/,
    hint: /again/,
  },
  {
    name: "a file that is cut off",
    world: withFile('{\n  "type": "service_account",\n  "private_key": "KEY-SECRET'),
    code: "google-adc-not-json",
    message: /line 3, column 18/,
    hint: /again/,
  },
  {
    name: "a list",
    world: withFile("[]"),
    code: "google-adc-not-object",
    message: /it holds a list/,
    hint: /Google credential/,
  },
  {
    name: "null",
    world: withFile("null"),
    code: "google-adc-not-object",
    message: /it holds null/,
    hint: /Google credential/,
  },
  {
    name: "a file without a type",
    world: withFile({ client_email: "x" }),
    code: "google-adc-no-type",
    message: /it has no "type"/,
    hint: /again/,
  },
  {
    name: "a file of a type that is not known",
    world: withFile({ type: `robot${"x".repeat(100)}` }),
    code: "google-adc-unknown-type",
    message: /type "robotx{59}" is not known/,
    hint: /again/,
  },
  {
    name: "the file of an OAuth client",
    world: withFile({ installed: { client_secret: "CLIENT-SECRET" } }),
    code: "google-adc-client-secret",
    message: /OAuth client, not a credential/,
    hint: /gcloud auth application-default login --client-id-file/,
  },
  {
    name: "a number in place of an address",
    world: withFile({ ...KEY_FILE, client_email: 7 }),
    code: "google-adc-bad-field",
    message: /"client_email" is a number, not a text/,
    hint: /again/,
  },
  {
    name: "a key file without an address",
    world: withFile({ ...KEY_FILE, client_email: undefined }),
    code: "google-adc-bad-field",
    message: /"client_email" is missing/,
    hint: /again/,
  },
  {
    name: "a login without a refresh token",
    world: withFile({ ...USER_FILE, refresh_token: "" }),
    code: "google-adc-bad-field",
    message: /"refresh_token" is missing/,
    hint: /again/,
  },
  {
    name: "a key of another universe",
    world: withFile({ ...KEY_FILE, universe_domain: "s3ns.example" }),
    code: "google-adc-bad-field",
    message: /"universe_domain"/,
    hint: /again/,
  },
  {
    name: "a credential of Google Distributed Cloud",
    world: withFile({ type: "gdch_service_account" }),
    code: "google-gdch-unsupported",
    message: /Google Distributed Cloud/,
    hint: /robot account of the Harbor registry/,
  },
  {
    name: "a damaged key",
    world: withFile({ ...KEY_FILE, private_key: KEY_FILE.private_key.slice(40) }),
    code: "key-not-pem",
    message: /BEGIN and END/,
    hint: /line ends were probably lost/,
  },
  {
    name: "a key file that is a login, as a password",
    world: { files: { "/key.json": USER_FILE } },
    options: { jsonKey: "/key.json" },
    code: "google-json-key-unparsable",
    message: /the login of a person/,
    hint: /as it was downloaded/,
  },
  {
    name: "no key file, as a password",
    world: {},
    options: { jsonKey: "/key.json" },
    code: "google-json-key-unparsable",
    message: /It does not exist/,
    hint: /as it was downloaded/,
  },
  {
    name: "a key that was deleted",
    world: withFile({
      ...KEY_FILE,
      private_key: await otherKey(),
    }),
    code: "google-invalid-grant",
    message: /oauth2.googleapis.com: invalid_grant: Invalid JWT Signature/,
    hint: /key was deleted/,
  },
  {
    name: "a clock that is wrong",
    world: { ...withFile(KEY_FILE), now: new Date("2026-01-01T00:00:00Z"), replies: skewed() },
    code: "google-invalid-grant",
    message: /reasonable timeframe/,
    hint: /clock/,
  },
  {
    name: "an account that was deleted",
    world: withFile({ ...KEY_FILE, client_email: "gone@x.iam.gserviceaccount.com" }),
    code: "google-invalid-grant",
    message: /account not found/,
    hint: /does not exist any more/,
  },
  {
    name: "a login that was revoked",
    world: withFile({ ...USER_FILE, refresh_token: "1//OTHER-SECRET" }),
    code: "google-invalid-grant",
    message: /user of \/cred.json: oauth2.googleapis.com: invalid_grant: .*expired or revoked/,
    hint: /gcloud auth application-default login/,
  },
  {
    name: "an organisation that wants a new login",
    world: withFile(USER_FILE, {
      replies: {
        token: () =>
          Response.json({
            error: "invalid_grant",
            error_description: "reauth related error (invalid_rapt)",
            error_subtype: "invalid_rapt",
          }, { status: 400 }),
      },
    }),
    code: "google-reauth-needed",
    message: /invalid_rapt/,
    hint: /gcloud auth application-default login/,
  },
  {
    name: "an OAuth client that was deleted",
    world: withFile({ ...USER_FILE, client_id: "other" }),
    code: "google-invalid-client",
    message: /OAuth client was not found/,
    hint: /client was deleted/,
  },
  {
    name: "an account that may not",
    world: grantError("Client is unauthorized", "unauthorized_client"),
    code: "google-unauthorized-client",
    message: /unauthorized_client: Client is unauthorized/,
    hint: /scopes/,
  },
  {
    name: "an answer that repeats a secret",
    world: grantError(`bad assertion eyJhbGci.eyJpc3M.AAAA and ya29.SECRET`, "invalid_scope"),
    code: "refused",
    message: /bad assertion \[redacted\] and \[redacted\]/,
    hint: /Check the credential/,
  },
  {
    name: "success with an error in it",
    world: tokenReply(() => Response.json({ access_token: "T-SECRET", error: "invalid_scope" })),
    code: "refused",
    message: /invalid_scope/,
    hint: /Check the credential/,
  },
  {
    name: "success without a token",
    world: tokenReply(() => Response.json({ id_token: "T-SECRET" })),
    code: "network",
    message: /answered but gave no token/,
    hint: /proxy or login page/,
  },
  {
    name: "a token of another kind",
    world: tokenReply(() => Response.json({ access_token: "T-SECRET", token_type: "MAC" })),
    code: "google-bad-token-type",
    message: /another kind than Bearer/,
    hint: /asked for/,
  },
  {
    name: "a token endpoint that sends us elsewhere",
    world: tokenReply(() =>
      new Response(null, { status: 302, headers: { location: "https://evil.example/" } })
    ),
    code: "network",
    message: /sends us elsewhere \(302\)/,
    hint: /proxy/,
  },
  {
    name: "an endless answer",
    world: tokenReply(() => new Response("x".repeat(2 * 1024 * 1024))),
    code: "network",
    message: /larger than 1 MiB/,
    hint: /no token server/,
  },
  {
    name: "a token endpoint in trouble",
    world: tokenReply(() => new Response("<html>", { status: 503 })),
    code: "network",
    message: /it has trouble \(503\)/,
    hint: /later/,
  },
  {
    name: "a token endpoint that cannot be reached",
    world: tokenReply(() => {
      throw new TypeError("fetch failed", { cause: new Error("dns error: failed") });
    }),
    code: "network",
    message: /No server is known under oauth2.googleapis.com/,
    hint: /VPN/,
  },
  {
    name: "no source of a federated token",
    world: withFile(source({})),
    code: "google-wif-ambiguous-source",
    message: /names no source/,
    hint: /exactly one/,
  },
  {
    name: "two sources of a federated token",
    world: withFile(source({ file: "/token", url: "https://ci.example/" })),
    code: "google-wif-ambiguous-source",
    message: /names 2 sources: file, url/,
    hint: /exactly one/,
  },
  {
    name: "a client certificate",
    world: withFile(source({ certificate: { use_default_certificate_config: true } })),
    code: "google-wif-certificate-unsupported",
    message: /client certificate/,
    hint: /OIDC/,
  },
  {
    name: "a federated token that is not there",
    world: withFile(source({ file: "/none" })),
    code: "google-wif-no-subject-token",
    message: /\/none does not exist/,
    hint: /mounted/,
  },
  {
    name: "an empty federated token",
    world: withFile(FEDERATED_FILE, { files: { "/token": " \n" } }),
    code: "google-wif-no-subject-token",
    message: /\/token is empty/,
    hint: /writes the token/,
  },
  {
    name: "a federated token under another name",
    world: withFile(
      source({ file: "/token", format: { type: "json", subject_token_field_name: "jwt" } }),
      { files: { "/token": { token: "SUBJECT-SECRET" } } },
    ),
    code: "google-wif-no-subject-token",
    message: /holds no text "jwt"/,
    hint: /subject_token_field_name/,
  },
  {
    name: "a federated token without the name of its field",
    world: withFile(source({ file: "/token", format: { type: "json" } })),
    code: "google-adc-bad-field",
    message: /"subject_token_field_name" is missing/,
    hint: /again/,
  },
  {
    name: "a URL that gives no federated token",
    world: withFile(source({ url: "https://ci.example/subject" })),
    code: "google-wif-no-subject-token",
    message: /ci.example answered with status 401/,
    hint: /headers/,
  },
  {
    name: "a URL without TLS",
    world: withFile(source({ url: "http://ci.example/subject" })),
    code: "google-untrusted-endpoint",
    message: /"ci.example" without TLS/,
    hint: /https/,
  },
  {
    name: "a program that nobody allowed",
    world: withFile(executable({ command: "/bin/issue" }), {
      env: { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1" },
    }),
    code: "google-wif-executable-disabled",
    message: /wants to run a program/,
    hint: /allowExecutables/,
  },
  {
    name: "a program that is not there",
    world: withFile(executable({ command: "issue" })),
    options: { allowExecutables: true },
    code: "google-wif-executable-failed",
    message: /no program "issue" on the PATH/,
    hint: /by hand/,
  },
  {
    name: "a program that fails",
    world: withFile(executable({ command: "issue" }), {
      programs: { "/bin/issue": () => ({ code: 3, stderr: "no ya29.SECRET here" }) },
    }),
    options: { allowExecutables: true },
    code: "google-wif-executable-failed",
    message: /exit code 3: no \[redacted\] here/,
    hint: /by hand/,
  },
  {
    name: "a program that says no",
    world: withFile(executable({ command: "issue" }), {
      programs: printing({ version: 1, success: false, code: "401", message: "not logged in" }),
    }),
    options: { allowExecutables: true },
    code: "google-wif-executable-failed",
    message: /401: not logged in/,
    hint: /by hand/,
  },
  {
    name: "a program that prints something else",
    world: withFile(executable({ command: "issue" }), { programs: printing("SUBJECT-SECRET") }),
    options: { allowExecutables: true },
    code: "google-wif-executable-failed",
    message: /did not print a JSON object/,
    hint: /by hand/,
  },
  {
    name: "a program of another version",
    world: withFile(executable({ command: "issue" }), {
      programs: printing({ version: 2, success: true }),
    }),
    options: { allowExecutables: true },
    code: "google-wif-executable-failed",
    message: /another version than 1/,
    hint: /by hand/,
  },
  {
    name: "a program that gives no token",
    world: withFile(executable({ command: "issue" }), {
      programs: printing({ version: 1, success: true, token_type: "other", id_token: "SECRET" }),
    }),
    options: { allowExecutables: true },
    code: "google-wif-no-subject-token",
    message: /the program gave no token/,
    hint: /token_type/,
  },
  {
    name: "a program with an output file that does not say when its token ends",
    world: withFile(executable({ command: "issue", output_file: "/out" }), {
      programs: printing({ version: 1, success: true }),
    }),
    options: { allowExecutables: true },
    code: "google-wif-executable-failed",
    message: /does not say when its token ends/,
    hint: /by hand/,
  },
  {
    name: "a program that hangs",
    world: withFile(executable({ command: "issue", timeout_millis: 5000 }), {
      programs: { "/bin/issue": () => ({ code: 143, ended: "timeout" }) },
    }),
    options: { allowExecutables: true },
    code: "google-wif-executable-timeout",
    message: /issue did not end within 5 s/,
    hint: /by hand/,
  },
  {
    name: "a program with too little time",
    world: withFile(executable({ command: "issue", timeout_millis: 4999 })),
    options: { allowExecutables: true },
    code: "google-adc-bad-field",
    message: /"timeout_millis" is not between 5000 and 120000/,
    hint: /again/,
  },
  {
    name: "a federated token that is refused",
    world: withFile(FEDERATED_FILE, { files: { "/token": "OTHER-SECRET" } }),
    code: "google-wif-rejected",
    message: /rejected by the attribute condition/,
    hint: /attribute condition/,
  },
  {
    name: "an exchange for a token of another type",
    world: withFile(FEDERATED_FILE, {
      replies: {
        sts: () => Response.json({ access_token: "T-SECRET", issued_token_type: "urn:x" }),
      },
    }),
    code: "google-wif-rejected",
    message: /another type/,
    hint: /provider/,
  },
  {
    name: "a project of the user for a workload",
    world: withFile({ ...FEDERATED_FILE, workforce_pool_user_project: "p" }),
    code: "google-adc-bad-field",
    message: /only for workforce pools/,
    hint: /again/,
  },
  {
    name: "AWS keys that are nowhere",
    world: withFile(source({ environment_id: "aws1" })),
    code: "google-wif-no-subject-token",
    message: /neither a variable nor "region_url" tells it/,
    hint: /AWS_ACCESS_KEY_ID/,
  },
  {
    name: "a later version of AWS",
    world: withFile(source({ environment_id: "aws2" })),
    code: "google-adc-bad-field",
    message: /"environment_id" is not aws1/,
    hint: /again/,
  },
  {
    name: "AWS metadata elsewhere",
    world: withFile(source({ environment_id: "aws1", region_url: "http://evil.example/zone" })),
    code: "google-untrusted-endpoint",
    message: /"region_url" is not the metadata service of EC2 but "evil.example"/,
    hint: /again/,
  },
  {
    name: "another request to AWS",
    world: withFile(
      source({
        environment_id: "aws1",
        regional_cred_verification_url: "https://iam.amazonaws.com/?Action=CreateAccessKey",
      }),
      { env: { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "SECRET" } },
    ),
    code: "google-untrusted-endpoint",
    message: /not GetCallerIdentity/,
    hint: /again/,
  },
  {
    name: "an impersonation that is not allowed",
    world: withFile(KEY_FILE),
    options: { impersonate: "other@x.iam.gserviceaccount.com" },
    code: "google-impersonation-denied",
    message: /other@x.*: iamcredentials.googleapis.com: it refused \(403\): Permission/,
    hint: /roles\/iam.serviceAccountTokenCreator on the target account/,
  },
  {
    name: "an impersonation with an odd time",
    world: withFile(KEY_FILE, {
      replies: {
        impersonate: () => Response.json({ accessToken: "T-SECRET", expireTime: "soon" }),
      },
    }),
    options: { impersonate: GOOGLE.target },
    code: "network",
    message: /no token with a time at which it ends/,
    hint: /later/,
  },
  {
    name: "an impersonation of an impersonation",
    world: withFile({
      type: "impersonated_service_account",
      service_account_impersonation_url: IMPERSONATION_URL,
      source_credentials: { type: "impersonated_service_account" },
    }),
    code: "google-impersonation-nested",
    message: /its source is an impersonation too/,
    hint: /delegates/,
  },
  {
    name: "an impersonation without a source",
    world: withFile({
      type: "impersonated_service_account",
      service_account_impersonation_url: IMPERSONATION_URL,
    }),
    code: "google-adc-bad-field",
    message: /"source_credentials" is not an object/,
    hint: /again/,
  },
  {
    name: "something else at the address of the metadata server",
    world: onGoogle((path) => path === "/" ? undefined : new Response("<html>login</html>")),
    code: "google-metadata-imposter",
    message: /does not say that it is one/,
    hint: /NO_GCE_CHECK/,
  },
  {
    name: "a metadata server that speaks HTML",
    world: onGoogle((path) => path === "/" ? undefined : new Response("<html>", FLAVOR)),
    code: "google-metadata-imposter",
    message: /its answer is not JSON/,
    hint: /proxy/,
  },
  {
    name: "a metadata server with half a token",
    world: onGoogle((path) =>
      path === "/" ? undefined : Response.json({ access_token: "T-SECRET", expires_in: 0 }, FLAVOR)
    ),
    code: "google-metadata-incomplete",
    message: /half a token/,
    hint: /again/,
  },
  {
    name: "a metadata server that refuses",
    world: onGoogle((path) =>
      path === "/" ? undefined : new Response("concealed", { status: 403, ...FLAVOR })
    ),
    code: "google-metadata-forbidden",
    message: /it refused: concealed/,
    hint: /scopes of the machine or metadata concealment/,
  },
  {
    name: "a metadata server that does not answer",
    world: {
      env: { METADATA_SERVER_DETECTION: "assume-present" },
    },
    code: "google-metadata-timeout",
    message: /Cannot ask the metadata server: 169.254.169.254 did not answer on port 80/,
    hint: /NO_GCE_CHECK/,
  },
  {
    name: "a machine without a service account",
    world: { onGoogle: true },
    options: { serviceAccount: "other@x.iam.gserviceaccount.com" },
    code: "google-no-service-account",
    message: /no such account/,
    hint: /workload identity/,
  },
  {
    name: "a metadata host with a path",
    world: { env: { GCE_METADATA_HOST: "evil.example/x" } },
    code: "invalid-environment",
    message: /GCE_METADATA_HOST: it is not a host/,
    hint: /HOST:PORT/,
  },
  {
    name: "a metadata host with user info",
    world: { env: { GCE_METADATA_IP: "me@169.254.169.254" } },
    code: "invalid-environment",
    message: /GCE_METADATA_IP/,
    hint: /HOST:PORT/,
  },
  {
    name: "a way to detect metadata servers that is not known",
    world: { env: { METADATA_SERVER_DETECTION: "maybe" } },
    code: "invalid-environment",
    message: /METADATA_SERVER_DETECTION/,
    hint: /assume-present, none, bios-only, ping-only/,
  },
  {
    name: "gcloud that is wanted and missing",
    world: {},
    options: { source: "gcloud" },
    code: "google-gcloud-missing",
    message: /not on the PATH/,
    hint: /Install/,
  },
  {
    name: "gcloud that fails",
    world: gcloud(() => ({ code: 1, stderr: `${"ya29.SECRET ".repeat(50)}refresh failed` })),
    code: "google-gcloud-failed",
    message: /gcloud: (?:\[redacted\] ){32}refresh failed$/,
    hint: /gcloud auth login/,
  },
  {
    name: "gcloud that is wanted and logged out",
    world: gcloud(() => ({ code: 1, stderr: "You do not currently have an active account." })),
    options: { source: "gcloud" },
    code: "google-gcloud-failed",
    message: /active account/,
    hint: /gcloud auth login/,
  },
  {
    name: "gcloud that hangs",
    world: gcloud(() => ({ code: 143, ended: "timeout" })),
    code: "google-gcloud-timeout",
    message: /within 20 s/,
    hint: /by hand/,
  },
  {
    name: "gcloud without a token",
    world: gcloud(() => ({ stdout: '{"credential":{"access_token":""}}' })),
    code: "google-gcloud-empty",
    message: /gave no token/,
    hint: /gcloud auth login/,
  },
  {
    name: "gcloud whose store is locked",
    world: gcloud(() => ({ code: 1, stderr: "sqlite3.OperationalError: database is locked" })),
    code: "google-gcloud-locked",
    message: /database is locked/,
    hint: /Another gcloud/,
  },
  {
    name: "gcloud with an odd time",
    world: gcloud(() => ({
      stdout: '{"credential":{"access_token":"ya29.SECRET","token_expiry":"soon"}}',
    })),
    code: "google-gcloud-failed",
    message: /cannot be read/,
    hint: /Update/,
  },
  {
    name: "gcloud that prints something else",
    world: gcloud(() => ({ stdout: "ya29.SECRET" })),
    code: "google-gcloud-failed",
    message: /did not print JSON/,
    hint: /Update/,
  },
  {
    name: "credential files that are wanted and missing",
    world: { onGoogle: true },
    options: { source: "adc" },
    code: "no-credential",
    message: /there is no credential file/,
    hint: /gcloud auth application-default login/,
  },
  {
    name: "a metadata server that is wanted and missing",
    world: {},
    options: { source: "metadata" },
    code: "no-credential",
    message: /there is no metadata server/,
    hint: /curl/,
  },
  {
    name: "a provider that is none",
    world: {},
    options: { audience: "pool" },
    code: "usage",
    message: /"pool": it is no provider/,
    hint: /workloadIdentityPools/,
  },
  {
    name: "a provider for GitHub Actions elsewhere",
    world: {},
    options: { audience: GOOGLE.provider },
    code: "invalid-environment",
    message: /ACTIONS_ID_TOKEN_REQUEST_URL is not set/,
    hint: /id-token: write/,
  },
];

for (const { name, world: options, options: keychain, code, message, hint } of FAILURES) {
  Deno.test(`googleKeychain() fails with ${code}: ${name}`, async () => {
    const world = googleWorld(options);
    const error = await assertRejects(() => world.ask(keychain), RegauthError);
    assertEquals(error.code, code);
    assertMatch(error.message, message);
    assertMatch(error.hint ?? "", hint);
    const all = [error.message, error.hint, error.subject, ...world.trace].join("\n");
    assertNotMatch(all, /\bSECRET|ya29|MII[A-Za-z0-9]|eyJ/);
  });
}

/** Each of these would get a secret or a token from a file that names it. */
const ENDPOINTS: Readonly<Record<string, readonly [member: string, urls: readonly string[]]>> = {
  service_account: ["token_uri", [
    "https://evil.example/token",
    "https://oauth2.googleapis.com.evil.example/token",
    "https://oauth2.googleapis.com@evil.example/token",
    "https://user@oauth2.googleapis.com/token",
    "https://oauth2.googleapis.com:8443/token",
    "https://oauth2.googleapis.com/other",
    "https://oauth2.googleapis.com/token?x=1",
    "https://oauth2.other.googleapis.com/token",
    "http://oauth2.googleapis.com/token",
    "http://127.0.0.1:8080/token",
    "https://token.example/ü?x=1&y=<2>",
    "not a URL",
  ]],
  external_account: ["token_url", [
    "https://evil.example/v1/token",
    "https://sts.googleapis.com.evil.example/v1/token",
    "https://evilsts.googleapis.com/v1/token",
    "https://sts.a.b.googleapis.com/v1/token",
    "https://-sts.googleapis.com/v1/token",
    "https://sts-.p.googleapis.com/v1/token",
    "https://storage.googleapis.com/v1/token",
    "https://sts.googleapis.com/v1/other",
    "http://sts.googleapis.com/v1/token",
  ]],
  external_account_authorized_user: ["token_url", ["https://evil.example/v1/oauthtoken"]],
  impersonated_service_account: ["service_account_impersonation_url", [
    "https://evil.example/v1/projects/-/serviceAccounts/a@b:generateAccessToken",
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:signBlob",
    "https://iamcredentials.googleapis.com/evil/x:generateAccessToken",
  ]],
};
const TEMPLATES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  service_account: KEY_FILE,
  external_account: FEDERATED_FILE,
  external_account_authorized_user: { ...USER_FILE, type: "external_account_authorized_user" },
  impersonated_service_account: {
    type: "impersonated_service_account",
    source_credentials: USER_FILE,
  },
};

for (const [type, [member, urls]] of Object.entries(ENDPOINTS)) {
  Deno.test(`googleKeychain() sends nothing where a file of type ${type} wants it`, async () => {
    for (const url of urls) {
      const world = googleWorld(withFile({ ...TEMPLATES[type], [member]: url }));
      const error = await assertRejects(() => world.ask(), RegauthError, "wants to send a secret");
      assertEquals([url, error.code], [url, "google-untrusted-endpoint"]);
      assertEquals(world.io.requests.length, 0);
    }
  });
}

Deno.test("googleKeychain() sends tokens where the shape of the host is Google's", async () => {
  for (
    const host of [
      "sts.googleapis.com",
      "us-east1.sts.googleapis.com",
      "sts.us-east1.googleapis.com",
      "us-east1-sts.googleapis.com",
      "sts-xyz.p.googleapis.com",
      "STS.googleapis.com:443",
    ]
  ) {
    const file = { ...FEDERATED_FILE, token_url: `https://${host}/v1/token` };
    const answer = { access_token: "T", token_type: "Bearer", expires_in: 1 };
    const world = googleWorld(withFile(file));
    const { io } = world;
    const fetch = async (): Promise<Response> => await Promise.resolve(Response.json(answer));
    const { googleKeychain } = await import("../../lib/registries/google_keychain.ts");
    const found = await googleKeychain().resolve({ registry: "gcr.io" }, { io: { ...io, fetch } });
    assertEquals(found?.password?.reveal(), "T");
  }
});

Deno.test("googleKeychain() trusts hosts that the user lists, on this machine without TLS", async () => {
  const file = { ...KEY_FILE, token_uri: "http://127.0.0.1:8080/token" };
  const options = { trustedEndpoints: ["127.0.0.1:8080", "evil.example"] };
  const { io } = googleWorld(withFile(file));
  const fetch = async (): Promise<Response> =>
    await Promise.resolve(Response.json({ access_token: "T" }));
  const { googleKeychain } = await import("../../lib/registries/google_keychain.ts");
  const found = await googleKeychain(options)
    .resolve({ registry: "gcr.io" }, { io: { ...io, fetch } });
  assertEquals(found?.password?.reveal(), "T");
  const plain = googleWorld(withFile({ ...KEY_FILE, token_uri: "http://evil.example/token" }));
  await assertRejects(() => plain.ask(options), RegauthError, "wants to send a secret");
});

/** A good key that is not the account's. */
async function otherKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    },
    true,
    ["sign", "verify"],
  );
  const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return `-----BEGIN PRIVATE KEY-----\n${
    btoa(String.fromCharCode(...der))
  }\n-----END PRIVATE KEY-----\n`;
}

/** Google's clock is an hour ahead. */
function skewed(): NonNullable<GoogleWorldOptions["replies"]> {
  return {
    token: () =>
      Response.json({
        error: "invalid_grant",
        error_description:
          "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
      }, { status: 400 }),
  };
}

Deno.test("the key of the vectors is the one that the fake knows", () => {
  assertEquals(KEY_FILE.private_key, vectors.private_key_pkcs8_pem);
});
