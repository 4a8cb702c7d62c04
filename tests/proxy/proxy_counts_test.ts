import { assertEquals } from "@std/assert";
import { PROXY_INSTRUMENTS } from "../../src/metrics/instruments/proxy_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { countServed, proxyCounts } from "../../src/proxy/proxy_counts.ts";

Deno.test("countServed counts hits and misses by kind, and does without a meter", () => {
  const meter = createMeter();
  const counts = proxyCounts(meter, "manifest");
  countServed(counts, { sizeBytes: 5, isHit: false });
  countServed(counts, { sizeBytes: 5, isHit: true });
  countServed(undefined, { sizeBytes: 5, isHit: true });
  const of = (type: string) =>
    Object.values(PROXY_INSTRUMENTS).map((one) => sumOf(meter.snapshot(), one, { type }));
  assertEquals(of("manifest"), [2, 1, 1, 5, 10]);
  assertEquals(of("blob"), [0, 0, 0, 0, 0]);
});
