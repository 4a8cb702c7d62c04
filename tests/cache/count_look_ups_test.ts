import { assertEquals } from "@std/assert";
import { countLookUps, timeOperations } from "../../src/cache/count_look_ups.ts";
import { createMeter } from "../../src/metrics/meter.ts";

Deno.test("countLookUps counts each look-up, and which were answered or failed", () => {
  const meter = createMeter();
  const observe = countLookUps(meter);

  for (const outcome of ["miss", "hit", "hit", "error"] as const) observe(outcome);

  const counts = meter.snapshot().map(({ series }) => series[0]?.values);
  assertEquals(counts, [[4], [2], [1]]);
});

Deno.test("timeOperations counts seconds by operation", () => {
  const meter = createMeter();
  const time = timeOperations(meter);

  time("RepoStat", 2);
  time("RepoSetDescriptor", 20_000);

  const series = meter.snapshot()[0]?.series.map(({ labels, values }) => [labels, values.at(-1)]);
  assertEquals(series, [[["RepoStat"], 0.002], [["RepoSetDescriptor"], 20]]);
});
