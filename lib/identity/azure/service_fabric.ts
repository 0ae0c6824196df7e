/**
 * Service Fabric: its token service has a certificate of its own making, which a variable tells by
 * its thumbprint.
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context } from "../../io.ts";
import { certificatePem } from "../../pem.ts";
import { type Answer, ask, type Patience, type Question } from "../ask.ts";

const VARIABLE = "IDENTITY_SERVER_THUMBPRINT";

/**
 * Asks for a token, and shows our secret to nobody but the server with that certificate.
 *
 * @param context The outside world.
 * @param question The question for a token.
 * @param patience When to give up.
 * @returns The answer.
 * @throws {RegauthError} `azure-mi-failed` if the server is another one, `network`
 */
export async function askServiceFabric(
  context: Context,
  question: Question,
  patience: Patience,
): Promise<Answer> {
  const { io, signal } = context;
  const { url } = question;
  const wanted = (io.env(VARIABLE) ?? "").replaceAll(":", "").toLowerCase();
  const [certificate] = url.protocol === "https:" ? await io.peerCertificates(url, signal) : [];
  if (certificate === undefined || await thumbprint(certificate) !== wanted) {
    throw new RegauthError(
      "azure-mi-failed",
      `Cannot get a token of Service Fabric: ${url.host} is not the server of ${VARIABLE}`,
      { subject: url.host, hint: "Check what listens at IDENTITY_ENDPOINT." },
    );
  }
  const ca = [certificatePem(certificate)];
  return await ask(context, () => ({ ...question, ca, trust: "exactly-ca" }), patience);
}

async function thumbprint(certificate: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", Uint8Array.from(certificate));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
