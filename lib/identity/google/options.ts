/**
 * What a caller may say about its Google identity; all of it is optional.
 *
 * @module
 */

/** Where an identity is looked for if only one place counts. */
export type GoogleSource = "adc" | "metadata" | "gcloud";

/** Which identity, and what its token shall allow. */
export interface GoogleOptions {
  /** The only place to look. @default {all of them, in their order} */
  readonly source?: GoogleSource | undefined;
  /** A credential file, in place of all other sources. */
  readonly credentialFile?: string | undefined;
  /** Account of the metadata server. @default {"default"} */
  readonly serviceAccount?: string | undefined;
  /** Service account as which the identity acts. */
  readonly impersonate?: string | undefined;
  /** What the token shall allow. @default {[CLOUD_PLATFORM]} */
  readonly scopes?: readonly string[] | undefined;
  /** Whether a service account signs its token itself instead of exchanging it. */
  readonly selfSigned?: boolean | undefined;
  /** Audience of the provider that trusts GitHub Actions: no credential file is needed then. */
  readonly audience?: string | undefined;
  /** Whether credential files may name programs to run. */
  readonly allowExecutables?: boolean | undefined;
  /** Hosts, with port, that credential files may name beside Google's own. */
  readonly trustedEndpoints?: readonly string[] | undefined;
  /** Domain of Google's services. @default {DEFAULT_UNIVERSE} */
  readonly universeDomain?: string | undefined;
}

/** The scope with which a token can do all that its account may. */
export const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** The scope of self-signed tokens, as docker-credential-gcr has it (`config/const.go`). */
export const DEVSTORAGE = "https://www.googleapis.com/auth/devstorage.read_write";

/** Domain of Google's services, unless somebody runs their own. */
export const DEFAULT_UNIVERSE = "googleapis.com";

/** Where assertions and refresh tokens are exchanged, unless a key file says otherwise. */
export const TOKEN_URI = "https://oauth2.googleapis.com/token";
