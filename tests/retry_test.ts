import { assert, assertEquals } from "@std/assert";
import { type Outcome, retryAfter, retryDelay } from "../lib/retry.ts";

const now = new Date("2026-01-01T00:00:00Z");

const RETRY_AFTER: readonly [value: string | undefined, milliseconds: number | undefined][] = [
  [undefined, undefined],
  ["0", 0],
  ["2", 2000],
  ["31", 31_000],
  ["-1", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["", undefined],
  ["Thu, 01 Jan 2026 00:00:03 GMT", 3000],
  ["Wed, 31 Dec 2025 23:59:59 GMT", undefined],
  ["2026-01-01", undefined],
  ["Thu, 99 Jan 2026 00:00:03 GMT", undefined],
];

for (const [value, milliseconds] of RETRY_AFTER) {
  Deno.test(`retryAfter() reads ${JSON.stringify(value)}`, () => {
    assertEquals(retryAfter(value, now), milliseconds);
  });
}

const NEVER: readonly [name: string, method: string, retries: number, outcome: Outcome][] = [
  ["400", "GET", 0, { status: 400 }],
  ["401", "GET", 0, { status: 401 }],
  ["403", "HEAD", 0, { status: 403 }],
  ["404", "GET", 0, { status: 404 }],
  ["405", "GET", 0, { status: 405 }],
  ["407", "GET", 0, { status: 407 }],
  ["501", "GET", 0, { status: 501 }],
  ["a fifth GET", "GET", 3, { status: 500 }],
  ["a fifth GET after a reset", "GET", 3, "reset"],
  ["a wait of more than 30 s", "GET", 0, { status: 429, retryAfter: "31" }],
  ["a POST that the server may have acted on", "POST", 0, { status: 500 }],
  ["a POST without the server asking for it", "POST", 0, { status: 503 }],
  ["a third POST", "POST", 1, { status: 429, retryAfter: "1" }],
  ["a third POST after a reset", "POST", 1, "reset"],
  ["a second DELETE", "DELETE", 0, { status: 429, retryAfter: "1" }],
];

for (const [name, method, retries, outcome] of NEVER) {
  Deno.test(`retryDelay() refuses ${name}`, () => {
    assertEquals(retryDelay({ method, retries, now }, outcome), undefined);
  });
}

Deno.test("retryDelay() waits longer each time, give or take a tenth", () => {
  for (const [retries, delay] of [500, 1500, 4000].entries()) {
    for (const outcome of [{ status: 500 }, { status: 408 }, "reset"] as const) {
      const wait = retryDelay({ method: "GET", retries, now }, outcome) ?? NaN;
      assert(wait >= delay * 0.9 && wait <= delay * 1.1, `${wait}`);
    }
  }
});

Deno.test("retryDelay() does what Retry-After says, where it means a wait", () => {
  const attempt = { method: "GET", retries: 2, now };
  assertEquals(retryDelay(attempt, { status: 429, retryAfter: "30" }), 30_000);
  assertEquals(retryDelay(attempt, { status: 503, retryAfter: "0" }), 0);
  assert((retryDelay(attempt, { status: 500, retryAfter: "0" }) ?? 0) > 3000);
  assert((retryDelay(attempt, { status: 429, retryAfter: "-1" }) ?? 0) > 3000);
});

Deno.test("retryDelay() repeats a POST once if the server asks, or never saw it", () => {
  const attempt = { method: "POST", retries: 0, now };
  assertEquals(retryDelay(attempt, { status: 429, retryAfter: "1" }), 1000);
  assert((retryDelay(attempt, "reset") ?? 0) > 400);
});
