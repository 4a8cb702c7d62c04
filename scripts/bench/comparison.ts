import type { RegistryKind } from "../../tests/support/servers.ts";
import type { Sample } from "./results.ts";
import { median, summarize, type Summary } from "./statistics.ts";
import { BASELINE, isReached, type Target, targetOf } from "./targets.ts";
import { type Figure, FIGURES } from "./workload_table.ts";

/** A figure of all servers, beside each other. */
export interface Comparison {
  readonly figure: Figure;
  /** As in {@linkcode Sample}. */
  readonly size?: number;
  readonly servers: Readonly<Partial<Record<RegistryKind, ServerFigure>>>;
  readonly target?: Target;
  /** Whether Stowage reaches the target; absent where there is none or it cannot be told. */
  readonly reached?: boolean;
}

/** A figure of one server. */
export interface ServerFigure extends Summary {
  /** How many times as good as Distribution 3.1.2; more than 1 is better, whatever the figure. */
  readonly ratio?: number;
  /** Processor time of one operation, in milliseconds; the median. */
  readonly cpuMs?: number;
}

/** Sums up samples figure by figure, in the order of the workloads and then by size. */
export function compare(samples: readonly Sample[]): readonly Comparison[] {
  const comparisons: Comparison[] = [];
  for (const figure of FIGURES.values()) {
    const own = samples.filter((sample) => sample.figure === figure.name);
    const sizes = [...new Set(own.map(({ size }) => size))].sort((a, b) => (a ?? 0) - (b ?? 0));
    for (const size of sizes) {
      comparisons.push(compareOne(figure, own.filter((sample) => sample.size === size)));
    }
  }
  return comparisons;
}

/** How many times as good a value is as that of the baseline. */
export function ratioOf(
  value: number,
  { baseline, better }: { readonly baseline: number; readonly better: Figure["better"] },
): number {
  return better === "higher" ? value / baseline : baseline / value;
}

/** @param samples one at least, all of the same size */
function compareOne(figure: Figure, samples: readonly Sample[]): Comparison {
  const size = samples[0]?.size;
  const kinds = [...new Set(samples.map(({ server }) => server))];
  const baseline = summaryOf(figure, samples.filter(({ server }) => server === BASELINE));
  const servers: Partial<Record<RegistryKind, ServerFigure>> = {};
  for (const kind of kinds) {
    const summary = summaryOf(figure, samples.filter(({ server }) => server === kind));
    if (summary === undefined) continue;
    const ratio = baseline === undefined ? {} : {
      ratio: ratioOf(summary.value, { baseline: baseline.value, better: figure.better }),
    };
    servers[kind] = { ...summary, ...ratio };
  }
  const target = targetOf(figure.name, size);
  const stowage = servers.stowage;
  const reached = target && stowage && isReached(target, stowage);
  return {
    figure,
    ...size === undefined ? {} : { size },
    servers,
    ...target === undefined ? {} : { target },
    ...reached === undefined ? {} : { reached },
  };
}

function summaryOf(figure: Figure, samples: readonly Sample[]): ServerFigure | undefined {
  if (samples.length === 0) return undefined;
  const summary = summarize(samples.map(({ value }) => value), figure.summarizing);
  const cpu = samples.flatMap(({ cpuMs }) => cpuMs === undefined ? [] : [cpuMs]);
  return cpu.length === 0 ? summary : { ...summary, cpuMs: median(cpu) };
}
