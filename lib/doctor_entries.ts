/**
 * Traps in the entries of the files of Docker and Podman: secrets that do not work, and keys that
 * mean something else than one thinks.
 *
 * @module
 */

import { parseAcrHost } from "./acr_host.ts";
import type { Credential } from "./credential.ts";
import { helperOf } from "./docker_config.ts";
import { hostOfKey, isKeyOfHost } from "./docker_keys.ts";
import { setCredHelper } from "./docker_config_write.ts";
import type { ExaminedFile } from "./doctor_files.ts";
import { parseEcrHost } from "./ecr_host.ts";
import { editFile } from "./edit_file.ts";
import { type Finding, shellWord } from "./finding.ts";
import { parseGoogleHost } from "./google_host.ts";
import type { Context, Platform } from "./io.ts";
import { setMember } from "./json_edit.ts";
import { isJsonObject } from "./json_object.ts";
import { parseJson, valueOf } from "./json_tree.ts";
import { printable } from "./printable.ts";
import { HUB_HOST, HUB_KEY, normalizeHost } from "./reference.ts";
import { secretExpiry } from "./secret_expiry.ts";
import { shortPath } from "./short_path.ts";
import { readPayload } from "./token_claims.ts";

/** Seconds by which clocks may differ. */
const SKEW = 300;

const SET_CLOCK: Readonly<Record<Platform, string>> = {
  linux: "timedatectl set-ntp true",
  darwin: "sudo sntp -sS time.apple.com",
  windows: "w32tm /resync",
};

/** The keychain that takes the place of a helper, by the helper's name. */
const KEYCHAIN_OF: Readonly<Record<string, string>> = {
  "ecr-login": "ecr",
  "gcloud": "google",
  "gcr": "google",
  "acr-env": "acr",
};

/**
 * Looks at secrets: those that have expired, are not what was meant, or lie open.
 *
 * @param context The outside world.
 * @param file A file.
 * @returns What is wrong.
 */
export function examineSecrets(
  { io }: Context,
  { path, config, credentials }: ExaminedFile,
): readonly Finding[] {
  const findings = [...credentials].flatMap(([key, credential]): Finding[] => {
    const subject = printable(key);
    const host = normalizeHost(hostOfKey(key));
    const command = `regauth login${host === HUB_HOST ? "" : ` ${shellWord(host)}`}`;
    const expiresAt = expiryOf(credential);
    const found: Finding[] = [];
    if (expiresAt && expiresAt <= io.now()) {
      const renew = isCloud(host) ? `regauth helper install ${shellWord(host)}` : command;
      const message = `The secret of "${subject}" in ${path} has expired`;
      found.push({ name: "expired", severity: "error", subject, message, command: renew });
    }
    if (issuedLater(credential, io.now())) {
      const message = `A token of "${subject}" was made later than now: the clock is behind`;
      const set = SET_CLOCK[io.platform];
      found.push({ name: "clock", severity: "error", subject, message, command: set });
    }
    const password = credential.password?.reveal() ?? "";
    if (password !== password.trim()) {
      const message = `The password of "${subject}" in ${path} begins or ends with a blank or a ` +
        "line end, which no registry expects";
      found.push({ name: "odd-password", severity: "warning", subject, message, command });
    }
    return found;
  });
  if (credentials.size === 0) return findings;
  const count = credentials.size === 1 ? "A secret" : `${credentials.size} secrets`;
  const hasStore = config.credsStore !== "";
  const [key = ""] = credentials.keys();
  return [...findings, {
    name: "plain-text",
    severity: "note",
    subject: path,
    message:
      `${count} in "${path}" can be read by every program that you run; what is stored with ` +
      "a helper cannot. Log in again once there is one",
    command: hasStore
      ? `regauth login ${shellWord(normalizeHost(hostOfKey(key)))}`
      : "regauth helper install --all",
  }];
}

/**
 * Looks at the keys of Docker's config: those that Docker never looks for, and those that it takes
 * for more than they say.
 *
 * @param context The outside world.
 * @param file Docker's config.
 * @returns What is wrong.
 */
