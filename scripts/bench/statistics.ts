/** What several rounds of one measurement come to. */
export interface Summary {
  /** The median, or the maximum where a figure is a peak. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

/** How rounds become one value. */
export type Summarizing = "median" | "max";

/** The middle value, or the mean of the two in the middle. @throws {RangeError} of nothing */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("Cannot take the median of nothing");
  if (sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Sums up rounds. @throws {RangeError} of nothing */
export function summarize(values: readonly number[], how: Summarizing = "median"): Summary {
  const max = Math.max(...values);
  return {
    value: how === "max" ? max : median(values),
    min: Math.min(...values),
    max,
    rounds: values.length,
  };
}

/** How far apart the rounds are, as a part of their value; 0 where it is 0. */
export function spread({ value, min, max }: Summary): number {
  return value === 0 ? 0 : (max - min) / value;
}
