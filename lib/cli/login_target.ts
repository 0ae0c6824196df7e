/**
 * What `login` and `logout` are about: a registry, and in Podman's files also a path on one.
 *
 * @module
 */

import type { DockerStoreOptions } from "../docker_store.ts";
import { RegauthError } from "../errors.ts";
import { HUB_HOST, parseHost, parseReference } from "../reference.ts";
import { expandPath } from "../short_path.ts";
import type { Call } from "./command.ts";
import { cleanText } from "./style.ts";

/** A registry, and where its credential is kept. */
export interface LoginTarget {
  readonly host: string;
  /** The host, with the path if there is one. */
  readonly name: string;
  readonly place: DockerStoreOptions;
}

/**
 * Reads the argument; without one it is Docker Hub. A path is dropped, as Docker does it, and the
 * user is told, but Podman's files know credentials of a path.
 *
 * @param call Argument and options.
 * @returns The registry.
 * @throws {RegauthError} `invalid-reference`, or `usage` if there is a tag or digest.
 */
export function loginTarget({ args: [text], io, output, keychains }: Call): LoginTarget {
  const { configDir, authFile } = keychains;
  const place = {
    ...(configDir === undefined ? {} : { configDir }),
    ...(authFile === undefined ? {} : { authFile: expandPath(io, authFile) }),
  };
  if (text === undefined) return { host: HUB_HOST, name: HUB_HOST, place };
  const path = /^(?:https?:\/\/)?[^/]+\/(.+)$/i.exec(text)?.[1]?.replace(/^v[12]\/?$/, "");
  const host = parseHost(text);
  if (!path) return { host, name: host, place };
  if (authFile === undefined) {
    output.warn(`a credential is for a whole host: ${host}, without /${cleanText(path, 200)}`);
    return { host, name: host, place };
  }
  if (/[@:]/.test(path)) {
    throw new RegauthError(
      "usage",
      `Cannot use "${cleanText(text, 200)}": it has a tag or digest`,
      {
        hint: "A credential is for a host, or for a path on it such as reg.example/team.",
      },
    );
  }
  const scope = path.replace(/\/$/, "");
  parseReference(`${host}/${scope}`);
  return { host, name: `${host}/${scope}`, place: { ...place, scope } };
}
