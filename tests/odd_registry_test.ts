import { assert, assertEquals, assertRejects } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { denoIo } from "../lib/deno_io.ts";
import { RegistryError } from "../lib/diagnosis.ts";
import { RegauthError } from "../lib/errors.ts";
import type { Io } from "../lib/io.ts";
import { ping } from "../lib/ping.ts";
import { verifyLogin } from "../lib/registry.ts";
import { type RegistryClient, registryClient } from "../lib/registry_client.ts";
import { checkRights } from "../lib/rights.ts";
import { type Behaviour, oddRegistry } from "./fakes/odd_registry.ts";

const PASSWORD = "hunter2-password";
const IDENTITY = "hunter2-identity";
const credential = { username: "jane", password: new Secret(PASSWORD) };
const identity = { identityToken: new Secret(IDENTITY) };

interface Harness {
  readonly client: RegistryClient;
  /** Waits, in milliseconds; none of them takes time. */
  readonly sleeps: readonly number[];
  readonly trace: readonly string[];
}

/** The real network, with a clock that does not wait. Requests that hang end after a moment. */
function harness(options: { timeout?: number; signal?: AbortSignal } = {}): Harness {
  const { signal, ...rest } = options;
  const sleeps: number[] = [];
  const trace: string[] = [];
  const io: Io = {
    ...denoIo(),
    sleep: (milliseconds) => Promise.resolve(void sleeps.push(milliseconds)),
  };
  const context = {
    io,
    trace: (message: string) => void trace.push(message),
    ...(signal ? { signal } : {}),
  };
  return { client: registryClient({ context, ...rest }), sleeps, trace };
}

/** What a login ends in: `verified`, or the diagnosis. */
async function outcome(client: RegistryClient, host: string): Promise<string> {
  try {
    const { verified, diagnosis } = await verifyLogin(client, host, credential);
    return verified ? "verified" : `${diagnosis?.id}`;
  } catch (error) {
    assert(error instanceof RegistryError, `${error}`);
    return error.diagnosis.id;
  }
}

const LOGINS: readonly [Behaviour, outcome: string][] = [
  ["open", "D-31"],
  ["hang-at-ping", "D-02"],
  ["hang-in-head", "D-02"],
  ["hang-in-body", "D-02"],
  ["slow-loris", "D-02"],
  ["hang-at-token", "D-02"],
  ["hang-after-token", "D-02"],
  ["close-at-once", "D-02"],
  ["close-once", "D-31"],
  ["garbage", "D-99"],
  ["cut-body", "D-99"],
  ["huge-header", "D-99"],
  ["huge-body", "D-31"],
  ["huge-token", "D-11"],
  ["429-seconds", "D-31"],
  ["429-date", "D-31"],
  ["429-for-long", "D-26"],
  ["500-then-ok", "D-31"],
  ["always-503", "D-27"],
  ["proxy-login", "D-16"],
  ["redirect-other-origin", "D-30"],
  ["redirect-loop", "D-30"],
  ["redirect-same-origin", "D-31"],
  ["realm-elsewhere", "D-10"],
  ["realm-link-local", "D-10"],
  ["realm-after-redirect", "D-11"],
  ["no-challenge", "D-07"],
  ["unknown-challenge", "D-07"],
  ["malformed-challenge", "D-08"],
  ["html-200", "D-29"],
  ["token-not-json", "D-11"],
  ["token-newline", "D-11"],
  ["harbor", "verified"],
  ["quay-400", "D-11"],
  ["token-401", "D-14"],
  ["token-403", "D-15"],
  ["echo", "D-99"],
];

for (const [behaviour, expected] of LOGINS) {
  Deno.test(`verifyLogin() at a registry that is "${behaviour}": ${expected}`, async () => {
    await using elsewhere = oddRegistry("open");
    await using registry = oddRegistry(behaviour, elsewhere.origin);
    const { client } = harness({ timeout: 300 });
    assertEquals(await outcome(client, registry.host), expected);
  });
}

