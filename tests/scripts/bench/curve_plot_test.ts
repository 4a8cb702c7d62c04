import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { curvePlot, type Panel } from "../../../scripts/bench/curve_plot.ts";

function pointsOf(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points = ""]) =>
    points.split(" ").filter((point) => point !== "").map((point) => point.split(",").map(Number))
  );
}

const PANEL: Panel = {
  title: "all tags",
  unit: "ms",
  curves: {
    stowage: [{ x: 100, y: 1 }, { x: 10_000, y: 100 }],
    distribution3: [{ x: 100, y: 10 }, { x: 10_000, y: 10 }],
  },
};

Deno.test("curvePlot draws what grows as much as storage as a line to the corner", () => {
  const [stowage = [], distribution = []] = pointsOf(
    curvePlot({ title: "Growth", panels: [PANEL] }),
  );
  const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = []] = stowage;
  const [[, middle = 0] = [], [, end = 0] = []] = distribution;
  assertEquals([x1 > x0, y1 < y0], [true, true]);
  assertEquals(middle, end);
  assertAlmostEquals(middle, (y0 + y1) / 2, 0.2);
});

Deno.test("curvePlot puts three panels into a row", () => {
  const panels = Array.from({ length: 4 }, () => PANEL);
  const svg = curvePlot({ title: "Growth", panels });
  assertEquals(pointsOf(svg).filter((points) => points.length > 0).length, 8);
  assertStringIncludes(svg, 'viewBox="0 0 870 486"');
});

Deno.test("curvePlot has room where all values are the same", () => {
  const curves = { stowage: [{ x: 100, y: 10 }] };
  const svg = curvePlot({ title: "", panels: [{ ...PANEL, curves }] });
  assertEquals(/NaN|Infinity/.test(svg), false);
});
