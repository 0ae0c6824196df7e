import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runProcess, type RunResult, type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { tinyImage } from "../fakes/image.ts";
import { fakeRegistry } from "../fakes/registry.ts";
import { writeOciLayout } from "./oci_layout.ts";
import { dockerRegistry, peerTest, succeed } from "./peers.ts";

const PASSWORD = "correct horse: battery/staple €";

function skopeo({ env }: Sandbox, ...args: string[]): Promise<RunResult> {
  return runProcess(["skopeo", "--insecure-policy", ...args], { env });
}

peerTest(
  "regauth login lets skopeo push and pull at a real registry, and logout ends it",
  ["docker-registry", "htpasswd", "skopeo"],
  async () => {
    await using regauth = await sandbox();
    await using registry = await dockerRegistry(regauth.home, "robot", PASSWORD);
    const image = await tinyImage();
    const layout = join(regauth.home, "layout");
    await writeOciLayout(layout, image, "1.0");
    const remote = `docker://${registry.host}/team/hello:1.0`;
    const push = ["copy", "--dest-tls-verify=false", `oci:${layout}:1.0`, remote];

    const refused = await skopeo(regauth, ...push);
    assertNotEquals(refused.code, 0);

    const wrong = await regauth.run(["login", registry.host, "-u", "robot", "--password-stdin"], {
      stdin: "wrong",
    });
    assertEquals(wrong.code, 4, wrong.stderr);

    const login = await regauth.run(["login", registry.host, "-u", "robot", "--password-stdin"], {
      stdin: `${PASSWORD}\n`,
    });
    assertEquals(login.code, 0, login.stderr);

    const pushed = await skopeo(regauth, ...push);
    assertEquals(pushed.code, 0, pushed.stderr);
    const inspected = await skopeo(regauth, "inspect", "--tls-verify=false", remote);
    assertEquals(JSON.parse(inspected.stdout).Digest, image.manifest.digest);
    const pulled = join(regauth.home, "pulled");
    const pull = await skopeo(regauth, "copy", "--src-tls-verify=false", remote, `dir:${pulled}`);
    assertEquals(pull.code, 0, pull.stderr);
    const layer = await Deno.readFile(join(pulled, image.layer.digest.slice("sha256:".length)));
    assertEquals(layer, image.layer.bytes);

    const logout = await regauth.run(["logout", registry.host]);
    assertEquals(logout.code, 0, logout.stderr);
    const after = await skopeo(regauth, "inspect", "--tls-verify=false", remote);
    assertNotEquals(after.code, 0);
    assertMatch(after.stderr, /unauthorized|authentication required/);
  },
);

peerTest(
  "regauth login lets skopeo push and pull where a token server signs every right",
  ["skopeo"],
  async () => {
    await using regauth = await sandbox();
    await using registry = await fakeRegistry({
      auth: "token",
      users: { robot: { password: PASSWORD, rights: { "": "pull", "team/": "push" } } },
    });
    const login = await regauth.run(["login", registry.host, "-u", "robot", "--password-stdin"], {
      stdin: PASSWORD,
    });
    assertEquals(login.code, 0, login.stderr);

    const image = await tinyImage("another\n");
    const layout = join(regauth.home, "layout");
    await writeOciLayout(layout, image, "2.0");
    const push = (name: string): Promise<RunResult> => {
      const remote = `docker://${registry.host}/${name}:2.0`;
      return skopeo(regauth, "copy", "--dest-tls-verify=false", `oci:${layout}:2.0`, remote);
    };
    const pushed = await push("team/hello");
    assertEquals(pushed.code, 0, pushed.stderr);
    assertNotEquals((await push("other/hello")).code, 0);
    const remote = `docker://${registry.host}/team/hello:2.0`;
    const inspected = await skopeo(regauth, "inspect", "--tls-verify=false", remote);
    const { Digest, RepoTags } = JSON.parse(inspected.stdout);
    assertEquals([Digest, RepoTags], [image.manifest.digest, ["1.0", "2.0"]]);
  },
);

peerTest(
  "regauth login gives the secret to docker-credential-pass and keeps the file free of it",
  ["docker-registry", "htpasswd", "docker-credential-pass", "pass", "gpg", "gpgconf"],
  async () => {
    await using regauth = await sandbox();
    await using registry = await dockerRegistry(regauth.home, "robot", PASSWORD);
    const gpg = join(regauth.home, "gpg");
    await Deno.mkdir(gpg, { mode: 0o700 });
    const env = { GNUPGHOME: gpg, PASSWORD_STORE_DIR: join(regauth.home, "pass") };
    const all = { env: { ...regauth.env, ...env } };
    const user = "regauth@example.com";
    const key = ["--passphrase", "", "--quick-gen-key", user, "default", "default", "never"];
    await succeed(["gpg", "--batch", ...key], all);
    try {
      await succeed(["pass", "init", user], all);
      const file = join(regauth.home, ".docker", "config.json");
      await Deno.mkdir(join(regauth.home, ".docker"));
      await Deno.writeTextFile(file, '{"credsStore":"pass"}');

      const login = await regauth.run(["login", registry.host, "-u", "robot", "--password-stdin"], {
        stdin: PASSWORD,
        env,
      });
      assertEquals(login.code, 0, login.stderr);
      const kept = JSON.parse(await Deno.readTextFile(file));
      assertEquals(kept.credsStore, "pass");
      assertEquals(kept.auths?.[registry.host] ?? {}, {});

      const stored = await succeed(["docker-credential-pass", "get"], {
        ...all,
        stdin: registry.host,
      });
      assertEquals(JSON.parse(stored.stdout).Secret, PASSWORD);
      const resolved = await regauth.run(["resolve", "--json", registry.host], { env });
      const { username, password, detail } = JSON.parse(resolved.stdout);
      assertEquals([username, password], ["robot", PASSWORD]);
      assertStringIncludes(detail, "docker-credential-pass");

      const logout = await regauth.run(["logout", registry.host], { env });
      assertEquals(logout.code, 0, logout.stderr);
      const gone = await regauth.run(["resolve", registry.host], { env });
      assertEquals(gone.code, 3, gone.stderr);
    } finally {
      await succeed(["gpgconf", "--kill", "gpg-agent"], all);
    }
  },
);
