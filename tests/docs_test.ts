import { assertEquals } from "@std/assert";
import { withGuides } from "../scripts/docs.ts";

Deno.test("README.md holds the guides as the recipes have them: deno task docs", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  assertEquals(readme, withGuides(readme));
});
