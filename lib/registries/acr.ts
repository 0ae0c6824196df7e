/**
 * Azure Container Registry, in all clouds of Azure.
 *
 * @example The admin user has the name of the registry
 * ```ts
 * import { acr } from "./acr.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const way = acr.ways.find(({ id }) => id === "admin");
 * const question = way?.questions.find(({ id }) => id === "username");
 * const facts = {
 *   env: {},
 *   programs: new Set<string>(),
 *   gitHosts: [],
 *   awsProfiles: [],
 *   saved: [],
 * };
 * const answers = { host: "contoso.azurecr.io", access: "push", texts: {} } as const;
 * assertEquals(question?.suggest?.(facts, answers)?.value, "contoso");
 * ```
 *
 * @module
 */

import { ACR_SUFFIXES, type AcrSuffix, isAcrDataEndpoint, parseAcrHost } from "../acr_host.ts";
import { ACR_VARIABLES, acrWay } from "../acr_way.ts";
import { checkUsername, cleanAnswer } from "../answer_check.ts";
import { helperWay } from "../helper_way.ts";
import { savedHosts } from "../host_suggestions.ts";
import type {
  Access,
  Answers,
  Guide,
  NextStep,
  Question,
  Recipe,
  Suggestion,
  TokenPage,
  Verdict,
  Way,
} from "../recipe.ts";
import {
  fromEnvironment,
  fromSaved,
  loginOutcome,
  repositoryQuestion,
  tokenQuestion,
  usernameQuestion,
} from "../recipe_parts.ts";
import { checkSecret } from "../secret_check.ts";
import { readPayload } from "../token_claims.ts";

const PAGES = {
  acrEnv: "https://github.com/chrismellard/docker-credential-acr-env",
  acrLogin: "https://github.com/cmeister2/docker-credential-acr-login",
  az: "https://aka.ms/azure-cli",
} as const;

const PORTALS: Readonly<Record<AcrSuffix, string>> = {
  "azurecr.io": "https://portal.azure.com",
  "azurecr.us": "https://portal.azure.us",
  "azurecr.cn": "https://portal.azure.cn",
  "azurecr.de": "https://portal.azure.com",
};

const CLOUDS: readonly Suggestion[] = [
  { value: "azurecr.io", from: "Azure" },
  { value: "azurecr.us", from: "Azure US Government" },
  { value: "azurecr.cn", from: "Azure China" },
];

/** The user name that says: the password is a token of Entra (Azure/acr `docs/AAD-OAuth.md`). */
const TOKEN_USER = "00000000-0000-0000-0000-000000000000";

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The registry of images from Microsoft, which is open to everybody. */
const MICROSOFT = "mcr.microsoft.com";

