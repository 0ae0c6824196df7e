import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Sandbox, sandbox } from "../../scripts/sandbox.ts";
import { type Forwarder, forwarder } from "../fakes/forwarder.ts";
import {
  type RsaTokenServer,
  rsaTokenServer,
  type RsaTokenServerOptions,
} from "../fakes/rsa_token_server.ts";
import { dockerRegistry, type Peer, peerTest, serveRegistry } from "./peers.ts";
import { pushImage, skopeo } from "./skopeo.ts";

const PASSWORD = "correct horse: battery/staple €";
const IMAGE = "team/app:1.0";

/** `ada` may do everything, `ci` may not delete, `bob` may only pull. */
const USERS = {
  ada: { password: PASSWORD },
  ci: { password: PASSWORD, rights: { "": "add" } },
  bob: { password: PASSWORD, rights: { "": "pull" } },
} as const;

/** A real registry with an image in it, and what passes between it and us. */
interface Scene extends AsyncDisposable {
  readonly regauth: Sandbox;
  readonly front: Forwarder;
  /** The registry's repository `team/app` on disk. */
  readonly folder: string;
  /** Options that let regauth ask the token server. */
  readonly trust: readonly string[];
}

async function scene(
  serve: (regauth: Sandbox) => Promise<Peer>,
  user = "ada",
): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const regauth = stack.use(await sandbox());
  const registry = stack.use(await serve(regauth));
  const login = `--dest-creds=${user}:${PASSWORD}`;
  const image = `${registry.host}/${IMAGE}`;
  await pushImage(regauth, image, "--dest-tls-verify=false", login);
  const front = stack.use(await forwarder({ registry: registry.host }));
  const repositories = join(regauth.home, "registry/docker/registry/v2/repositories");
  const all = stack.move();
  return {
    regauth,
    front,
    folder: join(repositories, "team/app"),
    trust: [],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const htpasswdScene = (): Promise<Scene> =>
  scene(({ home }) => dockerRegistry(home, "ada", PASSWORD));

async function tokenScene(
  options: Partial<RsaTokenServerOptions> = {},
): Promise<Scene & { readonly tokens: RsaTokenServer }> {
  await using stack = new AsyncDisposableStack();
  const tokens = stack.use(await rsaTokenServer({ users: USERS, ...options }));
  const made = stack.use(
    await scene(async ({ home }) => {
      const rootcertbundle = join(home, "bundle.pem");
      await Deno.writeTextFile(rootcertbundle, tokens.bundle);
      return await serveRegistry(home, { auth: { token: { ...tokens.auth, rootcertbundle } } });
    }),
  );
  const all = stack.move();
  const trust = ["--trust-realm", tokens.host];
  return { ...made, tokens, trust, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** What the environment keychain says for one host. */
function as({ host }: Forwarder, user: string, password = PASSWORD): Record<string, string> {
  return {
    REGAUTH_REGISTRY_HOSTNAME: host,
    REGAUTH_REGISTRY_USERNAME: user,
    REGAUTH_REGISTRY_PASSWORD: password,
  };
}

/** What `check` finds out, in short. */
interface Found {
  readonly code: number;
  readonly login: boolean | null;
  /** Pull, push, delete. */
  readonly rights: readonly (string | null)[];
  /** The sentence, with `HOST` for the registry. */
  readonly problem?: string;
  readonly notes: readonly string[];
}

async function check(
  { regauth, front, trust }: Scene,
  [target = "", ...flags]: readonly string[],
  env: Record<string, string>,
): Promise<Found> {
  const args = ["check", "--json", ...trust, ...flags, front.host + target];
  const { code, stdout, stderr } = await regauth.run(args, { env });
  assertEquals(stderr, "");
  assertEquals(stdout.includes(PASSWORD), false);
  const { login, pull, push, delete: deletion, notes, error } = JSON.parse(stdout);
  const shorten = (text: string): string => text.replaceAll(front.host, "HOST");
  assertEquals(error?.exit ?? 0, code);
  return {
    code,
    login,
    rights: [pull, push, deletion],
    ...(error ? { problem: shorten(error.message) } : {}),
    notes: notes.map(shorten),
  };
}

const HTPASSWD = ["docker-registry", "htpasswd", "skopeo"];

/** Who asks for what at a registry with htpasswd, and what comes of it. */
const BASIC: readonly (readonly [
  name: string,
  args: readonly string[],
  login: readonly [user: string, password: string] | undefined,
  found: Found,
])[] = [
  ["a login", [""], ["ada", PASSWORD], {
    code: 0,
    login: true,
    rights: [null, null, null],
    notes: [],
  }],
  ["the right to push", [`/${IMAGE}`, "--push", "--delete"], ["ada", PASSWORD], {
    code: 0,
    login: null,
    rights: ["yes", "yes", "unknown"],
    notes: [],
  }],
  ["a missing tag", ["/team/app:2.0"], ["ada", PASSWORD], {
    code: 0,
    login: null,
    rights: ["yes", null, null],
    notes: ["HOST/team/app has no 2.0."],
  }],
  ["a missing repository", ["/team/none", "--push"], ["ada", PASSWORD], {
    code: 4,
    login: null,
    rights: ["no", "unknown", null],
    problem: 'HOST/team/none does not exist, or "ada" may not know that it exists.',
    notes: ["Asking for a push may create HOST/team/none: not asked."],
  }],
  ["a wrong password", [`/${IMAGE}`, "--push"], ["ada", "wrong"], {
    code: 4,
    login: null,
    rights: ["no", "no", null],
    problem: "HOST does not accept this user name and password or token.",
    notes: [],
  }],
  ["nobody", [`/${IMAGE}`], undefined, {
    code: 3,
    login: null,
    rights: ["no", null, null],
    problem: "Not logged in, and HOST/team/app is not public.",
    notes: [],
  }],
];

for (const [name, args, login, found] of BASIC) {
  peerTest(`regauth check at a real registry with htpasswd: ${name}`, HTPASSWD, async () => {
    await using made = await htpasswdScene();
    const env = login ? as(made.front, ...login) : {};
    assertEquals(await check(made, args, env), found);
  });
}

peerTest("regauth token has none for a real registry with htpasswd", HTPASSWD, async () => {
  await using made = await htpasswdScene();
  const { regauth, front } = made;
  const target = `${front.host}/${IMAGE}`;
  const { code, stdout, stderr } = await regauth.run(["token", target], { env: as(front, "ada") });
  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr, `Cannot get a token for "${target}": ${front.host} gives none`);
});

const TOKEN = ["docker-registry", "skopeo"];
const DENIED: Found = {
  code: 4,
  login: null,
  rights: ["no", "no", null],
  problem: "HOST does not accept the token that TOKENS gave for it.",
  notes: [],
};

/** Token server and user, and what comes of `check --push`. */
const BEARER: readonly (readonly [
  name: string,
  options: Partial<RsaTokenServerOptions>,
  login: readonly [user: string, password?: string] | undefined,
  found: Found,
])[] = [
  ...(["x5c", "kid"] as const).map((names) =>
    [`the right to push (${names})`, { names }, ["ada"], {
      code: 0,
      login: null,
      rights: ["yes", "yes", null],
      notes: [],
    }] as const
  ),
  ["the right to push but not to delete", {}, ["ci"], {
    code: 0,
    login: null,
    rights: ["yes", "claimed", null],
    notes: ["No upload was tried: without the right to delete it could not be cancelled."],
  }],
  ["the right to pull", {}, ["bob"], {
    code: 4,
    login: null,
    rights: ["yes", "no", null],
    problem: '"bob" may pull but not push HOST/team/app.',
    notes: [],
  }],
  ["a wrong password", {}, ["ada", "wrong"], {
    ...DENIED,
    problem: "HOST does not accept this user name and password or token.",
  }],
  ["nobody", {}, undefined, {
    ...DENIED,
    code: 3,
    problem: "Not logged in, and HOST/team/app is not public.",
  }],
  ["an expired token", { lifetime: -600 }, ["ada"], DENIED],
  ["a token for another audience", { audience: "another registry" }, ["ada"], DENIED],
];

for (const [name, options, login, found] of BEARER) {
  peerTest(`regauth check --push at a real registry with tokens: ${name}`, TOKEN, async () => {
    await using made = await tokenScene(options);
    const { front, tokens } = made;
    const env = login ? as(front, ...login) : {};
    const { problem, ...rest } = await check(made, [`/${IMAGE}`, "--push"], env);
    assertEquals({
      ...rest,
      ...(problem === undefined ? {} : { problem: problem.replace(tokens.host, "TOKENS") }),
    }, found);
  });
}

peerTest("regauth check of a login at a real registry with tokens", TOKEN, async () => {
  await using made = await tokenScene();
  const nothing = { rights: [null, null, null], notes: [] };
  assertEquals(await check(made, [""], as(made.front, "bob")), {
    code: 0,
    login: true,
    ...nothing,
  });
  assertEquals(await check(made, [""], as(made.front, "bob", "wrong")), {
    code: 4,
    login: null,
    problem: "HOST does not accept this user name and password or token.",
    ...nothing,
  });
});

peerTest("regauth token is one that a real registry verifies", TOKEN, async () => {
  await using made = await tokenScene();
  const { regauth, front, trust } = made;
  const image = `${front.host}/${IMAGE}`;
  const token = async (...flags: string[]): Promise<string> => {
    const args = ["token", ...flags, ...trust, image];
    const { code, stdout, stderr } = await regauth.run(args, { env: as(front, "ada") });
    assertEquals(code, 0, stderr);
    return stdout.trim();
  };
  const pull = await token();
  assertEquals(await status(front, "GET", "/v2/team/app/tags/list", `Bearer ${pull}`), 200);
  assertEquals(await status(front, "POST", "/v2/team/app/blobs/uploads/", `Bearer ${pull}`), 401);
  const push = await token("--push");
  assertEquals(await status(front, "POST", "/v2/team/app/blobs/uploads/", `Bearer ${push}`), 202);
});

peerTest("regauth login lets skopeo push to a real registry with tokens", TOKEN, async () => {
  await using made = await tokenScene();
  const { regauth, front, trust } = made;
  const login = (user: string) =>
    regauth.run(["login", ...trust, "-u", user, "--password-stdin", front.host], {
      stdin: PASSWORD,
    });
  const image = `${front.host}/team/other:1.0`;

  const bob = await login("bob");
  assertEquals([bob.code, bob.stdout], [0, `Logged in to ${front.host} as bob.\n`], bob.stderr);
  assertNotEquals((await pushImage(regauth, image, "--dest-tls-verify=false")).code, 0);

  const ada = await login("ada");
  assertEquals(ada.code, 0, ada.stderr);
  const pushed = await pushImage(regauth, image, "--dest-tls-verify=false");
  assertEquals(pushed.code, 0, pushed.stderr);
  const inspected = await skopeo(regauth, "inspect", "--tls-verify=false", `docker://${image}`);
  assertEquals(JSON.parse(inspected.stdout).RepoTags, ["1.0"]);
});

peerTest("no token server hears a password before the user trusts it", TOKEN, async () => {
  await using made = await tokenScene();
  const { regauth, front, tokens } = made;
  const before = tokens.requests.length;
  for (const args of [["check", "--push"], ["token"]]) {
    const { code, stdout, stderr } = await regauth.run([...args, `${front.host}/${IMAGE}`], {
      env: as(front, "ada"),
    });
    assertEquals(code, 4, stderr);
    assertStringIncludes(
      stdout + stderr,
      `${front.host} names the token server ${tokens.host}, which cannot be used: ` +
        "it leads to this machine or into its network.",
    );
    assertStringIncludes(stdout + stderr, `--trust-realm ${tokens.host}`);
  }
  assertEquals(tokens.requests.slice(before), []);

  // Regauth's own file says the same as the flag.
  const folder = join(regauth.home, ".config/regauth");
  await Deno.mkdir(folder, { recursive: true });
  const registries = { [front.host]: { realm: tokens.host } };
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify({ registries }));
  const { rights } = await check({ ...made, trust: [] }, [`/${IMAGE}`], as(front, "ada"));
  assertEquals(rights, ["yes", null, null]);
});

/** Whoever may push, and whether an upload is opened to prove it. */
const UPLOADS = [
  ["htpasswd", "ada", true],
  ["tokens", "ada", true],
  ["tokens", "ci", false],
] as const;

for (const [auth, user, opens] of UPLOADS) {
  const programs = auth === "tokens" ? TOKEN : HTPASSWD;
  peerTest(
    `regauth check --push of ${user} leaves nothing behind (${auth})`,
    programs,
    async () => {
      await using made = await (auth === "tokens" ? tokenScene() : htpasswdScene());
      const { regauth, front, folder, trust } = made;
      const env = as(front, user);
      const before = await files(folder);
      const flags = ["--push", "--delete", "--try-upload"];
      assertEquals((await check(made, [`/${IMAGE}`, ...flags], env)).code, 0);

      const opened = front.passed.flatMap(({ method, location }) =>
        method === "POST" && location !== undefined ? [new URL(location)] : []
      );
      assertEquals(opened.length, opens ? 1 : 0);
      const header = auth === "tokens"
        ? `Bearer ${
          (await regauth.run(["token", ...trust, `${front.host}/${IMAGE}`], { env })).stdout
        }`
        : `Basic ${encoded(`${user}:${PASSWORD}`)}`;
      for (const { pathname, search } of opened) {
        assertEquals(await status(front, "GET", pathname + search, header.trim()), 404);
      }
      assertEquals(await files(folder), before);
    },
  );
}

function encoded(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

async function status(
  { host }: Forwarder,
  method: string,
  path: string,
  authorization: string,
): Promise<number> {
  const response = await fetch(`http://${host}${path}`, { method, headers: { authorization } });
  await response.body?.cancel();
  return response.status;
}

/** All files below a folder, but for the hash that the registry itself leaves of an upload. */
async function files(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name === "hashstates") continue;
    const path = join(folder, name);
    found.push(...isDirectory ? await files(path) : [path]);
  }
  return found.sort();
}
