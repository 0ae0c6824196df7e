/**
 * Who a credential file says that we are: its `type` decides.
 *
 * @module
 */

import type { Context } from "../../io.ts";
import { later } from "../../later.ts";
import { printable } from "../../printable.ts";
import type { Identity } from "../access_token.ts";
import {
  badField,
  type CredentialFile,
  fileFault,
  optionalText,
  textOf,
} from "./credential_file.ts";
import { trustedEndpoint } from "./endpoints.ts";
import type { GoogleOptions } from "./options.ts";

const HERE = import.meta.url;
const TYPE = "impersonated_service_account";

/**
 * The identity in a credential file.
 *
 * @param context The outside world.
 * @param file The file.
 * @param options Scopes, trusted hosts, and whether programs may be run.
 * @returns The identity.
 * @throws {RegauthError} `google-adc-no-type`, `google-adc-unknown-type`, `google-adc-bad-field`,
 * `google-adc-client-secret`, `google-gdch-unsupported`, `google-impersonation-nested`,
 * `google-untrusted-endpoint`, `google-wif-…`
 */
export async function credentialIdentity(
  context: Context,
  file: CredentialFile,
  options: GoogleOptions,
): Promise<Identity> {
  const type = optionalText(file, "type");
  switch (type) {
    case "service_account":
      return (await later<typeof import("./service_account.ts")>("./service_account.ts", HERE))
        .serviceAccount(context, file, options);
    case "authorized_user":
      return (await later<typeof import("./authorized_user.ts")>("./authorized_user.ts", HERE))
        .authorizedUser(context, file);
    case "external_account_authorized_user":
      return (await later<typeof import("./authorized_user.ts")>("./authorized_user.ts", HERE))
        .workforceUser(context, file, options);
    case "external_account":
      return (await later<typeof import("./external_account.ts")>("./external_account.ts", HERE))
        .externalAccount(context, file, options);
    case TYPE:
      return await impersonatedAccount(context, file, options);
    case "gdch_service_account":
      throw fileFault(
        "google-gdch-unsupported",
        file.path,
        "it is for Google Distributed Cloud",
        "Use a robot account of the Harbor registry there.",
      );
  }
  throw withoutType(file, type);
}

/** The source acts with all its rights; only the last token is narrowed. */
async function impersonatedAccount(
  context: Context,
  file: CredentialFile,
  options: GoogleOptions,
): Promise<Identity> {
  const { scopes, selfSigned: _, ...rest } = options;
  const url = textOf(file, "service_account_impersonation_url");
  const { delegates = [], source_credentials: source } = file.data;
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    throw badField(file, "source_credentials", "is not an object");
  }
  if (!Array.isArray(delegates) || !delegates.every((name) => typeof name === "string")) {
    throw badField(file, "delegates", "is not a list of texts");
  }
  const data = Object.fromEntries(Object.entries(source));
  if (data.type === TYPE) {
    throw fileFault(
      "google-impersonation-nested",
      file.path,
      "its source is an impersonation too",
      "Name the accounts in between as delegates.",
    );
  }
  const identity = await credentialIdentity(context, { ...file, data }, rest);
  const { impersonated } = await later<typeof import("./impersonation.ts")>(
    "./impersonation.ts",
    HERE,
  );
  return impersonated(context, identity, {
    url: trustedEndpoint("iamcredentials", url, file.path, options),
    delegates,
    ...(scopes === undefined ? {} : { scopes }),
  });
}

function withoutType(file: CredentialFile, type: string | undefined): Error {
  if (type !== undefined) {
    const shown = printable(type.slice(0, 64));
    return fileFault(
      "google-adc-unknown-type",
      file.path,
      `its type "${shown}" is not known`,
      "Create or download the credential again.",
    );
  }
  return "web" in file.data || "installed" in file.data
    ? fileFault(
      "google-adc-client-secret",
      file.path,
      "it is the file of an OAuth client, not a credential",
      "Create a credential: gcloud auth application-default login --client-id-file=FILE.",
    )
    : fileFault(
      "google-adc-no-type",
      file.path,
      'it has no "type"',
      "Create or download the credential again.",
    );
}
