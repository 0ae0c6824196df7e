/**
 * The table of everything that can go wrong between us and a registry: what to say, and what to do
 * next.
 *
 * @example The sentence for a name that is not known
 * ```ts
 * import { DIAGNOSES } from "./diagnosis_table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const facts = { host: "registry.exmaple.com", step: "ping" } as const;
 * assertEquals(DIAGNOSES["D-01"].say(facts), "No server is known under registry.exmaple.com.");
 * ```
 *
 * @module
 */

import type { ErrorCode } from "./errors.ts";
import type { NetworkFailure } from "./network_failure.ts";

/** What was being done. */
export type Step = "ping" | "token" | "login" | "pull" | "push" | "delete";

/** The facts of a failure. None of them holds a secret. */
export interface DiagnosisFacts {
  /** The registry, as the user knows it, or the server that could not be reached. */
  readonly host: string;
  /** What was being done. */
  readonly step: Step;
  /** Repository, without host. */
  readonly repository?: string;
  /** Account name. */
  readonly user?: string;
  /** Host of the token server. */
  readonly realm?: string;
  /** Whether the user may allow that host. */
  readonly canTrust?: boolean;
  /** HTTP status. */
  readonly status?: number;
  /** Error code in the server's answer. */
  readonly serverCode?: string;
  /** Sentence in the server's answer. */
  readonly serverMessage?: string;
  /** Why there was no answer. */
  readonly failure?: NetworkFailure;
  /** What exactly was wrong. */
  readonly detail?: string;
  /** Port that did not answer. */
  readonly port?: string;
  /** The proxy in between, without its credentials. */
  readonly proxy?: string;
  /** The place that the server sends us to. */
  readonly other?: string;
  /** When to try again. */
  readonly when?: string;
  /** By how many minutes this clock is behind the server's; negative if it is ahead. */
  readonly clockMinutes?: number;
}

/** Name of a row. */
export type DiagnosisId =
  | "D-01"
  | "D-02"
  | "D-03"
  | "D-04"
  | "D-05"
  | "D-06"
  | "D-07"
  | "D-08"
  | "D-09"
  | "D-10"
  | "D-11"
  | "D-12"
  | "D-13"
  | "D-14"
  | "D-15"
  | "D-16"
  | "D-17"
  | "D-18"
  | "D-19"
  | "D-20"
  | "D-21"
  | "D-22"
  | "D-23"
  | "D-24"
  | "D-25"
  | "D-26"
  | "D-27"
  | "D-28"
  | "D-29"
  | "D-30"
  | "D-31"
  | "D-32"
  | "D-33"
  | "D-34"
  | "D-35"
  | "D-36"
  | "D-37"
  | "D-38"
  | "D-39"
  | "D-99";

/** A row: the error code, what is wrong, and what to do next. */
export interface DiagnosisRow {
  /** Error code, which also tells the exit code of the program. */
  readonly code: ErrorCode;
  /** What is wrong, as a sentence. */
  readonly say: (facts: DiagnosisFacts) => string;
  /** What to do next, as a sentence. */
  readonly fix: (facts: DiagnosisFacts) => string;
}

