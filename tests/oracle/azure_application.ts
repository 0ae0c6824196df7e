/**
 * Azure in memory, with an application that has a certificate.
 *
 * @module
 */

import { type FakeAzure, fakeAzure } from "../fakes/azure.ts";
import { issue } from "../fakes/tls.ts";

/** Azure, and what replaces the words of the situations. */
export interface Application {
  readonly azure: FakeAzure;
  /** Replaces `CERTIFICATE`, `KEY` and `FEDERATED` in texts. */
  fill(texts: Readonly<Record<string, string>>): Record<string, string>;
}

/**
 * Makes Azure.
 *
 * @param now Tells the time.
 * @returns Azure.
 */
export async function application(now: () => Date): Promise<Application> {
  const keys = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    },
    true,
    ["sign", "verify"],
  );
  const issuer = await issue({ name: "authority", authority: true });
  const leaf = await issue({ name: "application", issuer, keys });
  const azure = fakeAzure({ now, certificate: { der: leaf.der, publicKey: keys.publicKey } });
  const words = { CERTIFICATE: leaf.certificate, KEY: leaf.key, FEDERATED: azure.federated };
  return {
    azure,
    fill: (texts) =>
      Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [
          name,
          text.replace(/CERTIFICATE|KEY|FEDERATED/g, (word) =>
            Object.entries(words).find(([name]) => name === word)?.[1] ?? ""),
        ]),
      ),
  };
}
