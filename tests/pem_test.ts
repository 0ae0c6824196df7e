import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { certificatePem, certificatesIn, pemBlocks, privateKeyIn } from "../lib/pem.ts";
import { issue } from "./fakes/tls.ts";

const one = await issue({ name: "one" });
const two = await issue({ name: "two" });
const damaged = one.certificate.replace(/\nMI/, "\nAA");

Deno.test("pemBlocks() finds blocks between comments, with any line ends", () => {
  const text = `subject=CN=one\r\n${one.certificate.replaceAll("\n", "\r\n")}junk\n${one.key}`;
  assertEquals(pemBlocks(text).map(({ label }) => label), ["CERTIFICATE", "PRIVATE KEY"]);
  assertEquals(pemBlocks(text)[0]?.text, one.certificate);
});

Deno.test("pemBlocks() takes only whole blocks", () => {
  const [begin = "", ...rest] = one.certificate.split("\n");
  assertEquals(pemBlocks(begin), []);
  assertEquals(pemBlocks(rest.join("\n")), []);
  assertEquals(pemBlocks(one.certificate.replace("END C", "END D")), []);
});

Deno.test("certificatesIn() gives all certificates of a bundle in order", () => {
  const bundle = `${one.certificate}${one.key}\n${two.certificate}`;
  assertEquals(certificatesIn(bundle, "x"), [one.der, two.der]);
});

Deno.test("certificatesIn() says what is wrong with a file", () => {
  const cases: [text: string, message: string][] = [
    ["", "it holds no certificate"],
    ["garbage", "it holds no certificate"],
    [one.key, 'it holds a "PRIVATE KEY"'],
    [damaged, "its certificate cannot be read"],
    [one.certificate.replace(/\nMI/, "\n*!"), "its certificate cannot be read"],
    [two.certificate + damaged, "certificate 2 cannot be read"],
  ];
  for (const [text, message] of cases) {
    const error = assertThrows(() => certificatesIn(text, "/etc/ca.pem"), RegauthError, message);
    assertStringIncludes(error.message, 'Cannot use "/etc/ca.pem": ');
    assertEquals([error.code, error.subject], ["config-type", "/etc/ca.pem"]);
  }
});

Deno.test("privateKeyIn() finds a key of any kind", () => {
  for (const kind of ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]) {
    const text = one.certificate + one.key.replaceAll("PRIVATE KEY", kind);
    assertStringIncludes(privateKeyIn(text, "x").reveal(), `BEGIN ${kind}`);
  }
});

Deno.test("privateKeyIn() wants a key that needs no password", () => {
  const begin = "-----BEGIN PRIVATE KEY-----\n";
  const cases: [text: string, message: string][] = [
    [one.certificate, "it holds no private key"],
    [one.key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"), "its key is encrypted"],
    [one.key.replace(begin, `${begin}Proc-Type: 4,ENCRYPTED\n`), "its key is encrypted"],
  ];
  for (const [text, message] of cases) {
    const error = assertThrows(() => privateKeyIn(text, "/k.pem"), RegauthError, message);
    assertEquals([error.code, error.subject], ["config-type", "/k.pem"]);
    assertEquals(error.message.includes(one.key.slice(40, 60)), false);
  }
});

Deno.test("certificatePem() writes what it can read", () => {
  const text = certificatePem(one.der);
  assertEquals(certificatesIn(text, "x"), [one.der]);
  assertEquals(Math.max(...text.split("\n").map((line) => line.length)), 64);
});
