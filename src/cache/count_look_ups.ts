import { CACHE_INSTRUMENTS } from "../metrics/instruments/cache_instruments.ts";
import type { Histogram, Meter } from "../metrics/meter.ts";
import type { CacheOutcome } from "./cache.ts";

const MS_PER_SECOND = 1000;

/** An operation on Redis that is timed, under the name that Distribution's metrics have. */
export type RedisOperation = "RepoStat" | "RepoSetDescriptor";

/** Makes the `observe` of a cache: it counts look-ups, hits and errors. */
export function countLookUps(meter: Meter): (outcome: CacheOutcome) => void {
  const requests = meter.counter(CACHE_INSTRUMENTS.requests).with();
  const hits = meter.counter(CACHE_INSTRUMENTS.hits).with();
  const errors = meter.counter(CACHE_INSTRUMENTS.errors).with();
  return (outcome) => {
    requests.add();
    if (outcome === "hit") hits.add();
    if (outcome === "error") errors.add();
  };
}

/** Makes the `time` of a cache in Redis: the time of each operation goes into a histogram. */
export function timeOperations(
  meter: Meter,
): (operation: RedisOperation, durationMs: number) => void {
  const family = meter.histogram(CACHE_INSTRUMENTS.redis);
  const series: Readonly<Record<RedisOperation, Histogram>> = {
    RepoStat: family.with("RepoStat"),
    RepoSetDescriptor: family.with("RepoSetDescriptor"),
  };
  return (operation, durationMs) => series[operation].observe(durationMs / MS_PER_SECOND);
}
