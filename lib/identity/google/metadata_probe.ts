/**
 * Whether this machine has a metadata server of Google: by the environment, else by asking once,
 * within two seconds.
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context, Io } from "../../io.ts";
import { ask } from "../ask.ts";

const ADDRESS = "169.254.169.254";
const TIMEOUT = 2;
/** Where firmware says who made the machine. */
const PRODUCT_FILE = "/sys/class/dmi/id/product_name";

/**
 * Where the metadata server is.
 *
 * @param io The outside world.
 * @returns The URL of its root.
 * @throws {RegauthError} `invalid-environment` if a variable holds more than host and port.
 */
export function metadataBase(io: Io): URL {
  const [name, host] = named(io) ?? ["", ADDRESS];
  const url = URL.parse(`http://${host}/`);
  // Nothing but host and port: neither user info nor path, query or fragment.
  if (url !== null && /^[\w.:[\]-]+$/.test(host) && !host.endsWith(":")) return url;
  throw wrong(name, "it is not a host with or without a port", "Write it as HOST or HOST:PORT.");
}

/**
 * Whether the environment says that there is none.
 *
 * @param context The outside world.
 * @returns Whether nobody need be asked.
 * @throws {RegauthError} `invalid-environment`
 */
export function isRuledOut({ io, trace }: Context): boolean {
  if (detectionMode(io) !== "none") return false;
  trace?.("metadata server: not asked, as the environment says");
  return true;
}

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

type Mode = "assume-present" | "none" | "bios-only" | "ping-only";

const MODES: readonly Mode[] = ["assume-present", "none", "bios-only", "ping-only"];

function detectionMode(io: Io): Mode {
  if (io.env("NO_GCE_CHECK")?.toLowerCase() === "true") return "none";
  const variable = "METADATA_SERVER_DETECTION";
  const text = io.env(variable)?.trim().toLowerCase();
  const mode = MODES.find((mode) => mode === text);
  if (text && mode === undefined) {
    throw wrong(variable, "it is not a known mode", `Write one of ${MODES.join(", ")}.`);
  }
  if (mode) return mode;
  return named(io) ? "assume-present" : "ping-only";
}

/** The variables of the libraries: Go, Node.js and Python each have their own. */
function named(io: Io): readonly [name: string, value: string] | undefined {
  return (["GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT"] as const)
    .map((name) => [name, io.env(name) ?? ""] as const)
    .find(([_, value]) => value !== "");
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
      delays: await isGoogleMachine(io) ? [0] : [],
    });
    if (headers.get("metadata-flavor") === "Google") return true;
    trace?.("metadata server: something else answers at its address");
  } catch (error) {
    if (!(error instanceof RegauthError) || error.code !== "network") throw error;
    trace?.(`metadata server: no answer in ${seconds} s`);
  }
  return false;
}

function clamp(seconds: number): number {
  return seconds >= 1 && seconds <= 30 ? seconds : TIMEOUT;
}

async function isGoogleMachine(io: Io): Promise<boolean> {
  const product = await io.readText(PRODUCT_FILE).catch(() => undefined);
  return /^Google(?: Compute Engine)?\s*$/.test(product ?? "");
}

function wrong(name: string, why: string, hint: string): RegauthError {
  return new RegauthError("invalid-environment", `Cannot use ${name}: ${why}`, {
    subject: name,
    hint,
  });
}
