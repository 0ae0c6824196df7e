/**
 * Walks through the main job against an embedded registry: `deno task demo`. Everything is real (the
 * program, the requests, the signatures), and nothing is left behind. Ends with exit code 1 if a
 * step does not do what it says.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import type { Account } from "../tests/fakes/accounts.ts";
import { digestOf } from "../tests/fakes/image.ts";
import { type FakeRegistry, fakeRegistry } from "../tests/fakes/registry.ts";
import { type RunInput, type RunResult, type Sandbox, sandbox } from "./sandbox.ts";

const COLUMNS = 80;
/** `ada` may push, `bob` may only pull. */
const USERS: Readonly<Record<string, Account>> = {
  ada: { password: "ada-secret" },
  bob: { password: "bob-secret", rights: { "": "pull" } },
};
const GLOB = {
  REGAUTH_REGISTRY_HOSTNAME: "*.example.com",
  REGAUTH_REGISTRY_USERNAME: "ci",
  REGAUTH_REGISTRY_PASSWORD: "from-the-environment",
};

/** One call of the program, and what it must have done. */
interface Step {
  readonly says: string;
  readonly args: readonly string[];
  readonly input?: RunInput;
  /** Exit code; 0 if absent. */
  readonly code?: number;
  holds(result: RunResult): boolean | Promise<boolean>;
}

function steps(basic: FakeRegistry, token: FakeRegistry, regauth: Sandbox): readonly Step[] {
  const image = `${basic.host}/${basic.repository}:${basic.tag}`;
  const saved = (): Promise<string> => Deno.readTextFile(`${regauth.home}/.docker/config.json`);
  return [
    {
      says: "Log in. The password comes by standard input and is tried before saving.",
      args: ["login", basic.host, "-u", "ada", "--password-stdin"],
      input: { stdin: "ada-secret" },
      holds: async () => (await saved()).includes(basic.host) && asked(basic, "Basic"),
    },
    {
      says: "The same where the registry wants a bearer token: regauth fetches one to try.",
      args: ["login", token.host, "-u", "bob", "--password-stdin"],
      input: { stdin: "bob-secret" },
      holds: async () => (await saved()).includes(token.host) && asked(token, "Bearer"),
    },
    {
      says: "A wrong password is refused by the registry (exit code 4) and not saved.",
      args: ["login", token.host, "-u", "ada", "--password-stdin"],
      input: { stdin: "no-secret" },
      code: 4,
      holds: async () => !(await saved()).includes(btoa("ada:no-secret")),
    },
    {
      says: "Which keychain knows the image, and why?",
      args: ["explain", image],
      holds: ({ stdout }) => stdout.includes("docker") && !stdout.includes("ada-secret"),
    },
    {
      says: "The credential for people: secrets are hidden.",
      args: ["resolve", image],
      holds: ({ stdout }) => stdout.includes("[redacted]") && !stdout.includes("ada-secret"),
    },
    {
      says: "The credential for machines: one JSON document for each image.",
      args: ["resolve", "--json", image],
      holds: ({ stdout }) => JSON.parse(stdout).password === "ada-secret",
    },
    {
      says: "May I pull there? Asked for real, with a token for just that.",
      args: ["check", `${token.host}/${token.repository}:${token.tag}`],
      holds: ({ stdout }) => /pull +allowed/.test(stdout),
    },
    {
      says: "What docker, podman and the kubelet ask: the credential-helper protocol.",
      args: ["get"],
      input: { stdin: basic.host },
      holds: ({ stdout }) => JSON.parse(stdout).Username === "ada",
    },
    {
      says: "Pull the image with that header: manifest, configuration and layer.",
      args: ["resolve", "--format", "header", image],
      holds: ({ stdout }) => pull(basic, stdout.trim()),
    },
    {
      says: "In CI: no file at all. One pattern speaks for all hosts of a domain.",
      args: ["resolve", "eu.example.com/team/app", "us.example.com/team/app"],
      input: { env: GLOB },
      holds: ({ stdout }) => stdout.split("[redacted]").length === 3,
    },
    {
      says: "Log out. The other login stays.",
      args: ["logout", basic.host],
      holds: async () => {
        const text = await saved();
        return !text.includes(basic.host) && text.includes(token.host);
      },
    },
    {
      says: "Now nobody knows the registry: exit code 3.",
      args: ["resolve", image],
      code: 3,
      holds: ({ stdout }) => stdout === "",
    },
  ];
}

async function demo(): Promise<void> {
  await using basic = await fakeRegistry({ auth: "basic", users: USERS });
  await using token = await fakeRegistry({ auth: "token", users: USERS });
  await using regauth = await sandbox();
  console.log(`Two registries run on this machine for a moment: ${basic.host} wants a`);
  console.log(`password with every request, ${token.host} a token signed for the purpose.`);
  const all = steps(basic, token, regauth);
  for (const [index, { says, args, input, code = 0, holds }] of all.entries()) {
    console.log("");
    show(`${index + 1}. ${says}`, "");
    show(commandLine(args, input), "   ");
    const result = await regauth.run(args, input);
    show((result.stdout + result.stderr).replaceAll(regauth.home, "~"), "     ");
    if (result.code !== code || !await holds(result)) {
      throw new Error(`Step ${index + 1} did not do what it says (exit code ${result.code}).`);
    }
  }
  console.log(`\nAll ${all.length} steps did what they say; nothing of it is left.`);
}

/** Whether a request with this authorization came. */
function asked({ requests }: FakeRegistry, wanted: string): boolean {
  return requests.some(({ scheme, user }) => scheme === wanted && user !== undefined);
}

/** Fetches all parts of the image and checks each against its digest. */
async function pull(registry: FakeRegistry, header: string): Promise<boolean> {
  const { origin, image, repository, tag } = registry;
  const headers = { authorization: header.replace("Authorization: ", "") };
  const fetchPart = async (path: string, digest: string): Promise<boolean> => {
    const response = await fetch(`${origin}/v2/${repository}/${path}`, { headers });
    return await digestOf(new Uint8Array(await response.arrayBuffer())) === digest;
  };
  const same = await Promise.all([
    fetchPart(`manifests/${tag}`, image.manifest.digest),
    fetchPart(`blobs/${image.config.digest}`, image.config.digest),
    fetchPart(`blobs/${image.layer.digest}`, image.layer.digest),
  ]);
  if (same.every(Boolean)) show(`pulled ${repository}:${tag}\n${image.manifest.digest}`, "     ");
  return same.every(Boolean);
}

/** The call as one would type it. */
function commandLine(args: readonly string[], { stdin, env = {} }: RunInput = {}): string {
  const variables = Object.entries(env).map(([name, value]) => `$ export ${name}='${value}'\n`);
  const before = stdin === undefined ? "" : `echo ${stdin} | `;
  return `${variables.join("")}$ ${before}regauth ${args.join(" ")}`;
}

/** Prints lines, folded to the width of a terminal, between words if possible. */
function show(text: string, indent: string): void {
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const hang = /^ */.exec(line)?.[0] ?? "";
    const width = COLUMNS - indent.length - hang.length;
    const fold = new RegExp(`.{1,${width}}(?: |$)|.{1,${width}}`, "g");
    for (const [part] of line.trimStart().matchAll(fold)) {
      console.log(indent + hang + part.trimEnd());
    }
  }
}

try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
