import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { sandbox } from "../../scripts/sandbox.ts";
import { connectProxy } from "../fakes/connect_proxy.ts";
import { forwarder } from "../fakes/forwarder.ts";
import { oddRegistry } from "../fakes/odd_registry.ts";
import { fakeRegistry, type FakeRegistryOptions } from "../fakes/registry.ts";
import { issue, type IssueOptions } from "../fakes/tls.ts";

const REPOSITORY = "team/hello";
/** A name that is sent to no server of names: a label has 63 letters at most. */
const NOWHERE = `${"no".repeat(32)}.example`;

/** What stands at the other end, and how it is asked. */
interface Scene {
  readonly host: string;
  readonly repository?: string;
  readonly user?: string;
  readonly password?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Puts a scene up; `home` is for files, `stack` ends what was started. */
type SetUp = (stack: AsyncDisposableStack, home: string) => Promise<Scene> | Scene;

function registry(options: FakeRegistryOptions, scene: Partial<Scene> = {}): SetUp {
  return async (stack) => ({ host: stack.use(await fakeRegistry(options)).host, ...scene });
}

/** A registry whose certificate is of an authority, while another or the same is trusted. */
function certificate(options: Partial<IssueOptions>, trusted?: string): SetUp {
  return async (stack, home) => {
    const authority = await issue({ name: "authority", authority: true });
    const { certificate: cert, key } = await issue({ name: "it", issuer: authority, ...options });
    const known = trusted ? await issue({ name: trusted, authority: true }) : authority;
    const file = join(home, "authority.pem");
    await Deno.writeTextFile(file, known.certificate);
    const { host } = stack.use(await fakeRegistry({ tls: { cert, key } }));
    return { host, flags: ["--registry-ca-cert-path", file] };
  };
}

/** A proxy that answers to CONNECT. */
function proxy(status: string): SetUp {
  return async (stack) => {
    const answer = `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;
    const { address } = stack.use(await connectProxy(answer));
    return { host: "reg.example", env: { HTTPS_PROXY: address.shown } };
  };
}

const UNTRUSTED = "HOST shows a certificate that nobody we trust has signed.";
const NO_REGISTRY = "HOST is a web server but no container registry " +
  "(or it lives under another host or port).";

/** What is wrong, and what `check --push` says of it. */
const SCENES: readonly {
  readonly name: string;
  readonly setUp: SetUp;
  readonly code: number;
  /** The sentence; `HOST` and `PORT` stand for the registry's. */
  readonly says: string;
}[] = [
  ...(["basic", "token"] as const).flatMap((auth) => [
    {
      name: `a wrong password (${auth})`,
      setUp: registry({ auth }, { password: "wrong-secret" }),
      code: 4,
      says: "HOST does not accept this user name and password or token.",
    },
    {
      name: `a login that may only pull (${auth})`,
      setUp: registry({ auth }, { user: "reader" }),
      code: 4,
      says: `"reader" may pull but not push HOST/${REPOSITORY}.`,
    },
    {
      name: `no such repository (${auth})`,
      setUp: registry({ auth }, { repository: "repo/app" }),
      code: 4,
      says: 'HOST/repo/app does not exist, or "robot" may not know that it exists.',
    },
  ]),
  {
    name: "a wrong authority",
    setUp: certificate({}, "another authority"),
    code: 5,
    says: UNTRUSTED,
  },
  {
    name: "an authority that was made anew under its old name",
    setUp: certificate({}, "authority"),
    code: 5,
    says: UNTRUSTED,
  },
  {
    name: "an expired certificate",
    setUp: certificate({ from: noonOf("2024-02-01"), until: noonOf("2024-02-29") }),
    code: 5,
    says: "The certificate of HOST expired on 2024-02-29.",
  },
  {
    name: "a certificate of the future",
    setUp: certificate({ from: noonOf("2124-02-29"), until: noonOf("2124-03-01") }),
    code: 5,
    says: "The certificate of HOST is not valid before 2124-02-29.",
  },
  {
    name: "a certificate for another name",
    setUp: certificate({ names: ["other.example", "10.0.0.1"] }),
    code: 5,
    says: "The certificate of HOST is for other.example or 10.0.0.1.",
  },
  {
    name: "plain http at another machine",
    setUp: async (stack) => {
      // The proxy connects the name to a registry that does not speak TLS.
      const { host } = stack.use(oddRegistry("open"));
      const { address } = stack.use(await connectProxy(undefined, host));
      return { host: "reg.example", env: { HTTPS_PROXY: address.shown } };
    },
    code: 5,
    says: "HOST speaks plain http. Passwords would travel unprotected.",
  },
  {
    name: "an https port that hangs up on TLS",
    setUp: (stack) => ({ host: stack.use(oddRegistry("https-wanted")).host }),
    code: 5,
    says: "HOST wants https on this port.",
  },
  {
    name: "a web server with a page",
    setUp: (stack) => ({ host: stack.use(oddRegistry("html-200")).host }),
    code: 5,
    says: NO_REGISTRY,
  },
  {
    name: "a web server without /v2/",
    setUp: (stack) => ({ host: stack.use(oddRegistry("not-found")).host }),
    code: 5,
    says: NO_REGISTRY,
  },
  ...([[12, "behind"], [-12, "ahead"]] as const).map(([clockMinutes, word]) => ({
    name: `a clock that is ${word}`,
    setUp: async (stack: AsyncDisposableStack) => {
      // Its tokens are over by the time that they arrive.
      const registry = stack.use(await fakeRegistry({ auth: "token", tokenLifetime: -600 })).host;
      const { host } = stack.use(await forwarder({ registry, clockMinutes }));
      return { host, flags: ["--trust-realm", registry] };
    },
    code: 5,
    says: `This computer's clock is 12 minutes ${word}.`,
  })),
  {
    name: "a proxy that wants a login",
    setUp: proxy("407 Proxy Authentication Required"),
    code: 5,
    says: "The proxy PROXY wants its own login.",
  },
  {
    name: "a proxy that refuses",
    setUp: proxy("403 Forbidden"),
    code: 5,
    says: "The proxy PROXY refuses HOST.",
  },
  {
    name: "a name that nobody knows",
    setUp: () => ({ host: NOWHERE }),
    code: 5,
    says: "No server is known under HOST.",
  },
  {
    name: "nobody who listens",
    setUp: () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return { host: `127.0.0.1:${listener.addr.port}` };
    },
    code: 5,
    says: "127.0.0.1 did not answer on port PORT (connection refused).",
  },
  {
    name: "no answer in time",
    setUp: (stack) => ({
      host: stack.use(oddRegistry("hang-at-ping")).host,
      flags: ["--timeout", "0.2"],
    }),
    code: 5,
    says: "127.0.0.1 did not answer on port PORT (no answer in time).",
  },
];

