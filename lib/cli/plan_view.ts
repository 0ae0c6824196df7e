/**
 * Shows what a plan would change: the lines of each file, and what helpers would be told.
 *
 * @module
 */

import type { Io } from "../io.ts";
import { type FilePreview, maskedSecret, type Preview } from "../plan_preview.ts";
import { shortPath } from "../short_path.ts";
import { oneLine, type Style } from "./style.ts";
import { wrapText } from "./width.ts";

/** How the lines are laid out. */
export interface PlanLayout {
  readonly style: Style;
  /** Width in columns. */
  readonly columns: number;
}

/**
 * The lines that show a plan.
 *
 * @param io The outside world.
 * @param preview What would change.
 * @param layout Colours and width.
 * @returns The lines.
 */
export function planLines(
  io: Io,
  { files, helpers }: Pick<Preview, "files" | "helpers">,
  layout: PlanLayout,
): readonly string[] {
  return [
    ...files.flatMap((file) => fileLines(io, file, layout)),
    ...helpers.flatMap(({ program, server, action, username, length }) => {
      const name = username === "" ? "" : ` as ${username}`;
      const secret = action === "remove" ? "" : `: ${maskedSecret(length)}`;
      return [
        `  ${layout.style.bold(program)}`,
        ...(action === "replace" ? marked("-", `${server}: ‹secret›`, layout) : []),
        ...marked(action === "remove" ? "-" : "+", `${server}${name}${secret}`, layout),
      ];
    }),
  ];
}

function fileLines(
  io: Io,
  { path, isNew, lines }: FilePreview,
  layout: PlanLayout,
): readonly string[] {
  const { bold, dim } = layout.style;
  return [
    `  ${bold(oneLine(shortPath(io, path)))}${isNew ? dim(" (new)") : ""}`,
    ...lines.flatMap(({ mark, text }) => marked(mark, text, layout)),
  ];
}

function marked(
  mark: FilePreview["lines"][number]["mark"],
  text: string,
  { style, columns }: PlanLayout,
): readonly string[] {
  const { green, red, dim, symbols } = style;
  const isAscii = symbols.ellipsis !== "…";
  const plain = oneLine(mark === "…" ? `${text}…` : text);
  const shown = isAscii
    ? plain.replaceAll("…", "...").replaceAll("‹", "<").replaceAll("›", ">")
    : plain;
  const indent = " ".repeat(/^ */.exec(shown)?.[0].length ?? 0);
  const lines = wrapText(shown.trimStart(), columns - indent.length - 6);
  const paint = mark === "+" ? green : mark === "-" ? red : mark === "…" ? dim : undefined;
  return lines.map((line, index) => {
    const row = `  ${mark === "…" ? " " : mark} ${indent}${index === 0 ? "" : "  "}${line}`;
    return paint?.(row) ?? row;
  });
}
