import { assert, assertEquals } from "@std/assert";
import type { InstrumentTable } from "../../src/metrics/instrument.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { renderPrometheus } from "../../src/metrics/render_prometheus.ts";

const ROWS = {
  count: { type: "counter", name: "count_total", help: "Count.", labels: ["a", "b"] },
  level: { type: "gauge", name: "level", help: "Level.", labels: [] },
  times: { type: "histogram", name: "times_seconds", help: "T.", labels: ["a"], buckets: [1, 2] },
} as const satisfies InstrumentTable;

Deno.test("renderPrometheus writes every series, buckets counting the smaller ones as well", async () => {
  const meter = createMeter();
  meter.counter(ROWS.count).with('say "x"', "y\nz").add(3);
  meter.gauge(ROWS.level).with().set(-1.5);
  const times = meter.histogram(ROWS.times).with("x");
  for (const value of [0.5, 1.5, 1.5, 9]) times.observe(value);

  const { contentType, text } = await renderPrometheus(meter.snapshot());

  assert(contentType.startsWith("text/plain; version=0.0.4"));
  assertEquals(text.trimEnd().split("\n").filter((line) => line !== ""), [
    "# HELP count_total Count.",
    "# TYPE count_total counter",
    'count_total{a="say \\"x\\"",b="y\\nz"} 3',
    "# HELP level Level.",
    "# TYPE level gauge",
    "level -1.5",
    "# HELP times_seconds T.",
    "# TYPE times_seconds histogram",
    'times_seconds_bucket{a="x",le="1"} 1',
    'times_seconds_bucket{a="x",le="2"} 3',
    'times_seconds_bucket{a="x",le="+Inf"} 4',
    'times_seconds_sum{a="x"} 12.5',
    'times_seconds_count{a="x"} 4',
  ]);
});

Deno.test("renderPrometheus writes nothing of nothing", async () => {
  assertEquals((await renderPrometheus([])).text.trim(), "");
});
