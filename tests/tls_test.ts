import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RegauthError } from "../lib/errors.ts";
import { memoryIo } from "../lib/memory_io.ts";
import { type HostSettings, hostSettings, type TlsOptions } from "../lib/tls.ts";
import { issue } from "./fakes/tls.ts";

const one = await issue({ name: "one", authority: true });
const two = await issue({ name: "two", authority: true });
const me = await issue({ name: "me", issuer: one });

const NERDCTL = "/home/me/.config/containerd/certs.d/reg.example_5000_";
const DOCKER = "/etc/docker/certs.d/reg.example:5000";

async function settingsOf(
  host: string,
  files: Readonly<Record<string, string>>,
  options: TlsOptions = {},
): Promise<HostSettings> {
  return await hostSettings(host, { io: memoryIo({ env: { HOME: "/home/me" }, files }) }, options);
}

Deno.test("hostSettings() says nothing of a host that nobody configured", async () => {
  const files = { [`${DOCKER}/ca.crt`]: one.certificate };
  assertEquals(await settingsOf("reg.example", files), {
    host: "reg.example",
    sources: [],
    isGeneral: true,
    ca: [],
    headers: [],
    apiPath: "/v2",
    mirrors: [],
  });
});

Deno.test("hostSettings() takes the example of nerdctl's documentation", async () => {
  const { ca, sources, mirrors } = await settingsOf("192.168.12.34:5000", {
    "/home/me/.config/containerd/certs.d/192.168.12.34:5000/hosts.toml": `
      server = "https://192.168.12.34:5000"
      [host."https://192.168.12.34:5000"]
        ca = "/path/to/ca.crt"
    `,
    "/path/to/ca.crt": one.certificate,
  });
  assertEquals(ca, [one.certificate]);
  assertEquals(sources, [
    "/home/me/.config/containerd/certs.d/192.168.12.34:5000/hosts.toml",
    "/path/to/ca.crt",
  ]);
  assertEquals(mirrors, []);
});

Deno.test("hostSettings() takes the first folder that exists, even an empty one", async () => {
  const docker = { [`${DOCKER}/ca.crt`]: one.certificate };
  assertEquals((await settingsOf("reg.example:5000", docker)).ca, [one.certificate]);
  const empty = { ...docker, [`${NERDCTL}/readme`]: "" };
  const settings = await settingsOf("reg.example:5000", empty);
  assertEquals([settings.ca, settings.sources], [[], [NERDCTL]]);
});

Deno.test("hostSettings() falls back to certificate files where hosts.toml is empty", async () => {
  const files = {
    [`${NERDCTL}/hosts.toml`]: "",
    [`${NERDCTL}/a.crt`]: one.certificate,
    [`${NERDCTL}/b.crt`]: two.certificate,
    [`${NERDCTL}/c.cert`]: me.key + me.certificate,
  };
  const { ca, client } = await settingsOf("reg.example:5000", files);
  assertEquals(ca, [one.certificate, two.certificate]);
  assertEquals([client?.certificate, client?.key.reveal()], [me.certificate, me.key]);
});

Deno.test("hostSettings() reads no hosts.toml in the folder of podman", async () => {
  const folder = "/etc/containers/certs.d/reg.example";
  const files = { [`${folder}/hosts.toml`]: "skip_verify = true" };
  const { skipVerify, sources } = await settingsOf("reg.example", files);
  assertEquals([skipVerify, sources], [undefined, [folder]]);
});

Deno.test("hostSettings() shows the first of several client certificates, and says so", async () => {
  const lines: string[] = [];
  const io = memoryIo({
    files: {
      "/etc/docker/certs.d/r.example/a.cert": me.certificate,
      "/etc/docker/certs.d/r.example/a.key": me.key,
      "/etc/docker/certs.d/r.example/b.cert": one.certificate,
      "/etc/docker/certs.d/r.example/b.key": one.key,
    },
  });
  const { client } = await hostSettings("r.example", { io, trace: (line) => lines.push(line) });
  assertEquals(client?.certificate, me.certificate);
  assertEquals(lines, [
    "TLS settings of r.example: /etc/docker/certs.d/r.example",
    "Of 2 client certificates for r.example, /etc/docker/certs.d/r.example/a.cert is shown",
  ]);
});

Deno.test("hostSettings() gives a server only what is said of it", async () => {
  const files = {
    "/etc/containerd/certs.d/reg.example/hosts.toml": `
      server = "https://upstream.example"
      skip_verify = true
      [host."https://mirror.example"]
        capabilities = ["pull"]
        skip_verify = true
      [host."https://mirror.example".header]
        x-token = "hunter2"
    `,
  };
  const settings = await settingsOf("reg.example", files);
  assertEquals([settings.skipVerify, settings.headers], [undefined, []]);
  assertEquals(settings.mirrors.map(({ url, capabilities }) => [url?.host, capabilities.length]), [
    ["mirror.example", 1],
    ["upstream.example", 4],
  ]);
});

const owns: readonly [host: string, text: string, apiPath: string][] = [
  ["reg.example", "skip_verify = true", "/v2"],
  ["reg.example", 'server = "https://reg.example:443/x"\nskip_verify = true', "/x/v2"],
  ["reg.example:443", 'server = "https://reg.example"\nskip_verify = true', "/v2"],
  ["REG.example", 'server = "reg.example"\nskip_verify = true', "/v2"],
  [
    "reg.example",
    '[host."https://reg.example/a"]\noverride_path = true\nskip_verify = true',
    "/a",
  ],
  ["docker.io", 'server = "https://registry-1.docker.io"\nskip_verify = true', "/v2"],
  ["index.docker.io", 'server = "https://docker.io"\nskip_verify = true', "/v2"],
];
for (const [host, text, apiPath] of owns) {
  Deno.test(`hostSettings() takes for ${host}: ${text.replaceAll("\n", "; ")}`, async () => {
    const path = "/etc/containerd/certs.d/_default/hosts.toml";
    const settings = await settingsOf(host, { [path]: text });
    assertEquals([settings.skipVerify, settings.apiPath], [`skip_verify in ${path}`, apiPath]);
  });
}

