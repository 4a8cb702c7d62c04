import { assertEquals, assertStringIncludes } from "@std/assert";
import { barPlot, legend } from "../../../scripts/bench/bar_plot.ts";
import { COLOURS } from "../../../scripts/bench/svg.ts";

/** The widths of the bars of a colour, without the square of the legend. */
function widths(svg: string, colour: string): number[] {
  const bars = svg.matchAll(new RegExp(`width="([\\d.]+)" height="11" fill="${colour}"`, "g"));
  return [...bars].map(([, width]) => Number(width));
}

Deno.test("barPlot draws bars as long as their values", () => {
  const svg = barPlot({
    title: "Speed",
    rows: [
      { title: "one", values: { stowage: 100, distribution3: 50 } },
      { title: "two", values: { stowage: 25 } },
    ],
    format: (value) => `${value} x/s`,
  });
  const [longest = 0, quarter = 0] = widths(svg, COLOURS.stowage);
  assertEquals(Math.round(longest / quarter), 4);
  assertEquals(Math.round(longest / (widths(svg, COLOURS.distribution3)[0] ?? 0)), 2);
  for (const text of ["Speed", "one", "two", "100 x/s", "25 x/s"]) assertStringIncludes(svg, text);
});

Deno.test("barPlot makes room for a mark beyond the bars", () => {
  const rows = [{ title: "one", values: { stowage: 1 }, mark: 4 }];
  const svg = barPlot({ title: "", rows, format: String });
  const [, x1] = /<line x1="([\d.]+)"/.exec(svg) ?? [];
  const [bar = 0] = widths(svg, COLOURS.stowage);
  assertEquals(Math.round((Number(x1) - 250) / bar), 4);
});

Deno.test("legend names the servers there are", () => {
  const text = legend(["stowage", "distribution2"]);
  assertEquals(text.match(/<text/g)?.length, 2);
  assertStringIncludes(text, "Distribution 2.8.2");
});
