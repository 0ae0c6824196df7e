/**
 * The folders in which container tools keep the certificates of registries: containerd's,
 * Docker's and that of the containers tools (podman, buildah, skopeo).
 *
 * @example What Docker's folder for a registry holds
 * ```ts
 * import { certificateFiles, hostFolders } from "./certs_d.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hostFolders("reg.example:5000", "containers", "linux"), ["reg.example:5000"]);
 * const folder = "/etc/docker/certs.d/reg.example:5000/";
 * assertEquals(certificateFiles(folder, ["ca.crt", "me.cert", "me.key"], "docker"), {
 *   ca: [`${folder}ca.crt`],
 *   client: [{ certificate: `${folder}me.cert`, key: `${folder}me.key` }],
 * });
 * ```
 *
 * @module
 */

import { RegauthError } from "./errors.ts";
import type { HostEntry } from "./hosts_toml.ts";
import { homeOf, type Io, joinPath, type Platform } from "./io.ts";
import { HUB_HOST, normalizeHost } from "./reference.ts";

/** Whose folder it is. */
export type CertificateTool = "containerd" | "docker" | "containers";

/** A folder with a folder for each registry. */
export interface CertificateRoot {
  /** Its path. */
  readonly path: string;
  /** Whose it is. */
  readonly tool: CertificateTool;
}

/**
 * The folders of this machine, whether they exist or not: containerd's, then Docker's, then that of
 * the containers tools, of each the user's own (rootless) before that of the system (rootful).
 *
 * @param io The outside world.
 * @returns The folders, in the order in which they are searched.
 */
export function certificateRoots(io: Io): readonly CertificateRoot[] {
  const home = homeOf(io);
  const settings = io.env("XDG_CONFIG_HOME") || (home && joinPath(io, home, ".config"));
  const windows = io.platform === "windows";
  const system: Record<CertificateTool, string | undefined> = windows
    ? { containerd: io.env("ProgramFiles"), docker: io.env("ProgramData"), containers: undefined }
    : { containerd: "/etc", docker: "/etc", containers: "/etc" };
  const tools: readonly CertificateTool[] = ["containerd", "docker", "containers"];
  return tools.flatMap((tool) => {
    const paths = [
      settings && joinPath(io, settings, tool, "certs.d"),
      // Docker Desktop's.
      tool === "docker" && home && joinPath(io, home, ".docker", "certs.d"),
      system[tool] && joinPath(io, system[tool], tool, "certs.d"),
    ];
    return paths.flatMap((path) => path ? [{ path, tool }] : []);
  });
}

/**
 * The names that a registry's folder may have.
 *
 * @param host The registry, with its port if it has one.
 * @param tool Whose folder it is in; nerdctl looks for containerd's names in Docker's folder too.
 * @param platform Operating system: Windows has no colons in file names.
 * @returns The names, in the order in which they are tried.
 */
export function hostFolders(
  host: string,
  tool: CertificateTool,
  platform: Platform,
): readonly string[] {
  const name = normalizeHost(host) === HUB_HOST ? "docker.io" : host;
  if (tool === "containers") return [name];
  // nerdctl also looks without the port that https implies (nerdctl#3047); a URL has lost it.
  const names = name.endsWith(":443")
    ? [name, name.slice(0, -4)]
    : /:\d+$/.test(name)
    ? [name]
    : [name, `${name}:443`];
  const folders = names.flatMap((name) => [
    // containerd takes what follows the last colon for a port, in an IPv6 address too.
    name.replace(/(?<=.):([^:]*)$/, "_$1_"),
    platform === "windows" ? name.replaceAll(":", "") : name,
  ]);
  return [...new Set([...folders, "_default"])];
}

/**
 * Sorts the files of a registry's folder: `*.crt` is trusted, `*.cert` is shown, `*.key` is the key
 * of the certificate of the same name.
 *
 * @param folder Path of the folder, with a separator at the end.
 * @param names Names of the files in it.
 * @param tool Whose folder it is in: containerd takes a certificate without key for a file with
 * both, and ignores a key without certificate.
 * @returns The paths.
 * @throws {RegauthError} `config-type` if a certificate or key lacks its partner.
 */
export function certificateFiles(
  folder: string,
  names: readonly string[],
  tool: CertificateTool,
): Pick<HostEntry, "ca" | "client"> {
  const ending = (end: string): readonly string[] =>
    names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length));
  const [certificates, keys] = [ending(".cert"), ending(".key")];
  const lone = tool === "containerd" ? undefined : [
    ...certificates.filter((name) => !keys.includes(name)).map((name) => [".cert", name, ".key"]),
    ...keys.filter((name) => !certificates.includes(name)).map((name) => [".key", name, ".cert"]),
  ][0];
  if (lone !== undefined) {
    const [end, name, other] = lone;
    const path = `${folder}${name}${end}`;
    throw new RegauthError("config-type", `Cannot use "${path}": there is no ${name}${other}`, {
      subject: path,
      hint: "Add the other file. A certificate to trust must end in .crt.",
    });
  }
  return {
    ca: ending(".crt").map((name) => `${folder}${name}.crt`),
    client: certificates.map((name) => ({
      certificate: `${folder}${name}.cert`,
      key: `${folder}${name}${keys.includes(name) ? ".key" : ".cert"}`,
    })),
  };
}
