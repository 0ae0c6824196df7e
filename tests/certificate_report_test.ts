import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { certificateReport } from "../lib/certificate_report.ts";
import { denoIo } from "../lib/deno_io.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { fingerprint } from "../lib/x509.ts";
import { issue, type Issued, tlsServer } from "./fakes/tls.ts";

const corp = await issue({ name: "Corp CA", authority: true, names: [] });
const leaf = await issue({ name: "reg", issuer: corp, names: ["reg.example", "*.reg.example"] });

async function linesFor(host: string, ...shown: Issued[]): Promise<string> {
  const io = memoryIo({ certificates: shown.map(({ der }) => der), now: new Date() });
  return (await certificateReport(host, { io }))?.lines.join("\n") ?? "";
}

Deno.test("certificateReport() shows the chain and how to trust its authority", async () => {
  const io = memoryIo({ certificates: [leaf.der, corp.der], now: new Date() });
  const report = await certificateReport("reg.example:5000", { io });
  assertEquals(report?.chain.map(({ pem }) => pem), [leaf.certificate, corp.certificate]);
  assertEquals(report?.authority?.pem, corp.certificate);
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  assertEquals(report?.lines, [
    "reg.example:5000 shows these certificates:",
    "  CN=reg",
    "    for        reg.example, *.reg.example",
    "    signed by  CN=Corp CA",
    `    valid      ${day(-1)} to ${day(30)}`,
    `    SHA-256    ${await fingerprint(leaf.der)}`,
    "  CN=Corp CA",
    "    signed by  itself",
    `    valid      ${day(-1)} to ${day(30)}`,
    `    SHA-256    ${await fingerprint(corp.der)}`,
    "To trust exactly CN=Corp CA: ask whoever runs the registry whether the SHA-256 is right. " +
    "If it is, save the certificate as ca.crt, then",
    '  here        add --registry-ca-cert-path ca.crt, or "ca" for "reg.example:5000" in regauth\'s own file',
    "  Docker      copy it to /etc/docker/certs.d/reg.example:5000/ca.crt",
    "  containerd  name it as ca in /etc/containerd/certs.d/reg.example:5000/hosts.toml",
    "  podman      copy it to /etc/containers/certs.d/reg.example:5000/ca.crt",
  ]);
});

Deno.test("certificateReport() names an authority that is not shown", async () => {
  const text = await linesFor("reg.example", leaf);
  assertStringIncludes(text, "does not show the certificate of CN=Corp CA");
  assertEquals(text.includes("To trust exactly"), false);
});

Deno.test("certificateReport() trusts a self-signed certificate or an intermediate", async () => {
  const alone = await issue({ name: "alone", names: ["reg.example"] });
  assertStringIncludes(await linesFor("reg.example", alone), "To trust exactly CN=alone");
  const between = await issue({ name: "Between", issuer: corp, authority: true });
  const below = await issue({ name: "below", issuer: between, names: ["reg.example"] });
  const text = await linesFor("reg.example", below, between);
  assertStringIncludes(text, "To trust exactly CN=Between");
});

Deno.test("certificateReport() gives no advice that does not help", async () => {
  const old = await issue({ name: "old", names: ["reg.example"], until: -0.5 });
  const cases: [host: string, shown: Issued[], expected: string][] = [
    ["other.example", [leaf, corp], "CN=reg is not for other.example: trusting it does not help"],
    ["reg.example", [old], "CN=old is expired: trusting it does not help"],
    ["reg.example", [
      await issue({ name: "new", names: ["reg.example"], from: 1 }),
    ], "CN=new is not valid yet"],
  ];
  for (const [host, shown, expected] of cases) {
    const text = await linesFor(host, ...shown);
    assertStringIncludes(text, expected);
    assertEquals(text.includes("To trust exactly"), false);
  }
});

Deno.test("certificateReport() looks at a real server and sends it nothing", async () => {
  const server = await tlsServer({ identity: leaf, chain: [corp] });
  const { fetch, httpClient, peerCertificates } = denoIo();
  const io = { ...memoryIo(), fetch, httpClient, peerCertificates };
  const report = await certificateReport(server.host, { io });
  assertEquals(report?.chain.length, 2);
  assertEquals(server.requests, []);
  await server.close();
});

Deno.test("certificateReport() says why there is none", async () => {
  const lines: string[] = [];
  const trace = (line: string): void => void lines.push(line);
  const failing = {
    ...memoryIo(),
    peerCertificates: () => Promise.reject(new Error("connection refused")),
  };
  assertEquals(await certificateReport("reg.example", { io: failing, trace }), undefined);
  const odd = memoryIo({ certificates: [Uint8Array.of(1, 2, 3)] });
  assertEquals(await certificateReport("reg.example", { io: odd, trace }), undefined);
  assertEquals(lines.map((line) => line.replace(/.*: /, "")), [
    "connection refused",
    "it is cut off",
  ]);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(
    () => certificateReport("reg.example", { io: failing, signal }),
    Error,
    "enough",
  );
});
