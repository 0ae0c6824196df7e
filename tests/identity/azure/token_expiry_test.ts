import { assertEquals } from "@std/assert";
import { azureExpiry } from "../../../lib/identity/azure/token_expiry.ts";

const SENT = new Date("2026-01-01T00:00:00Z");
const END = "2026-01-02T03:04:05.000Z";

const CASES: readonly (readonly [answer: Record<string, unknown>, end: string | undefined])[] = [
  [{ expires_on: 1767323045 }, END],
  [{ expires_on: "1767323045" }, END],
  [{ expires_on: "1767323045.75" }, END],
  [{ expires_on: "01/02/2026 03:04:05" }, END],
  [{ expires_on: "01/02/2026 03:04:05 +00:00" }, END],
  [{ expires_on: "1/2/2026 3:04:05 AM +00:00" }, END],
  [{ expires_on: "1/1/2026 12:30:00 AM +00:00" }, "2026-01-01T00:30:00.000Z"],
  [{ expires_on: "1/1/2026 12:30:00 PM +00:00" }, "2026-01-01T12:30:00.000Z"],
  [{ expires_on: "1/1/2026 11:30:00 PM" }, "2026-01-01T23:30:00.000Z"],
  [{ expires_on: "2026-01-02 03:04:05" }, END],
  [{ expires_on: "2026-01-02T03:04:05Z" }, END],
  [{ expires_on: "2026-01-02T05:04:05+02:00" }, END],
  [{ expires_in: 60 }, "2026-01-01T00:01:00.000Z"],
  [{ expires_in: "60" }, "2026-01-01T00:01:00.000Z"],
  [{ expires_in: "60", expires_on: "2026-01-02 03:04:05" }, "2026-01-01T00:01:00.000Z"],
  [{ expires_in: "60", expires_on: "1767323045" }, END],
  [{ expires_on: "soon" }, undefined],
  [{ expires_on: true }, undefined],
  [{}, undefined],
];

for (const [answer, end] of CASES) {
  Deno.test(`azureExpiry() reads ${JSON.stringify(answer)}`, () => {
    assertEquals(azureExpiry(answer, SENT)?.toISOString(), end);
  });
}
