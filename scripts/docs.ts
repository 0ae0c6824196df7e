/**
 * Writes the guides of all registries into `README.md`, from the recipes that the program asks by:
 * `deno task docs`.
 *
 * @module
 */

import { guideMarkdown } from "../lib/cli/guide.ts";
import { RECIPES } from "../lib/registries/index.ts";

const FILE = new URL("../README.md", import.meta.url);
const START = "<!-- registries: written by deno task docs -->";
const END = "<!-- end of registries -->";

/**
 * The README with the guides in it.
 *
 * @param readme Its text.
 * @returns Its text, in which what stands between the two marks is made from the recipes.
 */
export function withGuides(readme: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start === -1 || end < start) {
    throw new Error(`README.md does not hold "${START}" and its end.`);
  }
  const guides = RECIPES.map(guideMarkdown).join("\n\n");
  return `${readme.slice(0, start)}${START}\n\n${guides}\n\n${readme.slice(end)}`;
}

if (import.meta.main) {
  await Deno.writeTextFile(FILE, withGuides(await Deno.readTextFile(FILE)));
}
