/**
 * What regauth's own file may hold, as data: the checks, the hints and the JSON Schema for editors
 * all come from these tables. A keychain with options of its own is one more line in
 * {@linkcode KEYCHAINS}; its module is not imported here, so that reading the file stays quick.
 *
 * @example What an entry for the `store` keychain takes
 * ```ts
 * import { KEYCHAINS } from "./config_schema.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Object.keys(KEYCHAINS.store?.options ?? {}), ["scope"]);
 * ```
 *
 * @module
 */

/** What one value may be, and what it is for. */
export type Rule =
  /** A text that is not empty, one of `values` if there are any. */
  | { readonly type: "string"; readonly about: string; readonly values?: readonly string[] }
  /** A whole number between two others. */
  | {
    readonly type: "number";
    readonly about: string;
    readonly least: number;
    readonly most: number;
  }
  /** Yes or no. */
  | { readonly type: "boolean"; readonly about: string }
  /** A list of some of `values`. */
  | { readonly type: "list"; readonly about: string; readonly values: readonly string[] }
  /** The entries by pattern. */
  | { readonly type: "registries"; readonly about: string };

/** Rules by key. */
export type Rules = Readonly<Record<string, Rule>>;

/** A keychain as the file knows it. */
export interface KeychainRules {
  /** Other names by which users know it. */
  readonly aliases?: readonly string[];
  /** What an entry that names it takes beside {@linkcode CONNECTION_RULES}. */
  readonly options: Rules;
}

/** The options that an entry has for its keychain, by key. */
export interface RegistryOptions {
  /** The value of one option. */
  readonly [key: string]: string | number | boolean | undefined;
}

/** The keychains that an entry may name. `config` is not one of them: it would ask itself. */
export const KEYCHAINS: Readonly<Record<string, KeychainRules>> = {
  env: { options: {} },
  docker: { options: {} },
  store: {
    options: {
      scope: {
        type: "string",
        about:
          "Takes the credential that was stored for this path of the registry, not for all of it.",
      },
    },
  },
  "docker-env": {
    options: {
      allowTld: {
        type: "boolean",
        about: "Lets the name of a top-level domain, such as KANIKO_COM_USER, count for all of it.",
      },
    },
  },
  github: {
    aliases: ["ghcr"],
    options: {
      server: {
        type: "string",
        about: "Website of the registry's GitHub, such as github.corp.example.",
      },
      username: { type: "string", about: "Login of the account; else that of GITHUB_ACTOR." },
    },
  },
  google: {
    aliases: ["gke", "gcr"],
    options: {
      source: {
        type: "string",
        about: "The only place to look for an identity.",
        values: ["adc", "metadata", "gcloud"],
      },
      credentialFile: {
        type: "string",
        about: "Credential file to use, in place of GOOGLE_APPLICATION_CREDENTIALS.",
      },
      jsonKey: {
        type: "string",
        about: "Key file of a service account that is sent as the password itself.",
      },
      serviceAccount: {
        type: "string",
        about: "Account of the metadata server; else its default.",
      },
      impersonate: { type: "string", about: "Service account as which the identity acts." },
      audience: {
        type: "string",
        about: "Provider that trusts GitHub Actions: projects/…/providers/…",
      },
      scopes: { type: "string", about: "What the token may do, separated by blanks." },
      selfSigned: {
        type: "boolean",
        about: "Lets a service account sign its token itself, without a request.",
      },
      allowExecutables: {
        type: "boolean",
        about: "Lets a credential file name a program to run.",
      },
      trustedEndpoints: {
        type: "string",
        about: "Hosts that a credential file may send secrets to, separated by blanks.",
      },
      universeDomain: { type: "string", about: "Domain of Google's services, if another." },
      hosts: {
        type: "string",
        about: "Hosts that are Google's in spite of their names, separated by blanks.",
      },
    },
  },
  ecr: {
    options: {
      profile: { type: "string", about: "AWS profile to use, whatever AWS_PROFILE says." },
      roleArn: { type: "string", about: "Role to take on with the AWS keys that are found." },
      externalId: { type: "string", about: "What the owner of the role wants to hear." },
      region: { type: "string", about: "Region of the token service that gives out the role." },
      endpoint: {
        type: "string",
        about: "URL of the ECR service, such as that of a VPC endpoint.",
      },
      duration: {
        type: "number",
        about: "Seconds for which keys of the role are good; else 3600.",
        least: 900,
        most: 43_200,
      },
    },
  },
  acr: {
    aliases: ["aks", "azure"],
    options: {
      source: {
        type: "string",
        about: "The only place to look for an identity.",
        values: ["secret", "certificate", "workload", "github", "password", "managed", "az"],
      },
      tenantId: { type: "string", about: "Tenant, in place of AZURE_TENANT_ID." },
      clientId: {
        type: "string",
        about: "Application or managed identity, in place of AZURE_CLIENT_ID.",
      },
      secretVariable: {
        type: "string",
        about:
          "Variable that holds the secret of the application, in place of AZURE_CLIENT_SECRET.",
      },
      certificate: {
        type: "string",
        about: "PEM file with the application's certificate and key.",
      },
      federatedTokenFile: {
        type: "string",
        about: "File with a token of another provider, in place of AZURE_FEDERATED_TOKEN_FILE.",
      },
      audience: { type: "string", about: "For whom tokens of GitHub Actions are." },
      objectId: { type: "string", about: "Managed identity, by its object id." },
      resourceId: { type: "string", about: "Managed identity, by its resource id." },
      subscription: { type: "string", about: "Subscription whose account az uses." },
      cloud: { type: "string", about: "Name of the cloud, in place of AZURE_ENVIRONMENT." },
      authorityHost: {
        type: "string",
        about: "Authority to trust, though it is none of Microsoft's.",
      },
      cloudConfig: {
        type: "string",
        about: "Cloud configuration of a Kubernetes node, such as /etc/kubernetes/azure.json.",
      },
      assertionAlgorithm: {
        type: "string",
        about: "How assertions are signed; AD FS wants RS256.",
        values: ["PS256", "RS256"],
      },
      allowPassword: { type: "boolean", about: "Lets AZURE_USERNAME and AZURE_PASSWORD be sent." },
      sendsSecret: {
        type: "boolean",
        about: "Sends id and secret of the application to the registry as they are.",
      },
      identityToken: {
        type: "boolean",
        about: "Answers with an identity token, for tools that want no null GUID.",
      },
      hosts: {
        type: "string",
        about: "Hosts that are registries of Azure in spite of their names, separated by blanks.",
      },
      suffix: { type: "string", about: "End of the hosts of an Azure Stack." },
    },
  },
  gitlab: { options: {} },
};

