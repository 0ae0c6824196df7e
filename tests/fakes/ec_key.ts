/**
 * Keys on P-256 as PEM texts.
 *
 * @module
 */

import { generateKeyPairSync } from "node:crypto";

/** One key in two forms. */
export interface EcKey {
  /** As the command line of AWS writes it (RFC 5915). */
  readonly sec1: string;
  /** As other tools do (RFC 5208). */
  readonly pkcs8: string;
}

/** Makes a key. */
export function makeEcKey(): EcKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    sec1: privateKey.export({ type: "sec1", format: "pem" }).toString(),
    pkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