const registryName: Question = {
  id: "registry-name",
  message: "Name of the registry",
  help: "As the Azure portal lists it: 5 to 50 letters and digits.",
  kind: "text",
  clean: (text) => cleanAnswer(text).replace(/^https:\/\//i, "").replace(/\..*$/, "").toLowerCase(),
  check: (text) =>
    parseAcrHost(`${text}.azurecr.io`) === undefined
      ? { error: "The name of a registry is letters and digits only." }
      : checkLength(text),
};

const cloud: Question = {
  id: "cloud",
  message: "Which Azure",
  help: "The end of the registry's host: azurecr.io unless it is in a cloud of its own.",
  kind: "choice",
  choices: () => CLOUDS,
  suggest: ({ env }) => {
    const name = env.AZURE_ENVIRONMENT?.toUpperCase() ?? "";
    const index = name.startsWith("AZUREUSGOV") ? 1 : name.startsWith("AZURECHINA") ? 2 : 0;
    const found = CLOUDS[index];
    return found && index > 0 ? { value: found.value, from: "from AZURE_ENVIRONMENT" } : found;
  },
  check: (text) =>
    ACR_SUFFIXES.some((suffix) => suffix === text)
      ? {}
      : { error: "Choose one of azurecr.io, azurecr.us and azurecr.cn." },
};

const regauth = acrWay(roleFor);

const acrEnv = helperWay({
  helper: "acr-env",
  meaning: "Makes tokens of 3 hours as the AZURE_ variables say, or as the machine's own identity.",
  install: PAGES.acrEnv,
  page: rolePage("Nothing to create: the identity that runs docker needs the role."),
});

const acrLogin = helperWay({
  helper: "acr-login",
  meaning: "Makes tokens of 3 hours with the login of az, or as the AZURE_ variables say.",
  install: PAGES.acrLogin,
  page: rolePage("Nothing to create, but it usually wants the variable AZURE_TENANT_ID."),
});

const repositoryToken: Way = {
  id: "token",
  title: "Token of the registry",
  meaning: "For machines: it may do only what you list, in the repositories that you list.",
  questions: [
    usernameQuestion({
      message: "Name of the token",
      help: "The name that the token was given, such as ci-pull.",
      suggest: (facts, { host }) => {
        const saved = fromSaved(facts, host);
        return saved && !GUID.test(saved.value) ? saved : undefined;
      },
      check: (text) =>
        GUID.test(text)
          ? { warning: "This looks like the id of an application, not like the name of a token." }
          : checkUsername(text),
    }),
    tokenQuestion({
      message: "Password of the token",
      help: "password1 or password2; they are shown once, when they are generated.",
    }),
  ],
  page: ({ host, access, repository = "REPO" }) => ({
    url: portalOf(host),
    rights: access === "push"
      ? "content/read and content/write on the repository."
      : "content/read on the repository.",
    remark: "In the portal: Tokens, under Repository permissions. " +
      `Or run: az acr token create --registry ${nameOf(host)} --name TOKEN --repository ` +
      `${repository} content/read${access === "push" ? " content/write" : ""}.`,
  }),
  outcome: loginOutcome,
  expires: "on the day that was set for the password, if one was",
};

const servicePrincipal: Way = {
  id: "service-principal",
  title: "Service principal",
  meaning: "For machines: an account of Microsoft Entra with a role on the registry and a secret.",
  questions: [
    usernameQuestion({
      message: "Application (client) id",
      help: "The id of the application, such as AZURE_CLIENT_ID; not that of its object.",
      suggest: (facts, { host }) => {
        const saved = fromSaved(facts, host);
        const isId = saved && GUID.test(saved.value) && saved.value !== TOKEN_USER;
        return fromEnvironment(facts, "AZURE_CLIENT_ID") ?? (isId ? saved : undefined);
      },
      check: (text) =>
        text === "" || GUID.test(text)
          ? checkUsername(text)
          : { warning: "The id of an application usually has the form of a GUID." },
    }),
    tokenQuestion({
      message: "Client secret",
      help: "The value of the secret, which is shown once; not its id.",
      suggest: (facts) => fromEnvironment(facts, "AZURE_CLIENT_SECRET"),
      check: (text) =>
        GUID.test(text)
          ? { warning: "This looks like the id of the secret. Its value is wanted." }
          : checkSecret(text),
    }),
  ],
  page: (answers) => ({
    url: portalOf(answers.host),
    rights: roleFor(answers.access),
    remark: `Run: az ad sp create-for-rbac --name APP --role ${role(answers.access)} --scopes ` +
      "REGISTRY_ID. It prints appId and password. " +
      `The id comes from: az acr show --name ${nameOf(answers.host)} --query id --output tsv.`,
  }),
  outcome: loginOutcome,
  expires: "when the secret does, usually after a year",
};

const azToken: Way = {
  id: "az",
  title: "Token of the az command line",
  meaning: "For a try: your own login of az makes a token that works for 3 hours.",
  questions: [
    tokenQuestion({
      message: "Token",
      help: "The output of az acr login with --expose-token, which is very long.",
      check: checkToken,
    }),
  ],
  page: ({ host, access }) => ({
    rights: roleFor(access),
    remark: `Run: az acr login --name ${nameOf(host)} --expose-token --query accessToken ` +
      `--output tsv. The user name is ${TOKEN_USER}. The command comes with ${PAGES.az}.`,
  }),
  outcome: (answers) => loginOutcome(answers, TOKEN_USER),
  expires: "after 3 hours",
};

const admin: Way = {
  id: "admin",
  title: "Admin user",
  meaning: "For tests only: one account for everybody that may do everything, off by default.",
  questions: [
    usernameQuestion({
      help: "The name of the registry.",
      suggest: (_, { host }) => ({ value: nameOf(host), from: "the name of the registry" }),
      check: (text, { host }) =>
        text === "" || text === nameOf(host)
          ? checkUsername(text)
          : { warning: `The admin user is usually named like the registry: ${nameOf(host)}.` },
    }),
    tokenQuestion({
      message: "Password",
      help: "One of the two passwords on the page Access keys.",
    }),
  ],
  page: ({ host }) => ({
    url: portalOf(host),
    rights: "It has all rights, which cannot be limited.",
    remark: "In the portal: Access keys, under Settings. " +
      `Or run: az acr update --name ${nameOf(host)} --admin-enabled true, ` +
      `then: az acr credential show --name ${nameOf(host)}.`,
  }),
  outcome: loginOutcome,
};

const guide: Guide = {
  about: "A registry of Azure takes logins of Microsoft Entra, which are turned into tokens of 3 " +
    "hours, and passwords of its own: those of tokens for single repositories, and of an admin user.",
  rights: {
    pull: "Role AcrPull on the registry; in one with permissions by repository (ABAC), " +
      "Container Registry Repository Reader.",
    push: "Role AcrPush on the registry, which includes pulling; in one with permissions by " +
      "repository (ABAC), Container Registry Repository Writer.",
  },
  repositories: "The first push creates the repository, which is private.",
  names: "Images are named NAME.azurecr.io/REPO, with as many parts as you like, in lower case.",
  pitfalls: [
    "In a registry with permissions by repository (ABAC) AcrPull and AcrPush count for nothing; " +
    "ask: az acr show --name NAME --query roleAssignmentMode.",
    "The host may hold a hash behind the name; the name for az is usually the part before it.",
    "A helper for Azure belongs to single hosts in credHelpers; as credsStore it breaks all others.",
    "A new role or a changed token takes a minute or more to count.",
    "az acr login saves its token where some tools do not look for it: as identitytoken, with an " +
    "empty password.",
    "A registry that lets everybody pull still refuses a login that has ended: log out first.",
  ],
  troubles: [
    {
      message: "unauthorized: authentication required, visit https://aka.ms/acr/authorization",
      cause: "The token has ended, the secret is wrong, or the identity has no role here.",
      fix: "Log in again; then look at the role on the registry itself.",
    },
    {
      message: "unauthorized: Application not registered with AAD",
      cause: "The id of the application is wrong, or belongs to another tenant.",
      fix: "Take the application (client) id, not the one of the object.",
    },
    {
      message: "admin user is disabled",
      cause: "The admin user is off, as it is at first.",
      fix: "Use a token of the registry, or switch the admin user on for a test.",
    },
    {
      message: "denied: client with IP ... is not allowed access",
      cause: "The firewall of the registry does not know your address.",
      fix: "Ask its owner to add the address, or go through the private network.",
    },
    {
      message: "denied: requested access to the resource is denied",
      cause: "The role or the token allows less than was asked for.",
      fix: "Ask for AcrPush, or for content/write on the repository.",
    },
    {
      message: "no such host",
      cause: "The registry has another name or is in another cloud; private names may be missing.",
      fix: "Compare: az acr show --name NAME --query loginServer.",
    },
    {
      message: "AADSTS7000215: Invalid client secret provided",
      cause: "The id of the secret was given in place of its value.",
      fix: "Give the value; if it is lost, make a new secret.",
    },
  ],
};

/** The set-up of Azure Container Registry. */
export const acr: Recipe = {
  id: "acr",
  title: "Azure Container Registry",
  variables: ["AZURE_ENVIRONMENT", ...ACR_VARIABLES],
  programs: [
    "docker-credential-acr-env",
    "docker-credential-acr-login",
    "docker-credential-regauth",
  ],
  owns: (host) => parseAcrHost(host) !== undefined || isAcrDataEndpoint(host) || host === MICROSOFT,
  checkHost,
  hosts: (facts) => savedHosts(facts, ({ host }) => parseAcrHost(host) !== undefined),
  hostForm: {
    questions: [registryName, cloud],
    host: ({ "registry-name": name = "", cloud = "azurecr.io" }) => `${name}.${cloud}`,
  },
  ways: [regauth, acrEnv, acrLogin, repositoryToken, servicePrincipal, azToken, admin],
  repository: repositoryQuestion({ help: "Name without the host, such as team/app." }),
  guide,
  next,
};

function next({ host, access, repository = "REPO" }: Answers): readonly NextStep[] {
  const image = `${host}/${repository}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  return [
    {
      text: "Push an image. The first push creates the repository, which is private.",
      command: `docker push ${image}`,
    },
    { text: `It shows up at ${portalOf(host)}, in the registry under Repositories.` },
  ];
}

function rolePage(remark: string): (answers: Answers) => TokenPage {
  return ({ access }) => ({ rights: roleFor(access), remark });
}

function role(access: Access): string {
  return access === "push" ? "AcrPush" : "AcrPull";
}

function roleFor(access: Access): string {
  return `Role ${role(access)} on the registry.`;
}

/** The name for `az`, and of the admin user. */
function nameOf(host: string): string {
  return parseAcrHost(host)?.name ?? "NAME";
}

function portalOf(host: string): string {
  return PORTALS[parseAcrHost(host)?.suffix ?? "azurecr.io"];
}

function checkHost(host: string): Verdict {
  if (host === MICROSOFT) {
    return { error: "This registry is open to everybody: no login is needed." };
  }
  if (isAcrDataEndpoint(host)) {
    return { error: "This host only hands out data. The registry is NAME.azurecr.io." };
  }
  const { name = "", suffix } = parseAcrHost(host) ?? {};
  return suffix === "azurecr.de"
    ? { warning: "The German cloud of Azure was closed." }
    : checkLength(name);
}

function checkLength(name: string): Verdict {
  return name.length < 5
    ? { warning: "The name of a registry usually has 5 letters and digits or more." }
    : {};
}

/** Nothing in it is to be trusted, but a token for another registry is an honest mistake. */
function checkToken(text: string, { host }: Answers): Verdict {
  const verdict = checkSecret(text, { kinds: ["jwt"] });
  if (Object.keys(verdict).length > 0) return verdict;
  const audience = readPayload(text)?.aud;
  return typeof audience === "string" && audience !== host
    ? { warning: "This token is for another registry, or was not made by az acr login." }
    : {};
}