/** What every entry takes. It counts for the whole host, so the pattern must have no path. */
export const CONNECTION_RULES: Rules = {
  ca: { type: "string", about: "PEM file of certificates to trust beside the built-in ones." },
  clientCert: { type: "string", about: "PEM file of the certificate to show to the registry." },
  clientKey: { type: "string", about: "PEM file of the key of clientCert." },
  insecure: { type: "boolean", about: "Lets credentials travel over plain HTTP." },
  skipVerify: { type: "boolean", about: "Accepts any certificate." },
  realm: {
    type: "string",
    about: "Host of the token server that may be shown the credential, if it is another one.",
  },
};

/** The places in which `login` can put secrets: native helpers, or a file of regauth's own. */
export const STORES = [
  "osxkeychain",
  "secretservice",
  "pass",
  "wincred",
  "desktop",
  "file",
] as const;

/** A place in which `login` can put secrets. */
export type StoreName = typeof STORES[number];

/** Which keychain an entry names. */
export const KEYCHAIN_RULE: Rule = {
  type: "string",
  about: "The keychain that knows the credential.",
  values: namesAndAliases(),
};

/** The file as a whole. */
export const FILE_RULES: Rules = {
  $schema: { type: "string", about: "Where an editor finds the schema of this file." },
  keychains: {
    type: "list",
    about: "The keychains that are active unless a variable or flag names others.",
    values: ["config", "flags", ...namesAndAliases()],
  },
  registries: {
    type: "registries",
    about: "Host, or host and path, with * for any text between two dots: the most specific wins.",
  },
  store: { type: "string", about: "Where secrets are put.", values: STORES },
};

/**
 * The name that stands for a name or alias.
 *
 * @param name Name or alias of a keychain.
 * @returns The keychain's own name; a text that is no alias stays as it is.
 */
export function canonicalKeychain(name: string): string {
  if (Object.hasOwn(KEYCHAINS, name)) return name;
  return Object.keys(KEYCHAINS).find((key) => KEYCHAINS[key]?.aliases?.includes(name)) ?? name;
}

function namesAndAliases(): readonly string[] {
  return Object.entries(KEYCHAINS).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
}
