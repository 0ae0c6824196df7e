/**
 * The way of the wizard to Azure's registries that leaves tokens to regauth itself: with the identity
 * that this machine has, or one just for the registry.
 *
 * @example
 * ```ts
 * import { acrWay } from "./acr_way.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const host = "contoso.azurecr.io";
 * const texts = { "azure-identity": "az", "tenant-id": "contoso.com" };
 * assertEquals(acrWay(() => "Rights.").outcome({ host, access: "pull", texts }), {
 *   kind: "keychain",
 *   pattern: host,
 *   settings: { keychain: "acr", source: "az", tenantId: "contoso.com" },
 *   hosts: [host],
 * });
 * ```
 *
 * @module
 */

import { cleanAnswer } from "./answer_check.ts";
import type { Facts } from "./facts.ts";
import { regauthWay } from "./helper_way.ts";
import type { Access, Answers, Question, Suggestion, Verdict, Way } from "./recipe.ts";
import { fromEnvironment } from "./recipe_parts.ts";

const ANY = "any";
const CONFIG = "cloud-config";
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Variables that suggest answers, or say which identity this machine has. */
export const ACR_VARIABLES: readonly string[] = [
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_SECRET",
  "AZURE_FEDERATED_TOKEN_FILE",
  "AZURE_TENANT_ID",
  "IMGPKG_REGISTRY_AZURE_CR_CONFIG",
];

/** The sources whose identity is an application. */
const APPLICATIONS: readonly string[] = ["secret", "certificate", "workload"];

const identity: Question = {
  id: "azure-identity",
  message: "Which Azure identity",
  help: "Where regauth finds out who you are; any looks everywhere, as Azure's libraries do.",
  kind: "choice",
  choices: () => [
    { value: ANY, from: "whatever this machine has" },
    { value: "az", from: "the account of az login" },
    { value: "managed", from: "the managed identity of this machine or function" },
    { value: "workload", from: "a federated token in a file, as in AKS" },
    { value: "secret", from: "an application with a secret in a variable" },
    { value: "certificate", from: "an application with a certificate" },
    { value: CONFIG, from: "the azure.json of a Kubernetes node" },
  ],
  suggest: (facts) => {
    const found = DETECTED.find(([variable]) => facts.env[variable] !== undefined);
    return found
      ? { value: found[1], from: `from ${found[0]}` }
      : { value: ANY, from: "the default" };
  },
};

/** What variables say of the identity, in the order in which the sources are asked. */
const DETECTED: readonly (readonly [variable: string, source: string])[] = [
  ["IMGPKG_REGISTRY_AZURE_CR_CONFIG", CONFIG],
  ["AZURE_CLIENT_SECRET", "secret"],
  ["AZURE_CLIENT_CERTIFICATE_PATH", "certificate"],
  ["AZURE_FEDERATED_TOKEN_FILE", "workload"],
];

const tenant = question("tenant-id", [...APPLICATIONS, "az"], {
  message: "Tenant",
  help: "Id or domain of the tenant; for az it may be left out.",
  variable: "AZURE_TENANT_ID",
  check: (text, answers) => {
    if (text === "" && sourceOf(answers) === "az") return {};
    if (/^(?:common|organizations|consumers)$/i.test(text)) {
      return { error: "This stands for many tenants. Name the one of the application." };
    }
    return GUID.test(text) || /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text)
      ? {}
      : { error: "A tenant is a GUID or a domain, such as contoso.onmicrosoft.com." };
  },
});

const client = question("client-id", [...APPLICATIONS, "managed"], {
  message: "Client id",
  help: "Id of the application; of a managed identity only if the machine has several.",
  variable: "AZURE_CLIENT_ID",
  check: (text, answers) =>
    GUID.test(text) || (text === "" && sourceOf(answers) === "managed")
      ? {}
      : { error: "The id has the form of a GUID." },
});

