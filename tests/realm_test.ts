import { assertEquals } from "@std/assert";
import { innerRefusal, mayReceiveCredential, readRealm } from "../lib/realm.ts";

const nobody = (): boolean => false;

/** Registry, realm, and what happens to the credential. */
const ROWS: readonly [registry: string, realm: string, outcome: "yes" | "anonymous" | "refused"][] =
  [
    // Same server.
    ["https://quay.io", "https://quay.io/v2/auth", "yes"],
    ["https://quay.io", "https://QUAY.io:443/v2/auth", "yes"],
    ["https://quay.io", "/v2/auth", "yes"],
    ["https://reg.example:5000", "https://reg.example:5000/token", "yes"],
    ["http://127.0.0.1:5000", "http://127.0.0.1:5000/token", "yes"],
    ["http://localhost:5000", "http://LOCALHOST:5000/token", "yes"],
    ["https://10.1.2.3", "https://10.1.2.3/token", "yes"],
    // Same host, other port.
    ["https://gitlab.example.com:5050", "https://gitlab.example.com/jwt/auth", "yes"],
    ["http://reg.corp.example:5000", "http://reg.corp.example:5001/token", "anonymous"],
    ["https://10.1.2.3", "https://10.1.2.3:8443/token", "refused"],
    ["http://127.0.0.1:5000", "http://127.0.0.1:5001/token", "refused"],
    // Parents.
    ["https://registry.gitlab.com", "https://gitlab.com/jwt/auth", "yes"],
    ["https://a.b.corp.example", "https://corp.example/t", "yes"],
    ["https://evil.jfrog.io", "https://jfrog.io/t", "anonymous"],
    ["https://bucket.s3.amazonaws.com", "https://s3.amazonaws.com/t", "anonymous"],
    ["https://evil.co.uk", "https://co.uk/t", "anonymous"],
    ["https://registry.local", "https://local/t", "anonymous"],
    ["https://notgitlab.com", "https://gitlab.com/t", "anonymous"],
    ["https://gitlab.com", "https://registry.gitlab.com/t", "anonymous"],
    ["https://registry.corp.example", "https://sso.corp.example/t", "anonymous"],
    // Documented pairs.
    ["https://registry-1.docker.io", "https://auth.docker.io/token", "yes"],
    ["https://registry-1.docker.io", "https://AUTH.docker.io:443/token", "yes"],
    ["https://registry-1.docker.io", "https://auth.docker.io./token", "anonymous"],
    ["https://registry-1.docker.io", "https://auth.docker.io:8443/token", "anonymous"],
    ["https://mirror.example", "https://auth.docker.io/token", "anonymous"],
    ["https://reg.example", "https://constructor/token", "anonymous"],
    // Not a URL of a web server.
    ["https://reg.example", "javascript:alert(1)", "refused"],
    ["https://reg.example", "file:///etc/passwd", "refused"],
    ["https://reg.example", "ftp://reg.example/", "refused"],
    ["https://reg.example", "https://", "refused"],
    ["https://reg.example", "https://user:pw@reg.example/t", "refused"],
    ["https://reg.example", "https://user@reg.example/t", "refused"],
    ["https://reg.example", "https://reg.example/t#x", "refused"],
    // Less protected than the registry.
    ["https://reg.example", "http://reg.example/t", "refused"],
    ["http://reg.example", "http://other.example/t", "refused"],
    ["http://reg.example", "https://other.example/t", "anonymous"],
    // This machine and its network, in every spelling.
    ["https://reg.example", "https://127.0.0.1/", "refused"],
    ["https://reg.example", "https://127.1/", "refused"],
    ["https://reg.example", "https://2130706433/", "refused"],
    ["https://reg.example", "https://0x7f.0.0.1/", "refused"],
    ["https://reg.example", "https://0/", "refused"],
    ["https://reg.example", "https://169.254.169.254/latest/meta-data", "refused"],
    ["https://reg.example", "https://10.0.0.1/", "refused"],
    ["https://reg.example", "https://172.31.255.255/", "refused"],
    ["https://reg.example", "https://172.32.0.1/", "anonymous"],
    ["https://reg.example", "https://192.168.1.1/", "refused"],
    ["https://reg.example", "https://100.100.100.200/", "refused"],
    ["https://reg.example", "https://100.128.0.1/", "anonymous"],
    ["https://reg.example", "https://224.0.0.1/", "refused"],
    ["https://reg.example", "https://255.255.255.255/", "refused"],
    ["https://reg.example", "https://8.8.8.8/", "anonymous"],
    ["https://reg.example", "https://[::]/", "refused"],
    ["https://reg.example", "https://[::1]/", "refused"],
    ["https://reg.example", "https://[fe80::1]/", "refused"],
    ["https://reg.example", "https://[fd00:ec2::254]/", "refused"],
    ["https://reg.example", "https://[ff02::1]/", "refused"],
    ["https://reg.example", "https://[::ffff:127.0.0.1]/", "refused"],
    ["https://reg.example", "https://[::ffff:8.8.8.8]/", "anonymous"],
    ["https://reg.example", "https://[::127.0.0.1]/", "refused"],
    ["https://reg.example", "https://[64:ff9b::a9fe:a9fe]/", "refused"],
    ["https://reg.example", "https://[2001:db8::1]/", "anonymous"],
    ["https://reg.example", "https://localhost/", "refused"],
    ["https://reg.example", "https://LOCALHOST./", "refused"],
    ["https://reg.example", "https://x.localhost/", "refused"],
    ["https://reg.example", "https://metadata.google.internal/", "refused"],
    ["https://reg.example", "https://metadata.google.internal./", "refused"],
  ];

for (const [registry, realm, outcome] of ROWS) {
  Deno.test(`readRealm() of ${registry} with ${realm}: ${outcome}`, () => {
    const ping = new URL("/v2/", registry);
    const { url } = readRealm(realm, ping, nobody);
    const result = url === undefined
      ? "refused"
      : mayReceiveCredential(url, ping, nobody)
      ? "yes"
      : "anonymous";
    assertEquals(result, outcome);
  });
}

Deno.test("mayReceiveCredential() believes the user about host and port", () => {
  const registry = new URL("http://127.0.0.1:5000/v2/");
  const trusted = (host: string): boolean => host === "127.0.0.1:5001";
  const { url } = readRealm("http://127.0.0.1:5001/token", registry, trusted);
  assertEquals(url && mayReceiveCredential(url, registry, trusted), true);
  assertEquals(readRealm("http://127.0.0.1:5002/token", registry, trusted).url, undefined);
});

Deno.test("readRealm() refuses plain http beside https even if the user trusts the host", () => {
  const registry = new URL("https://reg.example/v2/");
  assertEquals(readRealm("http://reg.example/token", registry, () => true).url, undefined);
});

Deno.test("innerRefusal() allows the host and port where the answer came from", () => {
  const home = new URL("https://192.168.1.1:5000/v2/");
  assertEquals(innerRefusal(new URL("https://192.168.1.1:5000/other"), home), undefined);
  assertEquals(typeof innerRefusal(new URL("https://192.168.1.1:5001/"), home), "string");
});