/** All diagnoses. */
export const DIAGNOSES: Readonly<Record<DiagnosisId, DiagnosisRow>> = {
  "D-01": {
    code: "network",
    say: (f) =>
      `No server is known under ${f.host}` +
      `${f.proxy ? `, or under the name of the proxy ${f.proxy}` : ""}.`,
    fix: () => "Check the spelling, and the VPN if the name is an internal one.",
  },
  "D-02": {
    code: "network",
    say: (f) =>
      `${f.host.replace(/:\d+$/, "")} did not answer on port ${f.port}` +
      `${f.proxy ? ` by way of the proxy ${f.proxy}` : ""}${f.detail ? ` (${f.detail})` : ""}.`,
    fix: (f) =>
      "Check the port, the firewall, the proxy and the VPN." +
      (f.failure?.kind === "reset" ? " It may want a client certificate." : ""),
  },
  "D-03": {
    code: "network",
    say: (f) => `${f.host} speaks plain http. Passwords would travel unprotected.`,
    fix: () =>
      "Ask its operator for TLS; if you accept the risk, allow it with --registry-insecure.",
  },
  "D-04": {
    code: "network",
    say: (f) => `${f.host} wants https on this port.`,
    fix: () =>
      "Use https. If it hangs up then, it may want a client certificate, or another version of TLS.",
  },
  "D-05": {
    code: "network",
    say: (f) => `${f.host} shows a certificate that nobody we trust has signed.`,
    fix: () =>
      "Give the file of its certificate authority (--registry-ca-cert-path), or set " +
      "DENO_TLS_CA_STORE=system if this machine already trusts it.",
  },
  "D-06": {
    code: "network",
    say: (f) => `The certificate of ${f.host} ${certificateFault(f)}.`,
    fix: () => "Tell the operator of the server; check this computer's clock.",
  },
  "D-07": {
    code: "network",
    say: (f) =>
      `${f.host} refuses access but does not say how to log in` +
      `${f.detail ? ` (offers: ${f.detail})` : ""}.`,
    fix: () =>
      "A reverse proxy may remove the WWW-Authenticate header; Kerberos and NTLM are not supported.",
  },
  "D-08": {
    code: "network",
    say: (f) => `${f.host} sent a login hint that we cannot read (${f.detail}).`,
    fix: () => "Report it to the operator of the registry.",
  },
  "D-09": {
    code: "network",
    say: (f) => `${f.host} does not name its token server.`,
    fix: () => "The operator must set the realm in the configuration of the registry.",
  },
  "D-10": {
    code: "refused",
    say: (f) =>
      f.detail === undefined
        ? `${f.host} wants your password sent to ${f.realm}. That host is not on the list for ` +
          `${f.host}.`
        : `${f.host} names the token server ${f.realm}, which cannot be used: ${f.detail}.`,
    fix: (f) =>
      f.canTrust
        ? `If ${f.realm} belongs to ${f.host}, allow it with --trust-realm ${f.realm}.`
        : "Report it to the operator of the registry.",
  },
  "D-11": {
    code: "network",
    say: (f) => `${f.realm} answered but gave no token${f.detail ? `: ${f.detail}` : ""}.`,
    fix: () => "A login page or single sign-on may stand in between, or the address is wrong.",
  },
  "D-12": {
    code: "refused",
    say: (f) => `The stored login token is no longer accepted by ${f.host}.`,
    fix: () => "Log in again, with a password or access token.",
  },
  "D-13": {
    code: "refused",
    say: (f) =>
      `The ready-made bearer token for ${f.host} is refused; such tokens often live minutes.`,
    fix: () => "Get a new one, or log in with a user name and password.",
  },
  "D-14": {
    code: "refused",
    say: (f) => `${f.host} does not accept this user name and password or token.`,
    fix: () =>
      "Check that the token is not expired or revoked, that the user name is no e-mail address, " +
      "and that an account with two factors uses an access token.",
  },
  "D-15": {
    code: "refused",
    say: (f) =>
      `${f.host} recognised the request but refuses it; GHCR and GitLab say this for expired or ` +
      "revoked tokens.",
    fix: () => "Make a new token, check its scopes, and authorise it for single sign-on.",
  },
  "D-16": {
    code: "network",
    say: (f) =>
      `The proxy${f.proxy ? ` ${f.proxy}` : ""} ` +
      (f.status === 407 || f.failure?.kind === "proxy-auth"
        ? "wants its own login."
        : `refuses ${f.host}.`),
    fix: () => "Put user and password into the proxy's URL, or name the registry in NO_PROXY.",
  },
  "D-17": {
    code: "no-credential",
    say: (f) => `Not logged in, and ${imageOf(f)} is not public.`,
    fix: (f) => `Log in: regauth login ${f.host}`,
  },
  "D-18": {
    code: "refused",
    say: (f) => `The saved login for ${f.host} is bad; without it this image can be pulled.`,
    fix: (f) => `Remove it (regauth logout ${f.host}) or renew it.`,
  },
  "D-19": {
    code: "refused",
    say: (f) =>
      `${imageOf(f)} does not exist, or ${
        f.user === undefined ? "you may" : `"${f.user}" may`
      } not know that it exists.`,
    fix: () => "Check the spelling, create it, or ask for access.",
  },
  "D-20": {
    code: "refused",
    say: (f) => `${userOf(f)} may log in but may not pull ${imageOf(f)}.`,
    fix: () => "Ask for a role, or make a token with a scope, that allows to pull.",
  },
  "D-21": {
    code: "refused",
    say: (f) => `${userOf(f)} may pull but not push ${imageOf(f)}.`,
    fix: () => "Ask for a role, or make a token with a scope, that allows to push.",
  },
  "D-22": {
    code: "refused",
    say: (f) =>
      `${userOf(f)} may log in but may not ${f.step === "push" ? "push" : "pull"} ${imageOf(f)}.`,
    fix: () => "Ask for a role in this project (Harbor: Members, or the robot's permissions).",
  },
  "D-23": {
    code: "invalid-reference",
    say: (f) => `Repository names must be lower case: ${f.repository}`,
    fix: (f) => `Use ${f.repository?.toLowerCase()}`,
  },
  "D-24": {
    code: "refused",
    say: (f) => `The repository ${imageOf(f)} must be created first.`,
    fix: () => "Create it in the registry's console; this registry does not do so on push.",
  },
  "D-25": {
    code: "refused",
    say: (f) => `${imageOf(f)} is read-only (a cache of another registry).`,
    fix: () => "Push to another repository.",
  },
  "D-26": {
    code: "network",
    say: (f) => `${f.host} limits the number of requests; try again ${f.when ?? "later"}.`,
    fix: () => "Log in: most registries allow more requests then.",
  },
  "D-27": {
    code: "network",
    say: (f) => `${f.host} has trouble (${f.status}).`,
    fix: () => "Look at its status page, and try again later.",
  },
  "D-28": {
    code: "network",
    say: (f) => `${f.host} blocks this machine before any login.`,
    fix: () => "Check its list of allowed addresses, the VPN, and blocked regions.",
  },
  "D-29": {
    code: "network",
    say: (f) =>
      `${f.host} is a web server but no container registry (or it lives under another host or port).`,
    fix: () =>
      "GitLab has a port or name of its own for the registry; Nexus and Artifactory have one for " +
      "each repository.",
  },
  "D-30": {
    code: "network",
    say: (f) => `${f.host} sends us to ${f.other}${f.detail ? `: ${f.detail}` : ""}.`,
    fix: (f) => f.detail ? "Report it to the operator of the registry." : "Use that host.",
  },
  "D-31": {
    code: "refused",
    say: (f) => `${f.host} lets everybody in, so the login could not be tested.`,
    fix: () => "Test it with an image: regauth check IMAGE",
  },
  "D-32": {
    code: "refused",
    say: (f) => `Two saved logins match ${imageOf(f)}: ${f.detail}.`,
    fix: () => "Remove one of them.",
  },
  "D-33": {
    code: "network",
    say: (f) =>
      `This computer's clock is ${Math.abs(f.clockMinutes ?? 0)} minutes ` +
      `${(f.clockMinutes ?? 0) < 0 ? "ahead" : "behind"}.`,
    fix: () => "Set the clock.",
  },
  "D-34": {
    code: "refused",
    say: () => "The session token expired during the upload.",
    fix: () => "Repeat the push; GitLab can be told to make tokens that live longer.",
  },
  "D-35": {
    code: "refused",
    say: (f) => `${f.repository?.split("/")[0] ?? f.host} is over its storage quota.`,
    fix: () => "Free some space, or ask for more.",
  },
  "D-36": {
    code: "refused",
    say: (f) =>
      `The token must be authorised for single sign-on of ${
        f.repository?.split("/")[0] ?? "the organisation"
      }.`,
    fix: () => "Authorise it where it was made, in the settings of your account.",
  },
  "D-37": {
    code: "invalid-credential",
    say: (f) => f.detail ?? "The credential cannot be sent.",
    fix: (f) => `Log in again: regauth login ${f.host}`,
  },
  "D-38": {
    code: "refused",
    say: (f) => `${f.host} does not accept the token that ${f.realm} gave for it.`,
    fix: () =>
      "Tell its operator: issuer, audience, signing key or clock of the two do not fit together.",
  },
  "D-39": {
    code: "network",
    say: (f) => `${f.host} wants a client certificate, or another one than it was shown.`,
    fix: () =>
      "Put certificate and key where Docker or containerd look for them (certs.d), or name them in " +
      "regauth's own file (clientCert, clientKey).",
  },
  "D-99": {
    code: "network",
    say: (f) =>
      `${f.host} answered in an unexpected way (${
        [f.status, f.detail ?? f.serverMessage].filter((part) => part !== undefined).join(": ")
      }).`,
    fix: () => "Repeat with --verbose, and report it if it stays.",
  },
};

function userOf({ user }: DiagnosisFacts): string {
  return user === undefined ? "This login" : `"${user}"`;
}

function imageOf({ host, repository }: DiagnosisFacts): string {
  return repository === undefined ? host : `${host}/${repository}`;
}

function certificateFault({ failure }: DiagnosisFacts): string {
  const day = failure?.date?.toISOString().slice(0, 10);
  switch (failure?.kind) {
    case "expired":
      return `expired${day ? ` on ${day}` : ""}`;
    case "not-yet-valid":
      return `is not valid before ${day ?? "some day to come"}`;
    default:
      return `is for ${failure?.names ?? "other names"}`;
  }
}
