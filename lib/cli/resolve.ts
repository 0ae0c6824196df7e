/**
 * `regauth resolve`: the credential for images and hosts.
 *
 * @module
 */

import { basicAuthorization, credentialKind, encodeBasic } from "../credential.ts";
import { RegauthError } from "../errors.ts";
import { credentialKey } from "../reference.ts";
import { openResolver, type Resolved } from "../resolve.ts";
import type { Call, CommandSpec } from "./command.ts";
import { describeExpiry } from "./describe.ts";
import { Exit } from "./exit.ts";
import { cleanText } from "./style.ts";

type Format = (found: Resolved, index: number | undefined) => string | undefined;

const FORMATS: Readonly<Record<string, Format>> = {
  header: headerOf,
  basic: basicOf,
  env: variablesOf,
  docker: () => undefined,
};

export const resolveCommand: CommandSpec = {
  description: "Secrets are hidden unless --json or --format asks for them.",
  arguments: "<image...:string>",
  options: [{
    flags: "--format <format:string>",
    description: "For machines, with secrets: header, basic, env or docker.",
  }],
  examples: [
    ["One image", "regauth resolve ghcr.io/acme/app:v1"],
    ["A request with the credential", 'curl -H "$(regauth resolve HOST/IMAGE --format header)" …'],
    ["A config for a pod", "regauth resolve HOST --format docker > config.json"],
  ],
  async run(call) {
    const format = call.values.text("format");
    if (format !== undefined && !Object.hasOwn(FORMATS, format)) {
      throw new RegauthError("usage", `Cannot use format "${format}": there is none of that name`, {
        subject: "--format",
        hint: `Name one of ${Object.keys(FORMATS).join(", ")}.`,
      });
    }
    if (call.output.json && format !== undefined && format !== "docker") {
      throw new RegauthError("usage", `Cannot print "${format}" as JSON`, {
        subject: "--format",
        hint: "Leave out --json or --format.",
      });
    }
    const { io, signal, trace } = call;
    const resolver = await openResolver({
      ...call.keychains,
      io,
      signal,
      ...(trace ? { trace } : {}),
    });
    const all: Resolved[] = [];
    for (const image of call.args) all.push(await resolver.resolve(image));
    show(call, all, format);
    const unknown = all.filter(({ kind }) => kind === "none");
    if (!call.output.json) { for (const { target } of unknown) explainNone(call, target); }
    return unknown.length > 0 ? Exit.noCredential : Exit.done;
  },
};

function show({ output, io }: Call, all: readonly Resolved[], format: string | undefined): void {
  if (format === "docker") return output.result(JSON.stringify(dockerConfigOf(all), null, "\t"));
  for (const [index, found] of all.entries()) {
    if (output.json) {
      output.document(documentOf(found));
    } else if (format !== undefined) {
      const text = FORMATS[format]?.(found, all.length > 1 ? index : undefined);
      if (text) output.result(text);
    } else if (found.credential) {
      const { bold, dim } = output.style;
      const { credential, keychain } = found;
      if (index > 0) output.result("");
      output.result(bold(cleanText(found.target)));
      const rows: [string, string | undefined][] = [
        ["kind", found.kind],
        ["user", credential.username],
        ["password", credential.password && "[redacted]"],
        ["identity token", credential.identityToken && "[redacted]"],
        ["registry token", credential.registryToken && "[redacted]"],
        ["expires", credential.expiresAt && describeExpiry(credential.expiresAt, io.now())],
        ["from", `${keychain}${credential.detail ? `, ${credential.detail}` : ""}`],
      ];
      for (const [name, value] of rows) {
        if (value !== undefined) output.result(`  ${dim(name.padEnd(14))}  ${cleanText(value)}`);
      }
    }
  }
}

function explainNone({ output }: Call, target: string): void {
  output.warn(`no credential for ${target}`);
  output.note(`  See why: regauth explain ${target}`);
}

/** The machine-readable form; its field names are a contract. */
function documentOf(
  { target, registry, repository, kind, credential, keychain }: Resolved,
): unknown {
  return {
    target,
    registry,
    repository: repository ?? "",
    kind,
    username: credential?.username ?? "",
    password: credential?.password?.reveal() ?? "",
    identityToken: credential?.identityToken?.reveal() ?? "",
    registryToken: credential?.registryToken?.reveal() ?? "",
    keychain: keychain ?? "",
    detail: credential?.detail ?? "",
    expiresAt: credential?.expiresAt?.toISOString() ?? null,
  };
}

/** `user:password`; a token on its own has no such form. */
function basicOf({ target, credential }: Resolved): string | undefined {
  const kind = credentialKind(credential);
  if (kind === "identityToken" || kind === "registryToken") {
    throw new RegauthError(
      "invalid-credential",
      `Cannot write "${target}" as user:password: its credential is a token`,
      { subject: target, hint: "Use --format header or --json." },
    );
  }
  const { username, password } = credential ?? {};
  return kind === "basic" ? `${username ?? ""}:${password?.reveal() ?? ""}` : undefined;
}

function headerOf({ target, credential }: Resolved): string | undefined {
  if (!credential) return undefined;
  if (credential.registryToken) return `Authorization: Bearer ${credential.registryToken.reveal()}`;
  if (credential.identityToken) {
    throw new RegauthError(
      "invalid-credential",
      `Cannot make a header for "${target}": an identity token must be exchanged first`,
      { subject: target, hint: `Use regauth token ${target}.` },
    );
  }
  const basic = basicAuthorization(credential);
  return basic && `Authorization: ${basic}`;
}

function variablesOf(
  { registry, repository, credential }: Resolved,
  index?: number,
): string | undefined {
  if (!credential) return undefined;
  const suffix = index === undefined ? "" : `_${index}`;
  const fields: [string, string | undefined][] = [
    ["HOSTNAME", repository === undefined ? registry : `${registry}/${repository}`],
    ["USERNAME", credential.username],
    ["PASSWORD", credential.password?.reveal()],
    ["IDENTITY_TOKEN", credential.identityToken?.reveal()],
    ["REGISTRY_TOKEN", credential.registryToken?.reveal()],
  ];
  return fields
    .filter((field): field is [string, string] => field[1] !== undefined)
    .map(([name, value]) => `export REGAUTH_REGISTRY_${name}${suffix}=${quote(value)}`)
    .join("\n");
}

/** A word that every POSIX shell reads back as it is. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function dockerConfigOf(all: readonly Resolved[]): unknown {
  const auths = new Map<string, unknown>();
  for (const { target, registry, credential } of all) {
    const kind = credentialKind(credential);
    if (!credential || kind === "none" || kind === "anonymous") continue;
    const { username, password, identityToken, registryToken } = credential;
    const entry = {
      ...(username && password ? { auth: encodeBasic(username, password) } : {}),
      ...(identityToken ? { identitytoken: identityToken.reveal() } : {}),
      ...(registryToken ? { registrytoken: registryToken.reveal() } : {}),
    };
    const key = credentialKey(registry);
    const other = auths.get(key);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(entry)) {
      throw new RegauthError(
        "usage",
        `Cannot write one config for "${target}" and others: ${registry} has several credentials`,
        { subject: target, hint: "Write one config for each of them." },
      );
    }
    auths.set(key, entry);
  }
  return { auths: Object.fromEntries(auths) };
}