export function examineKeys({ io }: Context, file: ExaminedFile): readonly Finding[] {
  const { path, config: { auths, credHelpers, credsStore } } = file;
  const keys = [...new Set([...Object.keys(auths), ...Object.keys(credHelpers)])];
  const findings = keys.flatMap((key): Finding[] => {
    const subject = printable(key);
    const host = hostOfKey(key);
    const place = { severity: "warning", subject } as const;
    if (key.includes("*")) {
      const suffix = Object.hasOwn(credHelpers, key) ? helperOf(file.config, key) : "";
      const keychain = Object.hasOwn(KEYCHAIN_OF, suffix) ? KEYCHAIN_OF[suffix] : "store";
      return [{
        ...place,
        name: "glob-key",
        message:
          `Docker takes "${subject}" of ${path} for a name and never looks for it; regauth ` +
          "knows patterns, as the helper of all registries",
        command: `regauth config set ${shellWord(key)} keychain=${keychain}`,
      }];
    }
    if (key.includes("://") || normalizeHost(key) === HUB_HOST) return [];
    if (host === normalizeHost(host) && !host.endsWith(":443")) return [];
    const asked = normalizeHost(host).replace(/:443$/, "");
    return [{
      ...place,
      name: "dead-key",
      message:
        `Docker looks for "${asked}" and never for "${subject}" of ${path}, unless the image ` +
        "is written so",
      command: `regauth login ${shellWord(asked)}`,
    }];
  });
  const leaks = credsStore === "" ? leakingHosts(keys) : [];
  return [
    ...findings,
    ...hubKeys(file),
    ...leaks.filter((host) => !Object.hasOwn(credHelpers, host)).map((host): Finding => ({
      name: "path-leak",
      severity: "warning",
      subject: host,
      message:
        `Docker shows the credential of a path on "${host}" to all of it, and one of several ` +
        `at random; ${shortPath(io, path)} has none for the host itself`,
      command: `regauth helper install ${shellWord(host)}`,
    })),
  ];
}

/** Hosts of which only paths have entries. */
function leakingHosts(keys: readonly string[]): readonly string[] {
  const hosts = keys.filter((key) => !key.includes("://") && !key.includes("*"))
    .map((key) => normalizeHost(key));
  return [...new Set(hosts)].filter((host) => !keys.some((key) => isKeyOfHost(key, host)));
}

/** Docker knows Docker Hub by one key only (docker/cli `cli/command/registry.go`). */
function hubKeys({ path, config: { auths, credHelpers } }: ExaminedFile): readonly Finding[] {
  const wrong = (fields: object): string | undefined =>
    Object.hasOwn(fields, HUB_KEY)
      ? undefined
      : Object.keys(fields).find((key) => isKeyOfHost(key, HUB_HOST));
  const [auth, helper] = [wrong(auths), wrong(credHelpers)];
  const finding = (key: string): Omit<Finding, "fix"> => ({
    name: "hub-key",
    severity: "warning",
    subject: printable(key),
    message: `Docker looks for Docker Hub under "${HUB_KEY}" and never under "${printable(key)}"`,
    command: "regauth doctor --fix",
  });
  return [
    ...(auth === undefined ? [] : [{
      ...finding(auth),
      // The other one stays: Podman may look for it.
      fix: async (io: Context["io"]) =>
        void await editFile(io, path, (text = "") => {
          const root = valueOf(parseJson(text.replace(/^\uFEFF/, ""), path));
          const field = isJsonObject(root)
            ? Object.keys(root).findLast((name) => name.toLowerCase() === "auths")
            : undefined;
          const entries = isJsonObject(root) && field ? root[field] : undefined;
          const entry = isJsonObject(entries) ? entries[auth] : undefined;
          return field && entry !== undefined ? setMember(text, [field, HUB_KEY], entry) : text;
        }),
    }]),
    ...(helper === undefined ? [] : [{
      ...finding(helper),
      fix: async (io: Context["io"]) =>
        void await setCredHelper(io, path, HUB_KEY, String(credHelpers[helper])),
    }]),
  ];
}

function expiryOf({ identityToken, registryToken, password }: Credential): Date | undefined {
  const secret = registryToken ?? identityToken ?? password;
  return secret && secretExpiry(secret);
}

function issuedLater({ identityToken, registryToken, password }: Credential, now: Date): boolean {
  return [identityToken, registryToken, password].some((secret) => {
    const { iat } = (secret && readPayload(secret.reveal())) ?? {};
    return typeof iat === "number" && iat * 1000 > now.getTime() + SKEW * 1000;
  });
}

function isCloud(host: string): boolean {
  return [parseEcrHost(host), parseGoogleHost(host), parseAcrHost(host)].some(Boolean);
}
