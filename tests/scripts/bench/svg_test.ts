import { assertEquals, assertStringIncludes } from "@std/assert";
import { drawing, element, label, line, round } from "../../../scripts/bench/svg.ts";

Deno.test("element escapes what it is given but its content", () => {
  assertEquals(element("a", { b: '<"&', c: 1 }), '<a b="&lt;&quot;&amp;" c="1"/>');
  assertEquals(element("a", {}, "<b/>"), "<a><b/></a>");
});

Deno.test("label and line are placed to a tenth of a pixel", () => {
  assertStringIncludes(label("1 < 2", { x: 1.26, y: 2 }), 'x="1.3" y="2"');
  assertStringIncludes(label("1 < 2", { x: 1, y: 2, bold: true }), 'bold">1 &lt; 2</text>');
  assertEquals(line([0.04, 1], [2, 3.33], {}), '<line x1="0" y1="1" x2="2" y2="3.3"/>');
  assertEquals(round(1.25), 1.3);
});

Deno.test("drawing has a title for those who do not see it, and a ground", () => {
  const svg = drawing({ width: 10, height: 20, title: "A & B" }, ["<g/>"]);
  assertStringIncludes(svg, 'viewBox="0 0 10 20"');
  assertStringIncludes(svg, "<title>A &amp; B</title>");
  assertStringIncludes(svg, "<g/>\n</svg>\n");
});
