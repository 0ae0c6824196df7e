import { assertEquals, assertStringIncludes } from "@std/assert";
import { walk } from "@std/fs/walk";
import { join } from "@std/path";
import { type RunInput, type RunResult, type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { fakeRegistry } from "../fakes/registry.ts";

const SECRET = {
  login: "planted-login-secret",
  wrong: "planted-wrong-secret",
  flag: "planted-flag-secret",
  variable: "planted-variable-secret",
  token: "planted-token-secret",
  helper: "planted-helper-secret",
  file: "planted-file-secret",
};

const HELPER_VERBS = ["store", "list", "erase"];

/** Answers every `get`, and writes down how it was called. */
const SPY = `#!/bin/sh
echo "$0 $*" >> "$HOME/spy.log"
server=$(cat)
case $1 in
  get) printf '{"ServerURL":"%s","Username":"robot","Secret":"${SECRET.helper}"}' "$server" ;;
  list) echo '{"spied.example.com":"robot"}' ;;
esac
`;
/** Fails, and repeats what it was told. */
const PARROT = `#!/bin/sh
input=$(cat)
echo "cannot do $input"
echo "cannot do $input" >&2
exit 1
`;

Deno.test({
  name: "no command shows a secret, puts it into arguments or leaves it where others can read",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    await using registry = await fakeRegistry({
      auth: "token",
      users: { robot: { password: SECRET.login, identityToken: SECRET.token } },
    });
    await using regauth = await sandbox();
    const image = `${registry.host}/${registry.repository}:${registry.tag}`;
    await plant(regauth, registry.host);
    const env = {
      REGAUTH_CONFIG: join(regauth.home, "regauth.json"),
      PATH: `${regauth.home}/bin:${regauth.env.PATH}`,
      REGAUTH_REGISTRY_HOSTNAME_0: "variable.example.com",
      REGAUTH_REGISTRY_USERNAME_0: "robot",
      REGAUTH_REGISTRY_PASSWORD_0: SECRET.variable,
      REGAUTH_REGISTRY_HOSTNAME_1: "token.example.com",
      REGAUTH_REGISTRY_REGISTRY_TOKEN_1: SECRET.token,
    };
    const login = ["login", registry.host, "-u", "robot"];
    const hosts = ["variable", "token", "spied", "parrot", "file"].map((name) =>
      `${name}.example.com/team/app`
    );

    const calls: readonly (readonly [code: number, args: readonly string[], input?: RunInput])[] = [
      [4, [...login, "--password-stdin"], { stdin: SECRET.wrong }],
      [4, [...login, "-p", SECRET.wrong]],
      [0, [...login, "--password-stdin"], { stdin: SECRET.login }],
      [0, [...login, "-p", SECRET.login]],
      [1, ["login", "parrot.example.com", "-u", "robot", "--password-stdin", "--no-verify"], {
        stdin: SECRET.login,
      }],
      [0, ["resolve", image, ...hosts.filter((host) => !host.startsWith("parrot"))]],
      [1, ["explain", image, ...hosts]],
      [1, ["explain", "--json", image, ...hosts]],
      [0, [
        "explain",
        "x.example.com",
        "--registry-username",
        "u",
        "--registry-password",
        SECRET.flag,
      ]],
      [0, ["explain", "x.example.com", "--registry-token", SECRET.flag]],
      [0, ["check", image]],
      [0, ["check", "--json", image]],
      [0, ["token", image]],
      [0, ["store"], {
        stdin: JSON.stringify({ ServerURL: "x.example", Username: "u", Secret: SECRET.helper }),
      }],
      [0, ["list"]],
      [0, ["erase"], { stdin: "y.example" }],
      [0, ["ls"]],
      [0, ["ls", "--json"]],
      [0, ["logout", registry.host]],
      [1, ["logout", "parrot.example.com"]],
    ];
    for (const [code, args, input] of calls) {
      // The verbs of the helper protocol have no options.
      const verbose = HELPER_VERBS.includes(args[0] ?? "") ? [] : ["-v"];
      const result = await regauth.run([...args, ...verbose], { ...input, env });
      assertEquals(shown(result), [], `regauth ${args[0]}`);
      assertEquals(result.code, code, `regauth ${args.join(" ")}\n${result.stderr}`);
    }

    assertStringIncludes(await Deno.readTextFile(join(regauth.home, "spy.log")), " get");
    const folders = [join(regauth.home, "bin"), join(regauth.home, ".docker", "config.json")];
    for await (const { path } of walk(regauth.home, { includeDirs: false })) {
      if (folders.some((known) => path.startsWith(known))) continue;
      const text = await Deno.readTextFile(path);
      const mode = (await Deno.stat(path)).mode ?? 0;
      const safe = leaks(text).length === 0 || (mode & 0o077) === 0;
      assertEquals(safe, true, `${path} (mode ${mode.toString(8)}): ${leaks(text)}`);
    }
    assertEquals(leaks(await Deno.readTextFile(join(regauth.home, "spy.log"))), []);
  },
});

Deno.test("a config file that regauth login makes is for its owner alone", async () => {
  await using regauth = await sandbox();
  const { code, stderr } = await regauth.run(
    ["login", "new.example.com", "-u", "robot", "--password-stdin", "--no-verify"],
    { stdin: SECRET.login },
  );
  assertEquals(code, 0, stderr);
  const file = await Deno.stat(join(regauth.home, ".docker", "config.json"));
  const folder = await Deno.stat(join(regauth.home, ".docker"));
  if (Deno.build.os === "windows") return;
  assertEquals([(file.mode ?? 0) & 0o777, (folder.mode ?? 0) & 0o777], [0o600, 0o700]);
});

/** Secrets wherever users have them. */
async function plant({ home }: Sandbox, host: string): Promise<void> {
  await Deno.mkdir(join(home, "bin"));
  for (const [name, text] of [["spy", SPY], ["parrot", PARROT]] as const) {
    await Deno.writeTextFile(join(home, "bin", `docker-credential-${name}`), text, { mode: 0o755 });
  }
  const config = {
    auths: {
      "file.example.com": { auth: btoa(`robot:${SECRET.file}`) },
      [host]: { identitytoken: SECRET.token },
    },
    credHelpers: { "spied.example.com": "spy", "parrot.example.com": "parrot" },
  };
  await Deno.mkdir(join(home, ".docker"));
  await Deno.writeTextFile(join(home, ".docker", "config.json"), JSON.stringify(config));
  await Deno.writeTextFile(join(home, "regauth.json"), '{"store": "file"}');
}

function shown({ stdout, stderr }: RunResult): string[] {
  return leaks(stdout + stderr);
}

/** The secrets in a text, plain or in one of the forms in which they travel. */
function leaks(text: string): string[] {
  return Object.values(SECRET).filter((secret) =>
    [secret, btoa(secret), btoa(`robot:${secret}`)]
      .some((form) => text.includes(form.replace(/=+$/, "")))
  );
}
