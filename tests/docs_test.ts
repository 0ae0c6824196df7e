import { assertEquals } from "@std/assert";
import { withDocs } from "../scripts/docs.ts";

Deno.test("README.md holds the screen and the guides as they are now: deno task docs", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  assertEquals(readme, await withDocs(readme));
});
