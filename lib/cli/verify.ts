/**
 * Tries a credential before it is saved.
 *
 * @module
 */

import type { Credential } from "../credential.ts";
import { isLoopbackHost } from "../reference.ts";
import { verifyLogin } from "../registry.ts";
import type { Call } from "./command.ts";
import { openNetwork } from "./network.ts";

/**
 * Shows a credential to its registry.
 *
 * @param call The shared options and the outside world.
 * @param host Registry host.
 * @param credential What to show.
 * @returns Whether the registry accepted it; `false` if it did not ask for any.
 * @throws {RegauthError} `refused` if it was not accepted, `network` if nobody could be asked.
 */
export async function verify(call: Call, host: string, credential: Credential): Promise<boolean> {
  await using network = await openNetwork(call);
  const { verified, origin } = await verifyLogin(network.client, host, credential);
  if (origin.startsWith("http:") && !isLoopbackHost(host)) {
    call.output.warn(`${origin} does not encrypt what is sent`);
  }
  return verified;
}
