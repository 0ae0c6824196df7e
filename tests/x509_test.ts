import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fingerprint, isFor, readCertificate } from "../lib/x509.ts";
import { issue } from "./fakes/tls.ts";

/** C=DE and so on, made by `openssl ca`. */
const OPENSSL =
  "MIICEzCCAbmgAwIBAgIUekEA63oyIR3b4pB9AFX6P15YjacwCgYIKoZIzj0EAwIwSjELMAkGA1UEBhMCREUxFTATBg" +
  "NVBAoMDEV4YW1wbGUgR21iSDEOMAwGA1UECwwFRnLDvGgxFDASBgNVBAMMC3JlZy5leGFtcGxlMCAXDTI2MDEwMjAz" +
  "MDQwNVoYDzIwNTEwMTAyMDMwNDA1WjBKMQswCQYDVQQGEwJERTEVMBMGA1UECgwMRXhhbXBsZSBHbWJIMQ4wDAYDVQ" +
  "QLDAVGcsO8aDEUMBIGA1UEAwwLcmVnLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAREmhsCKc7SisnS" +
  "NodC9n3sI6eCKVIqz44Yn/kQP99bI9481kcrkbVtxIRAcil+iUt54hjOKRL70GQ8LDmEnTYLo3sweTA9BgNVHREENj" +
  "A0gg0qLnJlZy5leGFtcGxlhxAAAAAAAAAAAAAAAAAAAAABhwTAqAABgQthQGIuZXhhbXBsZTAMBgNVHRMBAf8EAjAA" +
  "MAsGA1UdDwQEAwIHgDAdBgNVHQ4EFgQU3pLI9BD8q30R/x7mZAtwkNN5MyswCgYIKoZIzj0EAwIDSAAwRQIhANBX7b" +
  "JsYZFgonvmLdEHV51EbzMe3aJkyTTQJejkxCwkAiBg0625ti7bXNHpTD5CAJTbcXgiy/qSUeKpaFoOMdjPSQ==";

Deno.test("readCertificate() tells subject, issuer, names and validity", async () => {
  const ca = await issue({ name: "Corp CA", authority: true, names: [] });
  const leaf = await issue({ name: "reg", issuer: ca, names: ["reg.example", "10.0.0.7"] });
  const certificate = readCertificate(leaf.der);
  assertEquals({ ...certificate, notBefore: 0, notAfter: 0 }, {
    version: 3,
    subject: "CN=reg",
    issuer: "CN=Corp CA",
    selfIssued: false,
    notBefore: 0,
    notAfter: 0,
    names: ["reg.example", "10.0.0.7"],
    isAuthority: false,
  });
  assertEquals(certificate.notBefore < new Date() && certificate.notAfter > new Date(), true);
  const root = readCertificate(ca.der);
  assertEquals([root.selfIssued, root.isAuthority, root.names], [true, true, []]);
});

Deno.test("readCertificate() reads what OpenSSL makes", () => {
  const certificate = readCertificate(Uint8Array.from(atob(OPENSSL), (c) => c.charCodeAt(0)));
  assertEquals(certificate.subject, "C=DE, O=Example GmbH, OU=Früh, CN=reg.example");
  assertEquals(certificate.names, ["*.reg.example", "::1", "192.168.0.1"]);
  assertEquals(certificate.notBefore, new Date("2026-01-02T03:04:05Z"));
  assertEquals(certificate.notAfter, new Date("2051-01-02T03:04:05Z"));
});

Deno.test("readCertificate() knows version 1", async () => {
  assertEquals(readCertificate((await issue({ name: "old", version: 1 })).der).version, 1);
});

Deno.test("readCertificate() shows no control characters", async () => {
  const { der } = await issue({ name: "a\x1b[2J\u202eb", names: ["x\x07.example"] });
  assertEquals(readCertificate(der).subject, "CN=a?[2J?b");
  assertEquals(readCertificate(der).names, ["x?.example"]);
});

Deno.test("readCertificate() refuses everything else", async () => {
  const { der } = await issue({ name: "x" });
  const cases: Uint8Array[] = [
    new Uint8Array(),
    Uint8Array.of(0x30),
    Uint8Array.of(0x30, 0),
    Uint8Array.of(0x30, 0x80, 0, 0),
    Uint8Array.of(0x30, 0x85, 1, 1, 1, 1, 1),
    Uint8Array.of(0x31, 2, 5, 0),
    der.subarray(0, -1),
    Uint8Array.of(...der, 0),
  ];
  for (const bytes of cases) assertThrows(() => readCertificate(bytes), SyntaxError);
});

Deno.test("readCertificate() ends with an answer or SyntaxError, whatever byte is wrong", async () => {
  const { der } = await issue({ name: "x" });
  for (let index = 0; index < der.length; index++) {
    const bytes = Uint8Array.from(der);
    bytes[index] = (bytes[index] ?? 0) ^ 0x91;
    try {
      readCertificate(bytes);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
});

Deno.test("isFor() compares names as TLS does", async () => {
  const names = ["reg.example", "*.Wild.example", "10.0.0.7", "*.0.0.8", "*"];
  const certificate = readCertificate((await issue({ name: "cn.example", names })).der);
  const cases: [hostname: string, expected: boolean][] = [
    ["reg.example", true],
    ["REG.example.", true],
    ["xreg.example", false],
    ["a.wild.example", true],
    ["a.b.wild.example", false],
    ["wild.example", false],
    ["10.0.0.7", true],
    ["10.0.0.8", false],
    ["localhost", false],
    ["cn.example", false],
  ];
  for (const [hostname, expected] of cases) {
    assertEquals(isFor(certificate, hostname), expected, hostname);
  }
});

Deno.test("fingerprint() is written as OpenSSL writes it", async () => {
  assertMatch(await fingerprint(Uint8Array.of(1)), /^4B:F5:12:2F:(?:[0-9A-F]{2}:){27}[0-9A-F]{2}$/);
});