Deno.test("hostSettings() takes plain HTTP from the URL of the registry", async () => {
  const path = "/etc/containerd/certs.d/_default/hosts.toml";
  const files = { [path]: 'server = "http://reg.example:5000"' };
  assertEquals((await settingsOf("reg.example:5000", files)).plainHttp, `the URL in ${path}`);
  assertEquals((await settingsOf("reg.example", files)).plainHttp, undefined);
});

Deno.test("hostSettings() trusts certificates from everywhere together", async () => {
  const files = {
    [`${DOCKER}/ca.crt`]: one.certificate,
    "/two.pem": `two\n${two.certificate}`,
    "/me.pem": me.certificate,
  };
  const options = { entry: { ca: "/two.pem" }, caCertPaths: ["/me.pem"] };
  const settings = await settingsOf("reg.example:5000", files, options);
  assertEquals(settings.ca, [one.certificate, two.certificate, me.certificate]);
  assertEquals(settings.sources, [DOCKER, `${DOCKER}/ca.crt`, "/two.pem", "/me.pem"]);
  assertEquals(settings.isGeneral, false);
  const general = await settingsOf("reg.example", files, { caCertPaths: ["/me.pem"] });
  assertEquals([general.ca, general.isGeneral], [[me.certificate], true]);
});

Deno.test("hostSettings() shows the certificate of regauth's own file before Docker's", async () => {
  const files = {
    [`${DOCKER}/a.cert`]: one.certificate,
    [`${DOCKER}/a.key`]: one.key,
    "/me.cert": me.certificate,
    "/me.key": me.key,
  };
  const entry = { clientCert: "/me.cert", clientKey: "/me.key" };
  const { client } = await settingsOf("reg.example:5000", files, { entry });
  assertEquals([client?.certificate, client?.key.reveal()], [me.certificate, me.key]);
});

const file = "/etc/containerd/certs.d/_default/hosts.toml";
const precedence: readonly [
  toml: string,
  options: TlsOptions,
  skipVerify: string | undefined,
  plainHttp: string | undefined,
][] = [
  ["", {}, undefined, undefined],
  ["skip_verify = true", {}, `skip_verify in ${file}`, undefined],
  ["skip_verify = true", { entry: { skipVerify: false } }, undefined, undefined],
  ["skip_verify = true", { verifyCerts: true }, undefined, undefined],
  [
    "skip_verify = false",
    { entry: { skipVerify: true } },
    "skipVerify in the configuration file",
    undefined,
  ],
  [
    "",
    { entry: { skipVerify: false }, verifyCerts: false },
    "--registry-verify-certs=false",
    undefined,
  ],
  ["", { entry: { skipVerify: true }, verifyCerts: true }, undefined, undefined],
  ["", { insecure: true }, undefined, "--registry-insecure"],
  ["", { entry: { insecure: true } }, undefined, "insecure in the configuration file"],
  ["", { entry: { insecure: true }, insecure: false }, undefined, undefined],
  ['server = "http://reg.example"', { entry: { insecure: false } }, undefined, undefined],
];
for (const [toml, options, skipVerify, plainHttp] of precedence) {
  Deno.test(`hostSettings() weighs "${toml}" against ${JSON.stringify(options)}`, async () => {
    const settings = await settingsOf("reg.example", { [file]: `# \n${toml}` }, options);
    assertEquals([settings.skipVerify, settings.plainHttp], [skipVerify, plainHttp]);
  });
}

const broken: readonly [
  name: string,
  files: Record<string, string>,
  options: TlsOptions,
  code: string,
  message: string,
][] = [
  ["TOML that is none", { [file]: "server = " }, {}, "config-syntax", "line 1, column"],
  ["a missing file", {}, { caCertPaths: ["/no.pem"] }, "config-io", 'Cannot read "/no.pem"'],
  [
    "a file without certificate",
    { "/x": "x" },
    { caCertPaths: ["/x"] },
    "config-type",
    "no certificate",
  ],
  ["a key without certificate", { [`${DOCKER}/a.key`]: me.key }, {}, "config-type", "no a.cert"],
  [
    "a client certificate without key",
    { "/x": me.certificate },
    { entry: { clientCert: "/x" } },
    "config-type",
    "no private key",
  ],
];
for (const [name, files, options, code, message] of broken) {
  Deno.test(`hostSettings() reports ${name}`, async () => {
    const error = await assertRejects(
      () => settingsOf("reg.example:5000", files, options),
      RegauthError,
      message,
    );
    assertEquals(error.code, code);
  });
}

Deno.test("hostSettings() goes on where it may not look", async () => {
  const lines: string[] = [];
  const files = { [`${DOCKER}/ca.crt`]: one.certificate };
  const memory = memoryIo({ files });
  const io = {
    ...memory,
    stat: (path: string) =>
      path.startsWith("/etc/containerd/")
        ? Promise.reject(
          new RegauthError("config-io", `Cannot look at "${path}": permission denied`),
        )
        : memory.stat(path),
  };
  const context = { io, trace: (line: string): void => void lines.push(line) };
  assertEquals((await hostSettings("reg.example:5000", context)).ca, [one.certificate]);
  assertStringIncludes(lines[0] ?? "", "permission denied");
});
