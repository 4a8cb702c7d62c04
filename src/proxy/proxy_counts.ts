import { PROXY_INSTRUMENTS } from "../metrics/instruments/proxy_instruments.ts";
import type { Counter, Meter } from "../metrics/meter.ts";

/** Counts of one kind of content. */
export interface ProxyCounts {
  readonly requests: Counter;
  readonly hits: Counter;
  readonly misses: Counter;
  readonly pulledBytes: Counter;
  readonly pushedBytes: Counter;
}

/** The series of one kind of content. */
export function proxyCounts(meter: Meter, type: "blob" | "manifest"): ProxyCounts {
  const series = (name: keyof ProxyCounts) => meter.counter(PROXY_INSTRUMENTS[name]).with(type);
  return {
    requests: series("requests"),
    hits: series("hits"),
    misses: series("misses"),
    pulledBytes: series("pulledBytes"),
    pushedBytes: series("pushedBytes"),
  };
}

/** Counts content that went to a client. Source: reference of Distribution, "Expiry", metrics. */
export function countServed(
  counts: ProxyCounts | undefined,
  { sizeBytes, isHit }: { readonly sizeBytes: number; readonly isHit: boolean },
): void {
  if (counts === undefined) return;
  counts.requests.add();
  counts.pushedBytes.add(sizeBytes);
  if (isHit) {
    counts.hits.add();
    return;
  }
  counts.misses.add();
  counts.pulledBytes.add(sizeBytes);
}
