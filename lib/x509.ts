/**
 * What a certificate says: for whom it is, who signed it, how long it counts. It is read for people
 * and for comparison; nothing here decides whether it is trusted.
 *
 * @example For whom a certificate is
 * ```ts
 * import { isFor, readCertificate } from "./x509.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const base64 = `
 * MIIBJjCB2aADAgECAhQL7K2JPp6/ThOOwrSkvkQc3wXeTjAFBgMrZXAwFjEUMBIG
 * A1UEAwwLcmVnLmV4YW1wbGUwHhcNMjYxMTIxMDA0NjU5WhcNMzYxMTE4MDA0NjU5
 * WjAWMRQwEgYDVQQDDAtyZWcuZXhhbXBsZTAqMAUGAytlcAMhAFCuUEFAjtwZuLMH
 * xSrf7b8jzxKTGMMT44njIJXmow3cozkwNzAWBgNVHREEDzANggtyZWcuZXhhbXBs
 * ZTAdBgNVHQ4EFgQUcHTmTNYO4L4F2VTpZZnXN/INQuIwBQYDK2VwA0EA3rFiWH6Z
 * etUhY7YfAEdNOQ+R/MoEfFqBAkx+tdNW0pjmNz2GmCAtDoTXN25Q3G/TgVpVKtaw
 * tuuQyFXotp94AQ==
 * `;
 * const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
 * const certificate = readCertificate(der);
 * assertEquals(certificate.subject, "CN=reg.example");
 * assertEquals(isFor(certificate, "reg.example"), true);
 * assertEquals(isFor(certificate, "other.example"), false);
 * ```
 *
 * @module
 */

import { derChildren, derOid, type DerValue, readDer } from "./der.ts";

/** A certificate (RFC 5280). */
export interface Certificate {
  /** 3 for every certificate of today; 1 has no extensions. */
  readonly version: number;
  /** For whom it is, such as `CN=reg.example, O=Example`. */
  readonly subject: string;
  /** Who signed it. */
  readonly issuer: string;
  /** Whether subject and issuer are the same, as in a root or self-signed certificate. */
  readonly selfIssued: boolean;
  /** Begin of its validity. */
  readonly notBefore: Date;
  /** End of its validity. */
  readonly notAfter: Date;
  /** Host names and IP addresses for which it is. */
  readonly names: readonly string[];
  /** Whether it may sign other certificates. */
  readonly isAuthority: boolean;
}

const NAME_PARTS: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};
const ALTERNATIVE_NAMES = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EMPTY_SEQUENCE = Uint8Array.of(0x30, 0);

/** Characters that a terminal obeys or does not show. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Reads a certificate.
 *
 * @param der Its bytes.
 * @returns What it says. Control characters in it are replaced by `?`.
 * @throws {SyntaxError} If it is not a certificate.
 */
export function readCertificate(der: Uint8Array): Certificate {
  const [body] = derChildren(expect(readDer(der), 0x30));
  const fields = [...derChildren(expect(body, 0x30))];
  const [version] = fields[0]?.tag === 0xa0 ? derChildren(fields.shift() ?? fields[0]) : [];
  const [_serial, _algorithm, issuer, validity, subject, _key, ...others] = fields;
  const [notBefore, notAfter] = derChildren(expect(validity, 0x30));
  const extensions = extensionsOf(others.find(({ tag }) => tag === 0xa3));
  const constraints = extensions.get(BASIC_CONSTRAINTS) ?? EMPTY_SEQUENCE;
  const names = extensions.get(ALTERNATIVE_NAMES) ?? EMPTY_SEQUENCE;
  return {
    version: (version?.content[0] ?? 0) + 1,
    subject: nameOf(expect(subject, 0x30)),
    issuer: nameOf(expect(issuer, 0x30)),
    selfIssued: sameBytes(expect(subject, 0x30).bytes, expect(issuer, 0x30).bytes),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    names: derChildren(readDer(names)).flatMap(alternativeName),
    isAuthority: derChildren(readDer(constraints))
      .some(({ tag, content }) => tag === 1 && content[0] !== 0),
  };
}

