/**
 * Reads INI files as the tools of clouds write them: sections, keys and values, and values that hold
 * keys of their own one level down. It never fails: what cannot be read is told beside the rest.
 *
 * @example
 * ```ts
 * import { parseIni } from "./ini.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { sections, warnings } = parseIni("[default]\nRegion = eu-west-1 ; near\njunk\n");
 * assertEquals(sections.get("default")?.values.get("region"), "eu-west-1");
 * assertEquals(warnings, [{ line: 3, why: "it has no = or :" }]);
 * ```
 *
 * @module
 */

/** One section. */
export interface IniSection {
  /** Values by key in lower case; an empty value is none. */
  readonly values: ReadonlyMap<string, string>;
  /** Indented keys and values, by the key above them. */
  readonly blocks: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A line that was not read as it was meant, perhaps. */
export interface IniWarning {
  /** Its number, from 1. */
  readonly line: number;
  /** Why. Never a part of the line: that might be a secret. */
  readonly why: string;
}

/** A file. */
export interface IniFile {
  /** Sections by the text between the brackets, without blanks around it. */
  readonly sections: ReadonlyMap<string, IniSection>;
  /** What to tell the owner of the file. */
  readonly warnings: readonly IniWarning[];
}

interface OpenSection {
  readonly values: Map<string, string>;
  readonly blocks: Map<string, Map<string, string>>;
}

/** `[name]`, then nothing but a comment. */
const HEADER = /^\[([^\]#;]*)\]\s*(?:[#;].*)?$/;

/**
 * Parses a file. Where the parsers of AWS (aws-sdk-go-v2 `config/internal/ini`, `parseIni` of the
 * SDK for JavaScript, botocore) disagree, what most users meant wins.
 *
 * @param text The text, with or without byte-order mark.
 * @returns Sections and warnings.
 */
export function parseIni(text: string): IniFile {
  const sections = new Map<string, OpenSection>();
  const warnings: IniWarning[] = [];
  let section: OpenSection | undefined;
  /** The key that lines belong to which are indented more than it is. */
  let open: { readonly key: string; readonly indent: number } | undefined;

  for (const [index, line] of text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).entries()) {
    const content = line.trim();
    const warn = (why: string): void => void warnings.push({ line: index + 1, why });
    if (content === "" || /^[#;]/.test(content)) continue;
    const indent = line.search(/\S/);
    const within = open !== undefined && indent > open.indent ? open.key : undefined;
    if (within === undefined && content.startsWith("[")) {
      const name = HEADER.exec(content)?.[1]?.trim();
      section = name === undefined || name === "__proto__" ? undefined : sectionOf(sections, name);
      open = undefined;
      if (section === undefined) warn("it is no section, so what follows is left out");
      continue;
    }
    if (section === undefined) continue;
    if (within !== undefined) {
      const value = section.values.get(within);
      if (value !== undefined) {
        section.values.set(within, `${value}\n${withoutComment(content)}`);
      } else {
        const block = section.blocks.get(within) ?? new Map<string, string>();
        section.blocks.set(within, block);
        const pair = readPair(content);
        if (pair) setValue(block, pair, warn);
        else warn("it has no = or :");
      }
      continue;
    }
    const pair = readPair(content);
    open = pair && { key: pair.key, indent };
    if (pair) setValue(section.values, pair, warn);
    else warn("it has no = or :");
  }
  return { sections, warnings };
}

function sectionOf(sections: Map<string, OpenSection>, name: string): OpenSection {
  const section = sections.get(name) ?? { values: new Map(), blocks: new Map() };
  sections.set(name, section);
  return section;
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** The first of `=` and `:` splits: values hold colons, as ARNs do. */
function readPair(content: string): Pair | undefined {
  const [, name = "", rest = ""] = /^([^=:]+)[=:](.*)$/s.exec(content) ?? [];
  const key = name.trim().toLowerCase();
  if (key === "" || key === "__proto__") return undefined;
  return { key, value: withoutQuotes(withoutComment(rest)) };
}

function setValue(
  values: Map<string, string>,
  { key, value }: Pair,
  warn: (why: string) => void,
): void {
  if (values.has(key)) warn("its key stands in the section twice; this one counts");
  if (value === "") values.delete(key);
  else values.set(key, value);
}

/** A comment has white space before it: passwords and URLs hold `#` and `;`. */
function withoutComment(text: string): string {
  return text.replace(/\s[#;].*$/s, "").trim();
}

/** One pair around all of it: a command line may begin and end with words in quotes. */
function withoutQuotes(text: string): string {
  return /^"([^"]*)"$/.exec(text)?.[1] ?? /^'([^']*)'$/.exec(text)?.[1] ?? text;
}
