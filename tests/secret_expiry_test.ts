import { assertEquals } from "@std/assert";
import { Secret } from "../lib/credential.ts";
import { secretExpiry } from "../lib/secret_expiry.ts";

const at = 1767225600;
const ecr = (fields: unknown): string =>
  btoa(`{"payload":"x","expiration":${JSON.stringify(fields)}}`);
const jwt = (payload: string): string => `e30.${btoa(payload).replace(/=+$/, "")}.c2ln`;

const CASES: readonly (readonly [what: string, secret: string, seconds: number | undefined])[] = [
  ["a JWT", jwt(`{"exp":${at}}`), at],
  ["a JWT that does not say", jwt('{"iat":1}'), undefined],
  ["a password of Amazon ECR", ecr(at), at],
  ["one that does not say", btoa('{"payload":"x"}'), undefined],
  ["one with a text for a time", ecr("soon"), undefined],
  ["one with a time that is none", ecr(1e300), undefined],
  ["one that is cut off", ecr(at).slice(0, 20), undefined],
  ["a password", "hunter2", undefined],
  ["nothing", "", undefined],
];

for (const [what, secret, seconds] of CASES) {
  Deno.test(`secretExpiry() reads ${what}`, () => {
    const expiry = secretExpiry(new Secret(secret));
    assertEquals(expiry?.getTime(), seconds === undefined ? undefined : seconds * 1000);
  });
}
