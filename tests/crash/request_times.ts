/**
 * How long requests took without a collector, between its runs, and while one was under way.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { pathExists } from "../../src/base/path_exists.ts";
import { COLLECTOR_LEASE } from "../../src/storage/paths.ts";
import type { TimedRequest } from "./collection_clients.ts";

/** How often it is looked whether a collector is at work, in milliseconds. */
const WATCH_MS = 10;

/** A time in which a collector was at work, as `performance.now()` counts. */
export interface Run {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Watches the lease that a collector holds while it is at work, until the signal comes. */
export async function watchRuns(root: string, signal: AbortSignal): Promise<readonly Run[]> {
  const lease = join(root, COLLECTOR_LEASE);
  const runs: Run[] = [];
  let startedAtMs: number | undefined;
  while (!signal.aborted) {
    const isHeld = await pathExists(lease);
    const now = performance.now();
    if (isHeld) startedAtMs ??= now;
    else if (startedAtMs !== undefined) {
      runs.push({ startedAtMs, endedAtMs: now });
      startedAtMs = undefined;
    }
    await delay(WATCH_MS);
  }
  if (startedAtMs !== undefined) runs.push({ startedAtMs, endedAtMs: performance.now() });
  return runs;
}

/** A request is slow when it takes so many times the median of its kind while no collector works. */
const SLOW = 5;

/** How long requests took, in milliseconds. */
export interface Quantiles {
  readonly requests: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How many of them took more than five times the median of their kind in the part compared with. */
  readonly slow: number;
}

/** Requests of one kind. */
export interface KindTimes {
  readonly kind: string;
  /** With no collector switched on. */
  readonly without: Quantiles;
  /** With one switched on, while none was at work. */
  readonly between: Quantiles;
  /** While one was at work, at any time between their start and their end. */
  readonly during: Quantiles;
}

/** The requests that those beside a collector are compared with. */
export type Compared = "without" | "between";

/** Sorts requests by kind, and by whether a collector was at work. */
export function timesByKind(
  quiet: readonly TimedRequest[],
  { collected, runs, compared }: {
    readonly collected: readonly TimedRequest[];
    readonly runs: readonly Run[];
    readonly compared: Compared;
  },
): readonly KindTimes[] {
  const kinds = [...new Set([...quiet, ...collected].map(({ kind }) => kind))].sort();
  const overlaps = ({ startedAtMs, durationMs }: TimedRequest) =>
    runs.some((run) => run.startedAtMs < startedAtMs + durationMs && startedAtMs < run.endedAtMs);
  return kinds.map((kind) => {
    const own = collected.filter((request) => request.kind === kind);
    const split = Map.groupBy(own, overlaps);
    const parts = {
      without: quiet.filter((request) => request.kind === kind),
      between: split.get(false) ?? [],
      during: split.get(true) ?? [],
    };
    const slowMs = SLOW * quantilesOf(parts[compared], Infinity).medianMs;
    return {
      kind,
      without: quantilesOf(parts.without, slowMs),
      between: quantilesOf(parts.between, slowMs),
      during: quantilesOf(parts.during, slowMs),
    };
  });
}

/** The share of all requests that were slow, 0 to 1. */
export function slowShare(parts: readonly Quantiles[]): number {
  const sum = (read: (part: Quantiles) => number) =>
    parts.reduce((all, part) => all + read(part), 0);
  return sum(({ slow }) => slow) / Math.max(1, sum(({ requests }) => requests));
}

/**
 * How many times as long the median request took beside a collector, each kind counting as often as
 * it was asked for.
 */
export function medianRatio(times: readonly KindTimes[], compared: Compared): number {
  const seen = times.filter((kind) => kind[compared].requests > 0);
  const sum = (part: Compared | "during") =>
    seen.reduce((all, kind) => all + kind.during.requests * kind[part].medianMs, 0);
  return sum("during") / sum(compared);
}

function quantilesOf(requests: readonly TimedRequest[], slowMs: number): Quantiles {
  const sorted = requests.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    requests: sorted.length,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    slow: sorted.filter((durationMs) => durationMs > slowMs).length,
  };
}

/** The rows of a table, the first of which names its columns. */
export function renderTimes(times: readonly KindTimes[]): readonly string[] {
  const row = (kind: string, cells: readonly string[]) =>
    kind.padEnd(18) + cells.map((cell) => cell.padStart(24)).join("");
  const head = row("request", ["median ms", "99 %", "slowest", "slow", "requests"]);
  const figures = ["medianMs", "p99Ms", "maxMs"] as const;
  const counts = ["slow", "requests"] as const;
  return [
    `${head}  (without a collector | between its runs | during one)`,
    ...times.map(({ kind, without, between, during }) => {
      const parts = [without, between, during];
      const join = (read: (part: Quantiles) => string) => parts.map(read).join(" | ");
      return row(kind, [
        ...figures.map((figure) => join((part) => part[figure].toFixed(1))),
        ...counts.map((count) => join((part) => `${part[count]}`)),
      ]);
    }),
  ];
}
