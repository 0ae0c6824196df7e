import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { walk } from "@std/fs/walk";
import { fromFileUrl, join } from "@std/path";
import { runProcess, type RunResult, sandbox } from "../../scripts/sandbox.ts";
import { tinyImage } from "../fakes/image.ts";
import { writeOciLayout } from "./oci_layout.ts";
import { PASS_PROGRAMS, passStore } from "./pass_store.ts";
import { dockerRegistry, peerTest, succeed } from "./peers.ts";

const PASSWORD = "planted: battery/staple €";

peerTest(
  "skopeo, podman and buildah log in, push and pull through regauth, and no file holds the secret",
  ["docker-registry", "htpasswd", "skopeo", "podman", "buildah", ...PASS_PROGRAMS],
  async () => {
    await using regauth = await sandbox();
    const { home } = regauth;
    await using registry = await dockerRegistry(home, "robot", PASSWORD);
    const { host } = registry;
    const path = `${home}/bin:${regauth.env.PATH}`;
    await using store = await passStore(home, regauth.env);
    const env = { ...regauth.env, ...store.env, PATH: path, XDG_RUNTIME_DIR: join(home, "run") };
    await Deno.mkdir(join(home, "run"), { mode: 0o700 });

    // What is there before: a store of Docker, and an empty file of Podman.
    const docker = join(home, ".docker", "config.json");
    const auth = join(home, "auth.json");
    const before = { [docker]: '{"credsStore": "pass"}\n', [auth]: "{ }" };
    await Deno.mkdir(join(home, ".docker"));
    for (const [file, text] of Object.entries(before)) await Deno.writeTextFile(file, text);

    const install = (...args: string[]): Promise<RunResult> =>
      regauth.run(["helper", "install", host, "--dir", join(home, "bin"), ...args], { env });
    for (const args of [["--all"], ["--authfile", auth]]) {
      const { code, stderr } = await install(...args);
      assertEquals(code, 0, stderr);
    }
    const status = await regauth.run(["helper", "status", "--json"], { env });
    const { hosts, all, store: chosen, before: behind } = JSON.parse(status.stdout);
    assertEquals([hosts, all, chosen, behind], [[host], true, "pass", "pass"]);

    const file = ["--authfile", auth, "--tls-verify=false"];
    const storage = (name: string): string[] => [
      "--storage-driver=vfs",
      `--root=${home}/${name}`,
      `--runroot=${home}/${name}-run`,
    ];
    const podman = ["podman", ...storage("podman")];
    const login = [host, "-u", "robot", "--password-stdin"];
    await succeed([...podman, "login", ...file, ...login], { env, stdin: PASSWORD });

    const image = await tinyImage();
    const layout = join(home, "layout");
    await writeOciLayout(layout, image, "1.0");
    const skopeo = ["skopeo", "--insecure-policy"];
    const [one, two] = [`${host}/team/hello:1.0`, `${host}/team/hello:2.0`];
    const push = ["copy", `--dest-authfile=${auth}`, "--dest-tls-verify=false"];
    await succeed([...skopeo, ...push, `oci:${layout}:1.0`, `docker://${one}`], { env });
    // Without --authfile they find the helper in Docker's config.
    await succeed([...podman, "pull", "--tls-verify=false", one], { env });
    await succeed([...podman, "push", ...file, one, two], { env });
    const buildah = ["buildah", ...storage("buildah")];
    await succeed([...buildah, "pull", ...file, two], { env });

    // As Docker asks where the helper is its store.
    const asDocker = (verb: string, stdin: string): Promise<RunResult> =>
      runProcess([join(home, "bin", "docker-credential-regauth"), verb], { env, stdin });
    const listed = await asDocker("list", "unused");
    assertEquals(JSON.parse(listed.stdout), { [host]: "robot" });
    const other = { ServerURL: "other.example", Username: "me", Secret: PASSWORD };
    assertEquals((await asDocker("store", `${JSON.stringify(other)}\n`)).code, 0);
    const kept = await succeed(["docker-credential-pass", "get"], { env, stdin: "other.example" });
    assertEquals(JSON.parse(kept.stdout), other);
    assertEquals(JSON.parse((await asDocker("get", "other.example")).stdout), other);
    assertEquals((await asDocker("erase", "other.example")).code, 0);
    assertEquals((await asDocker("get", "other.example")).code, 1);

    assertEquals(await filesWith(home, [PASSWORD, btoa("robot:"), "planted"]), []);

    await succeed([...podman, "logout", "--authfile", auth, host], { env });
    const after = await runProcess([...skopeo, "inspect", ...file, `docker://${one}`], { env });
    assertNotEquals(after.code, 0);
    assertStringIncludes(after.stderr, "authentication required");

    for (const args of [[], ["--authfile", auth]]) {
      const { code, stderr } = await regauth.run(["helper", "uninstall", ...args], { env });
      assertEquals(code, 0, stderr);
    }
    assertEquals(await Deno.readTextFile(docker), before[docker]);
    // Podman has written it in its own layout meanwhile.
    assertEquals(JSON.parse(await Deno.readTextFile(auth)), { auths: {} });
    if (Deno.uid() !== 0) {
      // Files of other users in a user's name space.
      await succeed(["podman", "unshare", "rm", "-rf", `${home}/podman`, `${home}/buildah`], {
        env,
      });
    }
  },
);

const WORKERS = 20;
const HOSTS = 5;

Deno.test(`${WORKERS * HOSTS * 2} calls of the helper at the same time lose nothing`, async () => {
  await using regauth = await sandbox();
  const config = join(regauth.home, ".config", "regauth", "config.json");
  await Deno.mkdir(join(config, ".."), { recursive: true });
  await Deno.writeTextFile(config, '{"store":"file"}');
  const program = fromFileUrl(new URL("helper_program.ts", import.meta.url));
  const runs = await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) =>
      runProcess(
        [Deno.execPath(), "run", "-A", "--no-check", program, `${worker}`, `${HOSTS}`],
        { env: regauth.env },
      )),
  );
  for (const { code, stderr } of runs) assertEquals([code, stderr], [0, ""]);
  const listed = await regauth.run(["list"]);
  const kept = Object.entries(JSON.parse(listed.stdout));
  // Each worker has erased its first one.
  assertEquals(kept.length, WORKERS * (HOSTS - 1));
  assert(kept.every(([host, user]) => user === `user of ${host}`));
});

/** The files below a folder that hold one of the texts, but for the registry's own. */
async function filesWith(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const skip = [/\/(?:podman|buildah|registry|gpg)(?:-run)?\//, /\/htpasswd$/];
  for await (const { path } of walk(folder, { includeDirs: false, skip })) {
    const bytes = await Deno.readFile(path).catch(() => new Uint8Array());
    const content = new TextDecoder("latin1").decode(bytes);
    const hasText = texts.some((text) =>
      content.includes(new TextDecoder("latin1").decode(new TextEncoder().encode(text)))
    );
    if (hasText) found.push(path);
  }
  return found;
}
