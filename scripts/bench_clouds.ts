/**
 * Measures logins to the registries of Google and Azure against fakes on loopback: how long they
 * take, how many requests each source of identities costs, and how long it takes to find nothing.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import { memoryIo } from "../lib/memory_io.ts";
import { acrKeychain } from "../lib/registries/acr_keychain.ts";
import { googleKeychain } from "../lib/registries/google_keychain.ts";
import { AZURE, fakeAzure } from "../tests/fakes/azure.ts";
import { APPLICATION, azureWorld, type AzureWorldOptions } from "../tests/fakes/azure_world.ts";
import { serveCloud } from "../tests/fakes/cloud_server.ts";
import { fakeGoogle, FEDERATED_FILE, GOOGLE, KEY_FILE, USER_FILE } from "../tests/fakes/google.ts";
import { googleWorld, type GoogleWorldOptions, sharedMemory } from "../tests/fakes/google_world.ts";
import { fromSource, runProcess, sandbox } from "./sandbox.ts";

const ROUNDS = 20;
/** What a remembered login may cost, as a multiple of an empty program. */
const TARGET = 1.5;

const SECRET = { ...APPLICATION, AZURE_CLIENT_SECRET: AZURE.secret };
const CREDENTIALS = { GOOGLE_APPLICATION_CREDENTIALS: "/cred.json" };

/** Prints the time of logins, remembered and new. */
async function times(): Promise<void> {
  await using home = await sandbox();
  const folder = home.home;
  const now = (): Date => new Date();
  const google = fakeGoogle({ now });
  const azure = fakeAzure({ now });
  const answer = (request: Request): Promise<Response> =>
    /azurecr|microsoft/.test(request.url) ? azure.answer(request) : google.answer(request);
  const names = ["oauth2.googleapis.com", "login.microsoftonline.com", "contoso.azurecr.io"];
  await using server = await serveCloud(answer, names, folder);
  await Deno.writeTextFile(`${folder}/empty.ts`, "export {};\n");
  await Deno.writeTextFile(`${folder}/key.json`, JSON.stringify(KEY_FILE));
  const get = [...fromSource(), "get"];
  const key = { ...server.env, GOOGLE_APPLICATION_CREDENTIALS: `${folder}/key.json` };
  const secret = { ...server.env, ...SECRET };
  const fresh = { XDG_CACHE_HOME: "/dev/null" }; // A folder in which nothing can be kept.
  const contenders = [
    { name: "an empty program", command: [...get.slice(0, -2), `${folder}/empty.ts`], env: {} },
    { name: "Google, a key file, remembered", stdin: "gcr.io", env: key },
    { name: "Google, a key file, new", stdin: "gcr.io", env: { ...key, ...fresh } },
    { name: "Azure, a secret, remembered", stdin: "contoso.azurecr.io", env: secret },
    { name: "Azure, a secret, new", stdin: "contoso.azurecr.io", env: { ...secret, ...fresh } },
  ].map((one) => ({ command: get, stdin: "", ...one, times: [] as number[], requests: 0 }));
  const asked = (): number => google.calls.length + azure.calls.length;
  for (let round = -2; round < ROUNDS; round++) {
    for (const one of contenders) {
      const before = asked();
      const start = performance.now();
      const { code, stdout } = await runProcess(one.command, {
        stdin: one.stdin,
        env: { ...home.env, ...one.env },
        cwd: folder,
      });
      if (code !== 0) throw new Error(`Cannot measure "${one.name}": ${stdout}`);
      if (round >= 0) one.times.push(performance.now() - start);
      one.requests = asked() - before;
    }
  }
  console.log(
    `\n${`login to a cloud, median of ${ROUNDS}`.padEnd(38)}${row(["ms", "ratio", "requests"])}`,
  );
  const base = median(contenders[0]?.times ?? []);
  for (const { name, times, requests } of contenders) {
    const ratio = median(times) / base;
    const isOver = name.endsWith("remembered") && ratio > TARGET;
    console.log(
      name.padEnd(38) + row([median(times).toFixed(1), ratio.toFixed(2), requests]) +
        (isOver ? `  over the target of ${TARGET}` : ""),
    );
  }
}

const withFile = (file: unknown): GoogleWorldOptions => ({
  env: CREDENTIALS,
  files: { "/cred.json": file, "/token": GOOGLE.subjectToken },
});

const GOOGLE_SOURCES: Readonly<Record<string, GoogleWorldOptions>> = {
  "a key file": withFile(KEY_FILE),
  "a login of gcloud": withFile(USER_FILE),
  "a federated token": withFile(FEDERATED_FILE),
  "the metadata server": { onGoogle: true },
  "nothing": {},
};

const AZURE_SOURCES: Readonly<Record<string, AzureWorldOptions>> = {
  "a secret": { env: SECRET },
  "a federated token": { env: { ...APPLICATION, AZURE_FEDERATED_TOKEN_FILE: "/federated" } },
  "a managed identity": { onAzure: true },
  "nothing": {},
};

/** Prints the requests of two programs, one after the other. */
async function requests(): Promise<void> {
  console.log(`\n${"requests, by source".padEnd(38)}${row(["new", "remembered"])}`);
  for (const [name, options] of Object.entries(GOOGLE_SOURCES)) {
    const world = googleWorld(options);
    const memory = sharedMemory(world.io);
    const counts = await twice(() => world.ask({ memory }), () => world.io.requests.length);
    console.log(`Google: ${name}`.padEnd(38) + row(counts));
  }
  for (const [name, options] of Object.entries(AZURE_SOURCES)) {
    const world = azureWorld(options);
    const memory = sharedMemory(world.io);
    const counts = await twice(() => world.ask({ memory }), () => world.io.requests.length);
    console.log(`Azure: ${name}`.padEnd(38) + row(counts));
  }
}

async function twice(ask: () => Promise<unknown>, count: () => number): Promise<number[]> {
  const counts: number[] = [];
  for (let program = 0; program < 2; program++) {
    const before = count();
    await ask();
    counts.push(count() - before);
  }
  return counts;
}

/** Prints how long it takes to find nothing where the addresses of clouds answer to nobody. */
async function nothing(): Promise<void> {
  console.log(`\n${"nothing, where nobody answers".padEnd(38)}${row(["first s", "again s"])}`);
  const io = memoryIo({ fetch: () => new Promise(() => {}) });
  const memory = sharedMemory(io);
  const asks = {
    Google: () => googleKeychain({ memory }).resolve({ registry: "gcr.io" }, { io }),
    Azure: () => acrKeychain({ memory }).resolve({ registry: "contoso.azurecr.io" }, { io }),
  };
  for (const [name, ask] of Object.entries(asks)) {
    const seconds: string[] = [];
    for (let program = 0; program < 2; program++) {
      const start = performance.now();
      if (await ask() !== undefined) throw new Error("There is something.");
      seconds.push(((performance.now() - start) / 1000).toFixed(3));
    }
    console.log(name.padEnd(38) + row(seconds));
  }
}

/** Prints all figures. */
export async function cloudLogins(): Promise<void> {
  await times();
  await requests();
  await nothing();
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(11)).join("");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
