/**
 * Reads the small XML documents of AWS's older services: elements and text, and nothing that could
 * make a document larger than it is.
 *
 * @example
 * ```ts
 * import { xmlText } from "./xml.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "<a:E xmlns:a='urn:x'><a:Code> 1 &lt; 2&#43;2 </a:Code></a:E>";
 * assertEquals(xmlText(text, "E", "Code"), "1 < 2+2");
 * assertEquals(xmlText(text, "E", "Message"), undefined);
 * assertEquals(xmlText("<!DOCTYPE E []><E/>", "E"), undefined);
 * ```
 *
 * @module
 */

/** Everything between `<` and `>`: comment, prolog, CDATA, or a tag with its attributes. */
const MARKUP =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)(?:\s[^<>]*?)?(\/?)>/g;

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

/**
 * Finds the text of an element.
 *
 * @param xml A document.
 * @param path Names of the elements that lead to it, from the outermost, without prefixes.
 * @returns The text of the first one, without blanks around it, or `undefined` if there is none or
 * the document is not well-formed.
 */
export function xmlText(xml: string, ...path: readonly string[]): string | undefined {
  const wanted = path.join("/");
  const open: string[] = [];
  let found: string | undefined;
  let text = "";
  let end = 0;
  for (const match of xml.matchAll(MARKUP)) {
    const [markup, data, closing, name, empty] = match;
    const between = xml.slice(end, match.index);
    end = match.index + markup.length;
    // A document type could define entities.
    if (between.includes("<")) return undefined;
    text += decode(between) + (data ?? "");
    if (name === undefined) continue;
    const local = name.replace(/^.*:/, "");
    if (closing) {
      if (open.join("/") === wanted) found ??= text.trim();
      if (open.pop() !== local) return undefined;
    } else {
      if (empty && [...open, local].join("/") === wanted) found ??= "";
      if (!empty) open.push(local);
    }
    text = "";
  }
  return open.length === 0 && xml.slice(end).trim() === "" ? found : undefined;
}

function decode(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (entity, hex, decimal, name) => {
      if (name !== undefined) return NAMED[name] ?? entity;
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
    },
  );
}
