/**
 * Complete runs of the wizard, one for each registry and some that go wrong: what is answered, and
 * what answers at the other end.
 *
 * @module
 */

import type { Account } from "../fakes/accounts.ts";
import type { FakeRegistryOptions } from "../fakes/registry.ts";

/** What is seen, and then done: names of keys in tmux, or text behind `=`. */
export type RunStep = readonly [seen: string, ...keys: readonly string[]];

/** One run of the wizard. */
export interface Run {
  /** Name of the screens. */
  readonly name: string;
  /** Arguments of the program. */
  readonly args: readonly string[];
  readonly steps: readonly RunStep[];
  /** What is on the screen at the end. */
  readonly last: string;
  /** The registry that answers under every name; `null` if there is no network. */
  readonly registry: FakeRegistryOptions | null;
  readonly env?: Readonly<Record<string, string>>;
  /** Files below the home folder, of mode 0600. */
  readonly files?: Readonly<Record<string, string>>;
  /** Shell scripts by the name of the program. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Exit code; 0 if absent. */
  readonly code?: number;
  /** The user who must have logged in; nobody if absent. */
  readonly user?: string;
}

const SECRET = {
  github: `ghp_${"Ab1".repeat(12)}`,
  docker: `dckr_pat_${"Ab1".repeat(9)}`,
  gitlab: `gldt-${"Ab1".repeat(7)}`,
  plain: "Ab1Cd2Ef3Gh4".repeat(4),
  quay: "AB1CD2EF".repeat(8),
  jwt: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.c2ln",
} as const;

const KEY_FILE = JSON.stringify({
  type: "service_account",
  project_id: "acme",
  client_email: "ci@acme.iam.gserviceaccount.com",
  private_key_id: "1",
  private_key: "-----BEGIN PRIVATE KEY-----\nAb1\n-----END PRIVATE KEY-----\n",
});

/** Accounts that may do everything. */
function account(user: string, password: string): Readonly<Record<string, Account>> {
  return { [user]: { password } };
}

const TOKEN = { auth: "token", byAnyName: true } as const;
const PULL: RunStep = ["What for", "Enter"];
const PUSH: RunStep = ["What for", "2", "Enter"];
const KEEP: RunStep = ["Keep it in", "Enter"];
const SAVE: RunStep = ["Save it", "1", "Enter"];
const DONE = "is set up";

