/**
 * What Microsoft Entra says when it gives no token. Its texts change; its numbers do not.
 *
 * @module
 */

import type { Secret } from "../../credential.ts";
import { type ErrorCode, RegauthError } from "../../errors.ts";
import { type JsonObject, parseObject } from "../../json_object.ts";
import type { Answer } from "../ask.ts";
import { masked } from "../mask.ts";

/** Whose token it is, for messages. */
export interface EntraSubject {
  /** Such as `application 1111… in tenant contoso.com`. */
  readonly name: string;
  /** Host of the authority. */
  readonly host: string;
  /** What it was sent, and may repeat. */
  readonly secrets?: readonly Secret[];
  /** What a federated token says of itself; none of it is secret. */
  readonly claims?: string;
}

interface Known {
  readonly numbers: readonly number[];
  readonly code: ErrorCode;
  readonly hint: string;
}

/** Source: Microsoft Entra authentication error codes. */
const KNOWN: readonly Known[] = [
  {
    numbers: [7000215],
    code: "azure-bad-secret",
    hint: "Copy the secret's value; its id is often taken for it.",
  },
  {
    numbers: [7000222],
    code: "azure-secret-expired",
    hint: "Make a new secret for the application.",
  },
  {
    numbers: [700016],
    code: "azure-app-not-found",
    hint: "Check the client id, and that the application is in this tenant.",
  },
  { numbers: [90002, 900023], code: "azure-bad-tenant", hint: "Check the tenant id." },
  {
    numbers: [700027],
    code: "azure-cert-rejected",
    hint: "Register this certificate with the application.",
  },
  {
    numbers: [700024],
    code: "azure-assertion-time",
    hint: "Set the clock; in CI the token lives for minutes, so log in later in the job.",
  },
  {
    numbers: [70021, 700211, 700212, 700213],
    code: "azure-federation-mismatch",
    hint: "Make issuer, subject and audience of the federated credential those of the token.",
  },
  {
    numbers: [500011, 50001, 65001],
    code: "azure-resource-unknown",
    hint: "Ask an administrator to allow tokens for Azure Container Registry in this tenant.",
  },
  {
    numbers: [50076, 50079, 50158],
    code: "azure-mfa",
    hint: "Log in interactively: az login.",
  },
];

/**
 * The error of an answer without token.
 *
 * @param answer The answer.
 * @param subject Whose token it is.
 * @returns The error to throw: `azure-…`, `refused` or `network`.
 */
export function entraError(answer: Answer, subject: EntraSubject): RegauthError {
  const { status } = answer;
  const body = parseObject(answer.body) ?? {};
  const { error, error_codes: numbers } = body;
  if (status < 200 || (status >= 300 && status < 400)) {
    return fault("network", subject, `it sends us elsewhere (${status})`, NOT_MICROSOFT);
  }
  if (typeof error !== "string") {
    if (status >= 500 || status === 429) {
      return fault("network", subject, `it has trouble (${status})`, "Try again later.");
    }
    const why = status < 300 ? "it answered but gave no token" : `it refused (${status})`;
    return fault(status < 300 ? "network" : "refused", subject, why, NOT_MICROSOFT);
  }
  const number = Array.isArray(numbers) && typeof numbers[0] === "number" ? numbers[0] : undefined;
  const known = KNOWN.find(({ numbers }) => number !== undefined && numbers.includes(number));
  const said = saying(body, number, subject);
  if (known?.code === "azure-federation-mismatch" && subject.claims) {
    return fault(known.code, subject, `${said}; the token says ${subject.claims}`, known.hint);
  }
  const code = known?.code ?? (status === 429 || status >= 500 ? "network" : "refused");
  return fault(
    code,
    subject,
    said,
    known?.hint ?? "Look the number up in Microsoft's error reference.",
  );
}

const NOT_MICROSOFT = "A proxy or login page may stand in between.";

/** The first line, and what Microsoft's support asks for. */
function saying(
  { error, error_description: text, trace_id: trace, correlation_id: correlation }: JsonObject,
  number: number | undefined,
  { secrets }: EntraSubject,
): string {
  const line = typeof text === "string" ? text.split(/\r?\n| Trace ID: /, 1)[0] ?? "" : "";
  const what = line === "" ? `${error}${number === undefined ? "" : ` AADSTS${number}`}` : line;
  const ids = [["trace", trace], ["correlation", correlation]]
    .flatMap(([name, id]) => typeof id === "string" ? [`${name} ${id}`] : []);
  return masked(what, secrets) + (ids.length === 0 ? "" : ` (${masked(ids.join(", "))})`);
}

function fault(
  code: ErrorCode,
  { name, host }: EntraSubject,
  why: string,
  hint: string,
): RegauthError {
  return new RegauthError(code, `Cannot get a token for ${name}: ${host}: ${why}`, {
    subject: host,
    hint,
  });
}
