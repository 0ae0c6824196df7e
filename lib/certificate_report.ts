/**
 * What to tell a user whose registry shows a certificate that nobody trusts: the certificates it
 * shows, and how to trust exactly the right one.
 *
 * @example A server that cannot be asked has no report
 * ```ts
 * import { certificateReport } from "./certificate_report.ts";
 * import { memoryIo } from "./memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await certificateReport("reg.example", { io: memoryIo() }), undefined);
 * ```
 *
 * @module
 */

import { messageOf } from "./errors.ts";
import type { Context } from "./io.ts";
import { certificatePem } from "./pem.ts";
import { type Certificate, fingerprint, isFor, readCertificate } from "./x509.ts";

/** One certificate that a server shows. */
export interface ShownCertificate {
  /** What it says. */
  readonly certificate: Certificate;
  /** Its SHA-256, as `openssl x509 -fingerprint -sha256` writes it. */
  readonly sha256: string;
  /** Its text, to be saved as a file. */
  readonly pem: string;
}

/** What is known of the certificates of a server. */
export interface CertificateReport {
  /** The certificates it shows, its own first. */
  readonly chain: readonly ShownCertificate[];
  /** The one that makes the server trusted if it is trusted, if the server shows it. */
  readonly authority?: ShownCertificate;
  /** The report for people, without the PEM text. */
  readonly lines: readonly string[];
}

/**
 * Looks at the certificates of a registry. Nothing is sent to it but the handshake, and nothing is
 * trusted.
 *
 * @param host The registry, with its port if it has one.
 * @param context The outside world, the caller's signal, and who hears why there is no report.
 * @returns The report, or `undefined` if the certificates cannot be had.
 */
export async function certificateReport(
  host: string,
  context: Context,
): Promise<CertificateReport | undefined> {
  const { io, signal, trace } = context;
  try {
    const shown = await io.peerCertificates(new URL(`https://${host}/`), signal);
    const chain = await Promise.all(shown.map(async (der) => ({
      certificate: readCertificate(der),
      sha256: await fingerprint(der),
      pem: certificatePem(der),
    })));
    const last = chain.at(-1);
    if (last === undefined) return undefined;
    const { selfIssued, isAuthority } = last.certificate;
    const authority = selfIssued || isAuthority ? last : undefined;
    const faults = faultsOf(host, chain, io.now());
    const lines = [
      `${host} shows ${chain.length === 1 ? "this certificate" : "these certificates"}:`,
      ...chain.flatMap((link) => describe(link, io.now())),
      ...faults.length > 0
        ? faults.map((fault) => `${fault}: trusting it does not help.`)
        : authority === undefined
        ? [
          `It does not show the certificate of ${last.certificate.issuer}. ` +
          "Ask whoever runs the registry for it.",
        ]
        : advice(host, authority),
    ];
    return { chain, ...(authority === undefined ? {} : { authority }), lines };
  } catch (error) {
    signal?.throwIfAborted();
    trace?.(`Cannot look at the certificates of ${host}: ${messageOf(error)}`);
    return undefined;
  }
}

function describe({ certificate, sha256 }: ShownCertificate, now: Date): readonly string[] {
  const { subject, issuer, selfIssued, names, notBefore, notAfter } = certificate;
  const [from, until] = [notBefore, notAfter].map((date) => date.toISOString().slice(0, 10));
  const state = notAfter < now ? " (expired)" : notBefore > now ? " (not yet)" : "";
  return [
    `  ${subject || "(no name)"}`,
    ...names.length === 0 ? [] : [`    for        ${names.join(", ")}`],
    `    signed by  ${selfIssued ? "itself" : issuer}`,
    `    valid      ${from} to ${until}${state}`,
    `    SHA-256    ${sha256}`,
  ];
}

function faultsOf(
  host: string,
  chain: readonly ShownCertificate[],
  now: Date,
): readonly string[] {
  const { hostname } = new URL(`https://${host}/`);
  return chain.flatMap(({ certificate }, index) => [
    ...certificate.notAfter < now ? [`The certificate of ${certificate.subject} is expired`] : [],
    ...certificate.notBefore > now
      ? [`The certificate of ${certificate.subject} is not valid yet; check this machine's clock`]
      : [],
    ...index === 0 && !isFor(certificate, hostname)
      ? [`The certificate of ${certificate.subject} is not for ${hostname}`]
      : [],
  ]);
}

function advice(host: string, { certificate }: ShownCertificate): readonly string[] {
  return [
    `To trust exactly ${certificate.subject || "it"}: ask whoever runs the registry whether the ` +
    "SHA-256 is right. If it is, save the certificate as ca.crt, then",
    `  here        add --registry-ca-cert-path ca.crt, or "ca" for "${host}" in regauth's own file`,
    `  Docker      copy it to /etc/docker/certs.d/${host}/ca.crt`,
    `  containerd  name it as ca in /etc/containerd/certs.d/${host}/hosts.toml`,
    `  podman      copy it to /etc/containers/certs.d/${host}/ca.crt`,
  ];
}
