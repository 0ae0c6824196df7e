/**
 * Writes into `README.md` what is made elsewhere: a recorded screen, and the guides of all registries
 * from the recipes that the program asks by. `deno task docs`
 *
 * @module
 */

import { guideMarkdown } from "../lib/cli/guide.ts";
import { RECIPES } from "../lib/registries/index.ts";

const ROOT = new URL("..", import.meta.url);
const END = "<!-- end -->";

/**
 * The README with what is made for it.
 *
 * @param readme Its text.
 * @returns Its text; what stands between a mark and its end is made anew.
 */
export async function withDocs(readme: string): Promise<string> {
  const screen = await Deno.readTextFile(new URL("tests/data/screens/ghcr-100x30.txt", ROOT));
  const guides = RECIPES.map(guideMarkdown).join("\n\n");
  return between(
    between(readme, "screen", `\`\`\`console\n$ regauth setup\n${screen}\`\`\``),
    "registries",
    guides,
  );
}

function between(readme: string, name: string, text: string): string {
  const mark = `<!-- ${name}: written by deno task docs -->`;
  const start = readme.indexOf(mark) + mark.length;
  const end = readme.indexOf(END, start);
  if (start < mark.length || end === -1) throw new Error(`README.md does not hold "${mark}".`);
  return `${readme.slice(0, start)}\n\n${text}\n\n${readme.slice(end)}`;
}

if (import.meta.main) {
  const file = new URL("README.md", ROOT);
  await Deno.writeTextFile(file, await withDocs(await Deno.readTextFile(file)));
}
