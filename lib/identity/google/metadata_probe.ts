/**
 * Whether this machine has a metadata server of Google: by the environment, else by asking once,
 * within two seconds.
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context, Io } from "../../io.ts";
import { ask } from "../ask.ts";
import { detectionMode, metadataBase } from "./metadata_place.ts";

const TIMEOUT = 2;
/** Where firmware says who made the machine. */
const PRODUCT_FILE = "/sys/class/dmi/id/product_name";

/**
 * Finds out whether there is a metadata server.
 *
 * @param context The outside world.
 * @returns Whether there is one.
 * @throws {RegauthError} `invalid-environment`
 */
export async function isPresent(context: Context): Promise<boolean> {
  switch (detectionMode(context.io)) {
    case "none":
      return false;
    case "assume-present":
      return true;
    case "ping-only":
      return await probe(context);
    case "bios-only": {
      const isGoogle = await isGoogleMachine(context.io);
      if (!isGoogle) {
        context.trace?.("metadata server: not asked, as the firmware is not Google's");
      }
      return isGoogle;
    }
  }
}

async function probe(context: Context): Promise<boolean> {
  const { io, trace } = context;
  const seconds = clamp(Number(io.env("GCE_METADATA_TIMEOUT") || TIMEOUT));
  const question = {
    url: metadataBase(io),
    headers: { "metadata-flavor": "Google" },
    direct: true,
    timeout: seconds * 1000,
  };
  try {
    const { headers } = await ask({ ...context, trace: () => {} }, () => question, {
      delays: await retries(io),
    });
    if (headers.get("metadata-flavor") === "Google") return true;
    trace?.("metadata server: something else answers at its address");
  } catch (error) {
    if (!(error instanceof RegauthError) || error.code !== "network") throw error;
    trace?.(`metadata server: no answer in ${seconds} s`);
  }
  return false;
}

/** A machine that Google made has a metadata server: it may only be slow. */
async function retries(io: Io): Promise<readonly number[]> {
  const attempts = Number(io.env("GCE_METADATA_DETECT_RETRIES"));
  const more = attempts >= 1 && attempts <= 10 ? attempts - 1 : await isGoogleMachine(io) ? 1 : 0;
  return Array.from({ length: more }, () => 0);
}

function clamp(seconds: number): number {
  return seconds >= 1 && seconds <= 30 ? seconds : TIMEOUT;
}

async function isGoogleMachine(io: Io): Promise<boolean> {
  const product = await io.readText(PRODUCT_FILE).catch(() => undefined);
  return /^Google(?: Compute Engine)?\s*$/.test(product ?? "");
}
