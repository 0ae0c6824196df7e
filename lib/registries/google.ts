/**
 * Google Artifact Registry, and the names of the older Container Registry that it serves.
 *
 * @example The form of a key depends on the host
 * ```ts
 * import { google } from "./google.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const way = google.ways.find(({ id }) => id === "key-file");
 * const username = (host: string): string | undefined => {
 *   const outcome = way?.outcome({ host, access: "pull", texts: {}, secret: "{}" });
 *   return outcome?.kind === "credential" ? outcome.credential.username : undefined;
 * };
 * assertEquals(username("gcr.io"), "_json_key");
 * assertEquals(username("us-docker.pkg.dev"), "_json_key_base64");
 * ```
 *
 * @module
 */

import { cleanAnswer } from "../answer_check.ts";
import type { Facts } from "../facts.ts";
import { parseGoogleHost } from "../google_host.ts";
import { checkKeyFile, keyCredential } from "../google_key.ts";
import { googleWay } from "../google_way.ts";
import { helperWay } from "../helper_way.ts";
import { distinct, savedHosts } from "../host_suggestions.ts";
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
  loginOutcome,
  repositoryQuestion,
  tokenQuestion,
} from "../recipe_parts.ts";
import { checkSecret } from "../secret_check.ts";

const PAGES = {
  gcloud: "https://cloud.google.com/sdk/docs/install",
  gcr: "https://github.com/GoogleCloudPlatform/docker-credential-gcr",
  serviceAccounts: "https://console.cloud.google.com/iam-admin/serviceaccounts",
  repositories: "https://console.cloud.google.com/artifacts",
} as const;

const MULTI_REGIONS: readonly Suggestion[] = [
  { value: hostIn("us"), from: "the United States" },
  { value: hostIn("europe"), from: "Europe" },
  { value: hostIn("asia"), from: "Asia" },
];

/** Variables that hold an access token: those of gcloud and of Terraform. */
const TOKEN_VARIABLES = ["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"] as const;

const ROLES: Readonly<Record<Access, string>> = {
  pull: "Role Artifact Registry Reader on the repository.",
  push: "Role Artifact Registry Writer on the repository, which includes pulling.",
};

const location: Question = {
  id: "location",
  message: "Location of the repository",
  help: "A region such as europe-west1, or one of us, europe and asia.",
  kind: "text",
  suggest: (facts) => fromEnvironment(facts, "CLOUDSDK_ARTIFACTS_LOCATION"),
  clean: (text) => cleanAnswer(text).toLowerCase(),
  check: (text) =>
    /^[a-z]+(?:-[a-z]+[0-9]+)?$/.test(text)
      ? {}
      : { error: "A location is written like europe-west1, or is one of us, europe and asia." },
};

const regauth = googleWay((access) => ROLES[access]);

const gcloud = helperWay({
  helper: "gcloud",
  meaning: "Asks gcloud, which is logged in as you or as a service account; it is a bit slow.",
  install: PAGES.gcloud,
  page: rolePage("Nothing to create, but a login: gcloud auth login."),
});

const gcr = helperWay({
  helper: "gcr",
  meaning: "Makes tokens of one hour with the login that Google's libraries use; it is fast.",
  install: PAGES.gcr,
  page: rolePage("Nothing to create, but a login: gcloud auth application-default login."),
});

const keyFile: Way = {
  id: "key-file",
  title: "Key file of a service account",
  meaning: "For machines outside of Google that can log in no other way; it never expires.",
  questions: [{
    id: "key-file",
    message: "Key file",
    help: "Path of the JSON file that was downloaded when the key was created.",
    kind: "file",
    suggest: (facts) => fromEnvironment(facts, "GOOGLE_APPLICATION_CREDENTIALS"),
    clean: cleanAnswer,
    check: checkKeyFile,
  }],
  page: ({ access }) => ({
    url: PAGES.serviceAccounts,
    rights: ROLES[access],
    remark: "Choose the account, then Keys, Add key, JSON. Many organizations forbid keys; " +
      "whoever has the file can log in, so keep it closed to others.",
  }),
  outcome: ({ host, secret = "" }) => ({
    kind: "credential",
    credential: keyCredential(secret, parseGoogleHost(host)?.kind === "gcr" ? "json" : "base64"),
  }),
};

const accessToken: Way = {
  id: "access-token",
  title: "Access token",
  meaning: "For a try: gcloud makes a token that works for one hour.",
  questions: [
    tokenQuestion({
      message: "Access token",
      help: "The output of gcloud auth print-access-token; it usually begins with ya29.",
      suggest: (facts) =>
        fromEnvironment(
          facts,
          ...TOKEN_VARIABLES.filter((name) => facts.env[name]?.startsWith("ya29.")),
        ),
      check: checkToken,
    }),
  ],
  page: rolePage(
    "Run: gcloud auth print-access-token. The user name is oauth2accesstoken. " +
      `The command comes with ${PAGES.gcloud}.`,
  ),
  outcome: (answers) => loginOutcome(answers, "oauth2accesstoken"),
  expires: "after one hour",
};