Deno.test("no credential ever arrives at another server, and no secret in any output", async () => {
  await using elsewhere = oddRegistry("harbor");
  const seen: string[] = [];
  for (const [behaviour] of LOGINS) {
    for (const login of [credential, identity, { registryToken: new Secret(IDENTITY) }]) {
      await using registry = oddRegistry(behaviour, elsewhere.origin);
      const { client, trace } = harness({ timeout: 100 });
      const image = { registry: registry.host, repository: "team/app", tag: "1" };
      for (
        const work of [
          () => verifyLogin(client, registry.host, login),
          () =>
            checkRights(client, image, login, { push: true, delete: true, tryUpload: "always" }),
        ]
      ) {
        const result = await work().catch((error: unknown) => {
          assert(error instanceof RegauthError, `${error}`);
          const { message, hint, subject, cause } = error;
          const diagnosis = error instanceof RegistryError ? error.diagnosis : undefined;
          return { message, hint, subject, cause: String(cause), diagnosis };
        });
        seen.push(JSON.stringify(result), ...trace);
      }
    }
  }
  const received = new Set(elsewhere.requests.map(({ authorization }) => authorization));
  // A pull may be tried without the credential; that is what the other server's own token is for.
  assertEquals([...received].filter((value) => value !== undefined), []);
  assertEquals(elsewhere.requests.filter(({ body }) => body !== ""), []);
  const secrets = [PASSWORD, IDENTITY, "TOKEN-OF-ODD", btoa(`jane:${PASSWORD}`)];
  assertEquals(seen.filter((text) => secrets.some((secret) => text.includes(secret))), []);
});

Deno.test("ping() waits as long as Retry-After says in seconds", async () => {
  await using registry = oddRegistry("429-seconds");
  const { client, sleeps } = harness();
  await ping(client, registry.host);
  assertEquals(sleeps, [2000]);
});

Deno.test("ping() waits as long as Retry-After says as a date", async () => {
  await using registry = oddRegistry("429-date");
  const { client, sleeps } = harness();
  await ping(client, registry.host);
  assert(sleeps.length === 1 && (sleeps[0] ?? 0) > 5000 && (sleeps[0] ?? 0) <= 9000, `${sleeps}`);
});

Deno.test("ping() gives up if the registry wants more than 30 s, and says when", async () => {
  await using registry = oddRegistry("429-for-long");
  const { client, sleeps } = harness();
  const error = await assertRejects(() => ping(client, registry.host), RegistryError);
  assertEquals([error.diagnosis.facts.when, sleeps.length], ["in 31 seconds", 0]);
});

Deno.test("ping() tries a failing registry four times, and once more much later", async () => {
  await using registry = oddRegistry("always-503");
  const { client } = harness();
  await assertRejects(() => ping(client, registry.host), RegistryError);
  await assertRejects(() => ping(client, registry.host), RegistryError);
  assertEquals(registry.requests.length, 4);
});

Deno.test("ping() reads two WWW-Authenticate lines, and a relative realm", async () => {
  await using registry = oddRegistry("two-lines");
  const { challenges, way } = await ping(harness().client, registry.host);
  assertEquals(challenges.map(({ scheme }) => scheme), ["bearer", "basic"]);
  assert(way?.scheme === "bearer");
  assertEquals(way.realm.href, `${registry.origin}/token`);
});

Deno.test("ping() does not follow a redirect for ever", async () => {
  await using registry = oddRegistry("redirect-loop");
  await assertRejects(() => ping(harness().client, registry.host), RegistryError);
  assertEquals(registry.requests.length, 6);
});

Deno.test("a request ends at once when its caller no longer wants it", async () => {
  await using registry = oddRegistry("hang-at-ping");
  const controller = new AbortController();
  const { client } = harness({ signal: controller.signal });
  const attempt = ping(client, registry.host);
  controller.abort();
  assertEquals((await assertRejects(() => attempt, RegauthError)).code, "aborted");
});

Deno.test("a budget of time that runs out is a time-out", async () => {
  await using registry = oddRegistry("hang-in-body");
  const { client } = harness({ signal: AbortSignal.timeout(100) });
  const error = await assertRejects(() => ping(client, registry.host), RegistryError);
  assertEquals(error.diagnosis.facts.failure?.kind, "timeout");
});

Deno.test("verifyLogin() sends the password to a realm elsewhere that the user trusts", async () => {
  await using elsewhere = oddRegistry("harbor");
  await using registry = oddRegistry("realm-elsewhere", elsewhere.origin);
  const io = denoIo();
  const client = registryClient({
    context: { io },
    trustsRealm: (host, realm) => host === registry.host && realm === elsewhere.host,
  });
  await assertRejects(() => verifyLogin(client, registry.host, credential), RegistryError);
  assertEquals(elsewhere.requests.map(({ authorization }) => authorization), [
    `Basic ${btoa(`jane:${PASSWORD}`)}`,
  ]);
});

Deno.test("checkRights() knows a Basic challenge after a token as a lack of rights", async () => {
  await using registry = oddRegistry("harbor");
  const { client } = harness();
  const image = { registry: registry.host, repository: "team/app" };
  const { pull, diagnosis } = await checkRights(client, image, credential);
  assertEquals([pull, diagnosis?.id], ["no", "D-22"]);
  const basic = registry.requests.filter(({ authorization }) => authorization?.startsWith("Basic"));
  assertEquals(basic.map(({ path }) => path.split("?")[0]), ["/service/token"]);
});
