/**
 * Measures logins to Amazon ECR against a fake AWS on loopback: how long they take, beside the
 * programs of AWS where those are on the PATH, and how many requests each source of keys costs.
 *
 * `docker-credential-ecr-login` of Debian knows no other endpoint than AWS's own: it is led to the
 * fake by a proxy, and made to believe its certificate.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import { type FakeAws, fakeAws } from "../tests/fakes/aws.ts";
import { type AwsServer, serveAws } from "../tests/fakes/aws_server.ts";
import { type AwsWorld, awsWorld } from "../tests/fakes/aws_world.ts";
import { connectProxy } from "../tests/fakes/connect_proxy.ts";
import { issue } from "../tests/fakes/tls.ts";
import { fromSource, runProcess, sandbox } from "./sandbox.ts";

const ROUNDS = 30;
/** What a remembered login may cost, as a multiple of an empty program. */
const TARGET = 1.5;

const REGION = "eu-west-1";
const HOST = `123456789012.dkr.ecr.${REGION}.amazonaws.com`;
const API = `api.ecr.${REGION}.amazonaws.com`;
const ROLE = "arn:aws:iam::123456789012:role/pull";

/** One program in one situation. */
interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly times: number[];
  /** Requests of the last round. */
  requests: number;
}

/** Prints the time of logins, remembered and new. */
async function times(): Promise<void> {
  const aws = fakeAws(() => new Date());
  aws.add({ accessKeyId: "AKIDEXAMPLE" });
  await using server = await serveAws(aws);
  await using home = await sandbox();
  const folder = home.home;
  const empty = `${folder}/empty.ts`;
  await Deno.writeTextFile(empty, "export {};\n");
  await Deno.mkdir(`${folder}/.aws`);
  await Deno.writeTextFile(
    `${folder}/.aws/credentials`,
    "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n",
  );
  const get = [...fromSource(), "get"];
  const contender = (
    name: string,
    command: readonly string[],
    env: Readonly<Record<string, string>> = server.env,
  ): Contender => ({ name, command, env, stdin: HOST, times: [], requests: 0 });
  await using led = await ledToFake(aws, folder);
  const contenders = [
    contender("an empty program", [...get.slice(0, -2), empty]),
    contender("regauth get, remembered", get),
    contender("regauth get, new", get, { ...server.env, AWS_ECR_DISABLE_CACHE: "1" }),
    ...await installed("docker-credential-ecr-login")
      ? [
        contender("ecr-login get, remembered", ["docker-credential-ecr-login", "get"], led.env),
        contender("ecr-login get, new", ["docker-credential-ecr-login", "get"], {
          ...led.env,
          AWS_ECR_DISABLE_CACHE: "1",
        }),
      ]
      : [],
    ...await installed("aws")
      ? [
        contender("aws ecr get-login-password", [
          "aws",
          "ecr",
          "get-login-password",
          "--region",
          REGION,
          "--endpoint-url",
          server.origin,
        ]),
      ]
      : [],
  ];
  for (let round = -2; round < ROUNDS; round++) {
    for (const one of contenders) {
      const before = aws.log.length;
      const start = performance.now();
      const { code, stdout, stderr } = await runProcess(one.command, {
        stdin: one.stdin ?? "",
        env: { ...home.env, ...one.env },
        cwd: folder,
      });
      if (code !== 0) throw new Error(`Cannot measure "${one.name}": ${stdout}${stderr}`);
      if (round >= 0) one.times.push(performance.now() - start);
      one.requests = aws.log.length - before;
    }
  }
  console.log(
    `\n${`login to ECR, median of ${ROUNDS}`.padEnd(38)}${row(["ms", "ratio", "requests"])}`,
  );
  const base = median(contenders[0]?.times ?? []);
  for (const { name, times, requests } of contenders) {
    const ratio = median(times) / base;
    const remark = name.includes("regauth get, rem") && ratio > TARGET
      ? `  over the target of ${TARGET}`
      : "";
    console.log(
      name.padEnd(38) + row([median(times).toFixed(1), ratio.toFixed(2), requests]) + remark,
    );
  }
  for (const program of ["docker-credential-ecr-login", "aws"]) {
    if (!await installed(program)) console.log(`${program}: not installed, so not measured`);
  }
}

/** The fake as the servers of AWS themselves, for who is given the variables. */
async function ledToFake(
  aws: FakeAws,
  folder: string,
): Promise<{ readonly env: Record<string, string> } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const authority = await issue({ name: "bench", authority: true });
  const { certificate, key } = await issue({ name: API, issuer: authority, names: [API] });
  const server: AwsServer = stack.use(await serveAws(aws, { cert: certificate, key }));
  const proxy = stack.use(await connectProxy(undefined, new URL(server.origin).host));
  const file = `${folder}/authority.pem`;
  await Deno.writeTextFile(file, authority.certificate);
  return {
    env: { HTTPS_PROXY: proxy.address.shown, SSL_CERT_FILE: file },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function installed(program: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (await Deno.stat(`${folder}/${program}`).then(({ isFile }) => isFile, () => false)) {
      return true;
    }
  }
  return false;
}

/** Sources of keys, and how they are put into a world. */
const SOURCES: Readonly<Record<string, (world: AwsWorld) => void>> = {
  "keys in variables": (world) => withKeys(world),
  "a role by keys in variables": (world) => {
    withKeys(world);
    world.aws.roles.set(ROLE, {});
  },
  "a web identity": ({ io, aws }) => {
    aws.webTokens.set("token", ROLE);
    io.files.set("/token", { text: "token", mode: 0o600, modified: io.now() });
    io.variables.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    io.variables.set("AWS_ROLE_ARN", ROLE);
  },
  "a container": ({ io, aws }) => {
    const principal = aws.add({ accessKeyId: "ASIACONTAINER", sessionToken: "t" });
    aws.containers.set("/v2/credentials/1", { principal });
    io.variables.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1");
  },
  "an instance": ({ aws }) => {
    const principal = aws.add({ accessKeyId: "ASIAINSTANCE", sessionToken: "t" });
    aws.instance = { role: "r", principal };
  },
};

function withKeys({ io, aws }: AwsWorld): void {
  const { accessKeyId, secret } = aws.add({ accessKeyId: "AKIDEXAMPLE" });
  io.variables.set("AWS_ACCESS_KEY_ID", accessKeyId);
  io.variables.set("AWS_SECRET_ACCESS_KEY", secret);
}

/** Prints the requests of two programs, one after the other. */
async function requests(): Promise<void> {
  console.log(
    `\n${"requests for a login to ECR, by source".padEnd(38)}${row(["new", "remembered"])}`,
  );
  for (const [name, prepare] of Object.entries(SOURCES)) {
    const world = awsWorld({ instance: true });
    prepare(world);
    const options = name.startsWith("a role") ? { roleArn: ROLE } : {};
    const counts: number[] = [];
    for (let program = 0; program < 2; program++) {
      const before = world.aws.log.length;
      await world.ask(options);
      counts.push(world.aws.log.length - before);
    }
    console.log(name.padEnd(38) + row(counts));
  }
}

/** Prints all figures. */
export async function logins(): Promise<void> {
  await times();
  await requests();
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(11)).join("");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
