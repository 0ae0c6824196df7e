/**
 * The way to registries, from the shared options, the folders of container tools, and regauth's
 * own file.
 *
 * @module
 */

import { loadConfig } from "../config_file.ts";
import { hostTransports } from "../host_transport.ts";
import { type RegistryClient, registryClient } from "../registry_client.ts";
import type { Call } from "./command.ts";

/** The way to registries, until it is closed. */
export interface Network extends AsyncDisposable {
  readonly client: RegistryClient;
}

/**
 * Opens the way to registries.
 *
 * @param call The shared options and the outside world.
 * @returns A client that remembers pings and tokens until it is disposed of.
 * @throws {RegauthError} `config-…` if regauth's own file is broken.
 */
export async function openNetwork(call: Call): Promise<Network> {
  const { io, signal, trace, values, output, timeout } = call;
  const context = { io, signal, ...(trace ? { trace } : {}) };
  const config = await loadConfig(io);
  const transports = hostTransports(context, {
    entryOf: (host) => config.registrySettings(host),
    caCertPaths: values.texts("registryCaCertPath"),
    insecure: values.flag("registryInsecure") || undefined,
    verifyCerts: values.choice("registryVerifyCerts"),
    warn: (message) => output.warn(message),
  });
  const client = registryClient({
    context,
    fetchFor: (host) => transports.fetchFor(host),
    insecure: async (host) => (await transports.settingsOf(host)).plainHttp !== undefined,
    trustsRealm: (registry, realmHost) =>
      config.registrySettings(registry)?.realm === realmHost ||
      values.texts("trustRealm").includes(realmHost),
    ...(timeout === undefined ? {} : { timeout }),
  });
  return { client, [Symbol.asyncDispose]: () => transports.close() };
}
