import { assertEquals } from "@std/assert";
import { xmlText } from "../../../lib/identity/aws/xml.ts";

for (
  const [what, xml, text] of [
    [
      "a prolog, comments and white space",
      "<?xml version='1.0'?>\n<!-- a > b -->\n<A >\n <B\n>\tx\n</B ></A >\n",
      "x",
    ],
    ["any namespace", '<n:A xmlns:n="urn:a" b="c > d"><n:B>x</n:B></n:A>', "x"],
    ["the five named entities", "<A><B>&lt;&gt;&amp;&quot;&apos;</B></A>", "<>&\"'"],
    ["numeric entities", "<A><B>a&#43;b&#x2F;&#X1F600;</B></A>", "a+b/😀"],
    [
      "unknown entities as they are",
      "<A><B>&nope;&#x7fffffff;&#1114112;</B></A>",
      "&nope;&#x7fffffff;&#1114112;",
    ],
    ["CDATA as it is", "<A><B><![CDATA[<&amp;]]></B></A>", "<&amp;"],
    ["the first of several", "<A><B>1</B><B>2</B></A>", "1"],
    ["elements that are empty", "<A><B/></A>", ""],
    ["nothing from another place", "<A><C><B>1</B></C></A>", undefined],
    [
      "nothing from a document with a type",
      '<!DOCTYPE A [<!ENTITY e "x">]><A><B>&e;</B></A>',
      undefined,
    ],
    ["nothing from elements that are not closed", "<A><B>1</B>", undefined],
    ["nothing from elements that are closed wrongly", "<A><B>1</A></B>", undefined],
    ["nothing from a web page", "<html><br>x</html>", undefined],
    ["nothing from text around it", "<A><B>1</B></A>x", undefined],
    ["nothing from nothing", "", undefined],
  ] satisfies [string, string, string | undefined][]
) {
  Deno.test(`xmlText() reads ${what}`, () => {
    assertEquals(xmlText(xml, "A", "B"), text);
  });
}

Deno.test("xmlText() reads long documents quickly", () => {
  const xml = `<A>${"<C a='b'>x</C>".repeat(50_000)}<B>1</B>${"<!--".repeat(2)}-->${
    " ".repeat(100_000)
  }</A>`;
  assertEquals(xmlText(xml, "A", "B"), "1");
  assertEquals(xmlText(`<A${" ".repeat(100_000)}`, "A"), undefined);
  assertEquals(xmlText("<A".repeat(50_000), "A"), undefined);
});
