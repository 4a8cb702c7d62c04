import { assertEquals } from "@std/assert";
import { compare } from "../../../scripts/bench/comparison.ts";
import { cpuRows, figureRows, targetRows } from "../../../scripts/bench/comparison_tables.ts";
import { SAMPLES } from "./_samples.ts";

const COMPARISONS = compare(SAMPLES);

Deno.test("figureRows have a row for each figure and size", () => {
  const [head, ...rows] = figureRows(COMPARISONS);
  assertEquals(head?.slice(2, 6), ["Stowage", "Distribution 3.1.2", "Distribution 2.8.2", "ratio"]);
  assertEquals(rows[0], [
    "manifest GET by tag",
    "requests/s",
    "9,000",
    "2,000",
    "400",
    "4.50x",
    "22 %",
  ]);
  assertEquals(rows.at(-1), [
    "first page of 100 tags (storage of 100,000)",
    "ms",
    "60.0",
    "120",
    "–",
    "2.00x",
    "–",
  ]);
});

Deno.test("targetRows tell whether a target is reached", () => {
  const [, ...rows] = targetRows(COMPARISONS);
  assertEquals(rows.map(([title, , , ratio, target, reached]) => [title, ratio, target, reached]), [
    ["manifest GET by tag", "4.50x", "4x", "yes"],
    ["push of 100 MB layers, 1 client", "1.20x", "1.7x", "NO"],
    ["peak memory over the whole run", "0.77x", "at most 136 MB", "yes"],
    ["first page of 100 tags (storage of 100,000)", "2.00x", "at most 50 ms", "NO"],
  ]);
});

Deno.test("cpuRows have those figures whose operations were counted", () => {
  const [, ...rows] = cpuRows(COMPARISONS);
  assertEquals(rows, [
    ["manifest GET by tag", "request", "100 µs", "100 µs", "100 µs"],
    ["push of 100 MB layers, 1 client", "blob", "200 ms", "200 ms", "–"],
  ]);
});
