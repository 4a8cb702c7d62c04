import { assertEquals } from "@std/assert";
import type { InstrumentTable } from "../../src/metrics/instrument.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { keepCounts, mergeSnapshots, sumOf } from "../../src/metrics/snapshot.ts";

const ROWS = {
  count: { type: "counter", name: "count_total", help: "Count.", labels: ["a", "b"] },
  level: { type: "gauge", name: "level", help: "Level.", labels: [] },
  times: { type: "histogram", name: "times_seconds", help: "Times.", labels: [], buckets: [1] },
} as const satisfies InstrumentTable;

/** What a thread measured. */
function snapshotOf({ count, level, time }: { count: string; level: number; time: number }) {
  const meter = createMeter();
  meter.counter(ROWS.count).with(count, "b").add();
  meter.gauge(ROWS.level).with().set(level);
  meter.histogram(ROWS.times).with().observe(time);
  return meter.snapshot();
}

Deno.test("mergeSnapshots adds counters, gauges and buckets of equal labels", () => {
  const merged = mergeSnapshots([
    snapshotOf({ count: "x", level: 1, time: 0.5 }),
    snapshotOf({ count: "y", level: 2, time: 2 }),
    snapshotOf({ count: "x", level: 4, time: 0.25 }),
  ]);

  assertEquals(merged, [
    {
      instrument: ROWS.count,
      series: [{ labels: ["x", "b"], values: [2] }, { labels: ["y", "b"], values: [1] }],
    },
    { instrument: ROWS.level, series: [{ labels: [], values: [7] }] },
    { instrument: ROWS.times, series: [{ labels: [], values: [2, 1, 2.75] }] },
  ]);
});

Deno.test("mergeSnapshots leaves what it is given as it was", () => {
  const one = snapshotOf({ count: "x", level: 1, time: 0.5 });
  const copy = structuredClone(one);
  mergeSnapshots([one, one]);
  assertEquals(one, copy);
});

Deno.test("keepCounts keeps counters and histograms and no gauge", () => {
  const kept = keepCounts(snapshotOf({ count: "x", level: 1, time: 0.5 }));
  assertEquals(kept.map(({ instrument }) => instrument.name), ["count_total", "times_seconds"]);
});

Deno.test("sumOf sums the series whose labels fit, and is 0 where there is none", () => {
  const merged = mergeSnapshots([
    snapshotOf({ count: "x", level: 1, time: 0 }),
    snapshotOf({ count: "y", level: 1, time: 0 }),
  ]);
  assertEquals(sumOf(merged, ROWS.count), 2);
  assertEquals(sumOf(merged, ROWS.count, { a: "x" }), 1);
  assertEquals(sumOf(merged, ROWS.count, { a: "x", b: "other" }), 0);
  assertEquals(sumOf([], ROWS.count), 0);
});