/** The runs that lead to the end, one for each registry. */
export const RUNS: readonly Run[] = [
  {
    name: "ghcr",
    args: ["setup"],
    env: { GITHUB_ACTOR: "octocat" },
    registry: { ...TOKEN, users: account("octocat", SECRET.github) },
    user: "octocat",
    steps: [
      ["type to filter", "=github", "Enter"],
      PUSH,
      ["User name", "Enter"],
      ["Access token", `=${SECRET.github}`, "Enter"],
      ["Repository", "=octocat/app", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "dockerhub",
    args: ["setup", "dockerhub"],
    registry: { ...TOKEN, users: account("jane", SECRET.docker) },
    user: "jane",
    steps: [
      PULL,
      ["Sign in with", "Enter"],
      ["Docker ID", "=jane", "Enter"],
      ["Access token", `=${SECRET.docker}`, "Enter"],
      ["Repository", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "gitlab",
    args: ["setup", "registry.gitlab.com/team/hello"],
    registry: {
      ...TOKEN,
      tokenPath: "/jwt/auth",
      service: "container_registry",
      users: account("gitlab+deploy-token-7", SECRET.gitlab),
    },
    user: "gitlab+deploy-token-7",
    steps: [
      PULL,
      ["Sign in with", "Enter"],
      ["User name", "=gitlab+deploy-token-7", "Enter"],
      ["hidden", `=${SECRET.gitlab}`, "Enter"],
      ["Repository", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "ecr",
    args: ["setup", "ecr"],
    registry: { auth: "basic", users: account("AWS", SECRET.plain) },
    user: "AWS",
    programs: {
      "docker-credential-ecr-login": `echo '{"Username":"AWS","Secret":"${SECRET.plain}"}'`,
    },
    steps: [
      ["Host", "Enter"],
      ["AWS account", "=123456789012", "Enter"],
      ["AWS region", "=eu-central-1", "Enter"],
      PULL,
      ["Sign in with", "Enter"],
      ["Repository", "=team/hello", "Enter"],
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "acr",
    args: ["setup", "acr"],
    registry: { ...TOKEN, tokenPath: "/oauth2/token", users: account("ci", SECRET.plain) },
    user: "ci",
    steps: [
      ["Name of the registry", "=acmeregistry", "Enter"],
      ["Which Azure", "Enter"],
      PULL,
      ["Sign in with", "Enter"],
      ["Name of the token", "=ci", "Enter"],
      ["hidden", `=${SECRET.plain}`, "Enter"],
      ["Repository", "=team/hello", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "google",
    args: ["setup", "google"],
    files: { "key.json": KEY_FILE },
    registry: {
      ...TOKEN,
      tokenPath: "/v2/token",
      users: account("_json_key_base64", btoa(KEY_FILE)),
    },
    user: "_json_key_base64",
    steps: [
      ["Host", "Enter"],
      PULL,
      ["Sign in with", "Enter"],
      ["Key file", "=~/key.json", "Enter"],
      ["Repository", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "quay",
    args: ["setup", "quay"],
    registry: { ...TOKEN, tokenPath: "/v2/auth", users: account("acme+ci", SECRET.quay) },
    user: "acme+ci",
    steps: [
      ["Host", "Enter"],
      PULL,
      ["Sign in with", "Enter"],
      ["Robot account", "=acme+ci", "Enter"],
      ["hidden", `=${SECRET.quay}`, "Enter"],
      ["Repository", "=team/hello", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "artifactory",
    args: ["setup", "artifactory"],
    registry: { auth: "basic", users: account("jane", SECRET.jwt) },
    user: "jane",
    steps: [
      ["server", "=acme", "Enter"],
      PULL,
      ["Sign in with", "Enter"],
      ["hidden", `=${SECRET.jwt}`, "Enter"],
      ["User name", "=jane", "Enter"],
      ["Repository", "=team/hello", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "harbor",
    args: ["setup", "harbor.internal"],
    registry: {
      ...TOKEN,
      tokenPath: "/service/token",
      service: "harbor-registry",
      users: account("robot$team+ci", SECRET.plain),
    },
    user: "robot$team+ci",
    steps: [
      ["Kind of registry", "Enter"],
      PUSH,
      ["Sign in with", "Enter"],
      ["CA file", "Enter"],
      ["Robot account", "=robot$team+ci", "Enter"],
      ["hidden", `=${SECRET.plain}`, "Enter"],
      ["Repository", "=team/hello", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "generic",
    args: ["setup", "reg.example"],
    registry: { auth: "basic", users: account("robot", "robot-secret") },
    user: "robot",
    steps: [
      ["Kind of registry", "Enter"],
      PUSH,
      ["How it is reached", "Enter"],
      ["CA file", "Enter"],
      ["User name", "=robot", "Enter"],
      ["hidden", "=robot-secret", "Enter"],
      ["Repository", "=team/hello", "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
];

const SIGN_IN: readonly RunStep[] = [
  PULL,
  ["User name", "=octocat", "Enter"],
  ["Access token", `=${SECRET.github}`, "Enter"],
];
const GHCR = { ...TOKEN, users: account("octocat", SECRET.github) };
const OTHER = { ...TOKEN, users: account("octocat", `ghp_${"Zz9".repeat(12)}`) };
const CONFIG = ".docker/config.json";
const SAVED = JSON.stringify({ auths: { "ghcr.io": { auth: btoa(`octocat:${SECRET.github}`) } } });

/** The runs in which something is in the way. */
export const TROUBLES: readonly Run[] = [
  {
    name: "wrong-token",
    args: ["setup", "ghcr.io"],
    registry: GHCR,
    user: "octocat",
    steps: [
      PULL,
      ["User name", "=octocat", "Enter"],
      ["Access token", `=ghp_${"Zz9".repeat(12)}`, "Enter"],
      ["Repository", "Enter"],
      ["What now", "Enter"],
      ["Access token", `=${SECRET.github}`, "Enter"],
      KEEP,
      SAVE,
    ],
    last: DONE,
  },
  {
    name: "expired-token",
    args: ["setup", "ghcr.io"],
    registry: OTHER,
    steps: [...SIGN_IN, ["Repository", "Enter"], ["What now", "4", "Enter"]],
    last: "does not accept",
    code: 4,
  },
  {
    name: "pull-only",
    args: ["setup", "ghcr.io", "--access", "push"],
    registry: {
      ...TOKEN,
      users: { octocat: { password: SECRET.github, rights: { "": "pull" } } },
    },
    user: "octocat",
    steps: [...SIGN_IN.slice(1), ["Repository", "=team/hello", "Enter"], [
      "What now",
      "4",
      "Enter",
    ]],
    last: "may pull but not push",
    code: 4,
  },
  {
    name: "no-network",
    args: ["setup", "ghcr.io"],
    registry: null,
    steps: [...SIGN_IN, ["Repository", "Enter"], ["What now", "4", "Enter"]],
    last: "did not answer on port 443",
    code: 5,
  },
  {
    name: "saved-already",
    args: ["setup", "ghcr.io"],
    files: { [CONFIG]: SAVED },
    registry: GHCR,
    user: "octocat",
    steps: [["What to do with it", "Enter"], ["What to do with it", "Enter"]],
    last: "Nothing was changed.",
  },
  {
    name: "same-answers",
    args: ["setup", "ghcr.io", "--existing", "replace"],
    files: { [CONFIG]: SAVED },
    registry: GHCR,
    user: "octocat",
    steps: [
      PULL,
      ["User name", "Enter"],
      ["Access token", `=${SECRET.github}`, "Enter"],
      ["Repository", "Enter"],
      KEEP,
    ],
    last: "already up to date",
  },
  {
    name: "removed",
    args: ["setup", "ghcr.io"],
    files: { [CONFIG]: SAVED },
    registry: GHCR,
    steps: [["What to do with it", "4", "Enter"], ["Remove it?", "=y", "Enter"]],
    last: "Removed.",
  },
  {
    name: "menu",
    args: [],
    files: { [CONFIG]: SAVED },
    registry: GHCR,
    user: "octocat",
    steps: [["What would you like", "2", "Enter"], ["What would you like", "6", "Enter"]],
    last: "accepted",
  },
  {
    name: "plain",
    args: ["setup", "ghcr.io"],
    env: { ACCESSIBLE: "1" },
    registry: GHCR,
    user: "octocat",
    steps: [...SIGN_IN, ["Repository", "Enter"], KEEP, ["Save it", "=1", "Enter"]],
    last: DONE,
  },
];

/** A size of the terminal. */
export type Size = readonly [columns: number, rows: number];

const [WIDE, USUAL, SMALL]: readonly [Size, Size, Size] = [[100, 30], [80, 24], [40, 20]];

/** Every screen that is kept: each registry at two sizes, the first one at all three. */
export const SCREENS: readonly { readonly run: Run; readonly size: Size; readonly file: string }[] =
  [
    ...RUNS.flatMap((run, index) =>
      [USUAL, ...(index === 0 ? [WIDE, SMALL] : [index % 2 === 0 ? WIDE : SMALL])]
        .map((size) => ({ run, size }))
    ),
    ...TROUBLES.map((run) => ({ run, size: USUAL })),
  ].map(({ run, size }) => ({ run, size, file: `${run.name}-${size.join("x")}.txt` }));
