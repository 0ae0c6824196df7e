/**
 * An outside world in memory with Azure in it.
 *
 * @module
 */

import type { Credential } from "../../lib/credential.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../../lib/memory_io.ts";
import { acrKeychain, type AcrKeychainOptions } from "../../lib/registries/acr_keychain.ts";
import { AZURE, type FakeAzure, fakeAzure, type FakeAzureOptions } from "./azure.ts";

/** What is there. */
export interface AzureWorldOptions
  extends Omit<MemoryIoOptions, "fetch">, Omit<FakeAzureOptions, "now"> {
  /** Whether there is a metadata service at the usual address. */
  readonly onAzure?: boolean;
}

/** The world, and what happened in it. */
export interface AzureWorld {
  readonly io: MemoryIo;
  readonly azure: FakeAzure;
  readonly trace: readonly string[];
  /** Asks a keychain of its own. */
  ask(options?: AcrKeychainOptions, host?: string): Promise<Credential | undefined>;
}

/** Variables of an application, without its proof. */
export const APPLICATION = {
  AZURE_TENANT_ID: AZURE.tenant,
  AZURE_CLIENT_ID: AZURE.client,
} as const;

/**
 * Makes a world. The file `/federated` holds the token of the provider.
 *
 * @param options What is there.
 * @returns The world.
 */
export function azureWorld(options: AzureWorldOptions = {}): AzureWorld {
  const {
    replies,
    certificate,
    algorithm,
    onlyArm,
    onAzure = false,
    env = {},
    files = {},
    ...rest
  } = options;
  const trace: string[] = [];
  const now = options.now ?? new Date("2026-01-01T00:00:00Z");
  let clock = (): Date => now;
  const azure = fakeAzure({
    now: () => clock(),
    ...(replies ? { replies } : {}),
    ...(certificate ? { certificate } : {}),
    ...(algorithm ? { algorithm } : {}),
    ...(onlyArm ? { onlyArm } : {}),
  });
  const io = memoryIo({
    ...rest,
    env: { HOME: "/home/me", PATH: "/bin", ...env },
    files: { "/federated": `${azure.federated}\n`, ...files },
    fetch: (request) => {
      if (new URL(request.url).hostname === "169.254.169.254" && !onAzure) {
        throw new TypeError("fetch failed", { cause: new Error("network is unreachable") });
      }
      return azure.answer(request);
    },
  });
  clock = io.now;
  return {
    io,
    azure,
    trace,
    ask: async (options = {}, host = "contoso.azurecr.io") =>
      await acrKeychain(options)
        .resolve({ registry: host }, { io, trace: (message) => void trace.push(message) }),
  };
}
