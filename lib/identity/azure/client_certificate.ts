/**
 * Applications that prove by the key of a certificate who they are (Microsoft identity platform,
 * "certificate credentials").
 *
 * @module
 */

import { Secret } from "../../credential.ts";
import { derChildren, readDer } from "../../der.ts";
import { messageOf, RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { certificatesIn, pemBlocks } from "../../pem.ts";
import { base64Url, signJwt } from "../jwt.ts";
import { importRsaKey, type JwtAlgorithm } from "../rsa_key.ts";
import { idsOf } from "./client_secret.ts";
import { type Azure, type AzureIdentity, entraIdentity, requireParts } from "./entra.ts";

/** Present and former names (azidentity, go-autorest). */
const VARIABLES = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CERTIFICATE_PATH"] as const;

/** Says that the `client_assertion` is a JWT (RFC 7523 section 2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const LIFETIME = 600;

/**
 * The application that a certificate is configured for.
 *
 * @param azure Azure as the caller uses it.
 * @returns The identity, or `undefined` if there is no certificate.
 * @throws {RegauthError} `invalid-environment` if a part is missing or two files are named,
 * `azure-pkcs12-unsupported`, `azure-bad-certificate`, `key-…`, `azure-tenant-generic`
 */
export async function clientCertificate(azure: Azure): Promise<AzureIdentity | undefined> {
  const { context: { io, trace }, options } = azure;
  const path = options.certificate ?? pathOf(io);
  if (path === undefined) {
    trace?.(`${VARIABLES[0]} is not set`);
    return undefined;
  }
  const { tenantId = "", clientId = "" } = idsOf(azure);
  requireParts(VARIABLES[0], { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId });
  const { assertionAlgorithm: alg = "PS256" } = options;
  const { key, chain } = await readPair(io, path, alg);
  const header = await headerOf(io, chain, alg);

  return entraIdentity(azure, {
    name: `application ${clientId}, by the certificate ${path}`,
    key: ["azure-certificate", JSON.stringify(header)],
    tenantId,
    clientId,
    prove: async (aud) => {
      const nbf = Math.floor(io.now().getTime() / 1000);
      const claims = {
        aud,
        iss: clientId,
        sub: clientId,
        jti: crypto.randomUUID(),
        nbf,
        exp: nbf + LIFETIME,
      };
      const assertion = new Secret(await signJwt({ header, claims, key }));
      return { form: { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion } };
    },
  });
}

function pathOf(io: Io): string | undefined {
  const paths = new Set(VARIABLES.map((name) => io.env(name)).filter((path) => path));
  if (paths.size > 1) {
    throw new RegauthError(
      "invalid-environment",
      `Cannot use ${VARIABLES.join(" and ")}: they name different files`,
      { subject: VARIABLES[0], hint: `Unset ${VARIABLES[1]}, the older one.` },
    );
  }
  return [...paths][0];
}

interface Pair {
  readonly key: Secret;
  /** Certificates (DER), that of the key first. */
  readonly chain: readonly Uint8Array<ArrayBuffer>[];
}

async function readPair(io: Io, path: string, algorithm: JwtAlgorithm): Promise<Pair> {
  const text = await io.readText(path).catch((cause) => {
    throw unusable(path, messageOf(cause), "Check owner and mode of the file.");
  });
  if (text === undefined) throw unusable(path, "it does not exist", "Correct the path.");
  // The first byte of DER is a digit by chance.
  if (/\.(?:pfx|p12)$/i.test(path) || /^0\uFFFD/.test(text)) {
    throw new RegauthError(
      "azure-pkcs12-unsupported",
      `Cannot use "${path}": it is PKCS#12, not PEM`,
      {
        subject: path,
        hint: `Convert it: openssl pkcs12 -in "${path}" -nodes -out NEW.pem, then name NEW.pem.`,
      },
    );
  }
  const keys = pemBlocks(text).filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    const why = `it holds ${key ? "several private keys" : "no private key"}`;
    throw unusable(path, why, "Put the certificate and exactly one key into the file.");
  }
  const signer = await importRsaKey(key.text, algorithm);
  const certificates = certificatesOf(text, path);
  for (const leaf of certificates) {
    if (!await belongs(signer, leaf, algorithm)) continue;
    const others = certificates.filter((other) => other !== leaf);
    return { key: new Secret(key.text), chain: [leaf, ...others] };
  }
  throw unusable(path, "its key does not fit the certificate", "Put both from one pair into it.");
}

function certificatesOf(text: string, path: string): readonly Uint8Array<ArrayBuffer>[] {
  try {
    return certificatesIn(text, path).map((der) => Uint8Array.from(der));
  } catch (cause) {
    const why = messageOf(cause).replace(/^Cannot use "[^"]*": /, "");
    throw unusable(path, why, "Put certificate and key into one PEM file.");
  }
}

/** Whether what the key signs can be verified with the certificate. */
async function belongs(
  key: CryptoKey,
  certificate: Uint8Array,
  algorithm: JwtAlgorithm,
): Promise<boolean> {
  const name = algorithm === "PS256" ? "RSA-PSS" : "RSASSA-PKCS1-v1_5";
  const parameters = { name, saltLength: 32 };
  const text = new TextEncoder().encode(ASSERTION_TYPE);
  try {
    const spki = publicKeyOf(certificate);
    const verifier = await crypto.subtle.importKey("spki", spki, { name, hash: "SHA-256" }, false, [
      "verify",
    ]);
    const signature = await crypto.subtle.sign(parameters, key, text);
    return await crypto.subtle.verify(parameters, verifier, signature, text);
  } catch {
    return false; // A certificate of another kind of key.
  }
}

/** The seventh field of a certificate of version 3 (RFC 5280 section 4.1). */
function publicKeyOf(certificate: Uint8Array): Uint8Array<ArrayBuffer> {
  const [body] = derChildren(readDer(certificate));
  const fields = body === undefined ? [] : derChildren(body);
  const field = fields[fields[0]?.tag === 0xa0 ? 6 : 5];
  return Uint8Array.from(field?.bytes ?? []);
}

/** Thumbprints as RFC 7515 section 4.1 has them: base64 for URLs, of the bytes. */
async function headerOf(
  io: Io,
  chain: Pair["chain"],
  alg: JwtAlgorithm,
): Promise<Parameters<typeof signJwt>[0]["header"]> {
  const [leaf = new Uint8Array()] = chain;
  const [name, hash] = alg === "PS256" ? ["x5t#S256", "SHA-256"] : ["x5t", "SHA-1"];
  const thumbprint = base64Url(new Uint8Array(await crypto.subtle.digest(hash ?? "", leaf)));
  const sendsChain = /^(?:1|true)$/i.test(io.env("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN") ?? "");
  return {
    alg,
    typ: "JWT",
    [name ?? ""]: thumbprint,
    ...(sendsChain ? { x5c: chain.map(base64) } : {}),
  };
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function unusable(path: string, why: string, hint: string): RegauthError {
  return new RegauthError("azure-bad-certificate", `Cannot use "${path}": ${why}`, {
    subject: path,
    hint,
  });
}
