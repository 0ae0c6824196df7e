/**
 * The one error class of this library, with a closed list of codes.
 *
 * @example Tell a broken file from a missing helper
 * ```ts
 * import { RegauthError } from "./errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new RegauthError("helper-missing", 'Cannot find "x"', {
 *   subject: "docker-credential-x",
 *   hint: "Install it",
 * });
 * assertEquals(error.code, "helper-missing");
 * ```
 *
 * @module
 */

/** Every reason for which an operation of this library can fail. */
export type ErrorCode =
  /** A command was called wrongly, or an answer is missing. */
  | "usage"
  /** Text that is not an image reference or registry host. */
  | "invalid-reference"
  /** Text that is not a host pattern. */
  | "invalid-pattern"
  /** A credential that cannot be sent or stored, such as a name with a colon. */
  | "invalid-credential"
  /** A user name without password, or a password without user name. */
  | "incomplete-credential"
  /** An environment variable with a wrong name or value. */
  | "invalid-environment"
  /** A keychain name that does not exist. */
  | "unknown-keychain"
  /** A file that is not JSON (or TOML, or INI). */
  | "config-syntax"
  /** A file that is well-formed but holds a value of the wrong kind. */
  | "config-type"
  /** A file that cannot be read. */
  | "config-io"
  /** An `auth` value that is not base64. */
  | "auth-base64"
  /** An `auth` value that does not decode to `user:password`. */
  | "auth-format"
  /** The name of a credential helper that must not be run. */
  | "helper-name"
  /** A credential helper that is not installed. */
  | "helper-missing"
  /** A credential helper that ended with an error or took too long. */
  | "helper-failed"
  /** A credential helper that answered something else than the protocol says. */
  | "helper-output"
  /** Another process holds the lock of a file. */
  | "write-conflict"
  /** A file that cannot be written. */
  | "write-io"
  /** No keychain knows the target. */
  | "no-credential"
  /** A registry or cloud refused the credential. */
  | "refused"
  /** A registry that could not be asked: network, TLS, protocol. */
  | "network"
  /** Nobody is logged in to IAM Identity Center of AWS any more; the subject is the profile. */
  | "aws-sso-login"
  /** An answer of Amazon ECR without a token. */
  | "ecr-empty-response"
  /** The caller's signal ended the operation. */
  | "aborted"
  | ChallengeErrorCode
  | JwtErrorCode
  | GoogleErrorCode
  | AzureErrorCode;

/** Every reason for which a `WWW-Authenticate` header cannot be read. */
export type ChallengeErrorCode =
  /** More than 16 384 characters. */
  | "too-long"
  /** More than 32 challenges, or 64 parameters in one. */
  | "too-many"
  /** A control character other than a tab. */
  | "control-char"
  /** A character outside ASCII that is not in quotes. */
  | "bad-char"
  /** A scheme or name is expected, and something else stands there. */
  | "bad-token"
  /** A parameter before any scheme. */
  | "missing-scheme"
  /** A bare word after a scheme. */
  | "missing-equals"
  /** Nothing after `=`. */
  | "missing-value"
  /** A quote that is not closed. */
  | "unterminated-quote"
  /** Something between a value and the next comma. */
  | "junk-after-value"
  /** One name with two values. */
  | "duplicate-param"
  /** Parameters of a challenge that already has a token68. */
  | "params-after-token68";

/** Every reason for which a JWT cannot be signed. */
export type JwtErrorCode =
  /** There is no private key. */
  | "key-missing"
  /** A text without a `BEGIN` line. */
  | "key-not-pem"
  /** A key that needs a password. */
  | "key-encrypted"
  /** A certificate or public key. */
  | "key-not-private"
  /** A key of another kind, such as EC. */
  | "key-not-rsa"
  /** A key that is cut off or damaged. */
  | "key-malformed"
  /** A token that expires before it is issued. */
  | "jwt-exp-before-iat"
  /** A token that would live longer than an hour. */
  | "jwt-lifetime-too-long"
  /** A token that says neither what it is for nor for whom. */
  | "jwt-no-scope-or-audience"
  /** A service account without its address. */
  | "sa-missing-client-email";

