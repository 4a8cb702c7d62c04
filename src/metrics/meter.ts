/**
 * Counts for one thread.
 *
 * Hot path: whoever measures asks once for the series that it updates and keeps it; an update is
 * then an addition to a number. A part that is handed no meter asks for none: metrics that are off
 * cost an `undefined`.
 *
 * ```ts
 * const hits = meter?.counter(CACHE_INSTRUMENTS.hits).with();   // once
 * hits?.add();                                                  // on the way of a request
 * ```
 *
 * A thread's meter is read by {@linkcode Meter.snapshot}, which is plain data, so that the main
 * thread can add those of several threads up (`snapshot.ts`).
 *
 * @module
 */

import {
  type CounterInstrument,
  type GaugeInstrument,
  type HistogramInstrument,
  type Instrument,
  type LabelValues,
  SECONDS_BUCKETS,
} from "./instrument.ts";
import type { InstrumentSnapshot, MetricsSnapshot } from "./snapshot.ts";

/** One series of a counter. */
export interface Counter {
  /** @param amount 0 or more. @default 1 */
  add(amount?: number): void;
}

/** One series of a gauge. */
export interface Gauge {
  set(value: number): void;
  /** @param amount may be negative */
  add(amount: number): void;
}

/** One series of a histogram. */
export interface Histogram {
  /** Counts a value, in the unit that the instrument's name ends with. */
  observe(value: number): void;
}

/** All series of one instrument. */
export interface Family<Series, I extends Instrument> {
  /** The series with these label values; made when it is first asked for. */
  with(...values: LabelValues<I>): Series;
}

/** The instruments of one thread. */
export interface Meter {
  counter<const I extends CounterInstrument>(instrument: I): Family<Counter, I>;
  gauge<const I extends GaugeInstrument>(instrument: I): Family<Gauge, I>;
  histogram<const I extends HistogramInstrument>(instrument: I): Family<Histogram, I>;
  /** Calls `update` before each snapshot: for values that are read, not counted. It must not throw. */
  beforeSnapshot(update: () => void): void;
  /** All values as they are now. */
  snapshot(): MetricsSnapshot;
}

/** Makes the meter of a thread. */
export function createMeter(): Meter {
  return new ThreadMeter();
}

/** A series, as its family reads it. */
interface Readable {
  /** The numbers that {@linkcode SeriesSnapshot.values} describes. */
  read(): number[];
}

class ThreadMeter implements Meter {
  readonly #families = new Map<string, SeriesMap<Readable>>();
  readonly #updates: (() => void)[] = [];

  counter<const I extends CounterInstrument>(instrument: I): Family<Counter, I> {
    return this.#family(instrument, () => new NumberSeries());
  }

  gauge<const I extends GaugeInstrument>(instrument: I): Family<Gauge, I> {
    return this.#family(instrument, () => new NumberSeries());
  }

  histogram<const I extends HistogramInstrument>(instrument: I): Family<Histogram, I> {
    const { buckets = SECONDS_BUCKETS } = instrument;
    return this.#family(instrument, () => new HistogramSeries(buckets));
  }

  beforeSnapshot(update: () => void): void {
    this.#updates.push(update);
  }

  snapshot(): MetricsSnapshot {
    for (const update of this.#updates) update();
    return [...this.#families.values()].map((family) => family.snapshot());
  }

  /** Whoever asks for an instrument that is there already shares its series. */
  #family<Series extends Readable>(instrument: Instrument, make: () => Series): SeriesMap<Series> {
    const known = this.#families.get(instrument.name);
    // One name is one row of the tables, so the series are of the same kind.
    if (known !== undefined) return known as SeriesMap<Series>;
    const family = new SeriesMap(instrument, make);
    this.#families.set(instrument.name, family);
    return family;
  }
}

/** Stands between the label values of a key; no label value holds it. */
const SEPARATOR = "\u0000";

class SeriesMap<Series extends Readable> {
  readonly #instrument: Instrument;
  readonly #make: () => Series;
  readonly #series = new Map<string, Series>();

  constructor(instrument: Instrument, make: () => Series) {
    this.#instrument = instrument;
    this.#make = make;
    // One without labels is there from the start, at 0.
    if (instrument.labels.length === 0) this.with();
  }

  with(...values: readonly string[]): Series {
    const key = values.join(SEPARATOR);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#series.set(key, made);
    return made;
  }

  snapshot(): InstrumentSnapshot {
    const hasLabels = this.#instrument.labels.length > 0;
    const series = [...this.#series].map(([key, one]) => ({
      labels: hasLabels ? key.split(SEPARATOR) : [],
      values: one.read(),
    }));
    return { instrument: this.#instrument, series };
  }
}

class NumberSeries implements Counter, Gauge, Readable {
  #value = 0;

  add(amount = 1): void {
    this.#value += amount;
  }

  set(value: number): void {
    this.#value = value;
  }

  read(): number[] {
    return [this.#value];
  }
}

class HistogramSeries implements Histogram, Readable {
  readonly #bounds: readonly number[];
  /** How many values fell into each bucket, the infinite one last. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    // Most values are small, and there are few buckets: faster than halving.
    while (index < bounds.length && value > (bounds[index] ?? 0)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  read(): number[] {
    return [...this.#counts, this.#sum];
  }
}
