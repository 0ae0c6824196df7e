import { assertEquals } from "@std/assert";
import { type IniFile, parseIni } from "../lib/ini.ts";

/** Sections as plain objects; what is indented stands under its key. */
function plain({ sections }: IniFile): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Array.from(sections, ([name, { values, blocks }]) => [name, {
      ...Object.fromEntries(values),
      ...Object.fromEntries(Array.from(blocks, ([key, block]) => [key, Object.fromEntries(block)])),
    }]),
  );
}

type Row = [name: string, lines: string, values: Record<string, unknown>, warnings?: number[]];

/** What follows `[default]`. */
for (
  const [name, lines, values, warnings = []] of [
    ["takes off a comment after a blank", "k = v #c", { k: "v" }],
    ["takes off a comment after a tab", "k = v\t;c", { k: "v" }],
    ["keeps # within a value", "k = v#c", { k: "v#c" }],
    ["reads a comment alone as nothing", "k = #v", {}],
    ["passes over lines that are comments", "# a = b\n ; c = d\nk = v", { k: "v" }],
    ["takes a colon for an equals sign", "k: v", { k: "v" }],
    ["splits at the first sign: ARN", "k = arn:aws:iam::1:role/x", { k: "arn:aws:iam::1:role/x" }],
    ["splits at the first sign: padding", "k = a=b==", { k: "a=b==" }],
    ["drops quotes", 'k = "v w"\nl = \'x\'\nm = "y', { k: "v w", l: "x", m: '"y' }],
    ["keeps quotes around parts of a value", `k = "/a b" "c"\nl = 'it''s'`, {
      k: '"/a b" "c"',
      l: "'it''s'",
    }],
    ["reads keys in lower case", "Region = eu-west-1", { region: "eu-west-1" }],
    ["takes the last of two values", "k = 1\nk = 2", { k: "2" }, [3]],
    ["reads an empty value as none", "k =\nl = 1", { l: "1" }],
    ["lets an empty value end an earlier one", "k = 1\nk =", {}, [3]],
    ["reads indented keys into a block", "s3 =\n  a = b\n  C: d\nk = v", {
      s3: { a: "b", c: "d" },
      k: "v",
    }],
    ["warns of junk in a block", "s3 =\n  a", { s3: {} }, [3]],
    ["joins indented lines to the value", "k = v\n  more\n  a = b", { k: "v\nmore\na = b" }],
    ["reads an indented first key", "  k = v", { k: "v" }],
    ["reads keys that are indented alike", "  k = v\n  l = w\n    x\nm = y", {
      k: "v",
      l: "w\nx",
      m: "y",
    }],
    ["warns of junk", "junk\n= v\nk = v", { k: "v" }, [2, 3]],
    ["takes escapes and variables as they are", "k = %(x)s\\n$VAR", { k: "%(x)s\\n$VAR" }],
    ["leaves out __proto__", "__proto__ = v\nk = v", { k: "v" }, [2]],
  ] satisfies Row[]
) {
  Deno.test(`parseIni() ${name}`, () => {
    const file = parseIni(`[default]\n${lines}\n`);
    assertEquals(plain(file), { default: values });
    assertEquals(file.warnings.map(({ line }) => line), warnings);
  });
}

type FileRow = [name: string, text: string, sections: unknown, warnings?: number[]];

for (
  const [name, text, sections, warnings = []] of [
    ["joins sections of one name", "[a]\nk = 1\n[b]\n[a]\nl = 2", {
      a: { k: "1", l: "2" },
      b: {},
    }],
    ["keeps quotes in a section's name", '[profile "my prof"]', { 'profile "my prof"': {} }],
    ["takes off blanks around a section's name", "[  profile   p  ]", { "profile   p": {} }],
    ["takes off a comment after a section", "[profile p] ; c", { "profile p": {} }],
    ["leaves out a section with # in its name", "[a]\nk = 1\n[profile a#b]\nk = 2", {
      a: { k: "1" },
    }, [3]],
    ["leaves out a section that is not closed", "[a]\nk = 1\n[default\nk = 2\n[b]", {
      a: { k: "1" },
      b: {},
    }, [3]],
    ["takes any letters in a section's name", "[profile übung]\n[profile a.b/c@d+e:f]", {
      "profile übung": {},
      "profile a.b/c@d+e:f": {},
    }],
    ["passes over keys before any section", "k = 1\njunk\n[a]", { a: {} }],
    ["reads Windows line ends", "[a]\r\nk = v\r\n", { a: { k: "v" } }],
    ["takes off a byte-order mark", "\uFEFF[a]\nk = v", { a: { k: "v" } }],
    ["leaves out a section __proto__", "[__proto__]\nk = v\n[a]", { a: {} }, [1]],
    ["reads a section that is indented", " [a]\n k = v\n [b]\n k = w", {
      a: { k: "v" },
      b: { k: "w" },
    }],
    ["reads an empty file", "", {}],
  ] satisfies FileRow[]
) {
  Deno.test(`parseIni() ${name}`, () => {
    const file = parseIni(text);
    assertEquals(plain(file), sections);
    assertEquals(file.warnings.map(({ line }) => line), warnings);
  });
}

Deno.test("parseIni() never repeats a line in a warning", () => {
  const { warnings } = parseIni("[a]\ns3cret\n[s3cret#");
  assertEquals(warnings.length, 2);
  assertEquals(JSON.stringify(warnings).includes("s3cret"), false);
});

Deno.test("parseIni() reads a long line and many sections quickly", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `[p${index}]\nk = ${index}\n`).join("");
  const { sections } = parseIni(
    `[long]\nk = ${" ".repeat(200_000)}v${" #".repeat(50_000)}\n${many}`,
  );
  assertEquals(sections.size, 20_001);
});
