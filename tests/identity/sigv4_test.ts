import { assertEquals, assertRejects } from "@std/assert";
import { Secret } from "../../lib/credential.ts";
import { RegauthError } from "../../lib/errors.ts";
import {
  type SignableRequest,
  type SigningOptions,
  signRequest,
} from "../../lib/identity/sigv4.ts";
import vectors from "../data/sigv4.json" with { type: "json" };

for (const row of vectors.rows) {
  Deno.test(`signRequest() makes the signature of ${row.id}`, async () => {
    const { method, url, body, accessKeyId, region, service } = row;
    const { headers } = await signRequest({ method, url, body, headers: headersOf(row.headers) }, {
      accessKeyId,
      secretAccessKey: new Secret(row.secretAccessKey),
      sessionToken: row.sessionToken,
      region,
      service,
      date: dateOf(row.date),
    });
    assertEquals(headers.authorization, row.expect.authorization);
    assertEquals(headers["x-amz-date"], row.date);
    assertEquals(headers["x-amz-security-token"], row.sessionToken ?? undefined);
  });
}

const REQUEST: SignableRequest = { method: "GET", url: "https://example.amazonaws.com/" };
const OPTIONS: SigningOptions = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "fake-secret",
  region: "us-east-1",
  service: "service",
  date: new Date("2026-01-02T03:04:05Z"),
};

Deno.test("signRequest() replaces an older signature", async () => {
  const first = await signRequest(REQUEST, { ...OPTIONS, sessionToken: "old" });
  const again = await signRequest({ ...REQUEST, headers: first.headers }, OPTIONS);
  assertEquals(again, await signRequest(REQUEST, OPTIONS));
});

Deno.test("signRequest() does not sign the same body and query alike", async () => {
  const requests: SignableRequest[] = [
    REQUEST,
    { ...REQUEST, body: "a" },
    { ...REQUEST, body: new Uint8Array([0xff]) },
    { ...REQUEST, url: `${REQUEST.url}?a=%zz` },
    { ...REQUEST, url: `${REQUEST.url}?a=+` },
    { ...REQUEST, url: `${REQUEST.url}?a=%20` },
  ];
  const signed = await Promise.all(requests.map((request) => signRequest(request, OPTIONS)));
  assertEquals(new Set(signed.map(({ headers }) => headers.authorization)).size, requests.length);
});

for (
  const [name, request, options, code] of [
    ["an empty access key ID", {}, { accessKeyId: "" }, "invalid-credential"],
    ["an access key ID of two lines", {}, { accessKeyId: "AKID\nX" }, "invalid-credential"],
    ["an empty secret", {}, { secretAccessKey: new Secret("") }, "invalid-credential"],
    ["a session token of two lines", {}, { sessionToken: "s3cret\r\nx" }, "invalid-credential"],
    ["a region with a slash", {}, { region: "us/east" }, "usage"],
    ["an empty service", {}, { service: "" }, "usage"],
    ["a header of two lines", { headers: { "x-a": "s3cret\r\nb: c" } }, {}, "usage"],
  ] satisfies [string, Partial<SignableRequest>, Partial<SigningOptions>, string][]
) {
  Deno.test(`signRequest() refuses ${name}`, async () => {
    const error = await assertRejects(
      () => signRequest({ ...REQUEST, ...request }, { ...OPTIONS, ...options }),
      RegauthError,
    );
    assertEquals(error.code, code);
    assertEquals(/s3cret|fake-secret/.test(error.message + error.hint), false);
  });
}

function headersOf(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
}

/** From `20150830T123600Z`. */
function dateOf(text: string): Date {
  return new Date(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
}
