import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { type HostEntry, parseHostsToml } from "../lib/hosts_toml.ts";

const PATH = "/etc/containerd/certs.d/reg.example/hosts.toml";

async function firstHost(lines: string): Promise<HostEntry | undefined> {
  return (await parseHostsToml(`[host."https://reg.example"]\n${lines}`, PATH)).hosts[0];
}

Deno.test("parseHostsToml() keeps the order of the file", async () => {
  const text = ["b.example", "a.example", "b.example:5000"]
    .map((host) =>
      `[host."https://${host}"]\nca = "${host}.pem"\n[host."https://${host}".header]\n`
    )
    .join("");
  const { hosts, server } = await parseHostsToml(text, PATH);
  assertEquals(hosts.map(({ url }) => url?.host), ["b.example", "a.example", "b.example:5000"]);
  assertEquals(server, {
    capabilities: ["pull", "resolve", "push", "referrers"],
    ca: [],
    client: [],
    headers: [],
  });
});

/** containerd's parseHostConfig(), but for the double slash that it makes of "https://x/". */
const urls: readonly [server: string, override: boolean, expected: string][] = [
  ["https://x.example", false, "https://x.example/v2"],
  ["https://x.example/", false, "https://x.example/v2"],
  ["https://x.example/v2", false, "https://x.example/v2"],
  ["https://x.example/v2/", false, "https://x.example/v2"],
  ["https://x.example/a//b/../c/", false, "https://x.example/a/c/v2"],
  ["https://x.example/v2/proxy", false, "https://x.example/v2/proxy/v2"],
  ["https://x.example/v2/proxy", true, "https://x.example/v2/proxy"],
  ["https://x.example", true, "https://x.example/"],
  ["x.example:5000", false, "https://x.example:5000/v2"],
  ["http://x.example:5000", false, "http://x.example:5000/v2"],
  ["[::1]:5000", false, "https://[::1]:5000/v2"],
];
for (const [server, override, expected] of urls) {
  Deno.test(`parseHostsToml() reads ${server}${override ? " with override_path" : ""}`, async () => {
    const text = `server = "${server}"\noverride_path = ${override}`;
    assertEquals((await parseHostsToml(text, PATH)).server.url?.href, expected);
  });
}

Deno.test("parseHostsToml() finds files beside itself", async () => {
  const cases: [value: string, expected: readonly string[]][] = [
    ['"ca.pem"', ["/etc/containerd/certs.d/reg.example/ca.pem"]],
    ['["/etc/ssl/ca.pem", "../b.pem"]', [
      "/etc/ssl/ca.pem",
      "/etc/containerd/certs.d/reg.example/../b.pem",
    ]],
    ["[]", []],
  ];
  for (const [value, expected] of cases) {
    assertEquals((await firstHost(`ca = ${value}`))?.ca, expected);
  }
  const windows = await parseHostsToml(
    "ca = ['ca.pem', 'C:\\ca.pem']",
    "C:\\certs.d\\x\\hosts.toml",
  );
  assertEquals(windows.server.ca, ["C:\\certs.d\\x\\ca.pem", "C:\\ca.pem"]);
});

Deno.test("parseHostsToml() takes client certificates in all forms", async () => {
  const cases: [value: string, expected: HostEntry["client"]][] = [
    ['"/a"', [{ certificate: "/a", key: "/a" }]],
    ['["/a", "/b"]', [{ certificate: "/a", key: "/a" }, { certificate: "/b", key: "/b" }]],
    ['[["/a", "/k"]]', [{ certificate: "/a", key: "/k" }]],
    ['[["/a", ""], "/b"]', [{ certificate: "/a", key: "/a" }, { certificate: "/b", key: "/b" }]],
    ["[]", []],
  ];
  for (const [value, expected] of cases) {
    assertEquals((await firstHost(`client = ${value}`))?.client, expected);
  }
});

Deno.test("parseHostsToml() reads capabilities in any case, skip_verify and headers", async () => {
  const host = await firstHost(
    'capabilities = ["Pull", "resolve"]\nskip_verify = true\nunknown = 1\n' +
      '[host."https://reg.example".header]\nx-a = "1"\nx-b = ["2", "3"]',
  );
  assertEquals([host?.capabilities, host?.skipVerify], [["pull", "resolve"], true]);
  assertEquals(host?.headers.map(([name, value]) => [name, `${value}`, value.reveal()]), [
    ["x-a", "[redacted]", "1"],
    ["x-b", "[redacted]", "2"],
    ["x-b", "[redacted]", "3"],
  ]);
});

const wrong: readonly [lines: string, message: string][] = [
  ["capabilities = ['pull', 'fly']", 'capabilities" in "'],
  ["capabilities = 'fly'", 'it knows no "fly"'],
  ["ca = 1", "it must be a text or a list of texts, not a number"],
  ["ca = [['x']]", "it must be a text or a list of texts, not a list"],
  ["client = [['/a']]", "a pair is a certificate and its key"],
  ["client = [['/a', '/b', '/c']]", "a pair is a certificate and its key"],
  ["client = { a = 1 }", "it must be a text or a list of texts, not an object"],
  ["skip_verify = 'yes'", "it must be true or false, not a string"],
  ["override_path = 1", "it must be true or false, not a number"],
  ["header = 'x'", "it must be a table, not a string"],
  ["header = { 'a b' = 'hunter2' }", "it is not a valid header"],
  ['header = { a = "a\\nhunter2" }', "it is not a valid header"],
];
for (const [lines, message] of wrong) {
  Deno.test(`parseHostsToml() refuses ${lines}`, async () => {
    const error = await assertRejects(() => firstHost(lines), RegauthError, message);
    assertStringIncludes(error.message, 'Cannot use "host."https://reg.example".');
    assertEquals([error.code, error.subject], ["config-type", PATH]);
    assertEquals(error.message.includes("hunter2"), false);
  });
}

Deno.test("parseHostsToml() refuses what is no server", async () => {
  const cases: [text: string, message: string][] = [
    ['server = "httpd.example"', 'Cannot use "server"'],
    ['server = "ftp://x.example"', "not the URL of a server"],
    ['server = "https://me:x@x.example"', "not the URL of a server"],
    ["server = 1", "it must be a text, not a number"],
    ["host = 1", 'Cannot use "host"'],
    ['[host]\n"https://x.example" = 1', "it must be a table, not a number"],
  ];
  for (const [text, message] of cases) {
    const error = await assertRejects(() => parseHostsToml(text, PATH), RegauthError, message);
    assertEquals(error.code, "config-type");
  }
});

Deno.test("parseHostsToml() names line and column of what is not TOML, and no secret", async () => {
  const text = 'server = "https://x.example"\n[header]\nx-token = "hunter2\n';
  const error = await assertRejects(() => parseHostsToml(text, PATH), RegauthError);
  assertEquals([error.code, error.subject], ["config-syntax", PATH]);
  assertStringIncludes(error.message, `Cannot read "${PATH}": line 3, column `);
  assertEquals(Deno.inspect(error).includes("hunter2"), false);
});
