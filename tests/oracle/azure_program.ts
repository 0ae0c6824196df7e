/**
 * Asks Microsoft's own library for a token in the situations that the arguments name, and prints what
 * it found as JSON. It is a program of its own because it sets variables and files, and because the
 * library remembers the tokens of managed identities for as long as it is loaded.
 *
 * @module
 */

import crypto from "node:crypto";
import { AZURE } from "../fakes/azure.ts";
import { application } from "./azure_application.ts";
import { SCENARIOS } from "./azure_scenarios.ts";
import { asFiles, withVariables } from "./world.ts";

interface Credential {
  getToken(scope: string): Promise<{ readonly token: string } | null>;
}

type CredentialClass = new (options: object) => Credential;

/** What is used of `@azure/identity`; it is loaded only where npm can be reached. */
interface Library {
  readonly EnvironmentCredential: CredentialClass;
  readonly WorkloadIdentityCredential: CredentialClass;
  readonly ManagedIdentityCredential: CredentialClass;
  readonly AzureCliCredential: CredentialClass;
}

/** A request as the library's pipeline has it. */
interface PipelineRequest {
  readonly url: string;
  readonly method: string;
  readonly body?: string;
  readonly headers: { toJSON(): Record<string, string> };
}

const SPECIFIER: string = "@azure/identity";
const READ_KEY = crypto.createPrivateKey;
// Node finds a key between certificates; Deno wants it alone.
crypto.createPrivateKey = (input) => {
  const text = typeof input === "object" && "key" in input ? input.key : input;
  const key = /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/.exec(String(text))?.[0];
  return READ_KEY(key ?? input);
};

const library: Library = await import(SPECIFIER);
const CLASSES = {
  environment: library.EnvironmentCredential,
  workload: library.WorkloadIdentityCredential,
  managed: library.ManagedIdentityCredential,
  az: library.AzureCliCredential,
} as const;
const { azure, fill } = await application(() => new Date());
let calls: string[] = [];

for (const scenario of SCENARIOS.filter(({ name }) => Deno.args.includes(name))) {
  const { name, by, env = {}, files = {}, id = {}, authority, resource } = scenario;
  await using folder = await asFiles(fill(files));
  const variables = folder.fill({ ...env, ...(by === "az" ? { PATH: "DIR:/bin:/usr/bin" } : {}) });
  const ask = async (): Promise<{ token?: string | null; error?: string }> => {
    calls = [];
    try {
      const credential = new CLASSES[by]({
        ...id,
        ...(authority ? { authorityHost: authority } : {}),
        disableInstanceDiscovery: true,
        retryOptions: { maxRetries: 0 },
        httpClient: { sendRequest },
      });
      const answer = await credential.getToken(`${resource ?? AZURE.acr}/.default`);
      return { token: answer?.token ?? null };
    } catch (error) {
      return { error: String(error) };
    }
  };
  let result = await withVariables(variables, ask);
  // On a busy machine the library now and then fails where it should not: it is asked once more.
  for (let again = 0; again < 2 && !scenario.fails && result.token === undefined; again++) {
    result = await withVariables(variables, ask);
  }
  // deno-lint-ignore no-console -- that is how the test hears it
  console.log(JSON.stringify({ name, calls, ...result }));
}
// The library keeps timers.
Deno.exit(0);

/** The network of the library's pipeline. */
async function sendRequest(request: PipelineRequest): Promise<object> {
  const { url, method, body, headers } = request;
  const { host, pathname } = new URL(url);
  if (!pathname.endsWith("/openid-configuration")) calls.push(`${method} ${host}${pathname}`);
  const response = await azure.answer(
    new Request(url, { method, headers: headers.toJSON(), ...(body ? { body } : {}) }),
  );
  const fields = new Map(response.headers);
  return {
    request,
    status: response.status,
    bodyAsText: await response.text(),
    headers: {
      get: (name: string) => fields.get(name.toLowerCase()),
      has: (name: string) => fields.has(name.toLowerCase()),
      toJSON: () => Object.fromEntries(fields),
      [Symbol.iterator]: () => fields[Symbol.iterator](),
    },
  };
}
