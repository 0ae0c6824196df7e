import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type RunResult, type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { type Forwarder, forwarder } from "../fakes/forwarder.ts";
import { issue, type Issued } from "../fakes/tls.ts";
import { dockerRegistry, peerTest } from "./peers.ts";
import { pushImage } from "./skopeo.ts";

const PASSWORD = "correct horse: battery/staple €";
const PEERS = ["docker-registry", "htpasswd", "skopeo"];

/** Where files are that say how a registry is reached. */
interface Place {
  readonly host: string;
  /** Value of `XDG_CONFIG_HOME`. */
  readonly settings: string;
  /** The authority's certificate, and the certificate and key to show. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A way to name the authority, and what it takes beside files. */
interface Way {
  readonly name: string;
  /** Names the authority; `mutual` also what to show. */
  write(place: Place, mutual: boolean): Promise<readonly string[]>;
}

/** A folder in the layout of Docker, which podman and skopeo share. */
async function certsFolder(folder: string, place: Place, mutual: boolean): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile(place.ca, join(folder, "ca.crt"));
  if (!mutual) return;
  await Deno.copyFile(place.cert, join(folder, "me.cert"));
  await Deno.copyFile(place.key, join(folder, "me.key"));
}

const FOLDERS: readonly Way[] = [
  {
    name: "containerd's hosts.toml",
    async write({ host, settings, ca, cert, key }, mutual) {
      const folder = join(settings, "containerd/certs.d", host);
      await Deno.mkdir(folder, { recursive: true });
      const client = mutual ? `  client = [["${cert}", "${key}"]]\n` : "";
      const text = `server = "https://${host}"\n\n[host."https://${host}"]\n` +
        `  capabilities = ["pull", "resolve", "push"]\n  ca = "${ca}"\n${client}`;
      await Deno.writeTextFile(join(folder, "hosts.toml"), text);
      return [];
    },
  },
  ...["docker", "containers"].map((tool): Way => ({
    name: `the certs.d of ${tool}`,
    async write(place, mutual) {
      await certsFolder(join(place.settings, tool, "certs.d", place.host), place, mutual);
      return [];
    },
  })),
  {
    name: "regauth's own file",
    async write({ host, settings, ca, cert, key }, mutual) {
      const entry = { ca, ...(mutual ? { clientCert: cert, clientKey: key } : {}) };
      const folder = join(settings, "regauth");
      await Deno.mkdir(folder, { recursive: true });
      const text = JSON.stringify({ registries: { [host]: entry } });
      await Deno.writeTextFile(join(folder, "config.json"), text);
      return [];
    },
  },
];

const FLAG: Way = {
  name: "--registry-ca-cert-path",
  write: ({ ca }) => Promise.resolve(["--registry-ca-cert-path", ca]),
};

/** A home, an authority, and files of both sides. */
interface Scene extends AsyncDisposable {
  readonly regauth: Sandbox;
  readonly authority: Issued;
  readonly identity: Issued;
  /** All but the host. */
  readonly place: Omit<Place, "host">;
  /** The registry's `http.tls`. */
  readonly tls: { readonly certificate: string; readonly key: string };
}

async function scene(): Promise<Scene> {
  const regauth = await sandbox();
  const authority = await issue({ name: "private authority", authority: true });
  const identity = await issue({ name: "registry", issuer: authority });
  const me = await issue({ name: "me", issuer: authority });
  const save = async (name: string, text: string): Promise<string> => {
    const path = join(regauth.home, name);
    await Deno.writeTextFile(path, text);
    return path;
  };
  return {
    regauth,
    authority,
    identity,
    place: {
      settings: join(regauth.home, "xdg"),
      ca: await save("authority.pem", authority.certificate),
      cert: await save("me.pem", me.certificate),
      key: await save("me.key", me.key),
    },
    tls: {
      certificate: await save("registry.pem", identity.certificate),
      key: await save("registry.key", identity.key),
    },
    [Symbol.asyncDispose]: () => regauth[Symbol.asyncDispose](),
  };
}

/** Runs regauth as `ada`. */
function run({ regauth, place }: Scene, args: readonly string[]): Promise<RunResult> {
  const env = {
    XDG_CONFIG_HOME: place.settings,
    REGAUTH_USERNAME: "ada",
    REGAUTH_PASSWORD: PASSWORD,
  };
  return regauth.run(args, { env, stdin: PASSWORD });
}

/** What `check` must find out. */
async function assertAccepted(made: Scene, host: string, flags: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(made, ["check", "--json", ...flags, host]);
  assertEquals([code, stderr], [0, ""], stdout);
  const { origin, login } = JSON.parse(stdout);
  assertEquals([origin, login], [`https://${host}`, true]);
}