const secretVariable = question("secret-variable", ["secret"], {
  message: "Variable with the secret",
  help: "Name of the variable that will hold the secret whenever a token is needed.",
  suggest: () => ({ value: "AZURE_CLIENT_SECRET", from: "the default" }),
  check: (text) =>
    GUID.test(text) || !/^[A-Za-z_]\w*$/.test(text)
      ? { error: "Give the name of a variable, not the secret." }
      : {},
});

/** Which file an identity is in: the variable that names it, and the option of the keychain. */
const FILES: Readonly<Record<string, { readonly variable: string; readonly option: string }>> = {
  certificate: { variable: "AZURE_CLIENT_CERTIFICATE_PATH", option: "certificate" },
  workload: { variable: "AZURE_FEDERATED_TOKEN_FILE", option: "federatedTokenFile" },
  [CONFIG]: { variable: "IMGPKG_REGISTRY_AZURE_CR_CONFIG", option: "cloudConfig" },
};

const file = question("identity-file", Object.keys(FILES), {
  message: "File of the identity",
  help:
    "Absolute path: a PEM file with certificate and key, the file with the federated token, or " +
    "the azure.json of the node.",
  suggest: (facts, answers) => {
    const variable = fileOf(answers)?.variable;
    return variable === undefined ? undefined : fromEnvironment(facts, variable);
  },
  check: (text) => {
    if (/\.(?:pfx|p12)$/i.test(text)) {
      return { error: `Convert it first: openssl pkcs12 -in "${text}" -nodes -out NEW.pem` };
    }
    return text === "" || text.startsWith("~")
      ? { error: 'Give the whole path of the file; "~" is not expanded.' }
      : {};
  },
});

/** Options of the keychain, by the questions that ask for them. */
const SETTINGS: Readonly<Record<string, string>> = {
  "tenant-id": "tenantId",
  "client-id": "clientId",
  "secret-variable": "secretVariable",
};

/**
 * The way.
 *
 * @param rights The minimum rights.
 * @returns The way, which is called `regauth`.
 */
export function acrWay(rights: (access: Access) => string): Way {
  return regauthWay({
    meaning: "Makes tokens of 3 hours with the identity that this machine has, or another one.",
    questions: [identity, tenant, client, secretVariable, file],
    page: ({ access }) => ({
      rights: rights(access),
      remark: "Nothing to create: regauth finds applications, federated tokens, managed " +
        "identities and az. What an administrator has to allow is printed by: regauth policy acr.",
    }),
    outcome: (answers) => {
      const { host, texts } = answers;
      const source = sourceOf(answers);
      const option = fileOf(answers)?.option;
      const path = texts["identity-file"];
      const asked = Object.entries(SETTINGS).flatMap(([id, name]) => {
        const text = texts[id];
        return text ? [[name, text]] : [];
      });
      return {
        kind: "keychain",
        pattern: host,
        settings: {
          keychain: "acr",
          ...source === ANY || source === CONFIG ? {} : { source },
          ...Object.fromEntries(asked),
          ...option !== undefined && path ? { [option]: path } : {},
        },
        hosts: [host],
      };
    },
  });
}

interface Part {
  readonly message: string;
  readonly help: string;
  /** Variable that holds a suggestion. */
  readonly variable?: string;
  suggest?(facts: Facts, answers: Answers): Suggestion | undefined;
  check(text: string, answers: Answers): Verdict;
}

/** A question that is asked for some identities. */
function question(id: string, sources: readonly string[], part: Part): Question {
  const { variable, suggest, ...rest } = part;
  return {
    id,
    kind: "text",
    clean: cleanAnswer,
    suggest: suggest ??
      ((facts) => variable === undefined ? undefined : fromEnvironment(facts, variable)),
    when: (answers) => sources.includes(sourceOf(answers)),
    ...rest,
  };
}

function sourceOf({ texts }: Answers): string {
  return texts["azure-identity"] ?? ANY;
}

function fileOf(answers: Answers): (typeof FILES)[string] | undefined {
  const source = sourceOf(answers);
  return Object.hasOwn(FILES, source) ? FILES[source] : undefined;
}
