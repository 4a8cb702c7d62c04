import { moduleExports } from "../base/module_exports.ts";
import type { HistogramInstrument, Instrument } from "./instrument.ts";
import { SECONDS_BUCKETS } from "./instrument.ts";
import type { MetricsSnapshot, SeriesSnapshot } from "./snapshot.ts";

/** What a scrape is answered with. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** A value in the form of prom-client. */
interface PromValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Writes metrics in Prometheus' text format. The library is loaded by the first call. */
export async function renderPrometheus(snapshot: MetricsSnapshot): Promise<Exposition> {
  const { AggregatorRegistry } = moduleExports(await import("prom-client"));
  const metrics = snapshot.map(({ instrument, series }) => ({
    name: instrument.name,
    help: instrument.help,
    type: instrument.type,
    aggregator: "sum",
    values: series.flatMap((one) => toValues(instrument, one)),
  }));
  const registry = AggregatorRegistry.aggregate([metrics]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function toValues(instrument: Instrument, series: SeriesSnapshot): PromValue[] {
  const labels = Object.fromEntries(
    instrument.labels.map((name, index) => [name, series.labels[index] ?? ""]),
  );
  if (instrument.type === "histogram") return toBuckets(instrument, { labels, series });
  return [{ labels, value: series.values[0] ?? 0 }];
}

/** A bucket of the exposition counts the smaller ones as well. */
function toBuckets(
  { name, buckets = SECONDS_BUCKETS }: HistogramInstrument,
  { labels, series }: {
    readonly labels: Readonly<Record<string, string>>;
    readonly series: SeriesSnapshot;
  },
): PromValue[] {
  const counts = series.values.slice(0, -1);
  let count = 0;
  const values = counts.map((inBucket, index): PromValue => {
    count += inBucket;
    const le = buckets[index] ?? "+Inf";
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...values,
    { metricName: `${name}_sum`, labels, value: series.values.at(-1) ?? 0 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
