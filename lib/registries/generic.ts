/**
 * Every registry that has no recipe of its own: those of the distribution project, and all others
 * that take a name and a password.
 *
 * @example The vendor's fixed name is the default
 * ```ts
 * import { generic } from "./generic.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const question = generic.ways[0]?.questions.find(({ id }) => id === "username");
 * const facts = {
 *   env: {},
 *   programs: new Set<string>(),
 *   gitHosts: [],
 *   awsProfiles: [],
 *   saved: [],
 * };
 * const answers = { host: "registry.heroku.com", access: "push", texts: {} } as const;
 * assertEquals(question?.suggest?.(facts, answers)?.value, "_");
 * ```
 *
 * @module
 */

import { checkUsername } from "../answer_check.ts";
import type { Guide, Question, Recipe, Verdict, Way } from "../recipe.ts";
import {
  caFileQuestion,
  fromSaved,
  loginOutcome,
  passwordQuestion,
  repositoryQuestion,
  usernameQuestion,
} from "../recipe_parts.ts";
import { isLoopbackHost } from "../reference.ts";
import { vendorOf } from "../vendors.ts";

const SCHEMES = [
  { value: "https", from: "encrypted" },
  { value: "http", from: "everybody on the way can read the password" },
] as const;

const scheme: Question = {
  id: "scheme",
  message: "How it is reached",
  help: "https, unless the registry has no certificate at all and the network is your own.",
  kind: "choice",
  choices: () => SCHEMES,
  suggest: () => SCHEMES[0],
  check: checkScheme,
  when: ({ host }) => !isLoopbackHost(host) && vendorOf(host) === undefined,
};

const password: Way = {
  id: "password",
  title: "User name and password",
  meaning: "What the registry's administrator gave you: a password, or a token in its place.",
  questions: [
    scheme,
    caFileQuestion({
      when: ({ host, texts }) =>
        texts.scheme !== "http" && !isLoopbackHost(host) && vendorOf(host) === undefined,
    }),
    usernameQuestion({
      help: "The name of the account, as the registry knows it.",
      suggest: (facts, { host }) => {
        const { name, username } = vendorOf(host) ?? {};
        return username === undefined
          ? fromSaved(facts, host)
          : { value: username, from: `the same for everybody on ${name}` };
      },
      check: (text, { host }) => {
        const { name, username = text } = vendorOf(host) ?? {};
        return text === username || text === ""
          ? checkUsername(text)
          : { warning: `The user name on ${name} is usually ${username}.` };
      },
    }),
    passwordQuestion({
      message: "Password or token",
      help: "The password of the account, or the token that stands in for it.",
    }),
  ],
  page: ({ host, access }) => {
    const { url, rights, login } = vendorOf(host) ?? {};
    return {
      ...(url === undefined ? {} : { url }),
      rights: rights?.[access] ?? `An account that may ${access}.`,
      remark: login ?? "Ask whoever runs the registry for an account.",
    };
  },
  outcome: ({ texts, ...answers }) => {
    const login = loginOutcome({ ...answers, texts });
    return texts.scheme === "http" ? { ...login, connection: { insecure: true } } : login;
  },
};

const guide: Guide = {
  about: "Any registry that speaks the distribution protocol can be used by name and password. " +
    "It may check them itself, or name a token server that does, on another host perhaps: " +
    "that one is shown to you before it gets the password.",
  rights: {
    pull: "An account that may read; registries with a plain password file know no lesser rights.",
    push: "An account that may write to the repository.",
  },
  repositories:
    "The first push creates a repository. In a registry without access rules everybody " +
    "who can log in sees everything.",
  names: "Images are named HOST/NAME or HOST:PORT/NAME, with as many parts as you like.",
  pitfalls: [
    "The port is part of the host: a login for reg.example does not count for reg.example:5000.",
    "A registry that lets everybody in proves nothing about a password; docker then never sends it.",
    "Sonatype Nexus needs its Docker Bearer Token Realm, and one login for each port.",
    "Gitea and Forgejo want an access token in place of the password if two factors are on.",
    "Plain http needs settings in every tool: insecure-registries for docker, --insecure-registry " +
    "for nerdctl, --tls-verify=false for podman.",
  ],
  troubles: [
    {
      message: "http: server gave HTTP response to HTTPS client",
      cause: "The registry has no certificate on this port.",
      fix: "Name its https port, or allow plain http for it, for tests only.",
    },
    {
      message: "x509: certificate signed by unknown authority",
      cause: "The certificate was signed by an authority of your company, or by itself.",
      fix: "Give the file of the authority's certificate as CA file.",
    },
    {
      message: "no basic auth credentials",
      cause: "Nobody is logged in to exactly this host and port.",
      fix: "Log in with the host as the image name has it.",
    },
    {
      message: "unauthorized: authentication required",
      cause: "Name or password is wrong, or the account may not do this.",
      fix: "Try the password again, then ask for the right.",
    },
    {
      message: "401 from Nexus in spite of the right password",
      cause: "The Docker Bearer Token Realm is not active.",
      fix: "Ask its administrator to activate the realm.",
    },
    {
      message: "unsupported status code 405 on DELETE",
      cause: "The registry does not allow to delete.",
      fix: "Ask its administrator to switch deleting on.",
    },
  ],
};

/** The set-up of registries that have no recipe of their own. */
export const generic: Recipe = {
  id: "generic",
  title: "Another registry",
  variables: [],
  programs: [],
  owns: () => false,
  checkHost,
  hosts: () => [],
  ways: [password],
  repository: repositoryQuestion({ help: "Name without the host, such as team/app." }),
  guide,
  next: ({ host, access, repository = "NAME" }) => [{
    text: access === "pull" ? "Pull an image." : "Push an image, which creates its repository.",
    command: `docker ${access} ${host}/${repository}`,
  }],
};

function checkScheme(text: string): Verdict {
  if (text === "http") {
    return { warning: "Everybody on the way can read the password and change the images." };
  }
  return text === "https" ? {} : { error: "Answer https or http." };
}

function checkHost(host: string): Verdict {
  if (/^(?:[a-z0-9-]+\.)*(?:dev\.azure\.com|visualstudio\.com)$/.test(host)) {
    return {
      error: "Azure DevOps has no container registry. Use one of Azure: NAME.azurecr.io.",
    };
  }
  return host === "registry.access.redhat.com"
    ? { warning: "This registry needs no login; registry.redhat.io does." }
    : {};
}
