/**
 * How one registry is reached: which certificates it may have, which one is shown to it, and whether
 * checks are off. It comes from the folders of containerd, Docker and podman, from regauth's own
 * file, and from flags.
 *
 * @example A registry whose authority Docker knows
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { hostSettings } from "./tls.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ files: { "/etc/containerd/certs.d/_default/hosts.toml": "skip_verify = true" } });
 * const settings = await hostSettings("reg.example", { io });
 * assertEquals(settings.skipVerify, "skip_verify in /etc/containerd/certs.d/_default/hosts.toml");
 * const strict = await hostSettings("reg.example", { io }, { verifyCerts: true });
 * assertEquals(strict.skipVerify, undefined);
 * ```
 *
 * @module
 */

import {
  certificateFiles,
  certificateRoots,
  type CertificateTool,
  hostFolders,
} from "./certs_d.ts";
import type { Secret } from "./credential.ts";
import { messageOf, RegauthError } from "./errors.ts";
import { type ClientFiles, type HostEntry, parseHostsToml } from "./hosts_toml.ts";
import { type ClientCertificate, type Context, type Io, joinPath } from "./io.ts";
import { certificatePem, certificatesIn, privateKeyIn } from "./pem.ts";
import { normalizeHost } from "./reference.ts";

/** What regauth's own file says of a registry. Files are absolute paths. */
export interface ConnectionEntry {
  /** Certificates to trust beside the usual ones. */
  readonly ca?: string;
  /** Certificate to show. */
  readonly clientCert?: string;
  /** Its key; without, the certificate's file holds it. */
  readonly clientKey?: string;
  /** Whether plain HTTP may be used. */
  readonly insecure?: boolean;
  /** Whether any certificate is accepted. */
  readonly skipVerify?: boolean;
}

/** What is said elsewhere than in the folders of container tools. */
export interface TlsOptions {
  /** The entry of regauth's own file. It outranks the folders. */
  readonly entry?: ConnectionEntry | undefined;
  /** Each value of `--registry-ca-cert-path`. */
  readonly caCertPaths?: readonly string[];
  /** `--registry-insecure`; it outranks the rest if it is given. */
  readonly insecure?: boolean | undefined;
  /** `--registry-verify-certs`; it outranks the rest if it is given. */
  readonly verifyCerts?: boolean | undefined;
}

/** How a registry is reached. */
export interface HostSettings {
  /** The registry, with its port if it has one. */
  readonly host: string;
  /** Files and flags that said something, for `explain`. */
  readonly sources: readonly string[];
  /** Whether no folder and no entry names this host: only flags for all hosts count. */
  readonly isGeneral: boolean;
  /** PEM texts of certificates to trust beside the usual ones. */
  readonly ca: readonly string[];
  /** What to show to it. */
  readonly client?: ClientCertificate | undefined;
  /** Who switched the checks of its certificate off, if somebody did. */
  readonly skipVerify?: string | undefined;
  /** Who allowed plain HTTP, if somebody did. */
  readonly plainHttp?: string;
  /** Headers for it alone. */
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  /** Path of its API; `/v2` unless a file says otherwise. */
  readonly apiPath: string;
  /** Other servers that containerd asks for its images: they never get its credential. */
  readonly mirrors: readonly HostEntry[];
}

/**
 * Finds out how a registry is reached. Of the folders the first that exists counts, whatever is in
 * it; certificates from everywhere are trusted together.
 *
 * @param host The registry, with its port if it has one.
 * @param context The outside world.
 * @param options What is said elsewhere.
 * @returns The settings.
 * @throws {RegauthError} `config-io` if a file is missing or cannot be read, `config-syntax` if a
 * `hosts.toml` is not TOML, `config-type` if a file holds something else than it should.
 */
