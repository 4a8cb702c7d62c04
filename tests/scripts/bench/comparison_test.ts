import { assertEquals } from "@std/assert";
import { compare, ratioOf } from "../../../scripts/bench/comparison.ts";
import { SAMPLES, samplesOf } from "./_samples.ts";

Deno.test("compare sums up figure by figure and size by size", () => {
  const comparisons = compare(SAMPLES.toReversed());
  assertEquals(comparisons.map(({ figure, size, reached }) => [figure.name, size, reached]), [
    ["manifest-get-tag", undefined, true],
    ["push-100mb-1", undefined, false],
    ["memory-peak", undefined, true],
    ["tags-first-page", 100, undefined],
    ["tags-first-page", 100_000, false],
  ]);
  const [manifests, , memory] = comparisons;
  assertEquals(manifests?.servers.stowage, {
    value: 9000,
    min: 8000,
    max: 10_000,
    rounds: 3,
    ratio: 4.5,
    cpuMs: 0.1,
  });
  assertEquals(manifests?.servers.distribution2?.ratio, 0.2);
  assertEquals(memory?.servers.stowage?.value, 130);
  assertEquals(memory?.servers.stowage?.ratio, 100 / 130);
});

Deno.test("compare knows no ratio without Distribution 3", () => {
  const [comparison] = compare(samplesOf("manifest-get-tag", { stowage: [1], distribution2: [1] }));
  assertEquals(comparison?.servers.stowage?.ratio, undefined);
  assertEquals(comparison?.reached, undefined);
  assertEquals(comparison?.target?.ratio, 4);
});

Deno.test("ratioOf is more than 1 for what is better", () => {
  assertEquals(ratioOf(30, { baseline: 10, better: "higher" }), 3);
  assertEquals(ratioOf(10, { baseline: 30, better: "lower" }), 3);
});