/** Every reason for which a Google identity cannot be used. */
export type GoogleErrorCode =
  /** The variable names a credential file that does not exist. */
  | "google-adc-missing-file"
  /** A credential file that cannot be read. */
  | "google-adc-unreadable"
  /** A credential file larger than 1 MiB. */
  | "google-adc-too-large"
  /** A credential file that is not JSON. */
  | "google-adc-not-json"
  /** A credential file that holds something else than an object. */
  | "google-adc-not-object"
  /** A credential file that does not say what it is. */
  | "google-adc-no-type"
  /** A credential file of a kind that does not exist. */
  | "google-adc-unknown-type"
  /** A member of a credential file that is missing or of the wrong kind. */
  | "google-adc-bad-field"
  /** The file of an OAuth client, which is no credential. */
  | "google-adc-client-secret"
  /** A credential of Google Distributed Cloud. */
  | "google-gdch-unsupported"
  /** A `_json_key` password that is not a key file. */
  | "google-json-key-unparsable"
  /** The token endpoint does not accept the key or the login. */
  | "google-invalid-grant"
  /** The organisation wants the user to log in again. */
  | "google-reauth-needed"
  /** The OAuth client does not exist any more. */
  | "google-invalid-client"
  /** The client may not do this. */
  | "google-unauthorized-client"
  /** A token that is not a bearer token. */
  | "google-bad-token-type"
  /** A federated credential with no source or more than one. */
  | "google-wif-ambiguous-source"
  /** The source of a federated credential gives no token. */
  | "google-wif-no-subject-token"
  /** A federated credential that would run a program. */
  | "google-wif-executable-disabled"
  /** The program of a federated credential failed. */
  | "google-wif-executable-failed"
  /** The program of a federated credential took too long. */
  | "google-wif-executable-timeout"
  /** A federated credential that needs a client certificate. */
  | "google-wif-certificate-unsupported"
  /** The security token service refused the federated token. */
  | "google-wif-rejected"
  /** The identity may not impersonate the service account. */
  | "google-impersonation-denied"
  /** An impersonation whose source is an impersonation. */
  | "google-impersonation-nested"
  /** A credential file that would send secrets to a foreign host. */
  | "google-untrusted-endpoint"
  /** Something else answers at the address of the metadata server. */
  | "google-metadata-imposter"
  /** The metadata server gave half a token. */
  | "google-metadata-incomplete"
  /** The metadata server refused. */
  | "google-metadata-forbidden"
  /** The metadata server did not answer in time. */
  | "google-metadata-timeout"
  /** The machine has no service account. */
  | "google-no-service-account"
  /** gcloud is not installed. */
  | "google-gcloud-missing"
  /** gcloud failed. */
  | "google-gcloud-failed"
  /** gcloud took too long. */
  | "google-gcloud-timeout"
  /** gcloud gave no token. */
  | "google-gcloud-empty"
  /** gcloud could not open its store. */
  | "google-gcloud-locked";

/** Every reason for which an Azure identity cannot be used, or not at a registry of Azure. */
export type AzureErrorCode =
  /** The host of a registry's data, which is no login server. */
  | "acr-data-endpoint"
  /** The registry let the exchange succeed without a token. */
  | "acr-exchange-empty"
  /** The registry does not accept the identity. */
  | "acr-exchange-401"
  /** The registry's firewall refused. */
  | "acr-firewall"
  /** There is no registry of that name. */
  | "acr-no-such-registry"
  /** A host that is no registry of Azure. */
  | "acr-not-acr"
  /** A registry that gave no challenge. */
  | "acr-no-challenge"
  /** A registry whose challenge is not Bearer. */
  | "acr-challenge-scheme"
  /** A challenge without realm or service. */
  | "acr-challenge-incomplete"
  /** A challenge that names another host. */
  | "acr-realm-mismatch"
  /** An authority that is none of Microsoft's. */
  | "azure-untrusted-authority"
  /** A registry of another cloud. */
  | "azure-cloud-mismatch"
  /** A tenant that stands for all tenants. */
  | "azure-tenant-generic"
  /** A certificate in PKCS#12. */
  | "azure-pkcs12-unsupported"
  /** A certificate file that cannot be used. */
  | "azure-bad-certificate"
  /** An empty federated token. */
  | "azure-federated-empty"
  /** A federated token that is no JWT. */
  | "azure-federated-not-jwt"
  /** A federated token whose time is over. */
  | "azure-federated-expired"
  /** Azure Arc gave a token without being asked to prove anything. */
  | "azure-arc-no-challenge"
  /** Azure Arc asks for a file that is none of its own. */
  | "azure-arc-bad-challenge"
  /** The file for Azure Arc may not be read. */
  | "azure-arc-unreadable"
  /** The machine has no such managed identity. */
  | "azure-mi-not-assigned"
  /** The managed identity gave no token. */
  | "azure-mi-failed"
  /** Nobody is logged in to az. */
  | "azure-cli-not-logged-in"
  /** az is not installed. */
  | "azure-cli-missing"
  /** az failed. */
  | "azure-cli-failed"
  /** A configuration for AD FS. */
  | "azure-adfs-unsupported"
  /** A wrong client secret. */
  | "azure-bad-secret"
  /** A client secret whose time is over. */
  | "azure-secret-expired"
  /** An unknown client id. */
  | "azure-app-not-found"
  /** An unknown tenant. */
  | "azure-bad-tenant"
  /** A certificate that the application does not know. */
  | "azure-cert-rejected"
  /** An assertion whose time is over, or a wrong clock. */
  | "azure-assertion-time"
  /** A federated token for somebody else. */
  | "azure-federation-mismatch"
  /** The tenant does not know what the token is asked for. */
  | "azure-resource-unknown"
  /** A login that needs a second factor. */
  | "azure-mfa";

/** What a {@linkcode RegauthError} says beside its message. */
export interface RegauthErrorOptions {
  /** The thing it is about: a path, a variable, a host. Never a secret. */
  readonly subject?: string;
  /** What to do next, as one sentence. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * A failure that names the thing, says why, and what to do next. Message, subject, hint and cause
 * never hold a secret.
 */
export class RegauthError extends Error {
  /** Name of the class. */
  override readonly name = "RegauthError";
  /** Which of the known failures this is. */
  readonly code: ErrorCode;
  /** The thing it is about: a path, a variable, a host. */
  readonly subject: string | undefined;
  /** What to do next. */
  readonly hint: string | undefined;

  /**
   * Makes an error.
   *
   * @param code Which of the known failures this is.
   * @param message What failed and why: `Cannot <verb> "<thing>": <state>`.
   * @param options The subject, the hint and the cause.
   */
  constructor(code: ErrorCode, message: string, options: RegauthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.subject = options.subject;
    this.hint = options.hint;
  }
}

/**
 * The text of anything that was thrown.
 *
 * @param thrown An error or any other value.
 * @returns Its message.
 */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