export async function hostSettings(
  host: string,
  context: Context,
  options: TlsOptions = {},
): Promise<HostSettings> {
  const { io, trace } = context;
  const found = await findFolder(host, context);
  if (found !== undefined) trace?.(`TLS settings of ${host}: ${found.source}`);
  const { entry = {}, caCertPaths = [], insecure, verifyCerts } = options;
  const own = found?.own;
  const ca = [...own?.ca ?? [], ...entry.ca === undefined ? [] : [entry.ca], ...caCertPaths];
  const files = clientFiles(entry) ?? own?.client[0];
  if (files !== undefined && files === own?.client[0] && own.client.length > 1) {
    trace?.(
      `Of ${own.client.length} client certificates for ${host}, ${files.certificate} is shown`,
    );
  }
  const skipVerify = verifyCerts === undefined
    ? chosen(entry.skipVerify, "skipVerify in the configuration file") ??
      chosen(own?.skipVerify, `skip_verify in ${found?.source}`)
    : chosen(!verifyCerts, "--registry-verify-certs=false");
  const plainHttp = chosen(insecure, "--registry-insecure") ??
    chosen(entry.insecure, "insecure in the configuration file") ??
    chosen(own?.url?.protocol === "http:", `the URL in ${found?.source}`);
  return {
    host,
    sources: [
      ...found === undefined ? [] : [found.source],
      ...ca,
      ...files === undefined ? [] : [files.certificate],
    ],
    isGeneral: found === undefined && options.entry === undefined,
    ca: (await Promise.all(ca.map((path) => readCertificates(io, path)))).flat(),
    ...(files === undefined ? {} : { client: await readClient(io, files) }),
    ...(skipVerify ? { skipVerify } : {}),
    ...(plainHttp ? { plainHttp } : {}),
    headers: own?.headers ?? [],
    apiPath: own?.url?.pathname ?? "/v2",
    mirrors: found?.mirrors ?? [],
  };
}

/** The reason if it is so, `false` if it is not, `undefined` if nobody said. */
function chosen(value: boolean | undefined, reason: string): string | false | undefined {
  return value === undefined ? undefined : value && reason;
}

/** What the folder of a registry says of it, and where. */
interface Found {
  readonly source: string;
  readonly own: HostEntry | undefined;
  readonly mirrors: readonly HostEntry[];
}

async function findFolder(host: string, context: Context): Promise<Found | undefined> {
  const { io, trace } = context;
  for (const { path, tool } of certificateRoots(io)) {
    for (const name of hostFolders(host, tool, io.platform)) {
      const folder = joinPath(io, path, name);
      try {
        if (!(await io.stat(folder))?.isDirectory) continue;
      } catch (error) {
        // As podman does: the folder of root is no obstacle for others.
        trace?.(messageOf(error));
        continue;
      }
      return await readFolder(host, folder, tool, io);
    }
  }
  return undefined;
}

async function readFolder(
  host: string,
  folder: string,
  tool: CertificateTool,
  io: Io,
): Promise<Found> {
  const file = joinPath(io, folder, "hosts.toml");
  const text = tool === "containers" ? undefined : await io.readText(file);
  if (!text) {
    const files = certificateFiles(joinPath(io, folder, ""), await io.list(folder), tool);
    return { source: folder, own: { ...files, capabilities: [], headers: [] }, mirrors: [] };
  }
  const { hosts, server } = await parseHostsToml(text, file);
  const isOwn = ({ url }: HostEntry): boolean => url === undefined || isSameHost(url, host);
  // What stands at the top is said of `server`, which may be another one than the registry.
  const servers = [...hosts, server];
  const mirrors = servers.filter((entry) => !isOwn(entry));
  return { source: file, own: servers.find(isOwn), mirrors };
}

/** Whether a URL leads to a registry: default ports count as written, Docker Hub has many names. */
function isSameHost(url: URL, host: string): boolean {
  const other = URL.parse(`${url.protocol}//${host}`);
  return other !== null && normalizeHost(url.host) === normalizeHost(other.host);
}

function clientFiles({ clientCert, clientKey }: ConnectionEntry): ClientFiles | undefined {
  if (clientCert === undefined) return undefined;
  return { certificate: clientCert, key: clientKey ?? clientCert };
}

async function readCertificates(io: Io, path: string): Promise<readonly string[]> {
  return certificatesIn(await readFile(io, path), path).map(certificatePem);
}

async function readClient(io: Io, { certificate, key }: ClientFiles): Promise<ClientCertificate> {
  return {
    certificate: (await readCertificates(io, certificate)).join(""),
    key: privateKeyIn(await readFile(io, key), key),
  };
}

async function readFile(io: Io, path: string): Promise<string> {
  const text = await io.readText(path);
  if (text !== undefined) return text;
  throw new RegauthError("config-io", `Cannot read "${path}": there is no such file`, {
    subject: path,
    hint: "Correct the path, or put the file there.",
  });
}