for (const way of [...FOLDERS, FLAG]) {
  peerTest(`a real registry with a private authority, known by ${way.name}`, PEERS, async () => {
    await using made = await scene();
    const { regauth, place, tls } = made;
    await using registry = await dockerRegistry(regauth.home, "ada", PASSWORD, { tls });
    const { host } = registry;

    const stranger = await run(made, ["check", host]);
    assertEquals(stranger.code, 5, stranger.stdout);
    assertStringIncludes(
      stranger.stdout,
      `${host} shows a certificate that nobody we trust has signed.`,
    );
    assertMatch(stranger.stdout, /signed by +CN=private authority\n/);
    assertMatch(stranger.stdout, /SHA-256 +([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);

    const flags = await way.write({ ...place, host }, false);
    await assertAccepted(made, host, flags);
    const login = await run(made, ["login", ...flags, "-u", "ada", "--password-stdin", host]);
    assertEquals([login.code, login.stdout], [0, `Logged in to ${host} as ada.\n`], login.stderr);

    // What login saved and what the folder says is what skopeo needs.
    const folder = join(regauth.home, "certs");
    await certsFolder(folder, { ...place, host }, false);
    const pushed = await pushImage(regauth, `${host}/team/app:1.0`, `--dest-cert-dir=${folder}`);
    assertEquals(pushed.code, 0, pushed.stderr);
    const rights = await run(made, ["check", "--push", ...flags, `${host}/team/app:1.0`]);
    assertEquals(rights.code, 0, rights.stdout);
    assertMatch(rights.stdout, /push +allowed\n/);
  });
}

peerTest("a real registry whose certificate is not to be verified", PEERS, async () => {
  await using made = await scene();
  const { regauth, tls } = made;
  await using registry = await dockerRegistry(regauth.home, "ada", PASSWORD, { tls });
  const args = ["check", "--json", "--registry-verify-certs=false", registry.host];
  const { code, stdout, stderr } = await run(made, args);
  assertEquals([code, JSON.parse(stdout).login], [0, true]);
  const warning = `warning: The certificate of ${registry.host} is not verified`;
  assertEquals(stderr.split(warning).length, 2, "It is said once.");
});

/** A TLS server in front of a real registry, which wants a certificate of the authority. */
async function mutual(made: Scene): Promise<Forwarder> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(await dockerRegistry(made.regauth.home, "ada", PASSWORD));
  const { identity, authority: clientsOf } = made;
  const front = stack.use(await forwarder({ registry: registry.host, identity, clientsOf }));
  const all = stack.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

for (const way of FOLDERS) {
  peerTest(`a real registry that wants a certificate, named by ${way.name}`, PEERS, async () => {
    await using made = await scene();
    const { regauth, place } = made;
    await using front = await mutual(made);
    const { host, passed } = front;
    const flags = await way.write({ ...place, host }, true);
    await assertAccepted(made, host, flags);
    const login = await run(made, ["login", "-u", "ada", "--password-stdin", host]);
    assertEquals(login.code, 0, login.stderr);

    const folder = join(regauth.home, "certs");
    await certsFolder(folder, { ...place, host }, true);
    const pushed = await pushImage(regauth, `${host}/team/app:1.0`, `--dest-cert-dir=${folder}`);
    assertEquals(pushed.code, 0, pushed.stderr);
    const rights = await run(made, ["check", "--push", `${host}/team/app:1.0`]);
    assertEquals(rights.code, 0, rights.stdout);
    assertMatch(rights.stdout, /push +allowed\n/);
    const posts = passed.filter(({ method, location }) => method === "POST" && location);
    const last = new URL(posts.at(-1)?.location ?? "");
    assertEquals(last.origin, `https://${host}`);
    assertEquals(passed.at(-1)?.method, "DELETE");
    assertEquals([...new Set(passed.map(({ client }) => client))], ["me"]);
  });
}

peerTest("a real registry that wants another certificate than ours", PEERS, async () => {
  await using made = await scene();
  const { regauth, place, tls } = made;
  const clients = { ...tls, clientcas: [place.ca] };
  await using registry = await dockerRegistry(regauth.home, "ada", PASSWORD, { tls: clients });
  const { host } = registry;
  for (const issuer of [undefined, await issue({ name: "stranger", authority: true })]) {
    const flags = ["--registry-ca-cert-path", place.ca];
    if (issuer) {
      const wrong = await issue({ name: "wrong", issuer });
      await Deno.writeTextFile(place.cert, wrong.certificate);
      await Deno.writeTextFile(place.key, wrong.key);
      await FOLDERS[1]?.write({ ...place, host }, true);
    }
    const { code, stdout } = await run(made, ["check", ...flags, host]);
    assertEquals(code, 5, stdout);
    // The server may hang up before its reason has arrived.
    assertMatch(stdout, /wants a client certificate|wants https on this port/);
    assertMatch(stdout, /client certificate/);
  }
});
