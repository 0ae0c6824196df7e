import { assertEquals, assertRejects } from "@std/assert";
import { mapBounded } from "../lib/bounded.ts";

Deno.test("mapBounded() works on a few at a time, and keeps the order", async () => {
  let busy = 0;
  let most = 0;
  const results = await mapBounded([1, 2, 3, 4, 5], 2, async (value) => {
    most = Math.max(most, ++busy);
    await Promise.resolve();
    busy--;
    return value * 10;
  });
  assertEquals([results, most], [[10, 20, 30, 40, 50], 2]);
});

Deno.test("mapBounded() starts nothing more after a failure", async () => {
  const started: number[] = [];
  await assertRejects(() =>
    mapBounded([1, 2, 3, 4, 5, 6], 2, (value) => {
      started.push(value);
      return value === 2 ? Promise.reject(new Error("no")) : Promise.resolve(value);
    })
  );
  assertEquals(started.includes(6), false);
});

Deno.test("mapBounded() has nothing to do for nothing", async () => {
  assertEquals(await mapBounded([], 8, () => Promise.resolve()), []);
});
