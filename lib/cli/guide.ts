/**
 * The guide of a registry, made from its recipe: for the terminal, for the README, and as data.
 *
 * @example The README and the terminal say the same
 * ```ts
 * import { guideMarkdown, guideText } from "./guide.ts";
 * import { makeStyle } from "./style.ts";
 * import { ghcr } from "../registries/ghcr.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const style = makeStyle(false, true);
 * const text = guideText(ghcr, { style, columns: 80 }).join("\n");
 * assertEquals(text.startsWith("GitHub Container Registry"), true);
 * assertEquals(guideMarkdown(ghcr).includes("GitHub Container Registry"), true);
 * ```
 *
 * @module
 */

import type { Facts } from "../facts.ts";
import type { Access, Answers, Recipe, TokenPage, Way } from "../recipe.ts";
import type { Style } from "./style.ts";
import { wrapText } from "./width.ts";

/** How the text is laid out. */
export interface GuideLayout {
  readonly style: Style;
  /** Width in columns. */
  readonly columns: number;
}

/** One part of a guide: paragraphs, or names with their explanations. */
interface Section {
  readonly title: string;
  readonly paragraphs?: readonly string[];
  readonly items?: readonly Item[];
}

interface Item {
  readonly name?: string;
  readonly text: string;
  /** What belongs to it, one line each. */
  readonly more?: readonly string[];
}

/**
 * The guide for a terminal.
 *
 * @param recipe The recipe.
 * @param layout Colours and width.
 * @returns Its lines.
 */
export function guideText(recipe: Recipe, { style, columns }: GuideLayout): readonly string[] {
  const wrapped = (text: string, indent: string): string[] =>
    wrapText(text, columns - indent.length).map((line) => indent + line);
  const itemLines = ({ name, text, more = [] }: Item): string[] => {
    const dot = style.symbols.dot;
    if (name === undefined) {
      const [first = "", ...rest] = wrapText(text, columns - 4);
      return [`  ${dot} ${first}`, ...rest.map((line) => `    ${line}`)];
    }
    return [
      `  ${style.cyan(name)}`,
      ...wrapped(text, "    "),
      ...more.flatMap((line) => wrapped(line, "    ").map(style.dim)),
    ];
  };
  return [
    style.bold(recipe.title),
    ...sectionsOf(recipe).flatMap(({ title, paragraphs = [], items = [] }) => [
      ...(title === "" ? [] : ["", style.bold(title)]),
      ...paragraphs.flatMap((text) => wrapped(text, title === "" ? "" : "  ")),
      ...items.flatMap(itemLines),
    ]),
  ];
}

/**
 * The guide for the README.
 *
 * @param recipe The recipe.
 * @returns Markdown, folded away below its title.
 */
export function guideMarkdown(recipe: Recipe): string {
  const lines = sectionsOf(recipe).flatMap(({ title, paragraphs = [], items = [] }) => [
    ...(title === "" ? [] : [`**${title}**`, ""]),
    ...paragraphs.flatMap((text) => [escape(text), ""]),
    ...items.map(({ name, text, more = [] }) => {
      const start = name === undefined ? "- " : `- \`${name}\`: `;
      return start + [text, ...more].map(sentence).map(escape).join(" ");
    }),
    ...(items.length > 0 ? [""] : []),
  ]);
  return [
    `<details><summary><b>${recipe.title}</b>: <code>regauth setup ${recipe.id}</code></summary>`,
    "",
    ...lines,
    "</details>",
  ].join("\n");
}

/**
 * The guide as data, for `--json`.
 *
 * @param recipe The recipe.
 * @returns A document.
 */
export function guideDocument(recipe: Recipe): unknown {
  const { id, title, ways, guide } = recipe;
  return {
    schema: "regauth.guide/1",
    recipe: id,
    title,
    ways: ways.map((way) => ({
      id: way.id,
      title: way.title,
      meaning: way.meaning,
      expires: way.expires ?? "",
      page: {
        pull: pageOf(recipe, way, "pull") ?? null,
        push: pageOf(recipe, way, "push") ?? null,
      },
    })),
    ...guide,
  };
}

function sectionsOf(recipe: Recipe): readonly Section[] {
  const { ways, guide } = recipe;
  return [
    { title: "", paragraphs: [guide.about] },
    { title: "Ways to sign in, the best first", items: ways.map((way) => wayItem(recipe, way)) },
    {
      title: "Rights",
      items: [
        { name: "pull", text: guide.rights.pull },
        { name: "push", text: guide.rights.push },
      ],
    },
    { title: "Names", paragraphs: [guide.names] },
    { title: "Repositories and who sees them", paragraphs: [guide.repositories] },
    { title: "Pitfalls", items: guide.pitfalls.map((text) => ({ text })) },
    {
      title: "Messages",
      items: guide.troubles.map(({ message, cause, fix }) => ({
        name: message,
        text: cause,
        more: [fix],
      })),
    },
  ];
}

function wayItem(recipe: Recipe, way: Way): Item {
  const [pull, push] = [pageOf(recipe, way, "pull"), pageOf(recipe, way, "push")];
  const rights = pull && push && pull.rights !== push.rights
    ? [`To pull: ${pull.rights}`, `To push: ${push.rights}`]
    : pull
    ? [`Rights: ${pull.rights}`]
    : [];
  return {
    name: `--method ${way.id}`,
    text: `${way.title}. ${way.meaning}`,
    more: [
      ...(pull?.url === undefined ? [] : [`Make it at ${pull.url}`]),
      ...rights,
      ...(pull?.remark === undefined ? [] : [pull.remark]),
      ...(way.expires === undefined ? [] : [`It ends ${way.expires}.`]),
    ],
  };
}

/** The page as it is before anything is answered, on the host that most people mean. */
function pageOf(
  { hosts, hostForm }: Recipe,
  way: Way,
  access: Access,
): TokenPage | undefined {
  const [usual] = hostForm ? [] : hosts(NOTHING);
  const answers: Answers = { host: usual?.value ?? "HOST", access, texts: {} };
  return way.page?.(answers);
}

/** A machine on which nothing is known. */
const NOTHING: Facts = {
  env: {},
  programs: new Set(),
  gitHosts: [],
  awsProfiles: [],
  saved: [],
};

/** Text of a recipe is plain: what Markdown would read otherwise is escaped. */
function escape(text: string): string {
  return text.replace(/[\\`*<>|]|(?<!\w)_/g, "\\$&")
    .replace(/https?:\/\/[^\s,;)]+[^\s,;).:]/g, (url) => `<${url}>`);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