for (const { name, setUp, code, says } of SCENES) {
  Deno.test(`regauth check --push tells ${name}, and ends with ${code}`, async () => {
    await using stack = new AsyncDisposableStack();
    const regauth = stack.use(await sandbox());
    const scene = await setUp(stack, regauth.home);
    const { host, repository = REPOSITORY, user = "robot", flags = [], env = {} } = scene;
    const password = scene.password ?? `${user}-secret`;
    const result = await regauth.run(["check", "--push", ...flags, `${host}/${repository}`], {
      env: {
        REGAUTH_REGISTRY_HOSTNAME: host,
        REGAUTH_REGISTRY_USERNAME: user,
        REGAUTH_REGISTRY_PASSWORD: password,
        ...env,
      },
    });
    const sentence = says
      .replaceAll("HOST", host)
      .replace("PORT", host.split(":")[1] ?? "")
      .replace("PROXY", env.HTTPS_PROXY ?? "");
    assertStringIncludes(result.stdout, `problem     ${sentence}\n`);
    assertMatch(result.stdout, /problem .*\n {16}[A-Z].*[.:] ?.*\n/);
    assertEquals([result.code, result.stderr], [code, ""]);
    assert(!result.stdout.includes(password) && !result.stdout.includes(btoa(password)));
  });
}

/** Days from now; noon, so that nothing depends on the hour of the test. */
function noonOf(day: string): number {
  return (Date.parse(`${day}T12:00:00Z`) - Date.now()) / (24 * 60 * 60_000);
}
