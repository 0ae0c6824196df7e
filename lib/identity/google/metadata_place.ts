/**
 * What the environment says of the metadata server: where it is, and how to find out whether it is
 * there at all.
 *
 * @example
 * ```ts
 * import { detectionMode, metadataBase } from "./metadata_place.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ env: { GCE_METADATA_HOST: "127.0.0.1:8080" } });
 * assertEquals(metadataBase(io).href, "http://127.0.0.1:8080/");
 * assertEquals(detectionMode(io), "assume-present");
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Context, Io } from "../../io.ts";

const ADDRESS = "169.254.169.254";

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

/** How it is found out whether there is a metadata server. */
export type DetectionMode = "assume-present" | "none" | "bios-only" | "ping-only";

const MODES: readonly DetectionMode[] = ["assume-present", "none", "bios-only", "ping-only"];

/**
 * How it is found out whether there is a metadata server.
 *
 * @param io The outside world.
 * @returns What the environment says.
 * @throws {RegauthError} `invalid-environment`
 */
export function detectionMode(io: Io): DetectionMode {
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

function wrong(name: string, why: string, hint: string): RegauthError {
  return new RegauthError("invalid-environment", `Cannot use ${name}: ${why}`, {
    subject: name,
    hint,
  });
}
