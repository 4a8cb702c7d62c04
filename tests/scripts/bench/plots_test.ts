import { assertEquals, assertStringIncludes } from "@std/assert";
import { compare } from "../../../scripts/bench/comparison.ts";
import { drawPlots } from "../../../scripts/bench/plots.ts";
import { SAMPLES } from "./_samples.ts";

Deno.test("drawPlots draws the groups that were measured", () => {
  const plots = drawPlots(compare(SAMPLES));
  assertEquals(plots.map(({ file }) => file), [
    "ratios.svg",
    "requests.svg",
    "push.svg",
    "memory.svg",
    "processor.svg",
    "lists.svg",
  ]);
  const [ratios, , , , , lists] = plots;
  assertStringIncludes(ratios?.svg ?? "", ">4.50x<");
  assertStringIncludes(lists?.svg ?? "", "first page of 100 tags (ms)");
  for (const { svg } of plots) assertEquals(/NaN|Infinity|undefined/.test(svg), false);
});

Deno.test("drawPlots draws nothing of nothing", () => {
  assertEquals(drawPlots([]), []);
});
