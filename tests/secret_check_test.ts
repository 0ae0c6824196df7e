import { assert, assertEquals } from "@std/assert";
import { checkSecret, type SecretExpectation, secretKind } from "../lib/secret_check.ts";

const KINDS: readonly (readonly [secret: string, kind: ReturnType<typeof secretKind>])[] = [
  [`ghp_${"a".repeat(36)}`, "github-classic"],
  [`GHP_${"a".repeat(36)}`, undefined],
  [`github_pat_${"a".repeat(22)}_${"b".repeat(59)}`, "github-fine-grained"],
  ["gho_x", "github-oauth"],
  ["ghu_x", "github-app-user"],
  ["ghs_x", "github-installation"],
  ["ghr_x", "github-refresh"],
  ["glpat-x", "gitlab-token"],
  ["gldt-x", "gitlab-deploy"],
  ["glcbt-x", "gitlab-job"],
  ["glrt-x", "gitlab-runner"],
  ["dckr_pat_x", "docker-personal"],
  ["dckr_oat_x", "docker-organization"],
  ["AKCpx", "artifactory-api-key"],
  ["cmVmdx", "artifactory-reference"],
  ["eyJx", "jwt"],
  ["dop_v1_x", "digitalocean"],
  ["nvapi-x", "nvidia"],
  ["hunter2", undefined],
  ["", undefined],
];

for (const [secret, kind] of KINDS) {
  Deno.test(`secretKind(${secret.slice(0, 16)}) is ${kind}`, () => {
    assertEquals(secretKind(secret), kind);
  });
}

const WHOLE: readonly (readonly [expected: SecretExpectation["kinds"][0], secret: string])[] = [
  ["github-classic", `ghp_${"a".repeat(36)}`],
  ["github-fine-grained", `github_pat_${"a".repeat(22)}_${"b".repeat(59)}`],
  ["github-oauth", "gho_whatever"],
  ["gitlab-token", `glpat-${"a".repeat(20)}`],
  ["gitlab-token", `glpat-${"a".repeat(27)}.01.${"b".repeat(9)}`],
  ["gitlab-token", `glpat-${"a".repeat(300)}.${"b".repeat(9)}`],
  ["gitlab-deploy", `gldt-${"a".repeat(20)}`],
  ["docker-personal", `dckr_pat_${"a".repeat(27)}`],
  ["docker-organization", `dckr_oat_${"a".repeat(32)}`],
  ["artifactory-api-key", `AKCp${"a".repeat(69)}`],
  ["artifactory-reference", `cmVmd${"a".repeat(59)}`],
  ["jwt", "eyJh.eyJz.c2ln"],
  ["jwt", "eyJh.eyJz."],
  ["digitalocean", `dop_v1_${"a".repeat(64)}`],
];

for (const [kind, secret] of WHOLE) {
  Deno.test(`checkSecret() takes ${kind} of ${secret.length} characters`, () => {
    assertEquals(checkSecret(secret, { kinds: [kind] }), {});
  });
}

const CUT: readonly string[] = [
  `ghp_${"a".repeat(35)}`,
  `ghp_${"a".repeat(37)}`,
  `github_pat_${"a".repeat(22)}`,
  `glpat-${"a".repeat(19)}`,
  `gldt-${"a".repeat(19)}`,
  `dckr_pat_${"a".repeat(26)}`,
  `AKCp${"a".repeat(68)}`,
  "eyJh.eyJz",
];

for (const secret of CUT) {
  Deno.test(`checkSecret() doubts ${secret.slice(0, 12)} of ${secret.length} characters`, () => {
    const kind = secretKind(secret);
    assert(kind);
    assertEquals(
      checkSecret(secret, { kinds: [kind] }).warning?.endsWith("Was all of it pasted?"),
      true,
    );
  });
}

const IMPOSSIBLE: readonly (readonly [secret: string, reason: string])[] = [
  ["", "It is empty. Paste the secret itself."],
  ["a\nb", "It holds a line break. Paste one line only."],
  ["a\r\nb", "It holds a line break. Paste one line only."],
  ["a\n", "It holds a line break. Paste one line only."],
  ["a\0b", "It holds a control character. Paste it once more."],
  ["a\tb", "It holds a control character. Paste it once more."],
  ["a\x1b[201~", "It holds a control character. Paste it once more."],
  [" a", "It begins or ends with a blank. Leave that out."],
  ["a ", "It begins or ends with a blank. Leave that out."],
  ["a\u00a0", "It begins or ends with a blank. Leave that out."],
  ...[
    "<token>",
    "<YOUR-TOKEN>",
    "<personal access token>",
    "YOUR_TOKEN",
    "your-password",
    "YOUR_GITHUB_TOKEN",
    "xxxx",
    "XXXXXXXX",
    "ghp_xxxxxxxxxxxx",
    "glpat-xxxxxxxx",
    "****",
    "dckr_pat_****",
    "ghp_...",
    "…",
    "${TOKEN}",
    "${{ secrets.TOKEN }}",
    "$(cat token)",
  ].map((secret) => [secret, "This is a placeholder. Paste the secret itself."] as const),
];

for (const [secret, reason] of IMPOSSIBLE) {
  Deno.test(`checkSecret(${JSON.stringify(secret)}) is an error`, () => {
    assertEquals(checkSecret(secret), { error: reason });
    assertEquals(checkSecret(secret, { kinds: ["jwt"], anyForm: true }), { error: reason });
  });
}

const POSSIBLE = ["<a", "xxx", "$ecret", "your", "a b", "**", "$HOME", "ünïcode€😀", "x".repeat(3)];

for (const secret of POSSIBLE) {
  Deno.test(`checkSecret(${JSON.stringify(secret)}) is fine`, () => {
    assertEquals(checkSecret(secret), {});
  });
}

const DOUBTS: readonly (readonly [
  secret: string,
  expected: SecretExpectation,
  warning: string | undefined,
])[] = [
  [
    "hunter2",
    { kinds: ["docker-personal", "docker-organization"] },
    "This does not look like a personal Docker token or a Docker token of an organization, " +
    "which usually begins with dckr_pat_ or dckr_oat_.",
  ],
  ["hunter2", { kinds: ["docker-personal"], anyForm: true }, undefined],
  [
    "glrt-hunter2",
    { kinds: ["gitlab-token"], anyForm: true },
    "This looks like a GitLab runner token, not like a GitLab access token.",
  ],
  [
    "glrt-hunter2",
    { kinds: ["gitlab-token"], not: { "gitlab-runner": "Runners have no access." } },
    "Runners have no access.",
  ],
];

for (const [index, [secret, expected, warning]] of DOUBTS.entries()) {
  Deno.test(`checkSecret() warns of an unlikely kind (row ${index + 1})`, () => {
    assertEquals(checkSecret(secret, expected).warning, warning);
  });
}

Deno.test("checkSecret() repeats nothing of the secret", () => {
  const secrets = [...CUT, ...WHOLE.map(([, secret]) => secret), "hunter2-hunter2", "bad\0bytes-x"];
  for (const secret of secrets) {
    const verdict = JSON.stringify(checkSecret(secret, { kinds: ["nvidia"] }));
    assertEquals(verdict.includes(secret.slice(-8)), false, secret);
  }
});

Deno.test("checkSecret() takes long texts in its stride", () => {
  for (const text of ["a_".repeat(50_000), "your_".repeat(50_000), `${"a".repeat(100_000)}!`]) {
    assertEquals(checkSecret(text), {});
  }
});