const guide: Guide = {
  about:
    "Artifact Registry keeps images in repositories of a project, each in one location, which " +
    "is part of the host. A login is a token of one hour, made by a helper, or the key file of a " +
    "service account.",
  rights: ROLES,
  repositories: "Under pkg.dev the repository must exist before the first push, with the format " +
    "Docker; the images in it come by pushing. It is private until allUsers may read it.",
  names: "Images are named LOCATION-docker.pkg.dev/PROJECT/REPO/IMAGE, or gcr.io/PROJECT/IMAGE " +
    "under the older names.",
  pitfalls: [
    "gcr.io, us.gcr.io, eu.gcr.io and asia.gcr.io are repositories of Artifact Registry by now; " +
    "the old roles for Cloud Storage count for nothing there.",
    "Every host stands by itself: a login to gcr.io does not count for eu.gcr.io.",
    "A helper for dozens of hosts slows docker build down; name the hosts that you use.",
    "gcloud auth login and gcloud auth application-default login are two logins; the helper gcr " +
    "uses the second one.",
    "A saved login wins over a helper in some tools: remove it before you set up the helper.",
    "A key is one JSON document: pasted into a variable it often loses quotes or line ends.",
    "sudo docker runs as another user, who has another login; docker as a snap cannot run helpers.",
    "A project of a domain, example.com:app, is written example.com/app in the name of an image.",
  ],
  troubles: [
    {
      message: 'denied: Permission "artifactregistry.repositories.uploadArtifacts" denied',
      cause: "The role is missing, or the repository does not exist: the message is the same.",
      fix: "Create the repository, and ask for Artifact Registry Writer on it.",
    },
    {
      message: 'denied: Permission "artifactregistry.repositories.downloadArtifacts" denied',
      cause: "The role is missing on this repository, or it does not exist.",
      fix: "Ask for Artifact Registry Reader on the repository, in its own project.",
    },
    {
      message: "denied: Unauthenticated request",
      cause: "Nobody is logged in to exactly this host, or the token of one hour has ended.",
      fix: "Log in again, or set up a helper.",
    },
    {
      message: "name unknown: Repository not found",
      cause: "The repository was not created, or is in another location or project.",
      fix: "Compare: gcloud artifacts repositories list --project PROJECT.",
    },
    {
      message: "Unable to parse json key",
      cause: "The key lost quotes or line ends, or is base64 under the user name _json_key.",
      fix: "Give the file itself, as it was downloaded.",
    },
    {
      message: "invalid_grant: Invalid JWT Signature",
      cause: "The key was deleted, or belongs to another account.",
      fix: "Create a new key, and delete the old one.",
    },
    {
      message: "docker-credential-gcloud: executable file not found in $PATH",
      cause: "The helper is not on the PATH of the program that pulls, as with sudo or a service.",
      fix: "Add the folder bin of the Cloud SDK to that PATH.",
    },
  ],
};

/** The set-up of Google's registries. */
export const google: Recipe = {
  id: "google",
  title: "Google Artifact Registry",
  variables: [
    ...TOKEN_VARIABLES,
    "CLOUDSDK_ARTIFACTS_LOCATION",
    "GOOGLE_APPLICATION_CREDENTIALS",
  ],
  programs: ["docker-credential-gcloud", "docker-credential-gcr", "docker-credential-regauth"],
  owns: (host) => parseGoogleHost(host) !== undefined,
  checkHost: (host) =>
    parseGoogleHost(host)?.kind === "other"
      ? { warning: "A repository for images is usually at LOCATION-docker.pkg.dev." }
      : {},
  hosts: suggestHosts,
  hostForm: { questions: [location], host: ({ location = "us" }) => hostIn(location) },
  ways: [regauth, gcloud, gcr, keyFile, accessToken],
  repository: repositoryQuestion({
    help: "PROJECT/REPO/IMAGE; under gcr.io PROJECT/IMAGE.",
    check: checkRepository,
  }),
  guide,
  next,
};

function next({ host, access, repository }: Answers): readonly NextStep[] {
  const { kind, location = "LOCATION" } = parseGoogleHost(host) ?? {};
  const name = repository ?? (kind === "gcr" ? "PROJECT/IMAGE" : "PROJECT/REPO/IMAGE");
  const image = `${host}/${name}`;
  if (access === "pull") return [{ text: "Pull an image.", command: `docker pull ${image}` }];
  const push = { text: "Push an image.", command: `docker push ${image}` };
  const page = { text: `It shows up at ${PAGES.repositories}.` };
  if (kind === "gcr") return [push, page];
  const [project = "PROJECT", repo = "REPO"] = name.split("/");
  return [
    {
      text: "Create the repository first, if it does not exist.",
      command: `gcloud artifacts repositories create ${repo} --repository-format=docker ` +
        `--location=${location} --project=${project}`,
    },
    push,
    page,
  ];
}

function hostIn(location: string): string {
  return `${location}-docker.pkg.dev`;
}

function rolePage(remark: string): (answers: Answers) => TokenPage {
  return ({ access }) => ({ rights: ROLES[access], remark });
}

function suggestHosts(facts: Facts): readonly Suggestion[] {
  const location = fromEnvironment(facts, "CLOUDSDK_ARTIFACTS_LOCATION");
  return distinct([
    ...location ? [{ ...location, value: hostIn(location.value) }] : [],
    ...savedHosts(facts, ({ host }) => parseGoogleHost(host) !== undefined),
    ...MULTI_REGIONS,
    { value: "gcr.io", from: "the older name in the United States" },
  ]);
}

function checkToken(text: string): Verdict {
  const verdict = checkSecret(text);
  if (verdict.error !== undefined || text.startsWith("ya29.")) return verdict;
  return text.startsWith("eyJ")
    ? { warning: "This looks like an identity token. The output of print-access-token is wanted." }
    : { warning: "An access token of Google usually begins with ya29." };
}

function checkRepository(text: string, { host }: Answers): Verdict {
  const parts = text.split("/").length;
  if (parseGoogleHost(host)?.kind === "gcr") {
    return parts < 2 ? { error: "The project is missing: write it as PROJECT/IMAGE." } : {};
  }
  return parts < 3 ? { error: "A part is missing: write it as PROJECT/REPO/IMAGE." } : {};
}
