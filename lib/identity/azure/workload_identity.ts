/**
 * Applications that trust another provider's word: a token in a file, as the webhook of AKS mounts
 * it, or that of a job of GitHub Actions.
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { type AzureErrorCode, messageOf, RegauthError } from "../../errors.ts";
import { readPayload } from "../../token_claims.ts";
import { githubToken, isGithubJob } from "../github_oidc.ts";
import { masked } from "../mask.ts";
import { ASSERTION_TYPE } from "./client_certificate.ts";
import { idsOf } from "./client_secret.ts";
import {
  type Azure,
  type AzureIdentity,
  entraIdentity,
  type Proof,
  requireParts,
} from "./entra.ts";

const VARIABLE = "AZURE_FEDERATED_TOKEN_FILE";

/**
 * The application that trusts the token in a file or variable. The file is read for each request:
 * its token is replaced before it ends.
 *
 * @param azure Azure as the caller uses it.
 * @returns The identity, or `undefined` if no token is configured. Its tokens throw
 * `azure-federated-…`.
 * @throws {RegauthError} `invalid-environment` if tenant or client id is missing,
 * `azure-tenant-generic`
 */
export function workloadIdentity(azure: Azure): AzureIdentity | undefined {
  const { context: { io, trace }, options } = azure;
  const literal = io.env("AZURE_FEDERATED_TOKEN");
  const path = options.federatedTokenFile ?? io.env(VARIABLE);
  if (!literal && !path) {
    trace?.(`${VARIABLE} is not set`);
    return undefined;
  }
  const isLiteral = Boolean(literal) && options.federatedTokenFile === undefined;
  const source = isLiteral ? "AZURE_FEDERATED_TOKEN" : path ?? "";
  const { tenantId = "", clientId = "" } = idsOf(azure);
  requireParts(isLiteral ? source : VARIABLE, {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
  });

  async function readToken(): Promise<string> {
    if (isLiteral) return literal ?? "";
    const text = await io.readText(source).catch((cause) => {
      throw unusable("azure-federated-empty", source, messageOf(cause), MOUNT);
    });
    if (text !== undefined) return text;
    throw unusable("azure-federated-empty", source, "it does not exist", MOUNT);
  }

  return entraIdentity(azure, {
    name: `application ${clientId}, by the federated token of ${source}`,
    key: ["azure-workload", source],
    tenantId,
    clientId,
    prove: async () => proofOf((await readToken()).trim(), source, io.now()),
  });
}

/**
 * The application that trusts a job of GitHub Actions.
 *
 * @param azure Azure as the caller uses it.
 * @returns The identity, or `undefined` if this is no such job, or tenant or client id is not known.
 */
export function githubIdentity(azure: Azure): AzureIdentity | undefined {
  const { context, options, cloud } = azure;
  const { tenantId, clientId } = idsOf(azure);
  if (!isGithubJob(context.io) || tenantId === undefined || clientId === undefined) {
    context.trace?.("this is no job of GitHub Actions with AZURE_TENANT_ID and AZURE_CLIENT_ID");
    return undefined;
  }
  const { audience = cloud.audience } = options;
  return entraIdentity(azure, {
    name: `application ${clientId}, by this job of GitHub Actions`,
    key: ["azure-github", context.io.env("GITHUB_RUN_ID") ?? "", audience],
    tenantId,
    clientId,
    prove: async () => {
      const token = await githubToken(context, audience);
      return proofOf(token.reveal(), "GitHub", context.io.now());
    },
  });
}

const MOUNT = "Check that the token is mounted or written.";

/** Finds out before any request whether the token can be good. */
function proofOf(token: string, source: string, now: Date): Proof {
  if (token === "") throw unusable("azure-federated-empty", source, "it is empty", MOUNT);
  const claims = readPayload(token);
  if (claims === undefined) {
    throw unusable("azure-federated-not-jwt", source, "it holds no JWT", MOUNT);
  }
  const { exp, iss, sub, aud } = claims;
  if (typeof exp === "number" && exp * 1000 <= now.getTime()) {
    const why = `its token ended at ${new Date(exp * 1000).toISOString()}`;
    const hint = "Check what renews the token, and the clock of this computer.";
    throw unusable("azure-federated-expired", source, why, hint);
  }
  return {
    form: { client_assertion_type: ASSERTION_TYPE, client_assertion: new Secret(token) },
    claims: masked(`iss ${iss}, sub ${sub}, aud ${aud}`),
  };
}

function unusable(code: AzureErrorCode, path: string, why: string, hint: string): RegauthError {
  return new RegauthError(code, `Cannot use the federated token of "${path}": ${why}`, {
    subject: path,
    hint,
  });
}
