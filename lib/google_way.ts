/**
 * The way of the wizard to Google's registries that leaves tokens to regauth itself: with the
 * identity that this machine has, or one just for the registry.
 *
 * @example
 * ```ts
 * import { googleWay } from "./google_way.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const host = "us-docker.pkg.dev";
 * const texts = { "google-identity": "metadata", "covers": "all" };
 * assertEquals(googleWay(() => "Rights.").outcome({ host, access: "pull", texts }), {
 *   kind: "keychain",
 *   pattern: "*.pkg.dev",
 *   settings: { keychain: "google", source: "metadata" },
 *   hosts: [host],
 * });
 * ```
 *
 * @module
 */

import { cleanAnswer } from "./answer_check.ts";
import { parseGoogleHost } from "./google_host.ts";
import { regauthWay } from "./helper_way.ts";
import type { Access, Question, Way } from "./recipe.ts";
import { fromEnvironment } from "./recipe_parts.ts";

const ANY = "any";
const FILE = "file";
const ALL = "all";

const identity: Question = {
  id: "google-identity",
  message: "Which Google identity",
  help: "Where regauth finds out who you are; any looks everywhere, as Google's libraries do.",
  kind: "choice",
  choices: () => [
    { value: ANY, from: "whatever this machine has" },
    { value: "adc", from: "credential file of gcloud, or of a variable" },
    { value: FILE, from: "credential file just for this registry" },
    { value: "metadata", from: "the account of this machine or pod" },
    { value: "gcloud", from: "the account of gcloud auth login" },
  ],
  suggest: (facts) => {
    const named = fromEnvironment(facts, "GOOGLE_APPLICATION_CREDENTIALS");
    return named ? { value: "adc", from: named.from } : { value: ANY, from: "the default" };
  },
};

const credentialFile: Question = {
  id: "credential-file",
  message: "Credential file",
  help: "Absolute path of a JSON file: a key, a federated identity or a login of gcloud.",
  kind: "text",
  suggest: (facts) => fromEnvironment(facts, "GOOGLE_APPLICATION_CREDENTIALS"),
  clean: cleanAnswer,
  check: (text) =>
    text === ""
      ? { error: "Give the path of the file." }
      : text.startsWith("~")
      ? { error: 'Write the whole path: "~" is not expanded.' }
      : {},
  when: ({ texts }) => texts["google-identity"] === FILE,
};

const impersonate: Question = {
  id: "impersonate",
  message: "Service account to act as (optional)",
  help: "Its address, such as puller@my-project.iam.gserviceaccount.com.",
  kind: "text",
  clean: cleanAnswer,
  check: (text) =>
    text === "" || /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/.test(text)
      ? {}
      : { error: "The address is written like NAME@PROJECT.iam.gserviceaccount.com." },
};

const covers: Question = {
  id: "covers",
  message: "For which registries",
  help: "This one, or all of Google's under pkg.dev.",
  kind: "choice",
  choices: (_facts, { host }) => [
    { value: "host", from: host },
    { value: ALL, from: "*.pkg.dev" },
  ],
  suggest: () => ({ value: "host", from: "the default" }),
  when: ({ host }) => parseGoogleHost(host)?.kind !== "gcr",
};

/**
 * The way.
 *
 * @param rights The minimum rights.
 * @returns The way, which is called `regauth`.
 */
export function googleWay(rights: (access: Access) => string): Way {
  return regauthWay({
    meaning: "Makes tokens of one hour with the identity that this machine has, or another one.",
    questions: [identity, credentialFile, impersonate, covers],
    page: ({ access }) => ({
      rights: rights(access),
      remark: "Nothing to create: regauth finds credential files, federated identities, the " +
        "metadata server and gcloud. What an administrator has to allow is printed by: " +
        "regauth policy google.",
    }),
    outcome: ({ host, texts }) => {
      const source = texts["google-identity"] ?? ANY;
      const { "credential-file": file = "", impersonate = "" } = texts;
      return {
        kind: "keychain",
        pattern: texts.covers === ALL ? "*.pkg.dev" : host,
        settings: {
          keychain: "google",
          ...source === FILE ? { credentialFile: file } : source === ANY ? {} : { source },
          ...impersonate === "" ? {} : { impersonate },
        },
        hosts: [host],
      };
    },
  });
}
