import { assertEquals } from "@std/assert";
import type { InstrumentTable } from "../../src/metrics/instrument.ts";
import { createMeter } from "../../src/metrics/meter.ts";

const ROWS = {
  plain: { type: "counter", name: "plain_total", help: "Plain.", labels: [] },
  labelled: { type: "counter", name: "labelled_total", help: "Labelled.", labels: ["a", "b"] },
  level: { type: "gauge", name: "level", help: "Level.", labels: [] },
  times: {
    type: "histogram",
    name: "times_seconds",
    help: "Times.",
    labels: ["a"],
    buckets: [1, 2],
  },
  usual: { type: "histogram", name: "usual_seconds", help: "Usual.", labels: [] },
} as const satisfies InstrumentTable;

Deno.test("Meter.counter adds up, by 1 where nothing else is said, for each combination of labels", () => {
  const meter = createMeter();
  const family = meter.counter(ROWS.labelled);

  family.with("x", "y").add();
  family.with("x", "y").add(2);
  family.with("xy", "").add(0.5);

  assertEquals(meter.snapshot(), [{
    instrument: ROWS.labelled,
    series: [{ labels: ["x", "y"], values: [3] }, { labels: ["xy", ""], values: [0.5] }],
  }]);
});

Deno.test("Meter.counter gives the series that are there already", () => {
  const meter = createMeter();

  meter.counter(ROWS.plain).with().add();
  meter.counter(ROWS.plain).with().add();

  assertEquals(meter.snapshot()[0]?.series, [{ labels: [], values: [2] }]);
});

Deno.test("Meter shows an instrument without labels at 0 before its first update", () => {
  const meter = createMeter();
  meter.counter(ROWS.plain);
  meter.counter(ROWS.labelled);

  assertEquals(meter.snapshot(), [
    { instrument: ROWS.plain, series: [{ labels: [], values: [0] }] },
    { instrument: ROWS.labelled, series: [] },
  ]);
});

Deno.test("Meter.gauge is set, and goes up and down", () => {
  const meter = createMeter();
  const level = meter.gauge(ROWS.level).with();

  level.set(5);
  level.add(-7);

  assertEquals(meter.snapshot()[0]?.series, [{ labels: [], values: [-2] }]);
});

Deno.test("Meter.histogram counts a value in the first bucket whose bound it does not pass", () => {
  const meter = createMeter();
  const times = meter.histogram(ROWS.times).with("x");

  for (const value of [0.5, 1, 1.5, 2, 2.5, 10]) times.observe(value);

  assertEquals(meter.snapshot()[0]?.series, [{ labels: ["x"], values: [2, 2, 2, 17.5] }]);
});

Deno.test("Meter.histogram has the bounds of Prometheus where a row names none", () => {
  const meter = createMeter();
  meter.histogram(ROWS.usual).with().observe(0.007);

  assertEquals(
    meter.snapshot()[0]?.series,
    [{ labels: [], values: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.007] }],
  );
});

Deno.test("Meter.beforeSnapshot lets a value be read when it is asked for", () => {
  const meter = createMeter();
  const level = meter.gauge(ROWS.level).with();
  let queue = 1;
  meter.beforeSnapshot(() => level.set(queue));

  assertEquals(meter.snapshot()[0]?.series[0]?.values, [1]);
  queue = 2;
  assertEquals(meter.snapshot()[0]?.series[0]?.values, [2]);
});