/**
 * Whether a certificate is for a host (RFC 9525). Only its alternative names count.
 *
 * @param certificate The certificate.
 * @param hostname Host name or IP address; an IPv6 address may have brackets.
 * @returns Whether it is. A `*` stands for one whole first label.
 */
export function isFor(certificate: Certificate, hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$|\.$/g, "");
  const parent = host.replace(/^[^.]+/, "*");
  return certificate.names.map((name) => name.toLowerCase())
    .some((name) => name === host || (parent.includes(".") && name === parent && !isAddress(host)));
}

/**
 * The number by which people compare certificates.
 *
 * @param der Bytes of the certificate.
 * @returns Its SHA-256 as `openssl x509 -fingerprint -sha256` writes it: `AB:CD:…`.
 */
export async function fingerprint(der: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(der));
  return Array.from(new Uint8Array(digest), hex).join(":").toUpperCase();
}

/**
 * Whether two certificates are the same, byte for byte.
 *
 * @param one Bytes of the one.
 * @param other Bytes of the other.
 * @returns Whether they are.
 */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function expect(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new SyntaxError("it is not a certificate");
  return value;
}

/** The DER in each extension, by identifier. */
function extensionsOf(value: DerValue | undefined): ReadonlyMap<string, Uint8Array> {
  const [list] = value === undefined ? [] : derChildren(value);
  const extensions = list === undefined ? [] : derChildren(list);
  return new Map(extensions.map((extension) => {
    const parts = derChildren(extension);
    return [derOid(expect(parts[0], 6)), expect(parts.at(-1), 4).content];
  }));
}

/** All parts in their order, as OpenSSL shows them. */
function nameOf(value: DerValue): string {
  const parts = derChildren(value).flatMap(derChildren).map((part) => {
    const [type, text] = derChildren(part);
    const oid = derOid(expect(type, 6));
    return `${NAME_PARTS[oid] ?? oid}=${text === undefined ? "" : textOf(text)}`;
  });
  return parts.join(", ");
}

function textOf({ tag, content }: DerValue): string {
  // BMPString is UTF-16; all others are UTF-8 or, by old habit, Latin-1.
  const encoding = tag === 30 ? "utf-16be" : tag === 20 ? "latin1" : "utf-8";
  return new TextDecoder(encoding).decode(content).replace(INVISIBLE, "?");
}

/** RFC 5280 section 4.1.2.5: two digits of a year are 1950 to 2049. */
function timeOf(value: DerValue | undefined): Date {
  const text = value === undefined ? "" : textOf(value);
  const parts = /^(\d{2})?(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)?.slice(1);
  if (parts === undefined) throw new SyntaxError("it is not a certificate");
  const [century, year = "", ...rest] = parts;
  const full = (century ?? (Number(year) < 50 ? "20" : "19")) + year;
  const [month, day, hour, minute, second] = rest;
  const time = new Date(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time.getTime())) throw new SyntaxError("it is not a certificate");
  return time;
}

/** RFC 5280 section 4.2.1.6: 2 is a DNS name, 7 an IP address; others are not for servers. */
function alternativeName({ tag, content }: DerValue): readonly string[] {
  if (tag === 0x82) return [new TextDecoder().decode(content).replace(INVISIBLE, "?")];
  if (tag !== 0x87) return [];
  if (content.length === 4) return [content.join(".")];
  const groups = Array.from({ length: content.length / 2 }, (_, index) => {
    return hex(content[2 * index] ?? 0) + hex(content[2 * index + 1] ?? 0);
  });
  return [URL.parse(`http://[${groups.join(":")}]`)?.hostname.slice(1, -1) ?? groups.join(":")];
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(?:\.\d+){3}$/.test(host);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
