/**
 * The values of a meter as plain data: what threads send each other, and what is written out.
 *
 * @module
 */

import type { Instrument } from "./instrument.ts";

/** The values of one series. */
export interface SeriesSnapshot {
  /** In the order of the instrument's labels. */
  readonly labels: readonly string[];
  /**
   * The one value of a counter or gauge. Of a histogram: how many values fell into each bucket and
   * no smaller one, the infinite bucket last, then the sum of all.
   */
  readonly values: readonly number[];
}

/** The values of one instrument. */
export interface InstrumentSnapshot {
  readonly instrument: Instrument;
  readonly series: readonly SeriesSnapshot[];
}

/** The values of all instruments of a thread, or of several together. */
export type MetricsSnapshot = readonly InstrumentSnapshot[];

/** Adds up what several threads have measured; the order of the first occurrence is kept. */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const merged = new Map<string, { instrument: Instrument; series: Map<string, SeriesSnapshot> }>();
  for (const { instrument, series } of snapshots.flat()) {
    const family = merged.get(instrument.name) ?? { instrument, series: new Map() };
    merged.set(instrument.name, family);
    for (const one of series) {
      const key = JSON.stringify(one.labels);
      family.series.set(key, addSeries(family.series.get(key), one));
    }
  }
  return [...merged.values()].map(({ instrument, series }) => ({
    instrument,
    series: [...series.values()],
  }));
}

/**
 * What remains of a thread that has ended: its counts, so that they never go down, and nothing of
 * what there was at a time.
 */
export function keepCounts(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter(({ instrument }) => instrument.type !== "gauge");
}

/** The value of a counter or gauge: of one series, or the sum of those whose labels fit. */
export function sumOf(
  snapshot: MetricsSnapshot,
  instrument: Instrument,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = snapshot.find((one) => one.instrument.name === instrument.name);
  let sum = 0;
  for (const series of found?.series ?? []) {
    const fits = Object.entries(labels).every(([name, value]) =>
      series.labels[instrument.labels.indexOf(name)] === value
    );
    if (fits) sum += series.values[0] ?? 0;
  }
  return sum;
}

function addSeries(sum: SeriesSnapshot | undefined, one: SeriesSnapshot): SeriesSnapshot {
  if (sum === undefined) return one;
  return {
    labels: one.labels,
    values: one.values.map((value, at) => value + (sum.values[at] ?? 0)),
  };
}
