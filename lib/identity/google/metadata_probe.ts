/**
 * Whether this machine has a metadata server of Google: by the environment, else by asking once,
 * within two seconds. That there is none is remembered for a minute, because Docker asks a helper
 * once for every host that is set up.
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context, Io } from "../../io.ts";
import { ask } from "../ask.ts";
import type { Memory } from "../memory.ts";

const ADDRESS = "169.254.169.254";
const TIMEOUT = 2;
const REMEMBERED = 60_000;
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

/** How to find out. */
export interface ProbeOptions {
  /** Only look at the environment and at what is remembered. */
  readonly askNobody?: boolean;
}

/**
 * Finds out whether there is a metadata server.
 *
 * @param context The outside world.
 * @param memory Remembers that there is none.
 * @param options Whether the network may be asked.
 * @returns Whether there is one; `undefined` if nobody was asked and it may be.
 * @throws {RegauthError} `invalid-environment`
 */
export async function isPresent(
  context: Context,
  memory: Memory,
  options: ProbeOptions = {},
): Promise<boolean | undefined> {
  const { io, trace } = context;
  const mode = detectionMode(io);
  if (mode === "none") {
    trace?.("metadata server: not asked, as the environment says");
    return false;
  }
  if (mode === "assume-present") return true;
  const key = `google-metadata-absent ${metadataBase(io).host}`;
  if (await memory.get(key)) {
    trace?.("metadata server: there was none less than a minute ago");
    return false;
  }
  if (mode === "bios-only") {
    const isGoogle = await isGoogleMachine(io);
    if (!isGoogle) trace?.("metadata server: not asked, as the firmware is not Google's");
    return isGoogle;
  }
  if (options.askNobody) return undefined;
  if (await probe(context)) return true;
  await memory.put(key, "absent", new Date(io.now().getTime() + REMEMBERED));
  return false;
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
