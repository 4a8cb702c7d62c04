/**
 * What an instrument is: a row of a table. Nothing here counts anything; `meter.ts` does.
 *
 * A folder that measures declares its rows in `instruments/`, one file a subject, and gets what it
 * updates from the {@linkcode Meter} that it is handed. Names never change once they are released:
 * dashboards and alerts are built on them.
 *
 * @module
 */

/** What every instrument has. */
interface InstrumentBase {
  /** Name in the exposition: lower case, base units, `_total` at the end of a counter's. */
  readonly name: string;
  /** One sentence for the reader of the exposition. */
  readonly help: string;
  /**
   * Names of the labels. Their values come from small, closed sets: never a repository, a tag, a
   * digest or a client, for each combination takes memory for ever.
   */
  readonly labels: readonly string[];
}

/** Counts what happened; it only goes up. */
export interface CounterInstrument extends InstrumentBase {
  readonly type: "counter";
}

/** Tells how much there is now; over several threads, their sum. */
export interface GaugeInstrument extends InstrumentBase {
  readonly type: "gauge";
}

/** Counts values by size. */
export interface HistogramInstrument extends InstrumentBase {
  readonly type: "histogram";
  /** Upper bounds, ascending, without the infinite one. @default {@linkcode SECONDS_BUCKETS} */
  readonly buckets?: readonly number[];
}

/** A row of a table of instruments. */
export type Instrument = CounterInstrument | GaugeInstrument | HistogramInstrument;

/** A table of instruments, by the name that code has for each. */
export type InstrumentTable = Readonly<Record<string, Instrument>>;

/** The bounds of a histogram of seconds that says nothing else: those of Prometheus' own clients. */
export const SECONDS_BUCKETS: readonly number[] = [
  .005,
  .01,
  .025,
  .05,
  .1,
  .25,
  .5,
  1,
  2.5,
  5,
  10,
];

/** One text for each label of an instrument, in their order. */
export type LabelValues<I extends Instrument> = TextFor<I["labels"]>;

type TextFor<Labels extends readonly string[]> = { readonly [Index in keyof Labels]: string };
