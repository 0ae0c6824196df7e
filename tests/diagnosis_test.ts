import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { diagnose, RegistryError } from "../lib/diagnosis.ts";
import { DIAGNOSES, type DiagnosisFacts, type DiagnosisId } from "../lib/diagnosis_table.ts";
import { RegauthError } from "../lib/errors.ts";

const ids = Object.keys(DIAGNOSES).filter((id): id is DiagnosisId => id in DIAGNOSES);

const full: DiagnosisFacts = {
  host: "reg.example:5000",
  step: "push",
  repository: "Team/App",
  user: "jane",
  realm: "sso.example",
  canTrust: true,
  status: 418,
  serverCode: "DENIED",
  serverMessage: "no",
  failure: { kind: "expired", text: "expired", date: new Date("2026-01-01T00:00:00Z") },
  detail: "because",
  port: "5000",
  proxy: "http://***@proxy.example:3128",
  other: "new.example",
  when: "in 31 seconds",
  clockMinutes: 7,
};

for (const id of ids) {
  Deno.test(`diagnose() ${id} says a sentence and the next step`, () => {
    const { message, fix } = diagnose(id, full);
    assertMatch(message, /^["A-Z0-9a-z].*[.\w]$/);
    assertMatch(fix, /^[A-Z]/);
    assertNotMatch(message + fix, /undefined|null|NaN|\[object/);
  });
}

/** Facts, and the whole sentence. */
const SENTENCES: readonly [DiagnosisId, Partial<DiagnosisFacts>, message: string][] = [
  [
    "D-02",
    { port: "443", detail: "connection refused" },
    "reg.example did not answer on port 443 (connection refused).",
  ],
  ["D-06", { failure: { kind: "expired", text: "" } }, "The certificate of reg.example expired."],
  [
    "D-06",
    { failure: { kind: "not-yet-valid", text: "", date: new Date(0) } },
    "The certificate of reg.example is not valid before 1970-01-01.",
  ],
  [
    "D-06",
    { failure: { kind: "wrong-name", text: "", names: "a, b" } },
    "The certificate of reg.example is for a, b.",
  ],
  [
    "D-07",
    { detail: "ntlm" },
    "reg.example refuses access but does not say how to log in (offers: ntlm).",
  ],
  [
    "D-10",
    { realm: "evil.example" },
    "reg.example wants your password sent to evil.example. That host is not on the list for reg.example.",
  ],
  [
    "D-10",
    { realm: "x", detail: "why" },
    "reg.example names the token server x, which cannot be used: why.",
  ],
  ["D-16", { status: 407, proxy: "http://p:1" }, "The proxy http://p:1 wants its own login."],
  ["D-16", {}, "The proxy refuses reg.example."],
  ["D-17", { repository: "a/b" }, "Not logged in, and reg.example/a/b is not public."],
  [
    "D-19",
    { repository: "a/b" },
    "reg.example/a/b does not exist, or you may not know that it exists.",
  ],
  [
    "D-19",
    { repository: "a/b", user: "jane" },
    'reg.example/a/b does not exist, or "jane" may not know that it exists.',
  ],
  ["D-20", { repository: "a/b" }, "This login may log in but may not pull reg.example/a/b."],
  [
    "D-22",
    { step: "push", repository: "a/b", user: "jane" },
    '"jane" may log in but may not push reg.example/a/b.',
  ],
  ["D-26", {}, "reg.example limits the number of requests; try again later."],
  ["D-33", { clockMinutes: 12 }, "This computer's clock is 12 minutes behind."],
  ["D-33", { clockMinutes: -12 }, "This computer's clock is 12 minutes ahead."],
  ["D-35", { repository: "team/app" }, "team is over its storage quota."],
  [
    "D-38",
    { realm: "auth.example" },
    "reg.example does not accept the token that auth.example gave for it.",
  ],
  ["D-39", {}, "reg.example wants a client certificate, or another one than it was shown."],
  ["D-99", { status: 418 }, "reg.example answered in an unexpected way (418)."],
];

for (const [id, facts, message] of SENTENCES) {
  Deno.test(`diagnose() ${id} says "${message}"`, () => {
    assertEquals(diagnose(id, { host: "reg.example", step: "pull", ...facts }).message, message);
  });
}

Deno.test("RegistryError carries its diagnosis, and what every error has", () => {
  const diagnosis = diagnose("D-14", { host: "reg.example", step: "token", user: "jane" });
  const error = new RegistryError(diagnosis);
  assertEquals(error instanceof RegauthError, true);
  assertEquals([error.code, error.subject, error.message, error.hint], [
    "refused",
    "reg.example",
    diagnosis.message,
    diagnosis.fix,
  ]);
  assertEquals(error.diagnosis, diagnosis);
});

Deno.test("each diagnosis ends in an exit code of its own kind", () => {
  const codes = new Set(ids.map((id) => DIAGNOSES[id].code));
  assertEquals([...codes].sort(), [
    "invalid-credential",
    "invalid-reference",
    "network",
    "no-credential",
    "refused",
  ]);
});
